"""What solves the reverse-time SDE over a step of length h in half_logsnr, for data that are a polynomial of it.

In the coordinates y = x/alpha, counted from the step's start, where the noise scale is w: dy = -(1 + eta)*(y - data) dl
+ sqrt(2*eta)*w*exp(-l) dw.
"""

import sympy as sp

from .algebra import positive, real, same

__all__ = ["ETA", "SCALES", "H", "W", "X", "Z", "adds_what_the_sde_adds", "held", "moved", "parts", "vanishes"]

H, W, ETA = positive("h w eta")
SCALES = positive("a_0 a_1 a_2 a_3")
X, Z = real("x z")


def vanishes(expression):
    return same(sp.expand(expression, power_exp=True), 0)


def parts(state):
    """The mean, and the weight of the noise."""
    return state.subs(Z, 0), sp.expand(state).coeff(Z)


def adds_what_the_sde_adds(weight, pull, strength):
    """The moment equation of the variance about the mean, and a positive sign."""
    power = sp.expand(weight**2, power_exp=True)
    rate = sp.diff(power, H) + 2 * pull * power - 2 * strength * W**2 * sp.exp(-2 * H)
    values = dict.fromkeys((ETA, H, W, *SCALES), 1)
    return vanishes(rate) and vanishes(power.subs(H, 0)) and weight.subs(values).is_positive


def moved(path):
    """State h after x on the SDE's mean for these data, a polynomial of at most second degree."""
    lasting = path - sp.diff(path, H) / (1 + ETA) + sp.diff(path, H, 2) / (1 + ETA) ** 2
    assert vanishes(sp.diff(lasting, H) + (1 + ETA) * (lasting - path))
    # Any other solution comes to this one at the rate 1 + eta, from the state that the step starts at.
    return lasting + sp.exp(-(1 + ETA) * H) * (X - lasting.subs(H, 0))


def held(middle):
    """Solution of y' = -(1 + eta)*(y - middle) from x."""
    return middle + sp.exp(-(1 + ETA) * H) * (X - middle)
