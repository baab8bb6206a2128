"""Schedulers with the options that change their grids or their mathematics, as the sweep tries them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["DIVIDING", "SETTINGS", "Options", "Setting"]

Options = dict[str, Any]

_SPACINGS = "linspace", "leading", "trailing"
_NOISES = "", "use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"
_FLOW: Options = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
_STABLE: Options = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
_ZERO_SNR: Options = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"}


class Setting(NamedTuple):
    """A scheduler's name, short of Scheduler, and its options."""

    scheduler: str
    options: Options

    def __str__(self) -> str:
        told = ", ".join(name if value is True else f"{name}={value}" for name, value in self.options.items())
        return f"{self.scheduler}({told})"


# Schedulers that step by T // n whatever their grid is.
DIVIDING = {"DDIM", "DDIMInverse", "PNDM"}


def _grids(scheduler: str, noises: tuple[str, ...] = _NOISES, **options: Any) -> Iterator[Setting]:
    for spacing in _SPACINGS:
        for noise in noises:
            yield Setting(scheduler, {"timestep_spacing": spacing} | ({noise: True} if noise else {}) | options)


def _plain() -> Iterator[Setting]:
    """Schedulers of sigma and of whole times."""
    for scheduler in ("EulerDiscrete", "HeunDiscrete", "LMSDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete"):
        yield from _grids(scheduler)
    yield from _grids("EulerAncestralDiscrete", ("",))
    yield Setting("EulerDiscrete", {"interpolation_type": "log_linear"} | _STABLE)
    yield Setting("EulerDiscrete", {"final_sigmas_type": "sigma_min"} | _STABLE)
    yield Setting("EulerDiscrete", {"timestep_spacing": "leading", "steps_offset": 1})
    yield Setting("EulerDiscrete", _ZERO_SNR | _STABLE)
    yield Setting("EulerDiscrete", {"timestep_type": "continuous", "prediction_type": "v_prediction"} | _STABLE)
    for prediction in ("epsilon", "v_prediction"):
        for skip in (True, False):
            yield from _grids("PNDM", ("",), skip_prk_steps=skip, set_alpha_to_one=True, prediction_type=prediction)
    yield from _grids("DDIM", ("",), clip_sample=False)
    for spacing in ("leading", "trailing"):
        yield Setting("DDIMInverse", {"timestep_spacing": spacing, "clip_sample": False})
    for scheduler in ("LCM", "TCD"):
        yield Setting(scheduler, {"clip_sample": False})
    yield Setting("UnCLIP", {"clip_sample": False, "prediction_type": "sample"})
    yield Setting("IPNDM", {})


def _solvers() -> Iterator[Setting]:
    """DPM-Solvers and their kin."""
    yield from _grids("DPMSolverMultistep", (*_NOISES, "use_lu_lambdas"))
    for form in ("midpoint", "heun"):
        for order in (2, 3):
            for noise in ("", "use_karras_sigmas"):
                options: Options = {"solver_order": order, "solver_type": form, "final_sigmas_type": "sigma_min"}
                yield Setting("DPMSolverMultistep", options | ({noise: True} if noise else {}))
    yield Setting("DPMSolverMultistep", {"algorithm_type": "dpmsolver", "final_sigmas_type": "sigma_min"})
    yield Setting("DPMSolverMultistep", {"lower_order_final": False, "solver_order": 3})
    yield Setting("DPMSolverMultistep", _ZERO_SNR | _STABLE)
    yield Setting("DPMSolverMultistep", {"beta_schedule": "squaredcos_cap_v2", "use_karras_sigmas": True})
    yield Setting("DPMSolverMultistep", {"timestep_spacing": "leading", "steps_offset": 1})
    yield Setting("DPMSolverMultistep", _FLOW | {"flow_shift": 3.0, "solver_order": 3})
    for order in (1, 2, 3):
        for more in ({}, {"lower_order_final": True}, {"final_sigmas_type": "sigma_min"}):
            yield Setting("DPMSolverSinglestep", {"solver_order": order} | more)
    for noise in _NOISES[1:]:
        yield Setting("DPMSolverSinglestep", {noise: True, "lower_order_final": True})
    yield from _grids("DEISMultistep")
    yield Setting("DEISMultistep", {"solver_order": 3})
    yield Setting("DEISMultistep", _FLOW)
    yield from _grids("UniPCMultistep")
    for variant in ("bh1", "bh2"):
        for order in (1, 2, 3):
            for predict_x0 in (True, False):
                yield Setting("UniPCMultistep", {"solver_type": variant, "solver_order": order, "predict_x0": predict_x0})
    yield Setting("UniPCMultistep", {"final_sigmas_type": "sigma_min"})
    yield Setting("UniPCMultistep", {"lower_order_final": False})
    yield Setting("UniPCMultistep", _ZERO_SNR | _STABLE)
    yield Setting("UniPCMultistep", _FLOW | {"flow_shift": 3.0})
    yield Setting("SASolver", {"predictor_order": 3, "corrector_order": 4})
    yield Setting("SASolver", {"timestep_spacing": "trailing"})
    yield Setting("SASolver", {"use_karras_sigmas": True})


def _continuous() -> Iterator[Setting]:
    """Schedulers that know no table."""
    for schedule in ("karras", "exponential"):
        yield Setting("EDMEuler", {"sigma_schedule": schedule})
        yield Setting("EDMDPMSolverMultistep", {"sigma_schedule": schedule, "solver_order": 3})
    yield Setting("CMStochasticIterative", {"clip_denoised": False})
    shifted: tuple[Options, ...] = ({}, {"shift": 3.0}, {"shift_terminal": 0.1}, *({noise: True} for noise in _NOISES[1:]))
    for options in shifted:
        yield Setting("FlowMatchEulerDiscrete", options)
    yield Setting("FlowMatchHeunDiscrete", {"shift": 3.0})
    yield Setting("FlowMatchLCM", {})


SETTINGS = (*_plain(), *_solvers(), *_continuous())
