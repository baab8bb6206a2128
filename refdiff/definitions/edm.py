"""Formulas of the EDM design space, from what they are to achieve."""

import numpy as np
from flint import arb

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import density_of_one, expectation, quadratic, solve
from refdiff.definitions.quadrature import natural_log

__all__ = [
    "edm_c_in", "edm_c_noise", "edm_c_out", "edm_c_skip", "edm_churn_gamma", "edm_churned_sigma", "edm_churned_state",
    "edm_denoiser", "edm_denoiser_from_flow", "edm_denoiser_from_v", "edm_euler_step", "edm_heun_step",
    "edm_logsnr_log_density", "edm_loss_weight", "edm_sigma", "edm_sigma_from_flow_time", "edm_sigma_from_ve_time",
    "edm_sigma_from_vp_time", "edm_state", "edm_target", "edm_velocity", "flow_time_from_edm_sigma", "sigmas_iddpm",
    "sigmas_karras", "ve_time_from_edm_sigma", "vp_time_from_edm_sigma",
]  # fmt: skip


def _mean(function, sigma_t, sigma_data):
    """Expectation over data of that spread and unit noise of a quadratic function of (x_0, x_t)."""
    covariance = np.array([[sigma_data * sigma_data, arb(0)], [arb(0), arb(1)]], dtype=object)
    return expectation(lambda u: function(u[0], u[0] + sigma_t * u[1]), np.array([arb(0), arb(0)], dtype=object), covariance)


def _preconditioning(sigma_t, sigma_data):
    """The share of x_t that leaves the network least to add, and the standard deviation of what it must add."""

    def left(share):
        return _mean(lambda x_0, x_t: (x_0 - share[0] * x_t) * (x_0 - share[0] * x_t), sigma_t, sigma_data)

    gradient, hessian = quadratic(left, 1)
    skip = -gradient[0] / hessian[0, 0]
    return skip, left([skip]).sqrt()


@entrywise(NEAR)
def edm_c_skip(sigma_t, sigma_data):
    """The share of x_t that leaves the least variance of x_0 for the network."""
    return _preconditioning(sigma_t, sigma_data)[0]


@entrywise(NEAR)
def edm_c_out(sigma_t, sigma_data):
    """Standard deviation of x_0 less its share of x_t."""
    return _preconditioning(sigma_t, sigma_data)[1]


@entrywise(NEAR)
def edm_c_in(sigma_t, sigma_data):
    """What scales x_t to unit variance."""
    return 1 / _mean(lambda _, x_t: x_t * x_t, sigma_t, sigma_data).sqrt()


@entrywise(NEAR)
def edm_c_noise(sigma_t):
    """A quarter of the integral of 1/u."""
    return natural_log(sigma_t) / 4


@entrywise(NEAR)
def edm_denoiser(x_t, network_output, sigma_t, sigma_data):
    """The shares that the least-variance argument gives."""
    skip, out = _preconditioning(sigma_t, sigma_data)
    return skip * x_t + out * network_output


@entrywise(NEAR)
def edm_target(x_t, x_0, sigma_t, sigma_data):
    """What is left of x_0, in units of its standard deviation."""
    skip, out = _preconditioning(sigma_t, sigma_data)
    return (x_0 - skip * x_t) / out


@entrywise(NEAR)
def edm_loss_weight(sigma_t, sigma_data):
    """What scales the error of x_0 to that of a raw output of unit weight."""
    out = _preconditioning(sigma_t, sigma_data)[1]
    return 1 / (out * out)


@entrywise(NEAR)
def edm_sigma(z, P_mean, P_std):
    """e to the z standard deviations above the mean, one factor after the other."""
    return P_mean.exp() * P_std.exp() ** z


@entrywise(NEAR)
def edm_logsnr_log_density(logsnr_t, P_mean, P_std):
    """Density of log sigma by the Gaussian's own, halved by the change of variables."""
    return (density_of_one(-logsnr_t / 2, P_mean, P_std * P_std) / 2).log()


@guarded(NEAR)
def sigmas_karras(n, sigma_min, sigma_max, rho):
    """Equal steps in sigma to the 1/rho."""
    start, end = ((sigma.log() / rho).exp() for sigma in (sigma_max, sigma_min))
    gap, found = (end - start) / (n - 1), [start]
    for _ in range(n - 1):
        found.append(found[-1] + gap)
    return np.array([(rho * root.log()).exp() for root in found], dtype=object)


@entrywise(NEAR)
def edm_churn_gamma(sigma_t, S_churn, S_min, S_max, n):
    """The run's churn in equal parts, where asked for; at most what doubles the variance, tan(pi/8)."""
    return (S_churn / n).min((arb.pi() / 8).tan()) if S_min <= sigma_t <= S_max else arb(0)


@entrywise(NEAR)
def edm_churned_sigma(sigma_t, churn):
    """Root of the variance before and the variance that the churn's fresh noise adds."""
    return (sigma_t * sigma_t + _added_variance(sigma_t, churn)).sqrt()


def _added_variance(sigma_t, churn):
    """Integral of 2*sigma over the sigmas passed, by the midpoint rule, exact for a line."""
    return 2 * (sigma_t + churn * sigma_t / 2) * churn * sigma_t


@entrywise(NEAR)
def edm_churned_state(x_t, z, sigma_t, churn, S_noise):
    """Fresh noise of the added variance."""
    return x_t + _added_variance(sigma_t, churn).sqrt() * (S_noise * z)


def _line(first, second, x):
    """Height at x of the line through two points."""
    start, slope = solve(np.array([[1, first[0]], [1, second[0]]], dtype=object), np.array([first[1], second[1]], dtype=object))
    return start + slope * x


@entrywise(NEAR)
def edm_euler_step(x_t, x_0, sigma_t, sigma_s):
    """On the line from x_t at sigma_t to x_0 at 0."""
    return _line((sigma_t, x_t), (arb(0), x_0), sigma_s)


@entrywise(NEAR)
def edm_heun_step(x_t, x_0, x_0_s, sigma_t, sigma_s):
    """Half way between two steps from x_t: along the line to x_0, and along the line that Euler's state has to x_0_s."""
    euler = _line((sigma_t, x_t), (arb(0), x_0), sigma_s)
    if sigma_s.is_zero():
        return euler
    moved = _line((sigma_s, euler), (arb(0), x_0_s), sigma_s - sigma_t) - x_0_s
    return (euler + x_t + moved) / 2


@entrywise(NEAR)
def edm_velocity(x_t, x_0, alpha_t, alpha_dot_t, noise_level_t, noise_level_dot_t):
    """Slope of the path that keeps x_0 and its noise while both scales move on: quadratic, so by central differences."""
    eps = (x_t / alpha_t - x_0) / noise_level_t

    def state(after):
        return (alpha_t + after * alpha_dot_t) * (x_0 + (noise_level_t + after * noise_level_dot_t) * eps)

    return (state(1) - state(-1)) / 2


@entrywise(NEAR)
def edm_state(x_t, alpha_t):
    """x_t with the log of the scale taken off."""
    return x_t * (-alpha_t.log()).exp()


@entrywise(NEAR)
def edm_sigma_from_vp_time(time, beta_rate_min, beta_rate_max):
    """Noise over signal after the rate at half time has acted all the time: for a linear rate the mean."""
    alpha = (-time * (beta_rate_min + (beta_rate_max - beta_rate_min) * time / 2) / 2).exp()
    return (1 - alpha * alpha).sqrt() / alpha


@entrywise(NEAR)
def vp_time_from_edm_sigma(sigma_t, beta_rate_min, beta_rate_max):
    """Time at which the integrated rate reaches log(1 + sigma**2): the upper root, by completing the square."""
    rise = beta_rate_max - beta_rate_min
    vertex = -beta_rate_min / rise
    return vertex + (vertex * vertex + 2 * natural_log(1 + sigma_t * sigma_t) / rise).sqrt()


@entrywise(NEAR)
def edm_sigma_from_ve_time(time, sigma_min, sigma_max):
    """Interpolation of the logs."""
    return ((1 - time) * sigma_min.log() + time * sigma_max.log()).exp()


@entrywise(NEAR)
def ve_time_from_edm_sigma(sigma_t, sigma_min, sigma_max):
    """Share of the logs' gap."""
    start = natural_log(sigma_min)
    return (natural_log(sigma_t) - start) / (natural_log(sigma_max) - start)


@guarded(NEAR)
def sigmas_iddpm(T, offset, beta_max):
    """EDM's recursion as printed, from u_T = 0."""
    powers = [(arb.pi() / 2 * j / (T * (offset + 1))).sin() ** 2 for j in range(T + 1)]
    squares = [arb(0)]
    for j in reversed(range(1, T + 1)):
        squares.append((squares[-1] + 1) / (powers[j - 1] / powers[j]).max(1 - beta_max) - 1)
    return np.array([square.sqrt() for square in squares[:0:-1]], dtype=object)


@entrywise(NEAR)
def flow_time_from_edm_sigma(sigma_t):
    """Where the noise's scale time and the data's 1 - time have this ratio: a linear equation."""
    return solve(np.array([[1, 1], [1, -sigma_t]], dtype=object), np.array([arb(1), arb(0)], dtype=object))[0]


@entrywise(NEAR)
def edm_sigma_from_flow_time(time):
    """What is left when 1 is taken off the scale that brings the signal back to 1."""
    return 1 / (1 - time) - 1


def _data(x_t, prediction, sigma_t, scale, weights):
    """The x_0 of the pair (x_0, eps) that makes x_t and, with these weights, the prediction."""
    system = np.array([[1, sigma_t], [weights[0] * scale, weights[1] * scale]], dtype=object)
    return solve(system, np.array([x_t, prediction], dtype=object))[0]


@entrywise(NEAR)
def edm_denoiser_from_v(x_t, v_hat, sigma_t):
    """From the two equations x_0 + sigma*eps = x_t and alpha*(eps - sigma*x_0) = v."""
    return _data(x_t, v_hat, sigma_t, 1 / (1 + sigma_t * sigma_t).sqrt(), (-sigma_t, 1))


@entrywise(NEAR)
def edm_denoiser_from_flow(x_t, velocity_hat, sigma_t):
    """From the two equations x_0 + sigma*eps = x_t and eps - x_0 = velocity."""
    return _data(x_t, velocity_hat, sigma_t, 1, (-1, 1))
