"""Denoisers that remember what they were asked, for proofs that a run takes its steps at the right levels."""

import numpy as np

__all__ = ["ALPHAS", "GUESSES", "NOISES", "RNG", "SIGMAS", "Recorder", "near"]

RNG = np.random.default_rng(0)
SIGMAS = {"to data": np.array([5.0, 3.0, 2.5, 1.25, 0.5, 0.0]), "within noise": np.array([5.0, 3.5, 1.5, 1.0, 0.75])}
ALPHAS = {"to data": np.array([0.3, 0.5, 0.625, 0.75, 0.9, 1.0]), "within noise": np.array([0.25, 0.5, 0.625, 0.75, 0.8])}
NOISES = RNG.standard_normal((12, 2, 3))
GUESSES = RNG.standard_normal((12, 2, 3))


class Recorder:
    """A denoiser that gives one guess after the other and remembers what it was asked."""

    def __init__(self):
        self.states, self.scales = [], []

    def __call__(self, x_t, alpha_t, sigma_t):
        self.states.append(x_t)
        self.scales.append((float(alpha_t), float(sigma_t)))
        return GUESSES[len(self.states) - 1]


def near(found, expected):
    """Whether two arrays agree but for a few roundings."""
    return np.allclose(found, expected, rtol=1e-12, atol=1e-12)
