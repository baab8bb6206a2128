"""Whether a changed body is noticed: by the docstring's form, and by the proofs of its subject."""

import importlib
import inspect
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from refdiff.catalogue import SUBJECTS, formula

from .mutations import Mutant, mutants
from .statements import contradicts, points, reading, refutes, stated

__all__ = ["altering", "equivalent", "failed_proof", "fails_its_statement", "planted", "proofs_of"]

PATIENCE = 20
# What else a sampler's run may ask for.
OPTIONS: dict[str, Any] = {
    "order": 3, "extrapolation": 1.75, "S_churn": 1.2, "S_min": 0.2, "S_max": 0.7, "S_noise": 1.1, "sigma_min": 0.05,
    "sigma_max": 8.0, "restart_sigmas": np.array([0.9, 0.5]), "restart_index": 1, "restarts": 2, "corrector_snr": 0.25,
    "step_size": 0.125, "beta_rate_min": 0.5, "beta_rate_max": 4.0,
}  # fmt: skip
# Times of the runs that changed bodies are tried on; PNDM's levels hold the middles of three steps.
GRIDS = ([6, 4, 1], [5], [6, 5, 4, 3, 2, 1])
LONGER = {"pndm_path": ([6, 5.5, 5, 4.5, 4, 3.5, 3, 2, 1],)}


class _StalledError(Exception):
    pass


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _StalledError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _path_states(body: Callable[..., Any], timesteps: Sequence[float]) -> Any:
    """A short float64 run of a sampler on fixed noise, with models that depend on state and level."""
    rng = np.random.default_rng(0)
    known = {
        "denoiser": lambda x_t, t: x_t / (1 + t) + 1,
        "v_model_conditional": lambda x_t, t: x_t / (1 + t) + 1,
        "v_model_unconditional": lambda x_t, t: x_t / (2 + t) - 1,
        "guidance_scale": 2.5,
        "denoiser_at_level": lambda x_t, alpha_t, sigma_t: x_t * alpha_t / (1 + sigma_t) + 1,
        "velocity_model": lambda x_t, time: x_t / (1 + time) - 1,
        "x_T": rng.standard_normal((2, 3)),
        "z": rng.standard_normal((2 * len(timesteps), 2, 3)),
        "eta": 0.5,
        "betas": np.linspace(0.05, 0.5, 6),
        "timesteps": timesteps,
        "T": 12,
        "n": len(timesteps),
        "steps_offset": 1,
        "beta_start": 0.05,
        "beta_end": 0.5,
        "latent_scale": 0.25,
        "times": np.array([*timesteps, 0]) / 7,
        "sde_times": np.array([*timesteps, 0.5]) / 7,
        "alphas": np.array([1 / (1 + t) for t in [*timesteps, 0]]),
        "sigmas": np.array([t / (2 + t) for t in [*timesteps, 0]]),
        "alphas_down": np.array([2 / (2 + t) for t in [*timesteps[1:], 0]]),
        "sigmas_down": np.array([t / (4 + 2 * t) for t in [*timesteps[1:], 0]]),
        **OPTIONS,
    }
    if body.__name__.startswith("annealed_langevin"):
        known["sigmas"] = known["sigmas"][:-1]  # each scale has its own steps: none may be 0
    with np.errstate(all="ignore"):
        return body(**{name: known[name] for name in inspect.signature(body).parameters})


def _alters_path(mutant: Mutant) -> bool:
    for timesteps in LONGER.get(mutant.name, GRIDS):
        expected = _path_states(formula(mutant.name).function, timesteps)
        try:
            found = _path_states(mutant.body, timesteps)
        except Exception:  # raising where the formula is defined is a change
            return True
        if found.shape != expected.shape or not np.allclose(found, expected, rtol=1e-9, atol=1e-12):
            return True
    return False


@cache
def _shipping(name: str, index: int) -> tuple[int, np.ndarray]:
    bits = stated(name, index)[0]
    return bits, reading(formula(name).function, points(name)[index], bits)


def _alters(mutant: Mutant) -> bool:
    """Whether the change gives other values somewhere in the domain: enclosures that do not meet."""
    if formula(mutant.name).whole_run:
        return _alters_path(mutant)
    return refutes(_shipping, mutant.body, mutant.name)


@cache
def altering(name: str) -> tuple[Mutant, ...]:
    """The changed bodies that give other values."""
    return tuple(mutant for mutant in mutants(name) if _alters(mutant))


def equivalent(name: str) -> tuple[Mutant, ...]:
    """The changed bodies that give the same values: another way to write the formula."""
    changed = altering(name)
    return tuple(mutant for mutant in mutants(name) if mutant not in changed)


def fails_its_statement(mutant: Mutant) -> bool:
    """Whether the docstring's form contradicts the changed body."""
    return not formula(mutant.name).whole_run and contradicts(mutant.body, mutant.name)


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The changed body in place of the shipping one, wherever the reference holds it."""
    shipping = formula(mutant.name).function
    modules = [importlib.import_module(f"refdiff.reference.{subject}") for subject in SUBJECTS]
    holders = [module for module in modules if vars(module).get(mutant.name) is shipping]
    for module in holders:
        setattr(module, mutant.name, mutant.body)
    try:
        yield
    finally:
        for module in holders:
            setattr(module, mutant.name, shipping)


def _cases(test: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Keyword arguments of each run that its `parametrize` marks ask for."""
    runs: list[dict[str, Any]] = [{}]
    for mark in getattr(test, "pytestmark", []):
        names, values = mark.args
        names = [part.strip() for part in names.split(",")] if isinstance(names, str) else list(names)
        rows = [dict(zip(names, value if len(names) > 1 else [value], strict=True)) for value in values]
        runs = [run | row for run in runs for row in rows]
    return iter(runs)


@cache
def proofs_of(name: str) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """The proofs of the formula's subject that speak of it, ready to be called."""
    module = importlib.import_module(f"{__package__}.test_{formula(name).subject}")
    found = []
    for title, test in vars(module).items():
        if not title.startswith("test_") or name not in inspect.getsource(test):
            continue
        for case in _cases(test):
            if case.get("name", name) in (name, name.removeprefix("betas_")):
                found.append((f"{title}{case or ''}", lambda test=test, case=case: test(**case)))
    return tuple(found)


def failed_proof(mutant: Mutant) -> str | None:
    """Title of the first proof that fails with the changed body in place; None if all hold."""
    with planted(mutant):
        for title, proof in proofs_of(mutant.name):
            try:
                with _time_limit(PATIENCE):
                    proof()
            except _StalledError:
                continue  # a proof that does not end has not failed
            except Exception:
                return title
    return None
