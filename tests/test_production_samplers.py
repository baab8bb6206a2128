"""EDM's, DDIM's and projection's fast steps take one scale for each sample, as if each sample came alone."""

import inspect

import pytest

pytest.importorskip("torch")

import torch

from refdiff.production import ddim, edm, projection

STATES = ("x_t", "x_0", "x_0_s", "x_s", "z", "eps", "eps_previous", "network_output", "v_hat", "velocity_hat")
SCALES = {
    "sigma_t": (2.0, 0.5, 1.25),
    "sigma_s": (0.0, 0.25, 1.0),
    "sigma_data": (0.5, 0.5, 1.5),
    "alpha_t": (0.25, 0.5, 0.75),
    "alpha_s": (0.5, 0.75, 1.0),
    "log_alpha_bar_s": (-0.1, -0.5, -2.0),
    "log_alpha_bar_t": (-0.2, -3.0, -2.5),
    "logsnr_t": (-3.0, 0.0, 1.0),
    "logsnr_s": (-1.0, 0.5, 4.0),
    "noise_share": (0.0, 0.5, 1.0),
    "churn": (0.0, 0.25, 0.4),
    "extrapolation": (1.0, 2.0, 1.5),
    "S_noise": (1.0, 1.0, 1.007),
}
STEPS = [
    (module, name)
    for module in (edm, ddim, projection)
    for name in module.__all__
    if set(inspect.signature(getattr(module, name)).parameters) & {"x_t", "x_s", "eps"}
    and not set(inspect.signature(getattr(module, name)).parameters) & {"points"}
]


def arguments(function, dtype):
    generator = torch.Generator().manual_seed(0)
    drawn = {name: torch.randn((3, 2, 4), generator=generator, dtype=torch.float64).to(dtype) for name in STATES}
    scales = {name: torch.tensor(values, dtype=dtype) for name, values in SCALES.items()}
    asked = inspect.signature(function).parameters
    return {name: (drawn | scales)[name] for name in asked}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("module", "name"), STEPS, ids=lambda value: getattr(value, "__name__", value))
def test_a_scale_for_each_sample_gives_each_sample_its_own_step(module, name, dtype):
    function = getattr(module, name)
    given = arguments(function, dtype)
    together = function(**given)
    assert together.shape == (3, 2, 4)
    assert together.dtype == dtype
    for i in range(3):
        alone = function(**{key: value[i : i + 1] if key in STATES else value[i].item() for key, value in given.items()})
        assert torch.allclose(alone[0], together[i], rtol=1e-5 if dtype == torch.float32 else 1e-13, atol=0)


@pytest.mark.parametrize("name", ["squared_distance_smoothed", "squared_distance_smoothed_gradient", "moreau_gap"])
def test_a_scale_for_each_state_smooths_each_distance_alone(name):
    generator = torch.Generator().manual_seed(1)
    x_t, points = (torch.randn((count, 4), generator=generator, dtype=torch.float64) for count in (3, 6))
    sigma_t = torch.tensor([0.3, 1.0, 5.0], dtype=torch.float64)
    function = getattr(projection, name)
    together = function(x_t, points, sigma_t)
    for i in range(3):
        assert torch.allclose(function(x_t[i : i + 1], points, sigma_t[i].item())[0], together[i], rtol=1e-13, atol=0)


def test_sigmas_karras_and_edm_churn_gamma_come_in_the_callers_dtype():
    assert edm.sigmas_karras(5, 0.002, 80.0, 7.0).dtype == torch.float64
    assert edm.sigmas_karras(5, 0.002, torch.tensor(80.0), 7.0).dtype == torch.float32
    gammas = edm.edm_churn_gamma(torch.tensor([0.01, 1.0, 90.0]), 40.0, 0.05, 50.0, 18)
    assert torch.equal(gammas == 0, torch.tensor([True, False, True]))
