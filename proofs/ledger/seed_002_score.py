"""Seed 002, section 3.2 from equation (78) to (96), and the opening of section 4: score matching and DDPM.

Most proofs draw clean data x = v w and noisy data x~ = x + sigma u, for unit Gaussian w and u, and let the model s be any cubic.
"""

import sympy as sp
from flint import acb, arb, ctx

from refdiff.reference import conversion, posterior

from ..algebra import column, completed_square, expectation, forward_states, log_normal, positive, real
from .chain import joint_log_density
from .evidence import Counterexample, Proof

X, NOISY, W, U = real("x noisy w u")
V, SIGMA = positive("v sigma")
CUBIC = real("b_0:4")
CLEAN = V * W
DRAW = CLEAN + SIGMA * U
HALF = sp.Rational(1, 2)
# Square roots of alpha_bar_{t-1} and alpha_bar_t.
A_S, A_T = positive("a_s a_t")
X_0, X_T, EPS, SCORE, Z = real("x_0 x_t eps score z")
SIMPLE = {A_S: sp.sqrt(HALF), A_T: HALF}


def _model(x):
    return sum(slope * x**power for power, slope in enumerate(CUBIC))


def _mean(expression):
    """Mean over clean data and noise."""
    return expectation(expression, [W, U])


# Derivatives of log q(x~|x) by x~ and by x, and of log q(x~), where q(x~) = N(0, v^2 + sigma^2), at the draw.
BY_NOISY = sp.diff(log_normal(NOISY, X, SIGMA**2), NOISY).subs({NOISY: DRAW, X: CLEAN}, simultaneous=True)
BY_CLEAN = sp.diff(log_normal(NOISY, X, SIGMA**2), X).subs({NOISY: DRAW, X: CLEAN}, simultaneous=True)
OF_MARGINAL = sp.diff(log_normal(NOISY, 0, V**2 + SIGMA**2), NOISY).subs(NOISY, DRAW)


def _cross(score):
    """Mean product of the model with a score."""
    return _mean(_model(DRAW) * score)


# For one datum x = 0, sigma = 1 and the right score s(x~) = -x~: what the loss is when the log is left out.
BELL = sp.exp(-(NOISY**2) / 2) / sp.sqrt(2 * sp.pi)
ONE_DATUM = "one datum x = 0, sigma = 1, s(x~) = -x~"


def _over_bell(expression):
    return sp.integrate(sp.expand(expression * BELL), (NOISY, -sp.oo, sp.oo))


def eq_078():
    """002/78: the score of a Gaussian.

    Printed:
        log grad_x [1/sqrt(2 pi sigma^2) exp(-(x - mu)^2/(2 sigma^2))]
        = (mu - x)/sigma^2
    Verdict: false as printed
    Scope: one dimension, any mu and sigma
    Reading: literally the log of a gradient, another number where it is one at all; the text above it says logarithmic
        gradient, the gradient of the log.
    Right:
        grad_x log[...] = (mu - x)/sigma^2
    Numbers: at mu = 0, sigma = 1, x = -1: printed -1.41894, right 1
    Formulas: gaussian_score
    """
    mu = real("mu")
    bell = sp.exp(-((X - mu) ** 2) / (2 * SIGMA**2)) / sp.sqrt(2 * sp.pi * SIGMA**2)
    at = {mu: 0, SIGMA: 1, X: -1}
    right = sp.diff(sp.log(bell), X)
    return (
        Counterexample("mu = 0, sigma = 1, x = -1", sp.log(sp.diff(bell, X)).subs(at), right.subs(at)),
        Proof(right, (mu - X) / SIGMA**2, ((X - mu) / SIGMA**2, (mu - X) / SIGMA)),
    )


def eq_079():
    """002/79: explicit score matching.

    Printed:
        L_theta = E_q(x)[1/2 ||s_theta(x) - grad_x log q(x)||^2]
    Verdict: definition
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: consistent: for q = N(0, v^2) and any cubic s it is E[s^2/2 + s'] + E[||grad log q||^2]/2, Hyvarinen's form by
        integration by parts, and it is 0 for the right score.
    Formulas: explicit_score_matching_loss
    """
    score = sp.diff(log_normal(X, 0, V**2), X).subs(X, CLEAN)
    loss = _mean((_model(CLEAN) - score) ** 2) / 2
    slope = sp.diff(_model(X), X).subs(X, CLEAN)
    by_parts = _mean(_model(CLEAN) ** 2 / 2 + slope) + _mean(score**2) / 2
    right_model = {CUBIC[0]: 0, CUBIC[1]: -1 / V**2, CUBIC[2]: 0, CUBIC[3]: 0}
    return (
        Proof(loss, by_parts, (by_parts - 2 * _mean(slope), by_parts - _mean(score**2) / 2)),
        Proof(loss.subs(right_model), 0, (1,)),
    )


def eq_080():
    """002/80: denoising score matching.

    Printed:
        L'_theta = E_q(x,x~)[1/2 ||s_theta(x~) - grad_x~ q(x~|x)||^2]
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: literally the gradient of the density, another target: its log is missing; equations (79), (81) and (86) have it.
    Right:
        L'_theta = E_q(x,x~)[1/2 ||s_theta(x~) - grad_x~ log q(x~|x)||^2]
    Numbers: at one datum x = 0, sigma = 1, s(x~) = -x~: printed 0.374267, right 0
    Formulas: denoising_score_matching_loss
    """
    printed = _over_bell((-NOISY - sp.diff(BELL, NOISY)) ** 2) / 2
    right = _over_bell((-NOISY - sp.diff(sp.log(BELL), NOISY)) ** 2) / 2
    noise = _mean((_model(DRAW) + U / SIGMA) ** 2) / 2
    return (
        Counterexample(ONE_DATUM, printed, right),
        Proof(_mean((_model(DRAW) - BY_NOISY) ** 2) / 2, noise, (_mean((_model(DRAW) - BY_CLEAN) ** 2) / 2,)),
    )


def after_080_a():
    """002/after 80 a: the gradient of the noising density.

    Printed:
        x~ ~ N(x~; x, I). Therefore ... grad_x~ q(x~|x) = (x - x~)/sigma^2
    Verdict: false as printed
    Scope: one dimension, any x and sigma
    Reading: two faults, each of which changes the value: the covariance must be sigma^2 I, and the gradient is that of log q.
    Right:
        x~ ~ N(x~; x, sigma^2 I) and grad_x~ log q(x~|x) = (x - x~)/sigma^2
    Numbers: at x = 0, x~ = 1, sigma = 1, the gradient of q: printed -1, right -0.241971
    Formulas: score_from_x_0
    """
    gradient = sp.diff(sp.log(BELL), NOISY)
    exact = sp.diff(log_normal(NOISY, X, SIGMA**2), NOISY)
    return (
        Counterexample(
            "x = 0, x~ = 1, sigma = 1, the gradient of q", gradient.subs(NOISY, 1), sp.diff(BELL, NOISY).subs(NOISY, 1)
        ),
        Proof(exact, conversion.score_from_x_0(NOISY, X, 1, SIGMA), (sp.diff(log_normal(NOISY, X, 1), NOISY), -exact)),
    )


def eq_081():
    """002/81: denoising score matching with Gaussian noise.

    Printed:
        L'_theta = E_q(x,x~)[1/2 ||s_theta(x~) - (x - x~)/sigma^2||^2]
    Verdict: proved
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: from (80) with its log. Its best linear model for data N(0, v^2) is the score of the noisy data,
        -x~/(v^2 + sigma^2).
    Formulas: denoising_score_matching_loss score_from_x_0
    """
    printed = _mean((_model(DRAW) - (CLEAN - DRAW) / SIGMA**2) ** 2) / 2
    exact = _mean((_model(DRAW) - BY_NOISY) ** 2) / 2
    slope = sp.diff(printed.subs(dict.fromkeys((CUBIC[0], CUBIC[2], CUBIC[3]), 0)), CUBIC[1])
    best = sp.solve(slope, CUBIC[1])[0]
    return (
        Proof(exact, printed, (_mean((_model(DRAW) - (DRAW - CLEAN) / SIGMA**2) ** 2) / 2,)),
        Proof(best, -1 / (V**2 + SIGMA**2), (-1 / V**2, -1 / SIGMA**2)),
    )


def after_081_a():
    """002/after 81 a: the target is the noise.

    Printed:
        If we describe the noising process as noisy image = original image
        + noise, then the above expression becomes -noise = original image -
        noisy image
    Verdict: proved
    Scope: one dimension, any x and sigma
    Reading: the target of (81) is that over sigma^2; with noise = sigma u it is -u/sigma.
    Formulas: eps_from_x_0 score_from_eps
    """
    noise = SIGMA * U
    return Proof(BY_NOISY, -noise / SIGMA**2, (noise / SIGMA**2, -noise, -U / SIGMA**2))


def after_081_b():
    """002/after 81 b: denoising and explicit score matching.

    Printed:
        eq. (81) seems to deviate from the original definition of score
        matching (eq. (79)). Fortunately, the two are essentially equivalent
    Verdict: true under a named convention
    Scope: data N(0, v^2) in one dimension, linear models
    Reading: with the noisy density q(x~) in (79), as the text itself takes it from (85) on. Literally (79) asks for the score of
        the true data, and then the two differ: (81) is least at the score of noisy data. They agree as sigma falls to 0.
    Right:
        (81) is equivalent to E_q(x~)[1/2 ||s(x~) - grad_x~ log q(x~)||^2]
    Numbers: at data N(0, 1), sigma = 1, s(x) = b x, best b by (79) over clean data, printed as that by (81): printed -1, right
        -0.5
    Formulas: denoising_score_matching_loss dsm_constant_gaussian explicit_score_matching_loss
    """
    line = dict.fromkeys((CUBIC[0], CUBIC[2], CUBIC[3]), 0)
    clean_score = sp.diff(log_normal(X, 0, V**2), X).subs(X, CLEAN)

    def best(loss):
        return sp.solve(sp.diff(loss.subs(line), CUBIC[1]), CUBIC[1])[0]

    explicit = best(_mean((_model(CLEAN) - clean_score) ** 2) / 2)
    denoising = best(_mean((_model(DRAW) - BY_NOISY) ** 2) / 2)
    on_noisy = best(_mean((_model(DRAW) - OF_MARGINAL) ** 2) / 2)
    at = {V: 1, SIGMA: 1}
    where = "data N(0, 1), sigma = 1, s(x) = b x, best b by (79) over clean data, printed as that by (81)"
    return (
        Counterexample(where, explicit.subs(at), denoising.subs(at)),
        Proof(denoising, on_noisy, (explicit,)),
    )


def _literal_square():
    """Equation (82) as it stands, for one datum at 0: gradients by x of the density itself."""
    by_x = NOISY * BELL
    return (_over_bell(NOISY**2) + _over_bell(by_x**2) - 2 * _over_bell(-NOISY * by_x)) / 2


def eq_082():
    """002/82: the square multiplied out.

    Printed:
        L'_theta = E_q(x~|x)[1/2 ||s_theta(x~)^2 + grad_x q(x~|x)^2
                                  - 2 s_theta(x~) grad_x q(x~|x)||]
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: four faults, the first three of which change the value: the log is missing, the gradient is by x instead of x~
        (which turns its sign), the mean over x is missing, and the bars stand around a square already taken.
    Right:
        L'_theta = 1/2 E_q(x,x~)[||s_theta(x~)||^2
            + ||grad_x~ log q(x~|x)||^2 - 2 s_theta(x~) . grad_x~ log q(x~|x)]
    Numbers: at one datum x = 0, sigma = 1, s(x~) = -x~: printed 0.656362, right 0
    Formulas: denoising_score_matching_loss
    """
    loss = _mean((_model(DRAW) - (CLEAN - DRAW) / SIGMA**2) ** 2) / 2
    right = _mean(_model(DRAW) ** 2 + BY_NOISY**2 - 2 * _model(DRAW) * BY_NOISY) / 2
    other_sign = _mean(_model(DRAW) ** 2 + BY_CLEAN**2 - 2 * _model(DRAW) * BY_CLEAN) / 2
    return Counterexample(ONE_DATUM, _literal_square(), 0), Proof(loss, right, (other_sign,))


def eq_083():
    """002/83: three expectations.

    Printed:
        [L'_theta] = 1/2 E_q(x~)[s_theta(x~)^2]
                   + 1/2 E_q(x~|x)[grad_x q(x~|x)^2]
                   - E_q(x~|x)[s_theta(x~) grad_x q(x~|x)]
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: the faults of equation (82): no log, gradient by x, no mean over x in the last two terms. That the first needs only
        q(x~) is right.
    Right:
        L'_theta = 1/2 E_q(x~)[||s_theta(x~)||^2]
                   + 1/2 E_q(x,x~)[||grad_x~ log q(x~|x)||^2]
                   - E_q(x,x~)[s_theta(x~) . grad_x~ log q(x~|x)]
    Numbers: at one datum x = 0, sigma = 1, s(x~) = -x~: printed 0.656362, right 0
    Formulas: denoising_score_matching_loss
    """
    loss = _mean((_model(DRAW) - (CLEAN - DRAW) / SIGMA**2) ** 2) / 2
    # The first term by one noise, with the moments of q(x~).
    first = expectation(_model(sp.sqrt(V**2 + SIGMA**2) * U) ** 2, [U]) / 2
    target = 1 / (2 * SIGMA**2)
    return (
        Counterexample(ONE_DATUM, _literal_square(), 0),
        Proof(loss, first + target - _cross(BY_NOISY), (first + target - _cross(BY_CLEAN), first - _cross(BY_NOISY))),
    )


def _without_constant(score):
    return _mean(_model(DRAW) ** 2) / 2 - _cross(score)


LINE = dict.fromkeys((CUBIC[0], CUBIC[2], CUBIC[3]), 0) | {V: 1, SIGMA: 1}


def eq_084():
    """002/84: the part that theta moves.

    Printed:
        J'_theta = argmin_theta L'_theta
                 = 1/2 E_q(x~)[s_theta(x~)^2]
                   - E_q(x~|x)[s_theta(x~) grad_x q(x~|x)]
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: two things: the last term has the faults of (83), which change its value; and a parameter, argmin, is set equal to
        a loss: meant is L'_theta without the term that theta does not move, which has the same argmin.
    Right:
        J'_theta = 1/2 E_q(x~)[||s_theta(x~)||^2]
                   - E_q(x,x~)[s_theta(x~) . grad_x~ log q(x~|x)],
        argmin J'_theta = argmin L'_theta
    Numbers: at one datum x = 0, sigma = 1, s(x~) = -x~, the last line: printed 0.641047, right -0.5
    """
    loss = _mean((_model(DRAW) - BY_NOISY) ** 2) / 2
    part = _without_constant(BY_NOISY)
    slopes = tuple(tuple(sp.diff(one, name) for name in CUBIC) for one in (loss, part, _without_constant(BY_CLEAN)))
    by_x = NOISY * BELL
    literal = _over_bell(NOISY**2) / 2 - _over_bell(-NOISY * by_x)
    right = _over_bell(NOISY**2) / 2 - _over_bell(-NOISY * sp.diff(sp.log(BELL), NOISY))
    return (
        Counterexample(f"{ONE_DATUM}, the last line", literal, right),
        Proof(slopes[0], slopes[1], (slopes[2],)),
        Proof(loss - part, 1 / (2 * SIGMA**2), (sp.Integer(0),)),
    )


def after_084_a():
    """002/after 84 a: what theta does not move.

    Printed:
        E_q(x~|x)[grad_x log q(x~|x)^2] is not dependent on theta
    Verdict: proved
    Scope: one dimension, any x and sigma
    Reading: no model stands in it; the squared gradient by x is that by x~. It is 1/sigma^2 for every x, so that the mean over
        x, which is missing as in (83), changes nothing.
    """
    square = expectation(sp.diff(log_normal(NOISY, X, SIGMA**2), X).subs(NOISY, X + SIGMA * U) ** 2, [U])
    of_model = expectation(_model(X + SIGMA * U) ** 2, [U])
    return Proof(square, 1 / SIGMA**2, (1 / SIGMA, of_model))


def eq_085():
    """002/85: the same for explicit score matching.

    Printed:
        J_theta = argmin_theta L_theta
                = 1/2 E_q(x~)[s_theta(x~)^2]
                  - E_q(x~)[s_theta(x~) grad_x~ log q(x~)]
    Verdict: notation slip
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: literally a parameter, argmin, set equal to a loss, which has no value; the last line is right. L is no longer
        equation (79), which is over clean data: q(x) has become q(x~). With that L, J differs from it by a constant, so that
        one theta is best for both.
    Right:
        J_theta = 1/2 E_q(x~)[||s_theta(x~)||^2]
                  - E_q(x~)[s_theta(x~) . grad_x~ log q(x~)], argmin J_theta
        = argmin E_q(x~)[1/2 ||s_theta(x~) - grad_x~ log q(x~)||^2]
    """
    loss = _mean((_model(DRAW) - OF_MARGINAL) ** 2) / 2
    parts = (loss, _without_constant(OF_MARGINAL), _without_constant(-OF_MARGINAL))
    of_loss, of_part, of_miss = (tuple(sp.diff(one, name) for name in CUBIC) for one in parts)
    return Proof(of_loss, of_part, (of_miss,))


def eq_086():
    """002/86: the cross term of denoising score matching.

    Printed:
        E_q(x~,x)[s_theta(x~) grad_x~ log q(x~|x)]
    Verdict: definition
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: no statement of its own: where the chain to (93) starts, with log and gradient right. Consistent: it is
        -E[s'(x~)], by Stein's identity in the noise.
    """
    slope = sp.diff(_model(NOISY), NOISY).subs(NOISY, DRAW)
    return Proof(_cross(BY_NOISY), -_mean(slope), (_mean(slope), _cross(BY_CLEAN)))


CROSS = "data N(0, 1), sigma = 1, s(x~) = x~"
IDENTITY = LINE | {CUBIC[1]: 1}


def eq_087():
    """002/87: the expectation as an integral.

    Printed:
        [(86)] = integral of q(x~, x) [s_theta(x~) grad_x log q(x~|x)] dx dx~
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: literally the gradient by x, which has the other sign and gives another value; (86) and (88) have it by x~.
    Right:
        integral of q(x~, x) s_theta(x~) grad_x~ log q(x~|x) dx dx~
    Numbers: at data N(0, 1), sigma = 1, s(x~) = x~: printed 1, right -1
    """
    # The two integrals in the other order: over x given x~ first.
    inner = completed_square(log_normal(X, 0, V**2) + log_normal(NOISY, X, SIGMA**2), X)[0]
    target = ((inner - NOISY) / SIGMA**2).subs(NOISY, DRAW)
    return (
        Counterexample(CROSS, _cross(BY_CLEAN).subs(IDENTITY), _cross(BY_NOISY).subs(IDENTITY)),
        Proof(_cross(BY_NOISY), _cross(target), (_cross(BY_CLEAN),)),
    )


def _two_points():
    """Mean product over data at -1 and 1 by moments; s times the derivative of the mixture, by rigorous quadrature."""
    by_moments = sum(expectation(((x + U) ** 3 + x + U) * -U, [U]) for x in (-1, 1)) / 2

    def slope(x, _):
        bells = [(-((x - centre) ** 2) / 2).exp() * (centre - x) for centre in (-1, 1)]
        return (x**3 + x) * (bells[0] + bells[1]) / (2 * acb(2 * acb.pi()).sqrt())

    with ctx.workprec(150):
        # Beyond 20 nothing above 1e-70 is left.
        integral = acb.integral(slope, -20, 20).real + arb(0, arb(10) ** -60)
    return Proof(arb(int(by_moments)), integral, (-integral, integral / 2))


def eq_088():
    """002/88: the joint density taken apart.

    Printed:
        [(86)] = integral of
            q_0(x) q(x~|x) s_theta grad_x~ log q(x~|x) dx dx~
    Verdict: proved
    Scope: data N(0, v^2) in one dimension
    Reading: q(x~, x) = q_0(x) q(x~|x), the joint density against the one from means and covariances; and the product with the
        score by x~, as in (86).
    """
    whole = joint_log_density([X, NOISY], [CLEAN, DRAW], [W, U])
    apart = log_normal(X, 0, V**2) + log_normal(NOISY, X, SIGMA**2)
    independent = log_normal(X, 0, V**2) + log_normal(NOISY, 0, V**2 + SIGMA**2)
    return Proof(whole, apart, (independent,)), Proof(sp.diff(whole, NOISY), sp.diff(apart, NOISY), (-sp.diff(apart, X),))


def eq_089():
    """002/89: the derivative of the log as a quotient.

    Printed:
        [(86)] = integral of s_theta(x~) [integral of q_0(x) q(x~|x)
                                          dq(x~|x)/(q(x~|x) dx) dx] dx~
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: literally the derivative by x, which has the other sign; by x~ is meant, as in (88) before it and (91) after it.
    Right:
        integral of s_theta(x~) [integral of q_0(x) q(x~|x)
                                 dq(x~|x)/(q(x~|x) dx~) dx] dx~
    Numbers: at data N(0, 1), sigma = 1, s(x~) = x~: printed 1, right -1
    """
    density = sp.exp(log_normal(NOISY, X, SIGMA**2))
    at = {NOISY: DRAW, X: CLEAN}
    quotients = [(sp.diff(density, name) / density).subs(at, simultaneous=True) for name in (NOISY, X)]
    return (
        Counterexample(CROSS, _cross(quotients[1]).subs(IDENTITY), _cross(quotients[0]).subs(IDENTITY)),
        Proof(_cross(quotients[0]), _cross(BY_NOISY), (_cross(quotients[1]),)),
    )


def _marginal_density():
    return sp.exp(log_normal(NOISY, 0, V**2 + SIGMA**2))


def eq_090():
    """002/90: the integral over clean data done.

    Printed:
        [(86)] = integral of s_theta(x~) d/dx q(x~) dx~
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: literally 0, for q(x~) does not hold x; the derivative by x~ is meant, which alone may leave the integral over x.
    Right:
        integral of s_theta(x~) d/dx~ q(x~) dx~
    Numbers: at data N(0, 1), sigma = 1, s(x~) = x~: printed 0, right -1
    """
    density = _marginal_density()
    right = (sp.diff(density, NOISY) / density).subs(NOISY, DRAW)
    literal = sp.diff(density, X)
    integral = sp.integrate((NOISY * sp.diff(density, NOISY)).subs({V: 1, SIGMA: 1}), (NOISY, -sp.oo, sp.oo))
    return (
        Counterexample(CROSS, sp.integrate(NOISY * literal, (NOISY, -sp.oo, sp.oo)), integral),
        Proof(_cross(right), _cross(BY_NOISY), (sp.Integer(0), _cross(BY_CLEAN))),
    )


def eq_091():
    """002/91: the noisy density above and below.

    Printed:
        [(86)] = integral of q(x~) s_theta(x~) 1/q(x~) dq(x~)/dx~ dx~
    Verdict: proved
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: against (86), with any cubic s.
    """
    density = _marginal_density()
    quotient = (sp.diff(density, NOISY) / density).subs(NOISY, DRAW)
    return Proof(_cross(BY_NOISY), _cross(quotient), (_cross(-quotient), _cross(2 * quotient)))


def eq_092():
    """002/92: back to a log.

    Printed:
        [(86)] = integral of q(x~) s_theta(x~) grad_x log q(x~) dx~
    Verdict: false as printed
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: literally 0, the gradient by x of what does not hold x; (91) and (93) have it by x~.
    Right:
        integral of q(x~) s_theta(x~) grad_x~ log q(x~) dx~
    Numbers: at data N(0, 1), sigma = 1, s(x~) = x~: printed 0, right -1
    """
    literal = sp.diff(sp.log(_marginal_density()), X)
    return (
        Counterexample(CROSS, _cross(literal).subs(IDENTITY), _cross(OF_MARGINAL).subs(IDENTITY)),
        Proof(_cross(BY_NOISY), _cross(OF_MARGINAL), (_cross(literal),)),
    )


def eq_093():
    """002/93: the cross term over noisy data alone.

    Printed:
        [(86)] = E_q(x~)[s_theta(x~) grad_x~ log q(x~)]
    Verdict: proved
    Scope: Gaussian data and any cubic model; two points and one cubic
    Reading: for Gaussian data and any cubic s; and for data at two points, -1 and 1, sigma = 1, s(x~) = x~^3 + x~: the left side
        by moments, the right side by quadrature of the mixture's derivative.
    """
    one_noise = sp.sqrt(V**2 + SIGMA**2) * U
    right = expectation(_model(one_noise) * -one_noise / (V**2 + SIGMA**2), [U])
    return Proof(_cross(BY_NOISY), right, (-right, _cross(BY_CLEAN))), _two_points()


def after_093_a():
    """002/after 93 a: the two losses have one minimum.

    Printed:
        It is evident that J'_theta - J_theta = 0, thus DSM and ESM are
        equivalent in optimizing theta
    Verdict: true under a named convention
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: J' and J are the losses without their constants (002/84, 002/85), and ESM is over noisy data, not equation (79).
    Right:
        J' = J, where ESM is E_q(x~)[1/2 ||s(x~) - grad_x~ log q(x~)||^2]
    Formulas: denoising_score_matching_loss dsm_constant_gaussian explicit_score_matching_loss
    """
    return Proof(
        _without_constant(BY_NOISY),
        _without_constant(OF_MARGINAL),
        (_without_constant(BY_CLEAN), _mean((_model(DRAW) - OF_MARGINAL) ** 2) / 2),
    )


def after_093_b():
    """002/after 93 b: the least denoising loss.

    Printed:
        assuming that we have achieved very good denoising score matching
        results such that L'theta = 0
    Verdict: true under a named convention
    Scope: data N(0, v^2) in one dimension, any cubic model
    Reading: all data are one point. For other data no result is so good: the least L' is half the mean variance of the target
        given x~, for data N(0, v^2) v^2/(2 sigma^2 (v^2 + sigma^2)). It is ESM over noisy data that can reach 0.
    Right:
        such that L' is least, where s(x~) = grad_x~ log q(x~)
    Numbers: at data N(0, 1), sigma = 1, least L': printed 0, right 0.25
    Formulas: denoising_score_matching_loss dsm_constant_gaussian
    """
    best = {CUBIC[0]: 0, CUBIC[1]: -1 / (V**2 + SIGMA**2), CUBIC[2]: 0, CUBIC[3]: 0}
    loss = _mean((_model(DRAW) - BY_NOISY) ** 2) / 2
    least = loss.subs(best)
    variance = completed_square(log_normal(X, 0, V**2) + log_normal(NOISY, X, SIGMA**2), X)[1]
    slopes = tuple(sp.diff(loss, name).subs(best) for name in CUBIC)
    return (
        Counterexample("data N(0, 1), sigma = 1, least L'", 0, least.subs({V: 1, SIGMA: 1})),
        Proof(slopes, (0, 0, 0, 0), (tuple(sp.diff(loss, name).subs(dict.fromkeys(CUBIC, 1)) for name in CUBIC),)),
        Proof(least, variance / (2 * SIGMA**4), (sp.Integer(0), variance / 2)),
        Proof(sp.limit(least, V, 0), 0, (1 / (2 * SIGMA**2),)),
    )


def after_093_c():
    """002/after 93 c: the mean from the score.

    Printed:
        we can obtain the expression for the score function in a Gaussian
        distribution: mu = x + sigma^2 s_theta(x)
    Verdict: proved
    Scope: one Gaussian; Tweedie for data N(0, v^2)
    Reading: s is the score of that Gaussian; for the score of noisy data the left side becomes the mean of x given x~
        (Tweedie), which the second proof shows for data N(0, v^2).
    Formulas: gaussian_score x_0_from_score
    """
    mu = real("mu")
    score = sp.diff(log_normal(X, mu, SIGMA**2), X)
    denoised = completed_square(log_normal(X, 0, V**2) + log_normal(NOISY, X, SIGMA**2), X)[0]
    of_noisy = sp.diff(log_normal(NOISY, 0, V**2 + SIGMA**2), NOISY)
    return (
        Proof(X + SIGMA**2 * score, mu, (X - SIGMA**2 * score, X + SIGMA * score)),
        Proof(NOISY + SIGMA**2 * of_noisy, denoised, (NOISY - SIGMA**2 * of_noisy,)),
    )


def eq_094():
    """002/94: DDPM's data from the score.

    Printed:
        sqrt(alpha_bar_t) x_0 = x_t + (1 - alpha_bar_t) s_theta(x)
        <=> x_0 = (x_t + (1 - alpha_bar_t) s_theta(x))/sqrt(alpha_bar_t)
    Verdict: true under a named convention
    Scope: one dimension, any values; E[x_0|x_t] for data N(0, v^2)
    Reading: s(x) is taken at x_t, and is the score of q(x_t|x_0). The learned score is that of q(x_t); with it, x_0 becomes the
        mean of x_0 given x_t.
    Right:
        x_0 = (x_t + (1 - alpha_bar_t) grad log q(x_t|x_0))/sqrt(alpha_bar_t),
        E[x_0|x_t] = (x_t + (1 - alpha_bar_t) grad log q(x_t))/sqrt(alpha_bar_t)
    Formulas: x_0_from_score
    """
    given = sp.diff(log_normal(X_T, A_T * X_0, 1 - A_T**2), X_T)
    marginal = sp.diff(log_normal(X_T, 0, A_T**2 * V**2 + 1 - A_T**2), X_T)
    denoised = completed_square(log_normal(X_0, 0, V**2) + log_normal(X_T, A_T * X_0, 1 - A_T**2), X_0)[0]

    def printed(score):
        return (X_T + (1 - A_T**2) * score) / A_T

    ours = conversion.x_0_from_score(X_T, SCORE, A_T, sp.sqrt(1 - A_T**2))
    return (
        Proof(printed(given), X_0, (printed(-given), printed(marginal))),
        Proof(printed(marginal), denoised, (X_0, printed(-marginal))),
        Proof(printed(SCORE), ours, (printed(-SCORE),)),
    )


def eq_095():
    """002/95: the score from the noise.

    Printed:
        s_theta(x) = -sqrt(1 - alpha_bar_t) eps_0
    Verdict: false as printed
    Scope: one dimension, any alpha_bar_t
    Reading: the root divides: (94) and (57) give (1 - alpha_bar_t) s = -sqrt(1 - alpha_bar_t) eps_0.
    Right:
        s(x_t) = -eps_0/sqrt(1 - alpha_bar_t)
    Numbers: at alpha_bar_t = 3/4, eps_0 = 1: printed -0.5, right -2
    Formulas: score_from_eps
    """
    noise = sp.sqrt(1 - A_T**2)
    score = sp.diff(log_normal(X_T, A_T * X_0, 1 - A_T**2), X_T).subs(X_T, A_T * X_0 + noise * EPS)
    at = {A_T: sp.sqrt(3) / 2, EPS: 1}
    return (
        Counterexample("alpha_bar_t = 3/4, eps_0 = 1", (-noise * EPS).subs(at), (-EPS / noise).subs(at)),
        Proof(score, conversion.score_from_eps(X_T, EPS, A_T, noise), (-noise * EPS, EPS / noise)),
    )


def eq_096():
    """002/96: DDPM's sampling step from the score.

    Printed:
        x_{t-1} = 1/sqrt(alpha_bar_t) (x_t + (1 - alpha_bar_t) s_theta(x))
                  + sigma_t z
    Verdict: false as printed
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the two bars must go. As printed the mean is the estimate of x_0, equation (94), and not that of x_{t-1}; it agrees
        only at t = 1. Equation (142), said to match it, has no bars.
    Right:
        x_{t-1} = 1/sqrt(alpha_t) (x_t + (1 - alpha_t) s(x_t)) + sigma_t z
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, x_2 = 1, s = -1, z = 0: printed 0.5, right 0.707107
    Formulas: ancestral_step_vp posterior_mean
    """
    alpha = A_T**2 / A_S**2
    printed = (X_T + (1 - A_T**2) * SCORE) / A_T
    right = (X_T + (1 - alpha) * SCORE) * A_S / A_T
    x_0 = conversion.x_0_from_score(X_T, SCORE, A_T, sp.sqrt(1 - A_T**2))
    ours = posterior.posterior_mean(x_0, X_T, 2 * sp.log(A_S), 2 * sp.log(A_T))
    at = SIMPLE | {X_T: 1, SCORE: -1}
    return (
        Counterexample("alpha_1 = alpha_2 = 1/2, t = 2, x_2 = 1, s = -1, z = 0", printed.subs(at), right.subs(at)),
        Proof(ours, right, (printed, (X_T + (1 - A_T**2) * SCORE) * A_S / A_T)),
    )


def after_096_a():
    """002/after 96 a: score and noise as targets.

    Printed:
        optimizing the score function and predicting the noise are almost
        equivalent
    Verdict: true under a named convention
    Scope: entry by entry, any values
    Reading: at each t the two losses differ by the factor 1 - alpha_bar_t, so their minima agree; summed over t without it they
        weigh the times differently.
    Right:
        ||eps_0 - eps_theta||^2 = (1 - alpha_bar_t) ||s - s_theta||^2
    Formulas: denoising_score_matching_loss score_from_eps snr_weight_score
    """
    other = real("other")
    noise = sp.sqrt(1 - A_T**2)
    scores = [conversion.score_from_eps(X_T, one, A_T, noise) for one in (EPS, other)]
    gap = (scores[0] - scores[1]) ** 2
    return Proof((EPS - other) ** 2, (1 - A_T**2) * gap, (gap, noise * gap))


def after_096_b():
    """002/after 96 b: DDPM's forward step, quoted.

    Printed:
        q(x_t|x_{t-1}) = N(x_t; sqrt(alpha_bar_t) x_{t-1}, (1 - alpha_t) I)
    Verdict: false as printed
    Scope: t = 2, data N(0, 1) in one dimension
    Reading: a bar too many, as in equation (45): equation (34) has sqrt(alpha_t). With the bar, data of unit variance would not
        keep it.
    Right:
        q(x_t|x_{t-1}) = N(x_t; sqrt(alpha_t) x_{t-1}, (1 - alpha_t) I)
    Numbers: at data N(0, 1), alpha_1 = alpha_2 = 1/2, variance of x_2: printed 0.75, right 1
    Formulas: transition_mean transition_variance
    """
    u_1, u_2 = real("u_1 u_2")
    alpha = A_T**2 / A_S**2

    def variance(kept):
        before = A_S * W + sp.sqrt(1 - A_S**2) * u_1
        return expectation((kept * before + sp.sqrt(1 - alpha) * u_2) ** 2, [W, u_1, u_2])

    chain = expectation(forward_states(W, [A_S, A_T / A_S], [u_1, u_2])[-1] ** 2, [W, u_1, u_2])
    return (
        Counterexample("data N(0, 1), alpha_1 = alpha_2 = 1/2, variance of x_2", variance(A_T).subs(SIMPLE), chain.subs(SIMPLE)),
        Proof(variance(sp.sqrt(alpha)), chain, (variance(A_T),)),
    )


def _growing():
    """x_3 of SMLD's forward process, from x_0 and three steps that add sigma_t^2 - sigma_{t-1}^2."""
    levels, noises = positive("s_0:4"), real("u_1:4")
    state = X_0 + sum(sp.sqrt(levels[t] ** 2 - levels[t - 1] ** 2) * noises[t - 1] for t in (1, 2, 3))
    mean = expectation(state, noises)
    return levels, column([mean, expectation((state - mean) ** 2, noises)])


def after_096_c():
    """002/after 96 c: SMLD's noising step.

    Printed:
        p(x_t|x_{t-1}) = N(x_t, (sigma_t^2 - sigma_{t-1}^2) I)
    Verdict: notation slip
    Scope: three steps in one dimension, any levels
    Reading: literally a law of x_t around itself, which has no value; the mean is x_{t-1}, as the text's x_i = x_{i-1} + ... in
        section 4.2 has it. The variance is right: the steps add up to that of the whole way.
    Right:
        p(x_t|x_{t-1}) = N(x_t; x_{t-1}, (sigma_t^2 - sigma_{t-1}^2) I)
    Formulas: ve_added_variance ve_transition_sample
    """
    levels, moments = _growing()
    whole = column([X_0, levels[3] ** 2 - levels[0] ** 2])
    return Proof(moments, whole, (column([X_0, (levels[3] - levels[0]) ** 2]), column([X_0, levels[3] ** 2 + levels[0] ** 2])))


def after_096_d():
    """002/after 96 d: SMLD's whole noising process.

    Printed:
        p(x_t|x_0) = N(x_0, sigma_t^2 I)
    Verdict: true under a named convention
    Scope: three steps in one dimension, any levels
    Reading: with sigma_0 = 0; otherwise the variance is sigma_t^2 - sigma_0^2, as the text's own equation (135) has it.
    Right:
        p(x_t|x_0) = N(x_t; x_0, (sigma_t^2 - sigma_0^2) I), and sigma_0 = 0
    Formulas: ve_added_variance ve_transition_sample
    """
    levels, moments = _growing()
    started = column([sp.limit(one, levels[0], 0) for one in moments])
    whole = column([X_0, levels[3] ** 2])
    return Proof(started, whole, (moments, column([X_0, levels[3]])))
