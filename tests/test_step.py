"""Properties of single sampling steps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import forward, posterior, step

from .strategies import log_powers, pairs, share, slack, states, within

x_values = st.tuples(states(2, 3), states(2, 3), states(2, 3))


def ulp(value, count):
    return count * np.spacing(np.abs(value))


@given(x_values, pairs)
def test_ddim_step_equals_ddpm_step_when_eta_is_one(values, levels):
    x_t, x_0, z = values
    found = step.ddim_step(x_t, x_0, z, 1.0, *levels)
    keys = {"x_t": x_t, "x_0": x_0, "z": z, "eta": 1.0, "log_alpha_bar_s": levels[0], "log_alpha_bar_t": levels[1]}
    allowed = slack("ddim_step", keys, found) + ulp(np.abs(x_0) + np.abs(x_t) + np.abs(z), 6)
    assert within(found, step.ddpm_step(x_t, x_0, z, *levels), allowed)


@given(x_values, pairs)
def test_ddim_step_ignores_the_fresh_noise_when_eta_is_zero(values, levels):
    x_t, x_0, z = values
    assert np.array_equal(step.ddim_step(x_t, x_0, z, 0.0, *levels), step.ddim_step(x_t, x_0, 0 * z, 0.0, *levels))


@given(states(2, 3), states(2, 3), pairs)
def test_ddim_step_keeps_the_noise_and_moves_to_the_earlier_level_when_eta_is_zero(x_0, eps, levels):
    log_s, log_t = levels
    x_t = forward.marginal_sample(x_0, eps, log_t)
    expected = forward.marginal_sample(x_0, eps, log_s)
    keys = {"x_t": x_t, "x_0": x_0, "z": 0.0, "eta": 0.0, "log_alpha_bar_s": log_s, "log_alpha_bar_t": log_t}
    found = step.ddim_step(x_t, x_0, 0.0, 0.0, log_s, log_t)
    # x_t carries 2.5 ulp into the step, which shrinks it by the ratio of noise scales; the expectation has 2.5 of its own.
    allowed = slack("ddim_step", keys, found) + ulp(np.abs(x_0) + np.abs(eps), 5)
    assert within(found, expected, allowed)


@given(x_values, log_powers)
def test_ddpm_step_and_ddim_step_to_time_zero_return_the_data(values, log_t):
    x_t, x_0, z = values
    assert np.array_equal(step.ddpm_step(x_t, x_0, z, 0.0, log_t), x_0)
    assert np.array_equal(step.ddim_step(x_t, x_0, z, 1.0, 0.0, log_t), x_0)
    assert np.array_equal(step.ddpm_step_large(x_t, x_0, 0 * z, 0.0, log_t), x_0)


@given(x_values, pairs)
def test_ddpm_step_and_ddpm_step_large_share_their_mean_and_differ_in_noise(values, levels):
    x_t, x_0, z = values
    mean = posterior.posterior_mean(x_0, x_t, *levels)
    assert np.array_equal(step.ddpm_step(x_t, x_0, 0 * z, *levels), mean)
    assert np.array_equal(step.ddpm_step_large(x_t, x_0, 0 * z, *levels), mean)
    small, large = (np.abs(body(0 * z, 0 * z, z, *levels)) for body in (step.ddpm_step, step.ddpm_step_large))
    assert np.all(small <= large + ulp(large, 5))


@given(share, pairs)
def test_ddim_noise_scale_lies_between_zero_and_the_posterior_standard_deviation(eta, levels):
    full = step.ddim_noise_scale(1.0, *levels)
    assert full == np.sqrt(posterior.posterior_variance(*levels))
    assert 0 <= step.ddim_noise_scale(eta, *levels) <= full
    assert step.ddim_noise_scale(0.0, *levels) == 0


@given(share, pairs)
def test_ddim_noise_scale_leaves_room_within_the_marginal_variance(eta, levels):
    bound = forward.marginal_variance(levels[0])
    assert step.ddim_noise_scale(eta, *levels) ** 2 <= bound + ulp(bound, 10)
