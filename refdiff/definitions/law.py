"""Laws of Gaussian states: the flow's linear ODE integrated, steps taken on a Gaussian regression, chains as one big matrix."""

from itertools import pairwise

import flint
import numpy as np
from flint import acb, acb_mat, arb, arb_mat

from refdiff.definitions.edm import edm_euler_step, edm_heun_step
from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import condition
from refdiff.definitions.singlestep import dpm2_step, dpmpp_2s_step
from refdiff.numbers.balls import ball

__all__ = [
    "affine_chain_covariance", "affine_chain_mean", "ancestral_chain_variance", "ancestral_gain", "dpm2_gain", "dpmpp_2s_gain",
    "heun_chain_variance", "heun_gain", "probability_flow_solution_correlated",
]  # fmt: skip


def _array(matrix):
    return np.array(matrix.tolist(), dtype=object)


def _exponent(covariance, start, end):
    """Integral of the flow's matrix over the straight line between two levels: exact rational functions, entry by entry."""
    (alpha_t, sigma_t), (alpha_s, sigma_s) = start, end
    size, (alpha_dot, sigma_dot) = len(covariance), (alpha_s - alpha_t, sigma_s - sigma_t)
    unit, spread = acb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)]), acb_mat(covariance.tolist())

    known = {}

    def rate(u):
        alpha, sigma = alpha_t + u * alpha_dot, sigma_t + u * sigma_dot
        whole = spread * (alpha * alpha) + unit * (sigma * sigma)
        try:
            return whole.solve(spread * (alpha * alpha_dot) + unit * (sigma * sigma_dot))
        except ZeroDivisionError:  # A box of complex levels about a pole: the quadrature halves it.
            return unit * acb("nan")

    def entry(u, i, j):
        # The entries are integrated one by one over much the same points.
        at = tuple(part.man_exp() for side in (u.real, u.imag) for part in (side.mid(), side.rad()))
        if at not in known:
            known[at] = rate(u)
        return known[at][i, j]

    def integral(i, j):
        return acb.integral(lambda u, _: entry(u, i, j), arb(0), arb(1), abs_tol=arb(2) ** -(2 * flint.ctx.prec)).real

    upper = {(i, j): integral(i, j) for i in range(size) for j in range(i, size)}
    return arb_mat([[upper[min(i, j), max(i, j)] for j in range(size)] for i in range(size)])


@guarded(NEAR)
def probability_flow_solution_correlated(x_t, mean, covariance, alpha_t, sigma_t, alpha_s, sigma_s):
    """Solution of the linear ODE dx = alpha'*mean + M (x - alpha*mean) along a line of levels: the exponential of M's integral.

    M = (alpha*alpha'*C + sigma*sigma')*(alpha**2*C + sigma**2)**-1 makes the covariance alpha**2*C + sigma**2 follow its levels;
    its values commute.
    """
    ends = [tuple(map(ball, pair)) for pair in ((alpha_t, sigma_t), (alpha_s, sigma_s))]
    motion = _array(_exponent(np.vectorize(ball, otypes=[object])(covariance), *ends).exp())
    return np.stack([alpha_s * mean + motion @ (row - alpha_t * mean) for row in x_t])


@guarded(NEAR)
def affine_chain_mean(gains, offsets, mean):
    """Product of matrices of one more row, which carry a 1 along."""
    size = len(mean)
    whole = arb_mat(size + 1, size + 1, [int(i == j) for i in range(size + 1) for j in range(size + 1)])
    for gain, offset in zip(gains, offsets, strict=True):
        rows = [[*row, shift] for row, shift in zip(gain.tolist(), offset.tolist(), strict=True)]
        whole = arb_mat([*rows, [arb(0)] * size + [arb(1)]]) * whole
    return _array(whole * arb_mat([[entry] for entry in mean] + [[arb(1)]]))[:size, 0]


@guarded(NEAR)
def affine_chain_covariance(gains, noise_factors, covariance):
    """The last state as a linear map of the first and of all draws, on both sides of their joint covariance."""
    size, draws = noise_factors.shape[1:]
    steps = len(gains)
    whole = np.zeros((size, size + steps * draws), dtype=object) + arb(0)
    whole[:, :size] = np.eye(size, dtype=int).astype(object) * arb(1)
    for i, (gain, factor) in enumerate(zip(gains, noise_factors, strict=True)):
        whole = gain @ whole
        whole[:, size + i * draws : size + (i + 1) * draws] = factor
    joint = np.eye(whole.shape[1], dtype=int).astype(object) * arb(1)
    joint[:size, :size] = covariance
    return whole @ joint @ whole.T


def _denoised(x_t, variance, alpha, sigma):
    """Regression of centred Gaussian data on the state."""
    return condition(0, 0, variance, alpha * variance, alpha * alpha * variance + sigma * sigma, x_t)[0]


def _heun(variance, sigma_t, sigma_s):
    one = arb(1)
    x_0 = _denoised(one, variance, one, sigma_t)
    euler = edm_euler_step(one, x_0, sigma_t, sigma_s)
    if sigma_s.is_zero():
        return euler
    return edm_heun_step(one, x_0, _denoised(euler, variance, one, sigma_s), sigma_t, sigma_s)


@entrywise(NEAR)
def heun_gain(variance, sigma_t, sigma_s):
    """Heun's step from x_t = 1 on the regression of centred data on the state."""
    return _heun(variance, sigma_t, sigma_s)


@guarded(NEAR)
def heun_chain_variance(variance, sigmas):
    """Square of what the run makes of a state one standard deviation from the mean."""
    levels = list(map(ball, sigmas))
    state = (variance + levels[0] * levels[0]).sqrt()
    for before, after in pairwise(levels):
        state = state * _heun(ball(variance), before, after)
    return np.array(state * state, dtype=object)


@entrywise(NEAR)
def dpm2_gain(variance, sigma_t, sigma_s):
    """DPM2's step from x_t = 1 on the regression of centred data on the state."""
    one, middle = arb(1), (sigma_t * sigma_s).sqrt()
    x_0 = _denoised(one, variance, one, sigma_t)
    if sigma_s.is_zero():
        return edm_euler_step(one, x_0, sigma_t, sigma_s)
    second = _denoised(edm_euler_step(one, x_0, sigma_t, middle), variance, one, middle)
    return dpm2_step(one, [x_0, second], [sigma_t, middle, sigma_s])


@entrywise(NEAR)
def dpmpp_2s_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The step's two estimates by regression, from x_t = 1; no step at equal levels, one estimate alone at sigma_s = 0."""
    one = arb(1)
    x_0 = _denoised(one, variance, alpha_t, sigma_t)
    if sigma_s.is_zero():
        return alpha_s * x_0
    level_s, level_t = sigma_s / alpha_s, sigma_t / alpha_t
    middle = (level_s * level_t).sqrt()
    state = x_0 + middle * (one - alpha_t * x_0) / sigma_t
    second = _denoised(state, variance, one, middle)
    if level_s.overlaps(level_t):
        # The extrapolation's 0/0: its weight on the second estimate is 1, and nothing moves.
        return alpha_s / alpha_t + (alpha_s - alpha_t * (sigma_s / sigma_t)) * second
    alphas, sigmas = (np.array(side, dtype=object) for side in ((alpha_t, one, alpha_s), (sigma_t, middle, sigma_s)))
    return dpmpp_2s_step(one, [x_0, second], alphas, sigmas)


def _ancestral(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t):
    """Gain and fresh variance of the affine step to the marginal at s, eta of the posterior's deviation being fresh noise."""
    kept = alpha_t / alpha_s
    added = sigma_t * sigma_t - kept * kept * (sigma_s * sigma_s)
    posterior = condition(0, 0, sigma_s * sigma_s, kept * (sigma_s * sigma_s), kept * kept * (sigma_s * sigma_s) + added, 1)[1]
    fresh = eta * eta * posterior
    x_0 = _denoised(arb(1), variance, alpha_t, sigma_t)
    left = (sigma_s * sigma_s - fresh).nonnegative_part().sqrt()
    return alpha_s * x_0 + left * ((1 - alpha_t * x_0) / sigma_t), fresh


@entrywise(NEAR)
def ancestral_gain(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t):
    """The affine step from x_t = 1 to the marginal at s, on the regression of centred data on the state."""
    return _ancestral(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t)[0]


@guarded(NEAR)
def ancestral_chain_variance(variance, eta, alphas, sigmas):
    """Variances of independent parts added up: what is left of the start, and of each step's noise, after all later steps."""
    levels = list(zip(map(ball, alphas), map(ball, sigmas), strict=True))
    parts = [levels[0][0] * levels[0][0] * variance + levels[0][1] * levels[0][1]]
    for before, after in pairwise(levels):
        gain, fresh = _ancestral(ball(variance), ball(eta), *after, *before)
        parts = [gain * gain * part for part in parts] + [fresh]
    return np.array(sum(parts, arb(0)), dtype=object)
