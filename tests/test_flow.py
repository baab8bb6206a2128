"""Properties of flow matching."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refdiff.catalogue import formulas
from refdiff.golden.domain import sample
from refdiff.reference import conversion, denoiser, flow, mixture

from .strategies import scales, slack, states, within

times = st.floats(0, 1)
inner = st.floats(1e-6, 1 - 1e-6)
shifts = st.floats(-2, 2).map(lambda exponent: 10**exponent)
seeds = st.integers(0, 2**32 - 1)
PATHS = {
    "linear_path": {"sigma_min": 0.25},
    "cosine_path": {},
    "vp_path": {"beta_rate_min": 0.1, "beta_rate_max": 20.0},
    "ve_path": {"sigma_min": 0.01, "sigma_max": 50.0},
}
NAMES = [
    "linear_path_scales", "linear_path_rates", "cosine_path_scales", "cosine_path_rates", "vp_path_scales",
    "vp_path_rates", "ve_path_scales", "ve_path_rates",
]  # fmt: skip


def ulp(value, count):
    return count * np.spacing(np.abs(value))


def drawn(name, seed):
    return sample(name, formulas()[name].arguments, np.random.default_rng(seed))


@pytest.mark.parametrize("path", PATHS)
@given(st.floats(0.01, 0.99))
def test_rates_are_slopes_of_scales(path, time):
    above, below = [getattr(flow, f"{path}_scales")(time + step, **PATHS[path]) for step in (1e-6, -1e-6)]
    assert np.allclose(getattr(flow, f"{path}_rates")(time, **PATHS[path]), (above - below) / 2e-6, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("path", PATHS)
@given(times, times)
def test_along_a_path_signal_falls_and_noise_grows(path, one, other):
    early, late = [getattr(flow, f"{path}_scales")(time, **PATHS[path]) for time in sorted((one, other))]
    assert early[0] >= late[0] - 1e-15
    assert early[1] <= late[1] * (1 + 1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_paths_take_times_of_any_shape(name):
    levels = PATHS[name.rpartition("_")[0]]
    grid = np.linspace(0.1, 0.9, 6).reshape(2, 3)
    found = getattr(flow, name)(grid, **levels)
    assert found.shape == (2, 2, 3)
    assert np.array_equal(found[:, 1, 2], getattr(flow, name)(grid[1, 2], **levels))


@given(times)
def test_cosine_path_scales_and_vp_path_scales_preserve_the_variance(time):
    for scales_found in (flow.cosine_path_scales(time), flow.vp_path_scales(time, 0.1, 20.0)):
        assert abs(np.sum(scales_found**2) - 1) < 1e-14


@given(states(4), states(4), inner, times)
def test_linear_path_velocity_of_rectified_flow_is_noise_less_data(x_0, eps, time, sigma_min):
    rectified = flow.linear_path_velocity((1 - time) * x_0 + time * eps, x_0, time, 0.0)
    assert np.allclose(rectified, eps - x_0, rtol=1e-9, atol=1e-9 * np.abs(x_0).max() / time)
    alpha_t, sigma_t = flow.linear_path_scales(time, sigma_min)
    rates = flow.linear_path_rates(time, sigma_min)
    general = conversion.velocity_from_x_0(eps, x_0, alpha_t, sigma_t, *rates)
    # The scales are rounded: half an ulp of alpha_t moves the velocity by so much.
    moved = 2.0**-53 * np.abs(x_0).max() / sigma_t
    found = flow.linear_path_velocity(eps, x_0, time, sigma_min)
    assert np.allclose(found, general, rtol=1e-9, atol=1e-9 * np.abs(general).max() + moved)


@given(states(3, 2), states(1, 2), scales, scales, scales, scales)
def test_marginal_velocity_dirac_of_one_point_is_the_conditional_velocity(x_t, points, alpha_t, sigma_t, fall, rise):
    found = flow.marginal_velocity_dirac(x_t, points, alpha_t, sigma_t, -fall, rise)
    assert np.array_equal(found, conversion.velocity_from_x_0(x_t, points, alpha_t, sigma_t, -fall, rise))
    assert np.array_equal(flow.velocity_variance_dirac(x_t, points, alpha_t, sigma_t, -fall, rise), np.zeros(3))


@given(seeds)
def test_marginal_velocity_mixture_of_equal_components_is_marginal_velocity_gaussian(seed):
    given = drawn("marginal_velocity_mixture", seed)
    given["means"][:], given["variances"][:] = given["means"][0], given["variances"][0]
    found = flow.marginal_velocity_mixture(**given)
    one = {name: given[name] for name in ("x_t", "alpha_t", "sigma_t", "alpha_dot_t", "sigma_dot_t")}
    expected = flow.marginal_velocity_gaussian(mean=given["means"][0], variance=given["variances"][0], **one)
    assert within(found, expected, slack("marginal_velocity_mixture", given, found))


@given(seeds)
def test_marginal_velocity_gaussian_is_the_velocity_of_the_denoiser(seed):
    given = drawn("marginal_velocity_gaussian", seed)
    rates = [given[name] for name in ("alpha_t", "sigma_t", "alpha_dot_t", "sigma_dot_t")]
    x_0 = denoiser.denoiser_gaussian(given["x_t"], given["mean"], given["variance"], *rates[:2])
    expected = conversion.velocity_from_x_0(given["x_t"], x_0, *rates)
    reach = np.abs(given["x_t"]) * rates[3] / rates[1] + np.abs(x_0) * (abs(rates[2]) + rates[0] * rates[3] / rates[1])
    assert np.all(np.abs(flow.marginal_velocity_gaussian(**given) - expected) <= 1e-14 * (reach + np.abs(given["mean"]) * reach))


@given(seeds)
def test_velocity_variance_gaussian_never_exceeds_the_variance_before_x_t_is_known(seed):
    given = drawn("velocity_variance_gaussian", seed)
    before = given["alpha_dot_t"] ** 2 * given["variance"] + given["sigma_dot_t"] ** 2
    assert 0 <= flow.velocity_variance_gaussian(**given) <= before * (1 + 1e-14)


@given(states(3, 5), states(3, 5))
def test_flow_matching_loss_is_symmetric_and_zero_only_at_the_truth(velocity, guess):
    loss = flow.flow_matching_loss(velocity, guess)
    assert np.array_equal(loss, flow.flow_matching_loss(guess, velocity))
    assert np.array_equal(loss > 0, np.any(velocity != guess, axis=1))
    assert np.array_equal(flow.flow_matching_loss(velocity, velocity), np.zeros(3))


@given(states(4), states(4), scales)
def test_transformed_velocity_turns_its_sign_with_the_clock(x_t, velocity, speed):
    assert np.array_equal(flow.transformed_velocity(x_t, velocity, 1.0, 0.0, -speed), -speed * velocity)


@given(states(3, 2), states(3, 4, 2))
def test_path_straightness_is_zero_on_a_straight_path_and_counts_every_bend(displacement, bend):
    straight = np.repeat(displacement[:, None], 4, axis=1)
    assert np.array_equal(flow.path_straightness(displacement, straight), np.zeros(3))
    assert np.all(flow.path_straightness(displacement, straight + bend) > 0)


@given(seeds)
def test_flow_map_gaussian_there_and_back_is_the_identity(seed):
    given = drawn("flow_map_gaussian", seed)
    there = flow.flow_map_gaussian(**given)
    swapped = {"alpha_s": "alpha_t", "sigma_s": "sigma_t", "alpha_t": "alpha_s", "sigma_t": "sigma_s"}
    back = flow.flow_map_gaussian(**given | {one: given[other] for one, other in swapped.items()} | {"x_t": there})
    gain = np.sqrt(
        (given["alpha_t"] ** 2 * given["variance"] + given["sigma_t"] ** 2)
        / (given["alpha_s"] ** 2 * given["variance"] + given["sigma_s"] ** 2)
    )
    reach = np.abs(given["x_t"]) + np.abs(given["mean"]) * (given["alpha_t"] + given["alpha_s"] * gain)
    assert np.all(np.abs(back - given["x_t"]) <= 1e-14 * reach)


@given(states(4), states(4), scales, st.integers(1, 50))
def test_reflow_velocity_gaussian_brings_one_euler_step_where_any_number_does(eps, mean, variance, steps):
    x = eps
    for k in range(steps, 0, -1):
        x = flow.flow_euler_step(x, flow.reflow_velocity_gaussian(x, mean, variance, k / steps), 1 / steps)
    expected = flow.flow_map_gaussian(eps, mean, variance, 1.0, 0.0, 0.0, 1.0)
    assert np.allclose(x, expected, rtol=1e-9, atol=1e-9 * (np.abs(mean) + np.abs(eps) * (1 + variance)).max())


@given(states(4), states(4), states(4), scales)
def test_flow_heun_step_with_one_velocity_is_flow_euler_step(x_t, velocity, other, step):
    assert np.allclose(flow.flow_heun_step(x_t, velocity, velocity, step), flow.flow_euler_step(x_t, velocity, step), rtol=1e-12)
    both = [flow.flow_heun_step(x_t, *pair, step) for pair in ((velocity, other), (other, velocity))]
    assert np.array_equal(*both)


@pytest.mark.parametrize("name", ["logit_normal_density", "cosmap_density", "shifted_time_density"])
def test_densities_of_time_integrate_to_one(name):
    levels = {"logit_normal_density": (0.5, 1.5), "cosmap_density": (), "shifted_time_density": (3.0,)}[name]
    nodes, weights = np.polynomial.legendre.leggauss(200)
    angle = (nodes + 1) * np.pi / 4  # time = sin(angle)**2 crowds the nodes at both ends
    density = getattr(flow, name)(np.sin(angle) ** 2, *levels)
    assert abs(np.sum(weights * np.pi / 4 * density * np.sin(2 * angle)) - 1) < 1e-9


@given(st.floats(-8, 8), st.floats(-2, 2), shifts)
def test_logit_normal_time_is_symmetric_about_a_half(z, mean, scale):
    one, other = flow.logit_normal_time(z, mean, scale), flow.logit_normal_time(-z, -mean, scale)
    assert abs(one + other - 1) < 1e-15


@given(times, times, st.floats(-1, 1.75))
def test_mode_time_falls_from_one_to_zero(one, other, scale):
    assert flow.mode_time(1.0, scale) == 0
    assert flow.mode_time(0.0, scale) == pytest.approx(1, abs=1e-15)
    early, late = sorted((one, other))
    assert flow.mode_time(early, scale) >= flow.mode_time(late, scale) - 1e-15


@given(st.floats(0.01, 0.99), st.floats(-0.9, 1.7))
def test_mode_time_density_is_one_over_the_slope(uniform, scale):
    slope = (flow.mode_time(uniform + 1e-6, scale) - flow.mode_time(uniform - 1e-6, scale)) / 2e-6
    assert flow.mode_time_density(uniform, scale) == pytest.approx(-1 / slope, rel=1e-6)


@given(st.floats(0, 0.999))
def test_cosmap_time_and_its_mirror_image_add_to_one(uniform):
    assert flow.cosmap_time(uniform) + flow.cosmap_time(1 - uniform) == pytest.approx(1, abs=1e-15)


@given(times, shifts, shifts)
def test_shifted_time_composes_keeps_the_ends_and_is_undone_by_unshifted_time(time, one, other):
    twice = flow.shifted_time(flow.shifted_time(time, one), other)
    assert twice == pytest.approx(flow.shifted_time(time, one * other), rel=1e-13)
    assert flow.unshifted_time(flow.shifted_time(time, one), one) == pytest.approx(time, rel=1e-12)
    assert flow.shifted_time(time, one) == pytest.approx(flow.unshifted_time(time, 1 / one), rel=1e-13)
    assert [flow.shifted_time(end, one) for end in (0.0, 1.0)] == [0.0, 1.0]


@given(inner, st.floats(-6, 6))
def test_exponentially_shifted_time_is_shifted_time_at_the_exponential(time, mu):
    assert flow.exponentially_shifted_time(time, mu) == pytest.approx(flow.shifted_time(time, np.exp(mu)), rel=1e-13)


def test_resolution_time_shift_of_stable_diffusion_3_and_sequence_length_time_shift_of_flux():
    assert flow.resolution_time_shift(1024.0**2, 512.0**2) == 2
    assert [flow.sequence_length_time_shift(n, 256, 4096, 0.5, 1.15) for n in (256, 4096)] == [0.5, 1.15]
    assert flow.sequence_length_time_shift(2176, 256, 4096, 0.5, 1.15) == pytest.approx(0.825)


@given(states(5, 1), states(5, 1))
def test_minibatch_ot_permutation_of_numbers_pairs_them_in_order(x_0, eps):
    paired = eps[flow.minibatch_ot_permutation(x_0, eps)]
    assert np.array_equal(np.argsort(x_0[:, 0]), np.argsort(paired[:, 0]))
    expected = np.mean((np.sort(x_0[:, 0]) - np.sort(eps[:, 0])) ** 2)
    assert flow.minibatch_ot_cost(x_0, eps) == pytest.approx(expected, rel=1e-12)


def test_minibatch_ot_permutation_takes_the_first_of_equal_pairings():
    x_0, eps = np.zeros((3, 1)), np.array([[1.0], [1.0], [1.0]])
    assert flow.minibatch_ot_permutation(x_0, eps).tolist() == [0, 1, 2]


@given(seeds)
def test_velocity_variance_mixture_of_one_component_is_velocity_variance_gaussian(seed):
    given_ = drawn("velocity_variance_mixture", seed)
    one = given_ | {"weights": np.ones(1), "means": given_["means"][:1], "variances": given_["variances"][:1]}
    rates = [given_[name] for name in ("alpha_t", "sigma_t", "alpha_dot_t", "sigma_dot_t")]
    expected = flow.velocity_variance_gaussian(given_["variances"][0], *rates)
    assert np.allclose(flow.velocity_variance_mixture(**one), np.full(3, expected), rtol=1e-13)


@given(seeds)
def test_velocity_variance_mixture_is_what_the_conditional_loss_adds_to_the_marginal_one(seed):
    """Over draws of x_0 at one state: a Gauss-Hermite rule in each component, exact for squares."""
    given_ = drawn("velocity_variance_mixture", seed)
    given_ |= {"alpha_t": 0.6, "sigma_t": 0.8, "x_t": given_["means"][:1] * 0.5, "means": given_["means"] / 10}
    levels = [given_[name] for name in ("weights", "means", "variances", "alpha_t", "sigma_t")]
    shares = mixture.posterior_weights_mixture(given_["x_t"], *levels)[0]
    power = 0.36 * given_["variances"] + 0.64
    centres = (0.64 * given_["means"] + 0.6 * given_["variances"][:, None] * given_["x_t"]) / power[:, None]
    spread = np.sqrt(0.64 * given_["variances"] / power)[:, None]
    marginal = flow.marginal_velocity_mixture(**given_)[0]
    gaps = []
    for x_0 in (centres + spread, centres - spread):
        eps = (given_["x_t"] - 0.6 * x_0) / 0.8
        gaps.append(np.mean((given_["alpha_dot_t"] * x_0 + given_["sigma_dot_t"] * eps - marginal) ** 2, axis=1))
    expected = shares @ (gaps[0] + gaps[1]) / 2
    assert np.allclose(flow.velocity_variance_mixture(**given_)[0], expected, rtol=1e-9)
