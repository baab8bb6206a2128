"""arXiv:2511.11746, sections 4 and 6: DDIM, adversarial steps, guidance, distillation."""

from itertools import pairwise

import sympy as sp

from refdiff.reference import posterior, step

from ..algebra import completed_square, log_normal, positive, real
from .evidence import Counterexample, Order, Proof, Unchecked

X_0, X_T, Z = real("x_0 x_t z")
# Signal scales at s and t with alpha_s > alpha_t, both below one.
G, H = positive("g h")
ALPHA_S, ALPHA_T = 1 / (1 + H), 1 / ((1 + G) * (1 + H))
LOG_S, LOG_T = 2 * sp.log(ALPHA_S), 2 * sp.log(ALPHA_T)


def _ddim(x_0, x_t, z, noise):
    """A step of the family with noise variance `noise`, as Song et al. print it."""
    eps = (x_t - ALPHA_T * x_0) / sp.sqrt(1 - ALPHA_T**2)
    return ALPHA_S * x_0 + sp.sqrt(1 - ALPHA_S**2 - noise) * eps + sp.sqrt(noise) * z


def proposition_4_1():
    """2511.11746/Proposition 4.1: the DDIM family keeps the marginals.

    Printed:
        the DDIM family (named only; judged in its usual form)
        x_{t-1} = sqrt(abar_{t-1}) x_0 + sigma_t z
            + sqrt(1 - abar_{t-1} - sigma_t^2)
              (x_t - sqrt(abar_t) x_0)/sqrt(1 - abar_t)
        preserves q(x_t | x_0) for every sigma_t^2 in [0, 1 - abar_{t-1}]
    Verdict: proved
    Scope: entry by entry, any values
    Reading: the marginals given x_0, not the joint law: only one sigma_t gives DDPM's chain.
    Formulas: ddim_conditional_mean ddim_conditional_variance ddim_noise_scale ddim_step
    """
    eps, noise = real("eps"), positive("w")
    next_state = sp.expand(_ddim(X_0, ALPHA_T * X_0 + sp.sqrt(1 - ALPHA_T**2) * eps, Z, noise))
    mean = next_state.subs({eps: 0, Z: 0})
    variance = next_state.coeff(eps, 1) ** 2 + next_state.coeff(Z, 1) ** 2
    return (
        Proof(mean, ALPHA_S * X_0, (ALPHA_T * X_0,)),
        Proof(variance, 1 - ALPHA_S**2, (1 - ALPHA_T**2, 1 - ALPHA_S**2 + noise)),
    )


P, Q = positive("p_1 p_2"), positive("q_1 q_2")


def definition_4_2():
    """2511.11746/Definition 4.2: the logistic GAN objective of one time.

    Printed:
        per-t logistic GAN objective (named only; judged in its usual form:)
        L_t(D) = E_q log D(x_{t-1}, x_t) + E_p log(1 - D(x_{t-1}, x_t)),
        a discriminator for each t
    Verdict: definition
    Scope: a pair of two values
    Reading: consistent: D that cannot tell the two (D = 1/2) gives -log 4.
    Formulas: discriminator_loss
    """
    value = sum(q * sp.log(sp.Rational(1, 2)) + p * sp.log(1 - sp.Rational(1, 2)) for p, q in zip(P, Q, strict=True))
    total = value.subs({P[1]: 1 - P[0], Q[1]: 1 - Q[0]})
    return Proof(sp.expand(total), -2 * sp.log(2), (-sp.log(2), sp.Integer(0)))


def proposition_4_3():
    """2511.11746/Proposition 4.3: the optimal discriminator and the Jensen-Shannon divergence.

    Printed:
        at the optimal D, L_t = -log 4 + 2 JSD of the pair's two laws; least
        exactly where the two laws are equal
    Verdict: proved
    Scope: a pair of two values
    Reading: in nats, D free to be any function. The laws are those of the pair (x_{t-1}, x_t); since both share the law of x_t,
        equal pairs means equal denoising conditionals, almost everywhere in x_t.
    Formulas: gan_value_at_optimum jensen_shannon optimal_discriminator
    """
    d = positive("d")
    p, q = P[0], Q[0]
    slope = sp.diff(q * sp.log(d) + p * sp.log(1 - d), d)
    best = q / (p + q)
    at_best = sum(b * sp.log(b / (a + b)) + a * sp.log(a / (a + b)) for a, b in zip(P, Q, strict=True))

    def divergence(one, other):
        return sum(a * sp.log(a / b) for a, b in zip(one, other, strict=True))

    middle = [(a + b) / 2 for a, b in zip(P, Q, strict=True)]
    jsd = (divergence(P, middle) + divergence(Q, middle)) / 2
    masses = {P[1]: 1 - P[0], Q[1]: 1 - Q[0]}
    # log(4) times the total mass of both laws over two, which is one.
    right = 2 * jsd - sp.log(2) * (sum(P) + sum(Q))
    return (
        Proof(slope.subs(d, best), sp.Integer(0), (slope.subs(d, p / (p + q)),)),
        Proof(at_best, right, (jsd - sp.log(2) * (sum(P) + sum(Q)),)),
        Proof(jsd.subs(masses).subs(Q[0], P[0]), sp.Integer(0), (jsd.subs(masses),)),
        # Positive: strictly convex in q, so that the zero at q = p is the only one.
        Proof(sp.diff(jsd, q, 2), p / (2 * q * (p + q)), (-p / (2 * q * (p + q)),)),
    )


def extra_n_5():
    """2511.11746/(33): the two ends of the sampler's noise.

    Printed:
        with the DDPM mean, sigma_t^2 in {bt, 0} <-> DDPM/DDIM
    Verdict: false as printed
    Scope: one dimension, any values
    Reading: the half about DDPM holds, with bt either beta_t or the posterior variance. At 0 the mean stays DDPM's, and that is
        not DDIM, whose mean moves with sigma_t. Charitably the mean is meant to be the family's own, and then DDPM is at the
        posterior variance, not at beta_t.
    Right:
        mean(sigma_t) = sqrt(abar_s) x_0 + sqrt(1 - abar_s - sigma_t^2) eps:
        DDIM at 0, DDPM at the posterior variance
    Numbers: at alpha_s = 3/4, alpha_t = 1/2, x_0 = 1, x_t = 1, DDIM's step, printed as DDPM's mean: printed 0.944444, right
        1.13188
    Formulas: ddim_conditional_mean ddim_step ddpm_step posterior_mean posterior_variance
    """
    quarters = {H: sp.Rational(1, 3), G: sp.Rational(1, 2), X_0: 1, X_T: 1}
    ddpm_mean = posterior.posterior_mean(X_0, X_T, LOG_S, LOG_T)
    ddim = _ddim(X_0, X_T, Z, 0)
    variance = posterior.posterior_variance(LOG_S, LOG_T)
    with_posterior_noise = _ddim(X_0, X_T, 0, variance)
    return (
        Counterexample(
            "alpha_s = 3/4, alpha_t = 1/2, x_0 = 1, x_t = 1, DDIM's step, printed as DDPM's mean",
            ddpm_mean.subs(quarters),
            ddim.subs(quarters),
        ),
        Proof(step.ddim_step(X_T, X_0, Z, 0, LOG_S, LOG_T), ddim, (ddpm_mean,)),
        Proof(with_posterior_noise, ddpm_mean, (_ddim(X_0, X_T, 0, variance / 2),)),
    )


def extra_c_t():
    """2511.11746/section 4.1 a: the factor of x_t in the posterior mean.

    Printed:
        c_t = sqrt(abar_t) (1 - abar_{t-1})/(1 - abar_t)
    Verdict: false as printed
    Scope: one dimension, any values
    Reading: the list does not say what c_t is; taken as the factor of x_t in the posterior mean, the only place of this shape.
        Literally the root holds the running product; Bayes' rule gives the step's own factor
        sqrt(alpha_t) = sqrt(1 - beta_t), which is the same only at t = 1.
    Right:
        c_t = sqrt(alpha_t) (1 - abar_{t-1})/(1 - abar_t)
    Numbers: at abar_{t-1} = 9/16, abar_t = 1/4: printed 0.291667, right 0.388889
    Formulas: posterior_mean_x_t_coefficient
    """
    x_s = real("x_s")
    prior = log_normal(x_s, ALPHA_S * X_0, 1 - ALPHA_S**2)
    likelihood = log_normal(X_T, ALPHA_T / ALPHA_S * x_s, 1 - ALPHA_T**2 / ALPHA_S**2)
    by_bayes = sp.diff(completed_square(prior + likelihood, x_s)[0], X_T)
    printed = ALPHA_T * (1 - ALPHA_S**2) / (1 - ALPHA_T**2)
    at = {H: sp.Rational(1, 3), G: sp.Rational(1, 2)}
    right = posterior.posterior_mean_x_t_coefficient(LOG_S, LOG_T)
    return (
        Counterexample("abar_{t-1} = 9/16, abar_t = 1/4", printed.subs(at), by_bayes.subs(at)),
        Proof(by_bayes, right, (printed,)),
    )


def extra_convex():
    """2511.11746/section 4.1 b: the mean as a convex combination.

    Printed:
        the mean of (23) is a "convex combination"
    Verdict: true under a named convention
    Scope: one dimension, any values
    Reading: the list leaves open what (23) combines. If it is the posterior mean, then two estimates of x_s: the prior's
        sqrt(abar_s) x_0 and x_t/sqrt(alpha_t). Of x_0 and x_t themselves it is no convex combination: their weights are not
        negative, but sum to less than one for t >= 2, and to one at t = 1 only.
    Right:
        mean = w sqrt(abar_s) x_0 + (1 - w) x_t sqrt(abar_s/abar_t)
        with w = (1 - abar_t/abar_s)/(1 - abar_t)
    Numbers: at abar_s = 9/16, abar_t = 1/4, sum of the weights of x_0 and x_t: printed 1, right 0.944444
    Formulas: posterior_mean posterior_mean_x_0_coefficient posterior_mean_x_t_coefficient
    """
    mean = posterior.posterior_mean(X_0, X_T, LOG_S, LOG_T)
    weight_sum = mean.subs({X_0: 1, X_T: 1})
    share = (1 - ALPHA_T**2 / ALPHA_S**2) / (1 - ALPHA_T**2)
    combined = share * ALPHA_S * X_0 + (1 - share) * X_T * ALPHA_S / ALPHA_T
    at = {H: sp.Rational(1, 3), G: sp.Rational(1, 2)}
    return (
        Counterexample("abar_s = 9/16, abar_t = 1/4, sum of the weights of x_0 and x_t", 1, weight_sum.subs(at)),
        Proof(mean, combined, (share * X_0 + (1 - share) * X_T,)),
        # At t = 1, where abar_s = 1.
        Proof(weight_sum.subs(H, 0), 1, (weight_sum,)),
    )


def extra_nested():
    """2511.11746/(27): the nested joint.

    Printed:
        a nested joint of several resolutions; the list names the equation and
        does not print it
    Verdict: not checkable
    Reading: the list names the equation without its right side, so there is nothing to compare
    """
    return Unchecked()


def lemma_6_1():
    """2511.11746/Lemma 6.1: classifier guidance shifts the mean.

    Printed:
        classifier mean shift mu + lambda sigma^2 grad log p(y | x_t): the mean of
        N(mu, sigma^2 I) p(y | x)^lambda
    Verdict: heuristic
    Reading: literally an equality, true only where log p(y | .) is affine; charitably first order in sigma^2, the classifier's
        log expanded at x_t, which lies O(sigma^2) from mu. Measured on log p = -x^2/2 + x, whose exact product is Gaussian, at
        x_t = mu + sigma^2/2: the mean is off by O(sigma^4).
    Right:
        mean = mu + lambda sigma^2 grad log p(y | x_t) + O(sigma^4)
        where |x_t - mu| = O(sigma^2)
    Formulas: classifier_guided_mean
    """
    mu, x, scale = sp.Rational(1, 3), real("x"), sp.Rational(3, 2)

    def error_of(weight):
        """Error of mu + weight*sigma^2*grad log p, by sigma^2."""

        def error(variance):
            v = sp.Rational(variance)
            log_p = -(x**2) / 2 + x
            exact = completed_square(log_normal(x, mu, v) + scale * log_p, x)[0]
            return float(exact - (mu + weight * v * sp.diff(log_p, x).subs(x, mu + v / 2)))

        return error

    return Order(error_of(scale), 2, (error_of(1), error_of(-scale), error_of(scale / 2)))


def lemma_6_2():
    """2511.11746/Lemma 6.2: classifier-free guidance as a step along an implicit classifier.

    Printed:
        CFG = implicit gradient step: -(eps + w (eps_y - eps))/sigma, with eps_y
        the conditional prediction, is the score of p(x) plus w times the gradient
        of log p(y | x)
    Verdict: proved
    Scope: one dimension, any p(x) and p(y | x)
    Reading: for exact predictions, eps = -sigma score; "implicit" is the classifier that Bayes' rule makes of the two scores.
        At one noise level: it does not say that the sampled law is p(x) p(y | x)^w.
    Formulas: classifier_free_guidance classifier_guided_score
    """
    x, sigma, w = real("x"), positive("sigma"), real("w")
    density, likelihood = sp.Function("p")(x), sp.Function("l")(x)
    # p(x | y) is p(x) p(y | x) over a number.
    conditional = density * likelihood / positive("evidence")
    eps, eps_y = (-sigma * sp.diff(sp.log(one), x) for one in (density, conditional))
    guided = -(eps + w * (eps_y - eps)) / sigma
    wanted = sp.diff(sp.log(density), x) + w * sp.diff(sp.log(likelihood), x)
    stand_in = {sp.diff(density, x): real("dp"), sp.diff(likelihood, x): real("dl")}

    def plain(expression):
        return sp.expand(expression.doit()).subs(stand_in).subs({density: positive("p"), likelihood: positive("l")})

    miss = sp.diff(sp.log(density), x) + (1 + w) * sp.diff(sp.log(likelihood), x)
    return Proof(plain(guided), plain(wanted), (plain(miss),))


def definition_6_3():
    """2511.11746/Definition 6.3: the distillation loss.

    Printed:
        distillation loss (named only; judged as the mean squared distance of the
        student's and the teacher's x_0_hat)
    Verdict: definition
    Scope: entry by entry, any values
    Reading: consistent: it vanishes where the predictions agree, and the same distance between predictions of eps is it times
        alpha^2/sigma^2.
    """
    student, teacher = real("a b")
    alpha, sigma = positive("alpha sigma")
    distance = (student - teacher) ** 2
    in_eps = ((X_T - alpha * student) / sigma - (X_T - alpha * teacher) / sigma) ** 2
    return Proof(in_eps, alpha**2 / sigma**2 * distance, (distance, alpha / sigma * distance))


def proposition_6_4():
    """2511.11746/Proposition 6.4: a student with the teacher's x_0 follows the teacher's DDIM path.

    Printed:
        a student whose x_0 prediction is the teacher's reproduces the teacher's
        DDIM trajectory
    Verdict: true under a named convention
    Scope: one step, any values
    Reading: with the same start, the same times and eta = 0 (or the same noise). On fewer times it does
        not: two steps are not one.
    Right:
        x_s - x_s' = (alpha_s - alpha_t sigma_s/sigma_t) (x_0_hat - x_0_hat')
        at one x_t; equal states by induction over the steps
    Numbers: at data N(0, 1/4), sigma/alpha from 2 to 1/2, the teacher's end in two steps by 1, printed as the student's in one:
        printed 0.588235, right 0.635294
    Formulas: ddim_path ddim_step
    """

    def walked(levels):
        """Scaled state x/alpha of DDIM on N(0, 1/4), from 2."""
        state = sp.Integer(2)
        for t, s in pairwise(levels):
            x_0 = state * sp.Rational(1, 4) / (sp.Rational(1, 4) + t**2)
            state = x_0 + s / t * (state - x_0)
        return state

    student, teacher = real("a b")
    gap = step.ddim_step(X_T, student, Z, 0, LOG_S, LOG_T) - step.ddim_step(X_T, teacher, Z, 0, LOG_S, LOG_T)
    factor = ALPHA_S - ALPHA_T * sp.sqrt((1 - ALPHA_S**2) / (1 - ALPHA_T**2))
    half, one, two = sp.Rational(1, 2), sp.Integer(1), sp.Integer(2)
    return (
        Counterexample(
            "data N(0, 1/4), sigma/alpha from 2 to 1/2, the teacher's end in two steps by 1, printed as the student's in one",
            walked([two, half]),
            walked([two, one, half]),
        ),
        # The states part by a factor that is not zero times the predictions: they agree exactly where those do.
        Proof(gap, factor * (student - teacher), (ALPHA_S * (student - teacher),)),
    )
