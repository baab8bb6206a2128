"""The probability flow to any accuracy that is asked for, by an adaptive solver."""

import math

import numpy as np
import torch
from torch import Tensor

from refdiff.production.levels import Level, LevelModel, Levels, pairs, walked

__all__ = ["probability_flow_rk45"]


def probability_flow_rk45(
    denoiser_at_level: LevelModel, x_T: Tensor, alphas: Levels, sigmas: Levels, rtol: float = 1e-6, atol: float = 1e-6
) -> Tensor:
    """States of the probability flow at all levels, by SciPy's adaptive Runge-Kutta method of order 5(4).

    Solved for u = x/sqrt(alpha**2 + sigma**2) in the angle of (alpha, sigma), where the right side is v, of the size of the data
    and the noise at every level: neither the end without signal nor the one with hardly any noise is stiff.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t; asked where variance is preserved.
        x_T: state at the first level, shape (B, ...); float64 for tolerances below 1e-6.
        alphas: signal scales from noise to data, >= 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0, shape (n + 1,).
        rtol: relative tolerance of one step's error in u.
        atol: absolute tolerance of one step's error in u.

    Returns:
        Shape (n + 1, *x_T.shape), x_T first.

    Raises:
        ValueError: when a level has no noise, where v of a denoiser is 0/0.
        ArithmeticError: when the model is not finite, or the steps that the tolerances ask for become too short.

    Source: Song et al. 2021, arXiv:2011.13456v2, section 4.3, black-box ODE solvers, in another variable.
    """
    from scipy.integrate import solve_ivp

    levels = pairs(alphas, sigmas)
    if not all(sigma > 0 for _, sigma in levels):
        raise ValueError(f"got the noise scales {[sigma for _, sigma in levels]}, wanted all above 0; stop short of the data")

    def velocity(angle: float, u: np.ndarray) -> np.ndarray:
        state = torch.as_tensor(u, dtype=x_T.dtype, device=x_T.device).reshape(x_T.shape)
        alpha, sigma = math.cos(angle), math.sin(angle)
        v = (alpha * state - denoiser_at_level(state, alpha, sigma)) / sigma
        if not bool(torch.isfinite(v).all()):
            raise ArithmeticError(f"got a model that is not finite at alpha {alpha:g} and sigma {sigma:g}, wanted numbers")
        return np.asarray(v.double().cpu().numpy()).ravel()

    def move(x_t: Tensor, start: Level, end: Level) -> Tensor:
        angles = [math.atan2(sigma, alpha) for alpha, sigma in (start, end)]
        begun = (x_t.double() / math.hypot(*start)).cpu().numpy().ravel()
        found = solve_ivp(velocity, angles, begun, method="RK45", t_eval=angles[1:], rtol=rtol, atol=atol)
        if not found.success:
            raise ArithmeticError(f"got no solution between angles {angles} ({found.message}); give wider tolerances")
        return (torch.as_tensor(found.y[:, -1]) * math.hypot(*end)).reshape(x_t.shape).to(x_T)

    return walked(x_T, levels, move)
