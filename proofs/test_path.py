"""Whole paths: with the data known, the sampler walks the forward process backwards, marginal by marginal."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import path

from .algebra import column, expectation, forward_posterior, positive, real, same

KEPT = positive("r_1 r_2 r_3")
BETAS = column([1 - factor**2 for factor in KEPT])
SCALES = [sp.prod(KEPT[:t]) for t in range(4)]
DATA, ETA, NOISE = real("c eta u")
Z = column(real("z_1 z_2 z_3")).reshape(3, 1, 1)
START = column([[SCALES[3] * DATA + sp.sqrt(1 - SCALES[3] ** 2) * NOISE]])
GRIDS = [[3, 2, 1], [3, 1], [3]]


class Recorder:
    """A denoiser that knows the data and remembers the times it was asked at."""

    def __init__(self):
        self.times = []

    def __call__(self, x_t, t):
        self.times.append(t)
        return 0 * x_t + DATA


def moments(states, noises):
    means = [expectation(state, noises) for state in states]
    gaps = [state - mean for state, mean in zip(states, means, strict=True)]
    return means, [[expectation(one * other, noises) for other in gaps] for one in gaps]


def run(name, timesteps, *share):
    recorder = Recorder()
    states = getattr(path, name)(recorder, START, Z[: len(timesteps)], *share, BETAS, timesteps)
    assert states.shape == (len(timesteps) + 1, 1, 1)
    assert recorder.times == list(timesteps)
    return moments([entry.item() for entry in states], [NOISE, *Z.flat])


@pytest.mark.parametrize("timesteps", GRIDS)
def test_ddpm_path_has_the_joint_law_of_the_forward_process_when_the_data_are_known(timesteps):
    means, covariances = run("ddpm_path", timesteps)
    times = [*timesteps, 0]
    for i, t in enumerate(times):
        assert same(means[i], SCALES[t] * DATA)
        for j, s in enumerate(times[i:], i):
            assert same(covariances[i][j], SCALES[t] / SCALES[s] * (1 - SCALES[s] ** 2))


@pytest.mark.parametrize("eta", [0, 1])
@pytest.mark.parametrize("timesteps", GRIDS)
def test_ddim_path_has_the_marginals_of_the_forward_process_when_the_data_are_known(timesteps, eta):
    means, covariances = run("ddim_path", timesteps, sp.Integer(eta))
    for i, t in enumerate([*timesteps, 0]):
        assert same(means[i], SCALES[t] * DATA)
        assert same(covariances[i][i], 1 - SCALES[t] ** 2)


def test_ddim_path_adds_the_share_eta_of_the_posteriors_noise():
    states = path.ddim_path(Recorder(), START, Z[:2], ETA, BETAS, [3, 1])
    slope = sp.diff(states[1].item(), Z[0].item())
    assert same(slope**2, ETA**2 * forward_posterior(DATA, NOISE, SCALES[1], SCALES[3])[1])


def test_ddpm_path_uses_each_states_own_denoised_value():
    guesses = iter([0 * START + guess for guess in real("d_1 d_2")])
    states = path.ddpm_path(lambda *_: next(guesses), START, Z[:2], BETAS, [3, 1])
    mean, variance = forward_posterior(real("d_1"), START.item(), SCALES[1], SCALES[3])
    assert same(expectation(states[1].item(), [Z[0].item()]), mean)
    assert same(sp.diff(states[1].item(), Z[0].item()) ** 2, variance)
    assert same(states[2].item(), real("d_2"))


def test_ddim_path_holds_the_noise_implied_by_each_states_own_denoised_value_when_eta_is_zero():
    guesses = iter([0 * START + guess for guess in real("d_1 d_2")])
    states = path.ddim_path(lambda *_: next(guesses), START, Z[:2], sp.Integer(0), BETAS, [3, 1])
    before, after = (states[i].item() - SCALES[t] * real("d_1") for i, t in enumerate([3, 1]))
    assert same(after**2 * (1 - SCALES[3] ** 2), before**2 * (1 - SCALES[1] ** 2))
    assert same(states[2].item(), real("d_2"))


@pytest.mark.parametrize("name", ["ddpm_path", "ddim_path"])
def test_paths_ask_the_denoiser_about_the_state_they_stand_at(name):
    seen = []

    def denoiser(x_t, t):
        seen.append(x_t)
        return x_t / 2

    share = [0] if name == "ddim_path" else []
    betas = np.array([0.1, 0.2, 0.3])
    states = getattr(path, name)(denoiser, np.ones((1, 1)), np.zeros((2, 1, 1)), *share, betas, [3, 1])
    assert all(np.array_equal(one, other) for one, other in zip(seen, states, strict=False))


@pytest.mark.parametrize("timesteps", GRIDS)
def test_guided_ddim_path_walks_to_the_combined_data_along_one_noise_when_both_models_know_theirs(timesteps):
    known, other, scale = real("c d w")
    guided = other + scale * (known - other)
    start = column([[SCALES[timesteps[0]] * guided + sp.sqrt(1 - SCALES[timesteps[0]] ** 2) * NOISE]])
    seen = []

    def model(data):
        def v_model(x_t, t):
            seen.append((x_t.item(), t))
            eps = (x_t - SCALES[t] * data) / sp.sqrt(1 - SCALES[t] ** 2)
            return SCALES[t] * eps - sp.sqrt(1 - SCALES[t] ** 2) * data

        return v_model

    states = path.guided_ddim_path(model(known), model(other), scale, start, BETAS, timesteps)
    assert states.shape == (len(timesteps) + 1, 1, 1)
    for i, t in enumerate([*timesteps, 0]):
        gap = states[i].item() - SCALES[t] * guided
        assert same(sp.expand(gap**2), (1 - SCALES[t] ** 2) * NOISE**2)
        assert same(sp.diff(states[i].item(), NOISE) ** 2, 1 - SCALES[t] ** 2)
        asked = [time for x, time in seen if x == states[i].item()]
        assert asked == ([t, t] if t else [])


@pytest.mark.parametrize(("T", "n", "steps_offset"), [(4, 2, 1), (6, 2, 2), (5, 1, 3)])
def test_stable_diffusion_path_walks_to_the_combined_data_at_alpha_bar_1_and_unscales_it(T, n, steps_offset):
    """With models that know their data the states are marginals of the walk along one noise; the roots' radicals as decimals."""
    known, other, scale, unit = map(sp.Rational, ("2", "-1/3", "5/2", "3/7"))
    first, last, guided = sp.Rational(1, 10), sp.Rational(3, 5), other + scale * (known - other)
    roots = [first + (last - first) * t / (T - 1) for t in range(T)]
    powers = [sp.prod([1 - root**2 for root in roots[:t]]) for t in range(T + 1)]
    level = [[sp.sqrt(power).n(60), sp.sqrt(1 - power).n(60)] for power in powers]
    times, asked = [1 + steps_offset + k * (T // n) for k in reversed(range(n))], []

    def model(data):
        def v_model(x_t, t):
            asked.append((x_t.item(), t))
            return level[t][0] * (x_t - level[t][0] * data) / level[t][1] - level[t][1] * data

        return v_model

    models, start = (model(known), model(other)), column([[level[times[0]][0] * guided + level[times[0]][1] * unit]])
    states = path.stable_diffusion_path(*models, scale, start, T, n, steps_offset, first**2, last**2, sp.Rational(2, 11))
    expected = [level[t][0] * guided + level[t][1] * unit for t in [*times, 1]]
    gaps = states - column([*expected, expected[-1] * sp.Rational(11, 2)]).reshape(n + 2, 1, 1)
    assert max(abs(sp.N(gap, 50)) for gap in gaps.flat) < sp.Rational(1, 10**40)
    assert asked == [(states[i].item(), t) for i, t in enumerate(times) for _ in models]
