"""Properties of whole sampling runs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import forward, path, schedule, step

from .strategies import schedules, states

ETA = st.floats(0, 1)


@st.composite
def runs(draw):
    """Step variances, a strided grid of times, a start and the noise of each step."""
    betas = draw(schedules)
    T = len(betas)
    n = draw(st.integers(1, min(T, 12)))
    return betas, schedule.timesteps_trailing(T, n), draw(states(2, 3)), draw(states(n, 2, 3))


def shrink(x_t, t):
    return x_t / (1 + t)


@given(runs())
def test_ddpm_path_starts_at_x_T_and_ends_at_its_last_denoised_value(run):
    betas, times, x_T, z = run
    states_found = path.ddpm_path(shrink, x_T, z, betas, times)
    assert states_found.shape == (len(times) + 1, 2, 3)
    assert np.array_equal(states_found[0], x_T)
    assert np.array_equal(states_found[-1], shrink(states_found[-2], times[-1]))


@given(runs(), ETA)
def test_ddim_path_starts_at_x_T_and_ends_at_its_last_denoised_value(run, eta):
    betas, times, x_T, z = run
    states_found = path.ddim_path(shrink, x_T, z, eta, betas, times)
    assert states_found.shape == (len(times) + 1, 2, 3)
    assert np.array_equal(states_found[0], x_T)
    assert np.array_equal(states_found[-1], shrink(states_found[-2], times[-1]))


@given(runs())
def test_ddim_path_equals_ddpm_path_when_eta_is_one(run):
    betas, times, x_T, z = run
    one = path.ddim_path(lambda x_t, t: 0 * x_t + 1, x_T, z, 1.0, betas, times)
    other = path.ddpm_path(lambda x_t, t: 0 * x_t + 1, x_T, z, betas, times)
    # With a fixed denoised value no step stretches a difference, so the steps' own errors add up at most.
    size = np.abs(x_T).max() + np.abs(z).max() + 1
    assert np.all(np.abs(one - other) <= len(times) * 2 * 14 * np.spacing(len(times) * size))


@given(runs())
def test_ddim_path_ignores_the_fresh_noise_when_eta_is_zero(run):
    betas, times, x_T, z = run
    assert np.array_equal(
        path.ddim_path(shrink, x_T, z, 0.0, betas, times), path.ddim_path(shrink, x_T, 0 * z, 0.0, betas, times)
    )


@given(runs(), ETA)
def test_paths_take_one_step_between_neighbouring_times(run, eta):
    betas, times, x_T, z = run
    log_powers = np.concat([[0.0], schedule.log_alpha_bar(betas)])
    ddpm, ddim = path.ddpm_path(shrink, x_T, z, betas, times), path.ddim_path(shrink, x_T, z, eta, betas, times)
    for i, (t, s) in enumerate(zip(times, [*times[1:], 0], strict=True)):
        levels = log_powers[s], log_powers[t]
        assert np.array_equal(ddpm[i + 1], step.ddpm_step(ddpm[i], shrink(ddpm[i], t), z[i], *levels))
        assert np.array_equal(ddim[i + 1], step.ddim_step(ddim[i], shrink(ddim[i], t), z[i], eta, *levels))


@given(runs(), states(2, 3), states(2, 3))
def test_ddim_path_of_known_data_walks_back_along_one_noise_when_eta_is_zero(run, x_0, eps):
    betas, times, _, z = run
    log_powers = np.concat([[0.0], schedule.log_alpha_bar(betas)])
    x_T = forward.marginal_sample(x_0, eps, log_powers[times[0]])
    found = path.ddim_path(lambda x_t, t: x_0, x_T, z, 0.0, betas, times)
    expected = np.stack([forward.marginal_sample(x_0, eps, log_powers[t]) for t in [*times, 0]])
    size = np.abs(x_0).max() + np.abs(eps).max()
    assert np.all(np.abs(found - expected) <= (len(times) + 1) * 16 * np.spacing(3 * size))


@given(runs(), st.floats(0, 10))
def test_guided_ddim_path_of_equal_models_is_ddim_path_at_any_scale(run, scale):
    betas, times, x_T, z = run
    log_powers = schedule.log_alpha_bar(betas)

    def denoiser(x_t, t):
        return 0 * x_t + 1

    def v_model(x_t, t):
        alpha_t, sigma_t = schedule.alpha(log_powers[t - 1]), schedule.sigma(log_powers[t - 1])
        return (alpha_t * x_t - 1) / sigma_t

    found = path.guided_ddim_path(v_model, v_model, scale, x_T, betas, times)
    expected = path.ddim_path(denoiser, x_T, z, 0.0, betas, times)
    size = (np.abs(x_T).max() + 1) / schedule.sigma(log_powers[0])
    assert np.all(np.abs(found - expected) <= (len(times) + 1) * 64 * np.spacing(size))


@given(runs())
def test_guided_ddim_path_ignores_the_model_of_the_other_end_of_the_scale(run):
    betas, times, x_T, _ = run

    def one(x_t, t):
        return x_t / (1 + t) + 1

    def other(x_t, t):
        return 1 - x_t

    at_0 = path.guided_ddim_path(one, other, 0.0, x_T, betas, times)
    assert np.array_equal(at_0, path.guided_ddim_path(other, other, 0.0, x_T, betas, times))
    at_1 = path.guided_ddim_path(one, other, 1.0, x_T, betas, times)
    alone = path.guided_ddim_path(one, one, 1.0, x_T, betas, times)
    assert np.all(np.abs(at_1 - alone) <= 1e-12 * np.abs(alone).max())


@given(st.integers(2, 60), st.integers(1, 12), states(2, 3), st.floats(0, 10), st.floats(0.05, 20))
def test_stable_diffusion_path_is_guided_ddim_path_without_its_last_step_and_unscaled(T, n, x_T, guidance, scale):
    n, ends = min(n, T // 2), (0.00085, 0.012)
    times = [*schedule.timesteps_leading(T, n, 1).tolist(), 1]

    def one(x_t, t):
        return x_t / (1 + t) + 1

    def other(x_t, t):
        return 1 - x_t / 2

    found = path.stable_diffusion_path(one, other, guidance, x_T, T, n, 1, *ends, scale)
    longer = path.guided_ddim_path(one, other, guidance, x_T, schedule.betas_scaled_linear(T, *ends), times)
    assert found.shape == (n + 2, 2, 3)
    assert np.array_equal(found[:-1], longer[:-1])
    assert np.array_equal(found[-1], found[-2] / scale)


def test_stable_diffusion_path_asks_its_models_at_the_times_that_released_code_counts_from_0():
    seen = []

    def model(x_t, t):
        seen.append(t - 1)
        return 0 * x_t

    path.stable_diffusion_path(model, model, 7.5, np.ones((1, 4)), 1000, 50, 1, 0.00085, 0.012, 0.18215)
    assert seen[::2] == list(range(981, 0, -20))
