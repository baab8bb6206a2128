"""Cases of whole sampling runs on data whose denoiser is exact."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, schedules, state

__all__ = ["cases"]

_GRIDS: tuple[tuple[str, tuple[int, ...], str], ...] = (
    ("linear-10", tuple(range(10, 0, -1)), "every step"),
    ("linear-10", (10, 7, 4, 1), "strided"),
    ("linear-1000", (1000, 800, 600, 400, 200), "trailing grid"),
    ("linear-1000", (801, 601, 401, 201, 1), "leading grid: starts early, ends at t = 1"),
    ("linear-1000", (1000, 667, 334, 1), "linspace grid"),
    ("cosine-50", (49, 42, 35, 28, 21, 14, 7), "T not a multiple of n"),
    ("scaled-linear-1000", (951, 701, 451, 201), "scaled linear schedule, four steps"),
    ("linear-10", (10,), "a single step"),
    ("sigmoid-100", (100, 75, 50, 25), "sigmoid schedule, trailing grid"),
    ("linear-10", (9, 6, 3), "grid that starts below T"),
    ("linear-10", (10, 7, 3), "trailing grid of 3 over 10 steps: the next time is not t - T//n"),
)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}
    for i, (name, grid, comment) in enumerate(_GRIDS):
        for data in ("gaussian", "dirac"):
            key = f"path/{i}/{data}"
            law: dict[str, Any] = {"points": state(f"{key}/points", (3, 2))}
            if data == "gaussian":
                law = {"mean": state(f"{key}/mean", (2,)), "variance": state(f"{key}/variance", (2,)) ** 2}
            given = {"betas": schedules()[name], "timesteps": np.array(grid), "x_T": state(f"{key}/x_T", (2, 2))} | law
            given["z"] = state(f"{key}/z", (len(grid), 2, 2), unit=1 / 16, reach=24)
            label = f"{data}/{name}/n-{len(grid)}-from-{grid[0]}"
            found.setdefault("ddpm_path", []).append(Case(labelled("path", "ddpm_path", label), comment, given))
            for eta in (0.0, 0.5, 1.0)[: 2 + i % 2]:
                case = Case(labelled("path", "ddim_path", f"{label}-eta-{eta:g}"), comment, given | {"eta": eta})
                found.setdefault("ddim_path", []).append(case)
    found["guided_ddim_path"] = _guided()
    found["stable_diffusion_path"] = _released()
    return found


_SCALES = ((7.5, "a usual scale"), (3.0, "a moderate scale"), (0.5, "between the models"), (1.0, "no guidance"))


def _guided() -> list[Case]:
    """Short runs on every grid, and 50 steps with Stable Diffusion's numbers that end at data, as its released code does not."""
    listed = []
    for i, (name, grid, comment) in enumerate((*_GRIDS, *_GRIDS)):
        scale, told = _SCALES[(i + i // len(_GRIDS)) % 4]
        label = f"{name}/n-{len(grid)}-from-{grid[0]}-scale-{scale:g}-v-{i // len(_GRIDS) + 1}"
        given = {"betas": schedules()[name], "timesteps": np.array(grid)} | _law(f"path/guided/{i}", 2, 2)
        listed.append(Case(labelled("path", "guided_ddim_path", label), f"{comment}; {told}", given | {"guidance_scale": scale}))
    # timesteps_leading(1000, 50, 1).
    grid = tuple(range(982, 0, -20))
    for i, scale in enumerate((7.5, 7.5, 1.5)):
        given = {"betas": schedules()["scaled-linear-1000"], "timesteps": np.array(grid)} | _law(f"path/guided/sd/{i}", 1, 3)
        label = f"stable-diffusion/n-50-from-982-scale-{scale:g}-v-{i + 1}"
        comment = "50 leading steps on scaled linear betas to alpha_bar = 1; released code stops short: stable_diffusion_path"
        listed.append(Case(labelled("path", "guided_ddim_path", label), comment, given | {"guidance_scale": scale}))
    return listed


def _law(key: str, batch: int, size: int) -> dict[str, Any]:
    """Four points, two of which meet the condition, and a start."""
    points = state(f"{key}/points", (4, size), unit=1 / 16, reach=32)
    return {"points": points, "points_conditional": points[:2], "x_T": state(f"{key}/x_T", (batch, size))}


# What CompVis' and diffusers' configurations say, as decimals.
_RELEASED = {
    "T": 1000, "n": 50, "steps_offset": 1, "beta_start": 0.00085, "beta_end": 0.012, "guidance_scale": 7.5,
    "latent_scale": 0.18215,
}  # fmt: skip


def _released() -> list[Case]:
    """Stable Diffusion's run as it is released, on latents of several sizes."""
    listed = []
    told = "as released: the last step ends at alpha_bar_1, and the decoder takes the latent over 0.18215"
    for i in range(20):
        batch, size = ((1, 4), (2, 2), (1, 2), (2, 3), (1, 3))[i % 5]
        given = _RELEASED | _law(f"path/stable-diffusion/{i}", batch, size)
        label = f"released/shape-{batch}x{size}-v-{i // 5 + 1}"
        listed.append(Case(labelled("path", "stable_diffusion_path", label), told, given))
    return listed
