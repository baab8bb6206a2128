"""Seed 003: notes on diffusion models."""

import numpy as np
import sympy as sp
from flint import arb
from scipy.optimize import minimize_scalar

from refdiff.numbers.balls import balls, precision
from refdiff.reference import denoiser, posterior

from ..algebra import expectation, forward_posterior, positive, real
from .evidence import Counterexample, Order, Proof, Unchecked

G, H = positive("g h")
ALPHA_S, ALPHA_T = 1 / (1 + H), 1 / ((1 + G) * (1 + H))
ALPHA, SIGMA = positive("alpha sigma")


def coarse_first():
    """003/a: coarse structure comes first.

    Printed:
        at high noise levels the model recovers coarse, low-frequency structure; as noise falls it adds higher frequencies
    Verdict: true under a named convention
    Reading: the convention is data whose power falls with frequency, as natural images' does. The best linear estimate keeps the
        share alpha^2 P/(alpha^2 P + sigma^2) of each frequency, larger where P is; with a rising spectrum detail comes first, as
        the numbers show.
    Right:
        share(f) = alpha^2 P(f)/(alpha^2 P(f) + sigma^2), increasing in P(f) at every noise level
    Numbers: at alpha = sigma = 1, P = 1/4 at the low and 4 at the high frequency, largest share: printed 0.2, right 0.8
    Formulas: denoiser_gaussian denoiser_stationary wiener_gain
    """
    power, step = positive("power step")

    def share(p):
        return denoiser.denoiser_gaussian(real("c"), 0, p, ALPHA, SIGMA).subs(real("c"), 1) * ALPHA

    grown = sp.together(share(power + step) - share(power))
    wanted = ALPHA**2 * SIGMA**2 * step / ((ALPHA**2 * power + SIGMA**2) * (ALPHA**2 * (power + step) + SIGMA**2))
    at = {ALPHA: 1, SIGMA: 1}
    return (
        Counterexample(
            "alpha = sigma = 1, P = 1/4 at the low and 4 at the high frequency, largest share",
            share(sp.Rational(1, 4)).subs(at),
            share(sp.Integer(4)).subs(at),
        ),
        # The difference is positive: every factor on the right is.
        Proof(grown, wanted, (-wanted,)),
    )


def snr_lost_first():
    """003/b: high frequencies lose their signal-to-noise ratio first.

    Printed:
        white noise has energy across all frequencies, natural images have most energy in low ones, so high-frequency components
        lose SNR first
    Verdict: true under a named convention
    Reading: "first" is the earliest time at which a frequency's SNR falls below a fixed level, and the power must fall with
        frequency. At one time every frequency's SNR is the process's SNR times its own power: all fall in the same proportion.
    Right:
        SNR(f, t) = P(f) alpha_t^2/sigma_t^2; it crosses 1 at sigma/alpha = sqrt(P(f))
    Formulas: cutoff_frequency frequency_snr snr
    """
    power, other = positive("p q")
    amplitude = sp.sqrt(power)
    ratio = (ALPHA * amplitude) ** 2 / SIGMA**2
    return (
        Proof(ratio.subs(SIGMA, ALPHA * amplitude), sp.Integer(1), (ratio.subs(SIGMA, ALPHA * power),)),
        Proof(ratio / ratio.subs(power, other), power / other, (ALPHA**2 * power / other,)),
    )


def markov_chain():
    """003/c: noise is added along a Markov chain.

    Printed:
        gradually add Gaussian noise with a Markov chain
    Verdict: definition
    Reading: consistent: with kept power 1 - beta and added variance beta, variance one stays one.
    Formulas: transition_mean transition_variance
    """
    beta, variance = positive("beta"), sp.Integer(1)
    return Proof((1 - beta) * variance + beta, sp.Integer(1), ((1 - beta) ** 2 + beta,))


def fourier():
    """003/d: the forward process in Fourier space.

    Printed:
        considered as a form of Fourier transform, (x_t) is a linear combination of (x_0) and Gaussian noise; symbols missing
    Verdict: proved
    Reading: the transform is linear, and orthonormal, so that noise stays white: each coefficient is alpha times the data's plus
        sigma times a unit Gaussian. It is a linear combination without the transform just as well.
    Formulas: marginal_sample noised_power
    """
    third = 2 * sp.pi / 3
    rows = [[1 / sp.sqrt(3)] * 3]
    rows += [[sp.sqrt(sp.Rational(2, 3)) * turn(third * k) for k in range(3)] for turn in (sp.cos, sp.sin)]
    transform = np.array(rows, dtype=object)
    x_0, eps = (np.array(real(" ".join(f"{name}_{k}" for k in range(3))), dtype=object) for name in ("x", "e"))
    left = transform @ (ALPHA * x_0 + SIGMA * eps)
    right = ALPHA * (transform @ x_0) + SIGMA * (transform @ eps)
    unit = np.eye(3, dtype=int).astype(object)
    return Proof(left, right, (right + SIGMA * eps,)), Proof(transform @ transform.T, unit, (2 * unit,))


def covers_more_than_gans():
    """003/e: coverage against GANs.

    Printed:
        thanks to explicit likelihood modelling it solves the GAN's drawback of covering less of the generation space
    Verdict: not checkable
    """
    return Unchecked("a comparison of trained models' coverage, with no measure, data or training named")


def reverse_kl():
    """003/f: which KL divergence is minimised.

    Printed:
        reverse KL divergence for model seeking (mode seeking) and to generate more expressive data
    Verdict: false as printed
    Reading: literally KL(model || truth), which seeks one mode; the bound's terms are KL(q(x_s | x_t, x_0) || p(x_s | x_t)), and
        the law that is trained stands second: that covers. Charitably "reverse" is the word of variational inference for q
        first; nothing seeks a mode even so. Shown by the best Gaussian of unit variance for two equal modes.
    Right:
        L_{t-1} = KL(q || p_theta): its best mean is the mean of the posterior means, E[mean(x_0, x_t) | x_t]
    Numbers: at modes N(-3, 1), N(3, 1), best mean of N(m, 1): printed 2.99, right 0
    Formulas: denoising_kl
    """
    m, a, b, w = *real("m a b"), positive("w")
    covering = w * (a - m) ** 2 / 2 + (b - m) ** 2 / 2
    best = sp.solve(sp.diff(covering, m), m)[0]
    nodes, masses = np.polynomial.hermite_e.hermegauss(80)

    def seeking(centre):
        """KL(N(centre, 1) || mixture), up to a constant."""
        u = nodes + centre
        log_mixture = np.logaddexp(-((u - 3) ** 2) / 2, -((u + 3) ** 2) / 2)
        return float(masses @ (-(nodes**2) / 2 - log_mixture))

    mode = minimize_scalar(seeking, bounds=(1, 5), method="bounded", options={"xatol": 1e-9}).x
    return (
        Counterexample("modes N(-3, 1), N(3, 1), best mean of N(m, 1)", round(mode, 2), best.subs({w: 1, a: -3, b: 3})),
        Proof(best, (w * a + b) / (1 + w), (a, b)),
    )


def matches_posterior():
    """003/g: the reverse transition matches the variational posterior.

    Printed:
        the model learns the reverse transition by matching the variational posterior
    Verdict: proved
    Reading: in the mean over x_0 given x_t: the best mean is that of the posterior means, which is the posterior mean at
        E[x_0 | x_t], because the mean is affine in x_0.
    Formulas: denoising_kl posterior_mean
    """
    first, second, x_t = real("x_1 x_2 x_t")
    w = positive("w")
    log_s, log_t = 2 * sp.log(ALPHA_S), 2 * sp.log(ALPHA_T)
    means = [forward_posterior(x_0, x_t, ALPHA_S, ALPHA_T)[0] for x_0 in (first, second)]
    best = (means[0] + w * means[1]) / (1 + w)
    expected = (first + w * second) / (1 + w)
    found = posterior.posterior_mean(expected, x_t, log_s, log_t)
    return Proof(found, best, (means[0], posterior.posterior_mean(first, x_t, log_s, log_t)))


def fixed_at_one():
    """003/h: a factor fixed at one.

    Printed:
        (a formula is missing) is often fixed at 1 regardless of the step; (another) is a neural network instead of (another)
    Verdict: not checkable
    """
    return Unchecked("the subjects of both sentences were images that the text lost")


def noise_not_structure():
    """003/i: predicting noise rather than structure.

    Printed:
        the problem is re-parameterised to predict the noise rather than the structure, which empirically improves performance
    Verdict: not checkable
    """
    return Unchecked("an empirical claim about trained networks; the two predictions themselves are affine images of each other")


def reparameterised_sample():
    """003/i a: the re-parameterised sample and derivatives.

    Printed:
        we leverage the forward process's re-parameterised sample to ensure the variational posterior is differentiable
    Verdict: true under a named convention
    Reading: the sample x_t = alpha m + sigma z is differentiable in m, so that a mean's derivative is the mean of derivatives.
        DDPM's forward process has nothing to learn and needs it only where alpha, sigma or an encoder are trained.
    Right:
        d/dm E f(alpha m + sigma z) = E[alpha f'(alpha m + sigma z)] = alpha E[f z]/sigma
    Formulas: marginal_sample
    """
    m, z = real("m z")
    x = ALPHA * m + SIGMA * z
    by_path = expectation(ALPHA * 5 * x**4, [z])
    # E f is a polynomial in m; and by the score of the density, which never differentiates f.
    by_score = expectation(ALPHA * x**5 * z, [z]) / SIGMA
    total = sp.diff(expectation(x**5, [z]), m)
    return Proof(by_path, total, (by_path / ALPHA,)), Proof(by_path, sp.expand(by_score), (sp.expand(by_score * SIGMA),))


def positional_embedding():
    """003/j: time embeddings and extrapolation.

    Printed:
        positional embedding of each time step prevents effective extrapolation
    Verdict: not checkable
    """
    return Unchecked("a claim about trained networks without a measure")


def ddpm_solves_the_reverse_sde():
    """003/k: DDPM and the reverse SDE.

    Printed:
        DDPM is a discrete-time Markov chain that connects to numerically solving the reverse SDE
    Verdict: heuristic
    Reading: one DDPM mean against one Euler-Maruyama step of dx = (-beta x/2 - beta score) dt: they agree to first order in beta,
        and differ at second order.
    Right:
        DDPM mean = x_t + beta (x_t/2 + score) + O(beta^2)
    Formulas: posterior_mean reverse_euler_maruyama_step reverse_sde_drift
    """
    x_t, score, kept = 0.7, -0.4, 0.5

    def error(beta):
        before, now = kept, kept * (1 - beta)
        # x_0 from the score of x_t; the posterior mean at it.
        x_0 = (x_t + (1 - now) * score) / now**0.5
        mean = (before**0.5 * beta * x_0 + (1 - beta) ** 0.5 * (1 - before) * x_t) / (1 - now)
        return mean - (x_t + beta * (x_t / 2 + score))

    return Order(error, 2)


def integrates_an_ode():
    """003/l: DDIM integrates an ODE from the start.

    Printed:
        DDIM, probability-flow ODE, flow matching and rectified flow directly integrate an ODE
    Verdict: heuristic
    Reading: a DDIM step is the Euler step of d(x/alpha)/d(sigma/alpha) = eps_hat, exact where eps_hat does not change; measured
        on data N(0, 1/4) over sigma/alpha from 1 to 0 its error falls as the step.
    Right:
        x_s/alpha_s = x_t/alpha_t + (sigma_s/alpha_s - sigma_t/alpha_t) eps_hat, of order one
    Formulas: ddim_step ddim_step_scaled
    """

    def error(h):
        x, level = 1.0, 1.0
        for _ in range(round(1 / h)):
            x -= h * x * level / (0.25 + level**2)
            level -= h
        return x - 0.5 / 1.25**0.5

    return Order(error, 1)


def _smoothed(x, variance):
    """-2 variance log of the mean of exp(-(x - p)^2/(2 variance)) over the points -1 and 1: a soft minimum."""
    with precision(200):
        terms = [(-((arb(x) - p) ** 2) / (2 * variance)).exp() for p in (-1, 1)]
        return -2 * variance * (sum(terms) / 2).log()


def _is_an_envelope():
    """For the points -1 and 1: S/2 is the least phi(u) + (x - u)^2/2, reached at u = D(x) = tanh(x/sigma^2)."""
    u, sigma = real("u"), positive("sigma")
    phi = sigma**2 * ((1 + u) * sp.log(1 + u) + (1 - u) * sp.log(1 - u)) / 2 - u**2 / 2 + sp.Rational(1, 2)
    # The x whose denoised point is u; there S/2 = x^2/2 + 1/2 - sigma^2 log cosh(x/sigma^2), and cosh^2 = 1/(1 - u^2).
    x = sigma**2 * (sp.log(1 + u) - sp.log(1 - u)) / 2
    half_s = x**2 / 2 + sp.Rational(1, 2) + sigma**2 * (sp.log(1 + u) + sp.log(1 - u)) / 2
    moved = real("v")
    slope = sp.diff(phi, u) + u - moved
    return (
        Proof(sp.expand(slope.subs(moved, x)), sp.Integer(0), (slope.subs(moved, u),)),
        # Positive for |u| < 1: the point is the only minimum.
        Proof(sp.diff(slope, u), sigma**2 / (1 - u**2), (-(sigma**2) / (1 - u**2),)),
        Proof(sp.expand(phi + (x - u) ** 2 / 2), sp.expand(half_s), (sp.expand(half_s - sp.Rational(1, 2)), sp.expand(phi))),
    )


def approximate_projection():
    """003/l a: the denoiser as an approximate projection.

    Printed:
        the denoiser can be viewed as an "approximate projection" onto the data manifold
    Verdict: true under a named convention
    Reading: the convention is noise small against the gap between the nearest point and the next: then all the weight is on the
        nearest. At larger noise the denoiser ends between the points, on none of them. Shown for the points -1 and 1.
    Right:
        x > 0 projects to 1, and 1 - D(x) = 2/(1 + exp(2 x/sigma^2)), which vanishes as sigma does
    Numbers: at points -1 and 1, sigma = 1, x = 1/2, projection against denoiser: printed 1, right 0.462117
    Formulas: denoiser_dirac denoiser_projection_error projection_onto_points
    """
    x, sigma = real("x"), positive("sigma")
    near, far = (sp.exp(-((x - p) ** 2) / (2 * sigma**2)) for p in (1, -1))
    output = (near - far) / (near + far)
    at = {x: sp.Rational(1, 2), sigma: 1}
    gap = 2 / (1 + sp.exp(2 * x / sigma**2))
    return (
        Counterexample("points -1 and 1, sigma = 1, x = 1/2, projection against denoiser", 1, output.subs(at)),
        Proof(sp.expand(1 - output, power_exp=True), sp.expand(gap, power_exp=True), (2 / (1 + sp.exp(x / sigma**2)),)),
    )


def moreau_envelope():
    """003/m: the denoiser and the Moreau envelope.

    Printed:
        the denoiser is equivalent to the gradient of a smoothed distance function (Moreau envelope)
    Verdict: true under a named convention
    Reading: D(x) = x - grad(S)/2 for the smoothed squared distance S of the points, a log-sum-exp. S/2 is a Moreau envelope, but
        not that of the set's indicator, which is dist^2/2 and not smooth where two points tie; shown for the points -1 and 1.
        The two agree as sigma goes to 0.
    Right:
        D(x) = x - grad(S)/2, S = -2 sigma^2 log mean exp(-|x - p|^2/(2 sigma^2)); dist^2 <= S <= dist^2 + 2 sigma^2 log N
        S/2 = min over u of phi(u) + |x - u|^2/2, least at u = D(x), phi = (convex conjugate of |x|^2/2 - S/2) - |u|^2/2
    Numbers: at points -1 and 1, sigma = 1, x = 1/2, squared distance against smoothed: printed 0.25, right 1.00977
    Formulas: denoiser_dirac moreau_envelope moreau_gap squared_distance_smoothed squared_distance_smoothed_gradient
    """
    with precision(200):
        x, h = arb(1) / 2, arb(2) ** -60
        points = balls(np.array([[-1.0], [1.0]]))
        found = denoiser.denoiser_dirac(np.array([[x]], dtype=object), points, arb(1), arb(1))[0, 0]
        slope = (_smoothed(x + h, 1) - _smoothed(x - h, 1)) / (2 * h)
        # Central differences: the error is of the size of h^2.
        right = x - slope / 2 + arb(0, 1e-30)
        miss = x - slope + arb(0, 1e-30)
        return (
            Counterexample(
                "points -1 and 1, sigma = 1, x = 1/2, squared distance against smoothed", 0.25, float(_smoothed(x, 1).mid())
            ),
            Proof(found, right, (miss, arb(1))),
            *_is_an_envelope(),
        )


def gradient_is_the_denoiser():
    """003/n: the gradient of the smoothed distance and the denoiser's output.

    Printed:
        the gradient of a smoothed distance function to the manifold is equivalent to the denoiser's output
    Verdict: true under a named convention
    Reading: the convention, set by the sentence before it ("through noise prediction"), is a denoiser that puts out the noise:
        half the gradient of the smoothed squared distance is sigma eps_hat. For a denoiser that puts out the clean point D the
        gradient is that of x - D.
    Right:
        grad(S)/2 = x - D(x) = sigma eps_hat
    Numbers: at points -1 and 1, sigma = 1, x = 1/2, output against half the gradient: printed 0.462117, right 0.0378828
    Formulas: denoiser_dirac eps_from_x_0 squared_distance_smoothed squared_distance_smoothed_gradient
    """
    x, sigma = real("x"), positive("sigma")
    weights = [sp.exp(-((x - p) ** 2) / (2 * sigma**2)) for p in (-1, 1)]
    output = (weights[1] - weights[0]) / (weights[0] + weights[1])
    smoothed = -2 * sigma**2 * sp.log(weights[0] + weights[1])
    half_gradient = sp.diff(smoothed, x) / 2
    at = {x: sp.Rational(1, 2), sigma: 1}
    return (
        Counterexample(
            "points -1 and 1, sigma = 1, x = 1/2, output against half the gradient", output.subs(at), half_gradient.subs(at)
        ),
        Proof(half_gradient, x - output, (output, 2 * (x - output))),
    )


def ddim_is_gradient_descent():
    """003/o: DDIM as gradient descent.

    Printed:
        DDIM can be interpreted as gradient descent, combining momentum and DDPM techniques to improve convergence and quality
    Verdict: true under a named convention
    Reading: in the coordinates x/alpha, one DDIM step is a gradient step on half the smoothed squared distance with step size
        1 - sigma_s/sigma_t. Momentum is no part of DDIM: it belongs to the sampler built on this view.
    Right:
        x_s = x_t - (1 - sigma_s/sigma_t) (x_t - D(x_t)), alpha = 1
    Formulas: ddim_step distance_step_size smoothed_descent_step
    """
    x_t, x_0 = real("x_t x_0")
    sigma_s, sigma_t = positive("sigma_s sigma_t")
    eps = (x_t - x_0) / sigma_t
    ddim = x_0 + sigma_s * eps
    descent = x_t - (1 - sigma_s / sigma_t) * (x_t - x_0)
    return Proof(ddim, descent, (x_0, x_t - sigma_s / sigma_t * (x_t - x_0)))
