"""The contract: every quantity's name, meaning and range, and how it follows from the others."""

from collections.abc import Iterator, Mapping
from typing import Any

from refdiff.vocabulary.names import QUANTITIES, Quantity
from refdiff.vocabulary.rules import ROUTES, RULES

__all__ = ["QUANTITIES", "ROUTES", "Quantities", "Quantity"]


class Quantities(Mapping[str, Any]):
    """Given quantities and all that follows from them, each derived when first asked for.

    Raises:
        KeyError: for a name that neither is given nor follows.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._values = dict(given)
        self._open: set[str] = set()
        # Scales given on their own need not preserve variance, so they have no signal power to derive.
        known = {"betas", "alpha_bars", "alpha_bar_t", "log_alpha_bar_t", "logsnr_t", "sigma_over_alpha_t"}
        self._preserving = "alpha_t" not in given or bool(known & set(given))

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            if name in self._open:
                raise KeyError(name)
            self._open.add(name)
            try:
                self._values[name] = self._derive(name)
            finally:
                self._open.discard(name)
        return self._values[name]

    def _derive(self, name: str) -> Any:
        if "alpha_bar" in name and not self._preserving:
            raise KeyError(name)
        for asked, function in RULES.get(name, ()):
            try:
                values = [self[other] for other in asked]
            except KeyError:
                continue
            return function(*values)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        try:
            self[str(name)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return (name for name in QUANTITIES if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
