"""Seed 002, sections 2 and 2.1: Gaussians, Kullback-Leibler divergence and variational autoencoders.

The model behind most proofs is linear and Gaussian, so that every law in it is known by two roads:
z is a unit Gaussian, x given z is N(a z, s^2), and the encoder q(z|x) is N(m, r^2) for any m and r.
"""

import numpy as np
import sympy as sp

from refdiff.reference import gaussian

from ..algebra import column, completed_square, expectation, log_normal, positive, real, symmetric
from .evidence import Counterexample, Proof

X, M, U, Z = real("x m u z")
A, S, R = positive("a s r")
SHARE, P_0, P_1 = positive("share p_0 p_1")
DRAWN = M + R * U


def _log_joint(z):
    return log_normal(z, 0, 1) + log_normal(X, A * z, S**2)


def _log_posterior(z):
    return log_normal(z, *completed_square(_log_joint(Z), Z)).subs(Z, z)


def _log_encoder(z):
    return log_normal(z, M, R**2)


LOG_MARGINAL = log_normal(X, 0, A**2 + S**2)
POSTERIOR = completed_square(_log_joint(Z), Z)


def _drawn(log_density):
    """Mean over z from the encoder."""
    return expectation(log_density(DRAWN), [U])


def _elbo():
    return _drawn(lambda z: _log_joint(z) - _log_encoder(z))


def _kl(mean_1, variance_1, mean_2, variance_2):
    """KL between Gaussians of one dimension, by the library."""
    return gaussian.gaussian_kl_isotropic(column([[mean_1]]), variance_1, column([[mean_2]]), variance_2)[0]


def _kl_by_moments(mean_1, deviation_1, mean_2, deviation_2):
    """Mean log ratio of the densities, over draws of the first."""
    draw = mean_1 + deviation_1 * U
    return expectation(log_normal(draw, mean_1, deviation_1**2) - log_normal(draw, mean_2, deviation_2**2), [U])


def eq_001():
    """002/1: the density of a Gaussian.

    Printed:
        f(x) = 1/(sqrt(2 pi) sigma^2) exp(-(x - mu)^2/(2 sigma^2))
    Verdict: false as printed
    Scope: one dimension, any mu and sigma
    Reading: literally the normaliser holds sigma^2, so that the total mass is 1/sigma; charitably the root covers sigma^2 as
        well, as in equations (78) and (181).
    Right:
        f(x) = 1/sqrt(2 pi sigma^2) exp(-(x - mu)^2/(2 sigma^2))
    Numbers: at mu = 0, sigma = 2, total mass: printed 0.5, right 1
    Formulas: gaussian_density
    """
    x, mu = real("x mu")
    sigma = positive("sigma")
    bell = sp.exp(-((x - mu) ** 2) / (2 * sigma**2))

    def mass(normaliser):
        return sp.integrate((normaliser * bell).subs(mu, 0), (x, -sp.oo, sp.oo))

    printed, right = 1 / (sp.sqrt(2 * sp.pi) * sigma**2), 1 / (sp.sqrt(2 * sp.pi) * sigma)
    by_change_of_variables = sp.exp(log_normal(x, mu, sigma**2)) / bell
    return (
        Counterexample("mu = 0, sigma = 2, total mass", mass(printed).subs(sigma, 2), mass(right).subs(sigma, 2)),
        Proof(by_change_of_variables, right, (printed, right / 2)),
    )


def after_001_a():
    """002/after 1 a: several Gaussians make one.

    Printed:
        multiple Gaussian distributions can be combined into one through
        operations like concatenation
    Verdict: true under a named convention
    Scope: two independent Gaussians, one dimension each
    Reading: for independent Gaussians, which the sentence leaves out. Literally their concatenation is one Gaussian, of all
        their dimensions. From equation (34) to (44) the text uses the sum, which is one Gaussian as well.
    Right:
        independent Gaussian variables side by side are one Gaussian, and so is
        their sum: means and variances (not standard deviations) add
    Formulas: gaussian_affine_covariance gaussian_affine_mean
    """
    k, m_1, m_2 = real("k m_1 m_2")
    s_1, s_2 = positive("s_1 s_2")

    def log_characteristic(mean, deviation):
        """Log of E[exp(k x)], by completing the square in the exponent."""
        centre, variance = completed_square(k * Z + log_normal(Z, mean, deviation**2), Z)
        return (k * Z + log_normal(Z, mean, deviation**2) - log_normal(Z, centre, variance)).subs(Z, 0)

    both = log_characteristic(m_1, s_1) + log_characteristic(m_2, s_2)
    of_sum = log_characteristic(m_1 + m_2, sp.sqrt(s_1**2 + s_2**2))
    point, means = column([X, Z]), column([m_1, m_2])
    apart = log_normal(X, m_1, s_1**2) + log_normal(Z, m_2, s_2**2)
    dependent = np.array([[s_1**2, s_1 * s_2 / 2], [s_1 * s_2 / 2, s_2**2]], dtype=object)
    return (
        Proof(both, of_sum, (log_characteristic(m_1 + m_2, s_1 + s_2), of_sum - k * (m_1 + m_2) / 2)),
        Proof(
            apart,
            gaussian.gaussian_log_density(point, means, np.diag([s_1**2, s_2**2])),
            (gaussian.gaussian_log_density(point, means, dependent),),
        ),
    )


def eq_002():
    """002/2: KL divergence between Gaussians of any dimension.

    Printed:
        D_KL[N(x|mu_x, sigma_x) || N(y; mu_y, sigma_y)]
        = 1/2 [log(Sigma_y/Sigma_x) - dim + tr(Sigma_y^-1 Sigma_x)
               + (mu_y - mu_x)^T Sigma_y^-1 (mu_y - mu_x)]
    Verdict: notation slip
    Scope: two dimensions, any means and covariances
    Reading: literally a log of a quotient of matrices, which has no value: the determinants are meant, and Sigma is the
        covariance that sigma stands for on the left. The two names of the variable, x and y, mean one variable, here and in
        (3). Everything else, with the order of the arguments, is right.
    Right:
        D_KL[N(mu_x, Sigma_x) || N(mu_y, Sigma_y)]
        = 1/2 [log(det Sigma_y/det Sigma_x) - dim + tr(Sigma_y^-1 Sigma_x)
               + (mu_y - mu_x)^T Sigma_y^-1 (mu_y - mu_x)]
    Formulas: gaussian_kl
    """
    first, factor = symmetric("p q r")
    second, second_factor = symmetric("f g h")
    mu_x, mu_y = column(real("mu_1 mu_2")), column(real("nu_1 nu_2"))
    noises = real("u_1 u_2")
    draw = mu_x + factor @ column(noises)
    log_first = sum(log_normal(u, 0, 1) for u in noises) - sp.log(factor[0, 0] * factor[1, 1])
    # The second density by the noises that it needs for this draw: its triangular factor is solved from the top.
    above = (draw[0] - mu_y[0]) / second_factor[0, 0]
    below = (draw[1] - mu_y[1] - second_factor[1, 0] * above) / second_factor[1, 1]
    log_second = log_normal(above, 0, 1) + log_normal(below, 0, 1) - sp.log(second_factor[0, 0] * second_factor[1, 1])
    inverse = column(sp.Matrix(second).inv().tolist())
    gap = mu_y - mu_x
    log_ratio = sp.log(sp.Matrix(second).det() / sp.Matrix(first).det())

    def printed_form(trace):
        return (log_ratio - 2 + trace + gap @ inverse @ gap) / 2

    right = printed_form(np.trace(inverse @ first))
    by_diagonals = printed_form(sum(first[i, i] / second[i, i] for i in range(2)))
    upside_down = printed_form(np.trace(column(sp.Matrix(first).inv().tolist()) @ second))
    return (
        Proof(expectation(log_first - log_second, noises), right, (by_diagonals, upside_down, right - log_ratio, right + 1)),
        Proof(gaussian.gaussian_kl(mu_x, first, mu_y, second), right, (2 * right,)),
    )


def eq_003():
    """002/3: KL divergence between Gaussians of one known variance.

    Printed:
        D_KL[N(x|mu_x, sigma_x) || N(y; mu_y, sigma_y)]
        = 1/(2 sigma^2) ||mu_x - mu_y||^2
    Verdict: proved
    Scope: one dimension, any mu and sigma
    Reading: sigma is the standard deviation of equation (1), common to both; the two names of the variable mean one variable,
        as in (2).
    Formulas: gaussian_kl_isotropic
    """
    mu_x, mu_y, sigma = *real("mu_x mu_y"), positive("sigma")
    printed = (mu_x - mu_y) ** 2 / (2 * sigma**2)
    return (
        Proof(_kl_by_moments(mu_x, sigma, mu_y, sigma), printed, (2 * printed, printed * sigma, printed / sigma**2)),
        Proof(_kl(mu_x, sigma**2, mu_y, sigma**2), printed, (2 * printed,)),
    )


def after_003_a():
    """002/after 3 a: the sign of a KL divergence.

    Printed:
        KL divergence is always greater than 0
    Verdict: false as printed
    Scope: Gaussians in one dimension
    Reading: literally strict, and decided by the text's own next sentences, which discuss divergence 0; it is never below 0.
        The right form is shown here for Gaussians, of which equations (2) and (3) speak; 002/24 shows it for two values.
    Right:
        KL divergence is at least 0, and 0 only between equal distributions
    Numbers: at mu_x = mu_y, is it above 0: printed yes, right no
    Formulas: gaussian_kl gaussian_kl_isotropic
    """
    ratio = positive("ratio")
    mu_x, mu_y = real("mu_x mu_y")
    sigma_x, sigma_y = positive("sigma_x sigma_y")
    rest = ratio - 1 - sp.log(ratio)
    by_parts = rest.subs(ratio, sigma_x**2 / sigma_y**2) / 2 + (mu_x - mu_y) ** 2 / (2 * sigma_y**2)
    return (
        Counterexample("mu_x = mu_y, is it above 0", True, bool(_kl(mu_x, sigma_x**2, mu_x, sigma_x**2) > 0)),
        # A square, and a convex function of the variances' ratio whose least value is 0, at ratio 1.
        Proof(_kl_by_moments(mu_x, sigma_x, mu_y, sigma_y), by_parts, (2 * by_parts,)),
        Proof((rest.subs(ratio, 1), sp.diff(rest, ratio).subs(ratio, 1)), (0, 0), ((1, 0), (0, 1))),
        Proof(sp.diff(rest, ratio, 2), 1 / ratio**2, (-1 / ratio**2,)),
    )


def after_003_b():
    """002/after 3 b: KL divergence 0 means one distribution.

    Printed:
        If the KL divergence is 0, it means the two distributions are
        essentially the same
    Verdict: proved
    Scope: Gaussians in one dimension
    Reading: for Gaussians, of which equation (3) speaks: the square and the convex part must both be 0, hence equal means
        and equal variances.
    Formulas: gaussian_kl gaussian_kl_isotropic
    """
    mu_x, mu_y = real("mu_x mu_y")
    ratio = positive("ratio")
    slope = sp.diff(ratio - 1 - sp.log(ratio), ratio)
    gap = sp.solve(_kl(mu_x, 1, mu_y, 1), mu_x)
    return (
        Proof(tuple(sp.solve(slope, ratio)), (1,), ((0,), (2,))),
        Proof(tuple(gap), (mu_y,), ((-mu_y,), (0,))),
    )


def after_003_c():
    """002/after 3 c: minimising KL divergence is minimising cross-entropy.

    Printed:
        minimizing KL divergence is essentially the same as minimizing
        cross-entropy
    Verdict: true under a named convention
    Scope: Gaussians in one dimension
    Reading: true when the second argument is the one that varies; when the first varies, as the encoder q does in
        equation (15), the entropy of q changes too and the two minima differ.
    Right:
        argmin over q of KL(p || q) = argmin over q of -E_p[log q], p fixed
    Numbers: at p = N(0, v), q = N(0, 1), best v by cross-entropy, printed as that by KL: printed 0, right 1
    Formulas: gaussian_cross_entropy gaussian_kl
    """
    mu_x, mu_y = real("mu_x mu_y")
    sigma_x, sigma_y, v = positive("sigma_x sigma_y v")

    def cross_entropy(deviation_1, deviation_2):
        return -expectation(log_normal(mu_x + deviation_1 * U, mu_y, deviation_2**2), [U])

    kl = _kl_by_moments(mu_x, sigma_x, mu_y, sigma_y)
    slopes = [tuple(sp.diff(one, name) for name in (mu_y, sigma_y)) for one in (kl, cross_entropy(sigma_x, sigma_y))]
    varied = cross_entropy(sp.sqrt(v), 1).subs({mu_x: 0, mu_y: 0})
    # The cross-entropy rises with v everywhere, so its best v is 0; the KL's slope vanishes at 1.
    lowest = sp.solve(sp.diff(_kl(0, v, 0, 1), v), v)[0]
    return (
        Proof(slopes[0], slopes[1], (tuple(2 * slope for slope in slopes[1]),)),
        Proof(sp.diff(varied, v), sp.Rational(1, 2), (-sp.Rational(1, 2),)),
        Counterexample("p = N(0, v), q = N(0, 1), best v by cross-entropy, printed as that by KL", 0, lowest),
    )


def after_003_d():
    """002/after 3 d: encoder and decoder as conditional laws.

    Printed:
        an encoder q_phi(x|z) to map x to the latent variable z, and then
        use a decoder p_theta(z|x) to reconstruct the image
    Verdict: notation slip
    Scope: a Gaussian encoder in one dimension
    Reading: the words are right and only the names of the laws are wrong: each bar is the wrong way round. What maps x to z is
        a law of z, of mass 1 over z. Equation (5) and all that follow write the encoder q(z|x), and equation (13) the decoder
        p(x|z).
    Right:
        an encoder q_phi(z|x), and a decoder p_theta(x|z)
    Numbers: at a law of x given z that is N(2 z, 1), mass over z: printed 0.5, right 1
    """
    backwards = sp.integrate(sp.exp(log_normal(0, 2 * Z, 1)), (Z, -sp.oo, sp.oo))
    encoder = sp.exp(_log_encoder(Z).subs({M: 0, R: 1}))
    mass = sp.integrate(encoder, (Z, -sp.oo, sp.oo))
    return (
        Counterexample("a law of x given z that is N(2 z, 1), mass over z", backwards, mass),
        Proof(mass, 1, (backwards,)),
    )


def eq_004():
    """002/4: the log likelihood, times one.

    Printed:
        log p_theta(x) = log p_theta(x) . 1
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: at any z, log p(x) is log p(x, z) - log p(z|x), which the later lines use: here with p(x) from the moments of x and
        p(z|x) from completing the square.
    """
    return Proof(LOG_MARGINAL, (_log_joint(Z) - _log_posterior(Z)) * 1, (_log_joint(Z), _log_posterior(Z)))


def eq_005():
    """002/5: the mass of the encoder stands for one.

    Printed:
        [log p_theta(x)] = log p_theta(x) . integral of q_phi(z|x) dz
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    """
    mass = sp.integrate(sp.exp(_log_encoder(Z).subs(M, 0)), (Z, -sp.oo, sp.oo))
    return Proof(LOG_MARGINAL * mass, _log_joint(Z) - _log_posterior(Z), (LOG_MARGINAL * (mass + 1),))


def eq_006():
    """002/6: the log likelihood moves under the integral.

    Printed:
        [log p_theta(x)] = integral of log p_theta(x) q_phi(z|x) dz
    Verdict: proved
    Scope: z of two values
    Reading: the log covers p(x) alone, as the lines before and after have it. The two values have shares q and 1 - q; the log
        of the product p(x) q(z|x) is one of the near misses.
    """
    inside = SHARE * sp.log(P_0) + (1 - SHARE) * sp.log(P_0)
    over_both = sp.log(P_0 * SHARE) + sp.log(P_0 * (1 - SHARE))
    return Proof(sp.log(P_0) * (SHARE + (1 - SHARE)), inside, (over_both, inside + sp.log(SHARE)))


def eq_007():
    """002/7: the integral as an expectation.

    Printed:
        [log p_theta(x)] = E_q_phi(z|x)[log p_theta(x)]
    Verdict: proved
    Scope: z of two values
    Reading: the two values have joint densities p_0 and p_1 with x, so that p(x) = p_0 + p_1.
    """
    evidence = sp.log(P_0 + P_1)
    mean = SHARE * evidence + (1 - SHARE) * evidence
    return Proof(mean, sp.log(P_0 + P_1), (SHARE * sp.log(P_0) + (1 - SHARE) * sp.log(P_1), SHARE * evidence))


def eq_008():
    """002/8: the likelihood as a ratio of joint and posterior.

    Printed:
        [log p_theta(x)] = E_q_phi(z|x)[(log p_theta(x, z))/p_theta(z|x)]
    Verdict: false as printed
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: literally the log covers the numerator alone, which is another number; the next line has it over the whole
        fraction.
    Right:
        E_{q_phi(z|x)}[log(p_theta(x, z)/p_theta(z|x))]
    Numbers: at p(x, z) = 1/4 for both values of z: printed -2.77259, right -0.693147
    """
    half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)
    printed = 2 * half * sp.log(quarter) / half
    right = _drawn(lambda z: _log_joint(z) - _log_posterior(z))
    return (
        Counterexample("p(x, z) = 1/4 for both values of z", printed, sp.log(quarter / half)),
        Proof(right, LOG_MARGINAL, (_drawn(_log_joint), _drawn(_log_posterior))),
    )


def eq_009():
    """002/9: the encoder above and below the fraction.

    Printed:
        [log p_theta(x)] =
            E_q_phi(z|x)[log(p_theta(x, z) q_phi(z|x)
                             / (p_theta(z|x) q_phi(z|x)))]
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    """
    mean = _drawn(lambda z: _log_joint(z) + _log_encoder(z) - _log_posterior(z) - _log_encoder(z))
    missing = _drawn(lambda z: _log_joint(z) + _log_encoder(z) - _log_posterior(z))
    return Proof(mean, LOG_MARGINAL, (missing, _elbo()))


def eq_010():
    """002/10: the log likelihood is the ELBO and a KL divergence.

    Printed:
        [log p_theta(x)] =
            E_q_phi(z|x)[log(p_theta(x, z)/q_phi(z|x))]
            + E_q_phi(z|x)[log(q_phi(z|x)/p_theta(z|x))]
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Formulas: linear_vae_elbo linear_vae_gap linear_vae_log_evidence
    """
    gap = _drawn(lambda z: _log_encoder(z) - _log_posterior(z))
    return Proof(_elbo() + gap, LOG_MARGINAL, (_elbo() - gap, _elbo()))


def after_010_a():
    """002/after 10 a: the second term is a KL divergence, and its sign.

    Printed:
        The second term of eq. (10) is the KL divergence between q_phi(z|x)
        and p_theta(z|x), which is always positive eq. (3)
    Verdict: false as printed
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: it is that KL divergence, in that order; but it is 0 when the encoder is the posterior, and equation (3) speaks
        only of equal variances. Equation (11) rightly writes >= and needs no more than that it is never negative.
    Right:
        it is KL(q(z|x) || p(z|x)), which is never negative
    Numbers: at q(z|x) = p(z|x), is it above 0: printed yes, right no
    Formulas: linear_vae_gap
    """
    gap = _drawn(lambda z: _log_encoder(z) - _log_posterior(z))
    mean, variance = POSTERIOR
    at_best = _kl(mean, variance, mean, variance)
    return (
        Counterexample("q(z|x) = p(z|x), is it above 0", True, bool(sp.cancel(at_best) > 0)),
        Proof(gap, _kl(M, R**2, *POSTERIOR), (_kl(*POSTERIOR, M, R**2), _kl(M, R**2, 0, 1))),
    )


def eq_011():
    """002/11: the evidence lower bound.

    Printed:
        log p_theta(x) >= E_q_phi(z|x)[log(p_theta(x, z)/q_phi(z|x))]
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: the difference is the KL divergence from the encoder to the posterior, which is at least 0 (002/after 3 a).
    Formulas: linear_vae_elbo linear_vae_log_evidence
    """
    reverse = _kl(*POSTERIOR, M, R**2)
    return Proof(LOG_MARGINAL - _elbo(), _kl(M, R**2, *POSTERIOR), (reverse, _kl(M, R**2, 0, 1)))


def after_011_a():
    """002/after 11 a: the goal of variational inference.

    Printed:
        Equation (11) demonstrates the ultimate goal of variational
        inference: to maximize the ELBO
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: with the model fixed and the encoder free: by (11) no ELBO is above log p(x), and at the posterior it is log p(x).
        For models compared at one encoder see 002/after 64 b.
    Formulas: linear_vae_elbo
    """
    mean, variance = POSTERIOR
    at = {M: mean, R: sp.sqrt(variance)}
    slopes = tuple(sp.diff(_elbo(), name).subs(at) for name in (M, R))
    return (
        Proof(slopes, (0, 0), ((1, 0), (0, 1))),
        Proof(_elbo().subs(at), LOG_MARGINAL, (LOG_MARGINAL / 2,)),
    )


def eq_012():
    """002/12: the ELBO.

    Printed:
        L_theta,phi(x) = E_q_phi(z|x)[log(p_theta(x, z)/q_phi(z|x))]
    Verdict: definition
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: consistent: at the encoder that is the posterior it gives log p(x).
    Formulas: linear_vae_elbo
    """
    mean, variance = POSTERIOR
    at = {M: mean, R: sp.sqrt(variance)}
    upside_down = _drawn(lambda z: _log_encoder(z) - _log_joint(z)).subs(at)
    return Proof(_elbo().subs(at), LOG_MARGINAL, (upside_down, _drawn(_log_joint).subs(at)))


def eq_013():
    """002/13: the ELBO with the joint taken apart.

    Printed:
        L_theta,phi(x) = E_q_phi(z|x)[log(p_theta(x|z) p(z)/q_phi(z|x))]
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: the joint is built here the other way, as p(z|x) p(x).
    """
    other_way = _drawn(lambda z: _log_posterior(z) + LOG_MARGINAL - _log_encoder(z))
    printed = _drawn(lambda z: log_normal(X, A * z, S**2) + log_normal(z, 0, 1) - _log_encoder(z))
    without_prior = _drawn(lambda z: log_normal(X, A * z, S**2) - _log_encoder(z))
    return Proof(other_way, printed, (without_prior, -printed))


def eq_014():
    """002/14: the ELBO in two expectations.

    Printed:
        [L_theta,phi(x)] = E_q_phi(z|x)[log p_theta(x|z)]
                         + E_q_phi(z|x)[log(p(z)/q_phi(z|x))]
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    """
    fit = _drawn(lambda z: log_normal(X, A * z, S**2))
    prior = _drawn(lambda z: log_normal(z, 0, 1) - _log_encoder(z))
    other_way = _drawn(lambda z: _log_posterior(z) + LOG_MARGINAL - _log_encoder(z))
    return Proof(other_way, fit + prior, (fit - prior, fit))


def eq_015():
    """002/15: reconstruction and prior matching.

    Printed:
        [L_theta,phi(x)] = E_q_phi(z|x)[log p_theta(x|z)]
                         - D_KL(q_phi(z|x) || p(z))
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Formulas: beta_vae_loss gaussian_kl_isotropic gaussian_reconstruction_nll linear_vae_elbo vae_kl
    """
    fit = _drawn(lambda z: log_normal(X, A * z, S**2))
    kl = _kl(M, R**2, 0, 1)
    return Proof(_elbo(), fit - kl, (fit + kl, fit - _kl(0, 1, M, R**2)))


def after_015_a():
    """002/after 15 a: without the prior matching term.

    Printed:
        Without this term, the model would degenerate into an AutoEncoder
    Verdict: proved
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: the reconstruction term alone falls with the encoder's variance at rate a^2/(2 s^2) whatever the mean, so its best
        encoder has variance 0: a deterministic code. The whole ELBO instead has its best variance at the posterior's.
    Formulas: beta_vae_loss vae_kl
    """
    v = positive("v")
    fit = _drawn(lambda z: log_normal(X, A * z, S**2)).subs(R, sp.sqrt(v))
    best = sp.solve(sp.diff(_elbo().subs(R, sp.sqrt(v)), v), v)[0]
    return (
        Proof(sp.diff(fit, v), -(A**2) / (2 * S**2), (0, A**2 / (2 * S**2))),
        Proof(best, POSTERIOR[1], (0, S**2)),
    )


def after_015_b():
    """002/after 15 b: maximising the ELBO closes the gap to the posterior.

    Printed:
        It minimizes the gap between the prior distribution q_phi(z|x) and the
        posterior distribution p_theta(z|x)
    Verdict: true under a named convention
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: q(z|x) is the encoder, not the prior (the text's own name for p(z)); and it holds over phi with theta fixed, for
        then log p(x) does not move. Over theta as well, the gap may grow while the ELBO does: here the decoder is N(a z, s^2).
    Right:
        over phi, at fixed theta, maximizing the ELBO minimizes
        KL(q(z|x) || p(z|x))
    Numbers: at x = 4, s = 1, q = N(1/4, 1), a from 0 to 1: the ELBO rises, does the gap fall: printed yes, right no
    Formulas: linear_vae_elbo linear_vae_gap
    """
    names = (M, R)
    gap = _kl(M, R**2, *POSTERIOR)
    slopes = tuple(-sp.diff(gap, name) for name in names)
    backwards = tuple(-sp.diff(_kl(*POSTERIOR, M, R**2), name) for name in names)
    at = {X: 4, S: 1, M: sp.Rational(1, 4), R: 1}
    elbo_rises = sp.N(_elbo().subs(at | {A: 1}) - sp.limit(_elbo().subs(at), A, 0)) > 0
    gap_falls = sp.N(gap.subs(at | {A: 1}) - sp.limit(gap.subs(at), A, 0)) < 0
    return (
        Proof(tuple(sp.diff(_elbo(), name) for name in names), slopes, (backwards,)),
        Counterexample(
            "x = 4, s = 1, q = N(1/4, 1), a from 0 to 1: the ELBO rises, does the gap fall",
            bool(elbo_rises),
            bool(gap_falls),
        ),
    )


def after_015_c():
    """002/after 15 c: minimise or maximise.

    Printed:
        we didn't talk about how to minimize the ELBO
    Verdict: notation slip
    Scope: a linear Gaussian VAE in one dimension, any encoder N(m, r^2)
    Reading: the fact is right, nothing was said of it, and only the word is wrong: the ELBO has no least value, as an encoder
        far from the posterior makes it as low as one likes. The text says maximise everywhere else.
    Right:
        how to maximize the ELBO
    Numbers: at p(z) = N(0, 1), p(x|z) = N(z, 1), x = 0, the value aimed at: printed -inf, right -1.26551
    """
    unit = {A: 1, S: 1, X: 0}
    lowest = sp.limit(_elbo().subs(unit | {R: 1}), M, sp.oo)
    mean, variance = POSTERIOR
    highest = _elbo().subs({M: mean, R: sp.sqrt(variance)})
    return (
        Counterexample("p(z) = N(0, 1), p(x|z) = N(z, 1), x = 0, the value aimed at", lowest, highest.subs(unit)),
        Proof(highest, LOG_MARGINAL, (0,)),
    )
