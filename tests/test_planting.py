"""Runs of which one step is mistaken: the step's known mistake is told, or one of the run's own that comes to the same."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from refdiff.catalogue import formulas
from refdiff.conformance.diagnose import diagnose
from refdiff.conformance.planting import planted, steps_of
from refdiff.golden.models import array_models
from refdiff.golden.vectors import Vector, Vectors
from refdiff.mistakes import mistakes_of
from refdiff.vocabulary import Quantities

VECTORS = Vectors()
# Stable Diffusion's run is one case of fifty steps, tried in its DDIM step alone.
PAIRS = [
    (run, step)
    for run in formulas()
    for step in steps_of(run)
    if mistakes_of(step) and (run != "stable_diffusion_path" or step == "ddim_step")
]
MOST = 3


def body_of(mistake: Callable[..., Any]) -> Callable[[Quantities], Any]:
    asked = inspect.signature(mistake).parameters
    return lambda known: mistake(**{name: known[name] for name in asked})


def outputs(run: str, step: str, mistake: Callable[..., Any]) -> list[tuple[Vector, np.ndarray]]:
    found = []
    for vector in VECTORS.of(run)[:MOST]:
        known = Quantities({**vector.derived, **vector.given, **array_models(vector.given, lambda _, value: value)})
        with np.errstate(all="ignore"):
            found.append((vector, vector.lined_up(np.asarray(planted(run, step, body_of(mistake), known)))))
    return found


def telling(vector: Vector, output: np.ndarray) -> bool:
    return not np.allclose(output, vector.value, rtol=1e-6, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize(("run", "step"), PAIRS, ids=[f"{run}-{step}" for run, step in PAIRS])
def test_mistake_of_a_step_is_told_of_the_run(run: str, step: str) -> None:
    for name, mistake in mistakes_of(step).items():
        try:
            made = outputs(run, step, mistake)
        except (KeyError, IndexError, ValueError, TypeError):
            continue  # This mistake asks for more than the run gives its step.
        failed = [one for one in made if telling(*one)]
        if failed:
            found = diagnose(failed, "float64")
            assert found is not None, name
            assert "__" in found.mistake, (name, found)
            return
    pytest.skip(f"no mistake of {step} shows in {run}")


def test_right_step_planted_changes_nothing() -> None:
    for run, step in (("dpmpp_2m_path", "dpmpp_2m_step"), ("heun_path", "edm_heun_step")):
        vector = VECTORS.of(run)[0]
        known = Quantities({**vector.derived, **vector.given, **array_models(vector.given, lambda _, value: value)})
        right = partial(body_of(formulas()[step].function))
        np.testing.assert_array_equal(
            planted(run, step, right, known),
            formulas()[run].function(**{name: known[name] for name in formulas()[run].arguments}),
        )


def test_only_runs_have_steps() -> None:
    assert steps_of("ddim_step") == ()
    assert steps_of("heun_path") == ("edm_euler_step", "edm_heun_step")
