"""Flow matching from its definitions: paths differentiated as power series, Bayes' rule, odds, subsets."""

import numpy as np
from flint import acb, arb

from refdiff.definitions import motion
from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import density_of_one

__all__ = [
    "cosine_path_rates", "cosine_path_scales", "cosmap_density", "cosmap_time", "exponentially_shifted_time",
    "flow_euler_step", "flow_heun_step", "flow_map_gaussian", "flow_matching_loss", "linear_path_rates",
    "linear_path_scales", "linear_path_velocity", "logit_normal_density", "logit_normal_time", "marginal_velocity_dirac",
    "marginal_velocity_gaussian", "marginal_velocity_mixture", "minibatch_ot_cost", "minibatch_ot_permutation",
    "mode_time", "mode_time_density", "path_straightness", "reflow_velocity_gaussian", "resolution_time_shift",
    "sequence_length_time_shift", "shifted_time", "shifted_time_density", "transformed_velocity", "unshifted_time",
    "ve_path_rates", "ve_path_scales", "velocity_variance_dirac", "velocity_variance_gaussian",
    "velocity_variance_mixture", "vp_path_rates", "vp_path_scales",
]  # fmt: skip


def linear_path_scales(time, sigma_min):
    """The lines from (1, sigma_min) at the data to (0, 1) at the noise."""
    return motion.stacked_pairs(lambda at, low: (motion.line(1, 0, at), motion.line(low, 1, at)))(time, sigma_min)


def linear_path_rates(time, sigma_min):
    """What the scales gain from one time to the time 1 later: they are straight."""

    def rates(at, low):
        return motion.line(1, 0, at + 1) - motion.line(1, 0, at), motion.line(low, 1, at + 1) - motion.line(low, 1, at)

    return motion.stacked_pairs(rates)(time, sigma_min)


@entrywise(NEAR)
def linear_path_velocity(x_t, x_0, time, sigma_min):
    """Where the same x_0 and eps are 1 later, less x_t."""
    alpha_t, sigma_t = motion.line(1, 0, time), motion.line(sigma_min, 1, time)
    return motion.line(1, 0, time + 1) * x_0 + motion.line(sigma_min, 1, time + 1) * ((x_t - alpha_t * x_0) / sigma_t) - x_t


def cosine_path_scales(time):
    """Real and imaginary part of a quarter turn's share on the unit circle."""

    def scales(at):
        return acb(at / 2).exp_pi_i().real, acb(at / 2).exp_pi_i().imag

    return motion.stacked_pairs(scales)(time)


def cosine_path_rates(time):
    """The rate of a point that turns about the origin: at right angles to it."""

    def rates(at):
        speed = acb(0, arb.pi() / 2) * acb(at / 2).exp_pi_i()
        return speed.real, speed.imag

    return motion.stacked_pairs(rates)(time)


def vp_path_scales(time, beta_rate_min, beta_rate_max):
    """DDPM's small steps, with beta integrated by quadrature."""
    return motion.stacked_pairs(motion.vp_scales)(time, beta_rate_min, beta_rate_max)


def vp_path_rates(time, beta_rate_min, beta_rate_max):
    """The SDE's moment equations: the mean falls at beta/2, the variance tends to 1 at beta."""

    def rates(at, low, high):
        (mean, deviation), beta = motion.vp_scales(at, low, high), motion.line(low, high, at)
        return -beta * mean / 2, beta * (1 - deviation * deviation) / (2 * deviation)

    return motion.stacked_pairs(rates)(time, beta_rate_min, beta_rate_max)


def _log_sigma(u, low, high):
    return (u * -1 + 1) * low.log() + u * high.log()


def ve_path_scales(time, sigma_min, sigma_max):
    """Log sigma along a straight line; the data are not scaled."""
    return motion.stacked_pairs(lambda at, low, high: (arb(1), _log_sigma(at, low, high).exp()))(time, sigma_min, sigma_max)


def ve_path_rates(time, sigma_min, sigma_max):
    """The same as a power series, differentiated."""

    def rates(at, low, high):
        return arb(0), motion.rate(lambda u: _log_sigma(u, low, high).exp(), at)

    return motion.stacked_pairs(rates)(time, sigma_min, sigma_max)


@entrywise(NEAR)
def marginal_velocity_gaussian(x_t, mean, variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity that keeps each point its number of standard deviations from the mean."""
    return motion.gaussian_velocity(x_t, mean, variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)


@guarded(NEAR)
def marginal_velocity_dirac(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Average of the points' velocities under their probabilities given x_t."""
    rates = alpha_t, sigma_t, alpha_dot_t, sigma_dot_t
    return np.stack([masses @ velocities for masses, velocities in motion.point_velocities(x_t, points, rates)])


@guarded(NEAR)
def marginal_velocity_mixture(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Average of the components' velocities under their probabilities given x_t."""
    rates = alpha_t, sigma_t, alpha_dot_t, sigma_dot_t
    return np.stack([masses @ found for masses, found in motion.component_velocities(x_t, weights, means, variances, rates)])


@entrywise(NEAR)
def velocity_variance_gaussian(variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Variance of alpha_dot_t*x_0 + sigma_dot_t*eps, conditioned on x_t jointly Gaussian with it."""
    return motion.velocity_variance(variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)


@guarded(NEAR)
def velocity_variance_dirac(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Mean squared distance of the points' velocities from their average."""
    found = []
    for masses, velocities in motion.point_velocities(x_t, points, (alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)):
        gaps = velocities - masses @ velocities
        found.append(sum(masses @ (gaps * gaps), arb(0)) / points.shape[1])
    return np.array(found, dtype=object)


@guarded(NEAR)
def velocity_variance_mixture(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Law of total variance: each component's own, and half the mean square distance of two draws of components' means."""
    rates, found = (alpha_t, sigma_t, alpha_dot_t, sigma_dot_t), []
    own = np.array([motion.velocity_variance(variance, *rates) for variance in variances], dtype=object)
    for masses, velocities in motion.component_velocities(x_t, weights, means, variances, rates):
        gaps = velocities[:, None] - velocities  # squared as a product: Arb's power of a ball about 0 is nan
        found.append(masses @ own + masses @ np.sum(gaps * gaps, axis=2) @ masses / (2 * means.shape[1]))
    return np.array(found, dtype=object)


@guarded(NEAR)
def flow_matching_loss(velocity, velocity_hat):
    """Squares added up one at a time, over their number."""
    found = [arb(0)] * len(velocity)
    for place in np.ndindex(velocity.shape):
        gap = velocity[place] - velocity_hat[place]
        found[place[0]] += gap * gap
    return np.array(found, dtype=object) / (velocity.size // len(velocity))


@entrywise(NEAR)
def transformed_velocity(x_t, velocity, state_scale, state_scale_rate, time_rate):
    """Product of the moving factor and the state that moves by the new clock."""
    return (motion.moving(state_scale, state_scale_rate) * motion.moving(x_t, time_rate * velocity))[1]


@guarded(NEAR)
def path_straightness(displacement, velocities):
    """Scatter of the velocities about their mean, and the mean's squared distance from the displacement."""
    found = []
    for whole, along in zip(displacement, velocities, strict=True):
        average = sum(along) / len(along)
        scatter = sum(np.sum((one - average) * (one - average)) for one in along) / len(along)
        found.append(scatter + np.sum((average - whole) * (average - whole)))
    return np.array(found, dtype=object)


@entrywise(NEAR)
def flow_map_gaussian(x_t, mean, variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The flow's linear equation solved by quadrature along the straight line between the two pairs of scales."""
    alpha_step, sigma_step = alpha_s - alpha_t, sigma_s - sigma_t

    def swelling(u):
        alpha, sigma = alpha_t + u * alpha_step, sigma_t + u * sigma_step
        return (alpha * alpha_step * variance + sigma * sigma_step) / (alpha * alpha * variance + sigma * sigma)

    return alpha_s * mean + motion.integral(swelling, arb(0), arb(1)).exp() * (x_t - alpha_t * mean)


@entrywise(NEAR)
def reflow_velocity_gaussian(x_t, mean, variance, time):
    """The eps whose pair, x_0 = mean + sqrt(variance)*eps, has x_t on its straight line; then eps - x_0."""

    def on_line(eps):
        return motion.line(mean + variance.sqrt() * eps, eps, time)

    eps = (x_t - on_line(arb(0))) / (on_line(arb(1)) - on_line(arb(0)))
    return eps - (mean + variance.sqrt() * eps)


@entrywise(NEAR)
def logit_normal_time(z, logit_mean, logit_scale):
    """The logistic function as a hyperbolic tangent."""
    return (1 + ((logit_mean + logit_scale * z) / 2).tanh()) / 2


@entrywise(NEAR)
def logit_normal_density(time, logit_mean, logit_scale):
    """Gaussian density of the logit, times the logit's rate."""
    logit = (motion.moving(time, 1) / (motion.moving(time, 1) * -1 + 1)).log()
    return density_of_one(logit[0], logit_mean, logit_scale * logit_scale) * logit[1]


@entrywise(NEAR)
def mode_time(uniform, mode_scale):
    """Integral of the map's fall from this uniform number to 1, where time is 0."""
    return motion.integral(lambda u: 1 + mode_scale * (1 - arb.pi() / 2 * (arb.pi() * u).sin()), uniform, arb(1))


@entrywise(NEAR)
def mode_time_density(uniform, mode_scale):
    """One over the map's fall, the map differentiated as a power series."""

    def fall(u):
        return u + ((u * (arb.pi() / 2)).cos() ** 2 - 1 + u) * mode_scale

    return 1 / motion.rate(fall, uniform)


@entrywise(NEAR)
def cosmap_time(uniform):
    """The time whose odds are the tangent."""
    return motion.share((arb.pi() * uniform / 2).tan(), 1)


@entrywise(NEAR)
def cosmap_density(time):
    """Rate of the angle of the point (1 - time, time), in quarter turns."""
    return (acb(-1, 1) / acb(1 - time, time)).imag * 2 / arb.pi()


@entrywise(NEAR)
def shifted_time(time, time_shift):
    """The time whose odds are time_shift times these."""
    return motion.share(time_shift * time, 1 - time)


@entrywise(NEAR)
def unshifted_time(time, time_shift):
    """The time whose odds are those over time_shift."""
    return motion.share(time, time_shift * (1 - time))


@entrywise(NEAR)
def shifted_time_density(time, time_shift):
    """Rate of the unshifted time: its odds as a power series, differentiated."""
    return motion.rate(lambda u: u / (u + (u * -1 + 1) * time_shift), time)


@entrywise(NEAR)
def resolution_time_shift(pixels, base_pixels):
    """Half the difference of the logs."""
    return ((pixels.log() - base_pixels.log()) / 2).exp()


@entrywise(NEAR)
def exponentially_shifted_time(time, log_time_shift):
    """The time whose odds are exp(log_time_shift) times these."""
    return motion.share(log_time_shift.exp() * time, 1 - time)


@entrywise(NEAR)
def sequence_length_time_shift(
    sequence_length, base_sequence_length, max_sequence_length, base_log_time_shift, max_log_time_shift
):
    """The line through two points."""
    place = (sequence_length - base_sequence_length) / (max_sequence_length - base_sequence_length)
    return motion.line(base_log_time_shift, max_log_time_shift, place)


@guarded(NEAR)
def minibatch_ot_permutation(x_0, eps):
    """The pairing of largest inner products: squared norms are the same for all."""
    return np.array(motion.best_pairing(x_0, eps)[1])


@guarded(NEAR)
def minibatch_ot_cost(x_0, eps):
    """All squared norms less twice the largest sum of inner products."""
    return (np.sum(x_0 * x_0) + np.sum(eps * eps) - 2 * motion.best_pairing(x_0, eps)[0]) / len(x_0)


@entrywise(NEAR)
def flow_euler_step(x_t, velocity, step_size):
    """The state less the integral of a velocity that does not change."""
    return x_t - motion.integral(lambda _: acb(velocity), arb(0), step_size)


@entrywise(NEAR)
def flow_heun_step(x_t, velocity, velocity_next, step_size):
    """The state less the integral of a velocity that changes evenly."""
    return x_t - motion.integral(lambda u: velocity + u / step_size * (velocity_next - velocity), arb(0), step_size)
