"""How fast vectors are certified and checked, what an import costs, how fast the production path runs."""

import statistics
import subprocess
import sys

import numpy as np
import pytest

from refdiff.catalogue import SUBJECTS, formulas

from .conftest import alternating

BITS = 128
STEPS = 1000
BETAS = np.linspace(1e-4, 0.02, STEPS)
FACTORS = [float(beta) for beta in BETAS]


def certified_products():
    """Ho et al.'s alpha_bar at every t: a running product of balls, each rounded correctly and certified."""
    from flint import arb

    from refdiff.golden.certified import certified
    from refdiff.numbers.balls import precision

    with precision(BITS):
        product, found = arb(1), []
        for beta in FACTORS:
            product *= 1 - arb(beta)
            found.append(product)
        return certified(found)


def mpmath_products():
    """The same values at 50 digits, rounded; nothing bounds their error."""
    import mpmath

    with mpmath.workdps(50):
        product, found = mpmath.mpf(1), []
        for beta in FACTORS:
            product *= 1 - mpmath.mpf(beta)
            found.append(float(product))
        return np.array(found)


def test_schedule_values_certified_per_second(benchmark, tell):
    pytest.importorskip("flint")
    pytest.importorskip("mpmath")
    assert np.array_equal(benchmark(certified_products).value, mpmath_products())
    ours, theirs = alternating(certified_products, mpmath_products, rounds=60)
    tell("schedule values certified, one core", STEPS / ours, "/s", ">= 500,000 /s")
    tell("  against mpmath at 50 digits, uncertified", theirs / ours, "times", ">= 3 times")
    assert STEPS / ours >= 500_000
    assert theirs / ours >= 3


def test_golden_cases_built_per_second(benchmark, tell):
    pytest.importorskip("flint")
    from refdiff.golden.build import build_case
    from refdiff.golden.cases import all_cases

    cases = all_cases()["posterior_variance"]
    asked = formulas()["posterior_variance"]
    benchmark.pedantic(lambda: [build_case(asked, case, {}) for case in cases], rounds=2, warmup_rounds=1)
    tell("golden cases built by two roads", len(cases) / benchmark.stats.stats.min, "/s")


def test_conformance_cases_per_second(benchmark, tell, tmp_path):
    from refdiff.conformance.adapter import load_adapter
    from refdiff.conformance.check import Settings, check
    from refdiff.conformance.judge import Verdict
    from refdiff.golden.vectors import Vectors

    file = tmp_path / "the_reference.py"
    file.write_text("".join(f"from refdiff.reference.{subject} import *\n" for subject in SUBJECTS), encoding="utf-8")
    adapter, vectors = load_adapter(str(file)), Vectors()
    assert set(adapter.functions) == set(formulas())
    held = len(list(vectors))  # read before the clock starts
    results = benchmark.pedantic(lambda: list(check(adapter, vectors, Settings("numpy"))), rounds=3)
    cases = sum(len(result.outcomes) for result in results)
    assert cases > 0.95 * held
    assert {result.verdict for result in results} == {Verdict.CONFORMANT}
    tell("conformance cases of the reference in NumPy", cases / benchmark.stats.stats.min, "/s")
    tell("  all of them", benchmark.stats.stats.min, "s")


def import_seconds(statement):
    """CPU time of an import in a fresh process."""
    script = f"import time; start = time.process_time(); {statement}; print(time.process_time() - start)"
    return float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


def test_import_costs_no_more_than_numpy_and_scipy(benchmark, tell):
    pairs = [(import_seconds("import refdiff"), import_seconds("import numpy, scipy.special")) for _ in range(11)]
    benchmark.pedantic(lambda: import_seconds("import refdiff"), rounds=1)
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    tell("import refdiff", ours, "s")
    tell("  against import numpy, scipy.special", ours / theirs, "times", "<= 1.3 times")
    assert ours / theirs <= 1.3


@pytest.fixture
def one_thread():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(before)


def test_train_steps_per_second(benchmark, tell, one_thread):
    pytest.importorskip("sklearn")
    from refdiff.production.data import digits
    from refdiff.production.training import Trainer, TrainingConfig

    config = TrainingConfig()
    trainer = Trainer(config, digits())
    benchmark.pedantic(trainer.advance, rounds=30, warmup_rounds=5)
    rate = 1 / benchmark.stats.stats.median
    tell("train steps on digits, one thread", rate, "/s")
    tell("  images", rate * config.batch_size, "/s")


def attention(torch, x_t, points, alpha_t, sigma_t):
    """PyTorch's fused float64 attention with the data as keys and values: the strongest plain rival."""
    scale = alpha_t / sigma_t**2
    bias = -(alpha_t**2) * (points * points).sum(1) / (2 * sigma_t**2)
    query, key = torch.cat([x_t * scale, torch.ones_like(x_t[:, :1])], 1), torch.cat([points, bias[:, None]], 1)
    attend = torch.nn.functional.scaled_dot_product_attention
    return attend(query[None, None], key[None, None], points[None, None], scale=1.0)[0, 0]


def worst_error(found, x_t, points, alpha_t, sigma_t):
    """Largest error of a denoiser's entries, against extended precision on a few states."""
    x, y = (value.numpy().astype(np.longdouble) for value in (x_t[:8], points))
    exponent = -(((x[:, None] - alpha_t * y[None]) ** 2).sum(2)) / (2 * np.longdouble(sigma_t) ** 2)
    weights = np.exp(exponent - exponent.max(1, keepdims=True))
    return float(np.abs(found[:8].numpy() - (weights / weights.sum(1, keepdims=True)) @ y).max())


@pytest.mark.parametrize("sigma_t", [0.002, 0.5])
def test_exact_denoiser_against_fused_attention(benchmark, tell, one_thread, sigma_t):
    pytest.importorskip("sklearn")
    from refdiff.production.data import digits
    from refdiff.production.denoiser import denoiser_dirac

    torch = one_thread
    points = digits().train.flatten(1).double()
    generator = torch.Generator().manual_seed(0)
    alpha_t = (1 - sigma_t**2) ** 0.5
    # Half-way between neighbours, where the blend hangs on the last digits of two distances.
    nearest = torch.cdist(points[:256], points).fill_diagonal_(torch.inf).argmin(1)
    jitter = sigma_t**2 * torch.randn(256, points.shape[1], dtype=torch.float64, generator=generator)
    x_t = alpha_t * (points[:256] + points[nearest]) / 2 + jitter

    def ours():
        return denoiser_dirac(x_t, points, alpha_t, sigma_t)

    def theirs():
        return attention(torch, x_t, points, alpha_t, sigma_t)

    benchmark.pedantic(ours, rounds=5, warmup_rounds=1)
    seconds = alternating(ours, theirs, rounds=10)
    errors = [worst_error(found(), x_t, points, alpha_t, sigma_t) for found in (ours, theirs)]
    tell(f"exact denoiser, {len(points)} x 64, B 256, sigma {sigma_t}", seconds[0] * 1e3, "ms")
    tell("  against PyTorch's fused float64 attention", seconds[1] / seconds[0], "times")
    tell("  worst error of an entry", errors[0], "")
    tell("  worst error of fused attention", errors[1], "")
    assert errors[0] <= errors[1]
