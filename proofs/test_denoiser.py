"""Exact denoisers by Bayes' rule: p(x_0 | x_t) is proportional to p(x_t | x_0) p(x_0)."""

import numpy as np
import sympy as sp

from refdiff.reference import denoiser

from .algebra import column, completed_square, log_normal, positive, real, same, symmetric
from .ratios import Ratios

ALPHA, SIGMA, VARIANCE = positive("alpha sigma variance")
X_0, X_T, MEAN = real("x_0 x_t mean")


def test_denoiser_gaussian_is_the_posterior_mean_of_gaussian_data():
    log_joint = log_normal(X_0, MEAN, VARIANCE) + log_normal(X_T, ALPHA * X_0, SIGMA**2)
    found = denoiser.denoiser_gaussian(X_T, MEAN, VARIANCE, ALPHA, SIGMA)
    assert same(found, completed_square(log_joint, X_0)[0])


def test_denoiser_correlated_gaussian_is_where_the_joint_density_of_data_and_state_is_stationary():
    covariance, factor = symmetric("p q r")
    data, mean, state = (column(real(f"{name}_1 {name}_2")) for name in ("x", "m", "y"))
    whitened = sp.Matrix(factor).LUsolve(sp.Matrix(data - mean))
    log_joint = -sum(entry**2 for entry in whitened) / 2 + sum(map(log_normal, state, ALPHA * data, [SIGMA**2] * 2))
    found = denoiser.denoiser_correlated_gaussian(state[None], mean, covariance, ALPHA, SIGMA)[0]
    slopes = [sp.diff(log_joint, entry).subs(dict(zip(data, found, strict=True))) for entry in data]
    assert same(column(slopes), column([0, 0]))


def test_denoiser_correlated_gaussian_treats_each_state_on_its_own():
    covariance, _ = symmetric("p q r")
    states, mean = column(real("x_:4")).reshape(2, 2), column(real("m_:2"))
    both = denoiser.denoiser_correlated_gaussian(states, mean, covariance, ALPHA, SIGMA)
    alone = [denoiser.denoiser_correlated_gaussian(states[i : i + 1], mean, covariance, ALPHA, SIGMA)[0] for i in range(2)]
    assert same(both, np.array(alone))


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
