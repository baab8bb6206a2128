"""A case's truth by two roads, and how far honest code may stray from it in each dtype."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb

from refdiff.catalogue import Formula, formula
from refdiff.golden.models import ball_models, table
from refdiff.golden.runs import strayed
from refdiff.numbers.balls import ball, balls, precision
from refdiff.vocabulary import ROUTES, Quantities

__all__ = ["PRECISIONS", "TRUTH_BITS", "envelope", "envelopes", "exact", "read", "truth"]

# Significand bits; a schedule is honestly kept in at least float32 and cast once.
PRECISIONS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
TRUTH_BITS = 320
_DERIVATIVE_BITS = 640
_TABLE_BITS = 24
_PREDICTIONS = ("x_0", "eps", "v", "score")
_TABLE_QUANTITIES = (
    "alpha_bars", "beta_t", "alpha_bar_t", "alpha_bar_s", "alpha_bar_T", "log_alpha_bar_t", "log_alpha_bar_s",
    "log_alpha_bar_T", "alpha_t", "alpha_s", "sigma_t", "sigma_s", "snr_t", "snr_s", "logsnr_t", "logsnr_s",
)  # fmt: skip


def exact(given: Mapping[str, Any]) -> dict[str, Any]:
    """A case's inputs as exact balls; integers, times among them, stay integers."""
    return {name: _exact(value) for name, value in given.items()}


def _exact(value: Any) -> Any:
    if isinstance(value, int) or (isinstance(value, np.ndarray) and value.dtype.kind == "i"):
        return value
    return balls(np.asarray(value)) if isinstance(value, np.ndarray) else ball(value)


def read(asked: Formula, function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """One body with the formula's arguments, read with these quantities."""
    quantities = Quantities(given)
    return function(*(quantities[name] for name in asked.arguments))


def truth(asked: Formula, given: Mapping[str, Any]) -> Any:
    """Enclosure of the value that both the reference and the definition confirm.

    Raises:
        ArithmeticError: when the two roads disagree.
    """
    import importlib

    definition = getattr(importlib.import_module(f"refdiff.definitions.{asked.subject}"), asked.name)
    # Balls forget that one state is read twice: a long run loses bits at every step.
    for bits in (TRUTH_BITS, 4 * TRUTH_BITS):
        with precision(bits):
            start = exact(given)
            start |= ball_models(Quantities(start))
            first = np.asarray(read(asked, asked.function, start), dtype=object)
            second = np.asarray(read(asked, definition, start), dtype=object)
            if first.shape == second.shape and all(_agree(a, b) for a, b in zip(first.flat, second.flat, strict=True)):
                return first
        if not asked.whole_run:
            break
    raise ArithmeticError(f"{asked.name}: reference and definition disagree: {first} and {second}")


def _agree(a: Any, b: Any) -> bool:
    a, b = ball(a), ball(b)
    if not a.is_finite() or not b.is_finite():
        return str(a) == str(b)
    return bool(a.overlaps(b)) and float(b.rad()) <= 1e-18 * float(abs(a).upper()) + 1e-60


def _rounded(value: Any) -> Any:
    """The same value after one rounding at the current precision."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return np.array([entry if isinstance(entry, int) else +entry for entry in value.flat], dtype=object).reshape(value.shape)
    return +value if isinstance(value, arb) else value


def _starts(asked: Formula, given: Mapping[str, Any], bits: int) -> Iterator[dict[str, Any]]:
    """The places an honest implementation may start from: the given quantities, or ones that follow from them."""
    with precision(max(bits, _TABLE_BITS)):
        base = Quantities(exact(given))
        table = {name: base[name] for name in _TABLE_QUANTITIES if name in base and name not in given}
    with precision(bits):
        # Almost every input is exact in every dtype; released decimals such as the cosine schedule's 0.008 are rounded once.
        start = {name: _rounded(value) for name, value in (exact(given) | table).items()}
        yield start
        if asked.subject == "path":
            return
        for route in ROUTES:
            at = [f"{name}_{time}" for name in route for time in "st"]
            levels = {name: start[name] for name in at if name in start and name not in given}
            if levels and all(np.all([ball(entry).is_finite() for entry in np.ravel(level)]) for level in levels.values()):
                rest = {name: value for name, value in exact(given).items() if name not in ("betas", "t", "s")}
                if route[0] == "alpha" and "betas" in given:
                    # A table of signal scales of a variance-preserving process; its squares are the powers.
                    levels |= {f"alpha_bar_{key[6:]}": level * level for key, level in levels.items() if key[:6] == "alpha_"}
                yield rest | levels
        # Half-precision code is only judged on the predictions a case gives exactly.
        for hat in ("", "_hat") if bits >= _TABLE_BITS else ():
            known = [name + hat for name in _PREDICTIONS if name + hat in given]
            if "x_t" not in given or len(known) != 1:
                continue
            quantities = Quantities(start)
            for name in _PREDICTIONS:
                if name + hat not in given and name + hat in quantities:
                    rest = {key: value for key, value in start.items() if key != known[0]}
                    yield rest | {name + hat: _rounded(quantities[name + hat])}


def _textbook(asked: Formula, start: dict[str, Any]) -> Any:
    quantities = Quantities(start)
    if asked.statement:
        return asked.textbook(quantities)
    guided = "guidance_scale" in asked.arguments
    step = formula("ddim_step" if guided else asked.name.replace("_path", "_step"))
    denoiser = _guided(quantities) if guided else ball_models(quantities)["denoiser"]
    noises = [0 * start["x_T"] for _ in start["timesteps"]] if guided else start["z"]
    times = [*start["timesteps"], 0]
    states = [start["x_T"]]
    for i, (t, s) in enumerate(pairwise(times)):
        here = {"x_t": states[i], "x_0": denoiser(states[i], t), "z": noises[i], "t": int(t), "s": int(s)}
        here |= {"eta": 0} if guided else {}
        here |= {name: quantities[name] for name in ("betas", "alpha_bars", "eta") if name in quantities}
        states.append(step.textbook(Quantities(here)))
    return np.stack(states)


def _guided(quantities: Quantities) -> Callable[[Any, Any], Any]:
    """The data that two models' combined v implies, as the papers print it."""
    models = ball_models(quantities)

    def denoiser(x_t: Any, t: Any) -> Any:
        v, conditional = (models[f"v_model_{kind}"](x_t, t) for kind in ("unconditional", "conditional"))
        at = Quantities({"alpha_bars": quantities["alpha_bars"], "t": int(t)})
        return at["alpha_t"] * x_t - at["sigma_t"] * (v + quantities["guidance_scale"] * (conditional - v))

    return denoiser


def _body(asked: Formula, start: dict[str, Any]) -> Any:
    return read(asked, asked.function, start | ball_models(Quantities(start)))


def envelopes(asked: Formula, given: Mapping[str, Any], reference: Any) -> dict[str, np.ndarray]:
    """Envelope of every dtype: the largest distance to the truth of honest code, from any honest start.

    Args:
        asked: the formula.
        given: the case's inputs.
        reference: the truth, as `truth` returns it.

    Returns:
        Arrays of the truth's shape by dtype; one inf for all of a dtype where nothing can be said.
    """
    if not asked.whole_run or asked.subject == "path":
        return {dtype: envelope(asked, given, reference, dtype) for dtype in PRECISIONS}
    with precision(4 * TRUTH_BITS):
        units = strayed(asked, exact(given))
    # To first order: half precision is too coarse for that.
    unknown = np.asarray(np.inf)
    return {dtype: units * 2.0**-bits if bits >= _TABLE_BITS else unknown for dtype, bits in PRECISIONS.items()}


def envelope(asked: Formula, given: Mapping[str, Any], reference: Any, dtype: str) -> np.ndarray:
    """Largest distance to the truth of the printed or the accurate form in this dtype, from any honest start.

    Args:
        asked: the formula.
        given: the case's inputs.
        reference: the truth, as `truth` returns it.
        dtype: one of PRECISIONS.

    Returns:
        Shape of the truth; inf where nothing can be said.
    """
    bits = PRECISIONS[dtype]
    if asked.subject == "path" and "guidance_scale" in asked.arguments:
        return _carried(asked, given, reference, bits)
    reach = np.zeros(reference.shape)
    for index, start in enumerate(_starts(asked, given, bits)):
        for form in (_textbook, _body):
            try:
                with precision(bits):
                    strayed = np.asarray(form(asked, start), dtype=object)
            except KeyError:
                continue
            strayed = np.broadcast_to(strayed, reference.shape)
            with precision(64):
                distance = [_distance(a, b) for a, b in zip(strayed.flat, reference.flat, strict=True)]
            found = np.reshape(distance, reference.shape)
            # A detour that breaks down is no excuse; only the printed form from the inputs themselves is.
            direct = index == 0 and form is _textbook
            reach = np.maximum(reach, found if direct else np.where(np.isfinite(found), found, 0))
    return reach


def _carried(asked: Formula, given: Mapping[str, Any], reference: Any, bits: int) -> np.ndarray:
    """How far each step alone may stray, carried on by the derivatives of the exact steps.

    In balls a guided run widens many times at every step, for each use of one state; an honest one does not.
    """
    unscaled = "latent_scale" in asked.arguments
    # Stable Diffusion's run is a guided one on a table and grid of its own, short of the last step, which would go to data.
    run, states = formula("guided_ddim_path"), reference[:-1] if unscaled else reference
    grid = [*Quantities(given)["timesteps"], 1] if unscaled else given["timesteps"]
    (rounded,) = _starts(asked, given, bits)
    if unscaled:
        with precision(max(bits, _TABLE_BITS)):
            rounded |= {"betas": formula("betas_scaled_linear").textbook(Quantities(rounded))}
            rounded |= {"alpha_bars": Quantities(rounded)["alpha_bars"]}
    with precision(_DERIVATIVE_BITS):
        true, nudge = exact(given), arb(2) ** -(_DERIVATIVE_BITS // 2)
        true |= {"betas": table(true)}
    reach = np.zeros(states.shape)
    for i, state in enumerate(states[:-1]):
        times, batch = np.array(grid[i : i + 2]), len(state)
        for form in (_textbook, _body):
            with precision(bits):
                strayed = form(run, rounded | {"x_T": state, "timesteps": times})[1]
            with precision(64):
                local = [_distance(a, b) for a, b in zip(strayed.flat, states[i + 1].flat, strict=True)]
            reach[i + 1] = np.maximum(reach[i + 1], np.reshape(local, state.shape))
        with precision(_DERIVATIVE_BITS):
            middle = np.array([entry.mid() for entry in map(ball, state.flat)], dtype=object).reshape(state.shape)
            moved = np.repeat(middle[None], 1 + state.shape[1], axis=0)
            for k, copy in enumerate(moved[1:]):
                copy[:, k] += nudge
            start = true | {"x_T": moved.reshape(-1, state.shape[1]), "timesteps": times, "betas": true["betas"][: times[0]]}
            ahead = _body(run, start)[1].reshape(-1, batch, state.shape[1])
            slopes = [float(abs(gap).upper()) for gap in ((ahead[1:] - ahead[0]) / nudge).flat]
        with np.errstate(invalid="ignore"):
            grown = np.reshape(slopes, (-1, *state.shape)) * reach[i].T[:, :, None]
            reach[i + 1] = np.nan_to_num(reach[i + 1] + grown.sum(axis=0), nan=np.inf, posinf=np.inf)
    if not unscaled:
        return reach
    with precision(64):
        size = np.array([float(abs(ball(entry)).upper()) for entry in reference[-1].flat]).reshape(reach[-1:].shape)
    return np.concat([reach, reach[-1:] / given["latent_scale"] + size * 2.0 ** (1 - bits)])


def _distance(strayed: Any, true: Any) -> float:
    strayed, true = ball(strayed), ball(true)
    if not true.is_finite():
        return 0.0
    gap = float(abs(strayed - true).upper())
    return gap if np.isfinite(gap) else float("inf")
