"""The formulas: one module a subject, one function a formula, named after what it returns."""
