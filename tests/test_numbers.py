"""One body, several readings: NumPy, torch, array-api-strict, sympy and Arb give the same values."""

import importlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp
import torch

from refdiff.catalogue import evaluate, formulas
from refdiff.golden.domain import sample
from refdiff.numbers import floats, namespace
from refdiff.numbers.balls import BALLS, ball, balls, precision
from refdiff.numbers.symbols import SYMBOLS
from refdiff.vocabulary import Quantities

FORMULAS = formulas()
POINTWISE = [name for name, known in FORMULAS.items() if not known.whole_run]
# Integer grids come from integers alone: there is no array to take a number system from.
FROM_INTEGERS = {"timesteps_leading", "timesteps_linspace", "timesteps_quadratic", "timesteps_trailing"}
# A fraction to the power of a fraction may have millions of digits.
POWERS = {"cutoff_frequency", "edm_sigma_at_fractional_time_log_linear", "sigmas_of_table", "sigmas_polyexponential"}
POWERS |= {"dpmpp_2m_sde_step", "dpmpp_2m_sde_heun_step", "dpmpp_3m_sde_step", "sa_predictor_step", "sa_corrector_step"}
POWERS |= {"dpmpp_3m_sde_released_step"}
WITH_ARRAYS = [name for name in POINTWISE if name not in FROM_INTEGERS]
POINTS = 4


@cache
def points(name: str) -> tuple[dict[str, Any], ...]:
    """Mild arguments of the documented domain, short schedules only: the readings are compared, not certified."""
    rng = np.random.default_rng(list(name.encode()))
    drawn = (sample(name, FORMULAS[name].arguments, rng) for _ in range(60))
    short = [given for given in drawn if len(given.get("betas", ())) <= 10 and given.get("T", 0) <= 10]
    return tuple(short[:POINTS])


def lifted(given: Mapping[str, Any], lift: Any) -> dict[str, Any]:
    """Every number and array but the integers, in another number system."""
    return {name: value if isinstance(value, int) else lift(value) for name, value in given.items()}


def truth(name: str, given: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Value by balls at 300 bits, and one ulp of what the docstring measures its error in."""
    with precision(300):
        known = lifted(given, balls)
        value = np.asarray(FORMULAS[name].function(**known), dtype=object)
        scale = evaluate(FORMULAS[name].error[1], Quantities(known | {"value": value if value.shape else value.item()}))
        plain = [np.array([float(ball(x)) for x in np.ravel(np.asarray(part, dtype=object))]) for part in (value, scale)]
    return plain[0].reshape(value.shape), np.abs(plain[1]).reshape(np.shape(scale))


def allowed(name: str, given: Mapping[str, Any], scale: np.ndarray) -> np.ndarray:
    """Twice the stated error, and what balls of 53 bits may stray: only the NumPy reading carries more digits than its own."""
    with precision(53):
        value = np.asarray(FORMULAS[name].function(**lifted(given, balls)), dtype=object)
    strayed = np.nan_to_num([float(ball(x).rad()) for x in value.flat], posinf=0).reshape(value.shape)
    return (2 * FORMULAS[name].error[0] + 4) * np.spacing(scale) + strayed


@pytest.mark.parametrize("name", POINTWISE)
def test_numpy_reading_is_the_ball_reading_within_the_stated_error(name):
    for given in points(name):
        expected, scale = truth(name, given)
        found = FORMULAS[name].function(**given)
        assert np.shape(found) == expected.shape
        assert np.all(np.abs(found - expected) <= (FORMULAS[name].error[0] + 1) * np.spacing(scale))


@pytest.mark.parametrize("xp", [torch, strict], ids=["torch", "array_api_strict"])
@pytest.mark.parametrize("name", WITH_ARRAYS)
def test_tensor_readings_in_float64_are_the_ball_reading_as_far_as_plain_floats_are(name, xp):
    for given in points(name):
        expected, scale = truth(name, given)
        found = FORMULAS[name].function(**lifted(given, lambda value: xp.asarray(value, dtype=xp.float64)))
        assert found.dtype == xp.float64
        assert tuple(found.shape) == expected.shape
        assert np.all(np.abs(np.asarray(found) - expected) <= allowed(name, given, scale))


@pytest.mark.parametrize("name", WITH_ARRAYS)
def test_torch_reading_in_float32_stays_float32_and_near(name):
    for given in points(name):
        single = lifted(given, lambda value: np.asarray(value, dtype=np.float32).astype(np.float64)[()])
        found = FORMULAS[name].function(**lifted(single, lambda value: torch.tensor(value, dtype=torch.float32)))
        assert found.dtype == torch.float32
        expected, scale = truth(name, single)
        reached = (np.abs(expected) < 1e37) & (np.abs(expected) > 1e-37) & np.isfinite(found.numpy()) & (scale < 1e30)
        within = 64 * (FORMULAS[name].error[0] + 4) * np.spacing(scale.astype(np.float32))
        with np.errstate(invalid="ignore"):
            assert np.all((np.abs(found.numpy() - expected) <= within) | ~reached)


@pytest.mark.parametrize("name", POINTWISE)
def test_sympy_reading_has_the_ball_readings_value(name):
    number = (lambda x: sp.Float(x, 80)) if name in POWERS else sp.Rational

    def exact(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return np.array([number(entry.item()) for entry in value.flat], dtype=object).reshape(value.shape)
        return number(value)

    for given in points(name)[:2]:
        expected, scale = truth(name, given)
        found = np.asarray(FORMULAS[name].function(**lifted(given, exact)), dtype=object)
        assert found.shape == expected.shape
        numbers = np.array([float(sp.N(entry, 30, maxn=2000)) for entry in found.flat]).reshape(found.shape)
        assert np.all(np.abs(numbers - expected) <= np.spacing(np.maximum(scale, np.abs(expected))))


# Away from the ends, where a slope is the small difference of large ones and no test of the chain rule.
MIDDLE = {"log_alpha_bar_s": -0.7, "log_alpha_bar_t": -1.9, "log_alpha_bar_T": -3.1, "logsnr_t": 0.6, "T": 5}
MIDDLE |= {"variance_1": 1.5, "variance_2": 0.75, "log_alpha_bar_r": -0.3, "log_alpha_bar_u": -2.5}
# The same for formulas whose other arguments may meet or drown each other: unequal levels of ordinary size.
ORDINARY = np.array([[0.5, -1.25, 0.75], [1.5, 0.25, -0.5]])
MIDDLES = {
    "ancestral_sigma_down": {"eta": 0.5, "sigma_s": 0.75, "sigma_t": 1.5},
    "ddim_stochastic_gap": {"noise_share": 0.5},
    "denoiser_mixture": {
        "x_t": ORDINARY,
        "weights": np.array([0.25, 0.75]),
        "means": ORDINARY / 2,
        "variances": np.array([0.5, 1.25]),
        "alpha_t": 0.75,
        "sigma_t": 1.0,
    },
    "edm_churned_state": {"churn": 0.25, "sigma_t": 1.5},
    "edm_euler_step": {"x_t": ORDINARY, "x_0": ORDINARY[::-1] / 2, "sigma_t": 1.5, "sigma_s": 0.5},
    "heun_gain": {"variance": np.array([0.25, 1.5]), "sigma_t": 1.5, "sigma_s": 0.5},
    "probability_flow_solution_correlated": {"alpha_t": 0.75, "sigma_t": 1.0, "alpha_s": 0.875, "sigma_s": 0.5},
    "unscaled_rectified_gap": {"alpha_t": 0.5, "sigma_t": 0.75, "alpha_s": 0.875, "sigma_s": 0.375},
}
for between in ("edm_sigma_at_fractional_time_linear", "edm_sigma_at_fractional_time_log_linear"):
    MIDDLES[between] = {"betas": np.array([0.1, 0.25, 0.5]), "fractional_t": np.array([1.25, 2.5])}
MIDDLES["posterior_weights_mixture"] = MIDDLES["denoiser_mixture"]
# Constant, with a jump inside the domain, or by a function of SciPy's that has no gradient in torch.
NOT_SMOOTH = ("betas_cosine", "snr_weight_eps", "minibatch_ot_permutation", "interval_guidance", "edm_churn_gamma", "sigmas_beta")
MIDDLES["ancestral_sigma_up"] = MIDDLES["euler_ancestral_step"] = MIDDLES["ancestral_sigma_down"]
SMOOTH = [name for name in WITH_ARRAYS if "min_snr" not in name and name not in NOT_SMOOTH]


def _distance_from_one(given: dict[str, Any]) -> float:
    """How far the arguments go from numbers of ordinary size; 0 may be a hard end."""
    sizes = [np.abs(np.asarray(value, dtype=float)).ravel() for value in given.values() if not isinstance(value, int)]
    return max((float(np.abs(np.log10(np.maximum(size, 1e-30))).max()) for size in sizes if size.size), default=0.0)


@pytest.mark.parametrize("name", SMOOTH)
def test_torch_gradient_is_the_slope_between_neighbouring_balls(name):
    body = FORMULAS[name].function
    middle = {key: level for key, level in (MIDDLE | MIDDLES.get(name, {})).items() if key in FORMULAS[name].arguments}
    given = min(points(name), key=_distance_from_one) | middle
    moving = {key: np.asarray(value) for key, value in given.items() if not isinstance(value, int)}
    leaves = {key: torch.tensor(value, dtype=torch.float64, requires_grad=True) for key, value in moving.items()}
    found = body(**given | leaves)
    # Entries count unequally: weights that sum to one have a slope each, their sum has none.
    counts = 1 + np.arange(found.numel()).reshape(tuple(found.shape)) / 8
    torch.sum(found * torch.tensor(counts)).backward()
    with precision(600):
        step = ball(2) ** -150
        for key in moving:
            # All entries of one argument move together: a chain rule that loses one of them is off.
            known = lifted(given, balls)
            ahead, behind = (np.sum(body(**known | {key: known[key] + side * step}) * balls(counts)) for side in (1, -1))
            slope = float(ball((ahead - behind) / (2 * step)))
            untouched = leaves[key].grad is None
            parts = np.zeros(()) if untouched else leaves[key].grad.numpy()
            # The central difference is off by step**2, 2**-300, times a third derivative.
            assert abs(np.sum(parts) - slope) <= 1e-7 * np.sum(np.abs(parts)) + 1e-80


# Models of ordinary slope: exact ones of finite data sharpen a rounding as much as noise is small.
MILD = {name: lambda x_t, t: x_t / (1 + t) for name in ("denoiser", "v_model_conditional", "velocity_model")}
MILD |= {
    "v_model_unconditional": lambda x_t, t: x_t / (2 + t) - 1,
    "denoiser_at_level": lambda x_t, alpha_t, sigma_t: x_t * alpha_t / (1 + sigma_t) + 1,
}


@pytest.mark.parametrize("name", [name for name, known in FORMULAS.items() if known.whole_run])
def test_runs_read_the_same_in_numpy_torch_and_array_api_strict(name):
    given = sample(name, FORMULAS[name].arguments, np.random.default_rng(list(name.encode())))
    known = Quantities(given | MILD)
    asked = {key: known[key] for key in FORMULAS[name].arguments}

    def run(lift: Any) -> np.ndarray:
        def known_as(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                return lift(value) if value.dtype.kind == "f" else value.tolist()
            return value

        return np.asarray(FORMULAS[name].function(**{key: known_as(value) for key, value in asked.items()}))

    expected = run(np.asarray)
    for lift in (torch.asarray, strict.asarray):
        assert np.abs(run(lift) - expected).max() <= 1e-13 * np.abs(expected).max()


def test_namespace_of_plain_numbers_is_numpy():
    assert namespace(0.5, 1) is floats
    assert namespace() is floats
    assert namespace(np.float32(1), np.array(2.0), 3) is floats


def test_namespace_follows_the_entries_of_object_arrays_and_takes_empty_ones_for_numpy():
    assert namespace(np.array([ball(1)], dtype=object)) is BALLS
    assert namespace(np.array(sp.Symbol("x"), dtype=object), 1.0) is SYMBOLS
    assert namespace(np.array([], dtype=object)) is floats


def test_namespace_keeps_the_dtype_of_the_tensors_next_to_plain_numbers():
    posterior = importlib.import_module("refdiff.reference.posterior")
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        assert posterior.posterior_mean(torch.ones(2, dtype=dtype), torch.ones(2, dtype=dtype), -0.5, -1.0).dtype == dtype


def test_bodies_refuse_arrays_of_two_systems():
    variance = importlib.import_module("refdiff.reference.posterior").posterior_variance
    for one, other in (
        (torch.tensor([-0.5]), np.array([-1.0])),
        (torch.tensor([-0.5]), strict.asarray([-1.0])),
    ):
        with pytest.raises(TypeError):
            variance(one, other)


def test_numbers_without_a_shape_give_numbers_without_a_shape():
    schedule = importlib.import_module("refdiff.reference.schedule")
    assert np.shape(schedule.logsnr(-0.5)) == np.shape(schedule.logsnr(np.array(-0.5))) == ()
    assert schedule.logsnr(torch.tensor(-0.5)).shape == ()
    assert isinstance(schedule.logsnr(ball(-0.5)), type(ball(1)))
    assert isinstance(schedule.logsnr(sp.Rational(-1, 2)), sp.Expr)


def test_precision_is_given_back_after_a_failure():
    with precision(77):
        with pytest.raises(ZeroDivisionError), precision(200):
            raise ZeroDivisionError
        with precision(77):
            assert ball(2).sqrt().rad() > 0
        assert importlib.import_module("flint").ctx.prec == 77


def test_printed_squares_of_balls_about_zero_stay_finite():
    with precision(128):
        root = ball(2).sqrt()
        assert evaluate("(alpha_t - sigma_t)**2", {"alpha_t": root, "sigma_t": root}).is_finite()


@pytest.mark.parametrize("size", [1e-300, 1e-9, 1e-3, 0.3, 0.999999, 1.0, 1.5, 30.0, 700.0])
def test_expm1mx_keeps_its_digits_near_0_and_beyond(size):
    x = np.array([size, -size])
    with precision(300):
        expected = np.array([float(BALLS.expm1mx(ball(entry))) for entry in x.tolist()])
    allowed = 3 * np.spacing(expected)
    assert np.all(np.abs(floats.expm1mx(x) - expected) <= allowed)
    for array, lift in ((torch.float64, torch.tensor), (strict.float64, strict.asarray)):
        found = namespace(lift(x, dtype=array)).expm1mx(lift(x, dtype=array))
        assert np.all(np.abs(np.asarray(found) - expected) <= allowed)


def test_expm1mx_in_balls_stays_tight_at_few_bits_and_is_exactly_0_at_0():
    with precision(24):
        found = BALLS.expm1mx(ball(2.0**-40))
        assert found.rad() <= abs(found.mid()) * 2.0**-20
        assert BALLS.expm1mx(ball(0)).is_zero()


@pytest.mark.parametrize(("a", "b"), [(0.6, 0.6), (1.0, 1.0), (0.5, 3.0), (4.0, 0.75)])
def test_betaincinv_inverts_the_incomplete_beta_function_in_every_number_system(a, b):
    mass = np.array([0.0, 1e-6, 0.25, 0.5, 0.8125, 1 - 2**-20, 1.0])
    with precision(300):
        found = BALLS.betaincinv(a, b, balls(mass))
        assert all(x.rad() < 2.0**-280 for x in found)
        assert all((x.beta_lower(ball(a), ball(b), True) - p).contains(0) for x, p in zip(found, mass.tolist(), strict=True))
    expected = np.array([float(x) for x in found])
    for reading in (floats.betaincinv(a, b, mass), namespace(torch.ones(1).double()).betaincinv(a, b, torch.tensor(mass))):
        assert np.allclose(reading, expected, rtol=1e-13, atol=0)
    symbols = [float(sp.N(SYMBOLS.betaincinv(sp.Rational(a), sp.Rational(b), sp.Rational(p)), 30)) for p in mass.tolist()]
    assert np.allclose(symbols, expected, rtol=1e-14, atol=0)


def test_betaincinv_in_balls_encloses_every_quantile_of_wide_masses_and_shapes():
    with precision(24):
        found = BALLS.betaincinv(ball(0.6) + ball(2.0**-10) * ball("0 +/- 1"), 0.6, ball("0.25 +/- 0.001"))
        ends = [floats.betaincinv(0.6 + shape, 0.6, 0.25 + mass) for shape in (-9e-4, 9e-4) for mass in (-9e-4, 9e-4)]
        assert found.rad() < 0.01
        assert all(not BALLS.betaincinv(0.6, 0.6, outside).is_finite() for outside in (-0.25, 1.25, float("nan")))
        assert all(found.contains(ball(float(end))) for end in ends)


@pytest.mark.parametrize("number", [1.0, ball(1), sp.Integer(1), torch.tensor(1.0), strict.asarray(1.0)])
def test_eye_is_the_identity_of_every_number_system(number):
    found = np.asarray(namespace(number).eye(2)).astype(float)
    assert np.array_equal(found, [[1, 0], [0, 1]])
