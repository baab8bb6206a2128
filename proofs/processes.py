"""What the proofs of diffusion's equations share: symbols, polynomial densities, moments of a step, series in its length."""

import sympy as sp

from .algebra import expectation, positive, real

__all__ = [
    "A_S",
    "A_T",
    "DRIFT",
    "HIGH",
    "LOW",
    "MEAN",
    "SCORE",
    "SHARE",
    "S_S",
    "S_T",
    "TIME",
    "VARIANCE",
    "A",
    "F",
    "G",
    "H",
    "X",
    "Z",
    "expanded",
    "fokker_planck",
    "law",
    "polynomial",
    "rising_in_noise",
]  # fmt: skip

TIME, LOW, HIGH, H = positive("time low high h")
X, SCORE, F, Z, DRIFT, MEAN = real("x score f z drift mean")
G, SHARE, VARIANCE, A, A_S, A_T, S_S, S_T = positive("g share variance a a_s a_t s_s s_t")


def polynomial(name, *variables):
    """A cubic with free coefficients."""
    monomials = sorted(sp.itermonomials(variables, 3 if len(variables) == 1 else 2), key=str)
    return sum(c * m for c, m in zip(real(f"{name}:{len(monomials)}"), monomials, strict=True))


def fokker_planck(density, drift, square):
    """Time derivative of a density in one dimension."""
    return -sp.diff(drift * density, X) + square / 2 * sp.diff(density, X, 2)


def law(state):
    mean = expectation(state, [Z])
    return mean, expectation((state - mean) ** 2, [Z])


def rising_in_noise(state):
    return state.subs({G: 2, H: sp.Rational(1, 4), S_S: 1, S_T: 2, A: sp.Rational(1, 4)}).coeff(Z).is_positive


def expanded(expression, order):
    """Power series in the step."""
    return sp.series(expression, H, 0, order + 1).removeO()
