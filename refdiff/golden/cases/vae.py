"""Cases of variational autoencoders."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, integers, labelled, single, state

__all__ = ["cases"]

_SHAPES = ((2, 3), (1, 1), (3, 4), (4, 2), (2, 2, 2))
# Label, units of mean and of log variance, their reach, comment.
_REGIMES = (
    ("ordinary", 1 / 16, 1 / 16, 40, "ordinary encoder: a lost half, a sign or a scale for a variance shows"),
    ("near-prior", 2.0**-10, 2.0**-10, 40, "near the prior: exp(log_variance) - 1 - log_variance as printed loses digits"),
    ("at-prior", 2.0**-20, 2.0**-24, 40, "almost the prior: float32 code that subtracts has no digit left"),
    ("narrow-and-wide", 1 / 4, 1 / 4, 40, "variances from exp(-10) to exp(10): narrow latents and wide ones"),
    ("far", 1.0, 1 / 32, 40, "means far out, variances near 1: the squares rule"),
)
_SIZES = ((1, 1), (2, 1), (3, 2), (2, 3), (4, 3))
_NOISES = (1.0, 0.25, 4.0, single(0.1), 2.5)


def _label(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _encoders() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for label, unit, log_unit, reach, comment in _REGIMES:
        for shape in _SHAPES:
            key = f"vae/{label}/{shape}"
            mean, log_variance = state(f"{key}/mean", shape, unit, reach), state(f"{key}/lv", shape, log_unit, reach)
            yield f"{label}/shape-{_label(shape)}", comment, {"mean": mean, "log_variance": log_variance}


def _pixels(key: str, shape: tuple[int, ...], ends: bool) -> np.ndarray:
    """Data in [0, 1]: both ends alone, or eighths."""
    found = integers(key, int(np.prod(shape)), 0, 1 if ends else 8)
    return np.array(found, dtype=np.float64).reshape(shape) / (1 if ends else 8)


def _decoders() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Logits for data that are all 0 or 1, and for data between."""
    regimes = (
        ("ordinary", 1 / 16, "ordinary logits"),
        ("sure", 1 / 2, "logits to 20 in size: 1 - sigmoid is 0 in float32, its log -inf"),
        ("unsure", 2.0**-10, "logits near 0: log 2 for each entry, whatever the data"),
    )
    for ends in (True, False):
        for label, unit, comment in regimes:
            for shape in _SHAPES:
                key = f"vae/bernoulli/{label}/{ends}/{shape}"
                data = _pixels(f"{key}/x_0", shape, ends)
                where = "binary" if ends else "between"
                what = "binary data" if ends else "data between 0 and 1"
                yield (
                    f"{where}/{label}/shape-{_label(shape)}",
                    f"{what}; {comment}",
                    {"x_0": data, "logits": state(f"{key}/logits", shape, unit)},
                )


def _linear() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for i, (noise, (d, k)) in enumerate((noise, size) for noise in _NOISES for size in _SIZES):
        key = f"vae/linear/{i}"
        given = {
            "x_0": state(f"{key}/x_0", (2, d)),
            "mean": state(f"{key}/mean", (2, k), unit=1 / 32),
            "log_variance": state(f"{key}/lv", (2, k), unit=1 / 16, reach=32),
            "matrix": state(f"{key}/matrix", (d, k), unit=1 / 8, reach=12),
            "offset": state(f"{key}/offset", (d,), unit=1 / 16, reach=16),
            "noise_variance": noise,
        }
        comment = "more data than latents" if d > k else "more latents than data" if k > d else "one latent, one entry"
        yield f"d-{d}-k-{k}/noise-{_NOISES.index(noise) + 1}", f"{comment}: a transpose or a lost noise variance shows", given


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("vae", name, label), comment, given))

    for label, comment, given in _encoders():
        add("vae_kl", label, comment, given)
        add("vae_kl_elementwise", label, comment, given)
        shape = given["mean"].shape
        add("reparameterised_sample", label, comment, given | {"eps": state(f"vae/eps/{label}", shape)})
        gap = state(f"vae/gap/{label}", shape, unit=1 / 4, reach=8)
        add("gaussian_reconstruction_nll", label, comment, given | {"x_0": gap})
    for shape in _SHAPES:
        key, told = f"vae/very-narrow/{shape}", f"very-narrow/shape-{_label(shape)}"
        # Within [-30, 20], to which latent diffusion clamps; tighter clamps show.
        given = {
            "mean": state(f"{key}/mean", shape, unit=1 / 16),
            "log_variance": state(f"{key}/lv", shape, unit=1 / 16, reach=32) - 17,
        }
        comment = "variances of exp(-19) to exp(-15), beneath the floors and clamps of libraries"
        for name, extra in (
            ("vae_kl", {}),
            ("vae_kl_elementwise", {}),
            ("reparameterised_sample", {"eps": state(f"{key}/eps", shape)}),
        ):
            add(name, told, comment, given | extra)
        wide = given | {"log_variance": state(f"{key}/lv", shape, unit=1 / 16, reach=32) + 17}
        for name in ("vae_kl", "vae_kl_elementwise"):
            add(name, f"very-wide/shape-{_label(shape)}", "variances of exp(15) to exp(19), above a clamp at 15", wide)
    for label, comment, given in _decoders():
        add("bernoulli_reconstruction_nll", label, comment, given)
    for i, weight in enumerate((1.0, 0.25, 4.0, 250.0, single(0.1), single(1e-3))):
        for size in (1, 2, 4, 7):
            given = {
                "reconstruction_nll": state(f"vae/nll/{i}/{size}", (size,), unit=8.0),
                "kl": np.abs(state(f"vae/kl/{i}/{size}", (size,), unit=1 / 2)),
                "kl_weight": weight,
            }
            comment = "weight 1: the bound itself" if weight == 1 else "the weight belongs to the KL term, not to the other"
            add("beta_vae_loss", f"weight-{i + 1}/batch-{size}", comment, given)
    for size in (2, 4):
        given = {
            "reconstruction_nll": state(f"vae/nll/little/{size}", (size,), unit=8.0),
            "kl": np.abs(state(f"vae/kl/little/{size}", (size,), unit=2.0**-10)),
            "kl_weight": 4.0,
        }
        add("beta_vae_loss", f"little-kl/batch-{size}", "a KL term near 0: one held above a floor (free bits) shows", given)
    for label, comment, given in _linear():
        for name, left_out in (
            ("linear_vae_elbo", ()),
            ("linear_vae_gap", ()),
            ("linear_vae_log_evidence", ("mean", "log_variance")),
        ):
            add(name, label, comment, {key: value for key, value in given.items() if key not in left_out})
    return found
