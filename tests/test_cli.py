"""`refdiff check` and bad input: the right exit status and one clear sentence, never a traceback."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from refdiff.golden.files import folder
from tests.command import RIGHT, Done, one_sentence

pytest_plugins = ["tests.command"]


# Adapters that cannot be used: status 3


def test_no_such_module(refdiff: Callable[..., Done]) -> None:
    one_sentence(refdiff("check", "no_such_module_anywhere"), 3, "no module named 'no_such_module_anywhere'")


def test_a_built_in_name_misspelt(refdiff: Callable[..., Done]) -> None:
    one_sentence(refdiff("check", "difusers"), 3, "did you mean 'diffusers'?")


def test_no_such_file(refdiff: Callable[..., Done]) -> None:
    one_sentence(refdiff("check", "absent.py"), 3, "no file 'absent.py'")


def test_no_such_attribute(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    adapter(RIGHT, "mine_with_attribute.py")
    one_sentence(refdiff("check", "mine_with_attribute:other"), 3, "no attribute 'other'")


def test_a_missing_dependency_of_the_adapter(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    one_sentence(refdiff("check", adapter("import no_such_dependency\n" + RIGHT)), 3, "no_such_dependency", "not installed")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def broken(:\n", ["SyntaxError", "mine.py"]),
        ("1/0\n", ["ZeroDivisionError"]),
        ("raise SystemExit(0)\n", ["SystemExit"]),
        ("x = 1\n", ["none of refdiff's names", "refdiff list"]),
        ("", ["none of refdiff's names"]),
        (
            "def posterior_varience(betas):\n    return betas\n" + RIGHT,
            ["'posterior_varience'", "did you mean posterior_variance"],
        ),
        ("def snr_weight_v(alphabar_t):\n    return alphabar_t\n", ["'alphabar_t'", "did you mean alpha_bar_t"]),
        ("def snr_weight_v(timestep_embedding):\n    return 1\n", ["'timestep_embedding'", "not a quantity"]),
    ],
)
def test_an_adapter_that_does_not_fit_is_told_in_one_sentence(
    refdiff: Callable[..., Done], adapter: Callable[..., str], text: str, words: list[str]
) -> None:
    one_sentence(refdiff("check", adapter(text)), 3, *words)


# Usage: status 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--formula", "snr_weight_w"], ["no formula is called 'snr_weight_w'", "did you mean", "snr_weight_v"]),
        (["--case", "loss.snr_weight_v/nowhere@1"], ["no case is called", "refdiff show snr_weight_v"]),
        (["--case", "nonsense"], ["nonsense"]),
        (["--array", "torch", "--device", "cuda:77"], ["cuda:77", "give --device cpu"]),
        (["--array", "torch", "--device", "toaster"], ["toaster"]),
        (["--array", "cupy"], ["cupy"]),
        (["--dtype", "bfloat16"], ["NumPy has no bfloat16", "give --array torch"]),
        (["--junit", "no/such/folder/x.xml"], ["cannot write no/such/folder/x.xml"]),
    ],
)
def test_a_usage_error_is_one_sentence(
    refdiff: Callable[..., Done], adapter: Callable[..., str], arguments: list[str], words: list[str]
) -> None:
    if "cupy" in arguments and shutil.which("nvidia-smi"):
        pytest.skip("cupy may be there")
    one_sentence(refdiff("check", adapter(RIGHT), *arguments), 2, *words)


@pytest.mark.parametrize("arguments", [["--dtype", "float128"], ["--array", "tensorflow"], ["--seconds", "0"], ["--nonsense"]])
def test_an_option_outside_its_choices_is_refused_with_the_choices(
    refdiff: Callable[..., Done], adapter: Callable[..., str], arguments: list[str]
) -> None:
    done = refdiff("check", adapter(RIGHT), *arguments)
    assert done.status == 2
    assert arguments[-1].lstrip("-") in done.err
    assert "Traceback" not in done.err


# Deviations: status 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return np.ones((2, 2))", "returned shape (2, 2), wanted ()"),
        ("return snr_t / (snr_t + 1) + 0j", "returned complex128, wanted real numbers"),
        ("return float('nan')", "returned nan where the value is finite"),
        ("return None", "returned NoneType, wanted a number or an array"),
        ("raise ValueError('no schedule')", "raised ValueError: no schedule"),
        ("raise SystemExit(0)", "raised SystemExit"),
        ("return snr_t", "it equals"),
    ],
)
def test_a_deviation_is_told_with_its_case(
    refdiff: Callable[..., Done], adapter: Callable[..., str], body: str, words: str
) -> None:
    done = refdiff("check", adapter(f"import numpy as np\n\ndef snr_weight_v(snr_t):\n    {body}\n"), "--formula", "snr_weight_v")
    assert done.status == 1
    assert done.err == ""
    for each in (
        words,
        "snr_weight_v: wrong in ",
        "case loss.snr_weight_v/",
        "hunts: ",
        "again: refdiff check mine.py --case",
    ):
        assert each in " ".join(done.out.split())


def test_a_call_that_hangs_is_stopped(refdiff: Callable[..., Done], adapter: Callable[..., str]) -> None:
    target = adapter("import time\n\ndef snr_weight_v(snr_t):\n    time.sleep(60)\n")
    done = refdiff("check", target, "--formula", "snr_weight_v", "--seconds", "0.02")
    assert done.status == 1
    assert "did not return within 0.02 s" in done.out


# Vectors that are damaged: status 4


def _damaged(tmp_path: Path, change: Callable[[bytearray], bytes]) -> Path:
    target = tmp_path / "golden"
    shutil.copytree(folder(), target)
    file = target / "loss" / "snr_weight_v.json"
    file.write_bytes(change(bytearray(file.read_bytes())))
    return target


def _flip(blob: bytearray) -> bytes:
    blob[len(blob) // 2] ^= 4
    return bytes(blob)


@pytest.mark.parametrize("change", [_flip, lambda blob: bytes(blob[:-7]), lambda blob: b""])
def test_damaged_vectors_are_an_integrity_fault(
    refdiff: Callable[..., Done], adapter: Callable[..., str], tmp_path: Path, change: Callable[[bytearray], bytes]
) -> None:
    root = _damaged(tmp_path, change)
    one_sentence(refdiff("check", adapter(RIGHT), "--vectors", str(root)), 4, "snr_weight_v.json", "SHA-256 differs")
    one_sentence(refdiff("golden", "verify", "--vectors", str(root)), 4, "snr_weight_v.json", "SHA-256 differs")


def test_no_vectors_at_all_is_an_integrity_fault(
    refdiff: Callable[..., Done], adapter: Callable[..., str], tmp_path: Path
) -> None:
    one_sentence(refdiff("check", adapter(RIGHT), "--vectors", str(tmp_path / "nowhere")), 4, "manifest.json", "cannot be read")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "manifest.json").write_text("{}")
    one_sentence(refdiff("check", adapter(RIGHT), "--vectors", str(tmp_path / "empty")), 4, "manifest.json")


def test_whole_vectors_verify(refdiff: Callable[..., Done]) -> None:
    done = refdiff("golden", "verify")
    assert done.status == 0
    assert "what the manifest promises" in done.out


# What else a person asks


def test_show_names_near_formulas_and_tells_one_whole(refdiff: Callable[..., Done]) -> None:
    one_sentence(refdiff("show", "posterior_varianc"), 2, "did you mean posterior_variance")
    done = refdiff("show", "posterior_variance")
    assert done.status == 0
    for words in ("Formula:", "Error at most", "Source:", "Known mistakes", "cases"):
        assert words in done.out
    listed = json.loads(refdiff("list", "--json").out)
    assert {row["name"] for row in listed} >= {"posterior_variance", "ddim_step"}
