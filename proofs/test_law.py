"""Exact laws on Gaussian data: the flow along eigenvectors, chains by their own expectations, gains as steps on the denoiser."""

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

from refdiff.numbers import namespace
from refdiff.reference import ddim, edm, law, singlestep

from .algebra import column, expectation, positive, real, same

V, SIGMA, SIGMA_S = positive("v sigma sigma_s")
X_T, MEAN = real("x_t m")
ALPHA, ALPHA_S = positive("a a_s")
ETA = positive("eta")

# Eigenvalues, and a rotation by rational numbers: at sigma = 1 the roots are 2 and 3, at sigma_s they are 19/4 and 21/4.
SPECTRUM = 3, 8
TURN = np.array([[sp.Rational(3, 5), -sp.Rational(4, 5)], [sp.Rational(4, 5), sp.Rational(3, 5)]], dtype=object)
COVARIANCE = TURN @ np.diag(column([sp.Integer(value) for value in SPECTRUM])) @ TURN.T
LEVEL = sp.Integer(1), sp.Integer(1)
LEVEL_S = sp.Integer(1), sp.sqrt(sp.Rational(313, 16))
SCALED = sp.Rational(1, 2), sp.sqrt(sp.Rational(1, 4))


def roots(level):
    return [sp.sqrt(level[0] ** 2 * value + level[1] ** 2) for value in SPECTRUM]


@pytest.mark.parametrize(("start", "end"), [(LEVEL, LEVEL_S), (LEVEL_S, SCALED), (SCALED, LEVEL)])
def test_probability_flow_solution_correlated_has_the_flows_gain_along_every_eigenvector(start, end):
    mean, along = column(real("m_1 m_2")), column(real("y_1 y_2"))
    states = (start[0] * mean + TURN @ along).reshape(1, 2)
    found = law.probability_flow_solution_correlated(states, mean, COVARIANCE, *start, *end)
    gains = [ddim.probability_flow_gain(sp.Integer(value), *end, *start) for value in SPECTRUM]
    assert same(found.reshape(-1), end[0] * mean + TURN @ (np.array(gains, dtype=object) * along))
    assert all(same(gain * before, after) for gain, before, after in zip(gains, roots(start), roots(end), strict=True))


def test_probability_flow_solution_correlated_solves_the_flows_ode():
    """dx/dsigma = sigma*inv(C + sigma**2)*(x - mean), where the signal keeps its scale: at sigma_s = sigma the slope is that."""
    nearby, along = positive("s"), column(real("y_1 y_2"))
    unit, mean = np.eye(2, dtype=int).astype(object), column([sp.Integer(0)] * 2)
    before = COVARIANCE + unit
    found = law.probability_flow_solution_correlated(along.reshape(1, 2), mean, COVARIANCE, *LEVEL, sp.Integer(1), nearby)
    slope = np.array([sp.simplify(sp.diff(entry, nearby).subs(nearby, 1)) for entry in found.reshape(-1)], dtype=object)
    assert same(before @ slope, along)


def test_the_symmetric_root_of_symbols_squares_to_its_matrix_and_has_positive_eigenvalues():
    p, q, r = positive("p q r")
    matrix = np.array([[p**2 + q**2, q * r], [q * r, r**2 + sp.Integer(1)]], dtype=object)
    root = namespace(matrix).sqrtm(matrix)
    assert same(root @ root, matrix)
    assert same(root[0, 1], root[1, 0])
    assert root[0, 0].is_positive


NOISE = real("u_1 u_2 u_3 u_4 u_5 u_6")
GAINS = column(real("g_:12")).reshape(3, 2, 2)
OFFSETS = column(real("o_:6")).reshape(3, 2)
FACTORS = column(real("f_:6")).reshape(3, 2, 1)
FIRST = column(real("mu_1 mu_2"))
ROOT = column(real("c_:4")).reshape(2, 2)


def chain(count, drawn=True):
    """The last state of the chain, from a first of this mean and root of the covariance, in unit draws."""
    state = FIRST + ROOT @ column(NOISE[:2])
    for i in range(count):
        state = GAINS[i] @ state + OFFSETS[i] + (FACTORS[i] @ column(NOISE[2 + i : 3 + i]) if drawn else 0)
    return state


@pytest.mark.parametrize("count", [1, 2, 3])
def test_affine_chain_mean_is_the_mean_of_the_last_state(count):
    found = law.affine_chain_mean(GAINS[:count], OFFSETS[:count], FIRST)
    assert same(found, column([expectation(entry, NOISE) for entry in chain(count)]))


@pytest.mark.parametrize("count", [1, 2])
def test_affine_chain_covariance_is_that_of_the_last_state(count):
    found = law.affine_chain_covariance(GAINS[:count], FACTORS[:count], ROOT @ ROOT.T)
    last = chain(count) - law.affine_chain_mean(GAINS[:count], OFFSETS[:count], FIRST)
    joint = [[expectation(sp.expand(one * other), NOISE) for other in last] for one in last]
    assert same(found, np.array(joint, dtype=object))


def denoised(x_t, alpha, sigma):
    """Regression of the data on the state, about the data's mean."""
    return MEAN + alpha * V / (alpha**2 * V + sigma**2) * (x_t - alpha * MEAN)


def is_gain(found, step, alpha=1, alpha_s=1):
    """Whether a step from x_t ends at alpha_s*mean and this gain times the distance from alpha*mean."""
    return same(step, alpha_s * MEAN + found * (X_T - alpha * MEAN))


@pytest.mark.parametrize("end", [SIGMA_S, sp.Integer(0)])
def test_heun_gain_is_that_of_edms_step_on_the_exact_denoiser(end):
    x_0 = denoised(X_T, 1, SIGMA)
    euler = edm.edm_euler_step(X_T, x_0, SIGMA, end)
    step = edm.edm_heun_step(X_T, x_0, denoised(euler, 1, end) if end else x_0, SIGMA, end)
    assert is_gain(law.heun_gain(V, SIGMA, end), step)


def test_heun_gain_meets_the_flows_to_second_order():
    h = positive("h")
    gap = law.heun_gain(V, sp.Integer(1), 1 - h) - sp.sqrt((V + (1 - h) ** 2) / (V + 1))
    assert all(same(sp.diff(gap, h, k).subs(h, 0), 0) for k in range(3))
    assert not same(sp.diff(gap, h, 3).subs(h, 0), 0)


@pytest.mark.parametrize("end", [SIGMA_S, sp.Integer(0)])
def test_dpm2_gain_is_that_of_k_diffusions_step_on_the_exact_denoiser(end):
    x_0 = denoised(X_T, 1, SIGMA)
    if not end:
        assert is_gain(law.dpm2_gain(V, SIGMA, end), x_0)
        return
    middle = sp.sqrt(SIGMA * end)
    second = denoised(edm.edm_euler_step(X_T, x_0, SIGMA, middle), 1, middle)
    step = singlestep.dpm2_step(column([X_T]), column([x_0, second]).reshape(2, 1), column([SIGMA, middle, end])).item()
    assert is_gain(law.dpm2_gain(V, SIGMA, end), step)


def test_dpmpp_2s_gain_is_that_of_its_step_on_the_exact_denoiser():
    start, end = real("l l_s")
    levels = [(ALPHA, ALPHA * sp.exp(-start)), (sp.Integer(1), sp.exp(-(start + end) / 2)), (ALPHA_S, ALPHA_S * sp.exp(-end))]
    x_0 = denoised(X_T, *levels[0])
    state = x_0 + levels[1][1] * (X_T - ALPHA * x_0) / levels[0][1]
    known = column([x_0, denoised(state, *levels[1])]).reshape(2, 1)
    step = singlestep.dpmpp_2s_step(column([X_T]), known, *(column([level[side] for level in levels]) for side in (0, 1))).item()
    found = law.dpmpp_2s_gain(V, ALPHA_S, levels[2][1], ALPHA, levels[0][1])
    assert is_gain(found, step, ALPHA, ALPHA_S)


def test_dpmpp_2s_gain_is_eulers_where_no_noise_is_left():
    assert same(law.dpmpp_2s_gain(V, ALPHA_S, sp.Integer(0), ALPHA, SIGMA), ddim.ddim_gain(V, ALPHA_S, 0, ALPHA, SIGMA))


def fresh_variance(alpha_s, sigma_s, alpha, sigma):
    """Variance of x_s given x_t and x_0: the joint Gaussian of two levels, conditioned."""
    shared = alpha / alpha_s * sigma_s**2
    return sigma_s**2 - shared**2 / sigma**2


def test_ancestral_gain_keeps_what_the_marginal_at_s_leaves_beside_the_fresh_noise():
    # Noise over signal at s is this share of that at t, so that all of eta in [0, 1] leaves a real root.
    share = positive("share")
    end = share * ALPHA_S * SIGMA / ALPHA
    found = law.ancestral_gain(V, ETA, ALPHA_S, end, ALPHA, SIGMA)
    x_0 = denoised(X_T, ALPHA, SIGMA)
    # gain*(x_t - alpha*mean) + alpha_s*mean - alpha_s*x_0 is kept*eps.
    kept_eps = found * (X_T - ALPHA * MEAN) + ALPHA_S * MEAN - ALPHA_S * x_0
    eps = (X_T - ALPHA * x_0) / SIGMA
    kept = sp.cancel(kept_eps / eps)
    assert same(kept**2, end**2 - ETA**2 * fresh_variance(ALPHA_S, end, ALPHA, SIGMA))
    assert kept.subs({share: sp.Rational(1, 2), ETA: sp.Rational(1, 3), SIGMA: 1, ALPHA: 1, ALPHA_S: 2, V: 1}) > 0


def test_ancestral_gain_is_ddims_own_without_noise_and_ends_at_the_estimate_without_noise_left():
    assert same(
        law.ancestral_gain(V, sp.Integer(0), ALPHA_S, SIGMA_S, ALPHA, SIGMA), ddim.ddim_gain(V, ALPHA_S, SIGMA_S, ALPHA, SIGMA)
    )
    assert is_gain(
        law.ancestral_gain(V, ETA, ALPHA_S, sp.Integer(0), ALPHA, SIGMA), ALPHA_S * denoised(X_T, ALPHA, SIGMA), ALPHA, ALPHA_S
    )


def test_heun_chain_variance_multiplies_the_gains_of_all_steps():
    sigmas = column([sp.Integer(3), sp.Integer(1), sp.Rational(1, 2), sp.Integer(0)])
    state = sp.sqrt(V + 9)
    for start, end in pairwise(sigmas):
        x_0 = V / (V + start**2) * state
        euler = x_0 + end / start * (state - x_0)
        slopes = (state - x_0) / start, euler * end / (V + end**2)
        state = state + (end - start) * sum(slopes) / 2 if end else x_0
    assert same(law.heun_chain_variance(V, sigmas), state**2)


@pytest.mark.parametrize("eta", [sp.Integer(1), sp.Rational(3, 5)])
def test_ancestral_chain_variance_adds_each_steps_fresh_noise_and_carries_it_on(eta):
    alphas = column([sp.Rational(1, 2), sp.Rational(3, 4), sp.Integer(1)])
    # At eta = 3/5 too the share of the old noise that is kept has a rational root.
    sigmas = column([sp.Integer(2), sp.Rational(7, 6), sp.Rational(91, 90)])
    state, draws = sp.sqrt(alphas[0] ** 2 * V + sigmas[0] ** 2) * NOISE[0], NOISE[1:3]
    for i, draw in enumerate(draws):
        start, end = (alphas[i], sigmas[i]), (alphas[i + 1], sigmas[i + 1])
        fresh = eta**2 * fresh_variance(*end, *start)
        x_0 = start[0] * V / (start[0] ** 2 * V + start[1] ** 2) * state
        eps = (state - start[0] * x_0) / start[1]
        state = end[0] * x_0 + sp.sqrt(end[1] ** 2 - fresh) * eps + sp.sqrt(fresh) * draw
    found = law.ancestral_chain_variance(V, eta, alphas, sigmas)
    assert same(found, expectation(sp.expand(state**2), NOISE[:3]))
