"""Diffusion's stochastic differential equations from first principles: integrals of rates, moment equations, Bayes' rule.

A score s at x is taken to be that of the Gaussian of unit variance centred at x + s; what holds for every density with this
score holds for that one.
"""

import numpy as np
from flint import acb, arb, arb_mat, arb_series

from refdiff.definitions.entries import FAR, NEAR, entrywise, guarded, other_axes
from refdiff.definitions.moments import condition, solve
from refdiff.definitions.quadrature import natural_log
from refdiff.definitions.walk import conditioned, walk

__all__ = [
    "ancestral_step_ve", "ancestral_step_vp", "euler_maruyama_step", "fokker_planck_rate", "linear_sde_diffusion",
    "linear_sde_drift_rate", "linear_sde_transition_mean", "linear_sde_transition_variance", "linear_sde_variance_rate",
    "probability_flow_drift", "probability_flow_solution_gaussian", "reverse_diffusion_step_ve",
    "reverse_diffusion_step_vp", "reverse_euler_maruyama_step", "reverse_sde_drift", "reverse_sde_mean_gaussian",
    "reverse_sde_variance_gaussian", "same_marginals_drift", "subvp_diffusion", "subvp_sigma", "ve_added_variance",
    "ve_diffusion", "ve_sigma", "ve_transition_sample", "vp_beta_rate", "vp_diffusion", "vp_drift_rate", "vp_log_alpha_bar",
]  # fmt: skip

_STEPS = 4


def _integral(function, start, end):
    """Integral of a polynomial; nothing where the ends meet."""
    return arb(0) if (end - start).is_zero() else acb.integral(lambda u, _: function(u), start, end).real


def _line(time, at_0, at_1):
    """Value of the line through two given values, from its solved intercept and slope."""
    intercept, slope = solve(np.array([[1, 0], [1, 1]], dtype=object), np.array([at_0, at_1], dtype=object))
    return intercept + slope * time


def _log_power(time, beta_rate_min, beta_rate_max):
    return -_integral(lambda u: _line(u, beta_rate_min, beta_rate_max), arb(0), time)


def _per_time(series):
    """Rate of change at the start of a power series in the time passed."""
    return series[1]


@entrywise(NEAR)
def vp_beta_rate(time, beta_rate_min, beta_rate_max):
    """The line through both ends."""
    return _line(time, beta_rate_min, beta_rate_max)


@entrywise(NEAR)
def vp_log_alpha_bar(time, beta_rate_min, beta_rate_max):
    """Minus the integral of beta."""
    return _log_power(time, beta_rate_min, beta_rate_max)


@entrywise(NEAR)
def vp_drift_rate(time, beta_rate_min, beta_rate_max):
    """Derivative of the log of the signal scale; of a quadratic in time, a central difference gives it exactly."""
    ahead, behind = (_log_power(time + step, beta_rate_min, beta_rate_max) for step in (1, -1))
    return (ahead - behind) / 2 / 2


@entrywise(NEAR)
def vp_diffusion(time, beta_rate_min, beta_rate_max):
    """The noise that holds a unit variance against the loss 2*f: beta from the derivative of the log power."""
    ahead, behind = (_log_power(time + step, beta_rate_min, beta_rate_max) for step in (1, -1))
    return ((behind - ahead) / 2).sqrt()


@entrywise(FAR)
def subvp_sigma(log_alpha_bar_t):
    """Variance after small forward steps from a point: VP's variance is sub-VP's standard deviation."""
    return walk(0, 0, 0, log_alpha_bar_t)[1]


@entrywise(FAR)
def subvp_diffusion(time, beta_rate_min, beta_rate_max):
    """From the moment equation (sigma**2)' = 2*f*sigma**2 + g**2, with sigma VP's variance, whose own rate is known."""
    variance = walk(0, 0, 0, _log_power(time, beta_rate_min, beta_rate_max))[1]
    beta = _line(time, beta_rate_min, beta_rate_max)
    rate = beta - beta * variance
    return (2 * variance * rate + beta * variance * variance).sqrt()


def _ve_scale(time, sigma_min, sigma_max):
    """Scale as a power series in the time passed: its log grows evenly, by the integral of 1/u from end to end."""
    growth = natural_log(sigma_max) - natural_log(sigma_min)
    return (arb_series([time, 1]) * growth).exp() * sigma_min


@entrywise(NEAR)
def ve_sigma(time, sigma_min, sigma_max):
    """Exponential of a log that grows evenly."""
    return _ve_scale(time, sigma_min, sigma_max)[0]


@entrywise(NEAR)
def ve_diffusion(time, sigma_min, sigma_max):
    """Root of the rate at which the variance grows."""
    scale = _ve_scale(time, sigma_min, sigma_max)
    return _per_time(scale * scale).sqrt()


def _added(sigma_s, sigma_t):
    """Integral of 2*u du from scale to scale."""
    return _integral(lambda u: 2 * u, sigma_s, sigma_t)


@entrywise(NEAR)
def ve_added_variance(sigma_s, sigma_t):
    """Integral of the variance's growth over the scale."""
    return _added(sigma_s, sigma_t)


@entrywise(NEAR)
def ve_transition_sample(x_s, z, sigma_s, sigma_t):
    """Small steps of noise, all along the same z, their variances added."""
    scales = [sigma_s + (sigma_t - sigma_s) * k / _STEPS for k in range(_STEPS + 1)]
    return x_s + sum(map(_added, scales[:-1], scales[1:]), arb(0)).sqrt() * z


@entrywise(NEAR)
def linear_sde_drift_rate(alpha_t, alpha_dot_t):
    """Rate of the log of the signal scale."""
    return _per_time(arb_series([alpha_t, alpha_dot_t]).log())


@entrywise(NEAR)
def linear_sde_diffusion(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Root of the rate at which the transition adds variance: the marginal's less what is carried over."""
    alpha, sigma = arb_series([alpha_t, alpha_dot_t]), arb_series([sigma_t, sigma_dot_t])
    carried = alpha / alpha_t * sigma_t
    return _per_time(sigma * sigma - carried * carried).sqrt()


def _moments(mean, variance, drift_rate, diffusion, step_size):
    """Mean and variance a step later: the exponential of the moment equations' matrix."""
    zero = arb(0)
    rates = [[drift_rate, zero, zero], [zero, 2 * drift_rate, diffusion * diffusion], [zero, zero, zero]]
    found = (arb_mat(rates) * step_size).exp() * arb_mat([[mean], [variance], [1]])
    return found[0, 0], found[1, 0]


@entrywise(NEAR)
def linear_sde_variance_rate(variance, drift_rate, diffusion):
    """Slope in h of the variance after a step x*(1 + f*h) + g*sqrt(h)*z: of a quadratic, a central difference."""
    ahead, behind = ((1 + drift_rate * h) * (1 + drift_rate * h) * variance + diffusion * diffusion * h for h in (1, -1))
    return (ahead - behind) / 2


@entrywise(NEAR)
def linear_sde_transition_mean(x_s, drift_rate, step_size):
    """Solution of the moment equations."""
    return _moments(x_s, arb(0), drift_rate, arb(1), step_size)[0]


@entrywise(NEAR)
def linear_sde_transition_variance(drift_rate, diffusion, step_size):
    """Solution of the moment equations from a known state."""
    return _moments(arb(0), arb(0), drift_rate, diffusion, step_size)[1]


def _rates(x_t, score, drift_rate, diffusion):
    """Centre of the unit Gaussian with this score, and how fast its mean and variance move."""
    centre = x_t + score
    return centre, drift_rate * centre, _per_time(arb_series([1, 2 * drift_rate + diffusion * diffusion]))


@entrywise(NEAR)
def reverse_sde_drift(x_t, score, drift_rate, diffusion):
    """Bayes' rule over a vanishing step: minus the rate of the mean of the earlier state given x_t."""
    centre, mean_rate, variance_rate = _rates(x_t, score, drift_rate, diffusion)
    kept = arb_series([1, drift_rate])
    earlier_mean, earlier_variance = arb_series([centre, -mean_rate]), arb_series([1, -variance_rate])
    return -_per_time(earlier_mean + kept * earlier_variance * (x_t - centre))


@entrywise(NEAR)
def probability_flow_drift(x_t, score, drift_rate, diffusion):
    """Velocity of the point that stays the same number of standard deviations from the mean."""
    centre, mean_rate, variance_rate = _rates(x_t, score, drift_rate, diffusion)
    return _per_time(arb_series([centre, mean_rate]) + arb_series([1, variance_rate]).sqrt() * (x_t - centre))


@entrywise(NEAR)
def same_marginals_drift(x_t, score, drift_rate, diffusion, noise_strength):
    """The linear field that, with its noise and time reversed, moves the Gaussian's mean and variance as they do move."""
    centre, mean_rate, variance_rate = _rates(x_t, score, drift_rate, diffusion)
    noise = noise_strength * diffusion
    return mean_rate + (variance_rate + noise * noise) / 2 * (x_t - centre)


def _frozen(x_t, velocity, z, diffusion, step_size):
    """A few substeps with the same velocity and noise, their variances added."""
    variance = sum((diffusion * diffusion * step_size / _STEPS for _ in range(_STEPS)), arb(0))
    for _ in range(_STEPS):
        x_t = x_t + velocity * step_size / _STEPS
    return x_t + variance.sqrt() * z


@entrywise(NEAR)
def euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    """The equation with frozen coefficients, solved in substeps."""
    return _frozen(x_t, drift, z, diffusion, step_size)


@entrywise(NEAR)
def reverse_euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    """The same with the drift turned round."""
    return _frozen(x_t, -drift, z, diffusion, step_size)


@entrywise(NEAR)
def reverse_diffusion_step_ve(x_t, score, z, sigma_s, sigma_t):
    """The reverse step with the forward chain's step for its drift, 0, and its variance, the growth from scale to scale."""
    return _frozen(x_t, _added(sigma_s, sigma_t) * score, z, _added(sigma_s, sigma_t).sqrt(), arb(1))


@entrywise(NEAR)
def reverse_diffusion_step_vp(x_t, score, z, beta_t):
    """What the forward chain's step adds to the mean is taken away, its variance kept."""
    mean, variance = walk(x_t, 0, 0, (1 - beta_t).log())
    return _frozen(x_t, x_t - mean + variance * score, z, variance.sqrt(), arb(1))


@entrywise(NEAR)
def ancestral_step_ve(x_t, score, z, sigma_s, sigma_t):
    """x_s and x_t, jointly Gaussian about the x_0 of Tweedie's rule, conditioned on x_t."""
    x_0 = x_t + sigma_t * sigma_t * score
    early, late = _added(arb(0), sigma_s), _added(arb(0), sigma_t)
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
