"""Single steps from the probability flow with its estimates held on a polynomial, and their runs written again."""

from itertools import pairwise

import numpy as np
from flint import arb

from refdiff.definitions.edm import edm_euler_step, edm_heun_step
from refdiff.definitions.entries import NEAR, guarded
from refdiff.definitions.flow import flow_heun_step
from refdiff.definitions.moments import solve
from refdiff.definitions.motion import integral
from refdiff.numbers.balls import ball

__all__ = [
    "dpm2_path", "dpm2_step", "dpm_solver_2s_path", "dpm_solver_2s_step", "dpm_solver_3s_path", "dpm_solver_3s_state",
    "dpm_solver_3s_step", "dpmpp_2s_heun_step", "dpmpp_2s_path", "dpmpp_2s_step", "dpmpp_3s_heun_step", "dpmpp_3s_path",
    "dpmpp_3s_state", "dpmpp_3s_step", "euler_path", "flow_euler_path", "flow_heun_path", "flow_midpoint_path", "flow_rk4_path",
    "flow_three_eighths_path", "heun_path",
]  # fmt: skip


def _half_logsnr(alphas, sigmas):
    return [ball(alpha).log() - ball(sigma).log() for alpha, sigma in zip(alphas, sigmas, strict=True)]


def _power(x, k):
    """As a product: Arb's power of a ball about 0 is nan."""
    return x * _power(x, k - 1) if k else 1 + 0 * x


def _coefficients(nodes):
    """Row k: what each estimate adds to the k-th coefficient of the polynomial through them all; a linear system."""
    powers = np.array([[_power(node, k) for k in range(len(nodes))] for node in nodes], dtype=object)
    unit = [np.array([arb(int(i == j)) for i in range(len(nodes))], dtype=object) for j in range(len(nodes))]
    return np.stack([solve(powers, column) for column in unit], axis=1)


def _weights(levels, nodes, growth, held=None):
    """What each estimate adds to the integral of exp(growth*(u - end)) times their polynomial in u, over the step.

    The polynomial goes through the estimates at these levels; where `held` is a level, its value there stands in for it.
    """
    start, end = levels[0], levels[-1]
    rows = _coefficients([levels[node] - start for node in nodes])
    if held is not None:
        rows = sum(rows[k] * _power(held - start, k) for k in range(len(nodes)))[None]
    moments = [
        integral(lambda u, k=k: (growth * (u - end + start)).exp() * _power(u, k), arb(0), end - start) for k in range(len(rows))
    ]
    return sum(moment * row for moment, row in zip(moments, rows, strict=True))


def _of_data(x_t, x_0s, alphas, sigmas, nodes, middle=False):
    """d(x/sigma)/du = exp(u)*x_0 at half_logsnr u: the solution for data on a polynomial."""
    levels = _half_logsnr(alphas, sigmas)
    weights = _weights(levels, nodes, 1, (levels[0] + levels[-1]) / 2 if middle else None)
    changed = sum(weight * x_0s[node] for weight, node in zip(weights, nodes, strict=True))
    return sigmas[-1] * (x_t / sigmas[0] + levels[-1].exp() * changed)


def _of_noise(x_t, epsilons, alphas, sigmas, nodes, middle=False):
    """d(x/alpha)/du = -exp(-u)*eps at half_logsnr u: the solution for noise on a polynomial."""
    levels = _half_logsnr(alphas, sigmas)
    weights = _weights(levels, nodes, -1, (levels[0] + levels[-1]) / 2 if middle else None)
    changed = sum(weight * epsilons[node] for weight, node in zip(weights, nodes, strict=True))
    return alphas[-1] * (x_t / alphas[0] - (-levels[-1]).exp() * changed)


@guarded(NEAR)
def dpm2_step(x_t, x_0s, sigmas):
    """To the middle on the line to the first estimate, and from x_t along the slope of the line from there to the second."""
    middle = edm_euler_step(x_t, x_0s[0], sigmas[0], sigmas[1])
    return x_t + (edm_euler_step(middle, x_0s[1], sigmas[1], sigmas[1] + sigmas[2] - sigmas[0]) - middle)


@guarded(NEAR)
def dpm_solver_2s_step(x_t, epsilons, alphas, sigmas):
    """The noise held at what the line through its two estimates has in the middle of the step."""
    return _of_noise(x_t, epsilons, alphas, sigmas, (0, 1), middle=True)


@guarded(NEAR)
def dpm_solver_3s_state(x_t, epsilons, alphas, sigmas):
    """The noise on the line through its two estimates."""
    return _of_noise(x_t, epsilons, alphas, sigmas, (0, 1))


@guarded(NEAR)
def dpm_solver_3s_step(x_t, epsilons, alphas, sigmas):
    """The noise on the line through its first and third estimate."""
    return _of_noise(x_t, epsilons, alphas, sigmas, (0, 2))


@guarded(NEAR)
def dpmpp_2s_step(x_t, x_0s, alphas, sigmas):
    """The data held at what the line through their two estimates has in the middle of the step."""
    return _of_data(x_t, x_0s, alphas, sigmas, (0, 1), middle=True)


@guarded(NEAR)
def dpmpp_2s_heun_step(x_t, x_0s, alphas, sigmas):
    """The data on the line through their two estimates."""
    return _of_data(x_t, x_0s, alphas, sigmas, (0, 1))


@guarded(NEAR)
def dpmpp_3s_state(x_t, x_0s, alphas, sigmas):
    """The data on the line through their two estimates."""
    return _of_data(x_t, x_0s, alphas, sigmas, (0, 1))


@guarded(NEAR)
def dpmpp_3s_step(x_t, x_0s, alphas, sigmas):
    """The data on the line through their first and third estimate."""
    return _of_data(x_t, x_0s, alphas, sigmas, (0, 2))


@guarded(NEAR)
def dpmpp_3s_heun_step(x_t, x_0s, alphas, sigmas):
    """The data on the parabola through their three estimates."""
    return _of_data(x_t, x_0s, alphas, sigmas, (0, 1, 2))


def _walked(x_T, levels, move):
    """States made of each other between neighbouring levels, each level a tuple of numbers."""
    found = [x_T]
    for before, after in pairwise(levels):
        found.append(move(found[-1], *before, *after))
    return np.stack(found)


def _pairs(alphas, sigmas):
    return list(zip(map(ball, alphas), map(ball, sigmas), strict=True))


def _euler(x_t, x_0, alpha_t, sigma_t, alpha_s, sigma_s):
    """The data as estimated and the noise left over, put together again."""
    return alpha_s * x_0 + sigma_s * ((x_t - alpha_t * x_0) / sigma_t)


@guarded(NEAR)
def euler_path(denoiser_at_level, x_T, alphas, sigmas):
    """Each state from its own estimate and the noise left over."""

    def move(x_t, alpha_t, sigma_t, alpha_s, sigma_s):
        return _euler(x_t, denoiser_at_level(x_t, alpha_t, sigma_t), alpha_t, sigma_t, alpha_s, sigma_s)

    return _walked(x_T, _pairs(alphas, sigmas), move)


@guarded(NEAR)
def heun_path(denoiser_at_level, x_T, sigmas):
    """Each state half way between two steps along lines."""

    def move(x_t, sigma_t, sigma_s):
        x_0 = denoiser_at_level(x_t, 1, sigma_t)
        if sigma_s.is_zero():
            return x_0
        euler = edm_euler_step(x_t, x_0, sigma_t, sigma_s)
        return edm_heun_step(x_t, x_0, denoiser_at_level(euler, 1, sigma_s), sigma_t, sigma_s)

    return _walked(x_T, [(ball(sigma),) for sigma in sigmas], move)


@guarded(NEAR)
def dpm2_path(denoiser_at_level, x_T, sigmas):
    """Each state by the slope at the geometric mean."""

    def move(x_t, sigma_t, sigma_s):
        x_0 = denoiser_at_level(x_t, 1, sigma_t)
        if sigma_s.is_zero():
            return x_0
        middle = (sigma_t * sigma_s).sqrt()
        second = denoiser_at_level(edm_euler_step(x_t, x_0, sigma_t, middle), 1, middle)
        return dpm2_step(x_t, [x_0, second], [sigma_t, middle, sigma_s])

    return _walked(x_T, [(ball(sigma),) for sigma in sigmas], move)


def _single(model, step, state, parts):
    """A step whose inner levels part it evenly in half_logsnr, their signal scale that of variance preserved."""

    def move(x_t, alpha_t, sigma_t, alpha_s, sigma_s):
        if sigma_s.is_zero():
            return alpha_s * model(x_t, alpha_t, sigma_t)[0]
        start, end = _half_logsnr([alpha_t, alpha_s], [sigma_t, sigma_s])
        ratios = [(start + k * (end - start) / parts).exp() for k in range(1, parts)]
        inner = [(ratio / (1 + ratio * ratio).sqrt(), 1 / (1 + ratio * ratio).sqrt()) for ratio in ratios]
        levels = [(alpha_t, sigma_t), *inner, (alpha_s, sigma_s)]
        x_0, found = model(x_t, alpha_t, sigma_t)
        found = [found]
        for k, level in enumerate(inner):
            before = [np.array(side, dtype=object) for side in zip(*levels[: k + 2], strict=True)]
            at = state(x_t, found, *before) if k else _euler(x_t, x_0, alpha_t, sigma_t, *level)
            found.append(model(at, *level)[1])
        return step(x_t, found, *(np.array(side, dtype=object) for side in zip(*levels, strict=True)))

    return move


def _both(denoiser_at_level):
    """An estimate of the data, and the noise left over."""

    def model(x_t, alpha, sigma):
        x_0 = denoiser_at_level(x_t, alpha, sigma)
        return x_0, (x_t - alpha * x_0) / sigma

    return model


def _data(denoiser_at_level):
    return lambda *at: (denoiser_at_level(*at),) * 2


@guarded(NEAR)
def dpm_solver_2s_path(denoiser_at_level, x_T, alphas, sigmas):
    """Noise estimated at the start and the middle of each step."""
    return _walked(x_T, _pairs(alphas, sigmas), _single(_both(denoiser_at_level), dpm_solver_2s_step, None, 2))


@guarded(NEAR)
def dpm_solver_3s_path(denoiser_at_level, x_T, alphas, sigmas):
    """Noise estimated at the start, a third and two thirds of each step."""
    move = _single(_both(denoiser_at_level), dpm_solver_3s_step, dpm_solver_3s_state, 3)
    return _walked(x_T, _pairs(alphas, sigmas), move)


@guarded(NEAR)
def dpmpp_2s_path(denoiser_at_level, x_T, alphas, sigmas):
    """Data estimated at the start and the middle of each step."""
    return _walked(x_T, _pairs(alphas, sigmas), _single(_data(denoiser_at_level), dpmpp_2s_step, None, 2))


@guarded(NEAR)
def dpmpp_3s_path(denoiser_at_level, x_T, alphas, sigmas):
    """Data estimated at the start, a third and two thirds of each step."""
    move = _single(_data(denoiser_at_level), dpmpp_3s_step, dpmpp_3s_state, 3)
    return _walked(x_T, _pairs(alphas, sigmas), move)


def _runge_kutta(velocity_model, x_T, times, rows, weights):
    """Each state by a Runge-Kutta method: stage k stands where rows[k] of the velocities before it lead."""

    def move(x_t, start, end):
        found = []
        for row in rows:
            state = x_t + (end - start) * sum((share * slope for share, slope in zip(row, found, strict=True)), 0 * x_t)
            found.append(velocity_model(state, start + (end - start) * sum(row, arb(0))))
        return x_t + (end - start) * sum(share * slope for share, slope in zip(weights, found, strict=True))

    return _walked(x_T, [(ball(time),) for time in times], move)


@guarded(NEAR)
def flow_euler_path(velocity_model, x_T, times):
    """One stage."""
    return _runge_kutta(velocity_model, x_T, times, [[]], [1])


@guarded(NEAR)
def flow_midpoint_path(velocity_model, x_T, times):
    """Two stages, the second alone counts."""
    return _runge_kutta(velocity_model, x_T, times, [[], [arb(1) / 2]], [0, 1])


@guarded(NEAR)
def flow_heun_path(velocity_model, x_T, times):
    """Each state less the integral of a velocity that changes evenly to that at Euler's state."""

    def move(x_t, start, end):
        first = velocity_model(x_t, start)
        return flow_heun_step(x_t, first, velocity_model(x_t + (end - start) * first, end), start - end)

    return _walked(x_T, [(ball(time),) for time in times], move)


def _collocated(nodes):
    """Weights of the quadrature that is exact for polynomials through all nodes."""
    rows = _coefficients(nodes)
    return sum(row / (k + 1) for k, row in enumerate(rows))


@guarded(NEAR)
def flow_rk4_path(velocity_model, x_T, times):
    """Simpson's rule, its middle weight shared by two velocities."""
    half = arb(1) / 2
    start, middle, end = _collocated([arb(0), half, arb(1)])
    return _runge_kutta(velocity_model, x_T, times, [[], [half], [0, half], [0, 0, 1]], [start, middle / 2, middle / 2, end])


@guarded(NEAR)
def flow_three_eighths_path(velocity_model, x_T, times):
    """Newton's 3/8 rule."""
    third = arb(1) / 3
    weights = _collocated([arb(0), third, 2 * third, arb(1)])
    return _runge_kutta(velocity_model, x_T, times, [[], [third], [-third, 1], [1, -1, 1]], list(weights))
