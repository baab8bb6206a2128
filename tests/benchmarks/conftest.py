"""Gathers each benchmark's figure and prints them as one table that fits a terminal."""

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest

FIGURES = pytest.StashKey[list[tuple[str, str, str]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []
    # The plugin's own table is wider than a terminal; --benchmark-json still holds all of it.
    config.option.benchmark_quiet = True


@pytest.fixture
def tell(benchmark: Any, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Records a figure beside the benchmark's times: what it is, its value and unit, and what it should be."""

    def told(what: str, value: float, unit: str, target: str = "") -> None:
        benchmark.extra_info[what] = {"value": value, "unit": unit, "target": target}
        request.config.stash[FIGURES].append((what, f"{value:,.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}", target))

    return told


def alternating(*functions: Callable[[], Any], rounds: int, clock: Callable[[], float] = time.process_time) -> list[float]:
    """Best time of each function, taken in turns so that a busy machine slows all of them alike."""
    best = [float("inf")] * len(functions)
    gc.disable()
    try:
        for _ in range(rounds):
            for index, function in enumerate(functions):
                start = clock()
                function()
                best[index] = min(best[index], clock() - start)
    finally:
        gc.enable()
    return best


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    figures = config.stash[FIGURES]
    if not figures:
        return
    terminalreporter.section("speeds")
    for what, value, target in figures:
        terminalreporter.write_line(f"{what:<44}{value:>22}  {target}".rstrip())
