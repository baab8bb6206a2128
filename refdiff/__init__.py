"""Ground truth for the mathematics of diffusion models: reference formulas, certified vectors, conformance checks."""

from refdiff import reference
from refdiff.catalogue import formula, formulas

__all__ = ["formula", "formulas", "reference"]
__version__ = "0.1.0"
