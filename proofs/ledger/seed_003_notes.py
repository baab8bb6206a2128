"""Seed 003: notes on diffusion models."""

import numpy as np
import sympy as sp
from flint import arb
from scipy.optimize import minimize_scalar

from refdiff.numbers.balls import balls, precision
from refdiff.reference import ddim, denoiser, flow, forward, gaussian, posterior, projection, sde, spectrum, step

from ..algebra import column, completed_square, expectation, forward_posterior, log_normal, positive, real
from .chain import BACK, KEPT, NOISES, START, STEPS, bound, states
from .evidence import Counterexample, Order, Proof, Unchecked

G, H = positive("g h")
ALPHA_S, ALPHA_T = 1 / (1 + H), 1 / ((1 + G) * (1 + H))
ALPHA, SIGMA = positive("alpha sigma")


def coarse_first():
    """003/a: coarse structure comes first.

    Printed:
        At high noise levels, the model recovers coarse, low-frequency structure;
        as noise decreases, it progressively refines the sample by adding
        higher-frequency details.
    Verdict: true under a named convention
    Scope: one coefficient of any power
    Reading: the convention is data whose power falls with frequency, as natural images' does. The best linear estimate keeps the
        share alpha^2 P/(alpha^2 P + sigma^2) of each frequency, larger where P is; with a rising spectrum detail comes first, as
        the numbers show.
    Right:
        share(f) = alpha^2 P(f)/(alpha^2 P(f) + sigma^2), increasing in P(f) at
        every noise level
    Numbers: at alpha = sigma = 1, P = 1/4 at the low and 4 at the high frequency, the larger share, printed as the low one's:
        printed 0.2, right 0.8
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
            "alpha = sigma = 1, P = 1/4 at the low and 4 at the high frequency, the larger share, printed as the low one's",
            share(sp.Rational(1, 4)).subs(at),
            share(sp.Integer(4)).subs(at),
        ),
        # The difference is positive: every factor on the right is.
        Proof(grown, wanted, (-wanted,)),
    )


def snr_lost_first():
    """003/b: high frequencies lose their signal-to-noise ratio first.

    Printed:
        Since white noise has energy across all frequencies but natural images
        have most energy in low frequencies, high-frequency components lose
        signal-to-noise ratio (SNR) first, making them harder to recover at early
        denoising steps
    Verdict: true under a named convention
    Scope: one coefficient of any power
    Reading: "first" is the earliest time at which a frequency's SNR falls below a fixed level, and the power must fall with
        frequency. At one time every frequency's SNR is the process's SNR times its own power: all fall in the same proportion.
        Harder to recover means that the best linear estimate leaves more of the frequency's power unknown, the share 1/(1 +
        SNR): at early steps, where the noise is high, most.
    Right:
        SNR(f, t) = P(f) alpha_t^2/sigma_t^2; it crosses 1 at
        sigma/alpha = sqrt(P(f))
    Formulas: cutoff_frequency frequency_snr snr wiener_gain
    """
    power, other = positive("p q")
    amplitude = sp.sqrt(power)
    ratio = (ALPHA * amplitude) ** 2 / SIGMA**2
    # What the gain leaves unknown of a coefficient of power p or q < p: mean square of x_0 - gain*x_t, over the power.
    less = positive("less")

    def unknown(of):
        gain = spectrum.wiener_gain(of, ALPHA, SIGMA)
        return ((1 - gain * ALPHA) ** 2 * of + (gain * SIGMA) ** 2) / of

    weaker = sp.cancel(unknown(power) - unknown(power + less))
    apart = ALPHA**2 * SIGMA**2 * less / ((ALPHA**2 * power + SIGMA**2) * (ALPHA**2 * (power + less) + SIGMA**2))
    return (
        Proof(unknown(power), 1 / (1 + ratio), (1 / ratio, ratio / (1 + ratio))),
        # Positive: the weaker frequency is known less well, at every noise level.
        Proof(weaker, apart, (-apart,)),
        Proof(ratio.subs(SIGMA, ALPHA * amplitude), sp.Integer(1), (ratio.subs(SIGMA, ALPHA * power),)),
        Proof(ratio / ratio.subs(power, other), power / other, (ALPHA**2 * power / other,)),
    )


def markov_chain():
    """003/c: noise is added along a Markov chain.

    Printed:
        Gradually add Gaussian noise with Markov Chain to model increasing noise
        process.
    Verdict: definition
    Scope: any two steps in one dimension
    Reading: consistent: two steps, of which the second sees the first's result alone, are one step over both; and a variance of
        one stays one.
    Formulas: transition_mean transition_variance
    """
    first, second, x = positive("s_1"), positive("s_2"), real("x")
    ends = (sp.Integer(0), -first), (-first, -first - second), (sp.Integer(0), -first - second)
    means = [lambda at, logs=logs: forward.transition_mean(at, *logs) for logs in ends]
    variances = [forward.transition_variance(*logs) for logs in ends]
    kept = means[1](1)
    chained = [means[1](means[0](x)), kept**2 * variances[0] + variances[1]]
    unmixed = [chained[0], variances[0] + variances[1]]
    return (
        Proof(chained, [means[2](x), variances[2]], (unmixed, [means[1](x), variances[1]])),
        Proof(kept**2 + variances[1], sp.Integer(1), (kept + variances[1],)),
    )


def sampling_from_noise():
    """003/d: where sampling starts.

    Printed:
        Generate images by sampling from Gaussian noise.
    Verdict: heuristic
    Scope: data N(2, 3)
    Reading: literally the noisiest image is Gaussian noise, which it is only where alpha_bar_T = 0 (002/after 33 c). Started from
        N(0, I) all the same, even the exact reverse process gives images whose mean is off in proportion to alpha_bar_T.
        Measured on data N(2, 3).
    Right:
        start from the law of x_T; N(0, I) in its place costs O(alpha_bar_T)
    Formulas: marginal_mean marginal_variance prior_kl
    """
    x_0, x_t, a = *real("x_0 x_t"), positive("a")
    law = log_normal(x_0, 2, 3) + log_normal(
        x_t, forward.marginal_mean(x_0, 2 * sp.log(a)), forward.marginal_variance(2 * sp.log(a))
    )
    # Mean of x_0 given x_T; it is linear in x_T, so that the mean of x_T leads to the mean of the images.
    reversed_mean = completed_square(law, x_0)[0]

    def error(start):
        found = sp.lambdify(a, reversed_mean.subs(x_t, start) - 2)
        return lambda alpha_bar: found(alpha_bar**0.5)

    return Order(error(0), 1, (error(1), error(-2))), Proof(reversed_mean.subs(x_t, 2 * a), 2, (reversed_mean.subs(x_t, 0),))


def covers_more_than_gans():
    """003/e: coverage against GANs.

    Printed:
        Due to Explicit likelihood Modeling, it solves the drawback of GAN where
        it covers less of the generation space.
    Verdict: not checkable
    Reading: a comparison of trained models' coverage, with no measure, data or training named
    """
    return Unchecked()


def fourier():
    """003/f: the forward process in Fourier space.

    Printed:
        When we consider it as a form of Fourier Transform, we can interpret as a
        Linear Combination of [a symbol that the text lost] and Gaussian Noise
    Verdict: proved
    Scope: a transform of length three
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


def reverse_kl():
    """003/g: which KL divergence is minimised.

    Printed:
        Reverse KL Divergence for model seeking and to generate more expressive
        data.
    Verdict: false as printed
    Scope: two modes of any masses, one dimension
    Reading: "model seeking" is read as mode seeking, the name of what reverse divergence does. Literally it is KL(model ||
        truth), which seeks one mode; but the bound's terms are KL(q(x_s | x_t, x_0) || p(x_s | x_t)), and the law that is
        trained stands second: that covers. Charitably "reverse" is the word of variational inference for q first; nothing seeks
        a mode even so. Shown by the best Gaussian of unit variance for two equal modes.
    Right:
        L_{t-1} = KL(q || p_theta): its best mean is the mean of the posterior
        means, E[mean(x_0, x_t) | x_t]
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
    """003/h: the reverse transition matches the variational posterior.

    Printed:
        The model learns the reverse transition by matching the variational
        posterior.
    Verdict: proved
    Scope: data at two points of any masses, one dimension
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


def kl_of_processes():
    """003/i: the loss as a KL divergence of the two processes.

    Printed:
        We compute KL of forward process and reverse process to get the Loss.
    Verdict: true under a named convention
    Scope: three linear Gaussian steps in numbers, data N(1, 4)
    Reading: it is open which laws are compared. Those of the whole path x_0 to x_T, forward process first: that divergence is the
        mean over data of minus the bound, up to the entropy of the data, in which no parameter stands. The other way round it is
        another number.
    Right:
        KL(q(x_0:T) || p(x_0:T)) = -E_data[L(x_0)] - (entropy of the data)
    Formulas: gaussian_kl
    """
    thirds, halves = sp.Rational(1, 3), sp.Rational(1, 2)
    scales = dict(
        zip((*sum(KEPT, ()), *sum(BACK, ())), (halves, 1, thirds, 2, 2 * thirds, 1, thirds, 2, halves, 1, 1, 3), strict=True)
    )
    w, units = real("w"), real("v_0:4")
    drawn = [state.subs(scales).subs(START, 1 + 2 * w) for state in states()]
    model = [units[STEPS]]
    for (slope, noise), unit in zip(reversed(BACK), reversed(units[:STEPS]), strict=True):
        model.insert(0, (slope * model[0] + noise * unit).subs(scales))

    def law(path, noises):
        mean = [expectation(entry, noises) for entry in path]
        gaps = [entry - centre for entry, centre in zip(path, mean, strict=True)]
        return column(mean), column([[expectation(one * other, noises) for other in gaps] for one in gaps])

    laws = law(drawn, [w, *NOISES]), law(model, units)
    bound_over_data = expectation(bound().subs(scales).subs(START, 1 + 2 * w), [w])
    entropy = (1 + sp.log(2 * sp.pi * 4)) / 2
    divergences = gaussian.gaussian_kl(*laws[0], *laws[1]), gaussian.gaussian_kl(*laws[1], *laws[0])
    # Every log is then one of a prime.
    found, swapped, right, whole = (
        sp.expand_log(one, factor=True) for one in (*divergences, -bound_over_data - entropy, -bound_over_data)
    )
    return Proof(found, right, (swapped, whole))


def noise_not_structure():
    """003/j: predicting noise rather than structure.

    Printed:
        the problem is reparameterized to predict the noise at step t rather than
        the structure, which empirically demonstrated to improve performance.
    Verdict: not checkable
    Reading: an empirical claim about trained networks; the two predictions themselves are affine images of each other
    """
    return Unchecked()


def reparameterised_sample():
    """003/k: the re-parameterised sample and derivatives.

    Printed:
        Also, we leverage forward process's sampled reparameterized to ensure the
        variational posterior differentiable.
    Verdict: true under a named convention
    Scope: f = x^5 in one dimension
    Reading: the sample x_t = alpha m + sigma z is differentiable in m, so that a mean's derivative is the mean of derivatives.
        DDPM's forward process has nothing to learn and needs it only where alpha, sigma or an encoder are trained.
    Right:
        d/dm E f(alpha m + sigma z) = E[alpha f'(alpha m + sigma z)]
                                    = alpha E[f z]/sigma
    Formulas: marginal_sample
    """
    m, z = real("m z")
    x = ALPHA * m + SIGMA * z
    by_path = expectation(ALPHA * 5 * x**4, [z])
    # E f is a polynomial in m; and by the score of the density, which never differentiates f.
    by_score = expectation(ALPHA * x**5 * z, [z]) / SIGMA
    total = sp.diff(expectation(x**5, [z]), m)
    return Proof(by_path, total, (by_path / ALPHA,)), Proof(by_path, sp.expand(by_score), (sp.expand(by_score * SIGMA),))


def fixed_at_one():
    """003/l: a factor fixed at one.

    Printed:
        [lost] is often fixed at 1 regardless of the step
        [lost] is a neural network instead of [lost]
    Verdict: not checkable
    Reading: the subjects of both sentences were images that the text lost
    """
    return Unchecked()


def positional_embedding():
    """003/m: time embeddings and extrapolation.

    Printed:
        Diffusion uses Positional Embedding for each time step. which prevents
        effective extrapolation like transformer do not.
    Verdict: not checkable
    Reading: a claim about trained networks without a measure
    """
    return Unchecked()


def denoising_is_integration():
    """003/n: denoising as integration.

    Printed:
        "denoising = integration" refers to the continuous-time perspective,
        where ... generation is formalized as following the solution of a
        differential equation that continuously moves the state from noise to
        data. ... it involves accumulating "small denoising actions" tens to
        thousands of times (through integral approximation)
    Verdict: heuristic
    Reading: such an equation there is (2511.11746/Theorem 5.4); n small actions approximate its solution, and Euler's are off in
        proportion to 1/n. Measured on data N(0, 1/4), sigma from 1 to 0.
    Right:
        x at 0 = x at 1 - int_0^1 (x - D(x; sigma))/sigma dsigma
        = x at 1 - sum of n actions (x - D(x; sigma))/(n sigma) + O(1/n)
    Formulas: denoiser_gaussian edm_velocity flow_euler_step
    """

    def error(share):
        """By the step, when this share of each action is done."""

        def of(h):
            x, level = 1.0, 1.0
            for _ in range(round(1 / h)):
                velocity = (x - denoiser.denoiser_gaussian(x, 0.0, 0.25, 1.0, level)) / level
                x = flow.flow_euler_step(x, share * velocity, h)
                level -= h
            # The exact solution keeps x over its standard deviation.
            return x - (0.25 / 1.25) ** 0.5

        return of

    return Order(error(1), 1, (error(0.5), error(-1), error(2)))


def ddpm_solves_the_reverse_sde():
    """003/o: DDPM and the reverse SDE.

    Printed:
        Classic DDPM is a "discrete-time" Markov Chain that repeats denoising
        steps ..., but from a continuous-time perspective, it ultimately connects
        to numerically solving the reverse SDE.
    Verdict: heuristic
    Reading: one DDPM mean against one Euler-Maruyama step of dx = (-beta x/2 - beta score) dt: they agree to first order in beta,
        and differ at second order.
    Right:
        DDPM mean = x_t + beta (x_t/2 + score) + O(beta^2)
    Formulas: posterior_mean reverse_euler_maruyama_step reverse_sde_drift
    """
    x_t, score, kept = 0.7, -0.4, 0.5

    def error(linear, scored):
        def of(beta):
            before, now = kept, kept * (1 - beta)
            # x_0 from the score of x_t; the posterior mean at it.
            x_0 = (x_t + (1 - now) * score) / now**0.5
            mean = (before**0.5 * beta * x_0 + (1 - beta) ** 0.5 * (1 - before) * x_t) / (1 - now)
            return mean - (x_t + beta * (linear * x_t / 2 + scored * score))

        return of

    return Order(error(1, 1), 2, (error(-1, 1), error(0, 1), error(1, -1), error(1, 0.5)))


def integrates_an_ode():
    """003/p: DDIM and three flows integrate an ODE from the start.

    Printed:
        DDIM / probability-flow ODE / flow matching / rectified flow approaches
        explicitly take the form of directly integrating an ODE from the start
    Verdict: true under a named convention
    Scope: DDIM for any values, the flows for the variance of Gaussian data
    Reading: DDIM with eta = 0: its step is then, exactly, the Euler step of d(x/alpha)/d(sigma/alpha) = eps_hat; with fresh noise
        it is none. The others are an ODE dx/dt = v(x, t) by name; that its exact v carries the law of the process from noise to
        data is shown by the variance of Gaussian data.
    Right:
        x_s/alpha_s = x_t/alpha_t + (sigma_s/alpha_s - sigma_t/alpha_t) eps_hat
        for DDIM at eta = 0
    Formulas: ddim_step ddim_step_scaled marginal_velocity_gaussian probability_flow_drift rectified_velocity
    """
    x_t, x_0, z, r = *real("x_t x_0 z"), positive("r")
    logs = 2 * sp.log(ALPHA_S), 2 * sp.log(ALPHA_T)
    sigma_s, sigma_t = sp.sqrt(1 - ALPHA_S**2), sp.sqrt(1 - ALPHA_T**2)
    eps = (x_t - ALPHA_T * x_0) / sigma_t
    euler = ALPHA_S * (x_t / ALPHA_T + (sigma_s / ALPHA_S - sigma_t / ALPHA_T) * eps)
    # A law of variance alpha^2 v + sigma^2, and how fast it spreads.
    v, rates = positive("v"), real("alpha_dot sigma_dot")
    spread = ALPHA**2 * v + SIGMA**2
    growth = 2 * ALPHA * rates[0] * v + 2 * SIGMA * rates[1]
    rate, g = rates[0] / ALPHA, sp.sqrt(growth - 2 * rates[0] / ALPHA * spread)

    def moved(velocity, variance):
        """Growth of the variance that a velocity linear in x brings."""
        return 2 * sp.diff(velocity, x_t) * variance

    flow_matching = flow.marginal_velocity_gaussian(x_t, 0, v, ALPHA, SIGMA, *rates)
    probability_flow = sde.probability_flow_drift(x_t, -x_t / spread, rate, g)
    straight = spread.subs({ALPHA: 1 - r, SIGMA: r})
    rectified = ddim.rectified_velocity(x_t, (1 - r) * v * x_t / straight, 1 - r, r)
    found = [moved(flow_matching, spread), moved(probability_flow, spread), moved(rectified, straight)]
    right = [growth, growth, sp.diff(straight, r)]
    return (
        Proof(step.ddim_step(x_t, x_0, z, 0, *logs), euler, (step.ddim_step(x_t, x_0, z, 1, *logs), euler / ALPHA_S)),
        Proof(found, right, ([-growth, *right[1:]], [growth, growth + g**2, right[2]], [*right[:2], -right[2]])),
    )


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
    """003/q: the denoiser as an approximate projection.

    Printed:
        the denoiser can be viewed as an "approximate projection" onto the data
        manifold
    Verdict: true under a named convention
    Scope: the points -1 and 1
    Reading: the convention is noise small against the gap between the nearest point and the next: then all the weight is on the
        nearest. At larger noise the denoiser ends between the points, on none of them.
    Right:
        x > 0 projects to 1, and 1 - D(x) = 2/(1 + exp(2 x/sigma^2)), which
        vanishes as sigma does
    Numbers: at points -1 and 1, sigma = 1, x = 1/2, the denoised point, printed as the projection: printed 1, right 0.462117
    Formulas: denoiser_dirac denoiser_projection_error projection_onto_points
    """
    x, sigma = real("x"), positive("sigma")
    near, far = (sp.exp(-((x - p) ** 2) / (2 * sigma**2)) for p in (1, -1))
    output = (near - far) / (near + far)
    at = {x: sp.Rational(1, 2), sigma: 1}
    gap = 2 / (1 + sp.exp(2 * x / sigma**2))
    return (
        Counterexample("points -1 and 1, sigma = 1, x = 1/2, the denoised point, printed as the projection", 1, output.subs(at)),
        Proof(sp.expand(1 - output, power_exp=True), sp.expand(gap, power_exp=True), (2 / (1 + sp.exp(x / sigma**2)),)),
    )


def moreau_envelope():
    """003/r: the denoiser and the Moreau envelope.

    Printed:
        [the denoiser can be viewed as] equivalent to the gradient of a smoothed
        distance function (Moreau envelope).
    Verdict: true under a named convention
    Scope: the points -1 and 1
    Reading: D(x) = x - grad(S)/2 for the smoothed squared distance S of the points, a log-sum-exp. S/2 is a Moreau envelope,
        but not that of the set's indicator, which is dist^2/2 and not smooth where two points tie. The two agree as sigma goes
        to 0.
    Right:
        D(x) = x - grad(S)/2, S = -2 sigma^2 log mean exp(-|x - p|^2/(2 sigma^2));
        dist^2 <= S <= dist^2 + 2 sigma^2 log N
        S/2 = min over u of phi(u) + |x - u|^2/2, least at u = D(x),
        phi = (convex conjugate of |x|^2/2 - S/2) - |u|^2/2
    Numbers: at points -1 and 1, sigma = 1, x = 1/2, S, printed as dist^2: printed 0.25, right 1.00977
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
                "points -1 and 1, sigma = 1, x = 1/2, S, printed as dist^2",
                0.25,
                float(_smoothed(x, 1).mid()),
            ),
            Proof(found, right, (miss, arb(1))),
            *_is_an_envelope(),
        )


def gradient_is_the_denoiser():
    """003/s: the gradient of the smoothed distance and the denoiser's output.

    Printed:
        Gradient of a smoothed distance function to the manifold is equivalent as
        denoiser output
    Verdict: true under a named convention
    Scope: the points -1 and 1
    Reading: the convention, set by the sentence before it ("through noise prediction"), is a denoiser that puts out the noise:
        half the gradient of the smoothed squared distance is sigma eps_hat. For a denoiser that puts out the clean point D the
        gradient is that of x - D.
    Right:
        grad(S)/2 = x - D(x) = sigma eps_hat
    Numbers: at points -1 and 1, sigma = 1, x = 1/2, half the gradient, printed as the output: printed 0.462117, right 0.0378828
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
            "points -1 and 1, sigma = 1, x = 1/2, half the gradient, printed as the output",
            output.subs(at),
            half_gradient.subs(at),
        ),
        Proof(half_gradient, x - output, (output, 2 * (x - output))),
    )


def ddim_is_gradient_descent():
    """003/t: DDIM as gradient descent.

    Printed:
        DDIM can be interpreted as gradient descent, combining momentum and
        DDPM techniques to improve convergence speed and image quality
    Verdict: true under a named convention
    Scope: any values; the distance for the points -1 and 1 at x = 1/2
    Reading: for eta = 0 and in the coordinates x/alpha, one DDIM step with the exact denoiser is a gradient step on half the
        smoothed squared distance to the data, of step size 1 - sigma_s/sigma_t. Momentum is no part of DDIM: it belongs to the
        sampler built on this view.
    Right:
        x_s = x_t - (1 - sigma_s/sigma_t) grad S(x_t)/2, alpha = 1
    Formulas: ddim_step ddim_step_scaled distance_step_size smoothed_descent_step squared_distance_smoothed
    """
    x_t, x_0 = real("x_t x_0")
    logs = 2 * sp.log(ALPHA_S), 2 * sp.log(ALPHA_T)
    levels = [sp.sqrt(1 - alpha**2) / alpha for alpha in (ALPHA_S, ALPHA_T)]
    size = projection.distance_step_size(*levels)
    scaled = step.ddim_step(ALPHA_T * x_t, x_0, 0, 0, *logs) / ALPHA_S
    descent = x_t - size * (x_t - x_0)
    # Points -1 and 1, from sigma = 1 to 1/4: DDIM's step, and one down the slope of S, by central differences.
    with precision(200):
        x, points, sigma_s, h = arb(1) / 2, balls(np.array([[-1.0], [1.0]])), arb(1) / 4, arb(2) ** -60
        row = np.array([[x]], dtype=object)
        eps = row - denoiser.denoiser_dirac(row, points, arb(1), arb(1))
        by_ddim = ddim.ddim_step_scaled(row, eps, arb(1), sigma_s, arb(1), arb(1))[0, 0]
        above, below = (projection.squared_distance_smoothed(row + side, points, arb(1))[0] for side in (h, -h))
        slope = (above - below) / (2 * h) + arb(0, 1e-30)
        down = x - projection.distance_step_size(sigma_s, arb(1)) * slope / 2
        library = projection.smoothed_descent_step(row, points, sigma_s, arb(1))[0, 0]
        return (
            Proof(scaled, descent, (x_t - (1 - size) * (x_t - x_0), scaled * ALPHA_S)),
            Proof(by_ddim, down, (x - slope / 2, x - sigma_s * slope / 2)),
            Proof(library, by_ddim, (x - (1 - sigma_s) * slope,)),
        )
