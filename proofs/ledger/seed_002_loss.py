"""Seed 002, section 2.3 from equation (51) to (64), and section 2.4: DDPM's loss and its sampling step."""

import sympy as sp

from refdiff.reference import conversion, forward, loss, posterior, step

from ..algebra import column, completed_square, expectation, forward_posterior, forward_states, log_normal, positive, real
from .chain import gradients, kl
from .evidence import Counterexample, Proof

# Square roots of alpha_bar_{t-1} and alpha_bar_t, and what follows from them.
A_S, A_T = positive("a_s a_t")
ALPHA, BAR_S, BAR_T = A_T**2 / A_S**2, A_S**2, A_T**2
LOGS = (sp.log(BAR_S), sp.log(BAR_T))
X_0, X_T, X_THETA, EPS, EPS_THETA, Z = real("x_0 x_t x_theta eps eps_theta z")
HALF = sp.Rational(1, 2)
# t = 2 with both alphas one half.
SIMPLE = {A_S: sp.sqrt(HALF), A_T: HALF}
# The square of sigma_q, by Bayes' rule; not what equation (48) prints for sigma_q, squared.
VARIANCE = forward_posterior(X_0, X_T, A_S, A_T)[1]


def _mean(x_0):
    """Mean of x_{t-1} given x_t and x_0, by Bayes' rule."""
    return forward_posterior(x_0, X_T, A_S, A_T)[0]


def _of_noise(eps):
    return (X_T - sp.sqrt(1 - BAR_T) * eps) / A_T


def _divergence(x_0, x_theta):
    """KL between the posterior and the model that puts x_theta in the place of x_0."""
    return kl(_mean(x_0), VARIANCE, _mean(x_theta), VARIANCE)


def eq_051():
    """002/51: the divergence as a squared gap of means.

    Printed:
        argmax_theta L_theta approx.
        argmin_theta D_KL(q(x_{t-1}|x_t, x_0) || p_theta(x_{t-1}|x_t))
        = argmin_theta 1/(2 sigma_q^2) ||mu_theta - mu_q||^2
    Verdict: true under a named convention
    Scope: one dimension, any means and variance
    Reading: the first step is equation (42), read as there. In the second, sigma_q^2 is the variance, whose value equation (48)
        prints under the name sigma_q; so it is in (53) to (55) and (61) to (63). With it even the values agree, not only the
        places of their minima. The factor 1/2 belongs there.
    Right:
        as printed, with sigma_q^2 = (1 - alpha_t)(1 - alpha_bar_{t-1})
                                     /(1 - alpha_bar_t)
    Formulas: gaussian_kl_isotropic posterior_variance
    """
    mu_q, mu_theta, u = real("mu_q mu_theta u")
    sigma = positive("sigma")
    draw = mu_q + sigma * u
    exact = expectation(log_normal(draw, mu_q, sigma**2) - log_normal(draw, mu_theta, sigma**2), [u])
    printed = (mu_theta - mu_q) ** 2 / (2 * sigma**2)
    return Proof(exact, printed, (2 * printed, printed / sigma**2)), Proof(
        exact, kl(mu_q, sigma**2, mu_theta, sigma**2), (-exact,)
    )


def eq_052():
    """002/52: the bound's maximum is the divergence's minimum.

    Printed:
        argmax_theta L_theta approx.
        argmin_theta D_KL(q(x_{t-1}|x_t, x_0) || p_theta(x_{t-1}|x_t))
    Verdict: true under a named convention
    Scope: t = 2 of three linear Gaussian steps, data of any two moments
    Reading: equation (42) again, read as there; here step 2 of 3.
    Right:
        over the parameters of step t:
        argmax E_data[L] = argmin E_data E_q(x_t|x_0)[D_KL(...)]
    Formulas: denoising_kl denoising_matching_term
    """
    of_bound, of_divergence, *misses = gradients(2)
    return Proof(of_divergence, of_bound, tuple(misses))


def eq_053():
    """002/53: the two means put in.

    Printed:
        [(52)] = argmin_theta 1/(2 sigma_q^2) [||
              sqrt(alpha_bar_{t-1})(1 - alpha_t) x_theta(x_t, t)/(1 - alpha_bar_t)
            - sqrt(alpha_bar_{t-1})(1 - alpha_t) x_0/(1 - alpha_bar_t) ||^2]
    Verdict: proved
    Scope: one dimension, any predictions and alphas
    Reading: from the right forms of equations (47) to (49), with sigma_q^2 the variance, as in (51).
    Formulas: denoising_kl
    """
    gain = A_S * (1 - ALPHA) / (1 - BAR_T)
    printed = (gain * X_THETA - gain * X_0) ** 2 / (2 * VARIANCE)
    return Proof(_divergence(X_0, X_THETA), printed, (printed / VARIANCE, printed / BAR_S, printed * 2))


def eq_054():
    """002/54: the common factor taken out.

    Printed:
        [(52)] = argmin_theta 1/(2 sigma_q^2) [||
            sqrt(alpha_bar_{t-1})(1 - alpha_t)/(1 - alpha_bar_t)
            (x_theta(x_t, t) - x_0) ||^2]
    Verdict: proved
    Scope: one dimension, any predictions and alphas
    Reading: with sigma_q^2 the variance, as in (51).
    Formulas: denoising_kl
    """
    printed = (A_S * (1 - ALPHA) / (1 - BAR_T) * (X_THETA - X_0)) ** 2 / (2 * VARIANCE)
    without_root = (BAR_S * (1 - ALPHA) / (1 - BAR_T) * (X_THETA - X_0)) ** 2 / (2 * VARIANCE)
    return Proof(_divergence(X_0, X_THETA), printed, (without_root, printed / VARIANCE))


def eq_055():
    """002/55: the loss on x_0.

    Printed:
        [(52)] = argmin_theta 1/(2 sigma_q^2)
            alpha_bar_{t-1} (1 - alpha_t)^2/(1 - alpha_bar_t)^2
            [||x_theta(x_t, t) - x_0||^2]
    Verdict: proved
    Scope: one dimension, any predictions and alphas
    Reading: with sigma_q^2 the variance, as in (51).
    Formulas: denoising_kl
    """
    printed = BAR_S * (1 - ALPHA) ** 2 / (1 - BAR_T) ** 2 * (X_THETA - X_0) ** 2 / (2 * VARIANCE)
    ours = loss.denoising_kl(column([[X_0]]), column([[X_THETA]]), *LOGS)[0]
    return (
        Proof(_divergence(X_0, X_THETA), printed, (printed * BAR_S, printed * (1 - BAR_T), printed / VARIANCE)),
        Proof(printed, ours, (2 * ours,)),
    )


def after_055_a():
    """002/after 55 a: what predicts what.

    Printed:
        the goal of training the neural network is to predict the original
        image x_0 using the image x_theta with noise of arbitrary scale
    Verdict: notation slip
    Scope: linear predictors of data N(0, 1)
    Reading: the words are right and only a name is wrong: x_theta is the prediction and x_t the image with noise, as
        x_theta(x_t, t) in equation (49) says. Among linear predictors c x_t of data N(0, 1), the loss is least at c =
        sqrt(alpha_bar_t), the mean of x_0 given x_t.
    Right:
        to predict x_0 by x_theta(x_t, t) from the noisy image x_t
    """
    c = real("c")
    noisy = A_T * X_0 + sp.sqrt(1 - BAR_T) * EPS
    best = sp.solve(sp.diff(expectation((c * noisy - X_0) ** 2, [X_0, EPS]), c), c)[0]
    by_bayes = completed_square(log_normal(X_0, 0, 1) + log_normal(X_T, A_T * X_0, 1 - BAR_T), X_0)[0]
    return Proof(best * X_T, by_bayes, (X_T, X_T / A_T))


def eq_056():
    """002/56: the noisy image from data and noise.

    Printed:
        x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps_0
    Verdict: proved
    Scope: t = 2 in one dimension, any alphas
    Reading: equation (44); for t = 2, its mean and variance against those of two steps.
    Formulas: marginal_sample
    """
    noises = real("u_1 u_2")
    state = forward_states(X_0, [A_S, A_T / A_S], noises)[-1]
    printed = A_T * X_0 + sp.sqrt(1 - BAR_T) * EPS
    unrooted = A_T * X_0 + (1 - BAR_T) * EPS

    def moments(drawn, units):
        mean = expectation(drawn, units)
        return mean, expectation((drawn - mean) ** 2, units)

    return (
        Proof(moments(state, noises), moments(printed, [EPS]), (moments(unrooted, [EPS]),)),
        Proof(printed, forward.marginal_sample(X_0, EPS, sp.log(BAR_T)), (unrooted,)),
    )


def eq_057():
    """002/57: data from the noise.

    Printed:
        x_0 = (x_t - sqrt(1 - alpha_bar_t) eps_0)/sqrt(alpha_bar_t)
    Verdict: proved
    Scope: entry by entry, any values
    Formulas: x_0_from_eps
    """
    solved = sp.solve(A_T * X_0 + sp.sqrt(1 - BAR_T) * EPS - X_T, X_0)[0]
    ours = conversion.x_0_from_eps(X_T, EPS, A_T, sp.sqrt(1 - BAR_T))
    return Proof(solved, _of_noise(EPS), (_of_noise(-EPS), _of_noise(EPS) / A_T)), Proof(solved, ours, (-ours,))


def _mean_of_noise(eps):
    """The printed form of the mean in terms of the noise."""
    return X_T * A_S / A_T - (1 - ALPHA) / (sp.sqrt(1 - BAR_T) * A_T / A_S) * eps


def eq_058():
    """002/58: the posterior's mean from the noise.

    Printed:
        mu_q(x_t, x_0) = x_t/sqrt(alpha_t)
            - (1 - alpha_t)/(sqrt(1 - alpha_bar_t) sqrt(alpha_t)) eps_0
    Verdict: proved
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: from Bayes' rule; equation (47) as printed does not give it.
    Formulas: posterior_mean
    """
    printed = _mean_of_noise(EPS)
    one_bar_less = X_T * A_S / A_T - sp.sqrt(1 - ALPHA) * A_S / A_T * EPS
    return (
        Proof(_mean(_of_noise(EPS)), printed, (one_bar_less, _mean_of_noise(-EPS), printed * A_S)),
        Proof(posterior.posterior_mean(_of_noise(EPS), X_T, *LOGS), printed, (one_bar_less,)),
    )


def eq_059():
    """002/59: the model's mean from its noise.

    Printed:
        mu_p = mu_theta(x_t, t) = x_t/sqrt(alpha_t)
            - (1 - alpha_t)/(sqrt(1 - alpha_bar_t) sqrt(alpha_t)) eps_theta(x_t, t)
    Verdict: proved
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: it is the right form of equation (49) with x_theta = (x_t - sqrt(1 - alpha_bar_t) eps_theta)/sqrt(alpha_bar_t).
    Formulas: posterior_mean x_0_from_eps
    """
    from_x_theta = _mean(X_THETA).subs(X_THETA, conversion.x_0_from_eps(X_T, EPS_THETA, A_T, sp.sqrt(1 - BAR_T)))
    return Proof(from_x_theta, _mean_of_noise(EPS_THETA), (_mean_of_noise(-EPS_THETA), _mean_of_noise(EPS_THETA) * A_S))


def eq_060():
    """002/60: the bound's maximum once more.

    Printed:
        argmax_theta L_theta approx.
        argmin_theta D_KL(q(x_{t-1}|x_t, x_0) || p_theta(x_{t-1}|x_t))
    Verdict: true under a named convention
    Scope: t = 3 of three linear Gaussian steps, data of any two moments
    Reading: equation (42) again, read as there; here step 3 of 3.
    Right:
        over the parameters of step t:
        argmax E_data[L] = argmin E_data E_q(x_t|x_0)[D_KL(...)]
    Formulas: denoising_kl denoising_matching_term
    """
    of_bound, of_divergence, *misses = gradients(3)
    return Proof(of_divergence, of_bound, tuple(misses))


def _noise_divergence():
    return _divergence(_of_noise(EPS), _of_noise(EPS_THETA))


def eq_061():
    """002/61: the two means in terms of noise.

    Printed:
        [(60)] = argmin_theta 1/(2 sigma_q^2(t)) [||
              (1 - alpha_t)/(sqrt(1 - alpha_bar_t) sqrt(alpha_t)) eps_0
            - (1 - alpha_t)/(sqrt(1 - alpha_bar_t) sqrt(alpha_t)) eps_theta(x_t, t)
            ||^2]
    Verdict: proved
    Scope: one dimension, any predictions and alphas
    Reading: with sigma_q^2 the variance, as in (51).
    Formulas: simple_loss_weight
    """
    gain = (1 - ALPHA) / (sp.sqrt(1 - BAR_T) * sp.sqrt(ALPHA))
    printed = (gain * EPS - gain * EPS_THETA) ** 2 / (2 * VARIANCE)
    return Proof(_noise_divergence(), printed, (printed * ALPHA, printed / VARIANCE, 2 * printed))


def eq_062():
    """002/62: the common factor taken out.

    Printed:
        [(60)] = argmin_theta 1/(2 sigma_q^2(t)) [||
            (1 - alpha_t)/(sqrt(1 - alpha_bar_t) sqrt(alpha_t))
            (eps_0 - eps_theta(x_t, t)) ||^2]
    Verdict: proved
    Scope: one dimension, any predictions and alphas
    Reading: with sigma_q^2 the variance, as in (51).
    Formulas: simple_loss_weight
    """
    gain = (1 - ALPHA) / (sp.sqrt(1 - BAR_T) * sp.sqrt(ALPHA))
    printed = (gain * (EPS - EPS_THETA)) ** 2 / (2 * VARIANCE)
    return Proof(_noise_divergence(), printed, (printed * (1 - BAR_T), (gain * (EPS + EPS_THETA)) ** 2 / (2 * VARIANCE)))


def eq_063():
    """002/63: the loss on the noise.

    Printed:
        [(60)] = argmin_theta 1/(2 sigma_q^2(t))
            (1 - alpha_t)^2/((1 - alpha_bar_t) alpha_t)
            [||eps_0 - eps_theta(x_t, t)||^2]
    Verdict: proved
    Scope: one dimension, any predictions and alphas
    Reading: for t >= 2, as at t = 1 sigma_q is 0; with sigma_q^2 the variance, as in (51).
    Formulas: simple_loss_weight
    """
    printed = (1 - ALPHA) ** 2 / ((1 - BAR_T) * ALPHA) * (EPS - EPS_THETA) ** 2 / (2 * VARIANCE)
    ours = loss.simple_loss_weight(*LOGS) * (EPS - EPS_THETA) ** 2
    return (
        Proof(_noise_divergence(), printed, (printed * ALPHA, printed * (1 - BAR_T), printed * (1 - BAR_T) / (1 - ALPHA))),
        Proof(printed, ours, (2 * ours,)),
    )


def eq_064():
    """002/64: DDPM's sampling step.

    Printed:
        x_{t-1} = 1/sqrt(alpha_t)
            (x_t - (1 - alpha_t)/sqrt(1 - alpha_t) eps_theta(x_t, t)) + sigma_t z
    Verdict: false as printed
    Scope: one dimension, any alpha_t and alpha_bar_t
    Reading: the bar is missing under the second root: it must be equation (59), which has sqrt(1 - alpha_bar_t). sigma_t is the
        standard deviation, the root of what equation (50) prints.
    Right:
        x_{t-1} = 1/sqrt(alpha_t)
            (x_t - (1 - alpha_t)/sqrt(1 - alpha_bar_t) eps_theta) + sigma_t z
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, x_2 = 0, eps_theta = -1, z = 0: printed 1, right 0.816497
    Formulas: ddpm_step
    """
    printed = (X_T - sp.sqrt(1 - ALPHA) * EPS_THETA) * A_S / A_T + sp.sqrt(VARIANCE) * Z
    right = (X_T - (1 - ALPHA) / sp.sqrt(1 - BAR_T) * EPS_THETA) * A_S / A_T + sp.sqrt(VARIANCE) * Z
    ours = step.ddpm_step(X_T, conversion.x_0_from_eps(X_T, EPS_THETA, A_T, sp.sqrt(1 - BAR_T)), Z, *LOGS)
    at = SIMPLE | {X_T: 0, EPS_THETA: -1, Z: 0}
    from_bayes = _mean(_of_noise(EPS_THETA)) + sp.sqrt(VARIANCE) * Z
    return (
        Counterexample("alpha_1 = alpha_2 = 1/2, t = 2, x_2 = 0, eps_theta = -1, z = 0", printed.subs(at), right.subs(at)),
        Proof(ours.subs(Z, 0), right.subs(Z, 0), (printed.subs(Z, 0),)),
        Proof(sp.diff(ours, Z) ** 2, sp.diff(right, Z) ** 2, (VARIANCE**2,)),
        Proof(from_bayes, right, (printed,)),
    )


def after_064_a():
    """002/after 64 a: the name of the noise-adding law.

    Printed:
        map the original image to a Gaussian distribution via a noise-adding
        function q(x_{t-1}|x_t, x_0)
    Verdict: notation slip
    Scope: one dimension, any alpha_t
    Reading: the words are right and only the name of the law is wrong: printed is the law that removes noise, of equation (43),
        with another variance; the step that adds it is equation (34)'s q(x_t|x_{t-1}).
    Right:
        a noise-adding function q(x_t|x_{t-1})
    Numbers: at alpha_1 = alpha_2 = 1/2, t = 2, variance added: printed 0.333333, right 0.5
    Formulas: posterior_variance transition_variance
    """
    logs = [one.subs(SIMPLE) for one in LOGS]
    printed, right = posterior.posterior_variance(*logs), forward.transition_variance(*logs)
    u = real("u")
    added = expectation((sp.sqrt(1 - ALPHA) * u) ** 2, [u])
    return (
        Counterexample("alpha_1 = alpha_2 = 1/2, t = 2, variance added", printed, right),
        Proof(added, forward.transition_variance(*LOGS), (VARIANCE,)),
    )


def after_064_b():
    """002/after 64 b: a larger bound and a better model.

    Printed:
        In the introduction to VAE, we proved that achieving good generative
        results is equivalent to maximizing the ELBO
    Verdict: true under a named convention
    Scope: z of two values
    Reading: good means a large p(x), and the encoder can be each model's posterior, as in a VAE of enough freedom: the largest
        ELBO over encoders is log p(x). What equation (11) proves is a bound only; where q is fixed, as in DDPM, the model with
        the larger likelihood can have the smaller ELBO.
    Right:
        over all encoders the largest ELBO is log p(x); for a given encoder the
        ELBO is a lower bound of it
    Numbers: at q = (1/2, 1/2), has p(x, z) = (3/5, 1/100) a larger ELBO than (1/4, 1/4), as it has a larger p(x): printed
        yes, right no
    Formulas: linear_vae_elbo linear_vae_log_evidence
    """
    share, p_0, p_1 = positive("share p_0 p_1")
    elbo = share * sp.log(p_0 / share) + (1 - share) * sp.log(p_1 / (1 - share))
    models = ((sp.Rational(3, 5), sp.Rational(1, 100)), (sp.Rational(1, 4), sp.Rational(1, 4)))
    values = [elbo.subs({share: HALF, p_0: first, p_1: second}) for first, second in models]
    where = "q = (1/2, 1/2), has p(x, z) = (3/5, 1/100) a larger ELBO than (1/4, 1/4), as it has a larger p(x)"
    at_best = elbo.subs(share, p_0 / (p_0 + p_1))
    return (
        Counterexample(where, bool(sum(models[0]) > sum(models[1])), bool(values[0] > values[1])),
        Proof(at_best, sp.log(p_0 + p_1), (elbo.subs(share, HALF),)),
    )


def after_064_c():
    """002/after 64 c: from the divergence to the gap of means.

    Printed:
        minimizing this KL divergence is equivalent to minimizing
        ||mu_q - mu_theta||^2
    Verdict: true under a named convention
    Scope: one dimension, any means and variance
    Reading: for one t, with both variances fixed and equal, as equation (50) chooses; with a learned variance the divergence
        holds more than the means. Over several t the weights 1/(2 sigma_q^2) differ and must stay.
    Right:
        at each t, with sigma_p = sigma_q:
        D_KL = ||mu_q - mu_theta||^2/(2 sigma_q^2)
    Numbers: at unit sigma_q, equal means, sigma_p^2 = 4, the divergence: printed 0, right 0.318147
    Formulas: denoising_kl gaussian_kl_isotropic
    """
    mu_q, mu_theta, v = *real("mu_q mu_theta"), positive("v")
    gap = (mu_q - mu_theta) ** 2
    learned = kl(0, 1, 0, sp.Integer(4))
    slope = sp.diff(gap, mu_theta) / (2 * v)
    return (
        Proof(sp.diff(kl(mu_q, v, mu_theta, v), mu_theta), slope, (-slope, slope / v)),
        Counterexample("unit sigma_q, equal means, sigma_p^2 = 4, the divergence", 0, learned),
    )
