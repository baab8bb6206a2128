"""The production path under the vocabulary's names: every formula's fast version is found under its own name.

What works on a schedule's tables is told betas and times by the adapter's own `tables`.
"""

import importlib
from importlib.util import find_spec

from refdiff.adapters.production import tables
from refdiff.catalogue import SUBJECTS, formulas

ARRAY = "torch"

for _subject in SUBJECTS:
    if find_spec(f"refdiff.production.{_subject}"):
        _module = importlib.import_module(f"refdiff.production.{_subject}")
        globals().update({name: getattr(_module, name) for name in _module.__all__ if name in formulas()})
globals().update({name: getattr(tables, name) for name in tables.__all__})
