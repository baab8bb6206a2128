"""The judge: is an output the truth, as far as honest code of its dtype can tell?

`|y - (value + low)| <= radius + 2*(ulp/2 + envelope)`, element by element. The envelope was derived, not chosen: it is how
far the printed form strays when each operation is rounded once. The factor 2 is for honest code that takes the same operations
in another order, as np.linspace does, and for libraries whose exp or log is off by one ulp where Arb's is not.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from refdiff.golden.vectors import Vector

__all__ = ["Judgement", "Verdict", "judge", "ulp"]

Floats = NDArray[np.float64]

# The next coarser arithmetic: an output that only its envelope can hold has the right formula and lost digits.
_COARSER = {"float64": "float32", "float32": "float16"}
_SIGNIFICAND = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
_LEAST_EXPONENT = {"float64": -1074, "float32": -149, "float16": -24, "bfloat16": -133}
_LARGEST = {
    "float64": 1.7976931348623157e308,
    "float32": 3.4028234663852886e38,
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
}
# A case whose envelope is more than this share of the value cannot tell right from wrong in that dtype.
_TELLING = 0.01


class Verdict(Enum):
    """What a user does next depends on which of these it is."""

    CONFORMANT = "conformant"
    IMPRECISE = "imprecise"
    WRONG = "wrong"
    NOT_JUDGED = "not judged"
    NOT_PROVIDED = "not provided"


@dataclass(frozen=True)
class Judgement:
    """Verdict on one case, with its worst element."""

    verdict: Verdict
    reason: str = ""
    judged: int = 0
    failed: int = 0
    worst: tuple[int, ...] = ()
    got: float = float("nan")
    wanted: float = float("nan")
    badness: float = 0.0
    ulps: float = 0.0
    digits: float = float("inf")


def ulp(x: Floats, dtype: str) -> Floats:
    """Distance between neighbouring numbers of this dtype at x."""
    _, exponent = np.frexp(np.where(np.isfinite(x), x, 0.0))
    return np.asarray(np.ldexp(1.0, np.maximum(exponent - _SIGNIFICAND[dtype], _LEAST_EXPONENT[dtype])))


def _misfit(vector: Vector, output: np.ndarray) -> str:
    """Why an output cannot be judged at all; empty when it can."""
    if output.dtype.kind == "c":
        return f"returned {output.dtype}, wanted real numbers; return the real part"
    if output.dtype.kind not in "fiub":
        return f"returned an array of {output.dtype}, wanted numbers"
    if output.shape != vector.value.shape and not (output.size == vector.value.size == 1):
        told = f"returned shape {output.shape}, wanted {vector.value.shape}"
        shared = min(output.size, vector.value.size)
        if output.ndim == vector.value.ndim == 1 and (output[:shared] == vector.value[:shared]).all():
            told += f"; the first {shared} entries are right"
        return told
    return ""


def _no_signal(vector: Vector) -> bool:
    power = vector.derived.get("alpha_bar_t", vector.given.get("alpha_t", 1.0))
    return bool(np.ndim(power) == 0 and power == 0)


def _speaking(value: Floats, dtype: str) -> Floats:
    """The largest error that leaves enough digits of the largest entry to speak for the formula: one, or three in float32.

    Chosen, not derived: it only parts imprecise from wrong, never either from conformant. Float16, to which float32's errors
    are compared, holds three digits.
    """
    largest = np.abs(np.where(np.isfinite(value), value, 0)).max(initial=0)
    return np.asarray(largest * (0.1 if dtype == "float64" else 0.001))


def _allowance(vector: Vector, dtype: str) -> Floats:
    half = ulp(vector.value.astype(np.float64), dtype) / 2
    return np.asarray(vector.expected["radius"] + 2 * (half + vector.expected[dtype]), dtype=np.float64)


def judge(vector: Vector, output: np.ndarray, dtype: str) -> Judgement:
    """Verdict on one output.

    Args:
        vector: the golden case.
        output: what the implementation returned, as a NumPy array.
        dtype: float64, float32, float16 or bfloat16: the arithmetic that was asked for.

    Returns:
        CONFORMANT, IMPRECISE or WRONG with the worst element; NOT_JUDGED where the case is too hard for the dtype.
    """
    if misfit := _misfit(vector, output):
        return Judgement(Verdict.WRONG, misfit)
    got = output.reshape(vector.value.shape).astype(np.float64)
    if vector.exact:
        return _judge_integers(vector, got)
    value, low = vector.value, vector.expected["low"]
    allowance, reach = _allowance(vector, dtype), vector.expected[dtype]
    finite = np.isfinite(value)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        gap = np.abs((got - value) - low)
        telling = np.where(finite, reach <= _TELLING * np.abs(value), True)
        if vector.formula.endswith("_path") and vector.states is None:
            telling[0] = False  # The start is handed over, not computed.
        same_class = np.where(finite, np.isfinite(got), (got == value) | (np.isnan(got) & np.isnan(value)))
        held = np.where(finite, gap <= allowance, same_class)
        overflow = finite & (np.abs(value) + np.where(np.isfinite(reach), reach, 0) >= _LARGEST[dtype])
    # Not a number where a number belongs is a fault even where the case is too hard to judge the digits, but not in half
    # precision, whose range honest intermediate values leave, nor where the printed form itself breaks down.
    broken = ~same_class & np.isfinite(reach) & (dtype in _COARSER)
    if dtype == "float16":
        overflow |= finite & ~np.isfinite(got)
    failed = np.where(telling, ~held, broken) & ~overflow
    judged = int((telling & ~overflow).sum())
    if not failed.any():
        return Judgement(Verdict.CONFORMANT if judged else Verdict.NOT_JUDGED, judged=judged)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        badness = np.where(failed, np.where(np.isfinite(gap), gap / allowance, np.inf), -1.0)
    worst = tuple(int(i) for i in np.unravel_index(int(np.argmax(badness)), badness.shape))
    verdict, reason = Verdict.WRONG, ""
    if not np.isfinite(got[failed]).all():
        kinds = "nan" if np.isnan(got[failed]).any() else "inf"
        reason = f"returned {kinds} where the value is {'finite' if finite[failed].any() else value[worst]}"
        if _no_signal(vector) and not np.isfinite(got).any():
            # Forms that divide by alpha_t are right wherever there is signal.
            verdict, reason = Verdict.IMPRECISE, f"{reason}, and there is no signal at t: alpha_t is 0"
    elif coarser := _COARSER.get(dtype):
        room = np.minimum(_allowance(vector, coarser), _speaking(value, dtype))
        if (gap <= room)[failed].all():
            verdict, reason = Verdict.IMPRECISE, f"no more precise than honest {coarser} code"
    error = float(gap[worst])
    relative = error / abs(float(value[worst])) if value[worst] else float("inf")
    return Judgement(
        verdict, reason, judged, int(failed.sum()), worst, float(got[worst]), float(value[worst]), float(badness[worst]),
        error / float(ulp(value, dtype)[worst]), -float(np.log10(relative)) if relative > 0 else float("inf"),
    )  # fmt: skip


def _judge_integers(vector: Vector, got: Floats) -> Judgement:
    wrong = got != vector.value
    if not wrong.any():
        return Judgement(Verdict.CONFORMANT, judged=got.size)
    worst = tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
    return Judgement(
        Verdict.WRONG, "integers differ", got.size, int(wrong.sum()), worst, float(got[worst]), float(vector.value[worst]),
        float("inf"), float("inf"), 0.0,
    )  # fmt: skip
