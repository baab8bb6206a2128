"""Seed 002, section 5.2.1: the denoiser's objective and its preconditioning, Eqs. (199) to (220)."""

import math

import sympy as sp

from refdiff.reference import denoiser, forward

from ..algebra import completed_square, expectation, log_normal, positive, real
from .evidence import Counterexample, Order, Proof

X, Y, N, F, U, V, MEAN = real("x y n F u v mean")
SIGMA, DATA = positive("sigma sigma_data")
SKIP, C_IN, C_OUT, WEIGHT = positive("c_skip c_in c_out lambda")
TOTAL = SIGMA**2 + DATA**2
# The image and the noise by unit Gaussians: what is used are their first two moments.
IMAGE, ADDED = MEAN + DATA * V, SIGMA * U
# Eqs. (209), (211) and (212).
IDEAL = {SKIP: DATA**2 / TOTAL, C_OUT: SIGMA * DATA / sp.sqrt(TOTAL)}
SLOPES = real("f_0 f_1 f_2")


def _mean(expression):
    return expectation(sp.expand(expression), [U, V])


def _variance(expression):
    return sp.expand(_mean((expression - _mean(expression)) ** 2))


def _network(entry):
    """A network of one entry: any parabola."""
    return sum(slope * entry**k for k, slope in enumerate(SLOPES))


def _denoised(x):
    """Eq. (203)."""
    return SKIP * x + C_OUT * _network(C_IN * x)


def _left_over():
    """Variance of Gaussian data given x, by Bayes' rule: the least mean square of y - D."""
    y = sp.Dummy("y", real=True)
    return completed_square(log_normal(y, MEAN, DATA**2) + log_normal(X, y, SIGMA**2), y)[1]


def _target(image, noise):
    """What the network is asked for, Eq. (206), at the ideal factors."""
    return ((image - SKIP * (image + noise)) / C_OUT).subs(IDEAL)


def _levels():
    """Two noise levels: probabilities, weights lambda, sigma, and an affine denoiser for each."""
    chance, first, second = positive("chance lambda_1 lambda_2")
    sigmas, offsets, gains = positive("sigma_1 sigma_2"), real("a_1 a_2"), real("b_1 b_2")
    return list(zip((chance, 1 - chance), (first, second), sigmas, offsets, gains, strict=True))


def _by_parts(power):
    """The whole loss of the two levels from squared bias and variances, lambda to a power."""
    return sum(
        chance * weight**power * ((offset + (gain - 1) * MEAN) ** 2 + (gain - 1) ** 2 * DATA**2 + gain**2 * sigma**2)
        for chance, weight, sigma, offset, gain in _levels()
    )


def after_198_b():
    """002/after 198 b: scale of DDPM's noise.

    Printed:
        "in DDPM, during the noise addition process, the scale of the
        noise is the same"
    Verdict: true under a named convention
    Scope: one dimension, any alpha_bar_t
    Reading: the noise is eps of Eq. (44), N(0, I) at every t, which the network predicts. What of it reaches the image, sqrt(1
        - alpha_bar_t) eps, does not keep its scale: it rises from near 0 to near 1 (the numbers). Of the noisy image the scale
        stays the same if the data have unit variance.
    Right:
        x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, with eps ~ N(0, I)
        at every t
    Numbers: at beta_1 = beta_2 = 1/2, variance of the noise in x_2, printed as that in x_1: printed 0.5, right 0.75
    Formulas: marginal_sample marginal_variance
    """
    log_bar = sp.log(positive("alpha_bar"))

    def power(scale):
        return _variance(forward.marginal_sample(MEAN + scale * V, U, log_bar))

    quarter = sp.log(sp.Rational(1, 4))
    shown = Counterexample(
        "beta_1 = beta_2 = 1/2, variance of the noise in x_2, printed as that in x_1",
        forward.marginal_variance(sp.log(sp.Rational(1, 2))),
        forward.marginal_variance(quarter),
    )
    added = forward.marginal_sample(X, U, log_bar) - forward.marginal_mean(X, log_bar)
    eps = added / sp.sqrt(forward.marginal_variance(log_bar))
    return (
        shown,
        Proof(_variance(eps), sp.Integer(1), (_variance(added),)),
        Proof(power(1), sp.Integer(1), (power(2), forward.marginal_variance(log_bar))),
    )


def eq_199():
    """002/199: the loss over all noise levels.

    Printed:
        L(D_theta) = E_(sigma ~ p_unin) [lambda(sigma) L(D_theta; sigma)]
    Verdict: definition
    Scope: two noise levels, an affine denoiser for each
    Reading: p_unin, here to (201), and p_dan in (201) are most likely what the extraction made of p_train, which Karras et al.
        2022 write, and p_data; they are read so. Any law of sigma will do. With one noise level of weight 1 it is Eq. (187).
    """
    chance, first, second = positive("chance lambda_1 lambda_2")
    one_level = {chance: 1, first: 1}
    _, _, sigma, offset, gain = _levels()[0]
    noisy = IMAGE + sigma * U
    right = _mean((offset + gain * noisy - IMAGE) ** 2)
    return Proof(_by_parts(1).subs(one_level), right, (_by_parts(1).subs({chance: 0, second: 1}), second * right))


def eq_200():
    """002/200: the loss of one noise level put in.

    Printed:
        [L(D_theta)] = E_(sigma ~ p_unin) [lambda(sigma)
            E_(y ~ p_data) E_(n ~ N(0, sigma^2 I)) |D_theta(y + n; sigma) - y|_2^2]
    Verdict: proved
    Scope: two noise levels, an affine denoiser for each
    Reading: p_unin as in (199).
    """
    found = sum(
        chance * weight * _mean((offset + gain * (IMAGE + sigma * U) - IMAGE) ** 2)
        for chance, weight, sigma, offset, gain in _levels()
    )
    return Proof(_by_parts(1), found, (_by_parts(0), _by_parts(2)))


def eq_201():
    """002/201: the weight taken inside the expectations.

    Printed:
        [L(D_theta)] = E_(sigma ~ p_unin) E_(y ~ p_dan) E_(n ~ N(0, sigma^2 I))
            [lambda(sigma) |D_theta(y + n; sigma) - y|_2^2]
    Verdict: proved
    Scope: two noise levels, an affine denoiser for each
    Reading: p_unin and p_dan as in (199). The step is right because lambda depends on sigma only.
    """

    def inside(factor):
        return sum(
            chance * _mean(factor(weight) * (offset + gain * (IMAGE + sigma * U) - IMAGE) ** 2)
            for chance, weight, sigma, offset, gain in _levels()
        )

    return Proof(
        _by_parts(1), inside(lambda weight: weight), (inside(lambda weight: weight**2), inside(lambda weight: weight * V**2))
    )


def eq_202():
    """002/202: one expectation over all.

    Printed:
        [L(D_theta)] = E_(sigma, y, n)
            [lambda(sigma) |D_theta(y + n; sigma) - y|_2^2]
    Verdict: proved
    Scope: two noise levels, an affine denoiser for each
    Reading: n is drawn given sigma; y is independent of both.
    """

    def jointly(noise_level):
        """The expectation written once, as that of a product with the indicator of the level."""
        levels = _levels()
        indicator = sp.symbols("i_1 i_2")
        draws = zip(indicator, levels, strict=True)
        inner = sum(i * level[1] * (level[3] + level[4] * (IMAGE + noise_level(level) * U) - IMAGE) ** 2 for i, level in draws)
        return _mean(inner).subs(dict(zip(indicator, (level[0] for level in levels), strict=True)))

    shared = _levels()[0][2]
    return Proof(_by_parts(1), jointly(lambda level: level[2]), (jointly(lambda _: shared), jointly(lambda level: level[2] ** 2)))


def eq_203():
    """002/203: the denoiser from a network.

    Printed:
        D_theta(x; sigma) = c_skip(sigma) x
            + c_out(sigma) F_theta(c_in(sigma) x; c_noise(sigma))
    Verdict: definition
    Scope: Gaussian data in one dimension
    Reading: with c_skip = 1, c_out = sigma it is score matching: the ideal network is then sigma grad log p.
    Formulas: denoiser_gaussian edm_denoiser
    """
    score = sp.diff(log_normal(X, MEAN, TOTAL), X)

    def built(skip, out, network):
        return skip * X + out * network

    ideal = denoiser.denoiser_gaussian(X, MEAN, DATA**2, 1, SIGMA)
    misprints = built(1, SIGMA, score), built(SIGMA, 1, SIGMA * score), built(1, -SIGMA, SIGMA * score)
    return Proof(ideal, built(1, SIGMA, SIGMA * score), misprints)


def eq_204():
    """002/204: the loss with the network put in.

    Printed:
        L(D_theta) = E_(sigma, y, n) [lambda(sigma) |c_skip(sigma) (y + n)
            + c_out(sigma) F_theta(c_in(sigma) (y + n); c_noise(sigma)) - y|_2^2]
    Verdict: proved
    Scope: one dimension, any parabola as network
    Reading: the text says that it rewrites Eq. (203); it is Eq. (202) with (203) put in.
    Formulas: edm_denoiser
    """
    noisy = Y + N
    printed = WEIGHT * (SKIP * noisy + C_OUT * _network(C_IN * noisy) - Y) ** 2
    misprints = WEIGHT * (SKIP * noisy + C_OUT * _network(noisy) - Y) ** 2, printed.subs(SKIP, 1)
    return Proof(WEIGHT * (_denoised(X).subs(X, noisy) - Y) ** 2, printed, misprints)


def eq_205():
    """002/205: the loss as the distance of the network's part from its target.

    Printed:
        [L(D_theta)] = E_(sigma, y, n) [lambda(sigma)
            |c_out(sigma) F_theta(c_in(sigma) (y + n); c_noise(sigma))
             - (y - c_skip(sigma) (y + n))|_2^2]
    Verdict: proved
    Scope: one dimension, any parabola as network
    Formulas: edm_target
    """
    noisy = Y + N
    network = C_OUT * _network(C_IN * noisy)
    printed = WEIGHT * (network - (Y - SKIP * noisy)) ** 2
    misprints = WEIGHT * (network + (Y - SKIP * noisy)) ** 2, WEIGHT * (network - (Y + SKIP * noisy)) ** 2
    return Proof(WEIGHT * (_denoised(noisy) - Y) ** 2, printed, misprints)


def eq_206():
    """002/206: the factor of the network taken out.

    Printed:
        [L(D_theta)] = E_(sigma, y, n) [lambda(sigma) c_out(sigma)^2
            |F_theta(c_in(sigma) (y + n); c_noise(sigma))
             - (1/c_out(sigma)) (y - c_skip(sigma) (y + n))|_2^2]
    Verdict: proved
    Scope: one dimension, any parabola as network
    Reading: c_out is not 0, that is sigma > 0.
    Formulas: edm_target
    """
    noisy = Y + N
    inner = _network(C_IN * noisy) - (Y - SKIP * noisy) / C_OUT
    printed = WEIGHT * C_OUT**2 * inner**2
    return Proof(WEIGHT * (_denoised(noisy) - Y) ** 2, printed, (printed / C_OUT, WEIGHT * inner**2, printed * C_OUT**2))


def after_206_a():
    """002/after 206 a: the network's input.

    Printed:
        "y + n represents the input to the neural network"
    Verdict: notation slip
    Scope: one dimension, data of any mean and variance
    Reading: the expression that the sentence explains is right, and only the name is wrong: the network is given c_in (y + n),
        of variance 1; y + n, which is not, is the denoiser's input.
    Right:
        c_in(sigma) (y + n) is the input to F_theta
    Numbers: at sigma_data = 3, sigma = 4, variance of the input: printed 25, right 1
    Formulas: edm_c_in
    """
    at = {DATA: 3, SIGMA: 4}
    scaled = _variance((IMAGE + ADDED) / sp.sqrt(TOTAL))
    shown = Counterexample("sigma_data = 3, sigma = 4, variance of the input", TOTAL.subs(at), scaled.subs(at))
    return shown, Proof(scaled, sp.Integer(1), (TOTAL, _variance(IMAGE / sp.sqrt(TOTAL))))


def eq_207():
    """002/207: the input's variance, its factor taken out.

    Printed:
        let Var_(y, n) [c_in(sigma) (y + n)] = 1:
        c_in(sigma)^2 Var_(y, n) [y + n] = 1
    Verdict: proved
    Scope: one dimension, data of any mean and variance
    Reading: the variance of each entry, at a fixed sigma.
    Formulas: edm_c_in
    """
    noisy = IMAGE + ADDED
    right = C_IN**2 * _variance(noisy)
    return Proof(_variance(C_IN * noisy), right, (C_IN * _variance(noisy), C_IN**2 * _mean(noisy**2)))


def eq_208():
    """002/208: the variance of a noisy image.

    Printed:
        c_in(sigma)^2 (sigma_data^2 + sigma^2) = 1
    Verdict: proved
    Scope: one dimension, data of any mean and variance
    Reading: image and noise are independent.
    Formulas: edm_c_in
    """
    right = C_IN**2 * (DATA**2 + SIGMA**2)
    return Proof(_variance(C_IN * (IMAGE + ADDED)), right, (C_IN**2 * (DATA + SIGMA) ** 2, C_IN * (DATA**2 + SIGMA**2)))


def eq_209():
    """002/209: scale of the input.

    Printed:
        c_in(sigma) = 1/sqrt(sigma^2 + sigma_data^2)
    Verdict: proved
    Scope: one dimension, data of any mean and variance
    Reading: of the two roots the positive one.
    Formulas: edm_c_in
    """
    root = sp.solve(_variance(C_IN * (IMAGE + ADDED)) - 1, C_IN)
    return Proof(root, [1 / sp.sqrt(TOTAL)], ([1 / (SIGMA + DATA)], [1 / TOTAL], [sp.sqrt(TOTAL)]))


def eq_210():
    """002/210: the factor of the network.

    Printed:
        let Var_(y, n) [(1/c_out(sigma)) (y - c_skip(sigma) (y + n))] = 1, we
        obtain:
        c_out(sigma)^2 = (1 - c_skip(sigma))^2 sigma_data^2
                         + c_skip(sigma)^2 sigma^2
    Verdict: proved
    Scope: one dimension, data of any mean and variance
    Formulas: edm_c_out edm_target
    """
    target = (IMAGE - SKIP * (IMAGE + ADDED)) / C_OUT
    square = sp.expand(_variance(target) * C_OUT**2)
    right = (1 - SKIP) ** 2 * DATA**2 + SKIP**2 * SIGMA**2
    misprints = (1 - SKIP) ** 2 * DATA**2 + SKIP * SIGMA**2, (1 - SKIP**2) * DATA**2 + SKIP**2 * SIGMA**2
    return Proof(square, right, (*misprints, (1 - SKIP) ** 2 * SIGMA**2 + SKIP**2 * DATA**2))


def eq_211():
    """002/211: weight of the skip connection.

    Printed:
        let the gradient of c_out^2 with respect to c_skip be 0, we obtain:
        c_skip(sigma) = sigma_data^2/(sigma^2 + sigma_data^2)
    Verdict: proved
    Scope: one dimension, data of any two moments; Bayes' rule for Gaussian data
    Reading: it is the minimum, as the second derivative 2 (sigma^2 + sigma_data^2) is positive; and the weight of x in
        the mean of y given x for Gaussian data, by Bayes' rule.
    Formulas: denoiser_gaussian edm_c_skip
    """
    square = _variance(IMAGE - SKIP * (IMAGE + ADDED))
    found = [sp.solve(sp.diff(square, SKIP), SKIP)[0], sp.diff(square, SKIP, 2)]
    slope = sp.diff(denoiser.denoiser_gaussian(X, MEAN, DATA**2, 1, SIGMA), X)
    right = [DATA**2 / TOTAL, 2 * TOTAL]
    misprints = [SIGMA**2 / TOTAL, 2 * TOTAL], [DATA / (SIGMA + DATA), 2 * TOTAL], [right[0], -2 * TOTAL]
    return Proof(found, right, misprints), Proof(slope, right[0], (misprints[0][0],))


def eq_212():
    """002/212: scale of the network's output.

    Printed:
        c_out(sigma) = sigma . sigma_data/sqrt(sigma^2 + sigma_data^2)
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: the positive root. Its square is the variance that is left of Gaussian data given x.
    Formulas: edm_c_out
    """
    misprints = SIGMA * DATA / TOTAL, DATA / sp.sqrt(TOTAL), SIGMA * DATA / (SIGMA + DATA)
    return Proof(sp.sqrt(sp.factor(_left_over())), SIGMA * DATA / sp.sqrt(TOTAL), misprints)


def eq_213():
    """002/213: condition on the weight.

    Printed:
        lambda(sigma) c_out(sigma)^2 = 1
    Verdict: definition
    Scope: one dimension, data of mean 0 and any variance
    Reading: it makes the weight in Eq. (206) the same at every sigma, and the loss of a network that returns 0 is then 1
        for data of mean 0, whatever sigma is.
    Formulas: edm_c_out edm_loss_weight
    """
    idle = _mean(((IMAGE - SKIP * (IMAGE + ADDED)) ** 2).subs(MEAN, 0)).subs(IDEAL)
    return Proof(idle / IDEAL[C_OUT] ** 2, sp.Integer(1), (idle, idle / IDEAL[C_OUT], idle * IDEAL[C_OUT] ** 2))


def eq_214():
    """002/214: the weight by the output's scale.

    Printed:
        lambda(sigma) = 1/c_out(sigma)^2
    Verdict: proved
    Scope: any sigma and sigma_data
    Formulas: edm_c_out edm_loss_weight
    """
    return Proof(sp.solve(WEIGHT * C_OUT**2 - 1, WEIGHT), [1 / C_OUT**2], ([1 / C_OUT], [C_OUT**2]))


def eq_215():
    """002/215: the output's scale put in.

    Printed:
        lambda(sigma) = 1/[sigma . sigma_data/sqrt(sigma^2 + sigma_data^2)]^2
    Verdict: proved
    Scope: any sigma and sigma_data
    Formulas: edm_loss_weight
    """
    inside = SIGMA * DATA / sp.sqrt(TOTAL)
    return Proof(1 / _left_over(), 1 / inside**2, (1 / inside, inside**2))


def eq_216():
    """002/216: the square taken.

    Printed:
        lambda(sigma) = 1/[(sigma . sigma_data)^2/(sigma^2 + sigma_data^2)]
    Verdict: proved
    Scope: any sigma and sigma_data
    Formulas: edm_loss_weight
    """
    printed = 1 / ((SIGMA * DATA) ** 2 / TOTAL)
    return Proof(1 / _left_over(), printed, (1 / (SIGMA * DATA / TOTAL), 1 / ((SIGMA * DATA) ** 2 / TOTAL**2)))


def eq_217():
    """002/217: the weight of a noise level.

    Printed:
        lambda(sigma) = (sigma^2 + sigma_data^2)/(sigma . sigma_data)^2
    Verdict: proved
    Scope: any sigma and sigma_data
    Formulas: edm_loss_weight
    """
    misprints = TOTAL / (SIGMA + DATA) ** 2, TOTAL / (SIGMA * DATA), (SIGMA * DATA) ** 2 / TOTAL
    return Proof(1 / _left_over(), TOTAL / (SIGMA * DATA) ** 2, misprints)


def after_217_a():
    """002/after 217 a: course of both factors.

    Printed:
        "The variation trends of c_skip and c_out with respect to sigma
        are presented, clearly illustrating their pronounced monotonic
        behavior." (Figure 5)
    Verdict: proved
    Scope: any sigma and sigma_data
    Reading: c_skip falls from 1 to 0 and c_out rises from 0 to sigma_data: both derivatives have one sign.
    Formulas: edm_c_out edm_c_skip
    """
    found = [sp.diff(IDEAL[SKIP], SIGMA), sp.diff(IDEAL[C_OUT], SIGMA)]
    falling, rising = -2 * SIGMA * DATA**2 / TOTAL**2, DATA**3 / sp.sqrt(TOTAL) ** 3
    return Proof(found, [falling, rising], ([-falling, rising], [falling, -rising]))


def after_217_b():
    """002/after 217 b: scale of the noise input.

    Printed:
        "when sigma in [0.02, 80], we can take c_noise(sigma) = (1/4) ln sigma"
    Verdict: definition
    Scope: any sigma and sigma_data
    Reading: a choice, as the text says. Consistent: noise levels of equal ratio lie equally far apart, and over the named range
        the input runs from -0.98 to 1.10. (The range of Karras et al. 2022 is [0.002, 80].)
    Formulas: edm_c_noise
    """
    ratio = positive("ratio")

    def c_noise(sigma):
        return sp.log(sigma) / 4

    # Differences of ln sigma, each the integral of 1/sigma.
    wanted = sp.integrate(1 / SIGMA, (SIGMA, DATA, ratio * DATA)) / 4
    return Proof(c_noise(ratio * DATA) - c_noise(DATA), sp.expand_log(wanted, force=True), (sp.log(ratio) / 2, ratio / 4))


def eq_218():
    """002/218: the loss in short.

    Printed:
        L(D_theta) = E_(sigma, y, n)
            [lambda(sigma) |c_skip x + c_out F_theta - y|_2^2]
    Verdict: proved
    Scope: one dimension, data of any mean and variance
    Reading: x = y + n, and F_theta stands for its value at c_in x. Proved equal to Eq. (206) at the factors of Eqs.
        (211), (212) and (217).
    Formulas: edm_denoiser edm_loss_weight
    """
    weight = TOTAL / (SIGMA * DATA) ** 2
    printed = (weight * (SKIP * X + C_OUT * F - Y) ** 2).subs(IDEAL)
    right = ((F - _target(Y, X - Y)) ** 2).subs(N, X - Y)
    misprints = (weight * (SKIP * X + C_OUT * F - X) ** 2).subs(IDEAL), printed / weight
    return Proof(right, printed, misprints)


def eq_219():
    """002/219: the loss for little noise.

    Printed:
        lim_(sigma->0) L(D_theta) = [lambda(sigma) |x + Delta F_theta - y|_2^2]
    Verdict: heuristic
    Reading: literally no limit: L(D_theta) is averaged over sigma, by (199) and (218), and has none in it, while the right side
        still holds sigma, x and y, and no expectation. Meant is the loss of one noise level, lambda(sigma) L(D; sigma), for
        small sigma, with c_skip put to 1 and Delta = c_out ~ sigma kept; Delta read as 0 would take the network out of the
        loss. Measured: for sigma_data = 3, data of mean 1 and F = 1 the difference from the exact loss falls as sigma.
    Right:
        lambda L(D; sigma) = E[lambda |x + c_out F_theta - y|^2] + O(sigma),
        and as sigma -> 0 it tends to E|F_theta + n/sigma|^2
    Formulas: edm_denoiser edm_loss_weight
    """

    def error(delta, noise, data=3.0, mean=1.0, network=1.0):
        """By sigma, of what this share of c_out for Delta and this share of the noise give."""

        def of(sigma):
            total = sigma**2 + data**2
            skip, out = data**2 / total, sigma * data / math.sqrt(total)
            exact = (skip * mean + out * network - mean) ** 2 + (1 - skip) ** 2 * data**2 + skip**2 * sigma**2
            return (exact - ((delta * out * network) ** 2 + noise * sigma**2)) / out**2

        return of

    return Order(error(1, 1), 1, (error(0, 1), error(2, 1), error(1, 0)))


def _limit_of_loss():
    """Loss of a constant F as sigma grows, from the limits of the target's weights of image and noise."""
    weights = [sp.limit(_target(*unit), SIGMA, sp.oo) for unit in ((1, 0), (0, SIGMA))]
    return _mean((F - weights[0] * IMAGE - weights[1] * U) ** 2)


def eq_220():
    """002/220: the loss for much noise.

    Printed:
        lim_(sigma->oo) L(D_theta) = [lambda(sigma) |Delta x + F_theta - y|_2^2]
    Verdict: false as printed
    Scope: a constant F, data of any mean and variance
    Reading: L(D_theta) is read as in (219). Literally c_out tends to 1; it tends to sigma_data, which the text sets to 3 two
        lines before. True for sigma_data = 1, with the expectation put back and Delta = c_skip, whose c_skip x vanishes.
    Right:
        lim lambda L(D; sigma) = E[|sigma_data F_theta - y|^2]/sigma_data^2
    Numbers: at sigma_data = 3, data of mean 0, F = 1: printed 1.11111, right 2
    Formulas: edm_denoiser edm_loss_weight
    """
    limit = _limit_of_loss()
    printed, right = (_mean((factor * F - IMAGE) ** 2) / DATA**2 for factor in (1, DATA))
    at = {DATA: 3, MEAN: 0, F: 1}
    shown = Counterexample("sigma_data = 3, data of mean 0, F = 1", printed.subs(at), right.subs(at))
    return shown, Proof(limit, right, (printed, right * DATA**2))


def after_220_a():
    """002/after 220 a: what the network learns from little noise.

    Printed:
        "When the noise is very small eq. (219) ... the neural network
        F_theta is essentially learning the noise"
    Verdict: true under a named convention
    Scope: one dimension, data of any mean and variance
    Reading: literally the noise n; it is the noise in units of sigma and with the opposite sign.
    Right:
        the target of F_theta tends to -n/sigma
    Formulas: edm_target
    """
    limit = sp.limit(_target(Y, SIGMA * N), SIGMA, 0)
    return Proof(limit, -N, (N, sp.Integer(0), Y - N))


def after_220_b():
    """002/after 220 b: what the network learns from much noise.

    Printed:
        "When the noise is very large eq. (220), the x term has almost
        no effect, and the learning objective of the neural network
        F_theta becomes the complete image."
    Verdict: true under a named convention
    Scope: one dimension, data of any mean and variance
    Reading: literally the image y; it is the image in units of sigma_data. (From an input that is nearly all noise the
        best answer is then the mean of the data.)
    Right:
        the target of F_theta tends to y/sigma_data
    Formulas: edm_target
    """
    limit = sp.limit(_target(Y, SIGMA * N), SIGMA, sp.oo)
    return Proof(limit, Y / DATA, (Y, (Y - N) / DATA, -N))


def after_220_c():
    """002/after 220 c: which function denoises.

    Printed:
        "they directly constructed a more semantically meaningful
        denoising function F_theta" (section 5.3)
    Verdict: notation slip
    Scope: Gaussian data in one dimension
    Reading: what was built is right, and only its name is wrong: by Eqs. (186) and (203) the denoising function is D_theta,
        which holds the network F_theta. For Gaussian data of mean 0 the best network returns 0.
    Right:
        D_theta(x; sigma) = c_skip(sigma) x
            + c_out(sigma) F_theta(c_in(sigma) x; c_noise(sigma))
    Numbers: at data N(0, 1), sigma = 1, x = 2, the best denoised value, printed as that of F: printed 0, right 1
    Formulas: denoiser_gaussian edm_denoiser
    """
    ideal = denoiser.denoiser_gaussian(X, MEAN, DATA**2, 1, SIGMA)
    # The best network returns the mean of its target given x.
    network = _target(ideal, X - ideal)
    at = {MEAN: 0, DATA: 1, SIGMA: 1, X: 2}
    shown = Counterexample(
        "data N(0, 1), sigma = 1, x = 2, the best denoised value, printed as that of F", network.subs(at), ideal.subs(at)
    )
    by_bayes = SIGMA * MEAN / (DATA * sp.sqrt(TOTAL))
    return shown, Proof(network, by_bayes, (ideal, X / sp.sqrt(TOTAL)))
