"""Seeds 000 and 001: the summary and the abstract of arXiv:2511.11746."""

from collections import Counter

import sympy as sp

from refdiff.ledger import entries
from refdiff.reference import forward, loss, posterior

from ..algebra import completed_square, forward_posterior, log_normal, positive, real
from .evidence import Counterexample, Proof, Unchecked

X = real("x")
G, H = positive("g h")
ALPHA_S, ALPHA_T = 1 / (1 + H), 1 / ((1 + G) * (1 + H))
LOG_S, LOG_T = 2 * sp.log(ALPHA_S), 2 * sp.log(ALPHA_T)


def closed_form_marginal():
    """000/a: the forward process has a closed-form marginal (also seed 001).

    Printed:
        the closed-form marginal distribution of the forward noising process
    Verdict: proved
    Scope: two steps in one dimension
    Reading: a Gaussian whose variance is 1 - abar_t, by induction over steps that keep 1 - beta and add beta.
    Formulas: marginal_mean marginal_sample marginal_variance
    """
    x_0, z, w = real("x_0 z w")
    one, two = positive("k_1 k_2")
    kept = 1 / (1 + one), 1 / (1 + two)
    chain = kept[1] * (kept[0] * x_0 + sp.sqrt(1 - kept[0] ** 2) * z) + sp.sqrt(1 - kept[1] ** 2) * w
    log_power = 2 * sp.log(kept[0] * kept[1])
    noise = sp.expand(chain).coeff(z, 1) ** 2 + sp.expand(chain).coeff(w, 1) ** 2
    return (
        Proof(chain.subs({z: 0, w: 0}), forward.marginal_mean(x_0, log_power), (x_0,)),
        Proof(noise, forward.marginal_variance(log_power), (1 - kept[0] * kept[1], 2 - kept[0] ** 2 - kept[1] ** 2)),
    )


def exact_reverse_posterior():
    """000/b: the exact discrete reverse posterior (also seed 001).

    Printed:
        the exact discrete reverse posterior
    Verdict: proved
    Scope: one dimension, any values
    Reading: of x_s given x_t and x_0. Given x_t alone the reverse law is Gaussian only if the data are.
    Formulas: posterior_mean posterior_variance
    """
    x_0, x_t = real("x_0 x_t")
    mean, variance = forward_posterior(x_0, x_t, ALPHA_S, ALPHA_T)
    found = posterior.posterior_mean(x_0, x_t, LOG_S, LOG_T)
    return (
        Proof(found, mean, (posterior.posterior_mean(x_t, x_0, LOG_S, LOG_T),)),
        Proof(posterior.posterior_variance(LOG_S, LOG_T), variance, (1 - ALPHA_T**2 / ALPHA_S**2,)),
    )


def bound_to_noise_prediction():
    """000/c: the bound and the noise-prediction goal (also seed 001).

    Printed:
        this bound simplifies to the standard noise-prediction goal used in
        practice; an objective equivalent to noise prediction
    Verdict: true under a named convention
    Scope: one dimension, any values
    Reading: literally the bound is a weighted sum of squared noise errors, and the goal used in practice drops the weights,
        which is another function; charitably "simplifies" names that step. The minimiser is the same for a model free at every
        time, not for every model.
    Right:
        L_{t-1} = (exp(logsnr_s - logsnr_t) - 1)/2 |eps - eps_hat|^2;
        L_simple sets each weight to 1
    Numbers: at abar_s = 9/16, abar_t = 1/4, weight of |eps - eps_hat|^2: printed 1, right 1.42857
    Formulas: denoising_kl simple_loss simple_loss_weight
    """
    x_0, guess, x_t = real("x_0 g x_t")
    mean, variance = forward_posterior(x_0, x_t, ALPHA_S, ALPHA_T)
    guessed, _ = forward_posterior(guess, x_t, ALPHA_S, ALPHA_T)
    kl = (mean - guessed) ** 2 / (2 * variance)
    noise_error = (ALPHA_T * (x_0 - guess)) ** 2 / (1 - ALPHA_T**2)
    weight = loss.simple_loss_weight(LOG_S, LOG_T)
    at = {H: sp.Rational(1, 3), G: sp.Rational(1, 2), x_0: 1, guess: 0}
    return (
        Counterexample("abar_s = 9/16, abar_t = 1/4, weight of |eps - eps_hat|^2", 1, (kl / noise_error).subs(at)),
        Proof(kl, weight * noise_error, (noise_error, 2 * weight * noise_error)),
    )


def rectified_flow_and_ddim():
    """000/d: rectified flow and DDIM (also seed 001).

    Printed:
        rectified flows recover DDIM up to a time re-parameterisation; the
        intrinsic equivalence between DDIM and rectified flow
    Verdict: false as printed
    Scope: entry by entry, any values
    Reading: literally no change of time turns one into the other: the state must be divided by alpha + sigma as well, as in
        2511.11746/Theorem 5.16 and Proposition 5.15. Charitably "re-parameterisation" includes that scaling. After reflow, or
        with noise (eta > 0), not even then.
    Right:
        y = x/(alpha + sigma), r = sigma/(alpha + sigma): a DDIM step from t to s
        is an Euler step of dy/dr = eps_hat - x_0_hat
    Numbers: at alpha_s = 3/5, sigma_s = 4/5, x_0_hat = 1, eps_hat = 1, any r: printed 1, right 1.4
    Formulas: ddim_step rectified_state rectified_step rectified_time rectified_velocity
    """
    x_0, eps, r = real("x_0 eps r")
    alpha_s, sigma_s, alpha_t, sigma_t = positive("a s b u")
    ddim = alpha_s * x_0 + sigma_s * eps
    state = (alpha_t * x_0 + sigma_t * eps) / (alpha_t + sigma_t)
    time_s, time_t = sigma_s / (alpha_s + sigma_s), sigma_t / (alpha_t + sigma_t)
    euler = state + (time_s - time_t) * (eps - x_0)
    unscaled = (1 - r) * x_0 + r * eps
    at = "alpha_s = 3/5, sigma_s = 4/5, x_0_hat = 1, eps_hat = 1, any r"
    return (
        Counterexample(
            at,
            sp.expand(unscaled.subs({x_0: 1, eps: 1})),
            ddim.subs({x_0: 1, eps: 1, alpha_s: sp.Rational(3, 5), sigma_s: sp.Rational(4, 5)}),
        ),
        Proof(euler * (alpha_s + sigma_s), ddim, (euler, euler * (alpha_t + sigma_t))),
    )


def probability_flow_from_fokker_planck():
    """000/e: the probability-flow ODE from the Fokker-Planck equation (also seed 001).

    Printed:
        the probability-flow ODE follows from the diffusion SDE via the continuity
        and Fokker-Planck equations
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: equal marginals at each time. Under dx = f x dt + g dw both must move the variance alike; Theorem 5.4 has it for
        any density.
    Formulas: fokker_planck_rate probability_flow_drift
    """
    f, g, v = real("f"), positive("g"), positive("v")
    log_p = log_normal(X, 0, v)
    score = sp.diff(log_p, X)
    velocity = f * X - g**2 / 2 * score
    # A linear velocity k x moves the variance at the rate 2 k v; the SDE at 2 f v + g^2.
    return Proof(2 * sp.diff(velocity, X) * v, 2 * f * v + g**2, (2 * f * v, 2 * f * v + 2 * g**2))


def classifier_guidance():
    """000/f: classifier guidance as a correction of the score (also seed 001).

    Printed:
        classifier guidance as a posterior score correction
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: with scale 1 and the classifier of the noisy state. With another scale w it is the score of p(x) p(y | x)^w at that
        level, which is not the noised version of any one law.
    Formulas: classifier_guided_score
    """
    mean, observed = real("m y")
    v, w = positive("v w")
    posterior_mean, posterior_variance = completed_square(log_normal(X, mean, v) + log_normal(observed, X, w), X)
    by_bayes = -(X - posterior_mean) / posterior_variance
    corrected = sp.diff(log_normal(X, mean, v), X) + sp.diff(log_normal(observed, X, w), X)
    return Proof(corrected, by_bayes, (corrected - sp.diff(log_normal(observed, X, w), X), 2 * corrected))


def classifier_free_guidance():
    """000/g: classifier-free guidance as an interpolation (also seed 001).

    Printed:
        classifier-free guidance as a principled interpolation between conditional
        and unconditional scores
    Verdict: true under a named convention
    Scope: entry by entry, any values
    Reading: the convention is a scale w in [0, 1], or "interpolation" for any affine combination. The scales in use, 7.5 for
        one, lie above 1: there the result leaves the interval between the two scores, and is an extrapolation.
    Right:
        guided = unconditional + w (conditional - unconditional)
               = (1 - w) unconditional + w conditional
        (guided - unconditional) (conditional - guided)
               = w (1 - w) (conditional - unconditional)^2 >= 0 for w in [0, 1]
    Numbers: at scores 0 and 1, w = 7.5, the guided score, printed as at most the larger of both: printed 1, right 7.5
    Formulas: classifier_free_guidance
    """
    unconditional, conditional, w = real("u c w")
    gap = conditional - unconditional
    guided = unconditional + w * gap
    scale = sp.Rational(15, 2)
    return (
        Counterexample(
            "scores 0 and 1, w = 7.5, the guided score, printed as at most the larger of both",
            1,
            guided.subs({unconditional: 0, conditional: 1, w: scale}),
        ),
        Proof(guided, (1 - w) * unconditional + w * conditional, ((1 + w) * conditional - w * unconditional,)),
        Proof((guided - unconditional) * (conditional - guided), w * (1 - w) * gap**2, (w * (w - 1) * gap**2, w * gap**2)),
    )


def fragmented_and_validated():
    """000/h: the summary's other claims.

    Printed:
        existing analyses are fragmented; the framework is validated on Stable
        Diffusion, enables efficient sampling and unifies disparate perspectives
    Verdict: not checkable
    Reading: praise of a text: no statement about numbers or formulas that a computation could decide
    """
    return Unchecked()


def theorem_count():
    """001/a: the number of theorems.

    Printed:
        this paper contains 32 theorems
    Verdict: proved
    Scope: the list of the paper's statements
    Reading: theorems, propositions, lemmas and corollaries together, counted in the list of the paper's statements, each of which
        is an entry here; definitions and remarks are not counted.
    """
    kinds = Counter(entry.id.split("/")[1].split()[0] for entry in entries() if entry.id.startswith("2511.11746/"))
    found = sum(kinds[kind] for kind in ("Theorem", "Proposition", "Lemma", "Corollary"))
    return Proof(sp.Integer(found), sp.Integer(32), (sp.Integer(found + kinds["Definition"]),))


def other_counts():
    """001/b: the other counts.

    Printed:
        31 sections, 205 equations, 67 theorems, definitions and proofs
    Verdict: not checkable
    Reading: the paper itself is not among the documents; only a list of its statements is
    """
    return Unchecked()
