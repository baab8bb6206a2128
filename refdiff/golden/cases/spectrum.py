"""Cases of stationary data."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, single, state

__all__ = ["cases"]

# Signal and noise scale, and what the pair hunts.
_LEVELS = (
    (1.0, 0.015625, "EDM early: the noise hardly shows"),
    (1.0, 0.25, "EDM, a quarter"),
    (1.0, 1.0, "signal and noise alike: powers of the scales do not show"),
    (1.0, 4.0, "EDM, strong noise"),
    (1.0, 64.0, "EDM late: hardly any signal"),
    (0.75, 0.25, "rectified flow, early"),
    (0.5, 0.5, "rectified flow, middle"),
    (0.25, 0.75, "rectified flow, late"),
    (0.8, 0.6, "variance preserved"),
    (0.6, 0.8, "variance preserved, later"),
    (0.96, 0.28, "variance preserved, early"),
    (0.28, 0.96, "variance preserved, late"),
    (0.9990234375, 0.03125, "next to the data"),
    (0.03125, 0.9990234375, "next to the noise"),
    (2.0, 0.5, "a signal scale above 1"),
    (0.5, 2.0, "both scales off 1"),
    (0.375, 1.25, "the ordinary case"),
    (0.0, 1.0, "no signal: the answer is the mean"),
    (3.0, 5.0, "large scales"),
    (0.125, 0.0625, "small scales"),
    (1.5, 0.75, "a signal scale above 1, again"),
    (0.7, 0.3, "neither preserved nor unit signal"),
)
_SIZES = (4, 5, 8, 1, 3, 2, 6, 7)
# Exponent, power at frequency 1: photographs, blue noise, and white but for a slope.
_SPECTRA = ((2.0, 1.0), (2.0, 64.0), (1.0, 4.0), (3.0, 0.5), (1.5, 2.0), (-1.0, 0.25), (-2.0, 2.0), (0.5, 1.5), (2.5, 10.0))
_FREQUENCIES = (0.25, 0.5, 1.0, 2.0, 3.0, 8.0, 16.0, 100.0, 1000.0)


def _powers(key: str, size: int) -> np.ndarray:
    """Unequal powers, mirrored as those of a real signal are; one silent frequency where there are many."""
    half = state(f"spectrum/power/{key}", (size // 2 + 1,), reach=24) ** 2
    if size > 5:
        half[2] = 0.0
    index = np.arange(size)
    return np.asarray(half[np.minimum(index, size - index)])


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("spectrum", name, label), comment, given))

    for i, (alpha, sigma, comment) in enumerate(_LEVELS):
        levels, size, label = (
            {"alpha_t": single(alpha), "sigma_t": single(sigma)},
            _SIZES[i % 8],
            f"alpha-{alpha:g}-sigma-{sigma:g}",
        )
        power, states = _powers(label, size), state(f"spectrum/x_t/{label}", (1 + i % 3, size))
        told = f"{comment}; {size} samples"
        for name in ("noised_power", "frequency_snr", "wiener_gain", "frequency_posterior_variance"):
            add(name, label, comment, levels | {"power": power})
        add("loss_floor_stationary", label, told, levels | {"power": power})
        # A mean of equal entries, as stationary data have.
        mean = np.full(size, state(f"spectrum/mean/{label}", (1,), reach=24)[0])
        for name in ("denoiser_stationary", "score_stationary"):
            add(name, label, told, levels | {"power": power, "mean": mean, "x_t": states})
        kind = "odd: no frequency of its own mirror but 0" if size % 2 else "even: the last frequency is its own mirror"
        add(
            "stationary_covariance",
            f"{i}/size-{size}",
            f"{size} samples, {kind}",
            {"power": _powers(f"covariance/{i}", size) + 1},
        )
        exponent, power_at_one = _SPECTRA[i % 9]
        line = {"power_at_one": single(power_at_one), "spectral_exponent": exponent}
        slope = "falling" if exponent > 0 else "rising: detail goes last"
        frequency = _FREQUENCIES[(i * 4 + i // 9) % 9]
        told = f"{slope} spectrum, exponent {exponent:g}"
        add("power_law_spectrum", f"{i}/exponent-{exponent:g}-at-{frequency:g}", told, line | {"frequency": frequency})
        if alpha:
            add("cutoff_frequency", f"{label}/exponent-{exponent:g}", f"{told}; {comment}", line | levels)
    return found
