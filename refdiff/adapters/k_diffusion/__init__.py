"""K-diffusion's samplers, grids, wrappers and preconditioning under the vocabulary's names.

The module makes grids as a user gets them, in torch's default float32, and holds 3M SDE to the method that was released, of
second order. Its object `exact` holds the grids made in float64: what is left of a deviation there is the formula's. Its object
`third_order` holds 3M SDE to third order: wrong, as its second derivative lacks a factor of 2, which leaves order 2. See
findings/k_diffusion.py for what was found.
"""

from types import SimpleNamespace

import torch

from refdiff.adapters.k_diffusion import samplers
from refdiff.adapters.k_diffusion.grids import Grids
from refdiff.catalogue import formulas

ARRAY = "torch"

exact = Grids(torch.float64)
third_order = SimpleNamespace(
    ARRAY=ARRAY,
    dpmpp_3m_sde_path=samplers.dpmpp_3m_sde_released_path,
    dpmpp_3m_sde_step=samplers.dpmpp_3m_sde_released_step,
)

globals().update({name: getattr(samplers, name) for name in samplers.__all__})
globals().update({name: getattr(Grids(), name) for name in dir(Grids) if name in formulas()})
