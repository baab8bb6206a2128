"""The probability flow by an adaptive solver: as near to closed forms as the tolerance that was asked for."""

import pytest

torch = pytest.importorskip("torch")

from refdiff.production.adaptive import probability_flow_rk45  # noqa: E402
from refdiff.production.law import probability_flow_solution_correlated  # noqa: E402
from refdiff.production.singlestep import dpmpp_3s_path  # noqa: E402

MEAN = torch.tensor([0.5, -0.25], dtype=torch.float64)
COVARIANCE = torch.tensor([[0.5, 0.3], [0.3, 2.0]], dtype=torch.float64)
# Noise over signal from EDM's largest level to its least.
RATIOS = torch.logspace(1.9, -2.7, 7, dtype=torch.float64)
KINDS = {
    "unit": (torch.ones_like(RATIOS), RATIOS),
    "vp": (1 / torch.sqrt(1 + RATIOS**2), RATIOS / torch.sqrt(1 + RATIOS**2)),
    "flow": (1 / (1 + RATIOS), RATIOS / (1 + RATIOS)),
    "flow from pure noise": (torch.tensor([0.0, 0.25, 0.75, 0.99]), torch.tensor([1.0, 0.75, 0.25, 0.01])),
}


def denoiser(x_t, alpha_t, sigma_t):
    spread = alpha_t**2 * COVARIANCE + sigma_t**2 * torch.eye(2, dtype=torch.float64)
    return MEAN + alpha_t * (x_t - alpha_t * MEAN) @ torch.linalg.solve(spread, COVARIANCE)


def start(sigma):
    return sigma * torch.tensor([[0.75, -1.25], [-0.5, 0.5], [2.0, 1.0]], dtype=torch.float64)


def worst(kind, tolerance):
    """Largest error of any state, over the scale sqrt(alpha**2 + sigma**2) in which the solver measures its own."""
    alphas, sigmas = KINDS[kind]
    x_T = start(sigmas[0])
    found = probability_flow_rk45(denoiser, x_T, alphas, sigmas, tolerance, tolerance)
    assert torch.equal(found[0], x_T)
    gaps = []
    for state, alpha, sigma in zip(found, alphas, sigmas, strict=True):
        exact = probability_flow_solution_correlated(x_T, MEAN, COVARIANCE, alphas[0], sigmas[0], alpha, sigma)
        gaps.append(float((state - exact).abs().max() / torch.hypot(alpha, sigma)))
    return max(gaps)


@pytest.mark.parametrize("kind", KINDS)
def test_the_error_stays_below_the_tolerance_as_it_shrinks(kind):
    found = [worst(kind, 10.0**-k) for k in (3, 5, 7, 9, 11)]
    # A state of 4 standard deviations at most: rtol and atol together allow a few tolerances.
    assert all(error < 3 * 10.0**-k for error, k in zip(found, (3, 5, 7, 9, 11), strict=True))
    assert found[-1] < found[-2] < found[-3]


def test_the_model_is_asked_where_variance_is_preserved_and_no_oftener_than_the_tolerance_needs():
    asked = []

    def model(x_t, alpha_t, sigma_t):
        asked.append(alpha_t**2 + sigma_t**2)
        return denoiser(x_t, alpha_t, sigma_t)

    alphas, sigmas = KINDS["unit"]
    probability_flow_rk45(model, start(sigmas[0]), alphas, sigmas, 1e-7, 1e-7)
    assert all(abs(power - 1) < 1e-12 for power in asked)
    # Five decades of noise: the angle of (alpha, sigma) has no stiff end.
    assert len(asked) < 250


def test_a_fixed_grid_comes_near_the_adaptive_solution():
    ratios = torch.logspace(1, -1, 201, dtype=torch.float64)
    alphas = torch.ones_like(ratios)
    x_T = start(10.0)
    exact = probability_flow_rk45(denoiser, x_T, alphas[[0, -1]], ratios[[0, -1]], 1e-10, 1e-10)[-1]
    assert float((dpmpp_3s_path(denoiser, x_T, alphas, ratios)[-1] - exact).abs().max()) < 1e-6


def test_float32_states_stay_float32():
    found = probability_flow_rk45(
        lambda x_t, alpha_t, sigma_t: denoiser(x_t.double(), alpha_t, sigma_t).float(), start(2.0).float(), [1.0, 1.0], [2.0, 0.5]
    )
    assert found.dtype == torch.float32


def test_levels_without_noise_are_refused():
    with pytest.raises(ValueError, match=r"wanted all above 0; stop short of the data"):
        probability_flow_rk45(denoiser, start(1.0), [1.0, 1.0], [1.0, 0.0])


def test_a_model_that_is_not_finite_is_an_error_and_no_endless_search():
    with pytest.raises(ArithmeticError, match=r"not finite at alpha 0\.707107"):
        probability_flow_rk45(lambda x_t, *_: x_t * float("nan"), start(1.0), [1.0, 1.0], [1.0, 0.5])


def test_steps_that_become_too_short_are_an_error():
    def pole(x_t, alpha_t, sigma_t):
        return 1 / (alpha_t - 0.75) + 0 * x_t

    with pytest.raises(ArithmeticError, match="give wider tolerances"):
        probability_flow_rk45(pole, start(1.0), [1.0, 1.0], [1.0, 0.5])
