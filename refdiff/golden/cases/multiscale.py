"""Cases of several resolutions."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

# Batch, coarse shape, pooling.
_SHAPES = (
    (1, (2, 2), 2, "an image, blocks of 2 by 2"),
    (2, (3,), 2, "signals with one axis"),
    (2, (2, 1), 2, "height and width unlike: swapped axes show"),
    (1, (2,), 3, "one axis, blocks of 3: not a power of two"),
    (2, (1, 1), 3, "a single block of 3 by 3"),
)
_SCALES = (
    (1.0, 0.5, 1.0, 0.25, "variance exploding: pooled noise is half as strong"),
    (0.75, 0.5, 0.5, 0.75, "the coarse state is noisier"),
    (0.5, 0.75, 0.875, 0.25, "the coarse state is cleaner"),
    (0.25, 1.0, 0.25, 0.5, "little signal at both"),
)
# alpha_s, sigma_s, alpha_t, sigma_t of the fine chain and of the coarse one.
_CHAINS = (
    ((1.0, 0.5, 1.0, 2.0), (1.0, 0.25, 1.0, 1.0), "variance exploding, the coarse one less noisy"),
    ((0.75, 0.25, 0.5, 0.5), (0.875, 0.125, 0.75, 0.25), "straight paths, the coarse one ahead"),
    ((0.8, 0.6, 0.6, 0.8), (0.96, 0.28, 0.8, 0.6), "variance preserved, the coarse one cleaner"),
    ((0.875, 0.0, 0.5, 0.75), (0.5, 0.75, 0.25, 0.875), "the fine one ends at s, the coarse one goes on"),
)
_SIDES = ((128, 64, 256), (256, 64, 128), (512, 32, 256), (96, 64, 128), (32, 64, 192))


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("multiscale", name, label), comment, given))

    for i in range(20):
        batch, coarse, pooling, comment = _SHAPES[i % 5]
        fine = (batch, *(size * pooling for size in coarse))
        key, label = f"multiscale/{i}", f"shape-{'x'.join(map(str, fine))}-pooling-{pooling}-v-{i // 5 + 1}"
        add("average_pool", label, comment, {"x": state(f"{key}/x", fine), "pooling": pooling})
        label = f"shape-{'x'.join(map(str, (batch, *coarse)))}-pooling-{pooling}-v-{i // 5 + 1}"
        add("nearest_upsample", label, comment, {"x": state(f"{key}/small", (batch, *coarse)), "pooling": pooling})
        _levels(add, i, key)
        _nested(add, i, key)
        _joint(add, i, key)
    return found


def _levels(add: Any, i: int, key: str) -> None:
    axes, pooling = 1 + i % 3, (2, 4, 3, 8)[i // 5]
    told = ("one axis: by the root of the factor", "an image: the scale falls by the factor", "a volume")
    comment = told[axes - 1]
    label = f"axes-{axes}-pooling-{pooling}-v-{i + 1}"
    sigmas = np.abs(state(f"{key}/sigma", (3,)))
    add("pooled_noise_scale", label, comment, {"sigma_t": sigmas, "pooling": pooling, "axes": axes})
    # Away from the gain itself, so that no sum is near 0.
    logsnr = state(f"{key}/logsnr", (3,), unit=1 / 4) * (1 if i % 2 else 2) + 0.125
    add("pooled_logsnr", label, comment, {"logsnr_t": logsnr, "pooling": pooling, "axes": axes})
    resolution, base, high = _SIDES[i % 5]
    given = {"logsnr_t": logsnr, "resolution": resolution, "resolution_base": base}
    comment = f"{resolution} from {base}: noisier by two logs" if resolution > base else f"{resolution} from {base}: cleaner"
    add("logsnr_shifted", f"from-{base}-to-{resolution}-v-{i // 5 + 1}", comment, given)
    time = (0.25, 0.75, 0.0, 1.0)[i // 5]
    comment = {0.0: "at the data: the high base alone", 1.0: "at the noise: the low base alone"}.get(time, "between the ends")
    given |= {"time": time, "resolution_high": high}
    add("logsnr_interpolated", f"from-{base}-and-{high}-to-{resolution}-time-{time:g}", comment, given)


def _nested(add: Any, i: int, key: str) -> None:
    batch, coarse, pooling, comment = _SHAPES[i % 5]
    fine = (batch, *(size * pooling for size in coarse))
    alpha_t, sigma_t, alpha_coarse, sigma_coarse, told = _SCALES[i // 5]
    label = f"shape-{'x'.join(map(str, fine))}-pooling-{pooling}-alpha-{alpha_t:g}"
    data = {"mean": state(f"{key}/mean", fine), "variance": state(f"{key}/variance", fine) ** 2}
    coarse_state = {"x_coarse": state(f"{key}/x_coarse", (batch, *coarse))}
    levels = {"pooling": pooling, "alpha_t": alpha_t, "sigma_t": single(sigma_t)}
    others = {"alpha_coarse": alpha_coarse, "sigma_coarse": sigma_coarse}
    spread = {"variance": data["variance"]}
    add("nested_posterior_mean", label, f"{comment}; {told}", coarse_state | data | levels | others)
    add("nested_posterior_variance", label, f"{comment}; {told}", spread | levels | others)
    signals = {"alpha_t": alpha_t, "alpha_coarse": alpha_coarse}
    add("nested_coarse_variance", label, f"{comment}; {told}", spread | {"pooling": pooling} | others)
    add("nested_cross_covariance", label, f"{comment}; {told}", spread | {"pooling": pooling} | signals)
    add("nested_cross_covariance_shared_noise", label, f"{comment}; the noise counts too", spread | levels)
    shared = f"{comment}; unlike variances: the gap is not shared evenly"
    add("nested_posterior_mean_shared_noise", label, shared, coarse_state | data | levels)
    add("nested_posterior_variance_shared_noise", label, shared, spread | levels)


def _joint(add: Any, i: int, key: str) -> None:
    batch, coarse, pooling, comment = _SHAPES[i % 5]
    fine = (batch, *(size * pooling for size in coarse))
    label = f"shape-{'x'.join(map(str, fine))}-pooling-{pooling}-v-{i // 5 + 1}"
    known = {"x_0": state(f"{key}/x_0", fine), "pooling": pooling}
    noises = {"eps": state(f"{key}/eps", fine), "eps_coarse": state(f"{key}/eps_coarse", (batch, *coarse)) + 1 / 32}
    alpha_t, sigma_t, alpha_coarse, sigma_coarse, told = _SCALES[i // 5]
    levels = {"alpha_t": alpha_t, "sigma_t": sigma_t, "alpha_coarse": alpha_coarse, "sigma_coarse": sigma_coarse}
    add("nested_joint_sample", label, f"{comment}; {told}", known | noises | levels)
    *chains, told = _CHAINS[i // 5]
    if i % 5 > 2:
        chains, told = chains[::-1], f"{told}, or reversed"
    names = (("alpha_s", "sigma_s", "alpha_t", "sigma_t"), ("alpha_coarse_s", "sigma_coarse_s", "alpha_coarse", "sigma_coarse"))
    levels = {key: single(value) for row, chain in zip(names, chains, strict=True) for key, value in zip(row, chain, strict=True)}
    states = {"x_t": state(f"{key}/x_t", fine), "x_coarse": state(f"{key}/joint/x_coarse", (batch, *coarse)) + 1 / 32}
    add("nested_joint_posterior_mean", label, f"{comment}; {told}", known | states | levels)
    # Every level once more on its own, a little apart.
    steeper = {
        name: single(value * (1 + (i % 5) / 16)) if "sigma" in name and name[-1] != "s" else value
        for name, value in levels.items()
    }
    add("nested_joint_posterior_variances", f"chains-{i + 1}", told, steeper)
