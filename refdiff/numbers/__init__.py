"""Number systems: one body, read in NumPy, any array API, sympy or Arb."""

from typing import Any

import numpy as np

from refdiff.numbers import floats
from refdiff.numbers.wide import Wide

__all__ = ["namespace"]


def _system(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.dtype == object:
        return _system(value.flat[0]) if value.size else "numpy"
    if isinstance(value, Wide):
        return "numpy"
    # The type of a sympy function of its own name has no module, but is itself of a type that has.
    return (type(value).__module__ or type(type(value)).__module__).partition(".")[0]


def namespace(*args: Any) -> Any:
    """The functions that suit these arguments.

    Args:
        args: numbers, arrays, sympy expressions, Arb balls, strays, or object arrays of the last three.

    Returns:
        A namespace with `exp`, `expm1`, `sum` and so on: strays if any argument is one, else balls, else symbols,
        else the array API of the arrays, else NumPy. Sub-packages load only when they are needed.
    """
    systems = {_system(arg) for arg in args}
    if "refdiff" in systems:
        from refdiff.numbers.strays import STRAYS

        return STRAYS
    if "flint" in systems:
        from refdiff.numbers.balls import BALLS

        return BALLS
    if "sympy" in systems:
        from refdiff.numbers.symbols import SYMBOLS

        return SYMBOLS
    if systems <= {"numpy", "builtins"}:
        return floats
    from refdiff.numbers.tensors import tensors

    return tensors(*args)
