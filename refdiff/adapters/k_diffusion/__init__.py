"""K-diffusion's samplers, grids, wrappers and preconditioning under the vocabulary's names.

The module makes grids as a user gets them, in torch's default float32. Its object `exact` holds the grids made in float64:
what is left of a deviation there is the formula's. See findings/k_diffusion.py for what was found.
"""

import torch

from refdiff.adapters.k_diffusion import samplers
from refdiff.adapters.k_diffusion.grids import Grids
from refdiff.catalogue import formulas

ARRAY = "torch"

exact = Grids(torch.float64)

globals().update({name: getattr(samplers, name) for name in samplers.__all__})
globals().update({name: getattr(Grids(), name) for name in dir(Grids) if name in formulas()})
