"""Multistep solvers: what all of them keep, who equals whom, and measured orders, of steps and of whole runs."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import ddim, multistep, projection, sde

from .strategies import seeds

# How many estimates each step may be made of, the least and the most; the correctors take one at s beside them.
DATA_STEPS = {
    "dpmpp_2m_step": (2, 2),
    "dpmpp_2m_heun_step": (2, 2),
    "dpmpp_3m_step": (3, 3),
    "dpmpp_3m_released_step": (3, 3),
    "exponential_multistep_step": (1, 4),
    "unip_step_bh1": (1, 3),
    "unip_step_bh2": (1, 3),
    "unic_step_bh1": (1, 3),
    "unic_step_bh2": (1, 3),
}
NOISE_STEPS = {"dpm_solver_2m_step": (2, 2), "dpm_solver_2m_heun_step": (2, 2), "dpm_solver_3m_step": (3, 3), "deis_step": (1, 3)}
STEPS = DATA_STEPS | NOISE_STEPS


def counted(steps):
    return [(name, count) for name, (least, most) in steps.items() for count in range(least, most + 1)]


def levels(count, rng, mean=0.5):
    """Scales of no process in particular at so many levels and one more, half_logsnr rising in unequal steps."""
    half_logsnrs = rng.uniform(-1, 1) + np.cumsum(mean * rng.uniform(0.5, 1.5, count + 1))
    alphas = rng.uniform(0.5, 2, count + 1)
    return alphas, alphas * np.exp(-half_logsnrs)


def drawn(name, count, rng):
    """A state, estimates and levels for one step."""
    made = rng.standard_normal((count + name.startswith("unic"), 2, 3))
    return rng.standard_normal((2, 3)), made, *levels(count, rng)


@pytest.mark.parametrize(("name", "count"), counted(STEPS))
@given(seeds)
def test_every_step_is_eulers_where_all_estimates_are_equal(name, count, rng):
    x_t, made, alphas, sigmas = drawn(name, count, rng)
    found = getattr(multistep, name)(x_t, 0 * made + made[:1], alphas, sigmas)
    if name in DATA_STEPS:
        expected = ddim.rectified_step(x_t, made[0], alphas[-1], sigmas[-1], alphas[-2], sigmas[-2])
    else:
        expected = ddim.ddim_step_scaled(x_t, made[0], alphas[-1], sigmas[-1], alphas[-2], sigmas[-2])
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "count"), counted(STEPS))
@given(seeds)
def test_every_step_scales_with_the_levels_it_goes_between(name, count, rng):
    x_t, made, alphas, sigmas = drawn(name, count, rng)
    step, factors = getattr(multistep, name), rng.uniform(0.5, 2, count + 1)
    found = step(factors[-2] * x_t, made, factors * alphas, factors * sigmas)
    assert np.allclose(found, factors[-1] * step(x_t, made, alphas, sigmas), rtol=1e-11, atol=1e-11)


@given(seeds, st.integers(1, 4))
def test_lms_step_has_adams_bashforth_eps_as_its_noise_where_steps_are_equal(rng, count):
    sigmas, made = 1 + np.arange(count, -1, -1) / 4, rng.standard_normal((count, 2, 3))
    found = multistep.lms_step(0 * made[0], made, sigmas)
    assert np.allclose(found, -multistep.adams_bashforth_eps(made) / 4, rtol=1e-12, atol=1e-12)


@given(seeds)
def test_b_of_h_drops_out_where_unipc_solves_its_system(rng):
    x_t, made, alphas, sigmas = drawn("unip_step_bh1", 3, rng)
    exact = multistep.exponential_multistep_step(x_t, made, alphas, sigmas)
    for found in (multistep.unip_step_bh1(x_t, made, alphas, sigmas), multistep.unip_step_bh2(x_t, made, alphas, sigmas)):
        assert np.array_equal(found, exact)
    alphas, sigmas = alphas[:3], sigmas[:3]
    corrected = multistep.unic_step_bh1(x_t, made, alphas, sigmas)
    assert np.array_equal(corrected, multistep.unic_step_bh2(x_t, made, alphas, sigmas))


@given(seeds)
def test_the_steps_that_integrate_polynomials_exactly_are_one_method(rng):
    x_t, made, alphas, sigmas = drawn("dpmpp_3m_step", 3, rng)
    assert np.array_equal(
        multistep.dpmpp_3m_step(x_t, made, alphas, sigmas), multistep.exponential_multistep_step(x_t, made, alphas, sigmas)
    )
    assert np.array_equal(multistep.dpm_solver_3m_step(x_t, made, alphas, sigmas), multistep.deis_step(x_t, made, alphas, sigmas))
    last = made[1:], alphas[1:], sigmas[1:]
    assert np.array_equal(multistep.dpmpp_2m_heun_step(x_t, *last), multistep.exponential_multistep_step(x_t, *last))
    assert np.array_equal(multistep.dpm_solver_2m_heun_step(x_t, *last), multistep.deis_step(x_t, *last))
    assert np.array_equal(multistep.unip_step_bh2(x_t, *last), multistep.dpmpp_2m_step(x_t, *last))


def smooth(half_logsnr):
    """Estimates as smooth functions of the level, several of them so that no error vanishes by chance."""
    return np.array([np.sin(2 * half_logsnr + phase) + np.exp(half_logsnr / 3) for phase in (0.0, 0.7, 1.9, 2.6)])


def local_error(name, count, h):
    """Error of one step about half_logsnr 0.4 from exact estimates; the steps before it differ and shrink with it."""
    nodes = 0.4 + h * np.array([-3.1, -1.9, -1.2, 0.0, 1.0])[-count - 1 :]
    alphas = np.linspace(0.8, 1.1, count + 1)
    sigmas = alphas * np.exp(-nodes)
    made = np.array([smooth(node) for node in (nodes if name.startswith("unic") else nodes[:-1])])
    places, shares = np.polynomial.legendre.leggauss(20)
    inside, side = (nodes[-1] + nodes[-2]) / 2 + places * h / 2, 1 if name in DATA_STEPS else -1
    moved = sum(share * np.exp(side * u) * smooth(u) for share, u in zip(shares, inside, strict=True)) * h / 2
    x_t = np.ones(4)
    of_data, of_noise = sigmas[-1] * (x_t / sigmas[-2] + moved), alphas[-1] * (x_t / alphas[-2] - moved)
    exact = of_data if name in DATA_STEPS else of_noise
    return np.abs(getattr(multistep, name)(x_t, made, alphas, sigmas) - exact).max()


def slope(errors):
    return np.log2(errors[0] / errors[1])


@pytest.mark.parametrize(("name", "count"), counted(STEPS))
def test_a_steps_local_error_is_one_order_above_its_order(name, count):
    order = {"dpmpp_3m_released_step": 2}.get(name, count + name.startswith("unic"))
    measured = slope([local_error(name, count, h) for h in (0.04, 0.02)])
    assert abs(measured - (order + 1)) < 0.12


def test_adams_bashforth_eps_and_lms_step_have_as_many_orders_as_estimates():
    for count in (1, 2, 3, 4):
        errors = []
        for h in (0.1, 0.05):
            sigmas = 2 - h * np.arange(1 - count, 2)
            made = np.array([smooth(sigma) for sigma in sigmas[:-1]])
            places, shares = np.polynomial.legendre.leggauss(20)
            moved = (
                sum(a * smooth((sigmas[-1] + sigmas[-2]) / 2 + u * h / 2) for u, a in zip(places, shares, strict=True)) * h / 2
            )
            assert np.allclose(multistep.lms_step(0 * moved, made, sigmas), -h * multistep.adams_bashforth_eps(made), atol=1e-13)
            errors.append(np.abs(multistep.lms_step(0 * moved, made, sigmas) + moved).max())
        assert abs(slope(errors) - (count + 1)) < 0.15


VARIANCE, MEAN = np.array([0.05, 0.3, 1.0, 4.0]), np.array([0.5, -1.0, 2.0, 0.0])


def gaussian(x_t, alpha_t, sigma_t):
    """Exact denoiser of Gaussian data."""
    return (MEAN * sigma_t**2 + VARIANCE * alpha_t * x_t) / (alpha_t**2 * VARIANCE + sigma_t**2)


def global_error(name, alphas, sigmas, **options):
    """Error of a run's last state against the probability flow of Gaussian data."""
    start = alphas[0] * MEAN + np.sqrt(alphas[0] ** 2 * VARIANCE + sigmas[0] ** 2) * np.array([[1.0, -0.7, 0.4, 1.3]])
    run, known = getattr(multistep, name), {"denoiser_at_level": gaussian, "x_T": start, "alphas": alphas, "sigmas": sigmas}
    states = run(**{key: (known | options)[key] for key in inspect.signature(run).parameters})
    ends = alphas[0], sigmas[0], alphas[-1], sigmas[-1]
    assert np.allclose(
        sde.probability_flow_solution_gaussian(start, MEAN, VARIANCE, *ends) - alphas[-1] * MEAN,
        ddim.probability_flow_gain(VARIANCE, alphas[-1], sigmas[-1], alphas[0], sigmas[0]) * (start - alphas[0] * MEAN),
    )
    return np.abs(states[-1] - sde.probability_flow_solution_gaussian(start, MEAN, VARIANCE, *ends)).max()


def uneven(n):
    """Levels whose steps in half_logsnr are long and short in turn, down to a level with noise."""
    gone = np.concatenate([[0], np.cumsum(1.0 + np.arange(n) % 2)])
    half_logsnrs = 2 * gone / gone[-1] - 1
    alphas = 1 / np.sqrt(1 + np.exp(-2 * half_logsnrs))
    return alphas, alphas * np.exp(-half_logsnrs)


def timed(n):
    """Levels of equal steps of time: of a variance-preserving process with a rate that rises."""
    times = np.linspace(0.9, 0.3, n + 1)
    powers = np.exp(-(times**2) * 4 - 0.1 * times)
    return np.sqrt(powers), np.sqrt(1 - powers)


def even(n):
    """Levels of equal steps of sigma/alpha."""
    return np.ones(n + 1), np.linspace(2, 1, n + 1)


def flat(n):
    alphas, sigmas = uneven(n)
    return np.ones(n + 1), sigmas / alphas


def halved(grid):
    """PNDM's levels: the middles of the first three steps too."""

    def finer(n):
        kept = [0, 1, 2, 3, 4, 5, *range(6, 2 * n + 1, 2)]
        return tuple(scales[kept] for scales in grid(2 * n))

    return finer


ORDERS = [(name, uneven, {}, 2) for name in ("dpmpp_2m_path", "dpmpp_2m_heun_path", "dpmpp_3m_path")]
ORDERS += [(name, uneven, {}, 2) for name in ("dpm_solver_2m_path", "dpm_solver_3m_path")]
ORDERS += [("lms_path", flat, {"order": k}, min(k, 2)) for k in (1, 2, 3, 4)]
ORDERS += [("deis_path", uneven, {"order": k}, min(k, 2)) for k in (1, 2, 3)]
ORDERS += [("exponential_multistep_path", uneven, {"order": k}, min(k, 2)) for k in (1, 2, 3, 4)]
ORDERS += [(name, uneven, {"order": k}, min(k + 1, 3)) for name in ("unipc_bh1_path", "unipc_bh2_path") for k in (1, 2, 3)]
ORDERS += [("gradient_estimation_path", flat, {"extrapolation": x}, 1) for x in (1.0, 1.5, 2.0)]
ORDERS += [(name, grid, {}, k) for name in ("ipndm_path", "plms_path") for grid, k in ((timed, 2), (uneven, 1))]
ORDERS += [("pndm_path", halved(grid), {}, k) for grid, k in ((timed, 2), (even, 4))]
ORDERS += [("ipndm_path", even, {}, 2), ("plms_path", even, {}, 3)]


@pytest.mark.parametrize(("name", "grid", "options", "order"), ORDERS)
def test_a_runs_error_falls_with_its_order(name, grid, options, order):
    steps = (50, 100) if order == 4 else (160, 320)
    measured = slope([global_error(name, *grid(n), **options) for n in steps])
    assert abs(measured - order) < 0.2


def remembered(step, count, alphas, sigmas):
    """Error at the end of a run of one step whose first states are exact."""
    start = np.sqrt(VARIANCE + sigmas[0] ** 2 / alphas[0] ** 2) * alphas[0] + alphas[0] * MEAN
    states = [
        sde.probability_flow_solution_gaussian(start, MEAN, VARIANCE, alphas[0], sigmas[0], alphas[i], sigmas[i])
        for i in range(len(sigmas))
    ]
    exact, states = states[-1], states[:count]
    for i in range(count - 1, len(sigmas) - 1):
        first = i + 1 - count
        made = np.array([gaussian(states[j], alphas[j], sigmas[j]) for j in range(first, i + 1)])
        states.append(step(states[i], made, alphas[first : i + 2], sigmas[first : i + 2]))
    return np.abs(states[-1] - exact).max()


@pytest.mark.parametrize(
    ("name", "count", "order"),
    [("dpmpp_3m_step", 3, 3), ("dpmpp_3m_released_step", 3, 2), ("dpmpp_2m_step", 2, 2), ("exponential_multistep_step", 4, 4)],
)
def test_from_an_exact_start_the_whole_second_derivative_gives_third_order_and_the_released_half_second(name, count, order):
    errors = [remembered(getattr(multistep, name), count, *uneven(n)) for n in (160, 320)]
    assert abs(slope(errors) - order) < 0.2


@given(seeds, st.integers(1, 8))
def test_gradient_estimation_path_takes_the_estimate_before_from_its_own_step(rng, n):
    sigmas, x_T = np.sort(rng.uniform(0.1, 3, n + 1))[::-1], rng.standard_normal((2, 4))
    states = multistep.gradient_estimation_path(gaussian, x_T, sigmas, 2.0)
    eps = [(x - gaussian(x, 1.0, sigma)) / sigma for x, sigma in zip(states, sigmas, strict=True)]
    for i in range(n):
        step = projection.gradient_estimation_step(states[i], eps[i], eps[max(i - 1, 0)], 2.0, sigmas[i + 1], sigmas[i])
        assert np.array_equal(states[i + 1], step)
