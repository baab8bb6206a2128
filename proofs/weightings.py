"""Densities of logsnr on schedules, and what an error of one prediction is in terms of another."""

import sympy as sp

from .algebra import positive, real

__all__ = ["COSINE_SCALES", "LOGSNR", "ROOT", "TIME", "cosine_density", "eps_error", "straight"]

X, UNIT = real("x unit")
# Root of the SNR; on the cosine schedule the cotangent of the angle pi/2*time.
ROOT = positive("root")
TIME = positive("time")
COSINE_SCALES = {sp.cos(sp.pi * TIME / 2): ROOT / sp.sqrt(1 + ROOT**2), sp.sin(sp.pi * TIME / 2): 1 / sp.sqrt(1 + ROOT**2)}
LOGSNR = 2 * sp.log(ROOT)


def eps_error(alpha, sigma):
    """Error of eps that an x_0 wrong by 1 makes at a fixed x_t."""
    return sp.diff((UNIT - alpha * X) / sigma, X)


def cosine_density():
    """Density of logsnr at uniform times of the cosine schedule, where the root of the SNR is ROOT."""
    logsnr = 2 * sp.log(sp.cos(sp.pi * TIME / 2) / sp.sin(sp.pi * TIME / 2))
    return -1 / sp.diff(logsnr, TIME).subs(COSINE_SCALES)


def straight(logit_law):
    """Density of logsnr times the squared error of eps - x_0 for one of eps, on a straight path where time has this law."""
    slope = sp.diff(2 * sp.log((1 - TIME) / TIME), TIME)
    error = eps_error(1 - TIME, TIME)
    found = -logit_law(TIME) / slope * ((error - 1) / error) ** 2
    return found.subs(TIME, 1 / (1 + ROOT))
