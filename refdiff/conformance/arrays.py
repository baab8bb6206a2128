"""Array libraries under test: how inputs get in and outputs get out."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from refdiff.golden.models import array_models, table
from refdiff.golden.vectors import Vector
from refdiff.reference.schedule import alpha_bar

__all__ = ["ARRAYS", "DTYPES", "UnavailableError", "inputs", "lifter", "output"]

ARRAYS = ("numpy", "torch", "jax", "cupy")
DTYPES = ("float64", "float32", "float16", "bfloat16")
# Tables, schedules and coefficients are kept in at least float32 by honest code; only states take the narrow dtypes.
_TABLES = {
    "betas",
    "alpha_bars",
    "alphas",
    "sigmas",
    "times",
    "alphas_down",
    "sigmas_down",
    "restart_sigmas",
    "covariance",
    "covariance_1",
    "covariance_2",
    "noise_covariance",
    "nats",
    "log_density",
}

Lift = Callable[[str, np.ndarray], Any]


class UnavailableError(Exception):
    """The asked array library, dtype or device is not there."""


def lifter(array: str, dtype: str, device: str) -> Lift:
    """Function that turns a named NumPy array into the asked library's array.

    Raises:
        UnavailableError: when the library is not installed, or lacks the dtype or device.
    """
    if array == "numpy":
        if dtype == "bfloat16" or device != "cpu":
            raise UnavailableError(f"NumPy has no {'bfloat16' if dtype == 'bfloat16' else device}; give --array torch")
        return lambda name, value: value.astype(_dtype(name, value, dtype))[()]
    try:
        if array == "torch":
            return _torch(dtype, device)
        if array == "jax":
            import jax

            jax.config.update("jax_enable_x64", True)
            return lambda name, value: jax.numpy.asarray(value, dtype=_dtype(name, value, dtype))
        if array == "cupy":
            import cupy

            return lambda name, value: cupy.asarray(value, dtype=_dtype(name, value, dtype))
    except ImportError as error:
        raise UnavailableError(f"--array {array} needs {error.name}, which is not installed; pip install {error.name}") from error
    raise UnavailableError(f"got --array {array}, wanted one of {', '.join(ARRAYS)}")


def _dtype(name: str, value: np.ndarray, dtype: str) -> str:
    if value.dtype.kind == "i":
        return "int64"
    return "float32" if (name in _TABLES or not value.ndim) and dtype in ("float16", "bfloat16") else dtype


def _torch(dtype: str, device: str) -> Lift:
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UnavailableError(f"torch cannot use device {device!r} here; give --device cpu") from error
    return lambda name, value: torch.asarray(value.copy(), dtype=getattr(torch, _dtype(name, value, dtype)), device=device)


def output(value: Any) -> np.ndarray:
    """What an implementation returned, as a NumPy array.

    Raises:
        TypeError: when it is not a number or an array of numbers.
    """
    if isinstance(value, (list, tuple)) and any(hasattr(one, "detach") or hasattr(one, "get") for one in value):
        value = [output(one) for one in value]
    elif hasattr(value, "detach"):
        try:
            value = value.detach().cpu()
            value = (value.double() if value.is_floating_point() else value).numpy()
        except RuntimeError as error:
            raise TypeError(f"returned a tensor that cannot be read: {(str(error).splitlines() or [''])[0]}") from error
    elif hasattr(value, "get") and type(value).__module__.startswith("cupy"):
        value = value.get()
    found = np.asarray(value)
    if found.dtype.kind not in "fiubc":
        found = np.asarray(value, dtype=np.float64) if isinstance(value, (list, tuple)) and value else found
    if found.dtype.kind not in "fiubc":
        what = f"an array of {found.dtype}" if found.ndim else type(value).__name__
        raise TypeError(f"returned {what}, wanted a number or an array of numbers")
    return found


def inputs(vector: Vector, lift: Lift) -> Mapping[str, Any]:
    """Every quantity of the case by name: integers as Python's, all else lifted, exact denoisers as callables."""
    found: dict[str, Any] = {}
    for name, value in {**vector.derived, **vector.given}.items():
        found[name] = value if isinstance(value, int) else lift(name, np.asarray(value))
    betas = table(vector.given)
    if betas is not None:
        with np.errstate(divide="ignore"):
            found |= {"betas": lift("betas", betas), "alpha_bars": lift("alpha_bars", alpha_bar(betas))}
    return found | array_models(vector.given, lift)
