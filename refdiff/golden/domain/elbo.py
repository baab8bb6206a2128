"""Arguments of the formulas of the evidence lower bound."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import SHAPE, Draw, draw, scale, schedule_pair, state

__all__ = ["sample"]


def _number(rng: np.random.Generator) -> float:
    return float(rng.standard_normal() * 10 ** rng.uniform(-2, 1))


def _symmetric(reach: float) -> Draw:
    """Of either sign, from 1e-3 to `reach`."""
    return lambda rng: float(rng.choice([-1, 1]) * 10 ** rng.uniform(-3, np.log10(reach)))


def _positive(low: float, high: float) -> Draw:
    return lambda rng: float(10 ** rng.uniform(low, high))


def _falling(rng: np.random.Generator) -> np.ndarray:
    """Levels far apart or hardly so, evenly or not."""
    steps = int(rng.choice([1, 2, 5, 20]))
    high, low = np.sort(rng.uniform(-20, 20, 2))[::-1]
    low = float(rng.choice([low, high - 10 ** rng.uniform(-6, 0)]))
    inside = np.sort(rng.uniform(low, high, steps - 1))[::-1]
    return np.concat([[high], inside, [low]])


_SAMPLERS: dict[str, Draw] = {
    "slope": _number,
    "intercept": _number,
    "variance": _positive(-6, 6),
    "variance_1": _positive(-6, 6),
    "variance_2": _positive(-6, 6),
    "logsnrs": _falling,
    "dimensions": lambda rng: int(rng.integers(1, 200_000)),
    "bin_width": lambda rng: float(rng.choice([1.0, 1 / 256, 1 / 255, 2 / 255, 2 / 256, 10 ** rng.uniform(-6, 3)])),
    "loss_weight": _positive(-6, 6),
    "logsnr_dot_t": lambda rng: -float(10 ** rng.uniform(-3, 6)),
    "snr_dot_t": lambda rng: -float(10 ** rng.uniform(-3, 6)),
    "alpha_t": scale,
    "sigma_t": scale,
    "alpha_dot_t": lambda rng: -scale(rng) * float(rng.choice([0.0, 1.0, 1.0])),
    "sigma_dot_t": scale,
    "gamma": _positive(-2, 2),
    "p2_offset": _positive(-2, 2),
    "p2_gamma": lambda rng: float(rng.choice([0.5, 1.0, rng.uniform(0, 1)])),
    "P_mean": lambda rng: float(rng.uniform(-3, 3)),
    "P_std": lambda rng: float(rng.uniform(0.2, 5)),
    "sigma_data": _positive(-2, 1),
    "logit_mean": lambda rng: float(rng.uniform(-3, 3)),
    "logit_scale": lambda rng: float(rng.uniform(0.2, 5)),
    "weight_bias": lambda rng: float(rng.uniform(-8, 8)),
}
# How far logsnr_t reaches where it is not 700.
_REACH = {
    "elbo_weight_min_snr": 600,
    "elbo_weight_p2": 300,
    "elbo_weight_p2_offset": 300,
    "elbo_weight_truncated_snr": 690,
    "elbo_weight_flow_logit_normal": 60,
    "elbo_weight_edm": 60,
    "elbo_weight_sigmoid": 690,
}


def _powers(name: str, rng: np.random.Generator) -> dict[str, Any]:
    """log alpha_bar at three neighbouring times: steps from 1e-12 of the signal to nearly all of it."""
    early, late = schedule_pair(rng)
    late = max(late, -600.0)
    early = min(max(early, float(np.nextafter(late, 0)), -590.0), late * 1e-9)
    before = float(rng.choice([0.0, early * rng.uniform(0, 1), early * (1 - 10 ** rng.uniform(-12, -1))]))
    if name == "prior_matching_term" and rng.integers(4) == 0:
        early = 0.0
    return {"log_alpha_bar_r": before, "log_alpha_bar_s": early, "log_alpha_bar_t": late, "log_alpha_bar_T": late}


def _bound(rng: np.random.Generator) -> dict[str, Any]:
    """A short schedule; estimates near Wiener's and wild ones."""
    steps = int(rng.integers(1, 7))
    betas = np.sort(10 ** rng.uniform(-4, rng.uniform(-3, -0.05), steps))
    powers = np.cumprod(1 - betas)
    return {
        "x_0": state(rng, (2, 2)),
        "slopes": rng.choice([1.0, rng.uniform(-2, 2)]) * np.sqrt(powers),
        "intercepts": rng.standard_normal(steps) * 10 ** rng.uniform(-2, 1),
        "variance": float(10 ** rng.uniform(-4, 1)),
        "betas": betas,
    }


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula."""
    if name == "variational_bound_linear":
        given = _bound(rng)
        return {argument: given[argument] for argument in arguments}
    given = draw(arguments, rng, _SAMPLERS)
    known = _powers(name, rng)
    if name == "vlb_gaussian_continuous":
        high, low = np.sort(rng.uniform(-1, 1, 2) * 10 ** rng.uniform(-2, np.log10(340)))[::-1]
        known |= {"logsnr_s": float(high), "logsnr_t": float(rng.choice([low, high - 10 ** rng.uniform(-9, 0)]))}
    else:
        known["logsnr_t"] = _symmetric(_REACH.get(name, 700))(rng)
    given |= {key: value for key, value in known.items() if key in given}
    if name == "log_ratio_variance":
        near = rng.integers(3) == 0
        given["variance_2"] = given["variance_1"] * (1 + 10 ** rng.uniform(-9, -1)) if near else given["variance_2"]
        given["mean_2"] = given["mean_1"] + 10 ** rng.uniform(-6, 1) * rng.standard_normal(SHAPE)
    return given
