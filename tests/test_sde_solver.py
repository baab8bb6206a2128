"""Properties of the reverse-time SDE's solvers, and their orders measured on Gaussian data.

There the denoiser is affine, so every chain's mean and covariance are exact: one run of a batch of unit vectors reads off what
each start and each noise contributes.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.mistakes import sde_solver as mistaken
from refdiff.reference import score, sde, sde_solver, step
from refdiff.reference.denoiser import denoiser_gaussian
from refdiff.reference.schedule import alpha, sigma

from .strategies import seeds, slack, states, within

MEAN, VARIANCE = 0.75, 0.5
ETA = st.floats(0, 1)


@st.composite
def levels(draw, count):
    """Signal and noise scales at levels of rising half_logsnr, of any process."""
    rng = draw(seeds)
    ratios = np.exp(rng.uniform(0, 2) - np.cumsum(10 ** rng.uniform(-1.5, 0, count)))
    alphas = rng.uniform(0.25, 1, count) if rng.integers(2) else np.ones(count)
    return alphas, alphas * ratios


@given(states(2, 3), states(2, 3), states(2, 3), st.floats(-4, -0.01), st.floats(0.01, 4))
def test_dpmpp_sde_1_step_is_ddpm_step_where_variance_is_preserved(x_t, x_0, z, log_s, fall):
    log_t = log_s - fall
    found = sde_solver.dpmpp_sde_1_step(x_t, x_0, z, alpha(log_s), sigma(log_s), alpha(log_t), sigma(log_t))
    expected = step.ddpm_step(x_t, x_0, z, log_s, log_t)
    size = (np.abs(x_t) + np.abs(x_0) + np.abs(z)) / min(fall, 1)
    assert np.all(np.abs(found - expected) <= 64 * np.spacing(size / sigma(log_s)))


@given(levels(2), states(2, 3), states(2, 3), states(2, 3))
def test_dpm_solver_sde_1_step_has_the_mean_of_dpmpp_sde_1_step_but_for_the_square_of_the_length(at, x_t, x_0, z):
    (a_t, a_s), (s_t, s_s) = at
    noisy = sde_solver.dpm_solver_sde_1_step(x_t, (x_t - a_t * x_0) / s_t, 0 * z, a_s, s_s, a_t, s_t)
    clean = sde_solver.dpmpp_sde_1_step(x_t, x_0, 0 * z, a_s, s_s, a_t, s_t)
    h = np.log(a_s / s_s * (s_t / a_t))
    # The noise held in place of the data: (1 - exp(-h))**2 of the distance between state and data.
    gap = np.expm1(-h) ** 2 * a_s * (x_0 - x_t / a_t)
    assert np.allclose(noisy - clean, gap, rtol=1e-9, atol=1e-12 * (np.abs(x_t).max() + np.abs(x_0).max()))


@given(levels(4), states(2, 3), states(2, 3), states(2, 3), ETA)
def test_every_step_of_equal_estimates_is_one_step_of_held_data(at, x_t, x_0, z, eta):
    alphas, sigmas = at
    last, held = (alphas[1:], sigmas[1:]), np.stack([x_0] * 3)
    expected = sde_solver.dpmpp_2m_sde_step(x_t, held[:2], z, eta, *last)
    for found in (
        sde_solver.dpmpp_2m_sde_heun_step(x_t, held[:2], z, eta, *last),
        sde_solver.dpmpp_3m_sde_step(x_t, held, z, eta, *at),
        sde_solver.dpmpp_3m_sde_released_step(x_t, held, z, eta, *at),
        sde_solver.sa_corrector_step(x_t, held, z, np.sqrt(eta), *last),
        sde_solver.sa_predictor_step(x_t, held, z, np.sqrt(eta), *at),
    ):
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-11 * (np.abs(x_t).max() + np.abs(x_0).max() + np.abs(z).max()))


@given(levels(4), states(3, 2, 3), states(2, 3), states(2, 3), ETA)
def test_dpmpp_3m_sde_released_step_is_half_way_between_the_parabola_and_its_tangent(at, x_0s, x_t, z, eta):
    (early, late, _), last = np.diff(np.log(at[0] / at[1])), [scales[1:] for scales in at]
    below = x_0s[1] - (x_0s[2] - x_0s[1] - (x_0s[1] - x_0s[0]) * late / early) * late / (late + early)
    straight = sde_solver.dpmpp_2m_sde_heun_step(x_t, np.stack([below, x_0s[2]]), z, eta, *last)
    expected = (straight + sde_solver.dpmpp_3m_sde_step(x_t, x_0s, z, eta, *at)) / 2
    found = sde_solver.dpmpp_3m_sde_released_step(x_t, x_0s, z, eta, *at)
    size = np.abs(x_t).max() + np.abs(z).max() + np.abs(x_0s).max() * (1 + 1 / min(early, late)) ** 2
    assert np.all(np.abs(found - expected) <= 1e-12 * size)


@given(levels(3), states(2, 2, 3), states(2, 3), states(2, 3), st.floats(0.25, 4))
def test_steps_depend_on_the_ratio_of_the_scales_alone(at, x_0s, x_t, z, scale):
    alphas, sigmas = at
    for name, options in (("dpmpp_2m_sde_step", (0.5,)), ("dpmpp_sde_step", (0.5,)), ("dpm_solver_2m_sde_step", ())):
        body = getattr(sde_solver, name)
        found = body(x_t, x_0s, z, *options, alphas, sigmas)
        scaled = body(scale * x_t, x_0s, z, *options, scale * alphas, scale * sigmas) / scale
        size = np.abs(x_t).max() / alphas.min() + np.abs(x_0s).max() + np.abs(z).max()
        assert np.all(np.abs(found - scaled) <= 1e-11 * size * (1 + sigmas.max()) * 100)


@given(levels(3), states(2, 2, 3), states(2, 3), states(2, 3))
def test_dpmpp_2m_sde_step_and_dpmpp_sde_step_ignore_the_noise_at_eta_0(at, x_0s, x_t, z):
    for body in (sde_solver.dpmpp_2m_sde_step, sde_solver.dpmpp_2m_sde_heun_step, sde_solver.dpmpp_sde_step):
        assert np.array_equal(body(x_t, x_0s, z, 0, *at), body(x_t, x_0s, 0 * z, 0, *at))


@given(levels(2), states(2, 3), states(2, 3), states(2, 3))
def test_dpmpp_sde_1_step_is_a_step_of_dpmpp_sde_step_at_eta_1_within_both_stated_errors(at, x_t, x_0, z):
    (a_t, a_s), (s_t, s_s) = at
    between = np.array([a_t, a_t, a_s]), np.array([s_t, (s_t + s_s * a_t / a_s) / 2, s_s])
    scales = {"alpha_s": a_s, "sigma_s": s_s, "alpha_t": a_t, "sigma_t": s_t}
    found = sde_solver.dpmpp_sde_1_step(x_t, x_0, z, *scales.values())
    expected = sde_solver.dpmpp_sde_step(x_t, np.stack([x_0, x_0]), z, 1, *between)
    named = {"x_t": x_t, "z": z}
    allowed = slack("dpmpp_sde_1_step", scales | named | {"x_0": x_0}, found) + slack(
        "dpmpp_sde_step", named | {"x_0s": np.stack([x_0, x_0]), "eta": 1, "alphas": between[0], "sigmas": between[1]}, found
    )
    assert within(found, expected, allowed)


# Chains on Gaussian data.


def known(x_t, alpha_t, sigma_t):
    return denoiser_gaussian(x_t, MEAN, VARIANCE, alpha_t, sigma_t)


def affine(run, draws):
    """The end state's gain on the start, its constant, and its weights on each of the unit noises."""
    probes = np.eye(draws + 2)[1:, :, None]  # column 0 is the origin, 1 a unit start, the others unit noises
    end = run(probes[0], probes[1:])[-1][:, 0]
    return end[1] - end[0], end[0], end[2:] - end[0]


def grid(n, start=4.0, end=0.25):
    """Noise scales evenly spaced in their third root: steps of unequal lengths, smoothly so."""
    return np.linspace(start ** (1 / 3), end ** (1 / 3), n + 1) ** 3


def exact(sigmas, eta):
    """Gain and added variance of the process of noise_strength**2 = eta between the ends, where alpha = 1."""
    ratio = (VARIANCE + sigmas[-1] ** 2) / (VARIANCE + sigmas[0] ** 2)
    return ratio ** ((1 + eta) / 2), (VARIANCE + sigmas[-1] ** 2) * (1 - ratio**eta)


def rates(errors):
    return np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))


def off(name, n, eta, *options, end=0.25):
    """What a run's gain and the variance that it adds are off by."""
    sigmas, draws = grid(n, end=end), 2 * n if name == "dpmpp_sde_path" else n
    body = getattr(sde_solver, name)
    gain, _, weights = affine(lambda x, z: body(known, x, z, np.ones_like(sigmas), sigmas, *options), draws)
    right, added = exact(sigmas, eta)
    return gain - right, gain**2 * (VARIANCE + sigmas[0] ** 2) + np.sum(weights**2) - right**2 * (
        VARIANCE + sigmas[0] ** 2
    ) - added


STEPS = (40, 80, 160, 320)
WEAK = ["dpmpp_2m_sde_path", "dpmpp_2m_sde_heun_path", "dpmpp_3m_sde_path", "dpmpp_3m_sde_released_path"]
ORDERS = [(name, 2) for name in (*WEAK, "dpmpp_sde_path")]


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_at_eta_0_runs_converge_to_the_probability_flow_at_their_order(name, order):
    found = rates(np.array([off(name, n, 0, 0)[0] for n in STEPS]))
    assert order - 0.1 < found[-1] < order + 0.35


def test_exact_is_the_reverse_process_of_the_catalogue_at_eta_1():
    """In variance-preserving levels the gain is reverse_sde_mean_gaussian's, the variance reverse_sde_variance_gaussian's."""
    sigmas = grid(3)
    late, early = (-np.log1p(s**2) for s in (sigmas[0], sigmas[-1]))
    gain, added = exact(sigmas, 1)
    unit = sde.reverse_sde_mean_gaussian(1.0, 0.0, VARIANCE, early, late)
    assert np.isclose(gain * np.exp(early / 2 - late / 2), unit, rtol=1e-13)
    assert np.isclose(added * np.exp(early), sde.reverse_sde_variance_gaussian(VARIANCE, early, late), rtol=1e-13)


FULL = [("dpmpp_sde_1_path", 1), ("dpm_solver_sde_1_path", 1), ("dpm_solver_2m_sde_path", 2)]


@pytest.mark.parametrize(("name", "order"), [*ORDERS[:4], *FULL])
def test_with_noise_mean_and_variance_of_gaussian_data_converge_weakly(name, order):
    found = np.array([off(name, n, 1, end=0.4) if (name, order) in FULL else off(name, n, 0.5, 0.5) for n in STEPS])
    for column in range(name == "dpmpp_sde_1_path", 2):  # whose mean is exact
        assert order - 0.1 < rates(found[:, column])[-1] < order + 0.4


def test_dpmpp_sde_1_path_has_the_exact_mean_of_the_reverse_process_with_few_steps():
    assert abs(off("dpmpp_sde_1_path", 3, 1)[0]) <= 1e-15
    assert abs(off("dpmpp_2m_sde_path", 3, 1, 1)[0]) <= 1e-15  # x_0 given x_t is a martingale there: corrections have mean 0


def correlated(sigmas, kind):
    """dpmpp_sde_path on noises made of independent ones: as they are, or as one Brownian motion over sigma has them."""

    def run(denoiser, x, z, alphas, _, eta):
        between = np.sqrt(sigmas[:-1] * sigmas[1:])
        share = np.sqrt((sigmas[:-1] - between) / (sigmas[:-1] - sigmas[1:])) if kind == "Brownian" else 0 * between
        mixed = z.copy()
        mixed[1::2] = share[:, None, None] * z[::2] + np.sqrt(1 - share**2)[:, None, None] * z[1::2]
        return sde_solver.dpmpp_sde_path(denoiser, x, mixed, alphas, sigmas, eta)

    return run


@pytest.mark.parametrize(("kind", "order"), [("Brownian", 2), ("independent", 1)])
@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_dpmpp_sde_path_is_of_weak_order_2_only_for_noises_of_one_brownian_motion(kind, order, eta):
    found = []
    for n in STEPS:
        sigmas = grid(n)
        gain, _, weights = affine(lambda x, z, at=sigmas: correlated(at, kind)(known, x, z, np.ones_like(at), at, eta), 2 * n)
        found.append(gain**2 * (VARIANCE + sigmas[0] ** 2) + np.sum(weights**2) - VARIANCE - sigmas[-1] ** 2)
    assert order - 0.1 < rates(np.array(found))[-1] < order + 0.15


@pytest.mark.parametrize(
    ("body", "order"),
    [
        (sde_solver.dpmpp_3m_sde_step, 3),
        (sde_solver.dpmpp_3m_sde_released_step, 2),
        (mistaken.dpmpp_3m_sde_step__half_subtracted, 1),
    ],
)
def test_dpmpp_3m_sde_step_is_of_order_3_from_exact_states_and_dpmpp_3m_sde_released_step_of_order_2(body, order):
    errors = []
    for n in STEPS:
        sigmas = grid(n)
        x = MEAN + np.sqrt((VARIANCE + sigmas[:3] ** 2) / (VARIANCE + sigmas[0] ** 2))
        guesses, state = [known(*at) for at in zip(x, np.ones(3), sigmas, strict=False)], x[2]
        for i in range(2, n):
            x_0s = np.stack(guesses[-3:])[:, None]
            state = body(np.array([state]), x_0s, np.zeros(1), 0, np.ones(4), sigmas[i - 2 : i + 2])[0]
            guesses.append(known(state, 1, sigmas[i + 1]))
        errors.append(state - MEAN - np.sqrt((VARIANCE + sigmas[-1] ** 2) / (VARIANCE + sigmas[0] ** 2)))
    assert order - 0.1 < rates(np.array(errors))[-1] < order + 0.4


@pytest.mark.parametrize("name", ["sa_predictor_step", "sa_corrector_step"])
def test_sa_steps_are_off_by_the_fourth_power_of_the_length_where_the_data_are_smooth(name):
    errors = []
    for h in (0.2, 0.1, 0.05):
        places = h * (np.array([-1.75, -0.75, 0.0, 1.0]) if name == "sa_predictor_step" else np.array([-0.75, 0.0, 1.0]))
        x_0s = np.sin(1 + places[:3])[:, None]
        found = getattr(sde_solver, name)(np.ones(1), x_0s, np.zeros(1), 0.5, np.ones(len(places)), np.exp(-places))[0]
        c = 1.25  # y' = -c*(y - sin(1 + l)) from 1, by the solution c*(c*sin - cos)/(1 + c**2) that does not forget
        lasting = [c * (c * np.sin(1 + place) - np.cos(1 + place)) / (1 + c**2) for place in (0, h)]
        errors.append(found - lasting[1] - np.exp(-c * h) * (1 - lasting[0]))
    assert np.all(np.abs(rates(np.array(errors)) - 4) < 0.3)


@pytest.mark.parametrize("name", ["reverse_euler_maruyama_vp_path", "reverse_euler_maruyama_ve_path"])
def test_euler_maruyama_is_of_weak_order_1(name):
    ends, errors = ((0.5, 6.0) if "vp" in name else (0.25, 6.0)), []
    for n in STEPS:
        times = np.linspace(1, 0.125, n + 1)
        gain, _, weights = affine(lambda x, z, at=times: getattr(sde_solver, name)(known, x, z, at, *ends), n)
        if "vp" in name:
            scales = [(alpha(power), sigma(power)) for power in sde.vp_log_alpha_bar(times[[0, -1]], *ends)]
        else:
            scales = [(1, sde.ve_sigma(time, *ends)) for time in times[[0, -1]]]
        early, late = (a**2 * VARIANCE + s**2 for a, s in reversed(scales))
        errors.append(gain**2 * late + np.sum(weights**2) - early)
    assert 0.9 < rates(np.array(errors))[-1] < 1.1


def corrected_variance(n, snr):
    """Variance at the end of a predictor-corrector run of very many entries, where lengths are their means."""
    sigmas, rng = grid(n, end=0.5), np.random.default_rng(0)
    start = MEAN + np.sqrt(VARIANCE + sigmas[0] ** 2) * rng.standard_normal((1, 100_000))
    z = rng.standard_normal((2 * n, *start.shape))
    return np.var(sde_solver.predictor_corrector_ve_path(known, start, z, sigmas, snr)[-1])


def test_predictor_corrector_ve_path_keeps_its_correctors_bias_however_short_the_steps():
    right = VARIANCE + 0.25
    coarse, fine = (corrected_variance(n, 0.4) - right for n in (40, 80))
    assert 0.8 < fine / coarse < 1.25
    assert fine > 0.05 * right


def test_predictor_corrector_vp_path_and_ve_path_of_no_correction_are_their_predictors():
    sigmas, start = grid(3, end=0.5), np.ones((1, 2))
    z = np.random.default_rng(0).standard_normal((6, 1, 2))
    state = start
    for i in range(3):
        slope = (known(state, 1, sigmas[i]) - state) / sigmas[i] ** 2
        state = sde.reverse_diffusion_step_ve(state, slope, z[2 * i + 1], sigmas[i + 1], sigmas[i])
    assert np.allclose(sde_solver.predictor_corrector_ve_path(known, start, z, sigmas, 1e-9)[-1], state, rtol=1e-7)
    powers = 1 / (1 + sigmas**2)
    found = sde_solver.predictor_corrector_vp_path(known, start, z, np.sqrt(powers), np.sqrt(1 - powers), 1e-9)
    assert found.shape == (4, 1, 2)
    assert np.array_equal(found[0], start)


def test_annealed_langevin_path_at_one_scale_has_langevin_chain_variance():
    share, target = 0.25, VARIANCE + 4.0
    gain, _, weights = affine(lambda x, z: sde_solver.annealed_langevin_path(known, x, z, np.array([2.0]), share), 12)
    assert np.isclose(gain**2 + np.sum(weights**2), score.langevin_chain_variance(1.0, target, share, 12), rtol=1e-13)


@given(levels(4), states(2, 3), states(6, 2, 3), ETA)
def test_runs_start_at_x_T_and_end_at_the_last_estimate_where_no_noise_is_left(at, x_T, z, eta):
    alphas, sigmas = (np.append(scales[:3], end) for scales, end in zip(at, (1.0, 0.0), strict=True))
    for name, options in [*((name, [eta]) for name, _ in ORDERS), *((name, []) for name, _ in FULL)]:
        found = getattr(sde_solver, name)(known, x_T, z, alphas, sigmas, *options)
        assert np.array_equal(found[0], x_T)
        assert np.array_equal(found[-1], known(found[-2], alphas[-2], sigmas[-2]))
