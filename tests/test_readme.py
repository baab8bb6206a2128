"""README says what is so: its commands run as printed, and its figures are what the tree gives now."""

import json
import re
import shlex

import pytest

from refdiff.catalogue import formulas

from .readme_figures import FIGURES, README, Command, blocks, commands, listings, rewritten, run
from .sources import ROOT

TEXT = README.read_text(encoding="utf-8")
COMMANDS = list(dict.fromkeys(commands(TEXT)))
# Minutes long, or not for a temporary folder: .ci/run runs these as printed, perhaps with more options.
SLOW = re.compile(r"pip install|refdiff (verify|certify|check --all-installed)|pytest( -n \w+)?$")
# How a person comes to a checkout; CI has one.
SETUP = re.compile(r"git clone|cd |python3? -m venv|\. |source ")


def id_of(command: Command) -> str:
    return command.line


QUICK = [command for command in COMMANDS if not SLOW.match(command.line) and not SETUP.match(command.line)]
SLOW_ONES = [command for command in COMMANDS if SLOW.match(command.line)]


def test_readme_has_commands_and_figures():
    assert len(COMMANDS) >= 4
    assert blocks(TEXT)
    assert TEXT.count("<!-- generated:") == TEXT.count("<!-- end -->") == len(re.findall(r"<!-- generated: [\w-]+ -->", TEXT))


@pytest.mark.parametrize("command", QUICK, ids=id_of)
def test_quick_command_works_as_printed(command, tmp_path):
    if shlex.split(command.line)[0] == "pytest":
        pytest.importorskip("xdist")
    done = run(command.line, tmp_path)
    said = (done.stdout + done.stderr)[-1500:]
    assert done.returncode == command.status, f"exit status {done.returncode}; if so be it, say `# exit status N`\n{said}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", SLOW_ONES, ids=id_of)
def test_slow_command_is_run_by_ci(command):
    ran = [shlex.split(line, comments=True) for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()]

    def among(words):
        rest = iter(words)
        return all(word in rest for word in shlex.split(command.line))

    assert any(map(among, ran)), f"no line of .ci/run runs {command.line!r}"


def test_installation_comes_before_each_of_the_two_commands():
    lines = [line for line in TEXT.splitlines() if "&&" in line and "pip install" in line]
    install = 'pip install -c constraints.txt -e ".[all]"'
    assert [line.partition(" && ")[0] for line in lines] == [install] * 2
    assert [line.partition(" && ")[2].split()[0] for line in lines] == ["refdiff", "pytest"]


def test_commands_in_the_text_exist(tmp_path):
    known = run("refdiff --help", tmp_path).stdout
    for words in map(str.split, re.findall(r"`(refdiff [^`]+)`", TEXT)):
        assert re.search(rf"^\W*{re.escape(words[1])}\s", known, re.MULTILINE), f"there is no command `refdiff {words[1]}`"
        # `refdiff golden verify` has a command of its own below `golden`.
        below = [word for word in words[1:3] if re.fullmatch(r"[a-z]+", word)] if words[1] == "golden" else words[1:2]
        asked = [word.strip("[]") for word in words if word.strip("[]").startswith("--")]
        told = run(f"refdiff {' '.join(below)} --help", tmp_path).stdout if asked else ""
        assert all(option in told for option in asked), f"`{' '.join(words)}`: no such option"


def test_files_in_the_text_exist():
    named = re.findall(r"`((?:refdiff|golden|proofs|tests)/[\w./]*|[A-Z]+\.md|[a-z]+\.txt)`", TEXT)
    assert not [path for path in named if not (ROOT / path).exists()]


def test_listings_are_python_that_bears_known_names():
    for name, text in listings(TEXT).items():
        compile(text, name, "exec")
        defined = set(re.findall(r"^def (\w+)", text, re.MULTILINE))
        assert defined <= set(formulas()), f"{name} defines {defined - set(formulas())}"


def test_every_figure_has_a_source():
    unknown = set(blocks(TEXT)) - set(FIGURES)
    assert not unknown, f"no function makes {sorted(unknown)}; tests/readme_figures.py has {', '.join(FIGURES)}"


@pytest.mark.parametrize("name", sorted(set(blocks(TEXT)) & set(FIGURES)))
def test_figure_is_what_the_tree_gives_now(name):
    assert blocks(TEXT)[name] == FIGURES[name]().strip(), "python -m tests.readme_figures writes README's figures anew"


def test_rewriting_keeps_the_rest_of_the_page():
    page = "a <!-- generated: n -->1<!-- end --> b\n<!-- generated: m -->\nold\n<!-- end -->\nc"
    again = rewritten(page, {"n": "2", "m": "new"}.__getitem__)
    assert again == "a <!-- generated: n -->2<!-- end --> b\n<!-- generated: m -->\nnew\n<!-- end -->\nc"
    assert rewritten(again, {"n": "2", "m": "new"}.__getitem__) == again


def test_mutation_figures_are_of_these_bodies():
    pytest.importorskip("sympy")
    from proofs.mutations import mutants

    rows = json.loads((ROOT / "proofs" / "mutations.json").read_text(encoding="utf-8"))["formulas"]
    assert list(rows) == list(formulas())
    changed = [name for name, row in rows.items() if row["changes"] != len(mutants(name))]
    assert not changed, "python -m proofs.table counts them anew"
