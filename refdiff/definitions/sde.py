"""Diffusion's stochastic differential equations from first principles: integrals of rates, moment equations, Bayes' rule.

A score s at x is taken to be that of the Gaussian of unit variance centred at x + s; what holds for every density with this
score holds for that one.
"""

import numpy as np
from flint import arb, arb_mat, arb_series

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded, other_axes
from refdiff.definitions.moments import condition, solve
from refdiff.definitions.processes import (
    STEPS,
    added_variance,
    frozen,
    line,
    log_power,
    moments_after,
    per_time,
    unit_rates,
    ve_scale,
)
from refdiff.definitions.score import corrector_step_ve, corrector_step_vp
from refdiff.definitions.walk import conditioned, walk
from refdiff.numbers.balls import ball

__all__ = [
    "ancestral_step_ve", "ancestral_step_vp", "euler_maruyama_step", "fokker_planck_rate", "linear_sde_diffusion",
    "linear_sde_drift_rate", "linear_sde_mean_rate", "linear_sde_transition_mean", "linear_sde_transition_variance",
    "linear_sde_variance_rate", "predictor_corrector_step_ve", "predictor_corrector_step_vp", "probability_flow_drift",
    "probability_flow_solution_gaussian", "reverse_diffusion_step_ve", "reverse_diffusion_step_vp",
    "reverse_euler_maruyama_step", "reverse_sde_drift", "reverse_sde_mean_gaussian", "reverse_sde_variance_gaussian",
    "same_marginals_drift", "subvp_diffusion", "subvp_sigma", "subvp_transition_variance", "ve_added_variance",
    "ve_diffusion", "ve_sigma", "ve_transition_sample", "vp_beta_rate", "vp_diffusion", "vp_drift_rate",
    "vp_log_alpha_bar",
]  # fmt: skip


@entrywise(NEAR)
def vp_beta_rate(time, beta_rate_min, beta_rate_max):
    """The line through both ends."""
    return line(time, beta_rate_min, beta_rate_max)


@entrywise(NEAR)
def vp_log_alpha_bar(time, beta_rate_min, beta_rate_max):
    """Minus the integral of beta."""
    return log_power(time, beta_rate_min, beta_rate_max)


@entrywise(NEAR)
def vp_drift_rate(time, beta_rate_min, beta_rate_max):
    """Derivative of the log of the signal scale; of a quadratic in time, a central difference gives it exactly."""
    ahead, behind = (log_power(time + step, beta_rate_min, beta_rate_max) for step in (1, -1))
    return (ahead - behind) / 2 / 2


@entrywise(NEAR)
def vp_diffusion(time, beta_rate_min, beta_rate_max):
    """The noise that holds a unit variance against the loss 2*f: beta from the derivative of the log power."""
    ahead, behind = (log_power(time + step, beta_rate_min, beta_rate_max) for step in (1, -1))
    return ((behind - ahead) / 2).sqrt()


@entrywise(FAR)
def subvp_sigma(log_alpha_bar_t):
    """Variance after small forward steps from a point: VP's variance is sub-VP's standard deviation."""
    return walk(0, 0, 0, log_alpha_bar_t)[1]


@entrywise(FAR)
def subvp_diffusion(time, beta_rate_min, beta_rate_max):
    """From the moment equation (sigma**2)' = 2*f*sigma**2 + g**2, with sigma VP's variance, whose own rate is known."""
    variance = walk(0, 0, 0, log_power(time, beta_rate_min, beta_rate_max))[1]
    beta = line(time, beta_rate_min, beta_rate_max)
    rate = beta - beta * variance
    return (2 * variance * rate + beta * variance * variance).sqrt()


@entrywise(FAR)
def subvp_transition_variance(log_alpha_bar_s, log_alpha_bar_t):
    """The moment equation V' = -V + 1 - e, e' = -2*e in the log power lost, e from its value at s: a matrix exponential."""
    rates = arb_mat([[-1, 1, -1], [0, 0, 0], [0, 0, -2]])
    spent = log_alpha_bar_s - log_alpha_bar_t
    return ((rates * spent).exp() * arb_mat([[0], [1], [(2 * log_alpha_bar_s).exp()]]))[0, 0]


@entrywise(NEAR)
def ve_sigma(time, sigma_min, sigma_max):
    """Exponential of a log that grows evenly."""
    return ve_scale(time, sigma_min, sigma_max)[0]


@entrywise(NEAR)
def ve_diffusion(time, sigma_min, sigma_max):
    """Root of the rate at which the variance grows."""
    scale = ve_scale(time, sigma_min, sigma_max)
    return per_time(scale * scale).sqrt()


@entrywise(NEAR)
def ve_added_variance(sigma_s, sigma_t):
    """Integral of the variance's growth over the scale."""
    return added_variance(sigma_s, sigma_t)


@entrywise(NEAR)
def ve_transition_sample(x_s, z, sigma_s, sigma_t):
    """Small steps of noise, all along the same z, their variances added."""
    scales = [sigma_s + (sigma_t - sigma_s) * k / STEPS for k in range(STEPS + 1)]
    return x_s + sum(map(added_variance, scales[:-1], scales[1:]), arb(0)).sqrt() * z


@entrywise(NEAR)
def linear_sde_drift_rate(alpha_t, alpha_dot_t):
    """Rate of the log of the signal scale."""
    return per_time(arb_series([alpha_t, alpha_dot_t]).log())


@entrywise(NEAR)
def linear_sde_diffusion(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Root of the rate at which the transition adds variance: the marginal's less what is carried over."""
    alpha, sigma = arb_series([alpha_t, alpha_dot_t]), arb_series([sigma_t, sigma_dot_t])
    carried = alpha / alpha_t * sigma_t
    return per_time(sigma * sigma - carried * carried).sqrt()


@entrywise(NEAR)
def linear_sde_mean_rate(mean, drift_rate):
    """First coefficient of the mean that grows by the exponential of the drift's integral."""
    return per_time(mean * arb_series([0, drift_rate]).exp())


@entrywise(NEAR)
def linear_sde_variance_rate(variance, drift_rate, diffusion):
    """Slope in h of the variance after a step x*(1 + f*h) + g*sqrt(h)*z: of a quadratic, a central difference."""
    ahead, behind = ((1 + drift_rate * h) * (1 + drift_rate * h) * variance + diffusion * diffusion * h for h in (1, -1))
    return (ahead - behind) / 2


@entrywise(NEAR)
def linear_sde_transition_mean(x_s, drift_rate, step_size):
    """Solution of the moment equations."""
    return moments_after(x_s, arb(0), drift_rate, arb(1), step_size)[0]


@entrywise(NEAR)
def linear_sde_transition_variance(drift_rate, diffusion, step_size):
    """Solution of the moment equations from a known state."""
    return moments_after(arb(0), arb(0), drift_rate, diffusion, step_size)[1]


@entrywise(NEAR)
def reverse_sde_drift(x_t, score, drift_rate, diffusion):
    """Bayes' rule over a vanishing step: minus the rate of the mean of the earlier state given x_t."""
    centre, mean_rate, variance_rate = unit_rates(x_t, score, drift_rate, diffusion)
    kept = arb_series([1, drift_rate])
    earlier_mean, earlier_variance = arb_series([centre, -mean_rate]), arb_series([1, -variance_rate])
    return -per_time(earlier_mean + kept * earlier_variance * (x_t - centre))


@entrywise(NEAR)
def probability_flow_drift(x_t, score, drift_rate, diffusion):
    """Velocity of the point that stays the same number of standard deviations from the mean."""
    centre, mean_rate, variance_rate = unit_rates(x_t, score, drift_rate, diffusion)
    return per_time(arb_series([centre, mean_rate]) + arb_series([1, variance_rate]).sqrt() * (x_t - centre))


@entrywise(NEAR)
def same_marginals_drift(x_t, score, drift_rate, diffusion, noise_strength):
    """The linear field that, with its noise and time reversed, moves the Gaussian's mean and variance as they do move."""
    centre, mean_rate, variance_rate = unit_rates(x_t, score, drift_rate, diffusion)
    noise = noise_strength * diffusion
    return mean_rate + (variance_rate + noise * noise) / 2 * (x_t - centre)


@entrywise(NEAR)
def euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    """The equation with frozen coefficients, solved in substeps."""
    return frozen(x_t, drift, z, diffusion, step_size)


@entrywise(NEAR)
def reverse_euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    """The same with the drift turned round."""
    return frozen(x_t, -drift, z, diffusion, step_size)


@entrywise(NEAR)
def reverse_diffusion_step_ve(x_t, score, z, sigma_s, sigma_t):
    """The reverse step with the forward chain's step for its drift, 0, and its variance, the growth from scale to scale."""
    return frozen(x_t, added_variance(sigma_s, sigma_t) * score, z, added_variance(sigma_s, sigma_t).sqrt(), arb(1))


@entrywise(NEAR)
def reverse_diffusion_step_vp(x_t, score, z, beta_t):
    """What the forward chain's step adds to the mean is taken away, its variance kept."""
    mean, variance = walk(x_t, 0, 0, (1 - beta_t).log())
    return frozen(x_t, x_t - mean + variance * score, z, variance.sqrt(), arb(1))


@entrywise(NEAR)
def ancestral_step_ve(x_t, score, z, sigma_s, sigma_t):
    """x_s and x_t, jointly Gaussian about the x_0 of Tweedie's rule, conditioned on x_t."""
    x_0 = x_t + sigma_t * sigma_t * score
    early, late = added_variance(arb(0), sigma_s), added_variance(arb(0), sigma_t)
    mean, variance = condition(x_0, x_0, early, early, late, x_t)
    return mean + variance.sqrt() * z


@entrywise(NEAR)
def ancestral_step_vp(x_t, score, z, beta_t):
    """Mean of the earlier state given x_t, for the unit Gaussian with this score; the spread that of the forward step."""
    kept = 1 - beta_t
    centre = (x_t + score) / kept.sqrt()
    # The earlier variance that one step of the chain turns into 1.
    mean = condition(centre, x_t + score, (1 - beta_t) / kept, (1 - beta_t) / kept.sqrt(), arb(1), x_t)[0]
    return mean + beta_t.sqrt() * z


@guarded(NEAR)
def predictor_corrector_step_ve(x_t, score, score_s, z, corrector_snr, sigma_s, sigma_t):
    """The chain's step turned round, then Langevin's equation for the corrector's time."""
    growth = added_variance(ball(sigma_s), ball(sigma_t))
    predicted = frozen(x_t, growth * score, z[0], growth.sqrt(), arb(1))
    return corrector_step_ve(predicted, score_s, z[1], corrector_snr)


@guarded(NEAR)
def predictor_corrector_step_vp(x_t, score, score_s, z, corrector_snr, beta_s, beta_t):
    """The chain's step turned round, then Langevin's equation for the corrector's time."""
    kept, spent = walk(arb(1), 0, 0, (1 - ball(beta_t)).log())
    predicted = frozen(x_t, x_t - kept * x_t + spent * score, z[0], spent.sqrt(), arb(1))
    return corrector_step_vp(predicted, score_s, z[1], corrector_snr, beta_s)


@entrywise(NEAR)
def probability_flow_solution_gaussian(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s):
    """The straight map that sends the points one standard deviation off the mean at t to those at s."""
    ends = []
    for alpha, sigma in ((alpha_t, sigma_t), (alpha_s, sigma_s)):
        spread = (sigma * sigma + (alpha * variance.sqrt()) * (alpha * variance.sqrt())).sqrt()
        ends.append((alpha * mean - spread, alpha * mean + spread))
    (low, high), images = ends
    offset, slope = solve(np.array([[1, low], [1, high]], dtype=object), np.array(images, dtype=object))
    return offset + slope * x_t


@entrywise(FAR)
def reverse_sde_mean_gaussian(x_t, mean, variance, log_alpha_bar_s, log_alpha_bar_t):
    """The forward process walked from the data's law, and conditioned on x_t."""
    return conditioned(mean, variance, x_t, log_alpha_bar_s, log_alpha_bar_t)[0]


@entrywise(FAR)
def reverse_sde_variance_gaussian(variance, log_alpha_bar_s, log_alpha_bar_t):
    """The forward process walked from the data's law, and conditioned on x_t."""
    return conditioned(0, variance, 0, log_alpha_bar_s, log_alpha_bar_t)[1]


@guarded(NEAR)
def fokker_planck_rate(drift, score, drift_divergence, score_divergence, diffusion):
    """The Fokker-Planck equation for a density and a drift with these derivatives, along one axis after the other.

    Along each axis the log density is a parabola and the drift a line, each with an even share of its divergence.
    """
    size = drift.shape[1]
    powers = other_axes(diffusion, drift) * np.ones_like(drift)
    share = np.frompyfunc(_axis_rate, 5, 1)
    rates = share(drift, score, drift_divergence[:, None] / size, score_divergence[:, None] / size, powers)
    return np.sum(rates, axis=1)


def _axis_rate(drift, score, slope, curvature, diffusion):
    density = arb_series([0, score, curvature / 2]).exp()
    flux = arb_series([drift, slope]) * density
    return diffusion * diffusion * density[2] - flux[1]
