"""Properties of the forward process."""

import numpy as np
from hypothesis import given

from refdiff.golden.domain.forward import levels
from refdiff.reference import forward

from .strategies import log_powers, pairs, scales, seeds, slack, states, triples, within


@given(log_powers)
def test_marginal_variance_lies_between_zero_and_one(log_t):
    assert 0 < forward.marginal_variance(log_t) <= 1


@given(pairs)
def test_marginal_variance_grows_with_time(levels):
    log_s, log_t = levels
    assert forward.marginal_variance(log_s) <= forward.marginal_variance(log_t)


@given(states(4, 3), log_powers)
def test_marginal_mean_shrinks_the_data(x_0, log_t):
    assert np.all(np.abs(forward.marginal_mean(x_0, log_t)) <= np.abs(x_0))


@given(states(4, 3), log_powers)
def test_marginal_sample_without_noise_is_the_marginal_mean(x_0, log_t):
    assert np.array_equal(forward.marginal_sample(x_0, 0 * x_0, log_t), forward.marginal_mean(x_0, log_t))


@given(states(4, 3), states(4, 3))
def test_marginal_sample_at_time_zero_is_the_data(x_0, eps):
    assert np.array_equal(forward.marginal_sample(x_0, eps, 0.0), x_0)


@given(states(4, 3), log_powers)
def test_marginal_sample_adds_noise_of_the_marginal_variance(eps, log_t):
    noise = forward.marginal_sample(0 * eps, eps, log_t)
    expected = forward.marginal_variance(log_t) * eps**2
    # Squares double the relative errors of the scale and the noise; each product and square adds half an ulp.
    assert within(noise**2, expected, 8 * np.spacing(expected))


@given(states(4, 3), triples)
def test_transition_mean_after_transition_mean_is_one_transition_mean(x_r, levels):
    log_r, log_s, log_t = levels
    twice = forward.transition_mean(forward.transition_mean(x_r, log_r, log_s), log_s, log_t)
    once = forward.transition_mean(x_r, log_r, log_t)
    allowed = 3 * slack("transition_mean", {"x_s": x_r, "log_alpha_bar_s": log_r, "log_alpha_bar_t": log_t}, once)
    assert within(twice, once, allowed)


@given(states(4, 3), pairs)
def test_transition_mean_carries_the_marginal_mean_on(x_0, levels):
    log_s, log_t = levels
    expected = forward.marginal_mean(x_0, log_t)
    found = forward.transition_mean(forward.marginal_mean(x_0, log_s), log_s, log_t)
    assert within(found, expected, 6 * np.spacing(np.abs(expected)))


@given(pairs)
def test_transition_variance_completes_the_marginal_variance(levels):
    log_s, log_t = levels
    carried = np.exp(log_t - log_s) * forward.marginal_variance(log_s)
    total = forward.marginal_variance(log_t)
    # exp(log_t - log_s) carries the rounding of its exponent, which is below |log_t - log_s| ulp of the product.
    allowed = (8 + abs(log_t - log_s)) * np.spacing(total)
    assert within(carried + forward.transition_variance(log_s, log_t), total, allowed)


@given(states(2, 2), log_powers)
def test_transition_mean_and_transition_variance_are_trivial_between_equal_times(x_s, log_s):
    assert np.array_equal(forward.transition_mean(x_s, log_s, log_s), x_s)
    assert forward.transition_variance(log_s, log_s) == 0


@given(log_powers)
def test_transition_variance_from_the_data_is_the_marginal_variance(log_t):
    assert forward.transition_variance(0.0, log_t) == forward.marginal_variance(log_t)


@given(states(4, 3), scales, scales, scales)
def test_general_transition_mean_composes(x_r, alpha_r, alpha_s, alpha_t):
    twice = forward.general_transition_mean(forward.general_transition_mean(x_r, alpha_r, alpha_s), alpha_s, alpha_t)
    once = forward.general_transition_mean(x_r, alpha_r, alpha_t)
    assert within(twice, once, 5 * np.spacing(np.abs(once)))


@given(seeds)
def test_general_transition_variance_adds_up_over_two_steps(rng):
    first = levels(rng)
    later = first | {"alpha_t": first["alpha_t"] * rng.uniform(0.1, 1), "sigma_t": first["sigma_t"] * rng.uniform(1, 10)}
    second = {"alpha_s": first["alpha_t"], "sigma_s": first["sigma_t"], "alpha_t": later["alpha_t"], "sigma_t": later["sigma_t"]}
    carried = forward.general_transition_mean(1.0, second["alpha_s"], second["alpha_t"]) ** 2
    parts = carried * forward.general_transition_variance(**first) + forward.general_transition_variance(**second)
    assert within(parts, forward.general_transition_variance(**later), 16 * np.spacing(later["sigma_t"] ** 2))


@given(pairs)
def test_general_transition_variance_is_transition_variance_of_a_process_that_preserves_variance(power):
    scales_at = [(np.exp(log / 2), np.sqrt(forward.marginal_variance(log))) for log in power]
    found = forward.general_transition_variance(*scales_at[0], *scales_at[1])
    # A scale from a log power carries the log's rounding: at most 700 ulp halved.
    assert within(found, forward.transition_variance(*power), (8 + abs(power[1])) * np.spacing(1.0))


@given(states(4, 3), states(4, 3), states(4, 3), scales)
def test_residual_shift_sample_goes_from_the_data_to_the_degraded_image(x_0, x_degraded, eps, noise):
    assert np.array_equal(forward.residual_shift_sample(x_0, x_degraded, eps, 0.0, noise), x_0)
    end = forward.residual_shift_sample(x_0, x_degraded, eps, 1.0, noise)
    assert within(end, x_degraded + noise * eps, 4 * np.spacing(abs(x_0) + abs(x_degraded) + noise * abs(eps)))


@given(states(4, 3), states(4, 3), scales, seeds)
def test_residual_shift_sample_adds_up_the_variances_of_two_steps(x_0, eps, noise, rng):
    early, late = np.sort(rng.uniform(0, 1, 2))
    first, whole = (forward.residual_shift_sample(0 * x_0, 0 * x_0, eps, share, noise) for share in (early, late))
    rest = forward.residual_shift_sample(0 * x_0, 0 * x_0, eps, late - early, noise)
    assert within(first**2 + rest**2, whole**2, 16 * np.spacing(whole**2))
