"""Properties of guidance."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.golden.domain import sample
from refdiff.reference import guidance

from .strategies import scales, share, slack, states, within

scale = st.floats(-5, 20)
seeds = st.integers(0, 2**32 - 1)


def drawn(name, arguments, seed):
    return sample(name, arguments, np.random.default_rng(seed))


@given(states(2, 3), states(2, 3))
def test_classifier_free_guidance_at_zero_and_one_is_one_of_the_two_exactly(eps_u, eps_c):
    assert np.array_equal(guidance.classifier_free_guidance(eps_u, eps_c, 0.0), eps_u)
    assert np.array_equal(guidance.classifier_free_guidance(eps_u, eps_c, 1.0), eps_c)
    assert np.array_equal(guidance.classifier_free_guidance_weighted(eps_u, eps_c, 0.0), eps_c)
    assert np.array_equal(guidance.classifier_free_guidance_weighted(eps_u, eps_c, -1.0), eps_u)


@given(states(2, 3), states(2, 3), scale)
def test_classifier_free_guidance_interpolates_only_between_zero_and_one(eps_u, eps_c, w):
    found = guidance.classifier_free_guidance(eps_u, eps_c, w)
    margin = 1e-14 * (1 + abs(w)) * (np.abs(eps_u) + np.abs(eps_c))
    inside = (np.minimum(eps_u, eps_c) - margin <= found) & (found <= np.maximum(eps_u, eps_c) + margin)
    if 0 <= w <= 1:
        assert np.all(inside)
    elif min(abs(w), abs(w - 1)) > 1e-3:
        assert not np.any(inside & (np.abs(eps_u - eps_c) > 1e-9 * np.abs(eps_u)))


@given(states(2, 3), states(2, 3), scale)
def test_guidance_with_nothing_to_say_changes_nothing(eps, score, w):
    assert np.allclose(guidance.classifier_free_guidance(eps, eps, w), eps, rtol=1e-13)
    assert np.array_equal(guidance.classifier_guided_score(score, 0 * score, w), score)
    assert np.array_equal(guidance.classifier_guided_mean(eps, 0.5, score, 0.0), eps)
    assert np.array_equal(guidance.classifier_guided_eps(eps, score, 0.5, 0.0), eps)


@given(states(2, 3), states(2, 3), scales, scale)
def test_classifier_guided_eps_moves_against_the_gradient_and_classifier_guided_mean_with_it(eps, score, sigma_t, w):
    assert np.all((guidance.classifier_guided_eps(eps, score, sigma_t, w) - eps) * score * w <= 0)
    assert np.all((guidance.classifier_guided_mean(eps, sigma_t**2, score, w) - eps) * score * w >= 0)


@given(states(2, 3), states(2, 3), states(2, 3), scale, st.floats(0, 10))
def test_negative_guidance_without_or_with_the_same_negative_is_classifier_free_guidance(eps_u, eps_c, eps_n, w, n):
    plain = guidance.classifier_free_guidance(eps_u, eps_c, w)
    assert np.array_equal(guidance.negative_guidance(eps_u, eps_c, eps_n, w, 0.0), plain)
    margin = 1e-13 * (1 + abs(w) + n) * (np.abs(eps_u) + np.abs(eps_c))
    assert within(guidance.negative_guidance(eps_u, eps_c, eps_u, w, n), plain, margin)


@given(states(3, 2, 4), states(3, 2, 4), share)
def test_rescaled_guidance_draws_the_spread_towards_the_conditional_one(guided, conditional, phi):
    spreads = [np.std(x, axis=(1, 2)) for x in (guided, guidance.rescaled_guidance(guided, conditional, phi), conditional)]
    assert np.allclose(spreads[1], (1 - phi) * spreads[0] + phi * spreads[2], rtol=1e-12)
    assert np.array_equal(guidance.rescaled_guidance(guided, conditional, 0.0), guided)


@given(states(3, 5), states(3, 5), share, scales)
def test_rescaled_guidance_is_the_same_for_either_standard_deviation_and_any_unit(guided, conditional, phi, unit):
    found = guidance.rescaled_guidance(guided, conditional, phi)
    for freedom in (0, 1):
        ratio = np.std(conditional, axis=1, keepdims=True, ddof=freedom) / np.std(guided, axis=1, keepdims=True, ddof=freedom)
        assert np.allclose(found, guided * (phi * ratio + 1 - phi), rtol=1e-12)
    assert np.allclose(guidance.rescaled_guidance(unit * guided, unit * conditional, phi), unit * found, rtol=1e-12)


@given(states(2, 3), states(2, 3), scale, st.floats(0, 3))
def test_interval_guidance_is_plain_inside_and_conditional_outside(eps_u, eps_c, w, level):
    found = guidance.interval_guidance(eps_u, eps_c, w, level, 1.0, 2.0)
    expected = guidance.classifier_free_guidance(eps_u, eps_c, w) if 1 < level <= 2 else eps_c
    assert np.array_equal(found, expected)


@given(states(2, 3), states(2, 3), scale)
def test_autoguidance_is_classifier_free_guidance_with_the_weak_estimate_for_the_unconditional(strong, weak, w):
    assert np.array_equal(guidance.autoguidance(strong, weak, w), guidance.classifier_free_guidance(weak, strong, w))
    assert np.array_equal(guidance.autoguidance(strong, weak, 1.0), strong)


@given(states(2, 3), states(2, 3), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_cfg_pp_step_at_zero_is_an_unconditional_ddim_step(x_t, eps, early, late):
    alpha_s, sigma_s, alpha_t, sigma_t = np.cos(early), np.sin(early), np.cos(late), np.sin(late)
    found = guidance.cfg_pp_step(x_t, eps, 3 * eps, 0.0, alpha_s, sigma_s, alpha_t, sigma_t)
    expected = alpha_s * (x_t - sigma_t * eps) / alpha_t + sigma_s * eps
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12 * np.abs(x_t).max())


@given(states(3), states(3), scales, scales)
def test_guided_gaussian_mean_and_variance_at_zero_and_one_are_those_of_one_law(m_u, m_c, v_u, v_c):
    for w, mean, variance in ((0.0, m_u, v_u), (1.0, m_c, v_c)):
        assert np.allclose(guidance.guided_gaussian_mean(m_u, v_u, m_c, v_c, w), mean, rtol=1e-14)
        assert np.isclose(guidance.guided_gaussian_variance(v_u, v_c, w), variance, rtol=1e-14)
        assert guidance.guided_noising_variance_gap(v_u, v_c, w, 0.5, 0.5) == 0
        assert np.array_equal(guidance.guided_noising_mean_gap(m_u, v_u, m_c, v_c, w, 0.5, 0.5), np.zeros(3))


@given(st.floats(0.01, 0.99), st.floats(1.01, 20), scales)
def test_guidance_beyond_one_narrows_a_narrower_conditional_law_further(ratio, w, v_u):
    variance = guidance.guided_gaussian_variance(v_u, ratio * v_u, w)
    assert 0 < variance < ratio * v_u
    assert guidance.guided_noising_variance_gap(v_u, ratio * v_u, w, 0.7, 0.7) < 0


@given(st.floats(1.01, 100), scales, st.floats(0.001, 0.5))
def test_guided_scale_bound_parts_the_scales_with_a_guided_law_from_those_without(ratio, v_u, away):
    bound = guidance.guided_scale_bound(v_u, ratio * v_u)
    assert bound > 1
    assert guidance.guided_gaussian_variance(v_u, ratio * v_u, bound * (1 - away)) > 0
    assert guidance.guided_gaussian_variance(v_u, ratio * v_u, bound * (1 + away)) < 0
    assert guidance.guided_scale_bound(ratio * v_u, v_u) < 0


@given(seeds)
def test_guided_noising_variance_gap_is_the_difference_of_both_routes(seed):
    names = ("variance_unconditional", "variance_conditional", "guidance_scale", "alpha_t", "sigma_t")
    known = drawn("guided_noising_variance_gap", names, seed)
    v_u, v_c, w, alpha_t, sigma_t = known.values()
    first = guidance.guided_gaussian_variance(alpha_t**2 * v_u + sigma_t**2, alpha_t**2 * v_c + sigma_t**2, w)
    second = alpha_t**2 * guidance.guided_gaussian_variance(v_u, v_c, w) + sigma_t**2
    found = guidance.guided_noising_variance_gap(**known)
    loss = (abs(1 - w) * v_c + abs(w) * v_u) / ((1 - w) * v_c + w * v_u)
    allowed = 1e-14 * loss * (first + second) + slack("guided_noising_variance_gap", known, found)
    assert within(found, first - second, allowed)
