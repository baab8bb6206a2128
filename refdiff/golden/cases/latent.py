"""Cases of diffusion in a latent space."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

_AUTOENCODERS = (
    ("sd", 0.18215, 0.0, "Stable Diffusion 1 and 2: scale alone"),
    ("sd3", 1.5305, 0.0609, "Stable Diffusion 3: the shift goes off before the scale"),
    ("flux", 0.3611, 0.1159, "Flux: the shift goes off before the scale"),
    ("sdxl", 0.13025, 0.0, "Stable Diffusion XL: scale alone"),
    ("large", 8.0, -2.5, "a scale above 1 and a negative shift"),
)
_SHAPES = ((2, 4), (1, 4, 2, 2), (3, 2, 2), (2, 3, 3))
_SIZES = ((1, 1), (2, 1), (3, 2), (2, 3), (4, 2))


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("latent", name, label), comment, given))

    for i in range(20):
        key = f"latent/{i}"
        model, scale, shift, comment = _AUTOENCODERS[i % 5]
        shape = _SHAPES[i // 5]
        label = f"{model}/shape-{'x'.join(map(str, shape))}"
        affine: dict[str, Any] = {"latent_shift": single(shift), "latent_scale": single(scale)}
        if i == 14:
            label, comment = f"channels/shape-{'x'.join(map(str, shape))}", "a shift and a scale for each channel, the last axis"
            affine = {"latent_shift": state(f"{key}/shift", shape[-1:]), "latent_scale": abs(state(f"{key}/scale", shape[-1:]))}
        add("scaled_latent", label, comment, {"latent": state(f"{key}/latent", shape)} | affine)
        add("unscaled_latent", label, comment, {"scaled": state(f"{key}/scaled", shape)} | affine)
        dimensions = (4, 4096, 16384, 65536)[i // 5]
        given = {"latent_scale": single(scale), "dimensions": dimensions}
        add("latent_scaling_log_determinant", f"{model}/d-{dimensions}", f"{comment.partition(':')[0]}'s density", given)
        add("encoder_entropy", f"v-{i + 1}", "variances on both sides of 1", {"variance": _variances(f"{key}/entropy", shape)})
        _autoencoder(add, i, key)
    return found


def _variances(key: str, shape: tuple[int, ...]) -> Any:
    return state(key, shape) ** 2 / 4


def _autoencoder(add: Any, i: int, key: str) -> None:
    pixels, size = _SIZES[i % 5]
    batch = 1 + i % 3
    mean, variance = state(f"{key}/mean", (batch, size), unit=1 / 16, reach=24), _variances(f"{key}/variance", (batch, size)) / 4
    label = f"m-{pixels}-d-{size}-v-{i // 5 + 1}"
    comment = "a linear decoder that mixes the latent's entries: their spread passes by its squares"
    given = {
        "x_0": state(f"{key}/x_0", (batch, pixels)),
        "mean": mean,
        "variance": variance,
        "matrix": state(f"{key}/matrix", (pixels, size), unit=1 / 8, reach=12),
        "offset": state(f"{key}/offset", (pixels,)),
        "decoder_variance": (0.5, 0.0625, 1.0, 2.0)[i // 5],
    }
    if i % 5 == 0:
        comment = "one dimension"
        # The encoder that Bayes' rule gives, with a map of 1: the bound is the log density.
        noise = given["decoder_variance"]
        given["matrix"] = np.ones((1, 1))
        if i == 10:
            given["variance"] = np.full((batch, 1), noise / (1 + noise))
            given["mean"] = (given["x_0"] - given["offset"]) / (1 + noise)
            comment = "the posterior for an encoder: the bound is tight"
    add("latent_reconstruction", label, comment, given)
    add("latent_bound", label, comment, given)
    _diffused(add, i, key, size, label, given)
    prior = {"mean_2": state(f"{key}/mean_2", (size,)), "variance_2": _variances(f"{key}/variance_2", (size,))}
    if i % 4 == 3:
        prior = {"mean_2": np.zeros(size), "variance_2": np.ones(size)}
    told = "a unit Gaussian prior" if i % 4 == 3 else "a prior with a mean and a scale: swapped roles show"
    add("latent_cross_entropy", label, told, {"mean_1": mean, "variance_1": variance} | prior)


_BETAS = ((0.5,), (0.25, 0.5), (0.125, 0.25, 0.5), (0.0625, 0.125, 0.5, 0.75))


def _diffused(add: Any, i: int, key: str, size: int, label: str, given: dict[str, Any]) -> None:
    """The same autoencoder with a short diffusion model for its prior."""
    steps = len(_BETAS[i // 5])
    model = {
        "slopes": state(f"{key}/slopes", (steps,), unit=1 / 32),
        "intercepts": state(f"{key}/intercepts", (steps,), unit=1 / 32),
        "latent_variance": (0.5, 1.0, 0.25, 2.0)[i % 4],
        "betas": np.array(_BETAS[i // 5]),
    }
    told = "one step" if steps == 1 else f"{steps} steps: an index one off, or a spread that is forgotten, shows"
    add("latent_bound_diffusion", f"{label}-T-{steps}", told, given | model)
