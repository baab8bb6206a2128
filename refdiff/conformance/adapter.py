"""Finds an implementation's formulas by name and calls them, keeping prints, errors and hangs in hand."""

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import io
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from refdiff.catalogue import formulas
from refdiff.vocabulary import QUANTITIES

__all__ = ["Adapter", "AdapterError", "Called", "load_adapter"]

BUILT_IN = (
    "production", "diffusers", "k_diffusion", "smalldiffusion", "azula", "flow_matching", "torchcfm",
    "denoising_diffusion_pytorch",
)  # fmt: skip


class AdapterError(Exception):
    """The implementation cannot be loaded, or does not speak the vocabulary."""


@dataclass(frozen=True)
class Called:
    """What one call gave: a value, or why there is none."""

    value: Any = None
    failure: str = ""
    declined: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Adapter:
    """An implementation under test: its functions by formula name, each with the quantities it asks for."""

    target: str
    functions: Mapping[str, Callable[..., Any]]
    asked: Mapping[str, tuple[str, ...]]
    array: str

    def missing(self, formula: str, quantities: Mapping[str, Any]) -> list[str]:
        """Quantities the function asks for that this case does not carry."""
        parameters = inspect.signature(self.functions[formula]).parameters
        optional = {name for name, parameter in parameters.items() if parameter.default is not parameter.empty}
        return [name for name in self.asked[formula] if name not in quantities and name not in optional]

    def call(self, formula: str, quantities: Mapping[str, Any], seconds: float) -> Called:
        """One call with the asked quantities; never raises for what the implementation does, except KeyboardInterrupt."""
        arguments = {name: quantities[name] for name in self.asked[formula] if name in quantities}
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), _limit(seconds):
                value = self.functions[formula](**arguments)
                value = list(value) if inspect.isgenerator(value) else value
        except NotImplementedError as refusal:
            return Called(declined=str(refusal) or "declined this case", printed=printed.getvalue())
        except _TooLong:
            return Called(failure=f"did not return within {seconds:g} s", printed=printed.getvalue())
        except (Exception, SystemExit) as error:
            first = (str(error).splitlines() or [""])[0]
            told = f"raised {type(error).__name__}" + (f": {first}" if first else "")
            return Called(failure=told[:300], printed=printed.getvalue())
        return Called(value, printed=printed.getvalue())


class _TooLong(BaseException):
    """Raised inside a call that outlasts its limit; not an Exception, so that the callee does not swallow it."""


@contextlib.contextmanager
def _limit(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def load_adapter(target: str) -> Adapter:
    """The implementation a target names.

    Args:
        target: a built-in adapter, `module`, `module:object` or a `.py` file.

    Raises:
        AdapterError: in one sentence, when it cannot be loaded, offers nothing, or bears a name close to one of ours.
    """
    holder = _holder(target)
    offered = dict(_offered(holder))
    known = formulas()
    functions = {name: offered[name] for name in known if name in offered}
    for name in sorted(set(offered) - set(functions) - set(QUANTITIES)):
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.85)
        if near and near[0] in functions:
            continue  # A helper beside the formula it resembles.
        if near:
            raise AdapterError(f"adapter {target!r} has {name!r}, which is not a formula; did you mean {' or '.join(near)}?")
    if not functions:
        raise AdapterError(
            f"adapter {target!r} has none of refdiff's names; give a module such as mylib.refdiff_adapter, see `refdiff list`"
        )
    asked = {name: _asked(target, name, function) for name, function in functions.items()}
    array = str(getattr(holder, "ARRAY", "numpy"))
    for name in (
        []
        if array != "torch"
        else [name for name in functions if f"{name}_gradient" in known and f"{name}_gradient" not in functions]
    ):
        prediction = known[name].arguments[1]
        if prediction in asked[name]:
            functions[f"{name}_gradient"] = _gradient(functions[name], prediction)
            asked[f"{name}_gradient"] = asked[name]
    return Adapter(target, functions, asked, array)


def _gradient(loss: Callable[..., Any], prediction: str) -> Callable[..., Any]:
    """The gradient autograd gives of an implementation's loss, summed over the batch, with respect to its prediction."""

    def gradient(**quantities: Any) -> Any:
        if not hasattr(quantities[prediction], "requires_grad_"):
            raise NotImplementedError("no gradient without torch tensors; give --array torch")
        leaf = quantities[prediction].detach().clone().requires_grad_()
        value = loss(**{**quantities, prediction: leaf})
        if not getattr(value, "requires_grad", False):
            raise NotImplementedError("the loss does not carry a gradient")
        value.sum().backward()
        return leaf.grad

    return gradient


def _holder(target: str) -> Any:
    name, _, attribute = target.partition(":")
    if name in BUILT_IN:
        name = f"refdiff.adapters.{name}"
    if not name.endswith(".py") and not all(part.isidentifier() for part in name.split(".")):
        raise AdapterError(f"got {target!r}, wanted a module, module:object, a .py file, or one of {', '.join(BUILT_IN)}")
    try:
        # What a module prints while it is imported belongs to a person, not into a report.
        with contextlib.redirect_stdout(sys.stderr):
            holder: Any = _from_file(Path(name)) if name.endswith(".py") else _from_module(name)
    except AdapterError:
        raise
    except ModuleNotFoundError as error:
        raise AdapterError(_no_module(name, error)) from error
    except (Exception, SystemExit) as error:
        raise AdapterError(f"adapter {target!r} failed while it was imported: {type(error).__name__}: {error}") from error
    for part in attribute.split(".") if attribute else ():
        if not hasattr(holder, part):
            raise AdapterError(f"{name!r} has no attribute {part!r}; give module:object with a name the module has")
        holder = getattr(holder, part)
    return holder


def _from_module(name: str) -> ModuleType:
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise AdapterError(f"no file {str(path)!r}; give the path of a Python file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise AdapterError(f"{str(path)!r} cannot be imported; give a Python source file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def _no_module(name: str, error: ModuleNotFoundError) -> str:
    if error.name and not name.startswith(error.name):
        return f"adapter {name!r} needs {error.name!r}, which is not installed; pip install it"
    near = difflib.get_close_matches(name, BUILT_IN, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"give a module, module:object, a .py file, or one of {', '.join(BUILT_IN)}"
    return f"no module named {error.name!r}; {hint}"


def _offered(holder: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    names = getattr(holder, "__all__", None) or [name for name in dir(holder) if not name.startswith("_")]
    for name in names:
        value = getattr(holder, name, None)
        if callable(value) and not inspect.isclass(value) and not inspect.ismodule(value):
            yield name, value


def _asked(target: str, formula: str, function: Callable[..., Any]) -> tuple[str, ...]:
    """Parameter names, all of them quantities; ones with a default that we do not know are left alone."""
    allowed = {*QUANTITIES, *formulas()[formula].arguments}
    asked = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise AdapterError(
                f"adapter {target!r}: {formula} takes {parameter.name!r} by position only; drop the / from its signature"
            )
        if parameter.name in allowed:
            asked.append(parameter.name)
        elif parameter.default is parameter.empty:
            near = difflib.get_close_matches(parameter.name, allowed, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "see `refdiff show` for the names a case carries"
            raise AdapterError(f"adapter {target!r}: {formula} asks for {parameter.name!r}, which is not a quantity; {hint}")
    if not asked and formulas()[formula].arguments:
        raise AdapterError(f"adapter {target!r}: {formula} names no quantity it asks for; write its parameters out")
    return tuple(asked)
