"""Whole runs, state by state: of steps that take estimates of the data or of the noise, and in coordinates x/alpha."""

import numpy as np

__all__ = ["Unscaled", "corrected_states", "data_states", "noise_states"]


class Unscaled:
    """A run in coordinates x/alpha: the noise at each level, and straight moves along it."""

    def __init__(self, denoiser, x_T, alphas, sigmas):
        self._denoiser, self._alphas = denoiser, alphas
        self.levels, self.states = [s / a for s, a in zip(sigmas, alphas, strict=True)], [x_T / alphas[0]]

    def noise(self, y, i):
        """The noise that the denoiser sees in y at level i."""
        alpha = self._alphas[i]
        return (y - self._denoiser(alpha * y, alpha, alpha * self.levels[i])) / self.levels[i]

    def moved(self, eps, i, j):
        """The last state, moved along this noise from level i to level j."""
        return self.states[-1] + (self.levels[j] - self.levels[i]) * eps

    def scaled(self, levels):
        """The states as they are, each at its level."""
        return np.stack([self._alphas[i] * y for i, y in zip(levels, self.states, strict=True)])


def corrected_states(predictor, corrector, denoiser, x_T, alphas, sigmas, order):
    """A run of predictor and corrector, the model asked of predicted states alone."""
    states, x_0s = [x_T], [denoiser(x_T, alphas[0], sigmas[0])]
    for i in range(1, len(sigmas)):
        if sigmas[i].is_zero():
            states.append(alphas[i] * x_0s[-1])
            continue
        first = max(0, i - order)
        known = alphas[first : i + 1], sigmas[first : i + 1]
        guess = predictor(states[-1], x_0s[first:], *known)
        if i < len(sigmas) - 1:
            x_0s.append(denoiser(guess, alphas[i], sigmas[i]))
            guess = corrector(states[-1], x_0s[first:], *known)
        states.append(guess)
    return np.stack(states)


def data_states(steps, denoiser, x_T, alphas, sigmas):
    """A run of the last of the steps, the earlier ones being for shorter memories; all data at a level without noise."""
    states, x_0s = [x_T], []
    for i, (alpha, sigma) in enumerate(zip(alphas[:-1], sigmas[:-1], strict=True)):
        x_0s.append(denoiser(states[-1], alpha, sigma))
        if sigmas[i + 1].is_zero():
            states.append(alphas[i + 1] * x_0s[-1])
            continue
        step, first = steps[min(i, len(steps) - 1)], max(0, i + 1 - len(steps))
        states.append(step(states[-1], x_0s[first:], alphas[first : i + 2], sigmas[first : i + 2]))
    return np.stack(states)


def noise_states(steps, denoiser, x_T, alphas, sigmas):
    """A run of the last of the steps, as `data_states`, with estimates of the noise."""
    states, epsilons = [x_T], []
    for i, (alpha, sigma) in enumerate(zip(alphas[:-1], sigmas[:-1], strict=True)):
        data = denoiser(states[-1], alpha, sigma)
        epsilons.append((states[-1] - alpha * data) / sigma)
        if sigmas[i + 1].is_zero():
            states.append(alphas[i + 1] * data)
            continue
        step, first = steps[min(i, len(steps) - 1)], max(0, i + 1 - len(steps))
        states.append(step(states[-1], epsilons[first:], alphas[first : i + 2], sigmas[first : i + 2]))
    return np.stack(states)
