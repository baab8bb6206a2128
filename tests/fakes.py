"""Fakes that the judge is tried on: implementations that answer whatever a test says."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from refdiff.conformance.adapter import Adapter
from refdiff.conformance.arrays import lifter
from refdiff.conformance.check import Outcome, Settings, outcome
from refdiff.conformance.judge import Judgement, judge
from refdiff.golden.vectors import Vector, Vectors

__all__ = ["MATRIX", "SCALAR", "STATE", "TIMES", "judgements", "truth", "vector", "vectors", "verdict_on"]


@cache
def vectors() -> Vectors:
    return Vectors()


def vector(identifier: str) -> Vector:
    found = [one for one in vectors().of(identifier.partition(".")[2].partition("/")[0]) if one.id == identifier]
    assert found, f"the vectors have lost {identifier}"
    return found[0]


SCALAR = "posterior.posterior_variance/linear-10/s-4-t-5@1"
STATE = "step.ddim_step/linear-1000/s-480-t-500/x_0-eta-0.25@1"
MATRIX = "gaussian.gaussian_conditional_covariance/d-3-v-1@1"
TIMES = "schedule.timesteps_leading/T-1000-n-10@1"


def verdict_on(one: Vector, answer: Any, dtype: str = "float64", array: str = "numpy", seconds: float = 5.0) -> Outcome:
    """What the suite says of an implementation that answers this; a function is called, anything else returned."""
    function = answer if callable(answer) else lambda: answer
    adapter = Adapter("fake", {one.formula: function}, {one.formula: ()}, array)
    return outcome(adapter, one, lifter(array, dtype, "cpu"), Settings(array, dtype, seconds=seconds))


def truth(one: Vector) -> np.ndarray:
    return one.value if one.exact else one.value + one.expected["low"]


def judgements(answer: Callable[[Vector], np.ndarray], dtype: str) -> list[tuple[str, Judgement]]:
    return [(one.id, judge(one, answer(one), dtype)) for one in vectors()]
