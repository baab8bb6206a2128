"""Proofs of diffusion in a latent space: inverse maps, change of variables, expectations over the encoder's latent."""

import numpy as np
import pytest
import sympy as sp

from refdiff.reference import elbo, latent

from .algebra import column, expectation, log_normal, positive, real, same
from .chains import branches

SCALE, COUNT, NOISE_VARIANCE = positive("scale count s")
SHIFT, LATENT = real("shift latent")
MEANS, OTHERS = column(real("m_1 m_2")).reshape(1, 2), column(real("n_1 n_2"))
VARIANCES, WIDTHS = column(positive("v_1 v_2")).reshape(1, 2), column(positive("w_1 w_2"))
MATRIX, OFFSET = column(real("a_:6")).reshape(3, 2), column(real("b_1 b_2 b_3"))
DATA = column(real("x_1 x_2 x_3")).reshape(1, 3)
NOISES = real("u_1 u_2")
DECODER = (DATA, MEANS, VARIANCES, MATRIX, OFFSET, NOISE_VARIANCE)


def drawn():
    """A latent of the encoder; squares of the roots are the variances."""
    return [m + sp.sqrt(v) * u for m, v, u in zip(MEANS[0], VARIANCES[0], NOISES, strict=True)]


def log_density(x, means, variances):
    return sum(log_normal(*entry) for entry in zip(x, means, variances, strict=True))


def test_scaled_latent_has_the_shift_at_0_and_the_slope_of_the_scale():
    found = latent.scaled_latent(LATENT, SHIFT, SCALE)
    assert same(found.subs(LATENT, SHIFT), 0)
    assert same(sp.diff(found, LATENT), SCALE)


def test_unscaled_latent_and_scaled_latent_are_each_others_inverses():
    assert same(latent.unscaled_latent(latent.scaled_latent(LATENT, SHIFT, SCALE), SHIFT, SCALE), LATENT)
    assert same(latent.scaled_latent(latent.unscaled_latent(LATENT, SHIFT, SCALE), SHIFT, SCALE), LATENT)


def test_latent_scaling_log_determinant_is_that_of_the_scaling():
    found = latent.latent_scaling_log_determinant(SCALE, sp.Integer(3))
    jacobian = sp.Matrix(3, 3, lambda i, j: sp.diff(latent.scaled_latent(LATENT, SHIFT, SCALE), LATENT) if i == j else 0)
    assert same(found, sp.log(jacobian.det()))
    assert same(latent.latent_scaling_log_determinant(SCALE, COUNT), COUNT * sp.log(SCALE))


def test_encoder_entropy_is_the_mean_of_minus_the_log_density():
    found = latent.encoder_entropy(np.concat([VARIANCES, [WIDTHS]]))
    assert same(found[0], -expectation(log_density(drawn(), MEANS[0], VARIANCES[0]), NOISES))
    assert same(latent.encoder_entropy(VARIANCES.reshape(1, 1, 2)), found[:1])


def test_latent_cross_entropy_is_the_mean_of_minus_the_priors_log_density():
    found = latent.latent_cross_entropy(MEANS, VARIANCES, OTHERS, WIDTHS)
    assert same(found, column([-expectation(log_density(drawn(), OTHERS, WIDTHS), NOISES)]))


def decoded(z):
    means = [sum(MATRIX[i, j] * z[j] for j in range(2)) + OFFSET[i] for i in range(3)]
    return log_density(DATA[0], means, [NOISE_VARIANCE] * 3)


def test_latent_reconstruction_is_the_mean_of_the_decoders_log_density():
    assert same(latent.latent_reconstruction(*DECODER), column([expectation(decoded(drawn()), NOISES)]))


def test_latent_bound_is_the_mean_of_the_log_ratio_of_model_and_encoder():
    z = drawn()
    ratio = decoded(z) + log_density(z, [0, 0], [1, 1]) - log_density(z, MEANS[0], VARIANCES[0])
    assert same(latent.latent_bound(*DECODER), column([expectation(ratio, NOISES)]))


@pytest.mark.parametrize("T", [1, 2])
def test_latent_bound_diffusion_is_the_mean_log_ratio_with_the_diffusion_models_bound_for_its_prior(T):
    kept, width = [sp.Rational(2, 3), sp.Rational(3, 4)][:T], positive("w")
    model = (column(real("c_1 c_2")[:T]), column(real("d_1 d_2")[:T]), width, column([1 - k**2 for k in kept]))
    z = drawn()
    bound = next(branches(elbo.variational_bound_linear(column([z]), *model)))[0]
    ratio = decoded(z) - log_density(z, MEANS[0], VARIANCES[0]) - bound
    found = next(branches(latent.latent_bound_diffusion(*DECODER, *model)))
    symbols = [*MEANS.flat, *DATA.flat, *MATRIX.flat, *OFFSET, *model[0], *model[1]]
    point = dict(zip(symbols, (sp.Rational(k + 3, 2 * k + 1) for k in range(len(symbols))), strict=True))
    assert same(found[0].subs(point), sp.expand(expectation(ratio.subs(point), NOISES)))
