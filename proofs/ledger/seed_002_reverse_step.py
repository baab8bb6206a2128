"""Seed 002, section 4.3: DDPM's sampling step out of the reverse SDE, Eqs. (137) to (142)."""

import math

import sympy as sp

from refdiff.reference import posterior

from ..algebra import completed_square, log_normal, positive, real
from .diffusion import rate, spread, transport
from .evidence import Counterexample, Order, Proof

X, Z, S, MEAN = real("x z s mean")
# The step variance beta, and the variance of x over the data.
BETA, VARIANCE = positive("beta variance")
# DDPM's step, as Eqs. (139) to (141) mean it: the mean to first order in beta, and the noise.
MEANT = (1 + BETA / 2) * (X + BETA * S), -sp.sqrt(BETA) * Z


def eq_137():
    """002/137: the reverse SDE of the variance-preserving process.

    Printed:
        dx = [-(1/2) beta(t) x - beta(t) s_theta(x)] dt + sqrt(beta(t)) dw
    Verdict: true under a named convention
    Scope: Gaussian p_t in one dimension
    Reading: time runs backwards (dt < 0, dw is noise of the reverse process) and s_theta is the exact score; with dt > 0
        it is another process. Proved: the density it carries backwards is the one that the forward process carries
        forwards.
    Right:
        dx = [-(1/2) beta x - beta grad log p_t(x)] dt + sqrt(beta) dw, with dt < 0
    Formulas: reverse_sde_drift vp_diffusion vp_drift_rate
    """
    log_p = log_normal(X, MEAN, VARIANCE)
    score = sp.diff(log_p, X)
    # Moments of the forward process, Eqs. (113) and (125).
    growth = rate(log_p, {MEAN: -BETA * MEAN / 2, VARIANCE: BETA * (1 - VARIANCE)})

    def carried(drift):
        """d log p/dt where noise is added as time falls."""
        return transport(log_p, X, drift) - BETA * spread(log_p, X) / 2

    misprints = -BETA * X / 2 + BETA * score, -BETA * X / 2 - BETA * score / 2, BETA * X / 2 - BETA * score
    return Proof(growth, carried(-BETA * X / 2 - BETA * score), tuple(map(carried, misprints)))


def eq_138():
    """002/138: the reverse SDE over one step.

    Printed:
        x_(t-1) - x_t = [-(1/2) beta(t) x_t - beta(t) s_theta(x_t)]
            + sqrt(beta(t)) z_t
    Verdict: false as printed
    Scope: data N(0, 1), to first order in beta
    Reading: literally the drift moves x along forward time although the step goes from t to t - 1, so dt = -1: the bracket's
        sign is wrong. (dt's size is absorbed into beta_t, a convention.) Eq. (139) does not follow from it: its drift has the
        other sign. With x_t - x_(t-1) on the left, which may be what was meant, it is Eq. (139) exactly; but it is a value that
        is wrong, not a name.
    Right:
        x_(t-1) - x_t = [(1/2) beta_t x_t + beta_t s_theta(x_t)] + sqrt(beta_t) z_t
    Numbers: at unit Gaussian data, beta = 0.02, x_t = 1, z = 0, the step's drift: printed 0.01, right -0.01
    Formulas: reverse_euler_maruyama_step reverse_sde_drift
    """
    printed = -BETA * X / 2 - BETA * S
    # The exact mean for unit Gaussian data: E[x_(t-1) | x_t] = sqrt(1 - beta) x_t, and s = -x_t.
    x_s = sp.Dummy("x_s", real=True)
    mean, _ = completed_square(log_normal(x_s, 0, 1) + log_normal(X, sp.sqrt(1 - BETA) * x_s, BETA), x_s)
    first_order = sp.series(sp.simplify(mean - X), BETA, 0, 2).removeO()
    at = {X: 1, S: -1, BETA: sp.Rational(1, 50)}
    shown = Counterexample(
        "unit Gaussian data, beta = 0.02, x_t = 1, z = 0, the step's drift", printed.subs(at), -printed.subs(at)
    )
    return shown, Proof(first_order, -printed.subs(S, -X), (printed.subs(S, -X), -2 * printed.subs(S, -X)))


def eq_139():
    """002/139: the discrete reverse step solved for x_(t-1).

    Printed:
        <=> x_(t-1) = (1 + (1/2) beta(t)) x_t + beta(t) s_theta(x_t)
            - sqrt(beta(t)) z_t
    Verdict: heuristic
    Reading: literally it is not equivalent to Eq. (138), whose drift has the other sign, nor to the SDE (137), of which
        it is one Euler step; charitably that Euler step taken with dt = -1, where the sign of z_t does not matter.
        Measured: the error of its mean against E[x_(t-1) | x_t] for Gaussian data falls as beta^2.
    Right:
        E[x_(t-1) | x_t] = (1 + beta_t/2) x_t + beta_t grad log p_t(x_t)
                           + O(beta_t^2)
    Formulas: reverse_euler_maruyama_step reverse_sde_drift
    """

    def error(kept, score):
        """By beta, with these factors of beta/2 and of the score; x_t = 1, and the variance before the step is 3."""

        def of(beta, before=3.0):
            after = (1 - beta) * before + beta
            return math.sqrt(1 - beta) * before / after - (1 + kept * beta / 2 - score * beta / after)

        return of

    return Order(error(1, 1), 2, (error(-1, 1), error(2, 1), error(1, -1), error(1, 0.5)))


def eq_140():
    """002/140: a term of second order added.

    Printed:
        <=> x_(t-1) approx. (1 + (1/2) beta(t) x_t + beta(t) s_theta(x_t)
            + (1/2) beta(t)^2 s_theta(x_t) - sqrt(beta(t)) z_t
        lim_(t->0) beta^2(t) = 0
    Verdict: notation slip
    Scope: entry by entry, any values
    Reading: literally a parenthesis that is never closed; charitably it closes after beta(t), as in Eq. (139), and not at the
        end of the line, which would multiply x_t by beta/2 only (the numbers). The added (1/2) beta^2 s_theta is of second
        order in beta; the limit meant is beta -> 0, not t -> 0.
    Right:
        x_(t-1) approx. (1 + (1/2) beta_t) x_t + beta_t s_theta(x_t)
            + (1/2) beta_t^2 s_theta(x_t) - sqrt(beta_t) z_t
    Numbers: at beta = 1/2, x_t = 2, s_theta = z_t = 0: printed 1.5, right 2.5
    """
    rest = BETA * S + BETA**2 * S / 2 - sp.sqrt(BETA) * Z
    printed, intended = 1 + BETA * X / 2 + rest, (1 + BETA / 2) * X + rest
    at = {BETA: sp.Rational(1, 2), X: 2, S: 0, Z: 0}
    shown = Counterexample("beta = 1/2, x_t = 2, s_theta = z_t = 0", printed.subs(at), intended.subs(at))
    kept = (1 + BETA / 2) * X + BETA * S - sp.sqrt(BETA) * Z
    added, doubled = (sp.lambdify(BETA, (intended + more - kept).subs(S, -1)) for more in (0, BETA * S))
    return shown, Proof(intended, sum(MEANT), (printed, intended - BETA**2 * S)), Order(added, 2, (doubled,))


def eq_141():
    """002/141: the common factor taken out.

    Printed:
        [x_(t-1) approx.]
        = (1 + (1/2) beta(t)) (x_t + beta(t) s_theta(x_t) - sqrt(beta(t)) z_t)
    Verdict: false as printed
    Scope: entry by entry, any values
    Reading: literally the noise is multiplied by 1 + beta/2 too, which Eq. (140) does not do, nor (142); charitably the last
        parenthesis closes before the noise.
    Right:
        = (1 + (1/2) beta_t) (x_t + beta_t s_theta(x_t)) - sqrt(beta_t) z_t
    Numbers: at beta = 1/4, x_t = s_theta = 0, z_t = 1: printed -0.5625, right -0.5
    """
    from_140 = (1 + BETA / 2) * X + BETA * S + BETA**2 * S / 2 - sp.sqrt(BETA) * Z
    printed = (1 + BETA / 2) * (X + BETA * S - sp.sqrt(BETA) * Z)
    at = {BETA: sp.Rational(1, 4), X: 0, S: 0, Z: 1}
    shown = Counterexample("beta = 1/4, x_t = s_theta = 0, z_t = 1", printed.subs(at), from_140.subs(at))
    return shown, Proof(from_140, sum(MEANT), (printed, from_140 - BETA**2 * S / 2))


def eq_142():
    """002/142: DDPM's step.

    Printed:
        [x_(t-1) approx.]
        = 1/sqrt(1 - beta(t)) (x_t + beta(t) s_theta(x_t)) - sqrt(beta(t)) z_t
    Verdict: heuristic
    Reading: literally an equality; 1/sqrt(1 - beta) is 1 + beta/2 + (3/8) beta^2 + ..., so it holds to first order in
        beta only.
    Right:
        = 1/sqrt(1 - beta_t) (x_t + beta_t s_theta(x_t)) - sqrt(beta_t) z_t
          + O(beta_t^2)
    Formulas: ancestral_step_vp
    """

    def error(first):
        return lambda beta: (1 / math.sqrt(1 - beta) - (1 + first * beta)) * (1 - 2 * beta)

    return Order(error(0.5), 2, (error(1), error(-0.5), error(0)))


def after_142_a():
    """002/after 142 a: the limit used for the factor 1/sqrt(1 - beta).

    Printed:
        "Use lim_(r->0) (1 - x)^r = 1 - r x"
    Verdict: notation slip
    Scope: any r, to first order in x
    Reading: literally r tends to 0 on the left and still stands on the right, so that no value is given to the limit, which is
        1. Charitably the names are exchanged: x tends to 0 at the fixed r = -1/2. As an expansion in r it would be wrong (the
        numbers).
    Right:
        (1 - x)^r = 1 - r x + O(x^2) as x -> 0
    Numbers: at x = 1/2, the slope in r at r = 0: printed -0.5, right -0.693147
    """
    x, r = real("x r")
    power = (1 - x) ** r
    literal = sp.diff(power, r).subs({r: 0, x: sp.Rational(1, 2)})
    shown = Counterexample("x = 1/2, the slope in r at r = 0", -sp.Rational(1, 2), literal)
    first_order = [power.subs(x, 0), sp.diff(power, x).subs(x, 0)]
    return shown, Proof(first_order, [sp.Integer(1), -r], ([sp.Integer(1), r], [sp.Integer(1), sp.Integer(0)]))


def after_142_b():
    """002/after 142 b: the SDE's step and DDPM's step are nearly the same.

    Printed:
        "Eq. (142) and eq. (96) are nearly equivalent (disregarding
        the sign of the stochastic terms)"
    Verdict: true under a named convention
    Scope: one dimension, any alphas and score
    Reading: Eq. (96) is read with its right form, without bars. Then the means are equal for beta = 1 - alpha_t; the noises are
        equal for sigma_t^2 = beta_t, one of DDPM's two choices, and for the other, the variance of Eq. (50), only to first
        order in beta. The bars of (96) as printed would make it another step (the numbers).
    Right:
        E[x_(t-1)] = (x_t + beta_t s)/sqrt(1 - beta_t) in both, with
        beta_t = 1 - alpha_t and sigma_t^2 = beta_t
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, the factor of x_t in (96) as printed: printed 2, right 1.41421
    Formulas: ancestral_step_vp posterior_mean posterior_variance_large
    """
    kept, before = positive("kept before")
    log_s, log_t = sp.log(before), sp.log(kept * before)
    # DDPM's step: its posterior mean at the x_0 that the score stands for.
    x_0 = (X + (1 - kept * before) * S) / sp.sqrt(kept * before)
    found = [posterior.posterior_mean(x_0, X, log_s, log_t), posterior.posterior_variance_large(log_s, log_t)]
    mean, bar = (X + (1 - kept) * S) / sp.sqrt(kept), kept * before
    misprint = (X + (1 - bar) * S) / sp.sqrt(bar)
    half = sp.Rational(1, 2)
    factors = [sp.diff(one, X).subs({kept: half, before: half}) for one in (misprint, mean)]
    shown = Counterexample("alpha_1 = alpha_2 = 1/2, t = 2, the factor of x_t in (96) as printed", *factors)
    # The other choice of variance, by beta, at alpha_bar_(t-1) = 1/2.
    other = sp.lambdify(BETA, posterior.posterior_variance(log_s, log_t).subs(kept, 1 - BETA).subs(before, half) - BETA)
    return (
        shown,
        Proof(found, [mean, 1 - kept], ([misprint, 1 - kept], [mean, (1 - kept) ** 2])),
        Order(other, 2, (lambda beta: other(beta) + beta / 2,)),
    )


def after_142_c():
    """002/after 142 c: DDPM's sampler as a solution of the SDE.

    Printed:
        "We rigorously proved that the sampling procedure in DDPM is a
        special solution of the SDE" (section 5)
    Verdict: false as printed
    Scope: Gaussian data in one dimension
    Reading: literally a step of DDPM draws x_(t-1) from the reverse SDE's own law. Its mean does, but no choice of its variance
        does for all data: that of Eq. (50), with which the text samples in (64), is exact for data at one point only, and beta,
        as in (142), for unit Gaussian data only. Charitably it is a numerical solution, exact as beta -> 0.
    Right:
        for Gaussian data of variance v_s before the step: mean
        (x_t + beta s)/sqrt(1 - beta), variance beta v_s/((1 - beta) v_s + beta)
    Numbers: at unit Gaussian data, alpha_1 = alpha_2 = 1/2, t = 2, variance of the step by (50): printed 0.333333, right 0.5;
        at all data at 0, beta_1 = 1/2, variance of x_0 by (142): printed 0.5, right 0
    Formulas: ancestral_step_vp reverse_sde_mean_gaussian reverse_sde_variance_gaussian
    """
    x_s, v_s = sp.Dummy("x_s", real=True), positive("v_s")
    prior, step = log_normal(x_s, MEAN, v_s), log_normal(X, sp.sqrt(1 - BETA) * x_s, BETA)
    mean, variance = completed_square(prior + step, x_s)
    after = (1 - BETA) * v_s + BETA
    score = sp.diff(log_normal(X, sp.sqrt(1 - BETA) * MEAN, after), X)
    right = [(X + BETA * score) / sp.sqrt(1 - BETA), BETA * v_s / after]
    half, bar = sp.Rational(1, 2), positive("bar")
    by_50 = posterior.posterior_variance(sp.log(bar), sp.log((1 - BETA) * bar))
    unit = "unit Gaussian data, alpha_1 = alpha_2 = 1/2, t = 2, variance of the step by (50)"
    # Where all data are one point, the variance before the step is that of the noise.
    of_point = variance.subs(v_s, 1 - bar)
    return (
        Counterexample(unit, by_50.subs({bar: half, BETA: half}), variance.subs({v_s: 1, BETA: half})),
        Counterexample("all data at 0, beta_1 = 1/2, variance of x_0 by (142)", half, variance.subs({v_s: 0, BETA: half})),
        Proof([mean, variance], right, ([right[0], BETA], [(1 + BETA / 2) * (X + BETA * score), right[1]])),
        Proof(of_point, by_50, (BETA,)),
        Proof(variance.subs(v_s, 1), BETA, (by_50,)),
    )


def after_142_d():
    """002/after 142 d: one forward process, many samplers.

    Printed:
        "the forward process and the sampling process do not have a
        strict one-to-one correspondence" (section 5)
    Verdict: proved
    Scope: Gaussian p_t in one dimension
    Reading: shown by a sampler with any noise of its own, of power k, in place of beta: with the drift that goes with it,
        it passes through the same densities, and k = 0 is the probability flow.
    Right:
        dx = [-(1/2) beta x - (1/2)(beta + k) grad log p_t(x)] dt + sqrt(k) dw,
        dt < 0
    Formulas: same_marginals_drift
    """
    power = positive("k")
    log_p = log_normal(X, MEAN, VARIANCE)
    growth = rate(log_p, {MEAN: -BETA * MEAN / 2, VARIANCE: BETA * (1 - VARIANCE)})

    def carried(weight):
        drift = -BETA * X / 2 - weight * sp.diff(log_p, X)
        return transport(log_p, X, drift) - power * spread(log_p, X) / 2

    return Proof(growth, carried((BETA + power) / 2), (carried(BETA), carried(power / 2), carried(BETA + power)))
