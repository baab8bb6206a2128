"""The second road: every formula's value from its definition, in Arb balls, slow and rigorous.

One module a subject and one function a formula, under the reference's names. Nothing here reads the reference.
`entries`, `moments`, `walk` and `quadrature` hold what the subjects share.
"""
