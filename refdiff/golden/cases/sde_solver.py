"""Cases of the solvers of the reverse-time SDE."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state
from refdiff.golden.cases.runs import LAWS, data, runs

__all__ = ["cases"]

# What the levels are, the noise scales of four of them, and what they hunt; a step of fewer levels takes the last ones.
_LEVELS: tuple[tuple[str, tuple[float, ...], str], ...] = (
    ("unscaled", (8.0, 4.0, 2.0, 1.0), "equal steps in half_logsnr: only the shape of the formula shows"),
    ("unscaled", (8.0, 6.0, 2.0, 1.0), "a short step, then longer ones: ratios of lengths turned over show"),
    ("unscaled", (6.0, 3.0, 2.5, 1.0), "the step before was short"),
    ("unscaled", (16.0, 4.0, 1.0, 0.75), "the step before was long"),
    ("unscaled", (3.0, 2.5, 2.0, 1.5), "evenly spaced noise scales"),
    ("unscaled", (1.0, 0.875, 0.75, 0.625), "short steps: factors of the length show least"),
    ("unscaled", (14.6146, 9.25, 5.5, 2.75), "Stable Diffusion's first steps"),
    ("unscaled", (80.0, 57.5, 40.75, 28.5), "EDM's first steps"),
    ("unscaled", (0.5, 0.25, 0.125, 0.03125), "little noise, a long last step"),
    ("unscaled", (10.0, 5.0, 2.0, 0.125), "a very long step: exp(-2*h) is nearly 0"),
    ("preserved", (0.998, 0.96875, 0.875, 0.5), "variance preserved: from much noise to half"),
    ("preserved", (0.9375, 0.75, 0.5, 0.25), "variance preserved: the middle"),
    ("preserved", (0.75, 0.5, 0.375, 0.25), "variance preserved: signal scales near one"),
    ("preserved", (0.5, 0.3125, 0.125, 0.0625), "variance preserved: little noise"),
    ("preserved", (0.9921875, 0.984375, 0.875, 0.625), "variance preserved: steps of unequal lengths"),
    ("preserved", (0.96875, 0.9375, 0.90625, 0.875), "variance preserved: short steps"),
    ("flow", (0.96875, 0.75, 0.5, 0.25), "rectified flow, even times: both scales change"),
    ("flow", (0.984375, 0.9375, 0.875, 0.75), "rectified flow, shifted towards noise"),
    ("flow", (0.75, 0.625, 0.375, 0.125), "rectified flow, towards the data"),
    ("flow", (0.5, 0.4375, 0.25, 0.1875), "rectified flow, steps of unequal lengths"),
    ("flow", (0.9375, 0.6875, 0.5625, 0.0625), "rectified flow, a long last step"),
)
_STEPS = {  # levels and estimates of a step
    "dpmpp_2m_sde_step": (3, 2), "dpmpp_2m_sde_heun_step": (3, 2), "dpmpp_3m_sde_step": (4, 3),
    "dpmpp_3m_sde_released_step": (4, 3), "dpm_solver_2m_sde_step": (3, 2),
    "dpmpp_sde_step": (3, 2), "sa_predictor_step": (4, 3), "sa_corrector_step": (3, 3),
}  # fmt: skip
_ETAS = (1.0, 0.5, 0.0, 1.0, 0.25, 1.0, 0.75)


def _scales(kind: str, sigmas: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Signal and noise scales, each a float32."""
    noise = np.array([single(sigma) for sigma in sigmas])
    signal = {"unscaled": np.ones_like(noise), "preserved": np.sqrt(1 - np.minimum(noise, 1) ** 2), "flow": 1 - noise}[kind]
    return np.array([single(scale) for scale in signal]), noise


def _steps() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for i, (kind, noises, comment) in enumerate(_LEVELS):
        alphas, sigmas = _scales(kind, noises)
        label = f"{kind}/{'-'.join(f'{sigma:g}' for sigma in noises)}"
        known = {name: state(f"sde_solver/{name}/{i}", (2, 3)) for name in ("x_t", "x_0", "eps")}
        known["z"] = state(f"sde_solver/z/{i}", (2, 3), unit=1 / 16, reach=24)
        two = {"alpha_t": alphas[2], "sigma_t": sigmas[2], "alpha_s": alphas[3], "sigma_s": sigmas[3]}
        two = {name: float(scale) for name, scale in two.items()}
        for name, asked in (("dpmpp_sde_1_step", "x_0"), ("dpm_solver_sde_1_step", "eps")):
            yield name, label, comment, two | {key: known[key] for key in ("x_t", asked, "z")}
        for name, (levels, count) in _STEPS.items():
            given = {"x_t": known["x_t"], "z": known["z"], "alphas": alphas[-levels:], "sigmas": sigmas[-levels:]}
            estimates = "epsilons" if name == "dpm_solver_2m_sde_step" else "x_0s"
            given[estimates] = state(f"sde_solver/{name}/{i}", (count, 2, 3))
            share = _ETAS[i % len(_ETAS)]
            noisy = {"noise_strength": share} if name.startswith("sa_") else {"eta": share}
            told = "" if estimates == "epsilons" else f"; {next(iter(noisy))} {share:g}"
            yield name, f"{label}{told.replace('; ', '-').replace(' ', '-')}", f"{comment}{told}", given | (noisy if told else {})


def _noise(key: str, count: int, x_T: np.ndarray) -> np.ndarray:
    return state(f"{key}/z", (count, *x_T.shape), unit=1 / 16, reach=24)


def _length(given: dict[str, Any]) -> int:
    return len(given["timesteps"]) if "betas" in given else len(given["sigmas" if "sigmas" in given else "times"]) - 1


def _over_levels() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Runs over every kind of levels; those that hold the noise only over levels that end with noise."""
    remembering = ("dpmpp_2m_sde_path", "dpmpp_2m_sde_heun_path", "dpmpp_3m_sde_path", "dpmpp_3m_sde_released_path")
    for name in ("dpmpp_sde_1_path", *remembering, "dpmpp_sde_path"):
        for i, (label, comment, given) in enumerate(runs(f"sde_solver/{name}")):
            draws = _length(given) * (2 if name == "dpmpp_sde_path" else 1)
            known = given | {"z": _noise(f"sde_solver/{name}/{i}", draws, given["x_T"])}
            if name == "dpmpp_sde_1_path":
                yield name, label, comment, known
                continue
            eta = _ETAS[i % len(_ETAS)]
            yield name, f"{label}-eta-{eta:g}", f"{comment}; eta {eta:g}", known | {"eta": eta}
    for name in ("dpm_solver_sde_1_path", "dpm_solver_2m_sde_path"):
        for law in LAWS:
            for i, (label, comment, given) in enumerate(runs(f"sde_solver/{name}/{law}", ("sigmas", "times"), (law,))):
                if given.get("sigmas", given.get("times"))[-1] > 0 and not label.endswith("-2"):
                    yield (
                        name,
                        label,
                        comment,
                        given | {"z": _noise(f"sde_solver/{name}/{law}/{i}", _length(given), given["x_T"])},
                    )


def _silent_at_last(z: np.ndarray) -> np.ndarray:
    """The same noises with none at the last step, where conventions differ."""
    return np.concatenate([z[:-1], 0 * z[-1:]])


_SNRS = (0.16, 0.0625, 0.25, 0.125, 0.3125)


def _predictor_corrector() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Runs of one sample down to data."""
    for name, kind in (("predictor_corrector_ve_path", "sigmas"), ("predictor_corrector_vp_path", "betas")):
        for j, law in enumerate(LAWS):
            for i, (label, comment, given) in enumerate(runs(f"sde_solver/{name}/{law}", (kind,), (law,))):
                if ("sigmas" in given and given["sigmas"][-1] > 0) or label.endswith(("-2", "-3")):
                    continue
                snr, start = single(_SNRS[(i + j) % len(_SNRS)]), given["x_T"][:1]
                z = _silent_at_last(_noise(f"sde_solver/{name}/{law}/{i}", 2 * _length(given), start))
                told = f"{comment}; snr {snr:.3g}"
                yield name, f"{label}-snr-{snr:.3g}", told, given | {"x_T": start, "z": z, "corrector_snr": snr}


_TIMES: tuple[tuple[str, tuple[float, ...], str], ...] = (
    ("even-4", (1.0, 0.75, 0.5, 0.25, 0.0625), "even times that stop before the data"),
    ("even-8", (1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0.0), "even times down to the data"),
    ("uneven-5", (1.0, 0.9375, 0.75, 0.5625, 0.25, 0.125), "steps of unequal lengths: each has its own"),
    ("one-step", (0.5, 0.375), "a single short step"),
    ("late-3", (0.375, 0.25, 0.1875, 0.125), "a run that starts late: rates and scales at the step's start"),
)
_RATES = ((0.1, 20.0, "Song et al.'s rates"), (0.5, 4.0, "gentle rates"))
_ENDS = ((0.0625, 8.0, "a range of seven octaves"), (0.5, 4.0, "a short range"))


def _processes() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Euler-Maruyama runs over the times of a process."""
    rows = (
        ("reverse_euler_maruyama_vp_path", _RATES, ("beta_rate_min", "beta_rate_max")),
        ("reverse_euler_maruyama_ve_path", _ENDS, ("sigma_min", "sigma_max")),
    )
    for name, ends, words in rows:
        for i in range(2 * len(_TIMES) * 2):
            label, times, comment = _TIMES[i % len(_TIMES)]
            low, high, told = ends[i // len(_TIMES) % 2]
            law, key = LAWS[(i + i // 4) % len(LAWS)], f"sde_solver/{name}/{i}"
            known = data(key, law)
            size = known["means" if law == "mixture" else next(iter(known))].shape[-1]
            unit = 1 / 16 if "vp" in name else 2.0 ** np.floor(np.log2(high / 16))
            given: dict[str, Any] = {"sde_times": np.array(times), words[0]: single(low), words[1]: high}
            given |= known | {"x_T": state(f"{key}/x_T", (1 if size > 2 else 2, size), unit=float(unit), reach=32)}
            given["z"] = _silent_at_last(_noise(key, len(times) - 1, given["x_T"]))
            yield name, f"{law}/{label}-{low:g}-{high:g}-{i}", f"{comment}; {told}", given


_SCALES: tuple[tuple[str, tuple[float, ...], int, str], ...] = (
    ("octaves-4", (4.0, 2.0, 1.0, 0.5), 2, "NCSN's geometric scales, two steps each"),
    ("halves-3", (2.0, 1.0, 0.5), 5, "three scales, five steps each"),
    ("uneven-4", (6.0, 2.5, 1.5, 0.25), 3, "scales at unequal distances"),
    ("one-scale", (0.75,), 4, "a single scale: plain Langevin dynamics"),
    ("one-step-5", (3.0, 2.0, 1.25, 0.75, 0.375), 1, "one step at each scale"),
)
_SHARES = (0.25, 0.125, 0.5, 0.0625)


def _annealed() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Annealed Langevin runs on every law, the step a share of the least scale's variance."""
    for j, law in enumerate(LAWS):
        for i, (label, sigmas, steps, comment) in enumerate(_SCALES):
            share, key = _SHARES[(i + j) % len(_SHARES)], f"sde_solver/annealed_langevin_path/{law}/{i}"
            known = data(key, law)
            size = known["means" if law == "mixture" else next(iter(known))].shape[-1]
            given: dict[str, Any] = {"sigmas": np.array(sigmas), "step_size": share * sigmas[-1] ** 2} | known
            given["x_T"] = state(f"{key}/x_T", (1 if size > 2 else 2, size), unit=1 / 8, reach=32)
            given["z"] = _noise(key, steps * len(sigmas), given["x_T"])
            yield "annealed_langevin_path", f"{law}/{label}-share-{share:g}", f"{comment}; share {share:g}", given


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}
    for rows in (_steps(), _over_levels(), _predictor_corrector(), _processes(), _annealed()):
        for name, label, comment, given in rows:
            found.setdefault(name, []).append(Case(labelled("sde_solver", name, label), comment, given))
    return found
