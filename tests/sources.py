"""The project's own files as text and syntax trees, for the layout and style tests."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "imported", "module_name", "package_of", "python_files", "text_files", "tree"]

ROOT = Path(__file__).resolve().parents[1]
_TEXT = {".cfg", ".css", ".html", ".ini", ".json", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml", ""}


@cache
def _listed() -> tuple[Path, ...]:
    """Files that git holds or would hold; where there is no git, those in the project's folders."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for folder in ("refdiff", "proofs", "tests") for path in (ROOT / folder).rglob("*")]
    files = sorted({ROOT / name for name in names if name and "__pycache__" not in name})
    return tuple(path for path in files if path.is_file())


def text_files() -> list[Path]:
    """Everything written by hand: sources, pages, settings; not the vectors."""
    return [path for path in _listed() if path.suffix in _TEXT and path.relative_to(ROOT).parts[0] != "golden"]


def python_files(folder: str = "") -> list[Path]:
    """Python sources below one folder, or all of them."""
    return [path for path in _listed() if path.suffix == ".py" and path.is_relative_to(ROOT / folder)]


@cache
def tree(path: Path) -> ast.Module:
    """Syntax tree of one source file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def module_name(path: Path) -> str:
    """Dotted name of a source file, such as `refdiff.golden.cases`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(module: str) -> str:
    """The part of refdiff a module belongs to, such as `golden`; `refdiff` for the root itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def imported(path: Path) -> Iterator[str]:
    """Modules that a source file imports anywhere in it, imports by a literal name among them."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module_name(path).split(".")
                package = package if path.name == "__init__.py" else package[:-1]
                base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if base.startswith("refdiff") and _is_module(full) else base
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            yield ast.unparse(node.args[0]).removeprefix("f").strip("'\"")
