"""A small NumPy diffusion library in the common style: tables from betas in whatever dtype they come."""

import numpy as np


class GaussianDiffusion:
    """Everything is looked up in tables built once from the betas; -1 means the data itself."""

    def __init__(self, betas):
        betas = np.asarray(betas)
        self.betas = betas
        self.alphas = 1.0 - betas
        self.alphas_cumprod = np.cumprod(self.alphas)
        self.sqrt_alphas_cumprod = np.sqrt(self.alphas_cumprod)
        self.sqrt_one_minus_alphas_cumprod = np.sqrt(1.0 - self.alphas_cumprod)

    def level(self, index):
        return self.alphas_cumprod[index] if index >= 0 else self.alphas_cumprod.dtype.type(1)

    def step_beta(self, prev, index):
        return 1.0 - self.level(index) / self.level(prev)

    def q_sample(self, x_start, index, noise):
        return self.sqrt_alphas_cumprod[index] * x_start + self.sqrt_one_minus_alphas_cumprod[index] * noise

    def q_posterior_coefficients(self, prev, index):
        now, before, beta = self.level(index), self.level(prev), self.step_beta(prev, index)
        return np.sqrt(before) * beta / (1.0 - now), np.sqrt(now / before) * (1.0 - before) / (1.0 - now)

    def q_posterior_mean(self, x_start, x_t, prev, index):
        of_data, of_state = self.q_posterior_coefficients(prev, index)
        return of_data * x_start + of_state * x_t

    def q_posterior_variance(self, prev, index):
        return self.step_beta(prev, index) * (1.0 - self.level(prev)) / (1.0 - self.level(index))

    def ddim_sigma(self, prev, index, eta):
        now, before = self.level(index), self.level(prev)
        return eta * np.sqrt((1 - before) / (1 - now)) * np.sqrt(1 - now / before)

    def ddim(self, x, pred_x0, noise, prev, index, eta):
        now, before = self.level(index), self.level(prev)
        eps = (x - np.sqrt(now) * pred_x0) / np.sqrt(1 - now)
        sigma = self.ddim_sigma(prev, index, eta)
        return np.sqrt(before) * pred_x0 + np.sqrt(1 - before - sigma**2) * eps + sigma * noise


def mean_flat(x):
    return x.mean(axis=tuple(range(1, x.ndim)))


def sum_flat(x):
    return x.sum(axis=tuple(range(1, x.ndim)))


def normal_kl(mean1, logvar1, mean2, logvar2):
    return 0.5 * (-1.0 + logvar2 - logvar1 + np.exp(logvar1 - logvar2) + (mean1 - mean2) ** 2 * np.exp(-logvar2))
