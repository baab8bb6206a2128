"""Conversions: put the definitions of x_t and the source in, and the definition of the target must come out."""

import inspect

import pytest
import sympy as sp

from refdiff.reference import conversion

from .algebra import log_normal, real, same

TIME, X, X_0, EPS = real("time x x_0 eps")
ALPHA, SIGMA = (sp.Function(name, positive=True)(TIME) for name in ("alpha", "sigma"))
X_T = ALPHA * X_0 + SIGMA * EPS

DEFINITIONS = {
    "x_0": X_0,
    "eps": EPS,
    "v": ALPHA * EPS - SIGMA * X_0,
    "score": sp.diff(log_normal(X, ALPHA * X_0, SIGMA**2), X).subs(X, X_T),
    "velocity": sp.diff(X_T, TIME),
    "x_t": X_T,
    "alpha_t": ALPHA,
    "sigma_t": SIGMA,
    "alpha_dot_t": sp.diff(ALPHA, TIME),
    "sigma_dot_t": sp.diff(SIGMA, TIME),
}
PLAIN = {value: sp.Symbol(name, real=True) for name, value in DEFINITIONS.items() if name.endswith("_dot_t")}
PLAIN |= {ALPHA: sp.Symbol("alpha", positive=True), SIGMA: sp.Symbol("sigma", positive=True)}


def follows(name):
    """Whether this conversion, fed with definitions, gives the definition of its target."""
    body = getattr(conversion, name)
    given = {asked: sp.sympify(DEFINITIONS[asked]).subs(PLAIN) for asked in inspect.signature(body).parameters}
    return same(body(**given), sp.sympify(DEFINITIONS[name.partition("_from_")[0]]).subs(PLAIN))


@pytest.mark.parametrize("name", ["eps_from_x_0", "eps_from_v", "eps_from_score", "eps_from_velocity"])
def test_eps_is_the_noise_that_made_x_t(name):
    assert follows(name)


@pytest.mark.parametrize("name", ["x_0_from_eps", "x_0_from_v", "x_0_from_score", "x_0_from_velocity"])
def test_x_0_is_the_data_that_made_x_t(name):
    assert follows(name)


@pytest.mark.parametrize("name", ["v_from_eps", "v_from_x_0", "v_from_score", "v_from_velocity"])
def test_v_is_alpha_eps_minus_sigma_x_0(name):
    assert follows(name)


@pytest.mark.parametrize("name", ["score_from_eps", "score_from_x_0", "score_from_v", "score_from_velocity"])
def test_score_is_the_gradient_of_the_log_density_of_x_t_given_x_0(name):
    assert follows(name)


@pytest.mark.parametrize("name", ["velocity_from_eps", "velocity_from_x_0", "velocity_from_v", "velocity_from_score"])
def test_velocity_is_the_time_derivative_of_x_t(name):
    assert follows(name)
