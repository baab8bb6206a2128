"""Properties of the forward posterior."""

import numpy as np
from hypothesis import given

from refdiff.golden.domain.forward import levels
from refdiff.reference import forward, posterior

from .strategies import log_powers, pairs, seeds, share, slack, states, within


def ulp(value, count):
    return count * np.spacing(np.abs(value))


@given(pairs)
def test_posterior_variance_lies_between_zero_and_the_forward_variance(levels):
    small, large = posterior.posterior_variance(*levels), posterior.posterior_variance_large(*levels)
    assert 0 <= small <= large + ulp(large, 4)
    assert large == forward.transition_variance(*levels)


@given(pairs)
def test_posterior_variance_is_at_most_the_marginal_variance_at_s(levels):
    bound = forward.marginal_variance(levels[0])
    assert posterior.posterior_variance(*levels) <= bound + ulp(bound, 4)


@given(log_powers, states(2, 3), states(2, 3))
def test_posterior_mean_at_time_zero_is_the_data_without_posterior_variance(log_t, x_0, x_t):
    assert np.array_equal(posterior.posterior_mean(x_0, x_t, 0.0, log_t), x_0)
    assert posterior.posterior_variance(0.0, log_t) == 0
    assert posterior.posterior_mean_x_0_coefficient(0.0, log_t) == 1
    assert posterior.posterior_mean_x_t_coefficient(0.0, log_t) == 0


@given(log_powers, states(2, 3), states(2, 3))
def test_posterior_mean_between_equal_times_is_the_state(log_t, x_0, x_t):
    assert np.array_equal(posterior.posterior_mean(x_0, x_t, log_t, log_t), x_t)


@given(pairs)
def test_posterior_mean_coefficients_lie_between_zero_and_one(levels):
    for body in (posterior.posterior_mean_x_0_coefficient, posterior.posterior_mean_x_t_coefficient):
        assert 0 <= body(*levels) <= 1 + ulp(1.0, 4)


@given(pairs, states(2, 3))
def test_posterior_mean_of_noise_free_states_is_the_marginal_mean_at_s(levels, x_0):
    log_s, log_t = levels
    x_t = forward.marginal_mean(x_0, log_t)
    expected = forward.marginal_mean(x_0, log_s)
    given_values = {"x_0": x_0, "x_t": x_t, "log_alpha_bar_s": log_s, "log_alpha_bar_t": log_t}
    # The rounding of x_t enters with a coefficient of at most one, that of the expectation on its own.
    allowed = slack("posterior_mean", given_values, expected) + ulp(x_t, 1.5) + ulp(expected, 1.5)
    assert within(posterior.posterior_mean(x_0, x_t, log_s, log_t), expected, allowed)


@given(pairs, states(2, 3), states(2, 3))
def test_posterior_mean_sums_its_two_coefficients_parts(levels, x_0, x_t):
    of_x_0 = posterior.posterior_mean_x_0_coefficient(*levels)
    of_x_t = posterior.posterior_mean_x_t_coefficient(*levels)
    assert np.array_equal(posterior.posterior_mean(x_0, 0 * x_0, *levels), of_x_0 * x_0)
    assert np.array_equal(posterior.posterior_mean(0 * x_t, x_t, *levels), of_x_t * x_t)


@given(pairs)
def test_posterior_log_variance_and_posterior_log_variance_large_are_logs_of_the_variances(levels):
    for suffix in ("", "_large"):
        name = "posterior_log_variance" + suffix
        found = getattr(posterior, name)(*levels)
        expected = np.log(getattr(posterior, "posterior_variance" + suffix)(*levels))
        # An error of 4 ulp in the variance moves its log by 4 times 2**-52 at most.
        allowed = slack(name, dict(zip(("log_alpha_bar_s", "log_alpha_bar_t"), levels, strict=True)), found)
        assert within(found, expected, allowed + ulp(1 + abs(expected), 5))


@given(pairs, share)
def test_posterior_log_variance_learned_lies_between_small_and_large(levels, interpolation):
    found = posterior.posterior_log_variance_learned(interpolation, *levels)
    small, large = posterior.posterior_log_variance(*levels), posterior.posterior_log_variance_large(*levels)
    margin = ulp(1 + max(abs(small), abs(large)), 6)
    assert small - margin <= found <= large + margin


@given(pairs)
def test_posterior_log_variance_learned_ends_at_small_and_large(levels):
    large = posterior.posterior_log_variance_large(*levels)
    small = posterior.posterior_log_variance(*levels)
    assert posterior.posterior_log_variance_learned(1.0, *levels) == large
    assert within(posterior.posterior_log_variance_learned(0.0, *levels), small, ulp(1 + abs(small), 6))


@given(seeds, states(2, 3), states(2, 3))
def test_general_posterior_mean_and_general_posterior_variance_restore_the_marginal_at_s(rng, x_0, eps):
    """Over x_t given x_0 the mean's law and the variance add up to x_s given x_0."""
    level = levels(rng)
    gain = posterior.general_posterior_mean(0.0, 1.0, **level)
    variance = posterior.general_posterior_variance(**level)
    assert within(gain**2 * level["sigma_t"] ** 2 + variance, level["sigma_s"] ** 2, ulp(level["sigma_s"] ** 2, 16))
    mean = posterior.general_posterior_mean(x_0, level["alpha_t"] * x_0, **level)
    given_ = {"x_0": x_0, "x_t": level["alpha_t"] * x_0} | level
    assert within(mean, level["alpha_s"] * x_0, 2 * slack("general_posterior_mean", given_, mean))
    assert np.array_equal(posterior.general_posterior_mean(x_0, eps, **level | {"sigma_s": 0.0}), level["alpha_s"] * x_0)


@given(pairs, states(2, 3), states(2, 3))
def test_general_posterior_mean_is_posterior_mean_where_variance_is_preserved(power, x_0, x_t):
    at_s, at_t = ((np.exp(log / 2), np.sqrt(forward.marginal_variance(log))) for log in power)
    found = posterior.general_posterior_mean(x_0, x_t, *at_s, *at_t)
    size = (np.abs(x_0) + np.abs(x_t)) * (8 + abs(power[1])) / forward.marginal_variance(power[1])
    assert within(found, posterior.posterior_mean(x_0, x_t, *power), ulp(size, 4))
