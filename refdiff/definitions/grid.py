"""Noise grids by what they are to achieve: equal shares of an integral, lines through neighbours, maps fixed by their ends."""

import math
from fractions import Fraction

import numpy as np
from flint import acb, arb, ctx

from refdiff.definitions.entries import NEAR, entrywise, guarded
from refdiff.definitions.moments import solve
from refdiff.definitions.quadrature import natural_log
from refdiff.numbers.balls import balls

__all__ = [
    "cosine_time_from_edm_sigma", "edm_sigma_at_fractional_time_linear", "edm_sigma_at_fractional_time_log_linear",
    "edm_sigma_from_cosine_time", "flow_times_ending_at", "flow_times_exponentially_shifted", "flow_times_linear_quadratic",
    "flow_times_shifted", "flow_times_stretched", "fractional_time_from_edm_sigma", "sigmas_beta", "sigmas_interpolated",
    "sigmas_kl_optimal", "sigmas_of_table", "sigmas_polyexponential", "sigmas_vp", "timesteps_quadratic",
]  # fmt: skip


def _walked(start, end, count):
    """`count` numbers from start, equally far apart and on the way to end; start alone where there is one."""
    gap, found = (end - start) / max(count - 1, 1), [start]
    while len(found) < count:
        found.append(found[-1] + gap)
    return found


def _row(entries):
    return np.array(entries, dtype=object)


@guarded(NEAR)
def sigmas_polyexponential(n, sigma_min, sigma_max, rho):
    """Products of powers of both ends, whose exponents add up to 1."""
    found = []
    for k in range(n):
        share = (rho * natural_log(1 - arb(k) / max(n - 1, 1))).exp()
        found.append((share * natural_log(sigma_max) + (1 - share) * natural_log(sigma_min)).exp())
    return _row(found)


@guarded(NEAR)
def sigmas_vp(n, beta_rate_min, beta_rate_max, time_min):
    """Noise over signal where the trapezium rule, exact for a line, has the integral of the rate."""
    found = []
    for time in _walked(arb(1), time_min, n):
        rate = solve(_row([[1, arb(0)], [1, arb(1)]]), _row([beta_rate_min, beta_rate_max])) @ _row([1, time])
        signal = (-time * (beta_rate_min + rate) / 2).exp()
        found.append(((1 - signal) / signal).sqrt())
    return _row(found)


def _mass(a, b, x):
    """Integral of u**(a - 1)*(1 - u)**(b - 1) from 0 to x <= 1/2, term by term of the second factor's series."""
    term, total, k = arb(1), arb(0), 0
    # Once the factors (k + 1 - b)/(k + 1) are below 1 in size, the rest is at most a geometric series in x.
    while k <= b or not abs(term) * x / (1 - x) < arb(2) ** (-2 * ctx.prec):
        total = total + term / (a + k)
        term = term * x * (k + 1 - b) / (k + 1)
        k += 1
    rest = abs(term) / (1 - x) / (a + k)
    return x**a * (total + arb(0, rest.upper()))


def _lower_quantile(a, b, mass, half):
    """The x <= 1/2 below which there is this mass, at most the half's: bisection, then Newton, then a change of sign."""
    low, high = arb(0), half
    for _ in range(60):
        middle = ((low + high) / 2).mid()
        low, high = (middle, high) if _mass(a, b, middle) < mass else (low, middle)
    x = ((low + high) / 2).mid()
    while True:
        step = (_mass(a, b, x) - mass) * x ** (1 - a) * (1 - x) ** (1 - b)
        x = (x - step).mid()
        if abs(step) < x * arb(2) ** (-ctx.prec // 3):
            break
    reach = x * arb(2) ** (-ctx.prec // 2)
    low, high = (x - reach).mid(), (x + reach).mid()
    if _mass(a, b, low) < mass < _mass(a, b, high):
        return low.union(high)
    return arb.nan()


@guarded(NEAR)
def sigmas_beta(n, sigma_min, sigma_max, beta_a, beta_b):
    """Places that cut the area under the density's curve into n - 1 equal parts, each measured from the nearer end."""
    half = arb(1) / 2
    left, right = _mass(beta_a, beta_b, half), _mass(beta_b, beta_a, half)
    found = [sigma_max]
    for k in range(1, n):
        below, above = ((left + right) * share / (n - 1) for share in (n - 1 - k, k))
        if k == n - 1:
            place = arb(0)
        elif below < left:
            place = _lower_quantile(beta_a, beta_b, below, half)
        else:
            place = 1 - _lower_quantile(beta_b, beta_a, above, half)
        found.append(sigma_min + place * (sigma_max - sigma_min))
    return _row(found)


def _line(first, second, x):
    """Height at x of the line through two points."""
    start, slope = solve(_row([[1, first[0]], [1, second[0]]]), _row([first[1], second[1]]))
    return start + slope * x


def _between(heights, place):
    """Height at a place, a fraction counted from 0, on the line through the two nearest entries."""
    row = min(math.floor(place), len(heights) - 2) if len(heights) > 1 else 0
    if place == row:
        return heights[row]
    exact = arb(place.numerator) / place.denominator
    return _line((arb(row), heights[row]), (arb(row + 1), heights[row + 1]), exact)


@guarded(NEAR)
def sigmas_interpolated(n, sigmas):
    """The line through the logs of the two listed scales around each place."""
    logs = [natural_log(sigma) for sigma in sigmas]
    return _row([_between(logs, Fraction(k * (len(logs) - 1), n - 1)).exp() for k in range(n)])


@guarded(NEAR)
def sigmas_kl_optimal(n, sigma_min, sigma_max):
    """Slopes of a vector that one and the same rotation takes from the largest to the least."""
    vector, last = acb(1, sigma_max), acb(1, sigma_min)
    turn = ((last / vector).log() / max(n - 1, 1)).exp()
    found = []
    for _ in range(n):
        found.append(vector.imag / vector.real)
        vector = vector * turn
    return _row(found)


def _levels(betas):
    """Standard deviation over mean of x_t when x_0 = 1, one forward step after the other."""
    mean, variance, found = arb(1), arb(0), []
    for beta in betas:
        mean, variance = (1 - beta).sqrt() * mean, (1 - beta) * variance + beta
        found.append(variance.sqrt() / mean)
    return found


def _fraction(number):
    """A float that came as an exact ball."""
    return Fraction(float(number))


@guarded(NEAR)
def edm_sigma_at_fractional_time_log_linear(betas, fractional_t):
    """The line through the logs of the two levels around each time."""
    logs = [natural_log(level) for level in _levels(betas)]
    return _row([_between(logs, _fraction(t) - 1).exp() for t in fractional_t])


@guarded(NEAR)
def edm_sigma_at_fractional_time_linear(betas, fractional_t):
    """The line through the two levels around each time."""
    levels = _levels(betas)
    return _row([_between(levels, _fraction(t) - 1) for t in fractional_t])


@guarded(NEAR)
def fractional_time_from_edm_sigma(betas, sigma_over_alpha_t):
    """On the line from one step's log level and time to the next one's; the first or last time outside the table."""
    levels = _levels(betas)
    logs = [natural_log(level) for level in levels]
    found = []
    for sigma in sigma_over_alpha_t:
        below = sum(1 for level in levels if level < sigma)
        if below in (0, len(levels)):
            found.append(arb(max(below, 1)))
        else:
            ends = [(logs[row], arb(row + 1)) for row in (below - 1, below)]
            found.append(_line(*ends, natural_log(sigma)))
    return _row(found)


@guarded(NEAR)
def sigmas_of_table(n, betas):
    """The line through the logs of the two levels around each of n times, of which neighbours are equally far apart."""
    logs = [natural_log(level) for level in _levels(betas)]
    places = [Fraction((len(logs) - 1) * (n - 1 - k), n - 1) if n > 1 else Fraction(len(logs) - 1) for k in range(n)]
    return _row([_between(logs, place).exp() for place in places])


def _arc(x):
    """Integral of 1/(1 + u**2) from 0 to x, by Arb's rigorous quadrature."""
    return arb(0) if x.is_zero() else acb.integral(lambda u, _: 1 / (1 + u * u), 0, x, abs_tol=arb(2) ** -(10**6)).real


@entrywise(NEAR)
def cosine_time_from_edm_sigma(sigma_t):
    """Share of a quarter of the circle's area of arcs: from the nearer end."""
    quarter = 2 * _arc(arb(1))
    return _arc(sigma_t) / quarter if sigma_t < 1 else 1 - _arc(1 / sigma_t) / quarter


@entrywise(NEAR)
def edm_sigma_from_cosine_time(time):
    """Slope of the unit vector turned by that share of a quarter."""
    vector = acb(0, time * arb.pi() / 2).exp()
    return vector.imag / vector.real


def _time_at_ratio(ratio):
    """Time at which the data's scale 1 - time is so many times the noise's, time: a linear equation."""
    return solve(_row([[1, arb(1)], [1, -ratio]]), _row([arb(1), arb(0)]))[1]


@guarded(NEAR)
def flow_times_shifted(n, time_shift):
    """Where the signal's scale over the noise's is 1/time_shift of what it is at equally spaced times."""
    return _row([_time_at_ratio((1 - time) / time / time_shift) for time in _walked(arb(1), arb(1) / n, n)])


@guarded(NEAR)
def flow_times_exponentially_shifted(n, log_time_shift):
    """Where the log of the signal's scale over the noise's is less by log_time_shift; at time 1 there is no signal."""
    found = [arb(1)]
    for time in _walked(arb(1), arb(1) / n, n)[1:]:
        found.append(_time_at_ratio((natural_log(1 - time) - natural_log(time) - log_time_shift).exp()))
    return _row(found)


@guarded(NEAR)
def flow_times_ending_at(n, time_min, time_shift):
    """Where the signal's scale over the noise's is 1/time_shift of what it is at the equally spaced times."""
    return _row([_time_at_ratio((1 - time) / time / time_shift) for time in _walked(arb(1), time_min, n)])


@guarded(NEAR)
def flow_times_stretched(times, terminal):
    """The straight map that keeps 1 and takes the last time to the given one."""
    return _row([_line((arb(1), arb(1)), (times[-1], terminal), time) for time in times])


@guarded(NEAR)
def flow_times_linear_quadratic(n, linear_steps, threshold_noise):
    """Steps added up: equal ones, then ones of a parabola that goes on with their slope and reaches 0 after n."""
    step, curved = threshold_noise / linear_steps, n - linear_steps
    (bend,) = solve(_row([[arb(curved) ** 2]]), _row([1 - threshold_noise - step * curved]))
    found = [arb(1)]
    for k in range(1, n):
        found.append(found[-1] - step - bend * max(2 * (k - linear_steps) - 1, 0))
    return _row(found)


def timesteps_quadratic(T, n, steps_offset):
    """How many whole numbers from 1 up are at most four fifths of T times the square of the share of the way."""
    found = []
    for k in reversed(range(n)):
        reached = 4 * T * Fraction(k, max(n - 1, 1)) ** 2
        found.append(1 + steps_offset + sum(5 * m <= reached for m in range(1, T + 1)))
    return balls(_row(found))
