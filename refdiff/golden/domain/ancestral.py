"""Arguments of the samplers that go too far and add noise back."""

from typing import Any

import numpy as np

from refdiff.golden.domain.draws import SHAPE, Draw, draw, run, scale, schedule_pair, state

__all__ = ["sample"]

_TWO_STAGES = {"dpm2_ancestral_step", "dpmpp_2s_ancestral_step"}


def _eta(rng: np.random.Generator) -> float:
    """None of the noise, all of it, some, or more than all."""
    return float((0.0, 1.0, rng.uniform(0, 1), rng.uniform(0, 1), 1 + 10 ** rng.uniform(-3, 0))[rng.integers(5)])


_SAMPLERS: dict[str, Draw] = {
    "z": lambda rng: rng.standard_normal(SHAPE),
    "x_0s": lambda rng: state(rng, (2, *SHAPE)),
    "eta": _eta,
    "alpha_s": scale,
    "t_index": lambda rng: int(rng.choice([0, 1, int(rng.integers(0, 1000))])),
    "timestep_scaling": scale,
    "sigma_data": scale,
}


def _share(rng: np.random.Generator) -> float:
    """What is left of a level: nothing, all, nearly all, or anything between."""
    return float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 10 ** rng.uniform(-6, 0), 1 - 10 ** rng.uniform(-15, 0)]))


def _pair(name: str, rng: np.random.Generator) -> dict[str, float]:
    """Noise scales of a step: on the straight path below 1."""
    if name == "euler_ancestral_flow_step":
        sigma_t = float(rng.choice([1.0, rng.uniform(0.01, 1), 1 - 10 ** rng.uniform(-6, 0)]))
        return {"sigma_t": sigma_t, "sigma_s": sigma_t * min(_share(rng), 1 - 1e-9)}
    sigma_t = scale(rng)
    if name in _TWO_STAGES:
        return {"sigma_t": sigma_t, "sigma_s": sigma_t * float(rng.choice([1.0, rng.uniform(0.1, 1), 10 ** rng.uniform(-6, 0)]))}
    return {"sigma_t": sigma_t, "sigma_s": sigma_t * _share(rng)}


def _three(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Signal and noise scales at t, r and s: any scales whose noise over signal does not rise from t to s to r."""
    alphas = 10 ** rng.uniform(-2, 1, 3)
    ratio_s = scale(rng)
    ratios = np.array([ratio_s * (1 + 10 ** rng.uniform(-3, 2)), ratio_s * _share(rng) * 0.999, ratio_s])
    if rng.integers(4) == 0:
        alphas[2] = 0.0
        return {"alphas": alphas, "sigmas": np.array([alphas[0] * ratios[0], alphas[1] * ratios[1], scale(rng)])}
    return {"alphas": alphas, "sigmas": alphas * ratios}


def _powers(rng: np.random.Generator) -> dict[str, float]:
    """Log signal powers at t, s and r, the last anywhere from data to just before s, where the printed form has no digits."""
    early, late = schedule_pair(rng)
    return {"log_alpha_bar_r": early * min(_share(rng), 1 - 1e-9), "log_alpha_bar_s": early, "log_alpha_bar_t": late}


def _scales(ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Signal and noise scales of preserved variance whose noise over signal is this."""
    alphas = 1 / np.sqrt(1 + ratios**2)
    return alphas, ratios * alphas


def _levels(name: str, rng: np.random.Generator) -> dict[str, Any]:
    """A run's levels, data, start and fresh noise, and the options it asks for."""
    given = run(rng, ("times",) if name == "euler_ancestral_flow_path" else ("sigmas",), zero=name != "consistency_path")
    n = len(given["times" if "times" in given else "sigmas"]) - 1
    given["z"] = rng.standard_normal((max(n, 3), *SHAPE))
    given["eta"] = float(rng.choice([0.0, 1.0, rng.uniform(0, 1), 3.0 if name != "euler_ancestral_flow_path" else 0.5]))
    if name in ("tcd_path", "lcm_path"):
        down = given["sigmas"][1:] * rng.choice([0.0, 0.99, rng.uniform(0, 0.99)])
        given["alphas"], given["sigmas"] = _scales(given["sigmas"])
        given["alphas_down"], given["sigmas_down"] = _scales(down)
    if name == "consistency_path":
        given["sigma_min"] = float(given["sigmas"][-1] * rng.choice([0.0, 1.0, rng.uniform(0, 1)]))
    if name == "edm_stochastic_path":
        low, high = sorted(given["sigmas"][0] * rng.uniform(0, 1.2, 2))
        churn = float(rng.choice([0.0, rng.uniform(0, 0.4), 10.0]))
        given |= {"S_churn": n * churn, "S_min": float(rng.choice([0.0, low])), "S_max": float(high)}
        given["S_noise"] = float(rng.choice([1.0, rng.uniform(0.9, 1.1)]))
    if name == "restart_path":
        index = int(rng.integers(1, n + 1))
        rise = 1 + np.sort(rng.uniform(0.05, 2, int(rng.integers(1, 4))))[::-1]
        given["restart_sigmas"] = rise * given["sigmas"][index] + (0.1 * rise if given["sigmas"][index] == 0 else 0)
        given |= {"restart_index": index, "restarts": int(rng.integers(0, 4))}
    return given


def sample(name: str, arguments: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of one formula; of a run also its data, which make its model."""
    if name.endswith("_path"):
        given = _levels(name, rng)
        options = {"eta", "alphas_down", "sigmas_down"} - set(arguments)
        return {key: value for key, value in given.items() if key not in options}
    given = draw(arguments, rng, _SAMPLERS)
    if "log_alpha_bar_t" in arguments:
        given |= _powers(rng)
    elif "alphas" in arguments:
        given |= _three(rng)
    elif "sigma_t" in arguments:
        given |= _pair(name, rng)
    elif "sigma_s" in arguments:
        given["sigma_s"] = float(rng.choice([0.0, scale(rng)]))
    if name.startswith("ancestral_sigma"):
        # Several at once: one alone may be 0, which tells little.
        shares = [_share(rng) for _ in range(3)] + list(rng.uniform(0.1, 0.9, 3))
        given |= {"eta": np.array([_eta(rng) for _ in shares[1:]] + [0.5]), "sigma_s": given["sigma_t"] * np.array(shares)}
    if name == "euler_ancestral_flow_step":
        given["eta"] = min(given["eta"], 1.0)
    if name in _TWO_STAGES and given["eta"] > 1:
        # Down to something: eta below what would take all the noise away.
        ratio = given["sigma_s"] / given["sigma_t"]
        most = 1 / np.sqrt((1 - ratio) * (1 + ratio)) if ratio < 1 else 2.0
        given["eta"] = 1 + (min(most, 2.0) - 1) * float(rng.uniform(0, 0.9))
    return given
