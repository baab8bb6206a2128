"""What `refdiff check` prints: a report that a person can read at 80 columns, and a program through a schema."""

import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from tests.command import RIGHT, WRONG, Done

pytest_plugins = ["tests.command"]


def test_right_code_is_conformant_and_says_how_much_was_run(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    done = refdiff("check", adapter(RIGHT))
    assert done.status == 0
    assert re.search(r"1 conformant, \d+ not provided \(24 cases\)", done.out)


def test_one_case_shows_all_its_numbers(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    done = refdiff("check", adapter(WRONG), "--case", "forward.marginal_variance/linear-1000/t-500@1")
    assert done.status == 1
    for words in ("inputs", "betas = ", "t = 500", "wanted", "0.92141", "got", "0.95990"):
        assert words in done.out


def test_nothing_judged_is_not_a_success(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    declines = "def snr_weight_v(snr_t):\n    raise NotImplementedError('not yet')\n"
    done = refdiff("check", adapter(declines))
    assert done.status == 4


def test_output_fits_80_columns_without_colour(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    done = refdiff("check", adapter(RIGHT + WRONG))
    assert done.status == 1
    assert "\x1b" not in done.out
    too_long = [line for line in done.out.splitlines() if len(line) > 80 and "again: " not in line]
    assert not too_long


@pytest.mark.parametrize("text", [RIGHT, WRONG, RIGHT + WRONG + "def snr_weight_eps(snr_t):\n    return float('nan')\n"])
def test_json_follows_the_schema(refdiff: Callable[..., Done], adapter: Callable[..., str], text: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((files("refdiff.conformance") / "report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    done = refdiff("check", adapter(text), "--json")
    report = json.loads(done.out)
    jsonschema.Draft202012Validator(schema).validate(report)
    assert done.status == (0 if text == RIGHT else 1)
    report["summary"].pop("cases")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(report)


def test_prints_of_the_adapter_do_not_spoil_the_json(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    chatty = "print('imported')\n\ndef snr_weight_v(snr_t):\n    print('called')\n    return snr_t / (snr_t + 1)\n"
    done = refdiff("check", adapter(chatty), "--json", "--formula", "snr_weight_v")
    report = json.loads(done.out)
    assert report["formulas"][0]["cases"][0]["note"] == "printed 1 lines"


def test_junit_counts_cases_and_failures(refdiff: Callable[..., Done], adapter: Callable[..., str], tmp_path: Path) -> None:
    from xml.etree import ElementTree

    refdiff("check", adapter(RIGHT + WRONG), "--junit", "report.xml")
    suite = ElementTree.fromstring((tmp_path / "report.xml").read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("48", "24")
    assert len(suite.findall("testcase/failure")) == 24
