"""Multistep solvers as integrals of what they take the estimates to be between the levels, by quadrature; runs step by step."""

from functools import partial

import numpy as np
from flint import acb_poly, arb

from refdiff.definitions.entries import NEAR, guarded
from refdiff.definitions.histories import bent_by_half, exact, held_at_the_middle, integrals, plain_integrals, steep
from refdiff.definitions.moments import solve
from refdiff.definitions.states import Unscaled, corrected_states, data_states, noise_states

__all__ = [
    "adams_bashforth_eps", "deis_path", "deis_step", "dpm_solver_2m_heun_step", "dpm_solver_2m_path", "dpm_solver_2m_step",
    "dpm_solver_3m_path", "dpm_solver_3m_step", "dpmpp_2m_heun_path", "dpmpp_2m_heun_step", "dpmpp_2m_path", "dpmpp_2m_step",
    "dpmpp_3m_path", "dpmpp_3m_released_step", "dpmpp_3m_step", "exponential_multistep_path", "exponential_multistep_step",
    "gradient_estimation_path", "ipndm_path", "lms_path", "lms_step", "plms_path", "pndm_path", "unic_step_bh1", "unic_step_bh2",
    "unip_step_bh1", "unip_step_bh2", "unipc_bh1_path", "unipc_bh2_path",
]  # fmt: skip


def _logs(numerators, denominators):
    return [(a / b).log() for a, b in zip(numerators, denominators, strict=True)]


def _total(weights, estimates):
    return sum(weight * estimate for weight, estimate in zip(weights, estimates, strict=True))


def _by_data(shares, x_t, x_0s, alphas, sigmas):
    """x_s/sigma_s is x_t/sigma_t and the integral of exp(half_logsnr) times the data, taken to be what the shares say."""
    levels = _logs(alphas, sigmas)
    weights = integrals(shares(levels[:-1], *levels[-2:]), *levels[-2:])
    return sigmas[-1] * (x_t / sigmas[-2] + _total(weights, x_0s))


def _by_noise(shares, x_t, epsilons, alphas, sigmas):
    """x_s/alpha_s is x_t/alpha_t and the integral of the noise over sigma/alpha, taken to be what the shares say."""
    levels = _logs(sigmas, alphas)
    weights = integrals(shares(levels[:-1], *levels[-2:]), *levels[-2:])
    return alphas[-1] * (x_t / alphas[-2] + _total(weights, epsilons))


def _equal(count):
    """Weights of so many estimates one unit apart, for the unit that follows."""
    return plain_integrals([arb(j) for j in range(count)], arb(count - 1), arb(count))


def _unified(growth, x_t, x_0s, alphas, sigmas):
    """UniPC's update as printed: the differences from the estimate at t, with the rho that solve R rho = b."""
    levels = _logs(alphas, sigmas)
    start, h = levels[-2], levels[-1] - levels[-2]
    t = len(levels) - 2
    others = [j for j in range(len(x_0s)) if j != t]
    scale = h if growth == 1 else 1 - (-h).exp()
    r = [(levels[j] - start) / h for j in others]
    orders = range(1, len(others) + 1)
    phis = integrals([acb_poly([0] * i + [1])(acb_poly([-start, 1])) for i in (0, *orders)], start, levels[-1])
    b = np.array([phis[i] / levels[-1].exp() / h**i / scale for i in orders], dtype=object)
    rho = [arb(1) / 2] if len(others) == 1 else solve(np.array([[x ** (i - 1) for x in r] for i in orders]), b) if others else []
    moved = sum((rho[k] / r[k] * (x_0s[j] - x_0s[t]) for k, j in enumerate(others)), 0 * x_t)
    return sigmas[-1] / sigmas[-2] * x_t + alphas[-1] * (phis[0] / levels[-1].exp() * x_0s[t] + scale * moved)


def _of_data(shares):
    return partial(_by_data, shares)


def _of_noise(shares):
    return partial(_by_noise, shares)


@guarded(NEAR)
def lms_step(x_t, epsilons, sigmas):
    """The polynomial in sigma, integrated by its antiderivative."""
    return x_t + _total(plain_integrals(sigmas[:-1], *sigmas[-2:]), epsilons)


@guarded(NEAR)
def adams_bashforth_eps(epsilons):
    """Mean over the next unit of the polynomial through estimates one unit apart."""
    return _total(_equal(len(epsilons)), epsilons)


@guarded(NEAR)
def deis_step(x_t, epsilons, alphas, sigmas):
    """The noise a polynomial of the level."""
    return _by_noise(exact, x_t, epsilons, alphas, sigmas)


@guarded(NEAR)
def dpm_solver_2m_step(x_t, epsilons, alphas, sigmas):
    """The noise what the line through both is half way."""
    return _by_noise(held_at_the_middle, x_t, epsilons, alphas, sigmas)


@guarded(NEAR)
def dpm_solver_2m_heun_step(x_t, epsilons, alphas, sigmas):
    """The noise the line through both."""
    return _by_noise(exact, x_t, epsilons, alphas, sigmas)


@guarded(NEAR)
def dpm_solver_3m_step(x_t, epsilons, alphas, sigmas):
    """The noise the parabola through all three."""
    return _by_noise(exact, x_t, epsilons, alphas, sigmas)


@guarded(NEAR)
def dpmpp_2m_step(x_t, x_0s, alphas, sigmas):
    """The data what the line through both is half way."""
    return _by_data(held_at_the_middle, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def dpmpp_2m_heun_step(x_t, x_0s, alphas, sigmas):
    """The data the line through both."""
    return _by_data(exact, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def dpmpp_3m_step(x_t, x_0s, alphas, sigmas):
    """The data the parabola through all three."""
    return _by_data(exact, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def dpmpp_3m_released_step(x_t, x_0s, alphas, sigmas):
    """The data that parabola with half its bend."""
    return _by_data(bent_by_half, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def exponential_multistep_step(x_t, x_0s, alphas, sigmas):
    """The data a polynomial of the level."""
    return _by_data(exact, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def unip_step_bh1(x_t, x_0s, alphas, sigmas):
    """The paper's linear system; with two estimates a line whose rise is not weighed down."""
    return _unip_1(x_t, x_0s, alphas, sigmas)


def _unip_1(x_t, x_0s, alphas, sigmas):
    if len(x_0s) == 2:
        return _by_data(steep, x_t, x_0s, alphas, sigmas)
    return _unified(1, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def unip_step_bh2(x_t, x_0s, alphas, sigmas):
    """The paper's linear system; with two estimates the line's value half way."""
    return _unip_2(x_t, x_0s, alphas, sigmas)


def _unip_2(x_t, x_0s, alphas, sigmas):
    if len(x_0s) == 2:
        return _by_data(held_at_the_middle, x_t, x_0s, alphas, sigmas)
    return _unified(2, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def unic_step_bh1(x_t, x_0s, alphas, sigmas):
    """The paper's linear system, the estimate at s among the others."""
    return _unified(1, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def unic_step_bh2(x_t, x_0s, alphas, sigmas):
    """The paper's linear system, the estimate at s among the others."""
    return _unified(2, x_t, x_0s, alphas, sigmas)


@guarded(NEAR)
def dpm_solver_2m_path(denoiser_at_level, x_T, alphas, sigmas):
    """A line half way, from two estimates on."""
    return noise_states([_of_noise(exact), _of_noise(held_at_the_middle)], denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def dpm_solver_3m_path(denoiser_at_level, x_T, alphas, sigmas):
    """A line half way, then parabolas."""
    steps = [_of_noise(shares) for shares in (exact, held_at_the_middle, exact)]
    return noise_states(steps, denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def deis_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """Polynomials of the noise."""
    return noise_states([_of_noise(exact)] * order, denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def dpmpp_2m_path(denoiser_at_level, x_T, alphas, sigmas):
    """A line half way, from two estimates on."""
    return data_states([_of_data(exact), _of_data(held_at_the_middle)], denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def dpmpp_2m_heun_path(denoiser_at_level, x_T, alphas, sigmas):
    """Lines, from two estimates on."""
    return data_states([_of_data(exact)] * 2, denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def dpmpp_3m_path(denoiser_at_level, x_T, alphas, sigmas):
    """A line half way, then parabolas."""
    steps = [_of_data(shares) for shares in (exact, held_at_the_middle, exact)]
    return data_states(steps, denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def exponential_multistep_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """Polynomials of the data."""
    return data_states([_of_data(exact)] * order, denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def unipc_bh1_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """UniP and UniC in turn."""
    return corrected_states(_unip_1, partial(_unified, 1), denoiser_at_level, x_T, alphas, sigmas, order)


@guarded(NEAR)
def unipc_bh2_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """UniP and UniC in turn."""
    return corrected_states(_unip_2, partial(_unified, 2), denoiser_at_level, x_T, alphas, sigmas, order)


@guarded(NEAR)
def lms_path(denoiser_at_level, x_T, sigmas, order):
    """Polynomials of the noise in sigma."""
    run, made = Unscaled(denoiser_at_level, x_T, 0 * sigmas + 1, sigmas), []
    for i in range(len(sigmas) - 1):
        made.append(run.noise(run.states[-1], i))
        first = max(0, i + 1 - order)
        run.states.append(run.states[-1] + _total(plain_integrals(sigmas[first : i + 1], *sigmas[i : i + 2]), made[first:]))
    return run.scaled(range(len(sigmas)))


def _pseudo(start, denoiser, x_T, alphas, sigmas):
    """Equal-step Adams and Bashforth's noise of up to four estimates, after `start` of the run and its estimates."""
    run, made = Unscaled(denoiser, x_T, alphas, sigmas), []
    ends = start(run, made)
    for i in range(ends[-1], len(sigmas) - 1):
        made.append(run.noise(run.states[-1], i))
        run.states.append(run.moved(_total(_equal(min(4, len(made))), made[-4:]), i, i + 1))
        ends.append(i + 1)
    return run.scaled(ends)


@guarded(NEAR)
def ipndm_path(denoiser_at_level, x_T, alphas, sigmas):
    """Equal-step weights from the start."""
    return _pseudo(lambda run, made: [0], denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def plms_path(denoiser_at_level, x_T, alphas, sigmas):
    """Equal-step weights after the trapezium rule's first step, where there is noise at its end."""

    def start(run, made):
        if sigmas[1].is_zero():
            return [0]
        made.append(run.noise(run.states[0], 0))
        ahead = run.noise(run.moved(made[0], 0, 1), 1)
        run.states.append(run.moved((made[0] + ahead) / 2, 0, 1))
        return [0, 1]

    return _pseudo(start, denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def pndm_path(denoiser_at_level, x_T, alphas, sigmas):
    """Equal-step weights after three steps of Kutta's rule: Simpson's with the middle seen twice."""

    def start(run, made):
        for i in (0, 2, 4):
            seen = [run.noise(run.states[-1], i)]
            for j in (i + 1, i + 1, i + 2):
                seen.append(run.noise(run.moved(seen[-1], i, j), j))
            made.append(seen[0])
            run.states.append(run.moved(_total([arb(w) / 6 for w in (1, 2, 2, 1)], seen), i, i + 2))
        return [0, 2, 4, 6]

    return _pseudo(start, denoiser_at_level, x_T, alphas, sigmas)


@guarded(NEAR)
def gradient_estimation_path(denoiser_at_level, x_T, sigmas, extrapolation):
    """The noise beyond the newest estimate, on the line from the one before it."""
    run, made = Unscaled(denoiser_at_level, x_T, 0 * sigmas + 1, sigmas), []
    for i in range(len(sigmas) - 1):
        made.append(run.noise(run.states[-1], i))
        before = made[-2] if i else made[0]
        run.states.append(run.moved(before + extrapolation * (made[-1] - before), i, i + 1))
    return run.scaled(range(len(sigmas)))
