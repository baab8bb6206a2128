"""A search for the worst arguments: at random at first, then from the worst ones found, one draw at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

__all__ = ["searched"]

_NEXT = 2.0**-53
# How many places are climbed from at once.
_POOL = 4
# The kinds of draw that can be moved a little; any other is drawn again, from a seed of its own.
_CONTINUOUS = ("random", "standard_normal")


class _Draw(NamedTuple):
    kind: str
    value: Any


class _Draws:
    """Stands in for a generator and remembers its draws: other draws give other arguments, in the domain like these."""

    def __init__(self, fresh: np.random.Generator, known: Sequence[_Draw] = ()) -> None:
        self._fresh, self._known = fresh, known
        self.drawn: list[_Draw] = []

    def _next(self, kind: str, size: Any = None) -> Any:
        place, shape = len(self.drawn), np.shape(np.empty(() if size is None else size))
        known = self._known[place] if place < len(self._known) else None
        # What came earlier may have changed what is drawn here.
        if known is None or known.kind != kind or np.shape(known.value) != shape:
            known = _Draw(kind, getattr(self._fresh, kind)(size) if kind in _CONTINUOUS else int(self._fresh.integers(2**62)))
        self.drawn.append(known)
        return known.value

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        # Neither end: a domain may be open there.
        return low + (high - low) * np.clip(self._next("random", size), _NEXT, 1 - _NEXT)

    def standard_normal(self, size: Any = None) -> Any:
        return self._next("standard_normal", size)

    def normal(self, loc: float = 0.0, scale: float = 1.0, size: Any = None) -> Any:
        return loc + scale * self.standard_normal(size)

    def __getattr__(self, method: str) -> Any:
        return getattr(np.random.default_rng(self._next(method)), method)


def _moved(draw: _Draw, rng: np.random.Generator) -> _Draw:
    """Another draw of the same kind: in one entry or in all, by a rounding or by much."""
    if draw.kind not in _CONTINUOUS:
        return _Draw(draw.kind, int(rng.integers(2**62)))
    shape, size = np.shape(draw.value), np.size(draw.value)
    step = 10 ** rng.uniform(-16, 0) * rng.standard_normal(shape)
    one = np.arange(size).reshape(shape) == rng.integers(max(size, 1))
    return _Draw(draw.kind, draw.value + (step if rng.integers(3) == 0 else np.where(one, step, 0)))


def _near(draws: Sequence[_Draw], rng: np.random.Generator) -> list[_Draw]:
    """The same draws but for one to three of them."""
    places = set(rng.integers(len(draws), size=int(rng.integers(1, 4))).tolist() if draws else ())
    return [_moved(draw, rng) if place in places else draw for place, draw in enumerate(draws)]


def searched(
    sample: Callable[[np.random.Generator], dict[str, Any]],
    badness: Callable[[dict[str, Any]], float],
    tries: int,
    rng: np.random.Generator,
) -> Iterator[tuple[float, dict[str, Any]]]:
    """Badness of each set of arguments, and the set: the first half at random, each later one near one of the worst until then.

    Args:
        sample: draws a set from a generator, by its methods alone.
        badness: what is to be large.
        tries: how many sets.
        rng: generator.
    """
    pool: list[tuple[float, list[_Draw]]] = []
    for count in range(tries):
        climbing = count >= tries - tries // 2
        # The worst of all as often as all the others.
        place = int(rng.integers(len(pool)) * rng.integers(2)) if climbing else len(pool)
        draws = _Draws(rng, _near(pool[place][1], rng) if climbing else ())
        given = sample(cast(np.random.Generator, draws))
        bad = badness(given)
        yield bad, given
        if not climbing or bad >= pool[place][0]:
            pool[place : place + 1] = [(bad, draws.drawn)]
            pool = sorted(pool, key=lambda entry: -entry[0])[:_POOL]
