"""Cases of the variational bound, the simple loss and the weights."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, pairs, schedules, single, state, times

__all__ = ["cases"]

_SHAPES = ((2, 3), (1, 1), (3, 1, 2), (4, 2), (2, 2, 2))
_BATCH = (
    ("linear-1000", (1, 250, 800), (2, 251, 1000)),
    ("cosine-50", (7, 14, 42), (14, 21, 49)),
    ("linear-10", (1, 4, 2), (10, 5, 9)),
)


def _pixels(key: str, shape: tuple[int, ...]) -> np.ndarray:
    """8-bit values on [-1, 1], both end bins among them, rounded to float32."""
    level = (state(key, shape, unit=1.0, reach=127) + 127).round().clip(0, 255)
    level.flat[0], level.flat[-1] = 0, 255
    return ((2 * level - 255) / 255).astype(np.float32).astype(np.float64)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("loss", name, label), comment, given))

    for i, (label, comment, given) in enumerate(pairs(from_data=False, to_no_signal=False)):
        shape = _SHAPES[i % 5]
        states = {"x_0": state(f"loss/x_0/{i}", shape), "x_0_hat": state(f"loss/x_0_hat/{i}", shape)}
        for name in ("denoising_kl", "denoising_kl_gradient"):
            add(name, label, comment, given | states)
        add("simple_loss_weight", label, comment, given)
    for i, (name, s, t) in enumerate(_BATCH):
        given = {"betas": schedules()[name], "s": np.array(s), "t": np.array(t)}
        states = {"x_0": state(f"loss/batch/x_0/{i}", (3, 2, 2)), "x_0_hat": state(f"loss/batch/x_0_hat/{i}", (3, 2, 2))}
        what = "a time for each sample: weights broadcast against the wrong axis show"
        add("denoising_kl", f"batch/{name}", what, given | states)
    for i in range(20):
        shape = ((2, 3), (3, 1), (4, 2, 2), (1, 8), (3, 3))[i % 5]
        key = f"loss/simple/{i}"
        unit = (1 / 16, 1 / 4, 1 / 64, 1.0)[i // 5]
        states = {"eps": state(f"{key}/eps", shape, unit), "eps_hat": state(f"{key}/eps_hat", shape, unit)}
        for name in ("simple_loss", "simple_loss_gradient"):
            add(
                name,
                f"shape-{'x'.join(map(str, shape))}-v-{i // 5 + 1}",
                "unequal errors: a mean over the batch or a sum shows",
                states,
            )
        name = ("linear-1000", "cosine-50", "linear-10", "scaled-linear-1000")[i % 4]
        x_0 = state(f"{key}/x_0", shape, unit)
        what = "data of unequal size: the constant part of each dimension shows"
        add("prior_kl", f"{name}/v-{i // 4 + 1}", what, {"betas": schedules()[name], "x_0": x_0})
        log_scale = -(i % 6) - (i % 3) / 4
        pixels = _pixels(f"{key}/pixels", (2, 3))
        mean = np.float64(
            np.float32(pixels + np.exp2(np.round(log_scale * 1.5)) * state(f"{key}/mean", (2, 3), unit=1 / 16, reach=32))
        )
        what = "end bins reach to infinity, inner bins do not; log scale is not log variance"
        add(
            "decoder_log_likelihood",
            f"log-scale-{-log_scale:g}-v-{i + 1}",
            what,
            {"x_0": pixels, "mean": mean, "log_scale": log_scale},
        )
        nats = state(f"{key}/nats", (3,), unit=32.0) ** 2
        what = "nats of a whole sample, not of one dimension, and bits, not nats"
        add("bits_per_dimension", f"v-{i + 1}", what, {"nats": nats, "dimensions": (1, 64, 784, 3072, 12288)[i % 5]})
    for i, (label, comment, given) in enumerate(times()):
        gamma = (5.0, 1.0, 2.5)[i % 3]
        for kind in ("x_0", "eps", "v"):
            add(f"snr_weight_{kind}", label, comment, given)
            add(f"min_snr_weight_{kind}", label, "both sides of the cap: max for min shows", given | {"gamma": gamma})
        add("snr_weight_score", label, comment, given)
        add("min_snr_weight_score", label, "both sides of the cap: max for min shows", given | {"gamma": gamma})
    for i in range(20):
        level = (i + 1) / 32 + 0.125
        given = {"alpha_t": 1 - level, "sigma_t": level, "alpha_dot_t": -1.0, "sigma_dot_t": 1.0}
        if i % 4 == 3:
            given = {"alpha_t": 1.0, "sigma_t": single(level * 4), "alpha_dot_t": 0.0, "sigma_dot_t": 2.0}
        label = f"{'ve' if i % 4 == 3 else 'flow'}/v-{i + 1}"
        add("snr_weight_velocity", label, "velocity of a straight path or of exploding variance", given)
        add("min_snr_weight_velocity", label, "both sides of the cap", given | {"gamma": (5.0, 1.0, 0.25)[i % 3]})
    return found
