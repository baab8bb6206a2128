"""Docstrings: the printed form equals the body, and every section says what it must."""

import math
import re

import pytest
from flint import arb

from refdiff.catalogue import formulas
from refdiff.vocabulary import Quantities

from .algebra import same
from .statements import agree, contradicts, points, reading, stated, symbolic_arguments

FORMULAS = formulas()
STATED = [name for name, known in FORMULAS.items() if not known.whole_run]
# Subjects whose arguments `symbolic_arguments` knows; the others meet their printed form in balls, their definition in symbols.
SYMBOLIC = {"gaussian", "schedule", "forward", "posterior", "conversion", "loss", "step", "denoiser"}
# sympy does not compare minima of different factors, sines of unequal angles, nor maxima of shifted arguments; the balls do.
ONLY_IN_BALLS = {
    "betas_cosine",
    "decoder_log_likelihood",
    "denoiser_dirac",
    "min_snr_weight_eps",
    "min_snr_weight_score",
    "min_snr_weight_v",
    "min_snr_weight_velocity",
}


@pytest.mark.parametrize("name", STATED)
def test_printed_form_encloses_the_bodys_values(name):
    known = FORMULAS[name]
    for index, arguments in enumerate(points(name)):
        bits, expected = stated(name, index)
        assert agree(reading(known.function, arguments, bits), expected), f"{name} at {arguments}"


@pytest.mark.parametrize("name", [name for name in STATED if FORMULAS[name].subject in SYMBOLIC and name not in ONLY_IN_BALLS])
def test_printed_form_is_the_body_on_symbols(name):
    known = FORMULAS[name]
    given = symbolic_arguments(known)
    assert same(known.function(**given), known.textbook(Quantities(given)))


@pytest.mark.parametrize("name", STATED)
def test_a_body_off_by_one_part_in_1e30_contradicts_its_printed_form(name):
    assert contradicts(lambda **given: FORMULAS[name].function(**given) * (1 + arb(2) ** -100), name)


@pytest.mark.parametrize("name", FORMULAS)
def test_docstring_has_every_section(name):
    known = FORMULAS[name]
    assert known.summary.endswith(".")
    assert known.section("Source").endswith(".")
    described = re.findall(r"^(\w+): ", known.section("Args"), re.MULTILINE)
    assert tuple(described) == known.arguments
    assert known.statement or name not in STATED
    assert math.isfinite(known.error[0]), "Returns must say 'Error at most N ulp' or 'Exact'"


def test_path_formulas_are_whole_runs_and_state_no_single_form():
    assert {name for name in FORMULAS if name not in STATED} == {name for name in FORMULAS if name.endswith("_path")}
