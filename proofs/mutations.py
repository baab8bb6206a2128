"""Small changes to a formula's body, one at a time: what a slip of the pen could have made of it."""

import ast
import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, cast

from refdiff.catalogue import formula

__all__ = ["Mutant", "mutants", "rebuilt"]

_OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
_COMPARISONS = {ast.Lt: (ast.LtE, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.Eq: (ast.NotEq,)}
_FUNCTIONS = {
    "expm1": "exp",
    "exp": "expm1",
    "log1p": "log",
    "log": "log1p",
    "sin": "cos",
    "cos": "sin",
    "minimum": "maximum",
    "maximum": "minimum",
}
_DROPPED = ("sqrt", "flip", "absolute", "sigmoid", "solve", "cumsum")
_ROLES: tuple[tuple[str, str], ...] = (
    ("_s", "_t"),
    ("_1", "_2"),
    ("alpha", "sigma"),
    ("_start", "_end"),
    ("x_0_hat", "x_0"),
    ("eps_hat", "eps"),
)
_ROLES += (("x_0", "x_t"), ("mean", "center"), ("x", "mean"), ("points", "x_t"))


class Mutant(NamedTuple):
    """A body changed in one place: the formula's name, the changed line, and the function."""

    name: str
    line: str
    body: Callable[..., Any]


def _other_names(name: str, known: tuple[str, ...]) -> Iterator[str]:
    for one, other in _ROLES:
        for old, new in ((one, other), (other, one)):
            swapped = name.removesuffix(old) + new if old.startswith("_") and name.endswith(old) else None
            if not old.startswith("_"):
                swapped = new if name == old else new + name.removeprefix(old) if name.startswith(old + "_") else None
            if swapped in known and swapped != name:
                yield str(swapped)


def _changes(node: ast.AST, known: tuple[str, ...]) -> Iterator[ast.AST]:
    """What may stand in this node's place."""
    if isinstance(node, ast.BinOp):
        if type(node.op) in _OPERATORS:
            yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
            yield node.left
            yield node.right
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (ast.Name(other, ast.Load()) for other in _other_names(node.id, known))
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Compare):
        for replacement in _COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [replacement()], node.comparators)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Call):
        yield from _changed_calls(node)


def _changed_calls(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in _FUNCTIONS:
        renamed = copy.deepcopy(node)
        renamed.func.attr = _FUNCTIONS[name]  # type: ignore[attr-defined]
        yield renamed
    if name in _DROPPED:
        yield node.args[-1]
    for i in range(len(node.args) - 1):
        swapped = [*node.args[:i], node.args[i + 1], node.args[i], *node.args[i + 2 :]]
        yield ast.Call(node.func, swapped, node.keywords)


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _is_setup(statement: ast.stmt) -> bool:
    """The docstring, or the line that picks the number system."""
    text = ast.unparse(statement)
    return isinstance(statement, ast.Expr) or text.startswith("xp = namespace(")


@cache
def mutants(name: str) -> tuple[Mutant, ...]:
    """Every changed body of this formula, in the order of its source."""
    function = formula(name).function
    definition = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    original = ast.unparse(definition)
    found = {original: Mutant(name, "", function)}
    for place, statement in enumerate(definition.body):
        if _is_setup(statement):
            continue
        for index, node in enumerate(ast.walk(statement)):
            for change in _changes(node, formula(name).arguments):
                line = copy.deepcopy(statement)
                old = list(ast.walk(line))[index]
                changed = copy.copy(definition)
                changed.body = [*definition.body]
                changed.body[place] = cast(ast.stmt, _Replacement(old, change).visit(line))
                text = ast.unparse(ast.fix_missing_locations(changed))
                if text not in found:
                    lines = [row.strip() for row in text.splitlines() if row not in original.splitlines()]
                    found[text] = Mutant(name, "; ".join(lines), rebuilt(text, name))
    return tuple(found.values())[1:]


def rebuilt(text: str, name: str) -> Callable[..., Any]:
    """The function, in the namespace of the module it would stand in."""
    local: dict[str, Any] = {}
    exec(compile(text, f"<changed {name}>", "exec"), vars(sys.modules[formula(name).function.__module__]), local)
    return local[name]  # type: ignore[no-any-return]
