"""Properties of denoising with a GAN."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refdiff.reference import adversarial, step

from .strategies import log_powers, pairs, slack, states, within

seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
logs = st.floats(-300, 300)
logits = st.floats(-700, 700)


def ulp(value, count):
    return count * np.spacing(np.abs(value))


def games(rng, size=5):
    return rng.dirichlet(np.ones(size)), rng.dirichlet(np.ones(size))


def mixture(rng, components, size):
    return {
        "weights": rng.dirichlet(np.full(components, 2.0)),
        "means": rng.standard_normal((components, size)) * 3,
        "variances": 10 ** rng.uniform(-2, 1, components),
    }


@given(logs, logs)
def test_optimal_discriminator_of_swapped_laws_is_the_rest_of_1(real, fake):
    found = adversarial.optimal_discriminator(real, fake)
    assert 0 <= found <= 1
    assert within(found + adversarial.optimal_discriminator(fake, real), 1.0, 1e-15)
    assert found >= 0.5 or real < fake


@given(seeds)
def test_jensen_shannon_is_symmetric_bounded_and_0_only_between_equals(rng):
    one, other = games(rng)
    found = adversarial.jensen_shannon(one, other)
    assert 0 < found <= np.log(2)
    assert within(adversarial.jensen_shannon(other, one), found, ulp(found, 10))
    assert adversarial.jensen_shannon(one, one) == 0


@given(seeds, st.floats(-9, -3).map(lambda exponent: 10**exponent))
def test_jensen_shannon_between_near_laws_is_an_eighth_of_the_chi_square(rng, size):
    one, direction = games(rng)
    other = one + size * (direction - one)
    expected = np.sum((one - other) ** 2 / (one + other)) / 4
    assert within(adversarial.jensen_shannon(one, other), expected, (1e-12 + 10 * size) * expected)


@given(seeds)
def test_gan_value_at_optimum_is_twice_jensen_shannon_less_log_4(rng):
    one, other = games(rng)
    value = adversarial.gan_value_at_optimum(one, other)
    assert -np.log(4) <= value <= 0
    assert within(value, 2 * adversarial.jensen_shannon(one, other) - np.log(4), ulp(2.0, 6))


@given(seeds)
def test_gan_value_at_optimum_is_above_the_value_of_any_other_discriminator(rng):
    one, other = games(rng)
    guess = rng.uniform(0.01, 0.99, len(one))
    assert np.sum(one * np.log(guess) + other * np.log(1 - guess)) <= adversarial.gan_value_at_optimum(one, other)


@given(logits, logits)
def test_discriminator_loss_is_positive_and_symmetric_in_its_roles(real, fake):
    found = adversarial.discriminator_loss(real, fake)
    assert found > 0
    assert adversarial.discriminator_loss(-fake, -real) == found
    assert found >= max(-real, fake)


@given(logits)
def test_generator_loss_nonsaturating_is_the_data_term_of_discriminator_loss(logit):
    found = adversarial.generator_loss_nonsaturating(logit)
    assert within(
        found + adversarial.generator_loss_nonsaturating(-logit),
        adversarial.discriminator_loss(logit, logit),
        ulp(found + 700, 2),
    )


@given(states(2, 3), states(2, 3), states(2, 3), pairs)
def test_ddgan_step_is_ddpm_step_at_the_generators_x_0(x_t, x_0, z, levels):
    assert np.array_equal(adversarial.ddgan_step(x_t, x_0, z, *levels), step.ddpm_step(x_t, x_0, z, *levels))
    assert np.array_equal(adversarial.ddgan_step(x_t, x_0, z, 0.0, levels[1]), x_0)


@given(seeds, log_powers)
def test_denoising_posterior_weights_mixture_sums_to_1_and_does_not_mind_the_order(rng, power):
    law, x_t = mixture(rng, 3, 2), rng.standard_normal((2, 2))
    found = adversarial.denoising_posterior_weights_mixture(x_t, **law, log_alpha_bar_t=power)
    assert within(found.sum(axis=1), np.ones(2), 1e-15)
    turned = {name: value[::-1] for name, value in law.items()}
    again = adversarial.denoising_posterior_weights_mixture(x_t, **turned, log_alpha_bar_t=power)
    given_ = law | {"x_t": x_t, "log_alpha_bar_t": power}
    assert within(again[:, ::-1], found, 2 * slack("denoising_posterior_weights_mixture", given_, found))


@given(seeds, pairs)
def test_denoising_posterior_variances_mixture_is_below_the_marginal_variance_at_s(rng, levels):
    law = mixture(rng, 3, 2)
    found = adversarial.denoising_posterior_variances_mixture(law["variances"], *levels)
    marginal = np.exp(levels[0]) * law["variances"] - np.expm1(levels[0])
    assert np.all((found > 0) & (found <= marginal + ulp(marginal, 8)))


@given(seeds, pairs)
def test_denoising_posterior_means_mixture_of_one_component_at_its_centre_is_its_centre(rng, levels):
    law = mixture(rng, 1, 3)
    centre = np.exp(levels[1] / 2) * law["means"]
    found = adversarial.denoising_posterior_means_mixture(centre, law["means"], law["variances"], *levels)
    given_ = {name: law[name] for name in ("means", "variances")}
    given_ |= {"x_t": centre, "log_alpha_bar_s": levels[0], "log_alpha_bar_t": levels[1]}
    allowed = 2 * slack("denoising_posterior_means_mixture", given_, found)
    assert within(found[0], np.exp(levels[0] / 2) * law["means"], allowed)


@given(seeds, st.floats(-3, -0.5), st.floats(0.2, 4))
def test_denoising_posterior_log_density_mixture_holds_mass_1(rng, early, gap):
    law = mixture(rng, 3, 1)
    levels = (early, early - gap)
    grid = np.linspace(-30, 30, 20001)[:, None]
    x_t = np.full_like(grid, rng.standard_normal() * 2)
    density = np.exp(adversarial.denoising_posterior_log_density_mixture(grid, x_t, *law.values(), *levels))
    assert within(density.sum() * (grid[1, 0] - grid[0, 0]), 1.0, 1e-6)


@given(seeds)
def test_excess_kurtosis_mixture_is_at_least_minus_2_and_ignores_place_and_scale(rng):
    law = mixture(rng, 3, 2)
    found = adversarial.excess_kurtosis_mixture(**law)
    assert np.all(found >= -2 - 1e-14)
    moved = {"weights": law["weights"], "means": 2 * law["means"] + 8, "variances": 4 * law["variances"]}
    assert within(adversarial.excess_kurtosis_mixture(**moved), found, 1e-9 * (3 + np.abs(found)))


@given(st.floats(0.5, 4))
def test_excess_kurtosis_mixture_of_the_denoising_law_grows_with_the_step(gap):
    points, weights, variances = np.array([[-1.0], [1.0]]), np.array([0.5, 0.5]), np.array([1e-3, 1e-3])
    late, x_t = -gap, np.zeros((1, 1))
    found = []
    for early in np.linspace(0.95, 0.05, 8) * late:
        means = adversarial.denoising_posterior_means_mixture(x_t, points, variances, early, late)[0]
        spreads = adversarial.denoising_posterior_variances_mixture(variances, early, late)
        found.append(adversarial.excess_kurtosis_mixture(weights, means, spreads)[0])
    assert np.all(np.diff(found) < 0)
    assert -0.2 < found[0] < 0
