"""The formulas by name, and what their docstrings state: the paper's form, the certified error, the source."""

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any

import numpy as np

from refdiff.numbers import namespace

__all__ = ["SUBJECTS", "Formula", "evaluate", "formula", "formulas"]

SUBJECTS = (
    "gaussian", "schedule", "forward", "posterior", "conversion", "loss", "step", "denoiser", "path", "vae", "elbo", "score",
    "sde", "dirac", "mixture", "edm", "ddim", "flow", "guidance", "likelihood", "adversarial", "latent", "multiscale",
    "projection", "spectrum",
)  # fmt: skip


class Formula:
    """One formula: its body and the statements of its docstring."""

    def __init__(self, subject: str, function: Callable[..., Any]) -> None:
        self.subject, self.function = subject, function
        self.name: str = function.__name__
        self.arguments = tuple(inspect.signature(function).parameters)

    @cached_property
    def document(self) -> str:
        return inspect.getdoc(self.function) or ""

    @property
    def summary(self) -> str:
        return self.document.partition("\n")[0]

    def section(self, title: str) -> str:
        """Text of one docstring section, unindented; empty where there is none."""
        found = re.search(rf"^{title}:\n((?:    .*\n?|\n)+)", self.document, re.MULTILINE)
        return inspect.cleandoc("    " + found[1].strip()) if found else ""

    @property
    def statement(self) -> str:
        """The paper's form, as printed in the docstring."""
        return self.section("Formula")

    @property
    def error(self) -> tuple[float, str]:
        """Stated float64 error: so many ulp of this expression (of `value` unless stated otherwise)."""
        text = " ".join(self.section("Returns").split())
        found = re.search(r"Error at most ([\d.]+) ulp(?: of (.+?))?(?:, for|; it|\.$|\. )", text + " ")
        if found:
            return float(found[1]), found[2] or "value"
        return (0.0, "value") if "Exact" in text else (float("inf"), "value")

    def textbook(self, quantities: Mapping[str, Any]) -> Any:
        """The paper's form, evaluated with these quantities in whatever number system they are."""
        lines = re.split(r"\nwhere ", self.statement)
        definitions = [line.split(" = ", 1) for line in reversed(lines[1:])]
        local: dict[str, Any] = {}
        for name, text in definitions:
            local[name] = evaluate(text, quantities, local)
        return evaluate(lines[0], quantities, local)


class _Exactly(ast.NodeTransformer):
    """Lifts the 1 of `1/255` into the number system, so that Python does not round it; squares by multiplying.

    Arb's power gives nan for a ball around 0, its product does not.
    """

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div) and isinstance(node.left, ast.Constant):
            node.left = ast.Call(ast.Name("exactly", ast.Load()), [node.left], [])
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2:
            return ast.fix_missing_locations(ast.Call(ast.Name("squared", ast.Load()), [node.left], []))
        return ast.fix_missing_locations(node)


@cache
def _compiled(text: str) -> Any:
    return compile(_Exactly().visit(ast.parse("(" + text + ")", mode="eval")), "<formula>", "eval")


def _others(x: Any) -> tuple[int, ...]:
    return tuple(range(1, np.ndim(x)))


def _functions(xp: Any, one: Any) -> dict[str, Any]:
    def half_even(x: Any) -> Any:
        return np.array([round(value) for value in np.asarray(x, dtype=object).flat], dtype=object)

    def softmax(x: Any) -> Any:
        weights = xp.exp(x - xp.max(x, axis=1, keepdims=True))
        return weights / xp.sum(weights, axis=1)[:, None]

    def maximum(a: Any, b: Any = None) -> Any:
        if b is None:
            return max(a.flat)
        return max(a, b) if isinstance(a, int) and isinstance(b, int) else xp.maximum(a, b)

    def mean(x: Any) -> Any:
        return xp.sum(x, axis=_others(x)) / (x.size // x.shape[0])

    def circulant(values: Any) -> Any:
        """The real symmetric circulant matrix with these eigenvalues, values[k] equal to values[-k]."""
        index = np.arange(values.shape[0])
        waves = xp.cos(2 * xp.pi * index / len(index))
        rows = [values @ waves[index * lag % len(index)] / len(index) for lag in index]
        return np.array(rows)[(index[:, None] - index) % len(index)]

    return {
        "abs": xp.absolute,
        "circulant": circulant,
        "cos": xp.cos,
        "cumprod": xp.cumprod,
        "det": lambda a: xp.exp(xp.logdet(a)),
        "exactly": lambda number: number * one,
        "exp": xp.exp,
        "first": lambda a: a[0],
        "inv": xp.inv,
        "last": lambda a: a[-1],
        "len": lambda a: a.shape[0],
        "log": xp.log,
        "max": maximum,
        "mean": mean,
        "min": xp.minimum,
        "Phi": lambda a: xp.exp(xp.log_ndtr(a)),
        "pi": xp.pi,
        "previous": lambda a, start: xp.concat([np.array([start], dtype=a.dtype), a[:-1]]),
        "prod": xp.prod,
        "round_half_even": half_even,
        "sigmoid": xp.sigmoid,
        "size": lambda a: a.size,
        "softmax": softmax,
        "sqrt": xp.sqrt,
        "squared": lambda a: a * a,
        "squared_distance": lambda a, b: xp.sum((a[:, None, :] - b[None, :, :]) ** 2, axis=2),
        "sum": lambda a: xp.sum(a, axis=_others(a)),
        "tr": xp.trace,
        "transpose": np.transpose,
        "where": xp.where,
    }


def evaluate(text: str, quantities: Mapping[str, Any], local: Mapping[str, Any] | None = None) -> Any:
    """Value of an expression in the formula language: vocabulary names, `t` as 1..T and `k` as 1..n where free."""
    code = _compiled(" ".join(text.split()))
    values = dict(local or {})
    names = [name for name in code.co_names if name not in values]
    found = {name: quantities[name] for name in names if name in quantities}
    # A number of the system the values are in, so that t/T is not rounded to a float.
    one = next((np.ravel(value)[0] * 0 + 1 for value in found.values() if not isinstance(value, int)), 1)
    functions = _functions(namespace(*found.values(), *values.values()), one)
    for index, count in (("t", "T"), ("k", "n")):
        if index in names and index not in found:
            found[index] = np.array([number * one for number in range(1, found[count] + 1)], dtype=object)
    missing = [name for name in names if name not in found and name not in functions]
    if missing:
        raise KeyError(missing[0])
    return eval(code, {"__builtins__": {}}, {**functions, **found, **values})


@cache
def formulas() -> Mapping[str, Formula]:
    """Every formula by name, in the order of subjects and names."""
    found: dict[str, Formula] = {}
    for subject in SUBJECTS:
        module = importlib.import_module(f"refdiff.reference.{subject}")
        for name in module.__all__:
            found[name] = Formula(subject, getattr(module, name))
    return found


def formula(name: str) -> Formula:
    """One formula by its name.

    Raises:
        LookupError: with the nearest names, when there is none of this name.
    """
    known = formulas()
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, n=3, cutoff=0.6)
        hint = f"; did you mean {', '.join(near)}?" if near else "; `refdiff list` names them all"
        raise LookupError(f"no formula is called {name!r}{hint}")
    return known[name]
