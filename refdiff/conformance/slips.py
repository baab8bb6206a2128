"""Slips of the pen: every one-place change of the form a paper prints, ready to be evaluated."""

import ast
import copy
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import islice, pairwise
from typing import Any, NamedTuple

import numpy as np

from refdiff.catalogue import evaluate, formula, formulas
from refdiff.conformance.confusions import CONFUSED, USUAL, WIRED
from refdiff.conformance.planting import planted, steps_of
from refdiff.vocabulary import QUANTITIES, Quantities

__all__ = ["Slip", "printed", "slips"]

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
_FUNCTIONS = {"min": "max", "max": "min", "sin": "cos", "cos": "sin", "sum": "mean", "mean": "sum"}
_DROPPED = {"sqrt", "exp", "log", "abs", "inv", "sigmoid"}
_COUNTS = {"T", "n", "t", "k"}
_STATES = {"x_0", "x_0_hat", "x_t", "eps", "eps_hat"}
_ROWS = ("eps", "z", "probe", "x_0", "score")
_MOST = 600


class Slip(NamedTuple):
    """One changed form: what stands in place of what, its value at some quantities, and the form it was made of."""

    what: str
    value: Callable[[Mapping[str, Any]], Any]
    right: str


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _changes(node: ast.AST) -> Iterator[ast.expr]:
    """What a hurried reader may write in this expression's place."""
    if isinstance(node, ast.BinOp):
        if type(node.op) in _OPERATORS:
            yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
        yield node.left
        if not isinstance(node.op, ast.Pow):
            yield node.right
        elif isinstance(node.right, ast.Constant) and node.right.value == 4:
            yield ast.BinOp(node.left, ast.Pow(), ast.Constant(2))
        if isinstance(node.op, (ast.Sub, ast.Div)):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield from (ast.Constant(node.value + step) for step in (1, -1))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _changed_calls(node, node.func.id)
    elif isinstance(node, ast.Name):
        yield from map(_expression, _taken_for(node.id))


def _taken_for(name: str) -> Iterator[str]:
    """What is written, or passed, in place of a quantity."""
    if name in _COUNTS:
        yield from (f"({name} - 1)", f"({name} + 1)")
    elif name in QUANTITIES:
        yield from (pair[1 - pair.index(name)] for pair in CONFUSED if name in pair)
        yield from (f"(-{name})", f"{name}**2", f"sqrt({name})", f"2*{name}", f"{name}/2", "0", "1")
    yield from USUAL.get(name, ())
    if name in _STATES:
        yield f"max(min({name}, 1), -1)"


def _changed_calls(node: ast.Call, name: str) -> Iterator[ast.expr]:
    if name in _FUNCTIONS:
        yield ast.Call(ast.Name(_FUNCTIONS[name], ast.Load()), node.args, [])
    if name in _DROPPED or (name in ("min", "max") and len(node.args) > 1):
        yield from node.args
    if name == "sqrt":
        yield ast.BinOp(node.args[0], ast.Pow(), ast.Constant(2))
    if name == "log":
        yield ast.BinOp(node, ast.Div(), ast.Constant(2))
    if name == "sum" and isinstance(node.args[0], ast.BinOp) and isinstance(node.args[0].op, ast.Pow):
        square = node.args[0]
        yield ast.BinOp(ast.Call(node.func, [square.left, *node.args[1:]], []), square.op, square.right)


class _Base(ast.NodeTransformer):
    """Every logarithm to another base."""

    def __init__(self, base: int) -> None:
        self._base = base

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.BinOp(node, ast.Div(), _expression(f"log({self._base})")) if _is_log(node) else node


def _is_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log"


def _other_bases(statement: str) -> Iterator[tuple[str, str]]:
    lines = [line.partition(" = ") if place else ("", "", line) for place, line in enumerate(re.split(r"\nwhere ", statement))]
    trees = [_expression(" ".join(text.split())) for _, _, text in lines]
    for base in (2, 10) if any(_is_log(node) for tree in trees for node in ast.walk(tree)) else ():
        changed = [ast.unparse(ast.fix_missing_locations(_Base(base).visit(copy.deepcopy(tree)))) for tree in trees]
        whole = "\nwhere ".join(f"{name}{sign}{text}" for (name, sign, _), text in zip(lines, changed, strict=True))
        yield f"log{base} in place of log, everywhere", whole


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.expr) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _changed(statement: str) -> Iterator[tuple[str, str]]:
    """(what stands in place of what, changed statement) for every one-place change."""
    lines = re.split(r"\nwhere ", statement)
    for place, line in enumerate(lines):
        name, _, text = line.partition(" = ") if place else ("", "", line)
        tree = _expression(" ".join(text.split()))
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        indexed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
        for index, node in enumerate(ast.walk(tree)):
            for change in () if id(node) in called else _changes(node):
                if id(node) in indexed and isinstance(change, ast.Constant):
                    continue  # A number has no entries.
                fresh = copy.deepcopy(tree)
                old = list(ast.walk(fresh))[index]
                written = ast.unparse(ast.fix_missing_locations(_Replacement(old, change).visit(fresh)))
                whole = [*lines[:place], f"{name} = {written}" if place else written, *lines[place + 1 :]]
                yield f"{ast.unparse(change)} in place of {ast.unparse(node)}", "\nwhere ".join(whole)


def _passed(statement: str) -> Iterator[tuple[str, str]]:
    """(what stands in place of what, changed statement) where a quantity is another one everywhere."""
    found = [name for name in dict.fromkeys(re.findall(r"\b[A-Za-z]\w*\b(?!\()", statement)) if name in QUANTITIES]
    for name in found:
        for other in _taken_for(name):
            if other in ("0", "1") and f"{name}[" in statement:
                continue
            yield f"{other} in place of {name}, everywhere", re.sub(rf"\b{name}\b(?!\()", f"({other})", statement)
    for wired in WIRED:
        if len(wired.keys() & set(found)) > 1:
            changed = re.sub(rf"\b({'|'.join(wired)})\b(?!\()", lambda match: f"({wired[match[0]]})", statement)  # noqa: B023
            yield f"({', '.join(wired.values())}) in place of ({', '.join(wired)}), everywhere", changed
    yield from _other_bases(statement)
    whole = " ".join(statement.split())
    for part in dict.fromkeys(re.findall(r"\([^()]*[-+][^()]*\)|(?<=log)\([^()]+\)", whole)):
        bare = part[1:-1]
        if whole.count(bare) > 1 and "," not in bare:
            for other in (f"sqrt({bare})", f"({bare})**2"):
                yield f"{other} in place of {bare}, everywhere", whole.replace(bare, other).replace(" where ", "\nwhere ")


def _run(step: str, quantities: Mapping[str, Any], asked: Callable[[int, int], int] = lambda t, s: t, noise: int = 1) -> Any:
    """A whole run of a sampler whose step has this statement; the model is asked at a time made of t and s."""
    state, states = quantities["x_T"], [quantities["x_T"]]
    tables = {name: quantities[name] for name in ("betas", "alpha_bars", "eta") if name in quantities}
    for i, (t, s) in enumerate(pairwise([*np.asarray(quantities["timesteps"]).tolist(), 0])):
        x_0 = quantities["denoiser"](state, asked(t, s))
        here = {"x_t": state, "x_0": x_0, "z": quantities["z"][::noise][i], "t": t, "s": s}
        state = evaluate(step, Quantities(here | tables))
        states.append(state)
    return np.stack(states)


def _first_row(statement: str, name: str, quantities: Mapping[str, Any]) -> Any:
    """The printed form where every sample gets the first one's entries."""
    value = np.asarray(quantities[name])
    if value.ndim < 2 or len(value) < 2:
        return evaluate(statement, quantities)
    known = {other: quantities[other] for other in quantities} | {name: np.broadcast_to(value[:1], value.shape)}
    return evaluate(statement, Quantities(known))


def _run_slips(step: str) -> Iterator[Slip]:
    yield Slip("the model asked at s in place of t", partial(_run, step, asked=lambda t, s: max(s, 1)), step)
    yield Slip("the model asked at t - 1 in place of t", partial(_run, step, asked=lambda t, s: max(t - 1, 1)), step)
    yield Slip("the model asked at t + 1 in place of t", partial(_run, step, asked=lambda t, s: t + 1), step)
    yield Slip("the noise of the steps in reversed order", partial(_run, step, noise=-1), step)


def printed(name: str) -> str:
    """What a paper prints of a formula: its statement; for a run over a table's times, that of its step; "" where neither is."""
    step = name.replace("_path", "_step")
    of_table = formula(name).subject == "path" and step in formulas()
    return formula(name).statement or (formula(step).statement if of_table else "")


def _slips_of_steps(name: str) -> Iterator[Slip]:
    """The one-place changes of every step that a run over levels is made of."""
    for step in steps_of(name):
        statement = formula(step).statement
        for what, text in [*_changed(statement), *_passed(statement)] if statement else ():
            body = partial(planted, name, step, partial(evaluate, text))
            yield Slip(f"the printed form of {step} with {what}", body, statement)


@cache
def slips(name: str) -> tuple[Slip, ...]:
    """Every one-place change of a formula's printed form."""
    statement, whole = printed(name), not formula(name).statement
    if not statement:
        return tuple(islice(_slips_of_steps(name), _MOST))
    found: dict[str, Slip] = {}
    for what, text in [*_changed(statement), *_passed(statement)]:
        if text not in found and text != statement:
            found[text] = Slip(f"the printed form with {what}", partial(_run if whole else evaluate, text), statement)
    rows = (
        Slip(f"the printed form with {row}[:1] in place of {row}", partial(_first_row, statement, row), statement)
        for row in _ROWS
        if not whole and re.search(rf"\b{row}\b", statement)
    )
    return (*(_run_slips(statement) if whole else ()), *tuple(found.values())[:_MOST], *rows)
