"""Seed 002, section 5.2: score and denoiser of finitely many data points, Eqs. (173) to (198)."""

from functools import cache

import numpy as np
import sympy as sp
from flint import arb

from refdiff.numbers.balls import balls, precision
from refdiff.reference import denoiser

from ..algebra import column, completed_square, expectation, log_normal, positive, real
from .evidence import Counterexample, Proof, Unchecked

X, U, MEAN = real("x u mean")
SIGMA, SPREAD = positive("sigma spread")
POINTS = real("y_1 y_2 y_3")
# Densities N(x; y_i, sigma^2 I) where only their being positive matters, and D(x; sigma) at one x.
WEIGHTS = positive("n_1 n_2 n_3")
D = real("D")
COUNT = len(POINTS)


def _bell(x, center):
    return sp.exp(log_normal(x, center, SIGMA**2))


def _bells():
    return [_bell(X, point) for point in POINTS]


def _density():
    """p(x; sigma) of three points on a line."""
    return sum(_bells()) / COUNT


def _weighted(values):
    return sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))


def _ideal():
    """The points' mean by Bayes' rule, from the weights."""
    return _weighted(POINTS) / sum(WEIGHTS)


def _pointwise(estimate, points=POINTS):
    """L(D; x, sigma) of Eq. (193), whose gradient is set to 0."""
    return _weighted([(estimate - point) ** 2 for point in points]) / COUNT


def _guess(x):
    """A denoiser that is not the best one: a polynomial with unknown coefficients."""
    first, second, third = real("d_0 d_1 d_2")
    return first + second * x + third * x**2


def _loss_by_noise(points):
    """E_y E_n |D(y + n) - y|^2 over the points, by the noise's moments."""
    return sum(expectation((_guess(y + SIGMA * U) - y) ** 2, [U]) for y in points) / len(points)


@cache
def _moment(order):
    bell = sp.exp(-(X**2) / (2 * SIGMA**2)) / sp.sqrt(2 * sp.pi * SIGMA**2)
    return sp.integrate(X**order * bell, (X, -sp.oo, sp.oo))


def _integral(center, polynomial):
    """Integral over x of N(x; center, sigma^2) times a polynomial in x, moved to center 0."""
    terms = sp.Poly(sp.expand(polynomial.subs(X, X + center)), X).terms()
    return sp.expand(sum(factor * _moment(order) for (order,), factor in terms))


def eq_173():
    """002/173: the data as point masses.

    Printed:
        p_data(x) = (1/Y) sum_i delta(x - y_i)
    Verdict: definition
    Scope: three points on a line, moments 0 to 2
    Reading: its mass is 1, and expectations under it are averages over the points.
    """
    law = sum(sp.DiracDelta(X - point) for point in POINTS) / COUNT
    found = [sp.integrate(law * X**n, (X, -sp.oo, sp.oo)) for n in range(3)]
    right = [sum(point**n for point in POINTS) / sp.Integer(COUNT) for n in range(3)]
    return Proof(found, right, ([COUNT * one for one in right], [right[0], right[1], right[1] ** 2]))


def eq_174():
    """002/174: the blurred density as an integral.

    Printed:
        p(x; sigma) = int p_data(x_0) N(x; x_0, sigma^2 I) dx_0
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: against the law of y + n; Eq. (157) says the same as a convolution.
    """
    x_0 = sp.Dummy("x_0", real=True)
    log_joint = log_normal(x_0, MEAN, SPREAD) + log_normal(X, x_0, SIGMA**2)
    mean, variance = completed_square(log_joint, x_0)
    integral = log_joint.subs(x_0, mean) + sp.log(2 * sp.pi * variance) / 2
    law = log_normal(X, MEAN, SPREAD + SIGMA**2)
    return Proof(integral, law, (log_normal(X, MEAN, SPREAD + SIGMA), log_normal(X, MEAN, SIGMA**2)))


def eq_175():
    """002/175: the point masses put in.

    Printed:
        [p(x; sigma)] = int (1/Y) sum_i delta(x_0 - y_i) N(x; x_0, sigma^2 I) dx_0
    Verdict: proved
    Scope: three points on a line, moments 0 to 3
    Reading: by moments: integrated against x^n it is the mean of (y + n)^n over the points.
    """
    x_0 = sp.Dummy("x_0", real=True)
    law = sum(sp.DiracDelta(x_0 - point) for point in POINTS) / COUNT
    found = [sp.integrate(sp.expand(law * _integral(x_0, X**n)), (x_0, -sp.oo, sp.oo)) for n in range(4)]
    right = [sp.expand(sum(expectation((y + SIGMA * U) ** n, [U]) for y in POINTS) / COUNT) for n in range(4)]
    unblurred = [sum(y**n for y in POINTS) / sp.Integer(COUNT) for n in range(4)]
    return Proof(found, right, (unblurred, [COUNT * one for one in right]))


def eq_176():
    """002/176: sum and integral of the density swapped.

    Printed:
        [p(x; sigma)] = (1/Y) sum_i int delta(x_0 - y_i) N(x; x_0, sigma^2 I) dx_0
    Verdict: proved
    Scope: three points on a line
    """
    x_0 = sp.Dummy("x_0", real=True)
    law = sum(sp.DiracDelta(x_0 - point) for point in POINTS) / COUNT
    whole = sp.integrate(law * _bell(X, x_0), (x_0, -sp.oo, sp.oo))
    parts = [sp.integrate(sp.DiracDelta(x_0 - point) * _bell(X, x_0), (x_0, -sp.oo, sp.oo)) for point in POINTS]
    return Proof(whole, sum(parts) / COUNT, (sum(parts), sp.prod(parts)))


def eq_177():
    """002/177: the blurred density of finitely many points.

    Printed:
        [p(x; sigma)] = (1/Y) sum_i N(x; y_i, sigma^2 I)
    Verdict: proved
    Scope: three points on a line
    Formulas: log_density_dirac
    """
    x_0 = sp.Dummy("x_0", real=True)
    law = sum(sp.DiracDelta(x_0 - point) for point in POINTS) / COUNT
    integral = sp.integrate(law * _bell(X - x_0, 0), (x_0, -sp.oo, sp.oo))
    misprint = _bell(X, sum(POINTS) / COUNT)
    return Proof(integral, _density(), (COUNT * _density(), misprint))


def eq_178():
    """002/178: gradient of a logarithm.

    Printed:
        grad_x log p(x; sigma) = grad_x p(x; sigma)/p(x; sigma)
    Verdict: proved
    Scope: three points on a line
    """
    density = _density()
    slope = sp.diff(density, X)
    return Proof(sp.diff(sp.log(density), X), slope / density, (slope, slope * density))


def eq_179():
    """002/179: the score with the points put in.

    Printed:
        [grad_x log p(x; sigma)] = grad_x [(1/Y) sum_i N(x; y_i, sigma^2 I)]
                                   / [(1/Y) sum_i N(x; y_i, sigma^2 I)]
    Verdict: proved
    Scope: three points on a line
    Formulas: score_dirac
    """
    score, bells = sp.diff(sp.log(_density()), X), _bells()
    printed = sp.diff(sum(bells) / COUNT, X) / (sum(bells) / COUNT)
    return Proof(score, printed, (printed / COUNT, sp.diff(sum(bells) / COUNT, X)))


def eq_180():
    """002/180: the factor 1/Y cancelled.

    Printed:
        [grad_x log p(x; sigma)] = sum_i grad_x N(x; y_i, sigma^2 I)
                                   / sum_i N(x; y_i, sigma^2 I)
    Verdict: proved
    Scope: three points on a line
    Formulas: score_dirac
    """
    score, bells = sp.diff(sp.log(_density()), X), _bells()
    slopes = [sp.diff(bell, X) for bell in bells]
    each = sum(slope / bell for slope, bell in zip(slopes, bells, strict=True))
    return Proof(score, sum(slopes) / sum(bells), (sum(slopes) / sum(bells) / COUNT, each))


def eq_181():
    """002/181: the Gaussian written out.

    Printed:
        grad_x N(x; y_i, sigma^2 I)
            = grad_x [1/sqrt(2 pi sigma^2) exp(-(x - y_i)^2/(2 sigma^2))]
    Verdict: true under a named convention
    Scope: one dimension, any sigma
    Reading: for d = 1, as the text's Eq. (1); in d dimensions the normaliser is (2 pi sigma^2)^(-d/2). It cancels in Eq.
        (184).
    Right:
        N(x; y_i, sigma^2 I) = (2 pi sigma^2)^(-d/2) exp(-|x - y_i|^2/(2 sigma^2))
    Numbers: at d = 2, sigma = 1, N(x; x, I): printed 0.398942, right 0.159155
    Formulas: gaussian_density
    """
    y = POINTS[0]
    printed = sp.exp(-((X - y) ** 2) / (2 * SIGMA**2)) / sp.sqrt(2 * sp.pi * SIGMA**2)
    mass = sp.integrate(printed.subs(y, 0), (X, -sp.oo, sp.oo))
    plane = 1 / sp.sqrt(2 * sp.pi)
    shown = Counterexample("d = 2, sigma = 1, N(x; x, I)", plane, plane**2)
    return shown, Proof(
        [sp.diff(_bell(X, y), X), mass], [sp.diff(printed, X), sp.Integer(1)], ([sp.diff(printed, X), SIGMA], [printed, mass])
    )


def eq_182():
    """002/182: the chain rule.

    Printed:
        [grad_x N(x; y_i, sigma^2 I)]
            = 1/sqrt(2 pi sigma^2) exp(-(x - y_i)^2/(2 sigma^2))
              grad(-(x - y_i)^2/(2 sigma^2))
    Verdict: true under a named convention
    Scope: one dimension, any sigma
    Reading: for d = 1, as Eq. (181).
    Right:
        = N(x; y_i, sigma^2 I) grad(-|x - y_i|^2/(2 sigma^2))
    """
    y = POINTS[0]
    exponent = -((X - y) ** 2) / (2 * SIGMA**2)
    bell = sp.exp(exponent) / sp.sqrt(2 * sp.pi * SIGMA**2)
    printed = bell * sp.diff(exponent, X)
    return Proof(sp.diff(_bell(X, y), X), printed, (-printed, bell * exponent))


def eq_183():
    """002/183: gradient of a Gaussian density.

    Printed:
        [grad_x N(x; y_i, sigma^2 I)] = N(x; y_i, sigma^2 I) (y_i - x)/sigma^2
    Verdict: proved
    Scope: two dimensions
    Formulas: gaussian_density gaussian_score
    """
    point, center = real("x_1 x_2"), real("z_1 z_2")
    bell = sp.prod([_bell(a, b) for a, b in zip(point, center, strict=True)])
    found = [sp.diff(bell, a) for a in point]
    right = [bell * (b - a) / SIGMA**2 for a, b in zip(point, center, strict=True)]
    return Proof(found, right, ([-one for one in right], [one / 2 for one in right], [one / SIGMA**2 for one in right]))


def eq_184():
    """002/184: the score as a weighted mean.

    Printed:
        grad_x log p(x; sigma) = sum_i N(x; y_i, sigma^2 I) [(y_i - x)/sigma^2]
                                 / sum_i N(x; y_i, sigma^2 I)
    Verdict: proved
    Scope: three points on a line
    Formulas: posterior_weights_dirac score_dirac
    """
    bells = _bells()
    terms = [bell * (y - X) / SIGMA**2 for bell, y in zip(bells, POINTS, strict=True)]
    printed = sum(terms) / sum(bells)
    return Proof(sp.diff(sp.log(_density()), X), printed, (-printed, printed / COUNT, printed * SIGMA))


def eq_185():
    """002/185: the score from the weighted mean of the points.

    Printed:
        [grad_x log p(x; sigma)] =
            (sum_i N(x; y_i, sigma^2 I) y_i/sum_i N(x; y_i, sigma^2 I) - x)/sigma^2
    Verdict: proved
    Scope: three points on a line
    Formulas: denoiser_dirac score_dirac
    """
    bells = _bells()
    average = sum(bell * y for bell, y in zip(bells, POINTS, strict=True)) / sum(bells)
    score = sp.diff(sp.log(_density()), X)
    return Proof(score, (average - X) / SIGMA**2, ((X - average) / SIGMA**2, average - X / SIGMA**2, (average - X) / SIGMA))


def eq_186():
    """002/186: name of the denoiser.

    Printed:
        D(y + n; sigma)
    Verdict: not checkable
    Reading: an expression that names the denoiser and its arguments; it states nothing
    """
    return Unchecked()


def eq_187():
    """002/187: the denoiser's loss.

    Printed:
        L(D; sigma) = E_(y ~ p_data) E_(n ~ N(0, sigma^2 I))
                      |D(y + n; sigma) - y|_2^2
    Verdict: definition
    Scope: Gaussian data in one dimension
    Reading: for Gaussian data the denoiser that minimises it leaves the variance of the data given x.
    Formulas: denoiser_gaussian
    """
    data = MEAN + sp.sqrt(SPREAD) * real("v")
    noisy = data + SIGMA * U

    def loss(estimate):
        return expectation((estimate - data) ** 2, [U, real("v")])

    x_0 = sp.Dummy("x_0", real=True)
    _, left_over = completed_square(log_normal(x_0, MEAN, SPREAD) + log_normal(X, x_0, SIGMA**2), x_0)
    best = denoiser.denoiser_gaussian(noisy, MEAN, SPREAD, 1, SIGMA)
    return Proof(left_over, loss(best), (loss(noisy), loss(MEAN), loss(2 * best - noisy)))


def eq_188():
    """002/188: the loss over noisy images.

    Printed:
        L(D; sigma) = E_(y ~ p_data) E_(x ~ N(y, sigma^2 I)) |D(x; sigma) - y|_2^2
    Verdict: proved
    Scope: two points on a line, any quadratic D
    Reading: E over x from the moments of N(y, sigma^2) about 0.
    """
    points = POINTS[:2]

    def over_x(power):
        def moment(n, y):
            raw = [1, y, y**2 + power, y**3 + 3 * y * power, y**4 + 6 * y**2 * power + 3 * power**2]
            return raw[n]

        terms = [(sp.Poly(sp.expand((_guess(X) - y) ** 2), X).terms(), y) for y in points]
        return sum(factor * moment(n, y) for found, y in terms for (n,), factor in found) / len(points)

    return Proof(_loss_by_noise(points), over_x(SIGMA**2), (over_x(SIGMA), over_x(sp.Integer(0))))


def eq_189():
    """002/189: the inner expectation as an integral.

    Printed:
        [L(D; sigma)] =
            E_(y ~ p_data) int N(x; y, sigma^2 I) |D(x; sigma) - y|_2^2 dx
    Verdict: proved
    Scope: one point on a line, any quadratic D
    """
    y = POINTS[0]
    integral = _integral(y, (_guess(X) - y) ** 2)
    return Proof(_loss_by_noise([y]), integral, (_integral(y, (_guess(X) - X) ** 2), integral / 2))


def eq_190():
    """002/190: the expectation over the data as a mean.

    Printed:
        [L(D; sigma)] =
            (1/Y) sum_i int N(x; y_i, sigma^2 I) |D(x; sigma) - y_i|_2^2 dx
    Verdict: proved
    Scope: two points on a line, any quadratic D
    """
    points = POINTS[:2]
    integrals = [_integral(y, (_guess(X) - y) ** 2) for y in points]
    swapped = [_integral(y, (_guess(X) - z) ** 2) for y, z in zip(points, points[::-1], strict=True)]
    return Proof(_loss_by_noise(points), sum(integrals) / 2, (sum(integrals), sum(swapped) / 2))


def eq_191():
    """002/191: sum and integral of the loss swapped.

    Printed:
        [L(D; sigma)] =
            int (1/Y) sum_i N(x; y_i, sigma^2 I) |D(x; sigma) - y_i|_2^2 dx
    Verdict: proved
    Scope: two points on a line, any quadratic D
    """
    points = POINTS[:2]

    def whole(squares):
        """Integral of (1/Y) sum_i N(x; y_i) square_i, its terms gathered by powers of x before they are integrated."""
        marks = sp.symbols("m_1 m_2")
        gathered = sp.Poly(sp.expand(sum(mark * square for mark, square in zip(marks, squares, strict=True)) / 2), X).terms()
        of_mark = [(sp.diff(factor, mark) * X**n, y) for (n,), factor in gathered for mark, y in zip(marks, points, strict=True)]
        return sum(_integral(y, term) for term, y in of_mark)

    right = whole([(_guess(X) - y) ** 2 for y in points])
    return Proof(_loss_by_noise(points), right, (2 * right, whole([(_guess(X) - sum(points) / 2) ** 2] * 2)))


def after_191_a():
    """002/after 191 a: sign of the integrand.

    Printed:
        "the integrand is the square of the Euclidean norm, which is
        always greater than 0"
    Verdict: true under a named convention
    Scope: three points on a line, any weights
    Reading: the text leaves open how many points differ: with at least two different ones, as any set of images has, it is true
        for every D. With one point, or several equal ones, D = y makes it 0, as the numbers show. (It is a weighted sum of
        squared norms.)
    Right:
        its least value is sum_(i<j) N_i N_j |y_i - y_j|^2/(Y sum_i N_i), which is
        0 only where all y_i are equal
    Numbers: at y_1 = y_2 = y_3 = D, is the integrand above 0: printed yes, right no
    Formulas: loss_floor_dirac
    """
    spread = sum(WEIGHTS[i] * WEIGHTS[j] * (POINTS[i] - POINTS[j]) ** 2 for i in range(3) for j in range(i))
    least = spread / sum(WEIGHTS) / COUNT
    lone = _pointwise(D, [D] * 3)
    shown = Counterexample("y_1 = y_2 = y_3 = D, is the integrand above 0", True, bool(lone > 0))
    return shown, Proof(_pointwise(_ideal()), least, (2 * least, spread / COUNT))


def after_191_b():
    """002/after 191 b: minimising under the integral.

    Printed:
        "Therefore, minimizing L(D; sigma) is equivalent to minimizing
        L(D; x, sigma)"
    Verdict: true under a named convention
    Scope: three points on a line, any weights
    Reading: D may be any function of x, so that its value at each x is chosen by itself; not because the integrand is
        positive, which the text gives as the reason and which would not help a D_theta of few parameters: among constants
        the best one is the mean of the data, which is not the minimiser of L(D; x, sigma) at most x.
    Right:
        L(D; sigma) - L(D*; sigma) = int p(x; sigma) |D(x) - D*(x)|^2 dx,
        with D* of Eq. (197)
    Formulas: denoiser_dirac
    """
    gap = _pointwise(D) - _pointwise(_ideal())
    right = sum(WEIGHTS) / COUNT * (D - _ideal()) ** 2
    return Proof(gap, right, (right / sum(WEIGHTS), sum(WEIGHTS) / COUNT * (D - sum(POINTS) / COUNT) ** 2))


def after_191_c():
    """002/after 191 c: the loss stays convex.

    Printed:
        "it does not destroy the convexity of the loss function"
    Verdict: proved
    Scope: three points on a line, any weights
    Reading: convex in the value D(x; sigma), a sum of convex squares with positive weights; not in a network's
        parameters.
    """
    return Proof(sp.diff(_pointwise(D), D, 2), 2 * sum(WEIGHTS) / COUNT, (sp.Integer(2), -2 * sum(WEIGHTS) / COUNT))


def eq_192():
    """002/192: condition for the best denoiser.

    Printed:
        0 = grad_D [L(D; x, sigma)]
    Verdict: proved
    Scope: three points on a line
    Reading: it holds at the ideal denoiser x + sigma^2 grad log p, and not at the mean of the data.
    """
    bells = _bells()
    loss = sum(bell * (D - y) ** 2 for bell, y in zip(bells, POINTS, strict=True)) / COUNT
    slope = sp.diff(loss, D)
    ideal = X + SIGMA**2 * sp.diff(sp.log(_density()), X)
    return Proof(sp.Integer(0), slope.subs(D, ideal), (slope.subs(D, sum(POINTS) / COUNT), slope.subs(D, X)))


def eq_193():
    """002/193: the integrand of the loss put in.

    Printed:
        [0] = grad_D [(1/Y) sum_i N(x; y_i, sigma^2 I) |D(x; sigma) - y_i|_2^2]
    Verdict: definition
    Scope: three points in a plane, any weights
    Reading: it defines L(D; x, sigma), used above without definition, as the integrand of Eq. (191); shown in two
        dimensions by the rise of the loss about the ideal denoiser.
    """
    values, points = real("D_1 D_2"), list(zip(real("a_1 a_2 a_3"), real("b_1 b_2 b_3"), strict=True))
    loss = _weighted([sum((v - p) ** 2 for v, p in zip(values, point, strict=True)) for point in points]) / COUNT
    ideal = [_weighted([point[i] for point in points]) / sum(WEIGHTS) for i in range(2)]
    right = [2 * sum(WEIGHTS) / COUNT * (v - best) for v, best in zip(values, ideal, strict=True)]
    return Proof([sp.diff(loss, v) for v in values], right, ([one / 2 for one in right], [COUNT * one for one in right]))


def eq_194():
    """002/194: the gradient taken inside the sum.

    Printed:
        [0] = sum_i N(x; y_i, sigma^2 I) grad_D [|D(x; sigma) - y_i|_2^2]
    Verdict: true under a named convention
    Scope: three points on a line, any weights
    Reading: literally it is Y times the line before; charitably each line of the chain is 0 at the minimum, so a constant
        factor may go.
    Right:
        (1/Y) of this equals Eq. (193); both vanish at the same D
    """
    printed = _weighted([sp.diff((D - y) ** 2, D) for y in POINTS])
    literal = sp.diff(_pointwise(D), D)
    return Proof([COUNT * literal, sp.Integer(0)], [printed, printed.subs(D, _ideal())], ([literal, sp.Integer(0)], [printed, D]))


def eq_195():
    """002/195: gradient of the squared norm.

    Printed:
        [0] = sum_i N(x; y_i, sigma^2 I) [2 D(x; sigma) - 2 y_i]
    Verdict: proved
    Scope: three points on a line, any weights
    """
    printed = _weighted([2 * D - 2 * y for y in POINTS])
    return Proof(_weighted([sp.diff((D - y) ** 2, D) for y in POINTS]), printed, (printed / 2, -printed))


def eq_196():
    """002/196: the condition, linear in the denoiser.

    Printed:
        [0] = [sum_i N(x; y_i, sigma^2 I)] D(x; sigma)
              - sum_i N(x; y_i, sigma^2 I) y_i
    Verdict: true under a named convention
    Scope: three points on a line, any weights
    Reading: literally it is half the line before; charitably each line of the chain is 0 at the minimum, so a constant
        factor may go.
    Right:
        twice this equals Eq. (195); both vanish at the same D
    """
    printed = sum(WEIGHTS) * D - _weighted(POINTS)
    literal = _weighted([2 * D - 2 * y for y in POINTS])
    zero = sp.Integer(0)
    return Proof([literal / 2, zero], [printed, printed.subs(D, _ideal())], ([literal, zero], [sum(WEIGHTS) * D, zero]))


def eq_197():
    """002/197: the ideal denoiser.

    Printed:
        <=> D(x; sigma) = sum_i N(x; y_i, sigma^2 I) y_i/sum_i N(x; y_i, sigma^2 I)
    Verdict: proved
    Scope: three points: any weights on a line, one case in a plane
    Reading: by solving the condition on symbols, and for our formula on balls, in two dimensions.
    Formulas: denoiser_dirac posterior_weights_dirac
    """
    solved = sp.solve(sp.diff(_pointwise(D), D), D)[0]
    misprints = _weighted(POINTS), _weighted(POINTS) / COUNT
    with precision(200):
        x, points = balls(np.array([[1, -2]])), balls(np.array([[0, 1], [3, -1], [2, 2]]))
        found = denoiser.denoiser_dirac(x, points, arb(1), arb(3))
        weights = [(-((x[0] - point) ** 2).sum() / (2 * arb(3) ** 2)).exp() for point in points]
        total = sum(weights, arb(0))
        average = sum(weight * point for weight, point in zip(weights, points, strict=True)) / total
        shifted = sum(weight * point for weight, point in zip(weights[::-1], points, strict=True)) / total
    return Proof(solved, _ideal(), misprints), Proof(found[0], column(list(average)), (column(list(shifted)),))


def eq_198():
    """002/198: the score from the denoiser.

    Printed:
        grad_x log p(x; sigma) = (D(x; sigma) - x)/sigma^2
    Verdict: proved
    Scope: Gaussian data in one dimension
    Reading: for points by Eq. (185); here for Gaussian data, so it is not a property of points.
    Formulas: denoiser_dirac denoiser_gaussian score_dirac score_from_x_0
    """
    score = sp.diff(log_normal(X, MEAN, SPREAD + SIGMA**2), X)
    ideal = denoiser.denoiser_gaussian(X, MEAN, SPREAD, 1, SIGMA)
    return Proof(score, (ideal - X) / SIGMA**2, ((X - ideal) / SIGMA**2, (ideal - X) / SIGMA, ideal / SIGMA**2))


def after_198_a():
    """002/after 198 a: score and denoiser.

    Printed:
        "That means score function and denoising function have a linear
        relationship"
    Verdict: true under a named convention
    Scope: Gaussian data in one dimension
    Reading: literally D is a multiple of the score; it is affine in it, x being added, at fixed x and sigma.
    Right:
        D(x; sigma) = x + sigma^2 grad log p(x; sigma)
    Formulas: denoiser_gaussian x_0_from_score
    """
    score = sp.diff(log_normal(X, MEAN, SPREAD + SIGMA**2), X)
    ideal = denoiser.denoiser_gaussian(X, MEAN, SPREAD, 1, SIGMA)
    return Proof(ideal, X + SIGMA**2 * score, (SIGMA**2 * score, X - SIGMA**2 * score))
