"""The style guide, where a machine can read it; each test lists every fault it finds."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from refdiff.catalogue import formulas

from .sources import ROOT, python_files, text_files, tree

FORMULAS = formulas().values()
FORMULA_FILES = [path for part in ("reference", "definitions", "mistakes") for path in python_files(f"refdiff/{part}")]
SHORT_FILES = [path for path in FORMULA_FILES if "definitions" not in path.parts]
PACKAGE = python_files("refdiff")
BODY_LINES = 12
FILE_LINES = 300
# Formula modules are one subject each, and their docstrings carry the paper's form and source: they count as code only.
FORMULA_FILE_LINES = 450

SECTIONS = ("Formula", "Args", "Returns", "Source")
VERBS = {"apply", "calculate", "compute", "convert", "evaluate", "find", "get", "give", "make", "obtain", "perform", "return"}
PLACE = r"Eqs?\. ?\(|section|Sec\.|Table|Algorithm|Theorem|Appendix|chapter|code|Corollary|Proposition|p\. "
UNSAFE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
# Where Python source is made and run on purpose: the formula language, and proofs' changed bodies.
RUNS_SOURCE = {"refdiff/catalogue.py", "proofs/mutations.py"}
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|root|Users|work|tmp|private|mnt|scratch)/[\w.]")
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X|HAC[K])\b")

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def holds(rule: str, paths: Iterable[Path], check: Callable[[Path], Iterable[object]]) -> None:
    """Fails with the rule and every fault that the check finds, each beside its file's name."""
    faults = [f"  {short(path)}: {found}" for path in paths for found in check(path)]
    assert not faults, "\n".join([rule, *faults])


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef))


def body(function: ast.FunctionDef) -> list[ast.stmt]:
    """A function's statements without its docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def code_lines(path: Path) -> int:
    """Lines that hold code: neither blank, nor comment, nor docstring."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node):
            first, last = node.body[0].lineno, node.body[0].end_lineno or 0
            lines[first - 1 : last] = [""] * (last - first + 1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)


def test_formula_bodies_hold_no_float_literal():
    def literals(path: Path) -> Iterator[str]:
        for function in functions(path):
            nodes = [node for statement in body(function) for node in ast.walk(statement) if isinstance(node, ast.Constant)]
            yield from (f"{function.name} has {node.value}" for node in nodes if isinstance(node.value, (float, complex)))

    holds("no float literal: write x / 2 for 0.5 * x, so that exactness survives into the proof", FORMULA_FILES, literals)


def test_formula_modules_have_no_annotations():
    def annotations(path: Path) -> Iterator[object]:
        for function in functions(path):
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            if function.returns is not None or any(argument.annotation for argument in arguments):
                yield function.name
        yield from (node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.AnnAssign))

    rule = "formulas take numbers, arrays, symbols and balls alike: no annotations"
    holds(rule, [path for path in FORMULA_FILES if path.name != "__init__.py"], annotations)


def test_formula_bodies_are_short():
    def long(path: Path) -> Iterator[str]:
        for function in functions(path):
            lines = body(function)
            if (lines[-1].end_lineno or 0) - lines[0].lineno + 1 > BODY_LINES:
                yield function.name

    holds(f"at most {BODY_LINES} lines a body: give a part its own name", SHORT_FILES, long)


def test_formula_docstrings_have_every_section_in_order():
    for formula in FORMULAS:
        # A sampler's path is a loop over steps; each step has its formula.
        wanted = SECTIONS[1:] if formula.whole_run else SECTIONS
        found = re.findall(rf"^({'|'.join(SECTIONS)}):$", formula.document, re.MULTILINE)
        assert tuple(found) == wanted, formula.name
        assert all(formula.section(title).strip() for title in wanted), formula.name


def test_formula_docstrings_explain_every_parameter_in_order():
    for formula in FORMULAS:
        explained = re.findall(r"^(\w+): \S", formula.section("Args"), re.MULTILINE)
        assert tuple(explained) == formula.arguments, formula.name


def test_formula_docstrings_state_a_certified_error():
    missing = [formula.name for formula in FORMULAS if formula.error[0] == float("inf")]
    assert not missing, f"Returns says neither 'Error at most N ulp' nor 'Exact': {missing}"


def test_formula_summaries_are_noun_phrases_on_one_line():
    for formula in FORMULAS:
        summary, _, rest = formula.document.partition("\n")
        first = summary.split()[0].lower()
        assert not {first, first.removesuffix("s"), first.removesuffix("es")} & VERBS, formula.name
        assert summary.endswith("."), formula.name
        assert rest.startswith("\n"), formula.name


def test_formula_sources_name_a_year_and_a_place_in_the_paper():
    sources = {formula.name: formula.section("Source") for formula in FORMULAS}
    undated = [name for name, source in sources.items() if not re.search(r"\b(19|20)\d\d\b", source)]
    vague = [name for name, source in sources.items() if not re.search(PLACE, source, re.IGNORECASE)]
    assert not undated, f"no year: {undated}"
    assert not vague, f"no equation, section, table or algorithm: {vague}"


def test_files_are_short():
    def length(path: Path) -> Iterator[str]:
        told_in_prose = {("refdiff", "reference"), ("refdiff", "mistakes"), ("proofs", "ledger")}
        formula_file = path.relative_to(ROOT).parts[:2] in told_in_prose
        lines = code_lines(path) if formula_file else path.read_text(encoding="utf-8").count("\n")
        if lines > (FORMULA_FILE_LINES if formula_file else FILE_LINES):
            yield f"{lines} lines"

    holds("one subject a file: split it", python_files(), length)


def test_nothing_is_left_unfinished():
    holds("nothing left unfinished", text_files(), lambda path: UNFINISHED.findall(path.read_text(encoding="utf-8")))


def test_no_file_names_a_folder_of_one_machine():
    holds("no folder of one machine", text_files(), lambda path: MACHINE_PATH.findall(path.read_text(encoding="utf-8")))


def test_no_assert_outside_tests():
    def asserts(path: Path) -> list[int]:
        return [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Assert)]

    holds("no assert: python -O drops it; raise", PACKAGE, asserts)


def test_nothing_unsafe_is_imported_or_run():
    def unsafe(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                yield from {module.partition(".")[0] for module in modules} & UNSAFE
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in {"eval", "exec"} and short(path) not in RUNS_SOURCE:
                    yield called
                if called.endswith(("torch.load", "np.load", "numpy.load")):
                    yield f"{called}, which reads pickles"

    holds("nothing that runs what it reads", [*PACKAGE, *python_files("proofs")], unsafe)


def test_identifiers_are_ascii():
    def spelled_otherwise(path: Path) -> list[str]:
        tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        return [token.string for token in tokens if token.type == tokenize.NAME and not token.string.isascii()]

    holds("ASCII identifiers", [path for path in python_files() if not path.read_bytes().isascii()], spelled_otherwise)


def test_no_bare_except():
    def bare(path: Path) -> list[int]:
        handlers = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
        return [handler.lineno for handler in handlers if handler.type is None]

    holds("no bare except: name what is expected", python_files(), bare)


def test_functions_are_named_after_what_they_return():
    verb = re.compile(r"_?(get|compute|calc|calculate|do|handle|process)_")
    holds("named after what it returns", PACKAGE, lambda path: [one.name for one in functions(path) if verb.match(one.name)])


def test_public_functions_classes_and_modules_say_what_they_are():
    # An adapter's functions are documented where their names come from; pytest documents its hooks.
    known = {formula.name for formula in FORMULAS}

    def silent(path: Path) -> Iterator[str]:
        if not ast.get_docstring(tree(path)):
            yield "the module"
        for node in tree(path).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith(("_", "pytest_")):
                adapted = "adapters" in path.parts and node.name in known
                if not ast.get_docstring(node) and not adapted:
                    yield node.name

    holds("a docstring says what it is", PACKAGE, silent)


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each raised message that is written where it is raised; what is put in is shown as {}."""
    for node in ast.walk(tree(path)):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args):
            continue
        text = node.exc.args[0]
        if isinstance(text, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "{}" for part in text.values]
            yield node.lineno, "".join(parts)
        elif isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield node.lineno, text.value


def test_raised_messages_are_one_sentence():
    def wrong(path: Path) -> Iterator[str]:
        for line, text in messages(path):
            if "\n" in text or text.endswith((".", "!")) or re.match(r"[A-Z][a-z]+\b", text) or len(text.split()) < 4:
                yield f"line {line}: {text!r}"

    holds("one sentence that says what was got, wanted and to do, without capital and full stop", PACKAGE, wrong)
