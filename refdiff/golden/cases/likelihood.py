"""Cases of likelihood along the probability flow."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, integers, labelled, single, state, times

__all__ = ["cases"]

_GAUSSIAN = (
    "probability_flow_latent", "probability_flow_log_likelihood", "probability_flow_prior_mismatch", "reverse_sde_log_likelihood",
    "elbo_gaussian_data",
)  # fmt: skip
# Where the prior stands beside the schedules' times: early enough that it is not the law of x_t.
_SCALES = (
    (1.0, 4.0, "variance exploding: alpha_t is 1, and the prior far too narrow"),
    (1.0, 0.25, "variance exploding, stopped early"),
    (0.5, 0.5, "flow matching, half way"),
    (0.25, 0.75, "flow matching, late"),
)
_KINDS = (
    "no structure: only the trace counts, only the symmetric part varies",
    "symmetric",
    "skew beside a constant diagonal: rotation does not change a density",
    "nearly diagonal: signs for a probe hardly vary",
    "one triangle: the other half is 0",
)
_BINS = (
    (1 / 256, "256 bins on [0, 1]: 8 bits"),
    (1 / 128, "256 bins on [-1, 1]: 7 bits"),
    (1.0, "data 0..255 as they are: no offset"),
    (single(1 / 255), "bins of 1/255: data divided by 255 and not dequantised"),
    (1 / 32, "5-bit data on [0, 1]"),
)


def _jacobian(key: str, batch: int, size: int, kind: int) -> np.ndarray:
    found = state(key, (batch, size, size), unit=1 / 8, reach=24)
    if kind == 1:
        found = found + found.mT
    elif kind == 2:
        found = (found - found.mT) / 2 + np.eye(size) * found[:, :1, :1]
    elif kind == 3:
        found = np.where(np.eye(size) == 1, found, found / 64)
    elif kind == 4:
        found = np.where(np.tri(size) == 1, found, 0)
    return np.asarray(found)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("likelihood", name, label), comment, given))

    for i in range(20):
        kind, size, batch = i % 5, 2 + i % 3, 1 + i % 4
        key, label = f"likelihood/{i}", f"kind-{i % 5 + 1}-d-{size}-batch-{batch}-v-{i // 5 + 1}"
        jacobian = _jacobian(f"{key}/jacobian", batch, size, kind)
        for name in ("exact_divergence", "log_density_rate", "hutchinson_variance_gaussian", "hutchinson_variance_rademacher"):
            add(name, label, _KINDS[kind], {"jacobian": jacobian})
        signs = np.array(integers(f"{key}/signs", batch * size, 0, 1)).reshape(batch, size) * 2.0 - 1
        probe = signs if i % 2 else state(f"{key}/probe", (batch, size))
        comment = f"{'signs' if i % 2 else 'Gaussian-sized'} for a probe; {_KINDS[kind]}"
        add("hutchinson_divergence", label, comment, {"probe": probe, "jacobian": jacobian})
        _rates(add, i, key)
        _discrete(add, i, key)
    for i, (label, comment, given) in enumerate([*times(), *_levels()]):
        data = {"mean": state(f"likelihood/mean/{i}", (3,)), "variance": state(f"likelihood/variance/{i}", (3,)) ** 2}
        data["x_0"] = data["mean"] + state(f"likelihood/x_0/{i}", (2, 3), reach=24)
        for name in _GAUSSIAN:
            add(name, label, comment, given | data)
    return found


def _levels() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (f"alpha-{alpha_t:g}-sigma-{sigma_t:g}", comment, {"alpha_t": alpha_t, "sigma_t": sigma_t})
        for alpha_t, sigma_t, comment in _SCALES
    ]


def _rates(add: Any, i: int, key: str) -> None:
    batch = 1 + i % 4
    dimensions = (2, 3, 64, 784, 3072)[i % 5]
    each = i % 2 == 1
    drift, diffusion = (state(f"{key}/{name}", (batch,), unit=1 / 16, reach=30) for name in ("drift", "diffusion"))
    given = {
        "score_divergence": state(f"{key}/score_divergence", (batch,)) * dimensions,
        "drift_rate": -np.abs(drift) if each else -float(abs(drift[0])),
        "diffusion": np.abs(diffusion) if each else float(abs(diffusion[0])),
        "dimensions": dimensions,
    }
    comment = "one time for each sample" if each else "one time: the drift counts once for each dimension"
    if i % 5 == 4:
        given["drift_rate"], comment = 0.0, "variance exploding: no drift"
    add("probability_flow_divergence", f"d-{dimensions}-v-{i // 5 + 1}", comment, given)
    shape = ((batch, 3), (batch, 2, 2), (batch, 5), (batch, 1))[i // 5]
    scores = {name: state(f"{key}/{name}", shape) for name in ("score", "score_hat")}
    comment = "one time for each sample" if each else "sum over a sample, not its mean; the weight is g squared"
    label = f"shape-{'x'.join(map(str, shape))}-v-{i + 1}"
    add("likelihood_weighted_loss", label, comment, scores | {"diffusion": given["diffusion"]})


def _single(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32).astype(np.float64)


def _discrete(add: Any, i: int, key: str) -> None:
    batch, size = 1 + i % 3, 1 + i % 4
    width, comment = _BINS[i % 5]
    dimensions = (3072, 784, 64, 12288)[i // 5]
    nats = state(f"{key}/log_density", (batch,), unit=1 / 8) * dimensions
    label = f"bins-{i % 5 + 1}-d-{dimensions}"
    add("dequantised_bits_per_dimension", label, comment, {"log_density": nats, "dimensions": dimensions, "bin_width": width})
    levels = np.array(integers(f"{key}/levels", batch * size, 0, 127)).reshape(batch, size)
    # Centres that bfloat16 holds, whatever the width.
    x_0 = (levels + 0.5) * (1 / 256 if i % 5 == 3 else width)
    given = {
        "x_0": x_0,
        "mean": _single(x_0 + state(f"{key}/mean", (batch, size), unit=1 / 8, reach=16) * width),
        "variance": _single(np.abs(state(f"{key}/variance", (size,), unit=1 / 16)) * width**2),
        "bin_width": width,
    }
    told = f"{comment}; a scale near the bin's width, where its spread counts"
    add("uniform_dequantisation_bound", f"bins-{i % 5 + 1}-v-{i // 5 + 1}", told, given)
    margin = (single(0.05), single(1e-6), 0.25, single(0.01))[i % 4]
    given = {"x_0": (levels + 0.5) / 128, "margin": margin}
    label = f"margin-{margin:.2g}-v-{i // 4 + 1}"
    add("logit_log_determinant", label, "dequantised 7-bit data at the centres of their bins", given)
