"""Seed 002, sections 4.1 and 4.2 to equation (110): the reverse equation, and DDPM and SMLD as stochastic differential equations.

Wherever a law p_t is needed in full, the equation is linear, dx = -rate x dt + g dw, and p_t Gaussian with mean m and variance v;
then dm/dt = -rate m and dv/dt = g^2 - 2 rate v, which a chain rule turns into the change of p_t.
"""

import math

import sympy as sp

from refdiff.reference import forward

from ..algebra import completed_square, expectation, log_normal, positive, real
from .evidence import Counterexample, Order, Proof

X, Y, M, W, U = real("x y m w u")
V, G, H, RATE, BETA, TIME = positive("v g h rate beta time")
HALF = sp.Rational(1, 2)
DENSITY = log_normal(X, M, V)
SCORE = sp.diff(DENSITY, X)
DRIFT = -RATE * X
# Change of log p_t per unit time, by the chain rule through m and v.
CHANGE = sp.diff(DENSITY, M) * (-RATE * M) + sp.diff(DENSITY, V) * (G**2 - 2 * RATE * V)


def _fokker_planck(drift, noise):
    """Change of p, over p, by drift and by white noise of this variance per time."""
    return -sp.diff(drift, X) - drift * SCORE + noise * (sp.diff(SCORE, X) + SCORE**2) / 2


def after_096_e():
    """002/after 96 e: the variance of a Brownian increment.

    Printed:
        d omega represents the increment of Brownian motion, whose variance is
        proportional to sqrt(dt). In its discretized form, this is written as
        d omega = sqrt(dt) dz, where z ~ N(0, I)
    Verdict: false as printed
    Scope: one dimension, any step
    Reading: the variance is dt; sqrt(dt) is the standard deviation, as the second sentence says (where dz should be z).
    Right:
        the variance of d omega is dt; d omega = sqrt(dt) z
    Numbers: at variance of a step four times as long, over that of the short one: printed 2, right 4
    Formulas: euler_maruyama_step
    """
    increment = sp.sqrt(H) * U
    variance = expectation(increment**2, [U])
    # A step of 2 h is two of h: variances of independent parts add, and only dt does.
    parts = expectation((sp.sqrt(H) * U + sp.sqrt(H) * W) ** 2, [U, W])
    return (
        Counterexample(
            "variance of a step four times as long, over that of the short one",
            sp.sqrt(4 * H) / sp.sqrt(H),
            sp.cancel(variance.subs(H, 4 * H) / variance),
        ),
        Proof(variance.subs(H, 2 * H), parts, (sp.sqrt(2 * H), 2 * sp.sqrt(H))),
    )


def eq_097():
    """002/97: one step of the discretised equation.

    Printed:
        p(x_{t+dt}|x_t) = N(x_{t+dt}; x_t + f_t(x_t) dt, g_t^2 dt I)
        prop. to exp(-||x_{t+dt} - x_t - f_t(x_t) dt||^2/(2 g_t^2 dt))
    Verdict: heuristic
    Scope: one step of a linear drift in one dimension
    Reading: exact for the discretised equation, and the proportion is right; for the equation itself mean and variance of one
        step are off in proportion to dt^2. Measured on dx = -x/2 dt + dw.
    Right:
        exact to first order in dt; for dx = -x/2 dt + dw it is
        N(exp(-dt/2) x_t, 1 - exp(-dt))
    Formulas: euler_maruyama_step
    """
    step = log_normal(Y, X + DRIFT * H, G**2 * H)
    exponent = -((Y - X - DRIFT * H) ** 2) / (2 * G**2 * H)
    return (
        Order(lambda h: (1 - h / 2) - math.exp(-h / 2), 2, (lambda h: (1 + h / 2) - math.exp(-h / 2),)),
        Order(lambda h: h + math.expm1(-h), 2, (lambda h: 2 * h + math.expm1(-h), lambda h: math.sqrt(h) + math.expm1(-h))),
        Proof(sp.diff(step, Y), sp.diff(exponent, Y), (2 * sp.diff(exponent, Y), sp.diff(exponent * H, Y))),
    )


# One step of the discretised linear equation: x kept in part, and noise; and x given y from their covariance.
KEPT = 1 - RATE * H
SPREAD = KEPT**2 * V + G**2 * H
GIVEN = (M + KEPT * V / SPREAD * (Y - KEPT * M), V - (KEPT * V) ** 2 / SPREAD)
STEP, AFTER = log_normal(Y, KEPT * X, G**2 * H), log_normal(Y, KEPT * M, SPREAD)


def eq_098():
    """002/98: Bayes' rule for one step.

    Printed:
        p(x_t|x_{t+dt}) = p(x_{t+dt}|x_t) p(x_t) / p(x_{t+dt})
    Verdict: proved
    Scope: one step of a linear drift in one dimension
    Reading: the left side from the covariance of x_t and x_{t+dt}.
    """
    return Proof(log_normal(X, *GIVEN), STEP + DENSITY - AFTER, (STEP + DENSITY, STEP - DENSITY + AFTER))


def eq_099():
    """002/99: the densities in an exponential.

    Printed:
        [p(x_t|x_{t+dt})] =
            p(x_{t+dt}|x_t) exp(log p(x_t) - log p(x_{t+dt}))
    Verdict: proved
    Scope: x_t of two values
    Reading: the two values have probabilities w and 1 - w.
    """
    share, first, second = positive("share first second")
    after = share * first + (1 - share) * second
    counted = 1 / (1 + (1 - share) * second / (share * first))
    return Proof(
        counted, first * sp.exp(sp.log(share) - sp.log(after)), (first * sp.exp(sp.log(after) - sp.log(share)), first * share)
    )


def eq_100():
    """002/100: the exponent in full.

    Printed:
        p(x_t|x_{t+dt}) prop. to
        exp(-||x_{t+dt} - x_t - f_t(x_t) dt||^2/(2 g_t^2 dt)
            + log p(x_t) - log p(x_{t+dt}))
    Verdict: proved
    Scope: one step of a linear drift in one dimension
    Reading: as a density of x_t; its mean and variance against those from the covariance.
    """
    step = -((Y - X - DRIFT * H) ** 2) / (2 * G**2 * H)
    found = completed_square(step + DENSITY - AFTER, X)
    return Proof(found, GIVEN, (completed_square(step - DENSITY + AFTER, X), completed_square(2 * step + DENSITY - AFTER, X)))


def _growing(x, t):
    """Log density of N(0, 1 + t), the law of dx = dw from N(0, 1)."""
    return -(x**2) / (2 * (1 + t)) - math.log(2 * math.pi * (1 + t)) / 2


def eq_101():
    """002/101: the expansion of log p.

    Printed:
        log p(x_{t+dt}) approx. log p(x_t) + (x_{t+dt} - x_t) . grad log p(x_t)
                          + dt d/dt log p(x_t)
    Verdict: heuristic
    Scope: the derivatives for p_t = N(0, 1 + t), at x_t = 2
    Reading: of first order in both arguments; but x_{t+dt} - x_t is of the size sqrt(dt), so that the second-order term in it
        is as large as the last term kept: the error falls like dt, not faster. With that term it falls like dt^(3/2). Measured
        on dx = dw from N(0, 1), at x_t = 2 and x_{t+dt} = 2 + sqrt(dt).
    Right:
        add (x_{t+dt} - x_t)^T grad^2 log p(x_t) (x_{t+dt} - x_t)/2
    """

    def left(h, slope, bend, change):
        """What these shares of the three terms leave of log p(x_{t+dt}) - log p(x_t)."""
        # At x = 2, t = 0: slope -2, curvature -1, change 3/2 per unit time.
        kept = -2 * slope * math.sqrt(h) - bend * h / 2 + change * 3 * h / 2
        return _growing(2 + math.sqrt(h), h) - _growing(2, 0) - kept

    def near(*shares):
        return lambda h: left(h, *shares)

    slopes = [sp.diff(log_normal(X, 0, 1 + TIME), *by).subs({X: 2, TIME: 0}) for by in ((X,), (X, X), (TIME,))]
    return (
        Order(near(1, 0, 1), 1, (near(0, 0, 1), near(-1, 0, 1)), finest=20),
        Order(near(1, 1, 1), 1.5, (near(0, 1, 1), near(1, 0, 1), near(1, 1, 0), near(1, -1, 1)), finest=20),
        Proof(tuple(slopes), (-2, -1, 3 * HALF), ((2, -1, 3 * HALF),)),
    )


def _left_over(h):
    """Exact log p(x_t|x_{t+dt}) less the exponent of (103) for dx = dw from N(0, 1), at x_{t+dt} = 0, x_t from 0 to sqrt(dt)."""
    x = sp.sqrt(h)
    exact = log_normal(x, 0, h / (1 + h)) - log_normal(0, 0, h / (1 + h))
    # f = 0, g = 1 and the score is -x, so the printed bracket is +x.
    return exact + (0 - x - x * h) ** 2 / (2 * h)


# A process with drift, dx = -x/2 dt + 2 dw from N(1, 3), seen from x_{t+dt} = 2.
DATA_MEAN, DATA_VARIANCE, POWER, SEEN = 1.0, 3.0, 4.0, 2.0


def _gain_left_over(drift=1.0, score=-1.0, power=POWER):
    """The same for that process, with x_t from 2 to 2 + sqrt(dt), and with these factors of f, of g^2 score and of dt."""

    def error(h):
        kept, noise = math.exp(-h / 2), -POWER * math.expm1(-h)

        def exact(x):
            return -((SEEN - kept * x) ** 2) / (2 * noise) - (x - DATA_MEAN) ** 2 / (2 * DATA_VARIANCE)

        def printed(x):
            bracket = drift * -x / 2 + score * POWER * -(x - DATA_MEAN) / DATA_VARIANCE
            return -((SEEN - x - bracket * h) ** 2) / (2 * power * h)

        return exact(SEEN + math.sqrt(h)) - exact(SEEN) - printed(SEEN + math.sqrt(h)) + printed(SEEN)

    return error


def _reverse_step_order():
    """Of what (103) leaves over; near misses in every factor that it has."""
    wrong = [_gain_left_over(score=factor) for factor in (0, 1, -2, -0.5)] + [_gain_left_over(drift=factor) for factor in (0, -1)]
    return Order(_gain_left_over(), 1, (*wrong, _gain_left_over(power=2)), finest=20)


def eq_102():
    """002/102: the square completed.

    Printed:
        p(x_t|x_{t+dt}) prop. to exp(-||x_{t+dt} - x_t - [f_t(x_t)
            - g_t^2 grad log p(x_t)] dt||^2/(2 g_t^2 dt) + o(dt))
    Verdict: false as printed
    Scope: the completed square for any f, g and score in one dimension
    Reading: the square is completed rightly, but what is left is of the order of dt itself: O(dt), not o(dt). It is
        dt (g^2 |s|^2/2 - f . s - d/dt log p), s the score, and the second-order term that (101) leaves out, whose size changes
        with x_t, so that no constant of proportion takes it away. It vanishes with dt all the same: (103) follows.
    Right:
        ... + O(dt)
    Numbers: at dx = dw from N(0, 1), x_{t+dt} = 0, x_t from 0 to sqrt(dt), limit of what is left over dt: printed 0, right 0.5
    Formulas: reverse_sde_drift
    """
    f, score, change = real("f score change")
    gap = Y - X
    exponent = -((gap - f * H) ** 2) / (2 * G**2 * H) - gap * score - H * change
    completed = -((gap - (f - G**2 * score) * H) ** 2) / (2 * G**2 * H)
    wrong = -((gap - (f + G**2 * score) * H) ** 2) / (2 * G**2 * H)
    left_over = H * (G**2 * score**2 / 2 - f * score - change)
    return (
        Counterexample(
            "dx = dw from N(0, 1), x_{t+dt} = 0, x_t from 0 to sqrt(dt), limit of what is left over dt",
            0,
            sp.limit(sp.cancel(_left_over(H) / H), H, 0),
        ),
        Proof(exponent - completed, left_over, (exponent - wrong, -H * change, sp.Integer(0))),
        _reverse_step_order(),
    )


def eq_103():
    """002/103: the reverse step.

    Printed:
        p(x_t|x_{t+dt}) prop. to exp(-||x_{t+dt} - x_t - [f_t(x_t)
            - g_t^2 grad log p(x_t)] dt||^2/(2 g_t^2 dt))
    Verdict: heuristic
    Reading: the exponent is off by a term that falls like dt, over the range of x_t that matters, sqrt(dt). Measured on
        dx = -x/2 dt + 2 dw from N(1, 3), seen from x_{t+dt} = 2; with another factor before f, the score or dt it falls like
        sqrt(dt) or not at all.
    Right:
        exact as dt -> 0
    Formulas: reverse_euler_maruyama_step reverse_sde_drift
    """
    return _reverse_step_order()


def eq_104():
    """002/104: the reverse step as a Gaussian.

    Printed:
        p(x_{t+dt}|x_t) ~ N(f_t(x_t) - g_t^2 grad log p(x_t)] dt,
                            g_t Delta sqrt(t) I)
    Verdict: false as printed
    Reading: five faults: the left side is the forward step, (103) is of p(x_t|x_{t+dt}); the mean lacks x_{t+dt} and the
        minus sign that going back brings; the variance is g_t^2 dt (printed is a standard deviation, with Delta sqrt(t) for
        sqrt(dt)); and a bracket does not open. Read as the law of x_{t+dt} - x_t given x_{t+dt}, the mean is right. The right
        form's errors, measured as in (103), fall like dt^2.
    Right:
        p(x_t|x_{t+dt}) ~ N(x_{t+dt} - [f - g_t^2 grad log p] dt, g_t^2 dt I)
    Numbers: at dx = dw from N(0, 1), dt = 1/100, x_{t+dt} = 1, mean of x_t: printed 0.01, right 0.99; at g = 2, dt = 1/100,
        variance: printed 0.2, right 0.04
    Formulas: reverse_euler_maruyama_step reverse_sde_drift
    """

    def exactly(h):
        """Mean and variance of x_t given x_{t+dt} = 2 for dx = -x/2 dt + 2 dw from N(1, 3)."""
        kept, noise = math.exp(-h / 2), -POWER * math.expm1(-h)
        gain = kept * DATA_VARIANCE / (kept**2 * DATA_VARIANCE + noise)
        return DATA_MEAN + gain * (SEEN - kept * DATA_MEAN), DATA_VARIANCE * noise / (kept**2 * DATA_VARIANCE + noise)

    def mean(drift, score):
        return lambda h: SEEN - (drift * -SEEN / 2 - score * POWER * -(SEEN - DATA_MEAN) / DATA_VARIANCE) * h - exactly(h)[0]

    def variance(power):
        return lambda h: power * h - exactly(h)[1]

    score = sp.diff(log_normal(X, 0, 1), X).subs(X, 1)
    small = sp.Rational(1, 100)
    where = "dx = dw from N(0, 1), dt = 1/100, x_{t+dt} = 1, mean of x_t"
    return (
        Counterexample(where, -score * small, 1 + score * small),
        Counterexample("g = 2, dt = 1/100, variance", 2 * sp.sqrt(small), 4 * small),
        Order(mean(1, 1), 2, (mean(-1, 1), mean(0, 1), mean(1, -1), mean(1, 0), mean(1, 2)), finest=14),
        Order(variance(POWER), 2, (variance(2), variance(-POWER)), finest=14),
    )


def eq_105():
    """002/105: the reverse equation.

    Printed:
        dx = [f_t(x_t) - g_t^2 grad log p(x_t)] dt + g_t d omega
    Verdict: true under a named convention
    Scope: linear drift and Gaussian p_t in one dimension
    Reading: with dt < 0 and omega a Brownian motion in reverse time (Anderson's convention, which the text does not state). Read
        with dt > 0 it is false: the drift then drives the particles away from the data. The text itself takes both readings, in
        (138) and (139).
    Right:
        with dt > 0 running back from T: dx = -[f - g^2 grad log p] dt + g dw
    Numbers: at f = 0, g = 1, p_t = N(0, 1), rate of the variance with dt > 0: printed 3, right -1
    Formulas: reverse_sde_drift
    """
    reverse = DRIFT - G**2 * SCORE
    unit = {RATE: 0, G: 1, M: 0, V: 1}
    # E[x^2] changes by 2 E[x drift] + g^2.
    forwards = expectation((2 * X * reverse + G**2).subs(unit), [X])
    backwards = expectation((-2 * X * reverse + G**2).subs(unit), [X])
    where = "f = 0, g = 1, p_t = N(0, 1), rate of the variance with dt > 0"
    return (
        Proof(-CHANGE, _fokker_planck(-reverse, G**2), (_fokker_planck(reverse, G**2), _fokker_planck(-DRIFT, G**2))),
        Counterexample(where, forwards, backwards),
    )


def after_105_a():
    """002/after 105 a: the steady state.

    Printed:
        As the system approaches a steady state, i.e., as time tends to
        infinity, the changes in the probability distribution become
        negligible, and the solution reaches a steady-state solution
    Verdict: true under a named convention
    Scope: linear drift and Gaussian p_t in one dimension
    Reading: the drift confines x, so that there is a steady state. DDPM's does, and its variance tends to g^2/(2 rate). Not every
        equation of the text's general form: SMLD's, with drift 0, spreads for ever.
    Right:
        if the drift confines x, as DDPM's does and SMLD's does not: as time
        tends to infinity, ...
    Numbers: at f = 0, g = 1, rate of the variance at any time: printed 0, right 1
    """
    law = V * sp.exp(-2 * RATE * TIME) + G**2 / (2 * RATE) * (1 - sp.exp(-2 * RATE * TIME))
    by_moments = sp.diff(law, TIME)
    rate = expectation((2 * X * DRIFT + G**2).subs({RATE: 0, G: 1}), [X])
    return (
        Counterexample("f = 0, g = 1, rate of the variance at any time", 0, rate),
        Proof(by_moments, G**2 - 2 * RATE * law, (G**2 - RATE * law,)),
        Proof(sp.limit(law, TIME, sp.oo), G**2 / (2 * RATE), (V, G**2 / RATE)),
    )


def after_105_b():
    """002/after 105 b: where the ordinary differential equation comes from.

    Printed:
        The steady-state solution of the Fokker-Planck equation can be
        simplified into the form of an ordinary differential equation (ODE).
        Thus, under the premise of generation, the SDE and the ODE derived from
        the Fokker-Planck equation are equivalent
    Verdict: true under a named convention
    Scope: linear drift and Gaussian p_t in one dimension
    Reading: equivalent in the law of x at each time, not in its paths. In one dimension the steady Fokker-Planck equation is an
        ODE, in x for p. The ODE that moves samples needs no steady state, which SMLD's process lacks: at every time the
        Fokker-Planck equation is that of a flow without noise, with half the score; in a steady state that flow stands still.
    Right:
        at all times dx/dt = f - g^2/2 grad log p carries p_t, as the SDE does
    Numbers: at f = 0, g = 1, p_t = N(0, 1), rate of the variance, printed as that of a steady state: printed 0, right 1
    Formulas: fokker_planck_rate probability_flow_drift
    """
    flow = DRIFT - G**2 * SCORE / 2
    unit = {RATE: 0, G: 1, M: 0, V: 1}
    moved = expectation((2 * X * flow).subs(unit), [X])
    steady = flow.subs({M: 0, V: G**2 / (2 * RATE)})
    return (
        Counterexample("f = 0, g = 1, p_t = N(0, 1), rate of the variance, printed as that of a steady state", 0, moved),
        Proof(CHANGE, _fokker_planck(flow, 0), (_fokker_planck(DRIFT, 0), sp.Integer(0))),
        Proof(_fokker_planck(DRIFT, G**2), _fokker_planck(flow, 0), (_fokker_planck(DRIFT - G**2 * SCORE, 0),)),
        Proof(steady, 0, (DRIFT,)),
    )


def after_105_c():
    """002/after 105 c: the ordinary differential equation itself.

    Printed:
        This form corresponds to the reverse SDE with the stochastic term
        g_t d omega removed
    Verdict: false as printed
    Scope: linear drift and Gaussian p_t in one dimension
    Reading: removing the noise alone leaves f - g^2 grad log p, which moves the density too fast; the score must be halved as
        well.
    Right:
        dx = [f_t(x) - g_t^2/2 grad log p(x)] dt
    Numbers: at f = 0, g = 1, p_t = N(0, 1), rate of the variance: printed 2, right 1
    Formulas: probability_flow_drift
    """
    unit = {RATE: 0, G: 1, M: 0, V: 1}
    bare, halved = (DRIFT - share * G**2 * SCORE for share in (1, HALF))
    rates = [expectation((2 * X * flow).subs(unit), [X]) for flow in (bare, halved)]
    return (
        Counterexample("f = 0, g = 1, p_t = N(0, 1), rate of the variance", *rates),
        Proof(CHANGE, _fokker_planck(halved, 0), (_fokker_planck(bare, 0),)),
    )


def eq_106():
    """002/106: SMLD's forward equation.

    Printed:
        dx = sqrt(d[sigma^2(t)]/dt) dw
    Verdict: proved
    Scope: sigma^2(t) of degree two, three of SMLD's steps
    Reading: for any sigma^2(t) of degree two: the variance by Ito's isometry against that of three of SMLD's steps.
    Formulas: linear_sde_diffusion ve_diffusion
    """
    level = sum(slope * TIME**power for power, slope in enumerate(positive("c_0:3")))
    noises = real("u_1:4")
    times = [sp.Integer(0), TIME / 4, TIME / 2, TIME]
    levels = [level.subs(TIME, one) for one in times]
    steps = sum(sp.sqrt(levels[i + 1] - levels[i]) * noises[i] for i in range(3))
    isometry = sp.integrate(sp.diff(level, TIME), (TIME, 0, TIME))
    by_sigma = sp.integrate(sp.diff(level, TIME) ** 2, (TIME, 0, TIME))
    return Proof(expectation(steps**2, noises), isometry, (level, by_sigma, isometry / 2))


def after_106_a():
    """002/after 106 a: DDPM's step in continuous time.

    Printed:
        x(t + dt) = sqrt(1 - beta(t + dt)) x(t) + sqrt(beta(t + dt)) z(t)
    Verdict: true under a named convention
    Scope: one dimension, any step
    Reading: beta(t) is the variance of one step, beta_i of the discrete form, as "the same discretization technique" makes it;
        then the line is that form rewritten. In the text's next line and from (107) on beta(t) is a rate, the step's variance
        is beta(t) dt, and in that sense dt is missing under both roots.
    Right:
        with beta a rate: x(t + dt) = sqrt(1 - beta(t + dt) dt) x(t)
                                      + sqrt(beta(t + dt) dt) z(t)
    Numbers: at beta = 1, dt = 1/100, factor of x(t) if beta is a rate: printed 0, right 0.994987
    Formulas: transition_mean transition_variance
    """

    def moments(power):
        """Mean and variance of a step of this variance, by its draw and by the library."""
        draw, logs = sp.sqrt(1 - power) * X + sp.sqrt(power) * U, (sp.Integer(0), sp.log(1 - power))
        mean = expectation(draw, [U])
        drawn = (mean, expectation((draw - mean) ** 2, [U]))
        return drawn, (forward.transition_mean(X, *logs), forward.transition_variance(*logs))

    per_step, rate = moments(BETA), moments(BETA * H)
    at = {BETA: 1, H: sp.Rational(1, 100)}
    where = "beta = 1, dt = 1/100, factor of x(t) if beta is a rate"
    return (
        Counterexample(where, sp.sqrt(1 - BETA).subs(at), sp.sqrt(1 - BETA * H).subs(at)),
        Proof(*per_step, (rate[0],)),
        Proof(*rate, (per_step[0],)),
    )


def eq_107():
    """002/107: DDPM's forward equation.

    Printed:
        dx = -1/2 beta(t) x dt + sqrt(beta(t)) d omega
    Verdict: proved
    Scope: one step as dt falls, one dimension
    Reading: as the limit of the step with variance beta dt: mean and variance of the step, over dt, as dt falls to 0. The text's
        expansion of the first factor, 1 - beta dt/2, is off in proportion to dt^2.
    Formulas: transition_mean transition_variance vp_diffusion vp_drift_rate
    """
    logs = (sp.Integer(0), sp.log(1 - BETA * H))
    moved = sp.limit((forward.transition_mean(X, *logs) - X) / H, H, 0)
    added = sp.limit(sp.expand(forward.transition_variance(*logs)) / H, H, 0)
    return (
        Proof(
            (moved, added),
            (-BETA * X / 2, sp.sqrt(BETA) ** 2),
            ((-BETA * X, BETA), (-BETA * X / 2, BETA**2), (BETA * X / 2, BETA)),
        ),
        Order(lambda h: math.sqrt(1 - h) - (1 - h / 2), 2, (lambda h: math.sqrt(1 - h) - (1 - h),)),
    )


def after_107_a():
    """002/after 107 a: mean and variance stand for the law.

    Printed:
        Since the forward process follows a Gaussian distribution, finding its
        mu and Sigma is equivalent to solving this equation
    Verdict: true under a named convention
    Scope: linear drift and Gaussian p_t in one dimension
    Reading: to solve means to find the law of x at each time, given x_0, not the paths. The drifts of (106) and (107) are linear
        in x: the Gaussian whose mean and variance obey (108) and (109) then solves the Fokker-Planck equation.
    Right:
        given x_0, mu and Sigma determine the law of x(t)
    """
    return Proof(CHANGE, _fokker_planck(DRIFT, G**2), (_fokker_planck(DRIFT, G), _fokker_planck(-DRIFT, G**2)))


# A general nonlinear drift, x = M + sqrt(V) w, and its step of length h.
BENT = sum(slope * X**power for power, slope in enumerate(real("f_0:4")))
ROOT = sp.Symbol("root", positive=True)


def _rates():
    """Rates of mean and variance over one small step, its length written as root^2."""
    start = M + sp.sqrt(V) * W
    after = start + BENT.subs(X, start) * ROOT**2 + G * ROOT * U
    mean = expectation(after, [W, U])
    variance = expectation((after - mean) ** 2, [W, U])
    return tuple(sp.diff(sp.expand(one), ROOT, 2).subs(ROOT, 0) / 2 for one in (mean, variance))


def eq_108():
    """002/108: the mean's equation.

    Printed:
        d mu/dt = E[f(x, t)]
    Verdict: proved
    Scope: one dimension, any cubic drift, Gaussian x
    Reading: for any cubic drift and Gaussian x, against the mean of one small step.
    """
    start = M + sp.sqrt(V) * W
    mean = expectation(BENT.subs(X, start), [W])
    return Proof(_rates()[0], mean, (BENT.subs(X, M), -mean))


def eq_109():
    """002/109: the variance's equation.

    Printed:
        d Sigma/dt = 2 E[f(x, t)(x - mu)] + E[g^2(t)]
    Verdict: true under a named convention
    Scope: any cubic drift, Gaussian x; one linear drift in two dimensions
    Reading: in one dimension, as the text's Sigma = E[(x - mu)^2] suggests; for a covariance matrix the product must be made
        symmetric.
    Right:
        in any dimension d Sigma/dt = E[f (x - mu)^T] + E[(x - mu) f^T] + g^2 I
    Formulas: linear_sde_variance_rate
    """
    start = M + sp.sqrt(V) * W
    pull = expectation(BENT.subs(X, start) * (start - M), [W])
    # Two dimensions, drift (b x_2, 0), unit noise from independent unit Gaussians: the covariance of the two entries.
    b = real("b")
    first, second = W + b * U * ROOT**2, U
    mixed = sp.diff(expectation(sp.expand(first * second), [W, U]), ROOT, 2) / 2
    return (
        Proof(_rates()[1], 2 * pull + G**2, (pull + G**2, 2 * pull + G, -2 * pull + G**2)),
        # E[f_1 x_2] + E[x_1 f_2]; twice one product alone would give 2 b above the diagonal and 0 below.
        Proof(mixed, expectation(b * U * U, [U]), (2 * b, sp.Integer(0))),
    )


def eq_110():
    """002/110: DDPM's drift and diffusion.

    Printed:
        f(x, t) = -1/2 beta(t) x,   g(t) = sqrt(beta(t))
    Verdict: definition
    Scope: one dimension, beta(t) of degree one
    Reading: equation (107) read off. Consistent: with (108) and (109) they give the moments of the library's forward process,
        where log alpha_bar(t) is minus the integral of beta, here for any beta(t) of degree one.
    Formulas: marginal_mean marginal_variance vp_diffusion vp_drift_rate
    """
    b_0, b_1 = positive("b_0 b_1")
    beta = b_0 + b_1 * TIME
    log_alpha_bar = -(b_0 * TIME + b_1 * TIME**2 / 2)
    mean, variance = forward.marginal_mean(X, log_alpha_bar), forward.marginal_variance(log_alpha_bar)
    rates = tuple(sp.diff(one, TIME) for one in (mean, variance))

    def of(drift, diffusion):
        """Right sides of (108) and (109) for f = drift*x."""
        return drift * mean, 2 * drift * variance + diffusion**2

    return Proof(
        rates, of(-beta / 2, sp.sqrt(beta)), (of(-beta, sp.sqrt(beta)), of(-beta / 2, beta), of(beta / 2, sp.sqrt(beta)))
    )
