"""Seed 002, section 2.1: Gaussians and variational autoencoders."""

import sympy as sp

from ..algebra import log_normal, positive, real
from .evidence import Counterexample, Proof


def eq_001():
    """002/1: the density of a Gaussian.

    Printed:
        f(x) = 1/(sqrt(2 pi) sigma^2) exp(-(x - mu)^2/(2 sigma^2))
    Verdict: notation slip
    Reading: literally the normaliser holds sigma^2, so the total mass is 1/sigma; charitably sigma stands under no square,
        as the exponent already says.
    Right:
        f(x) = 1/(sqrt(2 pi) sigma) exp(-(x - mu)^2/(2 sigma^2))
    Numbers: at mu = 0, sigma = 2: printed 0.5, right 1
    Formulas: gaussian_density
    """
    x, mu = real("x mu")
    sigma = positive("sigma")
    bell = sp.exp(-((x - mu) ** 2) / (2 * sigma**2))

    def mass(normaliser):
        return sp.integrate((normaliser * bell).subs(mu, 0), (x, -sp.oo, sp.oo))

    printed, right = 1 / (sp.sqrt(2 * sp.pi) * sigma**2), 1 / (sp.sqrt(2 * sp.pi) * sigma)
    by_change_of_variables = sp.exp(log_normal(x, mu, sigma**2)) / bell
    return (
        Counterexample("mu = 0, sigma = 2", mass(printed).subs(sigma, 2), mass(right).subs(sigma, 2)),
        Proof(by_change_of_variables, right, (printed, right / 2)),
    )
