"""From balls to certified floats: a correctly rounded value, the remainder, and a bound on what is left."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from flint import arb
from numpy.typing import NDArray

__all__ = ["Certified", "certified"]

Floats = NDArray[np.float64]


class Certified(NamedTuple):
    """truth lies within `radius` of `value + low`, and `value` is the float64 nearest to it."""

    value: Floats
    low: Floats
    radius: Floats


def certified(enclosures: Iterable[arb]) -> Certified:
    """Correctly rounded values of these balls, flat.

    Args:
        enclosures: balls, each narrower than the distance of its midpoint to a rounding boundary.

    Returns:
        One entry for each ball. Infinite and nan balls give that value with low and radius 0.

    Raises:
        ValueError: when a ball is too wide to tell which float64 is nearest.
    """
    items = list(enclosures)
    value = np.array(items, dtype=np.float64)
    if np.isfinite(value).all():
        low = np.array([item - nearest for item, nearest in zip(items, value.tolist(), strict=True)], dtype=np.float64)
        radius = np.array([item.rad() for item in items], dtype=np.float64)
    else:
        finite = [
            (item, nearest) if np.isfinite(nearest) else (arb(0), 0.0)
            for item, nearest in zip(items, value.tolist(), strict=True)
        ]
        low = np.array([float(item - nearest) for item, nearest in finite])
        radius = np.array([float(item.rad()) for item, _ in finite])
    # Half the gap to the nearer neighbour: below a power of two the gap is half as wide.
    with np.errstate(invalid="ignore"):
        magnitude = np.abs(value)
        half_gap = np.minimum(np.nextafter(magnitude, np.inf) - magnitude, magnitude - np.nextafter(magnitude, 0)) / 2
    half_gap[magnitude == 0] = 0
    width = np.abs(low) + radius * (1 + 2.0**-20)
    wide = np.isfinite(value) & (width > half_gap) & (width > 0)
    # Exactly half-way or just past a power of two is fine as long as the ball is a point.
    wide &= (radius > 0) | (np.abs(low) > 2 * half_gap)
    if wide.any():
        index = int(np.argmax(wide))
        raise ValueError(f"ball {index}, {items[index]}, is too wide to round to float64; raise the working precision")
    return Certified(value, low, radius + np.abs(low) * 2.0**-52)
