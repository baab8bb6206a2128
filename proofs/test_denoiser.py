"""Exact denoisers by Bayes' rule: p(x_0 | x_t) is proportional to p(x_t | x_0) p(x_0)."""

import numpy as np
import sympy as sp

from refdiff.reference import denoiser

from .algebra import column, completed_square, log_normal, positive, real, same

ALPHA, SIGMA, VARIANCE = positive("alpha sigma variance")
X_0, X_T, MEAN = real("x_0 x_t mean")


def test_denoiser_gaussian_is_the_posterior_mean_of_gaussian_data():
    log_joint = log_normal(X_0, MEAN, VARIANCE) + log_normal(X_T, ALPHA * X_0, SIGMA**2)
    found = denoiser.denoiser_gaussian(X_T, MEAN, VARIANCE, ALPHA, SIGMA)
    assert same(found, completed_square(log_joint, X_0)[0])


def test_denoiser_dirac_weights_each_point_by_its_likelihood():
    states, points = column(real("x_1 x_2")).reshape(1, 2), column(real("y_1 y_2 y_3 y_4")).reshape(2, 2)
    found = denoiser.denoiser_dirac(states, points, ALPHA, SIGMA)
    logs = [sum(map(log_normal, states[0], ALPHA * point, [SIGMA**2] * 2)) for point in points]
    # Only the ratio of the two likelihoods is left, one positive number; the shift that guards exp cancels.
    ratio = positive("ratio")
    expected = (points[0] + ratio * points[1]) / (1 + ratio)
    shift = found[0, 0].atoms(sp.Max)
    assert len(shift) == 1
    for argument in shift.pop().args:
        entries = [entry.replace(sp.Max, lambda *_, chosen=argument: chosen) for entry in found[0]]
        parts = [entry.replace(sp.exp, lambda power: in_terms_of(power, logs, ratio)) for entry in entries]
        assert same(column(parts), expected)


def in_terms_of(power, logs, ratio):
    """exp(power) as a power of the likelihood ratio exp(logs[1] - logs[0]): one point gives the exponent, algebra proves it."""
    gap = logs[1] - logs[0]
    point = {symbol: 2 + i for i, symbol in enumerate(sorted(gap.free_symbols, key=str))}
    exponent = sp.nsimplify((power / gap).subs(point))
    assert same(power, exponent * gap)
    return ratio**exponent


def test_denoiser_dirac_treats_each_state_on_its_own():
    states, points = column(real("x_1 x_2")).reshape(2, 1), np.array([[0], [1], [3]], dtype=object)
    both = denoiser.denoiser_dirac(states, points, ALPHA, SIGMA)
    alone = [denoiser.denoiser_dirac(states[i : i + 1], points, ALPHA, SIGMA)[0] for i in range(2)]
    assert both.shape == (2, 1)
    assert [entry.replace(sp.Max, sp.Min) for entry in both.flat] == [
        entry.replace(sp.Max, sp.Min) for entry in np.array(alone).flat
    ]
