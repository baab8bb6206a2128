"""arXiv:2511.11746, section 5: continuity, Fokker-Planck, flow matching, rectified flow and DDIM."""

import math
from functools import partial

import sympy as sp
from sympy.core.function import AppliedUndef

from refdiff.reference import step

from ..algebra import expectation, positive, real
from .evidence import Counterexample, Order, Proof

X, T = real("x"), positive("t")


def _plain(expression):
    """The expression with unknown functions and their derivatives as independent symbols."""
    expression = sp.expand(expression.doit())
    for kind in (sp.Subs, sp.Derivative, AppliedUndef):
        for one in sorted(expression.atoms(kind), key=lambda one: -len(str(one))):
            # What is taken of which function at which point, however the point is written.
            taken = one.expr if kind is sp.Subs else one if kind is sp.Derivative else one.func
            point = one.point if kind is sp.Subs else () if kind is sp.Derivative else one.args
            name = f"{taken} at {[sp.factor(entry) for entry in point]}"
            expression = expression.subs(one, sp.Symbol(name, positive=True))
    return expression


def definition_5_1():
    """2511.11746/Definition 5.1: the continuity equation.

    Printed:
        dp/dt + div(p v) = 0
    Verdict: definition
    Scope: one dimension, any density that is moved rigidly
    Reading: consistent: it keeps the mass, because the rate of p is a divergence; with v constant it moves p rigidly.
    Formulas: fokker_planck_rate
    """
    speed, shape = real("c"), sp.Function("p")
    moved = shape(X - speed * T)
    found = -sp.diff(moved * speed, X)
    return Proof(_plain(sp.diff(moved, T)), _plain(found), (_plain(-found),))


def lemma_5_2():
    """2511.11746/Lemma 5.2: the law of an ODE's flow solves the continuity equation.

    Printed:
        if dX/dt = v(X, t) and X_0 ~ p_0, then the law p_t of X_t satisfies
        dp/dt + div(p v) = 0
    Verdict: proved
    Scope: one dimension: any affine flow, and that of v = sqrt(1 + x^2)
    Reading: for smooth v whose flow exists. By change of variables for any smooth p_0; the flow of v = sqrt(1 + x^2) is x_t =
        sinh(arcsinh(x_0) + t).
    Formulas: fokker_planck_rate log_density_rate
    """
    scale, shift = sp.Function("a")(T), sp.Function("b")(T)
    start = sp.Function("p")
    affine = start((X - shift) / scale) / scale
    velocity = sp.diff(scale, T) / scale * (X - shift) + sp.diff(shift, T)
    logs = sp.Function("q")
    origin = sp.asinh(X) - T
    # The density of arcsinh(x_0) is q; that of x_t follows from d arcsinh(x)/dx = 1/sqrt(1 + x^2).
    curved = logs(origin) / sp.sqrt(1 + X**2)
    found = []
    for density, speed in ((affine, velocity), (curved, sp.sqrt(1 + X**2))):
        residual = sp.expand((sp.diff(density, T) + sp.diff(density * speed, X)).doit())
        miss = sp.expand((sp.diff(density, T) + speed * sp.diff(density, X)).doit())
        found.append(Proof(_plain(residual), sp.Integer(0), (_plain(miss),)))
    return tuple(found)


def _fokker_planck(density, drift, squared_diffusion):
    return -sp.diff(drift * density, X) + sp.diff(squared_diffusion * density, X, 2) / 2


def lemma_5_3():
    """2511.11746/Lemma 5.3: the Fokker-Planck equation.

    Printed:
        dX = f(X, t) dt + g(t) dW  =>  dp/dt = -div(f p) + g^2/2 Laplacian(p)
    Verdict: proved
    Scope: one dimension, any drift and density
    Reading: by test functions: the rate of E phi(X) is E[f phi' + g^2/2 phi''] from the moments of one small step, and
        integration by parts moves the derivatives onto p.
    Formulas: fokker_planck_rate
    """
    h, f, g, z = positive("h"), real("f"), positive("g"), real("z")
    power = 5
    step_of = X + f * h + g * sp.sqrt(h) * z
    rate = expectation(step_of**power, [z]).expand().coeff(h, 1)
    generator = f * power * X ** (power - 1) + g**2 / 2 * power * (power - 1) * X ** (power - 2)
    phi, density, drift = sp.Function("phi")(X), sp.Function("p")(X), sp.Function("f")(X)
    flux = phi * (drift * density) - g**2 / 2 * (phi * sp.diff(density, X) - sp.diff(phi, X) * density)
    by_parts = phi * _fokker_planck(density, drift, g**2) + sp.diff(flux, X)
    wanted = density * (drift * sp.diff(phi, X) + g**2 / 2 * sp.diff(phi, X, 2))
    miss = density * (drift * sp.diff(phi, X) + g**2 * sp.diff(phi, X, 2))
    return (
        Proof(rate, generator, (generator + g**2 * X ** (power - 2),)),
        Proof(_plain(by_parts), _plain(wanted), (_plain(miss),)),
    )


def theorem_5_4():
    """2511.11746/Theorem 5.4: the probability-flow ODE.

    Printed:
        v = f - g^2/2 grad log p_t; dX/dt = v shares all marginals with
        dX = f dt + g dW
    Verdict: proved
    Scope: one dimension, any density
    Reading: the marginal of each time, from equal right sides of the two equations for p and equal starts; not the law of paths.
    Formulas: probability_flow_drift
    """
    density, drift, g = sp.Function("p")(X), sp.Function("f")(X), positive("g")
    score = sp.diff(density, X) / density

    def continuity(factor):
        return _plain(-sp.diff((drift - factor * g**2 * score) * density, X))

    right = _plain(_fokker_planck(density, drift, g**2))
    return Proof(continuity(sp.Rational(1, 2)), right, (continuity(1), continuity(sp.Rational(-1, 2))))


def remark_5_5():
    """2511.11746/Remark 5.5: diffusion that depends on the state.

    Printed:
        for a state-dependent D: dp/dt = -div(f p) + 1/2 div(D grad p)
    Verdict: false as printed
    Scope: g = x in one dimension; one noise that turns in two
    Reading: with D = g g^T. Literally, in Ito's sense, the derivatives stand outside: div(D grad p) lacks div(p div D).
        Charitably it holds where D does not depend on x, or with f + div D/2 in the place of f. In one dimension that is the
        anti-Ito sense, which the list does not name; in more it is not (the last proof: a noise that turns).
    Right:
        dp/dt = -div(f p) + 1/2 sum_ij d^2(D_ij p)/dx_i dx_j
    Numbers: at f = 0, g = x, p = N(0, 1), x = 1/2, in units of p: printed -0.34375, right 0.40625
    Formulas: fokker_planck_rate
    """
    density = sp.exp(-(X**2) / 2)
    squared = X**2
    printed = sp.diff(squared * sp.diff(density, X), X) / 2 / density
    right = _fokker_planck(density, 0, squared) / density
    # The second moment of dX = X dW grows at the rate E[X^2], which only the right form gives.
    h, z = positive("h"), real("z")
    rate = expectation((X + X * sp.sqrt(h) * z) ** 2, [z]).expand().coeff(h, 1)
    bell = density / sp.sqrt(2 * sp.pi)

    def moment_rate(form):
        return sp.integrate(sp.expand(X**2 * form * bell), (X, -sp.oo, sp.oo))

    mean_square = sp.integrate(rate * bell, (X, -sp.oo, sp.oo))
    at = "f = 0, g = x, p = N(0, 1), x = 1/2, in units of p"
    half = sp.Rational(1, 2)
    return (
        Counterexample(at, printed.subs(X, half), sp.simplify(right).subs(X, half)),
        Proof(moment_rate(sp.expand(sp.simplify(right))), mean_square, (moment_rate(sp.expand(sp.simplify(printed))),)),
        *_other_senses(),
    )


def _other_senses():
    """In one dimension the printed form with the drift g g' of the anti-Ito sense; in two, dX = (-x_2, x_1) dW from N(0, I)."""
    density, g = sp.Function("p")(X), sp.Function("g")(X)
    fick = sp.diff(g**2 * sp.diff(density, X), X) / 2
    anti_ito, ito = (_plain(_fokker_planck(density, drift, g**2)) for drift in (g * sp.diff(g, X), sp.Integer(0)))
    point, turn = real("x_1 x_2"), (-real("x_2"), real("x_1"))
    # div(D grad p)/p from the score -x of N(0, I), and the rate of E|x|^2 that half of it brings.
    flux = [sum(turn[i] * turn[j] * -point[j] for j in (0, 1)) for i in (0, 1)]
    spread = sum(sp.diff(flux[i], point[i]) - point[i] * flux[i] for i in (0, 1)) / 2
    square = sum(x**2 for x in point)
    printed_rate = expectation(square * spread, point)

    def rate(drift):
        """Of E|x|^2, by Ito: E[2 x . drift + |G|^2]."""
        return expectation(2 * sum(x * f for x, f in zip(point, drift, strict=True)) + sum(one**2 for one in turn), point)

    half_divergence = [sum(sp.diff(turn[i] * turn[j], point[j]) for j in (0, 1)) / 2 for i in (0, 1)]
    of_anti_ito = [sum(sp.diff(turn[i], point[j]) * turn[j] for j in (0, 1)) for i in (0, 1)]
    return (
        Proof(_plain(fick), anti_ito, (ito,)),
        Proof(printed_rate, rate(half_divergence), (rate(of_anti_ito), rate((0, 0)))),
    )


R, RATE = positive("r"), real("r_dot")


def definition_5_6():
    """2511.11746/Definition 5.6: couplings and stochastic interpolants.

    Printed:
        coupling, stochastic interpolant (named only; judged in the usual form:)
        X_t = psi_t(X_0, X_1) for a coupling (X_0, X_1) of two laws,
        psi_0 the first and psi_1 the second argument
    Verdict: definition
    Scope: one dimension, any values
    Reading: consistent: the straight interpolant (1 - t) x_0 + t x_1 has the right ends.
    """
    x_0, x_1 = real("x_0 x_1")
    straight = (1 - T) * x_0 + T * x_1
    return Proof(straight.subs(T, 0), x_0, (x_1,)), Proof(straight.subs(T, 1), x_1, (x_0,))


def _gaussian_interpolant():
    """Straight interpolant of independent N(0, v) and N(0, 1): variance of X_t, and E[X_1 - X_0 | X_t = x]."""
    v = positive("v")
    variance = (1 - T) ** 2 * v + T**2
    covariance = T - (1 - T) * v
    return variance, covariance / variance * X


def definition_5_7():
    """2511.11746/Definition 5.7: the marginal velocity.

    Printed:
        u_t(x) = E[psi_dot_t(X_0, X_1) | X_t = x]
    Verdict: definition
    Scope: Gaussian ends in one dimension
    Reading: consistent: for Gaussian ends it moves a standard deviation at the rate at which the law's own grows.
    Formulas: marginal_velocity_dirac marginal_velocity_gaussian marginal_velocity_mixture
    """
    variance, velocity = _gaussian_interpolant()
    spread = sp.sqrt(variance)
    return Proof(velocity.subs(X, spread), sp.diff(spread, T), (sp.diff(variance, T),))


def proposition_5_8():
    """2511.11746/Proposition 5.8: the interpolant's law and its marginal velocity satisfy the continuity equation.

    Printed:
        dp/dt + div(p u) = 0 for the law p_t of X_t
    Verdict: proved
    Scope: one dimension: Gaussian ends, and any point of the data
    Reading: by test functions, d/dt E phi(X_t) = E[phi'(X_t) psi_dot] = E[phi'(X_t) u(X_t)]; checked on the density of
        Gaussian ends, and of any point of the data with noise at the other end: laws of more points are sums of that.
    Formulas: marginal_velocity_gaussian
    """
    variance, velocity = _gaussian_interpolant()
    log_p = -(X**2) / (2 * variance) - sp.log(variance) / 2
    found = sp.diff(log_p, T)
    wanted = -sp.diff(velocity, X) - velocity * sp.diff(log_p, X)
    # A point a of the data, x = (1 - t) a + t z: z - a = (x - a)/t. Both sides are sums over points of density times velocity.
    point = real("a")
    kernel = -((X - (1 - T) * point) ** 2) / (2 * T**2) - sp.log(T)
    speed = (X - point) / T
    moved = -sp.diff(speed, X) - speed * sp.diff(kernel, X)
    return (
        Proof(found, wanted, (-wanted, wanted + sp.diff(velocity, X))),
        Proof(sp.diff(kernel, T), moved, (-moved, moved + sp.diff(speed, X))),
    )


def theorem_5_9():
    """2511.11746/Theorem 5.9: conditional flow matching.

    Printed:
        the minimiser of L_CFM = E|v(X_t) - psi_dot|^2 is u, and
        L_CFM = L_MFM + const with L_MFM = E|v(X_t) - u(X_t)|^2
    Verdict: proved
    Scope: three velocities at one x and t
    Reading: the constant is E Var(psi_dot | X_t), free of v. The minimiser is u among all functions of (x, t).
    Formulas: flow_matching_loss velocity_variance_dirac velocity_variance_gaussian
    """
    weights, velocities = positive("w_1 w_2 w_3"), real("u_1 u_2 u_3")
    guess, total = real("v"), sum(positive("w_1 w_2 w_3"))
    mean = sum(w * u for w, u in zip(weights, velocities, strict=True)) / total
    conditional = sum(w * (guess - u) ** 2 for w, u in zip(weights, velocities, strict=True)) / total
    spread = sum(w * (u - mean) ** 2 for w, u in zip(weights, velocities, strict=True)) / total
    return (
        Proof(conditional, (guess - mean) ** 2 + spread, ((guess - mean) ** 2, (guess - mean) ** 2 - spread)),
        Proof(sp.solve(sp.diff(conditional, guess), guess)[0], mean, (velocities[0],)),
    )


def _mixture(scale, noise):
    """Joint density of data in two points and y = scale*u + noise*z, as (density, E[u|y]) with two masses and points."""
    m, n, a, b = *positive("m n"), *real("a b")
    y = X
    first, second = (mass * sp.exp(-((y - scale * u) ** 2) / (2 * noise**2)) for mass, u in ((m, a), (n, b)))
    return first + second, (a * first + b * second) / (first + second)


def lemma_5_10():
    """2511.11746/Lemma 5.10: scaled Tweedie.

    Printed:
        Y = U + s Z:  E[U | Y] = y + s^2 grad log p(y),
                      E[Z | Y] = -s grad log p(y)
    Verdict: proved
    Scope: data at two points of any masses, one dimension
    Reading: for any law of U; every finite law is made by adding terms.
    Formulas: eps_from_score x_0_from_score
    """
    s = positive("s")
    density, mean = _mixture(1, s)
    score = sp.diff(density, X) / density
    u_1, z_1 = X + s**2 * score, -s * score
    return Proof(u_1, mean, (X + s * score, X - s**2 * score)), Proof(z_1, (X - mean) / s, (s * score,))


def proposition_5_11():
    """2511.11746/Proposition 5.11: the straight interpolant's velocity from the score.

    Printed:
        X = (1 - r) X_0 + r Z:  u = -(r_dot/(1 - r)) (x + r score)
    Verdict: proved
    Scope: data at two points of any masses, one dimension
    Reading: t runs from data to noise, so r_dot > 0; sampling integrates it backwards.
    Formulas: velocity_from_score
    """
    density, mean = _mixture(1 - R, R)
    score = sp.diff(density, X) / density
    noise = (X - (1 - R) * mean) / R
    found = -RATE / (1 - R) * (X + R * score)
    miss = -RATE / (1 - R) * (X + R**2 * score)
    return Proof(found, RATE * (noise - mean), (miss, -found))


def lemma_5_12():
    """2511.11746/Lemma 5.12: time change.

    Printed:
        Y_s = X_{t(s)} solves dY/ds = w(Y, t(s))
    Verdict: true under a named convention
    Scope: dX/dt = 2 t X
    Reading: the list does not say what w is. It holds where the velocity of X is split as dX/dt = (ds/dt) w(X, t), as
        Definition 5.13 splits it. With w the velocity of X itself the factor dt/ds is missing; the numbers are that reading's.
    Right:
        dX/dt = a(t) w(X, t) and ds/dt = a(t) give dY/ds = w(Y, t(s))
    Numbers: at dX/dt = X, t = s^2, X_0 = 1, s = 1, dY/ds: printed 2.71828, right 5.43656
    Formulas: transformed_velocity
    """
    s = positive("s")
    moved = sp.exp(s**2)
    # dX/dt = 2 t X with clock ds/dt = 2 t: X = exp(t^2), t = sqrt(s), w = X.
    in_clock = sp.exp(sp.sqrt(s) ** 2)
    return (
        Counterexample("dX/dt = X, t = s^2, X_0 = 1, s = 1, dY/ds", moved.subs(s, 1), sp.diff(moved, s).subs(s, 1)),
        Proof(sp.diff(in_clock, s), in_clock, (2 * sp.sqrt(s) * in_clock,)),
    )


def definition_5_13():
    """2511.11746/Definition 5.13: the rectified velocity.

    Printed:
        u~ = -(x + r score)
    Verdict: definition
    Scope: data at two points of any masses, one dimension
    Reading: consistent: it is the mean of the noise minus x, so it vanishes at r = 1, where x is the noise.
    Formulas: velocity_from_score
    """
    density, mean = _mixture(1 - R, R)
    score = sp.diff(density, X) / density
    noise = (X - (1 - R) * mean) / R
    return Proof(-(X + R * score), -(X - noise), (X - noise,))


def corollary_5_14():
    """2511.11746/Corollary 5.14: the straight and the rectified ODE have the same state curves.

    Printed:
        dx/dt = u and dx/ds = u~ trace the same curves
    Verdict: proved
    Scope: entry by entry, any values
    Reading: u is u~ times r_dot/(1 - r), a positive function of time alone: the clock ds = dr/(1 - r) turns one into the other.
    Formulas: transformed_velocity velocity_from_score
    """
    score = real("score")
    straight = -RATE / (1 - R) * (X + R * score)
    rectified = -(X + R * score)
    clock = sp.diff(-sp.log(1 - R), R) * RATE
    return Proof(straight, clock * rectified, (rectified, straight * clock))


def section_5_3_substitution():
    """2511.11746/section 5.3: the DDPM substitution.

    Printed:
        with r = sqrt(1 - abar),
        u = -(abar_dot/(2 abar)) (x + sqrt(1 - abar) score)
    Verdict: false as printed
    Scope: entry by entry, any values
    Reading: literally it is neither the straight path's velocity at that r nor the velocity of DDPM's own path. For DDPM the
        sign of the factor and the root before the score are wrong; for the straight path the sign and the size of the factor
        are (at abar = 1/4, abar_dot = -1 it is 2 as printed, and must be -4.31). Turning time round changes both sides and does
        not help. Charitably DDPM's probability flow is meant; as printed it runs along the straight path's curves, backwards
        and at another speed.
    Right:
        DDPM: u = (abar_dot/(2 abar)) (x + score)
        straight path at r = sqrt(1 - abar):
        u = abar_dot/(2 r (1 - r)) (x + r score)
    Numbers: at abar = 1/4, abar_dot = -1, data 0 alone, x = 1: printed -0.309401, right 0.666667
    Formulas: probability_flow_drift velocity_from_score
    """
    power, rate, score = positive("abar"), real("abar_dot"), real("score")
    printed = -rate / (2 * power) * (X + sp.sqrt(1 - power) * score)
    # x = sqrt(abar) x_0 + sqrt(1 - abar) eps with eps = -sqrt(1 - abar) score, differentiated at fixed x_0 and eps.
    noise = -sp.sqrt(1 - power) * score
    data = (X - sp.sqrt(1 - power) * noise) / sp.sqrt(power)
    by_definition = rate * (sp.diff(sp.sqrt(power), power) * data + sp.diff(sp.sqrt(1 - power), power) * noise)
    right = rate / (2 * power) * (X + score)
    at = {power: sp.Rational(1, 4), rate: -1, X: 1, score: -sp.Rational(4, 3)}
    return (
        Counterexample("abar = 1/4, abar_dot = -1, data 0 alone, x = 1", printed.subs(at), by_definition.subs(at)),
        Proof(by_definition, right, (printed, -printed)),
        *_straight_at_the_substitution(power, rate, score),
    )


def _straight_at_the_substitution(power, rate, score):
    """The straight path's velocity at r = sqrt(1 - abar), from x = (1 - r) x_0 + r z with z = -r score."""
    root = sp.sqrt(1 - power)
    noise = -root * score
    data = (X - root * noise) / (1 - root)
    by_definition = rate * sp.diff(root, power) * (noise - data)
    right = rate / (2 * root * (1 - root)) * (X + root * score)
    return (Proof(by_definition, right, (-right, rate / (2 * power) * (X + root * score))),)


def proposition_5_15():
    """2511.11746/Proposition 5.15: the straight, the rectified and DDPM's flow.

    Printed:
        the straight ODE, the rectified ODE and the VP probability-flow ODE have
        the same curves up to a change of time, and each transports p_t
    Verdict: false as printed
    Scope: Gaussian data in one dimension
    Reading: literally DDPM's curves and laws are others: two curves from the same noise, at the place where both have the second
        entry 4/5, differ in the first. Charitably the state is divided by alpha + sigma as well; then all three coincide.
    Right:
        x/(alpha + sigma) along the VP flow is the straight curve at
        r = sigma/(alpha + sigma)
    Numbers: at data N(0, diag(4, 0)), z = (1, 1), first entry of the VP curve where the second is 4/5, printed as the straight
        one's: printed 0.894427, right 1.44222
    Formulas: rectified_state rectified_time velocity_from_score
    """
    v, alpha, sigma, z = positive("v alpha sigma z")
    # On Gaussian data of variance v the flow keeps x over its standard deviation.
    vp = z * sp.sqrt(alpha**2 * v + sigma**2)
    r = sigma / (alpha + sigma)
    straight = z * sp.sqrt((1 - r) ** 2 * v + r**2)
    level = sp.Rational(4, 5)
    first_straight = sp.sqrt((1 - level) ** 2 * 4 + level**2)
    first_vp = sp.sqrt(4 * (1 - level**2) + level**2)
    law = "data N(0, diag(4, 0)), z = (1, 1)"
    where = f"{law}, first entry of the VP curve where the second is 4/5, printed as the straight one's"
    return (
        Counterexample(where, first_straight, first_vp),
        Proof(vp / (alpha + sigma), straight, (vp, vp / alpha)),
    )


G, H = positive("g h")
ALPHA_S, ALPHA_T = 1 / (1 + H), 1 / ((1 + G) * (1 + H))
LOGS = {"log_alpha_bar_s": 2 * sp.log(ALPHA_S), "log_alpha_bar_t": 2 * sp.log(ALPHA_T)}


def theorem_5_16():
    """2511.11746/Theorem 5.16: DDIM and the straight characteristic.

    Printed:
        a DDIM update is the point at s of the straight characteristic with
        x_0_hat and eps_hat frozen at t
    Verdict: false as printed
    Scope: entry by entry, any values
    Reading: literally a point of the straight path (1 - r) X_0 + r Z of Propositions 5.11 and 5.15: where x_0_hat = eps_hat = 1
        each of its points is 1, at any r, and the update is not. Charitably the state is divided by alpha_s + sigma_s, as in
        000/d, or the characteristic is that of DDIM's own process, alpha_s x_0_hat + sigma_s eps_hat; then it is true.
    Right:
        x_s = (alpha_s + sigma_s) ((1 - r) x_0_hat + r eps_hat),
        r = sigma_s/(alpha_s + sigma_s)
    Numbers: at alpha_s = 3/5, x_0_hat = 1, eps_hat = 1, any r: printed 1, right 1.4
    Formulas: ddim_step rectified_state rectified_step rectified_time
    """
    x_0, x_t = real("x_0 x_t")
    sigma_s, sigma_t = sp.sqrt(1 - ALPHA_S**2), sp.sqrt(1 - ALPHA_T**2)
    eps = (x_t - ALPHA_T * x_0) / sigma_t
    r = sigma_s / (ALPHA_S + sigma_s)
    found = step.ddim_step(x_t, x_0, 0, 0, **LOGS)
    characteristic = (1 - r) * x_0 + r * eps
    alpha, sigma = sp.Rational(3, 5), sp.Rational(4, 5)
    return (
        Counterexample("alpha_s = 3/5, x_0_hat = 1, eps_hat = 1, any r", sp.expand((1 - R) + R), alpha + sigma),
        Proof(found, (ALPHA_S + sigma_s) * characteristic, (characteristic, (1 - sigma_s) * x_0 + sigma_s * eps)),
    )


def corollary_5_17():
    """2511.11746/Corollary 5.17: DDIM from the VP probability flow.

    Printed:
        the same update is deterministic DDIM, the VP probability-flow ODE with
        its predictions frozen over the step
    Verdict: proved
    Scope: entry by entry, any values
    Reading: frozen eps_hat: d(x/alpha)/d(sigma/alpha) = eps integrates exactly to DDIM. Freezing x_0_hat in
        d(x/sigma)/d(alpha/sigma) = x_0 gives the same step.
    Formulas: ddim_step ddim_step_exponential ddim_step_exponential_eps ddim_step_scaled
    """
    x_0, x_t = real("x_0 x_t")
    sigma_s, sigma_t = sp.sqrt(1 - ALPHA_S**2), sp.sqrt(1 - ALPHA_T**2)
    eps = (x_t - ALPHA_T * x_0) / sigma_t
    found = step.ddim_step(x_t, x_0, 0, 0, **LOGS)
    by_eps = ALPHA_S * (x_t / ALPHA_T + (sigma_s / ALPHA_S - sigma_t / ALPHA_T) * eps)
    by_x_0 = sigma_s * (x_t / sigma_t + (ALPHA_S / sigma_s - ALPHA_T / sigma_t) * x_0)
    euler = x_t + (ALPHA_S - ALPHA_T) * x_0
    return Proof(found, by_eps, (euler,)), Proof(found, by_x_0, (euler,))


def lemma_5_18():
    """2511.11746/Lemma 5.18: weights over time.

    Printed:
        positive time weights do not change the minimiser of a matching loss
    Verdict: true under a named convention
    Scope: a model free at each time
    Reading: for a model free at every time, as the minimiser is then found time by time. Literally, for a model with shared
        parameters, it is false: a constant fitted to 1 at one time and 3 at another moves with the weights.
    Right:
        weights leave the minimiser alone when the model class holds the exact
        answer at every time
    Numbers: at a constant fitted to 1 and 3, best with weights 3 and 1, printed as with equal ones: printed 2, right 1.5
    """
    w, mean, spread, guess, theta = *positive("w m s"), *real("guess theta")
    free = w * ((guess - mean) ** 2 + spread)
    shared = 3 * (theta - 1) ** 2 + (theta - 3) ** 2
    best = sp.solve(sp.diff(shared, theta), theta)[0]
    return (
        Counterexample("a constant fitted to 1 and 3, best with weights 3 and 1, printed as with equal ones", 2, best),
        Proof(sp.solve(sp.diff(free, guess), guess)[0], mean, (w * mean,)),
    )


def proposition_5_19():
    """2511.11746/Proposition 5.19: the rectified velocity from the mean noise.

    Printed:
        u~ = -(x - eps*), and the losses for u~, eps and the score are equivalent
        by affine maps
    Verdict: proved
    Scope: data at two points of any masses, one dimension
    Reading: eps* = E[Z | x] = -r score. Equivalent up to positive weights of time: the score's loss is the noise's over r^2.
    Formulas: score_from_eps velocity_from_eps
    """
    density, mean = _mixture(1 - R, R)
    score = sp.diff(density, X) / density
    noise = (X - (1 - R) * mean) / R
    guess = real("guess")
    loss = (guess - noise) ** 2
    as_score = (-guess / R - score) ** 2
    as_velocity = (-(X - guess) + (X - noise)) ** 2
    return (
        Proof(-(X + R * score), -(X - noise), (-(X + noise),)),
        Proof(as_score, loss / R**2, (loss,)),
        Proof(as_velocity, loss, (loss * R,)),
    )


def lemma_5_20():
    """2511.11746/Lemma 5.20: the global error of a first-order one-step method.

    Printed:
        a first-order one-step method (local error at most K h^2) has a global
        error of at most C h
    Verdict: true under a named convention
    Scope: the recursion for any L, K, h and n
    Reading: with a velocity Lipschitz in x, constant L, uniformly over the whole time interval, which a score near data without
        spread is not.
    Right:
        e_{n+1} <= (1 + L h) e_n + K h^2 and e_0 = 0 give
        e_n <= K h ((1 + L h)^n - 1)/L <= K h (exp(L n h) - 1)/L
    """
    growth, local, h = positive("L K h")
    steps = sp.Symbol("n", integer=True, positive=True)

    def bound(count):
        return local * h * ((1 + growth * h) ** count - 1) / growth

    found = sp.expand_power_exp(bound(steps + 1))
    wanted = (1 + growth * h) * bound(steps) + local * h**2
    power = positive("power")
    stand_in = {(1 + growth * h) ** steps: power}
    euler = Order(lambda h: (1 - h) ** round(1 / h) - math.exp(-1), 1, (lambda h: (1 - 2 * h) ** round(1 / h) - math.exp(-1),))
    miss = ((1 + growth * h) * bound(steps) + local * h).subs(stand_in)
    return Proof(found.subs(stand_in), wanted.subs(stand_in), (miss,)), euler


def _variance(clock):
    """Of the straight path's state on data N(0, 1/4), in the rectified clock: r = 1 - exp(-clock)."""
    r = 1 - math.exp(-clock)
    return (1 - r) ** 2 / 4 + r**2


def _rectified_error(h, scored=1.0):
    """Euler's error on dx/ds = -(x + r score) with data N(0, 1/4), from s = 1 to 0, x = 1 at the start."""
    x, clock = 1.0, 1.0
    for _ in range(round(1 / h)):
        score = -x / _variance(clock)
        x += h * (x + scored * (1 - math.exp(-clock)) * score)
        clock -= h
    return x - (_variance(0) / _variance(1)) ** 0.5


def corollary_5_21():
    """2511.11746/Corollary 5.21: the sampling error of the rectified ODE.

    Printed:
        Euler's method with step h on the rectified ODE samples with an error of
        O(h)
    Verdict: heuristic
    Reading: with smooth data (here N(0, 1/4)) and from a finite start the measured error of a path falls as h. In the rectified
        clock ds = dr/(1 - r) pure noise lies at infinity, and for data without spread the Lipschitz constant has no bound near
        r = 0.
    Right:
        error = O(h) for a velocity Lipschitz on the whole interval, exact model,
        exact start
    Formulas: flow_euler_step
    """
    return Order(_rectified_error, 1, tuple(partial(_rectified_error, scored=share) for share in (0.5, 2.0, -1.0)))
