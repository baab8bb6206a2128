"""Exact denoisers by Bayes' rule: p(x_0 | x_t) is proportional to p(x_t | x_0) p(x_0)."""

import numpy as np
import sympy as sp

from refdiff.reference import denoiser

from .algebra import column, completed_square, log_normal, positive, real, same
from .ratios import Ratios

ALPHA, SIGMA, VARIANCE = positive("alpha sigma variance")
X_0, X_T, MEAN = real("x_0 x_t mean")


def test_denoiser_gaussian_is_the_posterior_mean_of_gaussian_data():
    log_joint = log_normal(X_0, MEAN, VARIANCE) + log_normal(X_T, ALPHA * X_0, SIGMA**2)
    found = denoiser.denoiser_gaussian(X_T, MEAN, VARIANCE, ALPHA, SIGMA)
    assert same(found, completed_square(log_joint, X_0)[0])


def test_denoiser_dirac_weights_each_point_by_its_likelihood():
    states, points = column(real("x_1 x_2")).reshape(1, 2), column(real("y_1 y_2 y_3 y_4")).reshape(2, 2)
    given = Ratios([sum(map(log_normal, states[0], ALPHA * point, [SIGMA**2] * 2)) for point in points])
    assert same(given.read(denoiser.denoiser_dirac(states, points, ALPHA, SIGMA)), given.average(points)[None])


def test_denoiser_dirac_treats_each_state_on_its_own():
    states, points = column(real("x_1 x_2")).reshape(2, 1), np.array([[0], [1], [3]], dtype=object)
    both = denoiser.denoiser_dirac(states, points, ALPHA, SIGMA)
    alone = [denoiser.denoiser_dirac(states[i : i + 1], points, ALPHA, SIGMA)[0] for i in range(2)]
    assert both.shape == (2, 1)
    assert [entry.replace(sp.Max, sp.Min) for entry in both.flat] == [
        entry.replace(sp.Max, sp.Min) for entry in np.array(alone).flat
    ]
