"""Seed 002, section 2.2 to equation (33): the hierarchical variational autoencoder and its first lower bound."""

import sympy as sp

from refdiff.reference import forward, loss

from ..algebra import column, completed_square, expectation, log_normal, positive, real
from .chain import (
    BACK,
    KEPT,
    NOISES,
    START,
    STEPS,
    bound,
    forward_term,
    joint_log_density,
    kl,
    log_integral,
    marginal,
    mean_over,
    model_by_jacobian,
    model_term,
    states,
)
from .evidence import Counterexample, Order, Proof, Unchecked

Z_1, Z_2, Z_3 = real("z_1 z_2 z_3")
PATH = [START, Z_1, Z_2, Z_3]
SHARE, P_0, P_1 = positive("share p_0 p_1")
HALF = sp.Rational(1, 2)
# One density each for q(x_t|x_{t-1}) and p(x_{t-1}|x_t), t = 1..4, and p(x_4): what products of them need.
LAST = 4
Q = dict(enumerate(positive("q_1:5"), 1))
P = dict(enumerate(positive("p_1:5"), 1))
P_END = positive("p_end")


def _forward_product(path=PATH):
    return sum(forward_term(t, path) for t in range(1, STEPS + 1))


def _model_product(path):
    return sum(model_term(t, path) for t in range(1, STEPS + 2))


def _best_slopes(k):
    """Best c for means c x_{t+1} of p(x_t|x_{t+1}), by q(x_t|x_{t-1}) and by x_t itself; every x_t is N(0, 1), alpha = k^2."""
    c, before, u_1, u_2 = real("c before u_1 u_2")
    state = k * before + sp.sqrt(1 - k**2) * u_1
    after = k * state + sp.sqrt(1 - k**2) * u_2
    # Only the squared gap of the means holds c.
    gaps = [expectation((target - c * after) ** 2, [before, u_1, u_2]) for target in (k * before, state)]
    return [sp.solve(sp.diff(gap, c), c)[0] for gap in gaps]


def after_015_d():
    """002/after 15 d: the caption of figure 2.

    Printed:
        The red arrow q(x_t|x_{t-1}) represents the ground truth of the green
        arrow p_theta(x_t|x_{t+1}).
    Verdict: false as printed
    Scope: a stationary Gaussian chain in one dimension
    Reading: literally p_theta(x_t|x_{t+1}) is right when it is q(x_t|x_{t-1}), a law that follows another neighbour. Fitted to it
        on data N(0, 1), where every x_t is N(0, 1), its mean c x_{t+1} has the wrong c (002/after 33 b). The text drops this
        target itself, from figure 3 on.
    Right:
        the ground truth of p_theta(x_t|x_{t+1}) is q(x_t|x_{t+1}, x_0), and in
        the mean over data q(x_t|x_{t+1})
    Numbers: at data N(0, 1), alpha = 1/2, best c: printed 0.353553, right 0.707107
    Formulas: consistency_term denoising_matching_term
    """
    k = positive("k")
    printed, right = _best_slopes(k)
    by_bayes = sp.diff(completed_square(log_normal(Z_1, 0, 1) + log_normal(Z_2, k * Z_1, 1 - k**2), Z_1)[0], Z_2)
    return (
        Counterexample("data N(0, 1), alpha = 1/2, best c", *(one.subs(k, sp.sqrt(HALF)) for one in (printed, right))),
        Proof(right, by_bayes, (printed, k**2)),
    )


def eq_016():
    """002/16: the first step taken out of the forward chain.

    Printed:
        q_phi(z_1:T|x) = q_phi(z_2:T|z_1, [struck out: z_1]) . q(z_1|x)
    Verdict: notation slip
    Scope: three linear Gaussian steps in one dimension
    Reading: what is left after the stroke is right, and only what is struck out is misnamed: by the chain rule the condition is
        (z_1, x), and the Markov property strikes out x, not a second z_1.
    Right:
        q_phi(z_1:T|x) = q_phi(z_2:T|z_1, [struck out: x]) q(z_1|x)
    """
    whole = joint_log_density([Z_1, Z_2, Z_3], states()[1:], NOISES)
    later = [state.subs(states()[1], Z_1) for state in (states()[2], states()[3])]
    given_z_1 = joint_log_density([Z_2, Z_3], later, NOISES[1:])
    from_start = joint_log_density([Z_2, Z_3], states()[2:], NOISES)
    return Proof(whole, given_z_1 + forward_term(1, PATH), (from_start + forward_term(1, PATH), given_z_1))


def eq_017():
    """002/17: the second step taken out.

    Printed:
        [q_phi(z_1:T|x)] = q_phi(z_3:T|z_2, [struck out: z_1]) . q(z_2|z_1)
                           . q(z_1|x)
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    """
    whole = joint_log_density([Z_1, Z_2, Z_3], states()[1:], NOISES)
    first = forward_term(1, PATH) + forward_term(2, PATH)
    from_z_1 = log_normal(Z_3, KEPT[2][0] * Z_1, KEPT[2][1] ** 2)
    return Proof(
        whole, joint_log_density([Z_3], [KEPT[2][0] * Z_2 + KEPT[2][1] * NOISES[2]], NOISES) + first, (from_z_1 + first,)
    )


def eq_018():
    """002/18: and so on.

    Printed:
        = ...
    Verdict: not checkable
    Reading: dots: what they stand for is decided in equations (17) and (19)
    """
    return Unchecked()


def eq_019():
    """002/19: the forward chain as a product.

    Printed:
        [q_phi(z_1:T|x)] = q_phi(z_1|x) prod_{t=2..T} q_phi(z_t|z_{t-1})
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    Reading: against the joint density from means and covariances.
    Formulas: gaussian_log_density
    """
    whole = joint_log_density([Z_1, Z_2, Z_3], states()[1:], NOISES)
    printed = forward_term(1, PATH) + sum(forward_term(t, PATH) for t in range(2, STEPS + 1))
    return Proof(whole, printed, (printed - forward_term(1, PATH), printed + forward_term(2, PATH)))


def eq_020():
    """002/20: the reverse process as a product.

    Printed:
        p_theta(x, z_1:T) = p_theta(z_T) p_theta(x|z_1)
                            prod_{t=2..T} p_theta(z_{t-1}|z_t)
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    Reading: with x in the place of x_0, against the density of the noises that the path needs.
    """
    printed = model_term(STEPS + 1, PATH) + model_term(1, PATH) + sum(model_term(t, PATH) for t in range(2, STEPS + 1))
    return Proof(model_by_jacobian(PATH), printed, (printed - model_term(1, PATH), printed - model_term(STEPS, PATH)))


def eq_021():
    """002/21: the likelihood as an integral over all latents.

    Printed:
        log p_theta(x) = log integral of p_theta(x, z_1:T) dz_1:T
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    Reading: the integral of the product of densities, against the variance of x by moments.
    """
    variance = sp.Integer(1)
    for slope, noise in reversed(BACK):
        variance = slope**2 * variance + noise**2
    integral = log_integral(_model_product(PATH), [Z_1, Z_2, Z_3])
    return Proof(log_normal(START, 0, variance), integral, (log_normal(START, 0, 2 * variance), _model_product(PATH)))


def eq_022():
    """002/22: the forward process above and below the fraction.

    Printed:
        [log p_theta(x)] = log integral of
            p_theta(x, z_1:T) q_phi(z_1:T|x) / q_phi(z_1:T|x) dz_1:T
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension, numbers for q
    Reading: for a q above 0 wherever p(x, z) is, as every Gaussian is. q stands here above by equation (19), below by means and
        covariances, with numbers for its scales.
    """
    variance = sp.Integer(1)
    for slope, noise in reversed(BACK):
        variance = slope**2 * variance + noise**2
    scales = {name: sp.Rational(t, t + 1) for t, (name, _) in enumerate(KEPT, 1)} | {name: HALF for _, name in KEPT}
    drawn = [state.subs(scales) for state in states()[1:]]
    above, below = _forward_product().subs(scales), joint_log_density([Z_1, Z_2, Z_3], drawn, NOISES)
    right = log_integral(sp.expand(_model_product(PATH) + above - below), [Z_1, Z_2, Z_3])
    one_only = log_integral(sp.expand(_model_product(PATH) + above), [Z_1, Z_2, Z_3])
    return Proof(log_normal(START, 0, variance), right, (one_only,))


def eq_023():
    """002/23: the integral as an expectation.

    Printed:
        [log p_theta(x)] = log E_q_phi(z_1:T|x)[p_theta(x, z_1:T)/q_phi(z_1:T|x)]
    Verdict: proved
    Scope: z of two values
    Reading: the two values have shares q and 1 - q.
    """
    mean = SHARE * (P_0 / SHARE) + (1 - SHARE) * (P_1 / (1 - SHARE))
    log_inside = SHARE * sp.log(P_0 / SHARE) + (1 - SHARE) * sp.log(P_1 / (1 - SHARE))
    return Proof(sp.log(P_0 + P_1), sp.log(mean), (log_inside, sp.log(SHARE * P_0 + (1 - SHARE) * P_1)))


def eq_024():
    """002/24: the lower bound of the hierarchical model.

    Printed:
        [log p_theta(x)] >=
            E_q_phi(z_1:T|x)[log(p_theta(x, z_1:T)/q_phi(z_1:T|x))]
    Verdict: proved
    Scope: z of two values
    Reading: equation (11) with z_1:T for z (or Jensen's inequality). The gap is the KL divergence from q to the posterior; as
        a function of the share q it is convex and its least value is 0, where q is the posterior.
    """
    total = P_0 + P_1
    odds = positive("odds")
    shares = (odds / (1 + odds), 1 / (1 + odds))
    gap = sp.log(total) - sum(share * sp.log(part / share) for share, part in zip(shares, (P_0, P_1), strict=True))
    to_posterior = sum(share * sp.log(share * total / part) for share, part in zip(shares, (P_0, P_1), strict=True))
    best = {odds: P_0 / P_1}
    at_best = (gap.subs(best), sp.diff(gap, odds).subs(best))
    in_share = SHARE * sp.log(SHARE / P_0) + (1 - SHARE) * sp.log((1 - SHARE) / P_1)
    return (
        Proof(gap, to_posterior, (-to_posterior, to_posterior + odds)),
        Proof(at_best, (0, 0), ((1, 0), (0, 1))),
        Proof(sp.diff(in_share, SHARE, 2), 1 / SHARE + 1 / (1 - SHARE), (-1 / SHARE - 1 / (1 - SHARE),)),
    )


def after_024_a():
    """002/after 24 a: the second and third restriction together.

    Printed:
        z_t = z_{t-1} + sigma I, where sigma ~ N(0, I) ... The final latent
        variable z_T follows a standard Gaussian distribution
    Verdict: false as printed
    Scope: two steps in one dimension, data of variance 1
    Reading: the two cannot both hold for T >= 2. Literally sigma is a vector of noise, not a scale, and I is idle; each step
        adds variance 1, so that of z_T is T or more. Charitably the step only sketches equation (34), which also shrinks the
        state; that one keeps a unit variance.
    Right:
        z_t = sqrt(alpha_t) z_{t-1} + sqrt(1 - alpha_t) noise
    Numbers: at T = 2, x = 0, variance of z_T: printed 2, right 1
    Formulas: transition_mean transition_variance
    """
    k_1, k_2 = positive("k_1 k_2")
    u, first, second = real("u u_1 u_2")
    printed = expectation((first + second) ** 2, [first, second])
    # From data of unit variance, by equation (34).
    z_1 = k_1 * u + sp.sqrt(1 - k_1**2) * first
    z_2 = k_2 * z_1 + sp.sqrt(1 - k_2**2) * second
    variance = expectation(z_2**2, [u, first, second])
    return (
        Counterexample("T = 2, x = 0, variance of z_T", printed, 1),
        Proof(variance, 1, (printed, k_1**2 * k_2**2)),
    )


def eq_025():
    """002/25: the forward chain, data called x_0.

    Printed:
        q_phi(x_1:T|x_0) = prod_{t=1..T} q_phi(x_t|x_{t-1})
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    """
    whole = joint_log_density([Z_1, Z_2, Z_3], states()[1:], NOISES)
    return Proof(whole, _forward_product(), (_forward_product() - forward_term(1, PATH),))


def eq_026():
    """002/26: the reverse process, data called x_0.

    Printed:
        p_theta(x_0:T) = p_theta(x_T) . prod_{t=1..T} p_theta(x_{t-1}|x_t)
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    """
    printed = _model_product(PATH)
    return Proof(model_by_jacobian(PATH), printed, (printed - model_term(STEPS + 1, PATH), printed - model_term(1, PATH)))


def eq_027():
    """002/27: the lower bound of the chain.

    Printed:
        L_theta(x) = E_q_phi(x_1:T|x_0)[log(p_theta(x_0:T)/q_phi(x_1:T|x_0))]
    Verdict: definition
    Scope: three steps and their exact reversal, data N(0, 1)
    Reading: consistent: where the model is the exact reversal of the chain it gives log p(x_0). For data N(0, 1) and
        n^2 = 1 - k^2, as in DDPM, every x_t is N(0, 1), and Bayes' rule makes that reversal N(k_t x_t, 1 - k_t^2).
    Formulas: variational_bound_linear
    """
    k = positive("k")
    turned = completed_square(log_normal(Z_1, 0, 1) + log_normal(Z_2, k * Z_1, 1 - k**2), Z_1)
    unit = {noise: sp.sqrt(1 - kept**2) for kept, noise in KEPT}

    def at(stretch):
        exact = {}
        for (kept, _), (slope, noise) in zip(KEPT, BACK, strict=True):
            exact |= {slope: stretch * kept, noise: sp.sqrt(1 - kept**2)}
        return bound().subs(unit | exact)

    return (
        Proof(turned, (k * Z_2, 1 - k**2), ((k * Z_2, k**2),)),
        Proof(at(1), log_normal(START, 0, 1), (at(2), -log_normal(START, 0, 1))),
    )


def eq_028():
    """002/28: the two products put in.

    Printed:
        L_theta(x) = E_q_phi(x_1:T|x_0)[log(
            p_theta(x_T) prod_{t=1..T} p_theta(x_{t-1}|x_t)
            / prod_{t=1..T} q_phi(x_t|x_{t-1}))]
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    """
    path = states()
    printed = mean_over(_model_product(path) - _forward_product(path))
    return Proof(bound(), printed, (mean_over(_model_product(path)), -printed))


def _whole():
    """The fraction of equation (28), four steps."""
    return P_END * sp.prod([P[t] for t in range(1, LAST + 1)]) / sp.prod([Q[t] for t in range(1, LAST + 1)])


def eq_029():
    """002/29: one factor taken out of each product.

    Printed:
        [L_theta(x)] = E_q_phi(x_1:T|x_0)[log(
            p_theta(x_T) p_theta(x_0|x_1) prod_{t=2..T} p_theta(x_{t-1}|x_t)
            / (q_phi(x_T|x_{T-1}) prod_{t=1..T-1} q_phi(x_t|x_{t-1})))]
    Verdict: proved
    Scope: four steps of any positive densities
    """
    above = P_END * P[1] * sp.prod([P[t] for t in range(2, LAST + 1)])
    below = Q[LAST] * sp.prod([Q[t] for t in range(1, LAST)])
    return Proof(_whole(), above / below, (above / below / P[1], above / below * Q[LAST], above / (below * Q[LAST])))


def eq_030():
    """002/30: the reverse product counted from one.

    Printed:
        [L_theta(x)] = E_q_phi(x_1:T|x_0)[log(
            p_theta(x_T) p_theta(x_0|x_1) prod_{t=1..T-1} p_theta(x_T|x_{t-1})
            / (q_phi(x_T|x_{T-1}) prod_{t=1..T-1} q_phi(x_t|x_{t-1})))]
    Verdict: false as printed
    Scope: four steps of any positive densities
    Reading: literally x_T given x_{t-1}, another density of the model and another value; the next line has p(x_t|x_{t+1}),
        which is what counting from 1 to T - 1 gives.
    Right:
        prod_{t=1..T-1} p_theta(x_t|x_{t+1})
    Numbers: at T = 2, p(x_2) = N(0, 1), p(x_{t-1}|x_t) = N(x_t, 1), all x = 0, the product: printed 0.488603, right 0.398942
    """
    x = real("x")
    two_back = completed_square(log_normal(x, 0, 1) + log_normal(0, x, 2), x)
    printed = sp.exp(log_normal(0, *two_back))
    above = P_END * P[1] * sp.prod([P[t + 1] for t in range(1, LAST)])
    below = Q[LAST] * sp.prod([Q[t] for t in range(1, LAST)])
    unshifted = P_END * P[1] * sp.prod([P[t] for t in range(1, LAST)])
    where = "T = 2, p(x_2) = N(0, 1), p(x_{t-1}|x_t) = N(x_t, 1), all x = 0, the product"
    return (
        Counterexample(where, printed, sp.exp(log_normal(0, 0, 1))),
        Proof(_whole(), above / below, (unshifted / below,)),
    )


def eq_031():
    """002/31: the bound in three expectations.

    Printed:
        [L_theta(x)] = E_q_phi(x_1:T|x_0)[log p_theta(x_0|x_1)]
            + E_q_phi(x_1:T|x_0)[log(p_theta(x_T)/q_phi(x_T|x_{T-1}))]
            + sum_{t=1..T-1} E_q_phi(x_1:T|x_0)
                             [log(p_theta(x_t|x_{t+1})/q_phi(x_t|x_{t-1}))]
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    Formulas: consistency_term prior_matching_term reconstruction_term
    """
    path = states()
    ends = mean_over(model_term(1, path)) + mean_over(model_term(STEPS + 1, path) - forward_term(STEPS, path))
    middle = sum(mean_over(model_term(t + 1, path) - forward_term(t, path)) for t in range(1, STEPS))
    unshifted = sum(mean_over(model_term(t, path) - forward_term(t, path)) for t in range(1, STEPS))
    return Proof(bound(), ends + middle, (ends, ends - middle, ends + unshifted))


def _three_from_marginal(t):
    """x_{t-1} from its own marginal, then x_t and x_{t+1}: a path that holds these three."""
    path = dict.fromkeys(range(STEPS + 1))
    path[t - 1] = marginal(t - 1, NOISES[0])
    for later in (t, t + 1):
        if later <= STEPS:
            kept, noise = KEPT[later - 1]
            path[later] = kept * path[later - 1] + noise * NOISES[later - t + 1]
    return path


def _expanded_ends():
    """The first two terms of equation (32), each over its own marginal."""
    first = {0: START, 1: marginal(1, NOISES[0])}
    last = _three_from_marginal(STEPS)
    return mean_over(model_term(1, first)) + mean_over(model_term(STEPS + 1, last) - forward_term(STEPS, last))


def eq_032():
    """002/32: each expectation over the variables it needs.

    Printed:
        L_theta(x) = E_q_phi(x_1|x_0)[log p_theta(x_0|x_1)]
            + E_q_phi(x_{T-1},x_T|x_0)[log(p_theta(x_T)/q_phi(x_T|x_{T-1}))]
            + sum_{t=1..T-1} E_q_phi(x_{t-1},x_t,x_{t+1}|x_0)
                             [log(p_theta(x_t|x_{t+1})/q_phi(x_t|x_{t-1}))]
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    Reading: x_{t-1} is drawn at once from q(x_{t-1}|x_0), the next two from it.
    Formulas: consistency_term prior_matching_term reconstruction_term
    """
    middle = 0
    for t in range(1, STEPS):
        path = _three_from_marginal(t)
        middle += mean_over(model_term(t + 1, path) - forward_term(t, path))
    return Proof(bound(), _expanded_ends() + middle, (_expanded_ends(), _expanded_ends() - middle))


def _independent_divergence(t):
    """E over q(x_{t-1}, x_{t+1}|x_0) of KL(q(x_t|x_{t-1}) || p(x_t|x_{t+1})), as printed."""
    path = _three_from_marginal(t)
    kept, noise = KEPT[t - 1]
    slope, back = BACK[t]
    return mean_over(kl(kept * path[t - 1], noise**2, slope * path[t + 1], back**2))


def eq_033():
    """002/33: the bound as KL divergences that are one step apart.

    Printed:
        [L_theta(x)] = E_q_phi(x_1|x_0)[log p_theta(x_0|x_1)]
            - E_q_phi(x_{T-1}|x_0)[D_KL(q_phi(x_T|x_{T-1}) || p_theta(x_T))]
            - sum_{t=1..T-1} E_q_phi(x_{t-1},x_{t+1}|x_0)
                             [D_KL(q_phi(x_t|x_{t-1}) || p_theta(x_t|x_{t+1}))]
    Verdict: false as printed
    Scope: three linear Gaussian steps in one dimension
    Reading: the first two terms are right. In the sum, equation (32) draws x_t together with x_{t+1}, from
        q(x_t|x_{t-1}, x_{t+1}); the divergence draws it from q(x_t|x_{t-1}), as if it did not lead to x_{t+1}. No
        divergence stands there: the expectation of (32) must stay.
    Right:
        - sum_{t=1..T-1} E_q(x_{t-1},x_{t+1}|x_0) E_q(x_t|x_{t-1},x_{t+1})
                         [log(q(x_t|x_{t-1})/p(x_t|x_{t+1}))]
    Numbers: at T = 3, x_0 = 0, every alpha = 1/2, p(x_{t-1}|x_t) = N(x_t/2, 1), the sum: printed 0.432884, right 0.0793304
    Formulas: consistency_term gaussian_kl_isotropic prior_matching_term reconstruction_term
    """
    path = states()
    exact, bridged = [], []
    for t in (1, 2):
        exact.append(mean_over(forward_term(t, path) - model_term(t + 1, path)))
        # x_{t-1} and x_{t+1} first, then x_t between them by Bayes' rule.
        three = _three_from_marginal(t)
        before, between, after = real("before between after")
        neighbours = {t - 1: before, t: between, t + 1: after}
        mean, variance = completed_square(forward_term(t, neighbours) + forward_term(t + 1, neighbours), between)
        ratio = forward_term(t, neighbours) - model_term(t + 1, neighbours)
        # The mean of a quadratic: its value at the mean, and half its curvature times the variance.
        inner = ratio.subs(between, mean) + variance * sp.diff(ratio, between, 2) / 2
        bridged.append(mean_over(inner.subs({before: three[t - 1], after: three[t + 1]}, simultaneous=True)))
    printed = [_independent_divergence(t) for t in (1, 2)]
    simple = dict.fromkeys((name for pair in KEPT for name in pair), sp.sqrt(HALF)) | {START: 0}
    simple |= dict.fromkeys((slope for slope, _ in BACK), HALF) | dict.fromkeys((noise for _, noise in BACK), 1)
    where = "T = 3, x_0 = 0, every alpha = 1/2, p(x_{t-1}|x_t) = N(x_t/2, 1), the sum"
    last = _three_from_marginal(STEPS)
    to_prior = mean_over(kl(KEPT[2][0] * last[2], KEPT[2][1] ** 2, 0, 1))
    return (
        Counterexample(where, sum(printed).subs(simple), sum(exact).subs(simple)),
        Proof(tuple(exact), tuple(bridged), (tuple(printed), (exact[0], printed[1]))),
        Proof(mean_over(forward_term(STEPS, path) - model_term(STEPS + 1, path)), to_prior, (-to_prior,)),
    )


def after_033_a():
    """002/after 33 a: the second term of equation (33).

    Printed:
        for eq. (33), the second term has no room for optimization
    Verdict: proved
    Scope: three linear Gaussian steps in one dimension
    Reading: p(x_T) is N(0, I) and q is fixed, so no parameter of the model (here c and d) is in it; the sum holds them.
    Formulas: prior_matching_term
    """
    last = _three_from_marginal(STEPS)
    term = mean_over(kl(KEPT[2][0] * last[2], KEPT[2][1] ** 2, 0, 1))
    parameters = [name for pair in BACK for name in pair]
    moves = tuple(sp.diff(term, name) for name in parameters)
    return Proof(moves, (0,) * 6, (tuple(sp.diff(_independent_divergence(1), name) for name in parameters),))


def after_033_b():
    """002/after 33 b: what equation (33) would have the model learn.

    Printed:
        maximizing the ELBO is almost equivalent to minimizing sum_{t=1..T-1}
        E_q_phi(x_{t-1},x_{t+1}|x_0)
            [D_KL(q_phi(x_t|x_{t-1}) || p_theta(x_t|x_{t+1}))]
    Verdict: false as printed
    Scope: a stationary Gaussian chain in one dimension
    Reading: the sum is not part of the ELBO (002/33), and minimising it teaches another model. For data N(0, 1), where every x_t
        is N(0, 1), the best mean of p(x_t|x_{t+1}) is c x_{t+1} with c = sqrt(alpha); the printed sum is least at
        c = sqrt(alpha)^3.
    Right:
        maximizing the ELBO minimizes, at each t, the expectation in (32);
        equation (41) is the form in which a divergence may stand
    Numbers: at data N(0, 1), alpha = 1/4, best c: printed 0.125, right 0.5
    Formulas: consistency_term denoising_matching_term
    """
    k = positive("k")
    u_1, u_2 = real("u_1 u_2")
    printed, right = _best_slopes(k)
    by_bayes = sp.diff(completed_square(log_normal(u_1, 0, 1) + log_normal(u_2, k * u_1, 1 - k**2), u_1)[0], u_2)
    return (
        Counterexample("data N(0, 1), alpha = 1/4, best c", printed.subs(k, HALF), right.subs(k, HALF)),
        Proof(right, by_bayes, (printed, k**2)),
        Proof(printed, k**3, (k,)),
    )


def after_033_c():
    """002/after 33 c: the last state is a standard Gaussian.

    Printed:
        x_T is also known i.e. x_T ~ N(0, I)
    Verdict: heuristic
    Scope: one dimension, any x_0
    Reading: exact only for alpha_bar_T = 0. The KL divergence from the law of x_T given x_0 to N(0, I) is, for small
        alpha_bar_T, alpha_bar_T ||x_0||^2/2; at x_0 = 0 alone it falls faster, like alpha_bar_T^2.
    Right:
        x_T given x_0 is N(sqrt(alpha_bar_T) x_0, (1 - alpha_bar_T) I)
    Formulas: marginal_mean marginal_variance prior_kl
    """
    a = positive("a")
    law = (forward.marginal_mean(START, 2 * sp.log(a)), forward.marginal_variance(2 * sp.log(a)))
    divergence = loss.prior_kl(column([[START]]), 2 * sp.log(a))[0]
    value, centred = (sp.lambdify(a, divergence.subs(START, start)) for start in (1, 0))
    return (
        # Twice the root: what alpha_bar for its root would give.
        Order(lambda h: value(h**0.5), 1, (lambda h: value(h**0.25),)),
        Order(lambda h: centred(h**0.5), 2, (lambda h: centred(h**0.25),)),
        Proof(kl(*law, 0, 1), divergence, (kl(0, 1, *law),)),
    )
