"""The ledger: a verdict on every numbered equation, theorem and checkable sentence of the documents the project came from.

One function is one entry. Its docstring says what is printed, the verdict, and the right form; its body returns the evidence.
"""
