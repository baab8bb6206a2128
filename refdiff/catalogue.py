"""The formulas by name, and what their docstrings state: the paper's form, the certified error, the source."""

import ast
import importlib
import inspect
import itertools
import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any

import numpy as np

from refdiff.numbers import namespace
from refdiff.numbers.polynomials import combined, exp_integral, integral, interpolation, powers, solution

__all__ = ["SUBJECTS", "Formula", "evaluate", "formula", "formulas"]

SUBJECTS = (
    "gaussian", "schedule", "forward", "posterior", "conversion", "loss", "step", "denoiser", "path", "vae", "elbo", "score",
    "sde", "dirac", "mixture", "edm", "ddim", "flow", "guidance", "likelihood", "adversarial", "latent", "multiscale",
    "projection", "spectrum", "grid", "singlestep", "multistep", "ancestral", "sde_solver", "law",
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
    def whole_run(self) -> bool:
        """Whether it is a sampler's loop over steps, which has no closed form: each step has its formula."""
        return self.name.endswith("_path")

    @property
    def order(self) -> int | None:
        """A solver's stated order of convergence: of whole runs, one less than that of a step's error; None where it has none."""
        return self.order_at(None)

    def order_at(self, asked: int | None) -> int | None:
        """The same, where the argument `order` has this value."""
        text = " ".join(self.section("Order").split())
        if found := re.match(r"(\d)", text):
            return int(found[1])
        found = re.match(r"order( \+ 1)?(?:, at most (\d))?", text)
        if not found or asked is None:
            return None
        return min(asked + bool(found[1]), int(found[2] or asked + 1))

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
        return evaluate(self.statement, quantities)


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


def _blocks(count: int, k: int) -> Any:
    """Matrix that adds up each of so many blocks of k entries."""
    return np.array([[int(column // k == row) for column in range(count * k)] for row in range(count)], dtype=object)


def _along_axes(a: Any, matrix: Callable[[int], Any]) -> Any:
    """Every axis but the first multiplied by the matrix for its length."""
    for axis in range(1, a.ndim):
        a = np.moveaxis(np.tensordot(matrix(a.shape[axis]), a, axes=(1, axis)), 0, axis)
    return a


def _suffix_products(matrices: Any) -> Any:
    """The products of all matrices from each on, the later ones to the left; the identity after the last."""
    found = [np.eye(matrices.shape[-1], dtype=matrices.dtype if matrices.dtype.kind == "f" else int).astype(matrices.dtype)]
    for matrix in matrices[::-1]:
        found.append(found[-1] @ matrix)
    return np.stack(found[::-1])


def _assignment(costs: Any) -> Any:
    """Column of each row in the cheapest pairing of rows and columns; of equal ones the first in lexical order."""
    rows = range(len(costs))
    return np.array(min(itertools.permutations(rows), key=lambda order: sum(costs[i, order[i]] for i in rows)))


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

    def minimum(a: Any, b: Any = None) -> Any:
        return min(a.flat) if b is None else xp.minimum(a, b)

    def mean(x: Any) -> Any:
        return xp.sum(x, axis=_others(x)) / (x.size // x.shape[0])

    def std(x: Any) -> Any:
        gap = x - mean(x).reshape(-1, *(1,) * (x.ndim - 1))
        return xp.sqrt(mean(gap * gap))

    def interpolated(place: Any, table: Any) -> Any:
        """Straight lines through neighbouring entries; places count from 0 at the first."""
        return xp.sum(xp.maximum(1 - xp.absolute(place[:, None] - np.arange(len(table))), 0) * table, axis=1)

    def circulant(values: Any) -> Any:
        """The real symmetric circulant matrix with these eigenvalues, values[k] equal to values[-k]."""
        index = np.arange(values.shape[0])
        waves = xp.cos(2 * xp.pi * index / len(index))
        rows = [values @ waves[index * lag % len(index)] / len(index) for lag in index]
        return np.array(rows)[(index[:, None] - index) % len(index)]

    return {
        "abs": xp.absolute,
        "assignment": _assignment,
        "atan": xp.atan,
        "betaincinv": xp.betaincinv,
        "beside": lambda *parts: xp.concat([xp.reshape(part, (len(part), -1)) for part in parts], axis=1),
        "circulant": circulant,
        "combined": combined,
        "cos": xp.cos,
        "cumprod": xp.cumprod,
        "det": lambda a: xp.exp(xp.logdet(a)),
        "diag": lambda a: np.diagonal(a, axis1=-2, axis2=-1),
        "exactly": lambda number: number * one,
        "exp": xp.exp,
        "exp_integral": lambda polynomial, start, end: exp_integral(polynomial, start, end, xp.exp),
        "eye": xp.eye,
        "first": lambda a: a[0],
        "interp": interpolated,
        "integral": integral,
        "interpolation": interpolation,
        "inv": xp.inv,
        "joined": lambda *parts: xp.concat(list(parts)),
        "last": lambda a: a[-1],
        "least": lambda a: -xp.max(-a, axis=1, keepdims=True),
        "len": lambda a: a.shape[0],
        "log": xp.log,
        "max": maximum,
        "mean": mean,
        "min": minimum,
        "Phi": lambda a: xp.exp(xp.log_ndtr(a)),
        "pi": xp.pi,
        "pool": lambda a, k: _along_axes(a, lambda size: _blocks(size // k, k)) / k ** (a.ndim - 1),
        "powers": powers,
        "previous": lambda a, start: xp.concat([np.array([start], dtype=a.dtype), a[:-1]]),
        "prod": xp.prod,
        "round_half_even": half_even,
        "sigmoid": xp.sigmoid,
        "sin": xp.sin,
        "size": lambda a: a.size,
        "solve": solution,
        "softmax": softmax,
        "sqrt": xp.sqrt,
        "sqrtm": xp.sqrtm,
        "squared": lambda a: a * a,
        "squared_distance": lambda a, b: xp.sum((a[:, None, :] - b[None, :, :]) ** 2, axis=2),
        "stack": lambda *rows: xp.stack(list(rows)),
        "std": std,
        "suffix_products": _suffix_products,
        "sum": lambda a, axis=None: xp.sum(a, axis=_others(a) if axis is None else axis),
        "tan": lambda a: xp.sin(a) / xp.cos(a),
        "tr": xp.trace,
        "transpose": lambda a: np.swapaxes(a, -1, -2),
        "upsample": lambda a, k: _along_axes(a, lambda size: _blocks(size, k).T),
        "where": xp.where,
    }


def evaluate(text: str, quantities: Mapping[str, Any]) -> Any:
    """Value of an expression in the formula language: vocabulary names, `t` as 1..T and `k` as 1..n where free.

    `where NAME = EXPR` may follow it, several times; each may use the names that come after it.
    """
    main, *definitions = re.split(r"\swhere (?=\w+ = )", text)
    local: dict[str, Any] = {}
    for definition in reversed(definitions):
        name, _, expression = definition.partition(" = ")
        local[name] = _evaluate(expression, quantities, local)
    return _evaluate(main, quantities, local)


def _evaluate(text: str, quantities: Mapping[str, Any], local: Mapping[str, Any]) -> Any:
    code = _compiled(" ".join(text.split()))
    values = dict(local)
    names = [name for name in code.co_names if name not in values]
    found = {name: quantities[name] for name in names if name in quantities}
    # A number of the system the values are in, so that t/T is not rounded to a float.
    one = next((np.ravel(value)[0] * 0 + 1 for value in found.values() if not isinstance(value, int)), 1)
    functions = _functions(namespace(*found.values(), *values.values()), one)
    for index, count in (("t", "T"), ("k", "n")):
        if index in names and index not in found:
            kind = None if isinstance(one, (int, float)) else object
            found[index] = np.array([number * one for number in range(1, quantities[count] + 1)], dtype=kind)
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
