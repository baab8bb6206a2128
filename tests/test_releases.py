"""Old releases replayed: the record holds together, and slowly, that it is still found."""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from refdiff.catalogue import formulas
from tests.releases.absent import bare, pretend, without_beartype
from tests.releases.replay import Replay, ReplayError, compare, fetched, replayed, side
from tests.releases.replays import REPLAYS, SKIPPED
from tests.releases.results import PAGE, RESULTS, page

ADAPTERS = Path(__file__).parent / "releases" / "adapters"


@pytest.fixture
def imports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder on the path; what is imported from it, or pretended, is forgotten."""
    before = dict(sys.modules)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in set(sys.modules) - set(before):
        del sys.modules[name]


def test_every_replay_is_recorded_as_it_is_expected() -> None:
    rows = {(row["replay"], row["formula"]): row for row in json.loads(RESULTS.read_text())["outcomes"]}
    expected = {(one.name, name): one.verdicts for one in REPLAYS for name in one.formulas}
    assert {key: (row["before"]["verdict"], row["after"]["verdict"]) for key, row in rows.items()} == expected
    assert all(row[part]["cases"] > 0 for row in rows.values() for part in ("before", "after"))


def test_page_is_made_of_the_record() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(json.loads(RESULTS.read_text(encoding="utf-8")))


def test_replays_are_told_apart_and_none_is_skipped_too() -> None:
    assert len({one.name for one in REPLAYS}) == len(REPLAYS)
    assert not {one.bug for one in REPLAYS} & set(SKIPPED)


@pytest.mark.parametrize("replay", REPLAYS, ids=lambda one: one.name.replace(" ", "-"))
def test_adapter_has_the_formulas_of_its_replay(replay: Replay) -> None:
    written = ast.parse((ADAPTERS / f"{replay.adapter.partition(':')[0]}.py").read_text(encoding="utf-8"))
    defined = {node.name for node in ast.walk(written) if isinstance(node, ast.FunctionDef)}
    assert set(replay.formulas) <= defined & set(formulas())


def release(folder: Path, version: str, line: str) -> Path:
    (folder / version).mkdir()
    (folder / version / "step.py").write_text(f"def step():\n    {line}\n")
    return folder / version


def a_replay(**changed: str) -> Replay:
    told = {"wrong": "return 1", "right": "return 2", "file": "step.py", "before": "0.1", "after": "0.2"} | changed
    return Replay("B000", "owner/name#1", "a slip", "name", adapter="none", formulas=("snr",), **told)


def test_sources_must_differ_as_the_table_says(tmp_path: Path) -> None:
    folders = {"0.1": release(tmp_path, "0.1", "return 1"), "0.2": release(tmp_path, "0.2", "return 2")}
    compare(a_replay(), folders)
    compare(a_replay(wrong=""), folders)
    for changed in ({"wrong": "return 3"}, {"wrong": "def step"}, {"right": "return 3"}, {"right": "def step"}):
        with pytest.raises(ReplayError, match="alone"):
            compare(a_replay(**changed), folders)


def test_a_release_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "name-0.1").mkdir()
    assert fetched("name", "0.1", tmp_path) == tmp_path / "name-0.1"


def test_a_side_counts_cases_and_says_what_was_named() -> None:
    told = {"verdict": "wrong", "cases": [{"verdict": "wrong"}, {"verdict": "conformant"}], "declined": ["why"]}
    known = {"mistake": "snr__root", "what": "the root"}
    assert side(told | {"diagnosis": known}).mistake == "snr__root"
    assert side(told | {"diagnosis": {"mistake": "factor", "what": "twice the right value"}}).mistake == "twice the right value"
    found = side(told | {"diagnosis": None})
    assert (found.conformant, found.cases, found.declined, found.mistake) == (1, 2, 1, "")


def test_pretended_packages_can_be_imported_inherited_from_and_caught(imports: Path) -> None:
    pretend("absent_hub", "half.absent")
    import absent_hub.utils as utils
    from absent_hub import Client
    from absent_hub.constants import HOME

    assert issubclass(type("Own", (Client,), {}), Client)
    assert isinstance(HOME, str)
    with pytest.raises(utils.NotFound):
        raise utils.NotFound("any", arguments=True)
    with pytest.raises(TypeError):
        Client() + 1
    with pytest.raises(ModuleNotFoundError):
        import half.present  # noqa: F401


def test_bare_packages_give_their_modules_without_running_themselves(imports: Path) -> None:
    package = imports / "heavy" / "inner"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").write_text("raise RuntimeError('loads everything')")
    (package / "step.py").write_text("from .. import __version__\nVERSION = __version__")
    bare("heavy", "heavy.inner")
    from heavy.inner.step import VERSION

    assert VERSION == "0"
    with pytest.raises(ImportError, match="no package"):
        bare("heavy.other")


def test_without_beartype_a_function_is_left_as_it_is(imports: Path) -> None:
    without_beartype()
    from beartype import beartype
    from beartype.typing import List

    assert beartype(len) is len
    assert List is not None


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("releases")


@pytest.mark.slow
@pytest.mark.parametrize("replay", REPLAYS, ids=lambda one: one.name.replace(" ", "-"))
def test_release_before_a_fix_is_told_from_the_one_after(replay: Replay, cache: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed; pip install 'refdiff[torch]'")
    try:
        found = replayed(replay, cache)
    except ReplayError as error:
        if "fetched" in str(error):
            pytest.skip(str(error))
        raise
    assert {outcome.formula: outcome.verdicts for outcome in found} == dict.fromkeys(replay.formulas, replay.verdicts)
