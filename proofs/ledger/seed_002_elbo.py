"""Seed 002, section 2.2 from equation (34) to (42): DDPM's forward step and its lower bound."""

import sympy as sp

from refdiff.reference import forward, posterior

from ..algebra import completed_square, expectation, log_normal, positive, real
from .chain import (
    KEPT,
    NOISES,
    START,
    STEPS,
    bound,
    divergence,
    forward_term,
    gradients,
    kl,
    marginal,
    mean_over,
    model_term,
    states,
)
from .evidence import Counterexample, Proof

HALF = sp.Rational(1, 2)
X_1, X_2, X_3 = real("x_1 x_2 x_3")
PATH = [START, X_1, X_2, X_3]
# One density each, four steps: q(x_t|x_{t-1}), q(x_t|x_0), q(x_{t-1}|x_t, x_0), p(x_{t-1}|x_t) and p(x_4).
LAST = 4
Q, G, B, P = (dict(enumerate(positive(f"{name}_1:5"), 1)) for name in "qgbp")
P_END = positive("p_end")


def _log_marginal(t, x):
    """Log q(x_t|x_0), from the moments of the chain."""
    if t == 0:
        return sp.Integer(0)
    mean = expectation(states()[t], NOISES)
    return log_normal(x, mean, expectation((states()[t] - mean) ** 2, NOISES))


def _regression(t):
    """Mean and variance of x_{t-1} given x_t and x_0, from their covariance."""
    before, after = states()[t - 1], states()[t]
    means = [expectation(one, NOISES) for one in (before, after)]
    spread = [
        expectation((one - i) * (other - j), NOISES)
        for one, other, i, j in ((before, before, *means[:1] * 2), (before, after, *means), (after, after, *means[1:] * 2))
    ]
    slope = spread[1] / spread[2]
    return means[0] + slope * (PATH[t] - means[1]), spread[0] - slope * spread[1]


def eq_034():
    """002/34: DDPM's forward step.

    Printed:
        q_phi(x_t|x_{t-1}) = q(x_t|x_{t-1})
            = N(x_t; sqrt(alpha_t) x_{t-1}, (1 - alpha_t) I)
        <=> x_t = sqrt(alpha_t) x_{t-1} + sqrt(1 - alpha_t) eps
            where eps ~ N(0, I)
    Verdict: definition
    Scope: one dimension, any alpha_t
    Reading: the second argument of N is now a variance; in equations (2) and (3) it was written sigma. The two lines say one
        thing, and with alpha_t = alpha_bar_t/alpha_bar_{t-1} it is the library's forward step.
    Formulas: transition_mean transition_variance
    """
    a_s, a_t = positive("a_s a_t")
    x, u = real("x u")
    share = a_t**2 / a_s**2
    draw = sp.sqrt(share) * x + sp.sqrt(1 - share) * u
    mean = expectation(draw, [u])
    moments = (mean, expectation((draw - mean) ** 2, [u]))
    logs = (2 * sp.log(a_s), 2 * sp.log(a_t))
    ours = (forward.transition_mean(x, *logs), forward.transition_variance(*logs))
    return (
        Proof(moments, (sp.sqrt(share) * x, 1 - share), ((share * x, 1 - share), (sp.sqrt(share) * x, sp.sqrt(1 - share)))),
        Proof(moments, ours, ((ours[0], ours[1] ** 2), (a_t * x, ours[1]))),
    )


def after_034_a():
    """002/after 34 a: which law adds noise and which removes it.

    Printed:
        p_theta(x_{t+1}|x_t) represents the denoising process from x_{t+1} to
        x_t, and q(x_{t-1}|x_t) represents the noise-adding process
    Verdict: notation slip
    Scope: one linear Gaussian step in one dimension
    Reading: the words are right and only the names of the laws are wrong: each bar is the wrong way round. Equation (34) has
        the noise-adding q(x_t|x_{t-1}), and equation (33) the denoising p(x_t|x_{t+1}). The slope of the mean tells the two
        apart.
    Right:
        p(x_t|x_{t+1}) denoises from x_{t+1} to x_t, and q(x_t|x_{t-1}) adds
        noise
    Numbers: at x_0 = 0, alpha_1 = alpha_2 = 1/2, t = 2, slope of q's mean: printed 0.471405, right 0.707107
    """
    backward = sp.diff(_regression(2)[0], X_2)
    at = dict.fromkeys((*KEPT[0], *KEPT[1]), sp.sqrt(HALF)) | {START: 0}
    forward_slope = sp.cancel(-sp.diff(forward_term(2, PATH), X_2, X_1) / sp.diff(forward_term(2, PATH), X_2, X_2))
    where = "x_0 = 0, alpha_1 = alpha_2 = 1/2, t = 2, slope of q's mean"
    return (
        Counterexample(where, backward.subs(at), KEPT[1][0].subs(at)),
        Proof(forward_slope, KEPT[1][0], (backward,)),
    )


def _whole():
    """The fraction of equation (28) for four steps."""
    return P_END * sp.prod(list(P.values())) / sp.prod(list(Q.values()))


def eq_035():
    """002/35: the first forward and the last reverse step taken out.

    Printed:
        L_theta = E_q(x_1:T|x_0)[log(
            p_theta(x_T) p_theta(x_0|x_1) prod_{t=2..T} p_theta(x_{t-1}|x_t)
            / (q(x_1|x_0) prod_{t=2..T} q(x_t|x_{t-1})))]
    Verdict: proved
    Scope: four steps of any positive densities
    """
    above = P_END * P[1] * sp.prod([P[t] for t in range(2, LAST + 1)])
    below = Q[1] * sp.prod([Q[t] for t in range(2, LAST + 1)])
    return Proof(_whole(), above / below, (above / below * Q[1], above / (below / Q[LAST]), above / below / P[1]))


def eq_036():
    """002/36: two logs, and x_0 as a condition.

    Printed:
        [L_theta] = E_q(x_1:T|x_0)[log(p_theta(x_T) p_theta(x_0|x_1)/q(x_1|x_0))
            + log prod_{t=2..T} p_theta(x_{t-1}|x_t)/q(x_t|x_{t-1}, x_0)]
    Verdict: proved
    Scope: four steps of any densities; the Markov property on Gaussians
    Reading: x_0 may join the condition because the chain is Markov: in the regression of x_2 on x_0 and x_1, data N(0, 1), x_0
        has no weight.
    """
    start = sp.Dummy("start", real=True)
    drawn = [state.subs(START, start) for state in states()]
    noises = [start, *NOISES]
    known = sp.Matrix([[expectation(drawn[i] * drawn[j], noises) for j in (0, 1)] for i in (0, 1)])
    weights = known.inv() * sp.Matrix([expectation(drawn[i] * drawn[2], noises) for i in (0, 1)])
    logs = sp.log(P_END * P[1] / Q[1]) + sp.log(sp.prod([P[t] / Q[t] for t in range(2, LAST + 1)]))
    return (
        Proof(sp.log(_whole()), logs, (logs + sp.log(Q[1]), logs - sp.log(P[1]))),
        Proof(tuple(weights), (0, KEPT[1][0]), ((KEPT[0][0] * KEPT[1][0], 0),)),
    )


def eq_037():
    """002/37: each forward step turned round by Bayes' rule.

    Printed:
        log prod_{t=2..T} p_theta(x_{t-1}|x_t)/q(x_t|x_{t-1}, x_0)
        = log prod_{t=2..T} p_theta(x_{t-1}|x_t)
              / (q(x_{t-1}|x_t, x_0) q(x_t|x_0)/q(x_{t-1}|x_0))
    Verdict: proved
    Scope: t = 2 and 3 of a linear Gaussian chain in one dimension
    Reading: q(x_{t-1}|x_t, x_0) is taken here from covariances, not from Bayes' rule.
    """
    left, right, upside_down = [], [], []
    for t in (2, 3):
        turned = log_normal(PATH[t - 1], *_regression(t))
        left.append(forward_term(t, PATH))
        right.append(turned + _log_marginal(t, PATH[t]) - _log_marginal(t - 1, PATH[t - 1]))
        upside_down.append(turned - _log_marginal(t, PATH[t]) + _log_marginal(t - 1, PATH[t - 1]))
    return Proof(tuple(left), tuple(right), (tuple(upside_down),))


def _turned(t):
    """q(x_t|x_{t-1}, x_0) by Bayes' rule, in densities."""
    return B[t] * G[t] / G[t - 1]


def eq_038():
    """002/38: the product written out.

    Printed:
        [(37)] =
          log[ p_theta(x_1|x_2) / (q(x_1|x_2, x_0) q(x_2|x_0)/q(x_1|x_0))
             x p_theta(x_2|x_3) / (q(x_2|x_3, x_0) q(x_3|x_0)/q(x_2|x_0))
             x p_theta(x_3|x_4) / (q(x_3|x_4, x_0) q(x_4|x_0)/q(x_3|x_0)) ... ]
    Verdict: proved
    Scope: four steps of any positive densities
    """
    product = sp.prod([P[t] / _turned(t) for t in range(2, LAST + 1)])
    second = P[2] / (B[2] * G[2] / G[1])
    third = P[3] / (B[3] * G[3] / G[2])
    fourth = P[4] / (B[4] * G[4] / G[3])
    return Proof(product, second * third * fourth, (second * third, second * third * fourth * G[1]))


def eq_039():
    """002/39: the product telescopes.

    Printed:
        [(37)] = log[ q(x_1|x_0)/q(x_T|x_0)
            + log prod_{t=2..T} p_theta(x_{t-1}|x_t)/q(x_{t-1}|x_t, x_0) ]
    Verdict: false as printed
    Scope: four steps of any positive densities
    Reading: literally the log of a sum that holds a log, which is another number; the bracket must close before the plus, as
        equation (40) has it.
    Right:
        log[q(x_1|x_0)/q(x_T|x_0)]
        + log prod_{t=2..T} p_theta(x_{t-1}|x_t)/q(x_{t-1}|x_t, x_0)
    Numbers: at q(x_1|x_0) = q(x_T|x_0) and a product of e: printed 0.693147, right 1
    """
    product = sp.prod([P[t] / _turned(t) for t in range(2, LAST + 1)])
    rest = sp.log(sp.prod([P[t] / B[t] for t in range(2, LAST + 1)]))
    right = sp.log(G[1] / G[LAST]) + rest
    return (
        Counterexample("q(x_1|x_0) = q(x_T|x_0) and a product of e", sp.log(1 + sp.log(sp.E)), sp.log(1) + sp.log(sp.E)),
        Proof(sp.log(product), right, (rest - sp.log(G[1] / G[LAST]), rest)),
    )


def eq_040():
    """002/40: the bound with every step turned round.

    Printed:
        L_theta = E_q(x_1:T|x_0)[log(p(x_T) p_theta(x_0|x_1)/q(x_1|x_0))
            + log(q(x_1|x_0)/q(x_T|x_0))
            + log prod_{t=2..T} p_theta(x_{t-1}|x_t)/q(x_{t-1}|x_t, x_0)]
    Verdict: proved
    Scope: four steps of any positive densities
    """
    turned = {Q[1]: G[1]} | {Q[t]: _turned(t) for t in range(2, LAST + 1)}
    rest = sp.log(sp.prod([P[t] / B[t] for t in range(2, LAST + 1)]))
    ends = sp.log(P_END * P[1] / G[1])
    printed = ends + sp.log(G[1] / G[LAST]) + rest
    return Proof(sp.log(_whole()).subs(turned), printed, (ends + rest, ends - sp.log(G[1] / G[LAST]) + rest))


def eq_041():
    """002/41: DDPM's lower bound.

    Printed:
        [L_theta] = E_q(x_1|x_0)[log p_theta(x_0|x_1)]
            - D_KL(q(x_T|x_0) || p_theta(x_T))
            - sum_{t=2..T} E_q(x_t|x_0)
                           [D_KL(q(x_{t-1}|x_t, x_0) || p_theta(x_{t-1}|x_t))]
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    Reading: against the mean log quotient of the joint densities over the whole path.
    Formulas: denoising_matching_term gaussian_kl_isotropic prior_kl reconstruction_term variational_bound_linear
    """
    first = mean_over(model_term(1, {0: START, 1: marginal(1, NOISES[0])}))
    mean = expectation(states()[STEPS], NOISES)
    prior = kl(mean, expectation((states()[STEPS] - mean) ** 2, NOISES), 0, 1)
    steps = sum(divergence(t) for t in range(2, STEPS + 1))
    return Proof(bound(), first - prior - steps, (first - steps, first - prior + steps, first + prior - steps))


def eq_042():
    """002/42: one divergence in the place of the bound.

    Printed:
        argmax_theta L_theta approx.
        argmin_theta D_KL(q(x_{t-1}|x_t, x_0) || p_theta(x_{t-1}|x_t))
    Verdict: true under a named convention
    Scope: t = 2 and 3 of three linear Gaussian steps, data of any two moments
    Reading: literally one t and one pair x_0, x_t, whose best mean is mu_q(x_0, x_t), which no model can know. What the text
        leaves open: the mean over q(x_t|x_0) and, on both sides, over data, and parameters of its own for each t >= 2: in
        those, for every x_0, the bound and minus the mean divergence have one gradient, hence also their means over data. The
        term t = 1 of equation (41) is left out.
    Right:
        for each t >= 2, over the parameters of step t:
        argmax E_data[L] = argmin E_data E_q(x_t|x_0)[D_KL(...)]
    Numbers: at data N(0, 1), alpha_1 = alpha_2 = 1/2, x_2 = 0, best mean of x_1 for x_0 = 1, printed as that for the model:
        printed 0.471405, right 0
    Formulas: denoising_kl denoising_matching_term posterior_mean
    """
    of_pair = posterior.posterior_mean(1, 0, sp.log(HALF), 2 * sp.log(HALF))
    x_1, x_2 = real("x_1 x_2")
    over_data = completed_square(log_normal(x_1, 0, 1) + log_normal(x_2, sp.sqrt(HALF) * x_1, HALF), x_1)[0].subs(x_2, 0)
    where = "data N(0, 1), alpha_1 = alpha_2 = 1/2, x_2 = 0, best mean of x_1 for x_0 = 1, printed as that for the model"
    proofs = []
    for t in (2, 3):
        of_bound, of_divergence, *misses = gradients(t)
        proofs.append(Proof(of_divergence, of_bound, tuple(misses)))
    return *proofs, Counterexample(where, of_pair, over_data)
