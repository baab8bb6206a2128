"""Solvers of the reverse-time SDE: steps from the SDE's moment equations and Bayes' rule, runs from their steps.

Levels are written by half_logsnr, counted from t: the noise scale of y = x/alpha is W*exp(-l).
"""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import score, sde, sde_solver

from .algebra import column, completed_square, log_normal, positive, real, same
from .linear_sde import ETA, SCALES, H, W, X, Z, adds_what_the_sde_adds, held, moved, parts, vanishes
from .recorded import ALPHAS, GUESSES, NOISES, RNG, SIGMAS, Recorder, near

K, G = positive("k g")
U, A, B, C = real("u a b c")
TIMES = np.array([1.0, 0.625, 0.5, 0.125, 0.0])
PLACES = {3: [-K, 0, H], 4: [-K - G, -K, 0, H]}


def levels(count):
    """Signal and noise scales at so many levels, the last of them h after t."""
    alphas = column(SCALES[:count])
    return alphas, column([a * W * sp.exp(-sp.sympify(place)) for a, place in zip(alphas, PLACES[count], strict=True)])


def data(place, degree):
    return A + B * place + (C * place**2 if degree == 2 else 0)


def stepped(name, degree, strength=ETA):
    """State that a step makes of x, over its signal scale, where the data are a polynomial of half_logsnr."""
    count = 4 if name in ("dpmpp_3m_sde_step", "dpmpp_3m_sde_released_step", "sa_predictor_step") else 3
    alphas, sigmas = levels(count)
    places = PLACES[count][: None if name == "sa_corrector_step" else -1]
    x_0s = column([[data(place, degree)] for place in places])
    found = getattr(sde_solver, name)(column([alphas[-2] * X]), x_0s, column([Z]), strength, alphas, sigmas)
    return sp.expand(found[0] / alphas[-1], power_exp=True)


@pytest.mark.parametrize(
    ("name", "degree"),
    [("dpmpp_2m_sde_heun_step", 1), ("dpmpp_3m_sde_step", 2), ("sa_predictor_step", 2), ("sa_corrector_step", 2)],
)
def test_step_solves_the_sde_exactly_for_data_on_a_polynomial(name, degree):
    mean, weight = parts(stepped(name, degree, sp.sqrt(ETA) if name.startswith("sa_") else ETA))
    assert vanishes(mean - moved(data(H, degree)))
    assert adds_what_the_sde_adds(weight, 1 + ETA, ETA)


def test_dpmpp_3m_sde_released_step_solves_the_sde_exactly_for_data_that_bend_half_as_much_as_their_parabola():
    mean, weight = parts(stepped("dpmpp_3m_sde_released_step", 2))
    assert vanishes(mean - moved(data(H, 2).subs(C, C / 2)))
    assert adds_what_the_sde_adds(weight, 1 + ETA, ETA)
    # The second derivative is 2*c: the local error is alpha_s*(1 + eta)*h**3/12 times it, so the method is of second order.
    missed = sp.expand(mean - moved(data(H, 2)), power_exp=True)
    assert same(sp.limit(sp.simplify(missed) / H**3, H, 0), -(1 + ETA) * sp.Rational(2, 12) * C)


def test_dpmpp_2m_sde_step_solves_the_sde_exactly_for_the_data_that_a_line_has_in_the_middle():
    mean, weight = parts(stepped("dpmpp_2m_sde_step", 1))
    assert vanishes(mean - held(data(H / 2, 1)))
    assert vanishes(sp.diff(held(B), H) + (1 + ETA) * (held(B) - B))
    assert adds_what_the_sde_adds(weight, 1 + ETA, ETA)


def two_levels():
    alphas, sigmas = levels(3)
    return alphas[2], sigmas[2], alphas[1], sigmas[1]


def test_dpmpp_sde_1_step_solves_the_reverse_process_exactly_for_held_data():
    found = sde_solver.dpmpp_sde_1_step(two_levels()[2] * X, A, Z, *two_levels())
    mean, weight = parts(sp.expand(found / two_levels()[0], power_exp=True))
    assert vanishes(mean - held(A).subs(ETA, 1))
    assert adds_what_the_sde_adds(weight, 2, 1)


def posterior(x_0, x_t, scales):
    """Mean and variance of x_s given x_t and x_0, by Bayes' rule, for scales of any process."""
    alpha_s, sigma_s, alpha_t, sigma_t = scales
    kept, x_s = alpha_t / alpha_s, sp.Dummy("x_s", real=True)
    prior = log_normal(x_s, alpha_s * x_0, sigma_s**2)
    return completed_square(prior + log_normal(x_t, kept * x_s, sigma_t**2 - kept**2 * sigma_s**2), x_s)


def test_dpmpp_sde_1_step_draws_from_the_posterior_and_is_linear_in_the_data():
    scales = positive("a_s s_s a_t s_t")
    found = sde_solver.dpmpp_sde_1_step(X, A, Z, *scales)
    mean, variance = posterior(A, X, scales)
    assert same([found.subs(Z, 0), sp.diff(found, Z) ** 2], [mean, variance])
    # So the mean over x_0 given x_t is the same expression of the mean of x_0: E[x_s | x_t].
    assert same(sp.diff(found, A, 2), 0)


@pytest.mark.parametrize("name", ["dpm_solver_sde_1_step", "dpm_solver_2m_sde_step"])
def test_noise_prediction_solves_the_sde_exactly_for_held_noise(name):
    alpha_s, _, alpha_t, _ = two_levels()
    eps, line = data(H / 2, 1), column([[data(-K, 1)], [data(0, 1)]])
    if name == "dpm_solver_sde_1_step":
        found = sde_solver.dpm_solver_sde_1_step(alpha_t * X, eps, Z, *two_levels())
    else:
        found = sde_solver.dpm_solver_2m_sde_step(column([alpha_t * X]), line, column([Z]), *levels(3))[0]
    mean, weight = parts(sp.expand(found / alpha_s, power_exp=True))
    # y' = -2*w*eps with w = W*exp(-l), the reverse-time drift where the score is -eps/w.
    assert vanishes(mean - (X - 2 * W * (1 - sp.exp(-H)) * eps))
    assert vanishes(sp.diff(2 * W * (1 - sp.exp(-H)), H) - 2 * W * sp.exp(-H))
    assert adds_what_the_sde_adds(weight, 0, 1)


def test_dpmpp_sde_step_keeps_the_marginals_and_draws_the_share_eta_of_the_posteriors_scale():
    scales, share = positive("a_t s_t a_u s_u a_s s_s"), 1 / (1 + ETA)
    alphas, sigmas = column(scales[::2]), column(scales[1::2])
    start = alphas[0] * A + sigmas[0] * U
    found = sde_solver.dpmpp_sde_step(column([start]), column([[A], [A]]), column([Z]), share, alphas, sigmas)[0]
    of_old, of_new = sp.diff(found, U), sp.diff(found, Z)
    assert same(found.subs({U: 0, Z: 0}), alphas[2] * A)
    assert same(sp.expand(of_old**2 + of_new**2), sigmas[2] ** 2)
    assert same(of_new**2, share**2 * posterior(A, X, (alphas[2], sigmas[2], alphas[0], sigmas[0]))[1])
    values = dict(zip(scales, (1, 4, 1, 2, 1, 1), strict=True)) | {ETA: 1}
    assert all(weight.subs(values).is_positive for weight in (of_old, of_new))


def test_dpmpp_sde_step_takes_the_data_that_a_line_through_both_estimates_has_in_the_middle():
    alphas, places = column(SCALES[:3]), [0, K, K + G]
    sigmas = column([a * W * sp.exp(-sp.sympify(place)) for a, place in zip(alphas, places, strict=True)])
    line, state = column([[data(0, 1)], [data(K, 1)]]), column([X])
    middle = column([[data((K + G) / 2, 1)]] * 2)
    found, expected = (sde_solver.dpmpp_sde_step(state, one, 0 * state, 0, alphas, sigmas)[0] for one in (line, middle))
    assert vanishes(found - expected)
    assert vanishes(sp.diff(expected, A) - alphas[2] * (1 - sp.exp(-K - G)))


def test_the_noises_of_dpmpp_sde_step_have_the_exact_correlation_only_in_the_limit_of_short_steps():
    """Released code's is that of Brownian motion over sigma; exact is that of the reverse process about held data."""
    at_u, at_s = (W**2 * sp.exp(-2 * h) * (1 - sp.exp(-2 * h)) for h in (K, 2 * K))
    sigma_t, sigma_u, sigma_s = (W * sp.exp(-h) for h in (0, K, 2 * K))
    exact = sigma_s**2 / sigma_u**2 * (sigma_t**2 - sigma_u**2) / (sigma_t**2 - sigma_s**2)
    brownian = (sigma_t - sigma_u) / (sigma_t - sigma_s)
    assert vanishes(sp.simplify((sp.exp(-2 * K) * at_u) ** 2 / (at_u * at_s) - exact))
    assert sp.limit(exact, K, 0) == sp.limit(brownian, K, 0) == sp.Rational(1, 2)
    assert sp.diff(sp.series(brownian - exact, K, 0, 2).removeO(), K) != 0


def test_sa_predictor_step_is_dpmpp_3m_sde_step_with_the_square_of_the_noise_strength():
    given = column([X]), column([[A], [B], [C]]), column([Z])
    found = sde_solver.sa_predictor_step(*given, ETA, *levels(4))
    assert same(found, sde_solver.dpmpp_3m_sde_step(*given, ETA**2, *levels(4)))


# Runs: what they ask the denoiser, and the step that each state was made by.


def ran(name, levels, *options):
    """The run's states, and what the denoiser was asked: at each state and at its level."""
    recorder, alphas, sigmas = Recorder(), ALPHAS[levels], SIGMAS[levels]
    states = getattr(sde_solver, name)(recorder, RNG.standard_normal((2, 3)), NOISES, alphas, sigmas, *options)
    if name != "dpmpp_sde_path":
        assert recorder.scales == list(zip(alphas[:-1], sigmas[:-1], strict=True))
        assert all(map(np.array_equal, recorder.states, states[:-1]))
    return recorder, states, alphas, sigmas


def first(x_t, x_0, z, eta, alphas, sigmas):
    """The step of one estimate: a line through two equal ones."""
    ahead = np.append(2 * alphas[0], alphas), np.append(3 * sigmas[0], sigmas)
    return sde_solver.dpmpp_2m_sde_step(x_t, np.stack([x_0, x_0]), z, eta, *ahead)


HISTORIES = {
    "dpmpp_2m_sde_path": ["dpmpp_2m_sde_step"],
    "dpmpp_2m_sde_heun_path": ["dpmpp_2m_sde_heun_step"],
    "dpmpp_3m_sde_path": ["dpmpp_2m_sde_heun_step", "dpmpp_3m_sde_step"],
    "dpmpp_3m_sde_released_path": ["dpmpp_2m_sde_heun_step", "dpmpp_3m_sde_released_step"],
}


@pytest.mark.parametrize("levels", SIGMAS)
@pytest.mark.parametrize("name", HISTORIES)
def test_run_takes_each_step_with_the_estimates_of_its_own_levels(name, levels):
    """For dpmpp_2m_sde_path, dpmpp_2m_sde_heun_path, dpmpp_3m_sde_path and dpmpp_3m_sde_released_path."""
    _, states, alphas, sigmas = ran(name, levels, 0.375)
    for i in range(len(sigmas) - 1):
        k = min(i, len(HISTORIES[name]))
        at = NOISES[i], 0.375, alphas[i - k : i + 2], sigmas[i - k : i + 2]
        if sigmas[i + 1] == 0:
            assert near(states[i + 1], alphas[i + 1] * GUESSES[i])
        elif k == 0:
            assert near(states[1], first(states[0], GUESSES[0], *at))
        else:
            step = getattr(sde_solver, HISTORIES[name][k - 1])
            assert near(states[i + 1], step(states[i], GUESSES[i - k : i + 1], *at))


@pytest.mark.parametrize("levels", SIGMAS)
@pytest.mark.parametrize("name", ["dpmpp_sde_1_path", "dpm_solver_sde_1_path", "dpm_solver_2m_sde_path"])
def test_run_at_full_noise_takes_each_step_with_its_own_estimates(name, levels):
    _, states, alphas, sigmas = ran(name, levels)
    noises = [(states[i] - alphas[i] * GUESSES[i]) / sigmas[i] for i in range(len(sigmas) - 1)]
    for i in range(len(sigmas) - 1):
        at = alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i]
        if sigmas[i + 1] == 0:
            expected = alphas[i + 1] * GUESSES[i]
        elif name == "dpmpp_sde_1_path":
            expected = sde_solver.dpmpp_sde_1_step(states[i], GUESSES[i], NOISES[i], *at)
        elif name == "dpm_solver_sde_1_path" or i == 0:
            expected = sde_solver.dpm_solver_sde_1_step(states[i], noises[i], NOISES[i], *at)
        else:
            known, three = np.stack(noises[i - 1 : i + 1]), slice(i - 1, i + 2)
            expected = sde_solver.dpm_solver_2m_sde_step(states[i], known, NOISES[i], alphas[three], sigmas[three])
        assert near(states[i + 1], expected)


@pytest.mark.parametrize("levels", SIGMAS)
def test_dpmpp_sde_path_asks_at_each_level_and_at_the_middle_of_each_step(levels):
    recorder, states, alphas, sigmas = ran("dpmpp_sde_path", levels, 0.75)
    for i in range(len(sigmas) - 1):
        assert np.array_equal(recorder.states[2 * i], states[i])
        assert recorder.scales[2 * i] == (alphas[i], sigmas[i])
        if sigmas[i + 1] == 0:
            assert near(states[i + 1], alphas[i + 1] * GUESSES[2 * i])
            continue
        # The middle in half_logsnr, at whatever signal scale; its state an ancestral step from the first estimate.
        alpha, sigma = recorder.scales[2 * i + 1]
        assert near((sigma / alpha) ** 2, sigmas[i] * sigmas[i + 1] / (alphas[i] * alphas[i + 1]))
        ends = np.array([alphas[i], alpha, alpha]), np.array([sigmas[i], sigma, sigma])
        equal = np.stack([GUESSES[2 * i]] * 2)
        assert near(recorder.states[2 * i + 1], sde_solver.dpmpp_sde_step(states[i], equal, NOISES[2 * i], 0.75, *ends))
        over = np.array([alphas[i], alpha, alphas[i + 1]]), np.array([sigmas[i], sigma, sigmas[i + 1]])
        pair = GUESSES[2 * i : 2 * i + 2]
        assert near(states[i + 1], sde_solver.dpmpp_sde_step(states[i], pair, NOISES[2 * i + 1], 0.75, *over))


@pytest.mark.parametrize("name", ["reverse_euler_maruyama_vp_path", "reverse_euler_maruyama_ve_path"])
def test_euler_maruyama_freezes_the_reverse_process_at_the_start_of_each_step(name):
    recorder, low, high = Recorder(), 0.25, 6.0
    states = getattr(sde_solver, name)(recorder, RNG.standard_normal((2, 3)), NOISES, TIMES, low, high)
    assert len(recorder.states) == 4
    for i, (time, h) in enumerate(zip(TIMES[:-1], -np.diff(TIMES), strict=True)):
        rate, power = low + (high - low) * time, np.exp(-(low * time + (high - low) * time**2 / 2))
        f, square, alpha, sigma = -rate / 2, rate, np.sqrt(power), np.sqrt(1 - power)
        if "_ve_" in name:
            sigma = low * (high / low) ** time
            f, square, alpha = 0, 2 * np.log(high / low) * sigma**2, 1
        assert near(recorder.scales[i], (alpha, sigma))
        assert np.array_equal(recorder.states[i], states[i])
        drift = f * states[i] - square * (alpha * GUESSES[i] - states[i]) / sigma**2
        assert near(states[i + 1], states[i] - h * drift + np.sqrt(square * h) * NOISES[i])


@pytest.mark.parametrize("levels", SIGMAS)
@pytest.mark.parametrize("name", ["predictor_corrector_ve_path", "predictor_corrector_vp_path"])
def test_predictor_corrector_corrects_at_each_level_and_predicts_the_next(name, levels):
    recorder, sigmas, preserving = Recorder(), SIGMAS[levels], "_vp_" in name
    alphas = ALPHAS[levels] if preserving else np.ones_like(sigmas)
    given = (alphas, sigmas) if preserving else (sigmas,)
    states = getattr(sde_solver, name)(recorder, RNG.standard_normal((2, 3)), NOISES, *given, 0.375)
    assert recorder.scales == [at for at in zip(alphas[:-1], sigmas[:-1], strict=True) for _ in range(2)]
    for i in range(len(sigmas) - 1):
        before, after = recorder.states[2 * i : 2 * i + 2]
        slopes = [(alphas[i] * GUESSES[2 * i + k] - x) / sigmas[i] ** 2 for k, x in enumerate((before, after))]
        kept = (alphas[i] / alphas[i + 1]) ** 2
        step = kept * score.corrector_step_size(slopes[0], NOISES[2 * i], 0.375)[:, None]
        assert np.array_equal(before, states[i])
        assert near(after, before + step * slopes[0] + np.sqrt(2 * step) * NOISES[2 * i])
        if preserving:
            expected = sde.reverse_diffusion_step_vp(after, slopes[1], NOISES[2 * i + 1], 1 - kept)
        else:
            expected = sde.reverse_diffusion_step_ve(after, slopes[1], NOISES[2 * i + 1], sigmas[i + 1], sigmas[i])
        assert near(states[i + 1], expected)


def test_annealed_langevin_path_takes_the_same_number_of_langevin_steps_at_every_scale():
    recorder, sigmas = Recorder(), SIGMAS["within noise"][:4]
    states = sde_solver.annealed_langevin_path(recorder, RNG.standard_normal((2, 3)), NOISES, sigmas, 0.375)
    assert states.shape == (5, 2, 3)
    assert recorder.scales == [(1, sigma) for sigma in sigmas for _ in range(3)]
    assert np.array_equal(states[0], recorder.states[0])
    for k, (x_t, sigma) in enumerate(zip(recorder.states, np.repeat(sigmas, 3), strict=True)):
        step = 0.375 * sigma**2 / sigmas[-1] ** 2
        found = states[k // 3 + 1] if k % 3 == 2 else recorder.states[k + 1]
        assert near(found, x_t + step / 2 * (GUESSES[k] - x_t) / sigma**2 + np.sqrt(step) * NOISES[k])
        assert k == 11 or k % 3 < 2 or np.array_equal(found, recorder.states[k + 1])
