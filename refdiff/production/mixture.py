"""Gaussian mixtures in PyTorch: exact denoisers, scores and loss floors, batched over states and noise levels, in float64."""

import math

import torch
from torch import Tensor

__all__ = [
    "denoiser_jacobian_mixture",
    "denoiser_mixture",
    "eps_loss_floor_mixture",
    "log_density_mixture",
    "loss_floor_mixture",
    "posterior_covariance_mixture",
    "posterior_weights_mixture",
    "score_divergence_mixture",
    "score_mixture",
]

Number = Tensor | float


class _Given:
    """A mixture seen through noise, in float64: powers, logs of the components' shares, and the likeliest component."""

    def __init__(self, x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number) -> None:
        scales = (torch.as_tensor(scale, dtype=torch.float64, device=x_t.device).reshape(-1, 1) for scale in (alpha_t, sigma_t))
        self.alpha, self.sigma = scales
        self.x, self.means, self.variances = x_t.double(), means.double(), variances.double()
        self.size = x_t.shape[1]
        self.powers = self.alpha.square() * self.variances + self.sigma.square()
        self.logs = weights.double().log() - self.size * self.powers.log() / 2
        self.gaps = self.x[:, None, :] - self.alpha[:, :, None] * self.means
        self.best = (self.logs - self.gaps.square().sum(dim=2) / (2 * self.powers)).argmax(dim=1)
        self.posterior = self._posterior()

    def _posterior(self) -> Tensor:
        """Shares relative to the likeliest component's, with squares as products of differences."""
        rows = torch.arange(len(self.best), device=self.best.device)
        gap = self.gaps[rows, self.best][:, None, :]
        powers = self.powers.expand(len(rows), -1)
        power = powers[rows, self.best][:, None]
        nearer = self.alpha * ((self.means - self.means[self.best][:, None, :]) * (self.gaps + gap)).sum(dim=2)
        wider = self.alpha.square() * (self.variances - self.variances[self.best][:, None]) / power * gap.square().sum(dim=2)
        logs = self.logs.expand(len(rows), -1)
        return torch.softmax(logs - logs[rows, self.best][:, None] + (nearer + wider) / (2 * powers), dim=1)

    def log_density(self) -> Tensor:
        """Log density in nats, by Bayes' rule from the likeliest component."""
        rows = torch.arange(len(self.best), device=self.best.device)
        logs, powers = self.logs.expand(len(rows), -1), self.powers.expand(len(rows), -1)
        squares = self.gaps[rows, self.best].square().sum(dim=1) / powers[rows, self.best]
        share = self.posterior[rows, self.best]
        return logs[rows, self.best] - share.log() - (squares + self.size * math.log(2 * math.pi)) / 2

    def centred(self) -> Tensor:
        """The components' means of x_0 given x_t about their mean, taken from the likeliest one."""
        rows = torch.arange(len(self.best), device=self.best.device)
        likeliest = self.posterior.argmax(dim=1)
        power = self.powers.expand(len(rows), -1)[rows, likeliest][:, None]
        wider = self.alpha * (self.variances - self.variances[likeliest][:, None]) / power
        gap = self.gaps[rows, likeliest][:, None, :]
        offsets = self.means - self.means[likeliest][:, None, :] + wider[:, :, None] * gap
        offsets = offsets * (self.sigma.square() / self.powers)[:, :, None]
        return offsets - self.posterior[:, None, :] @ offsets

    def within(self) -> Tensor:
        """Each component's variance of an entry of x_0 given x_t."""
        return self.sigma.square() * self.variances / self.powers


def posterior_weights_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Probability of each component given x_t, shape (B, K).

    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 9.2, Eq. (9.13).
    """
    return _Given(x_t, weights, means, variances, alpha_t, sigma_t).posterior.to(x_t.dtype)


def log_density_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Log density of x_t in nats, shape (B,).

    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 2.3.9, Eq. (2.188).
    """
    return _Given(x_t, weights, means, variances, alpha_t, sigma_t).log_density().to(x_t.dtype)


def denoiser_mixture(x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Mean of x_0 given x_t, shape (B, d).

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2, averaged over components.
    """
    given = _Given(x_t, weights, means, variances, alpha_t, sigma_t)
    shares = given.posterior / given.powers
    gain = (shares * given.variances).sum(dim=1, keepdim=True)
    return (given.sigma.square() * (shares @ given.means) + given.alpha * gain * given.x).to(x_t.dtype)


def score_mixture(x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number) -> Tensor:
    """Gradient of the log density of x_t, shape (B, d).

    Source: the derivative of Bishop 2006, Pattern Recognition and Machine Learning, Eq. (2.188).
    """
    given = _Given(x_t, weights, means, variances, alpha_t, sigma_t)
    shares = given.posterior / given.powers
    return -(shares[:, None, :] @ given.gaps)[:, 0, :].to(x_t.dtype)


def posterior_covariance_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Covariance of x_0 given x_t, shape (B, d, d).

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, Theorem 10.2; the law of total covariance.
    """
    given = _Given(x_t, weights, means, variances, alpha_t, sigma_t)
    centred = given.centred()
    between = centred.mT @ (given.posterior[:, :, None] * centred)
    within = (given.posterior * given.within()).sum(dim=1)
    return (between + torch.diag_embed(within[:, None].expand(-1, given.size))).to(x_t.dtype)


def denoiser_jacobian_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Derivative of the mean of x_0 given x_t by x_t, shape (B, d, d).

    Source: Manor and Michaeli 2024, arXiv:2309.13598v2, section 3, Theorem 2, for any alpha_t.
    """
    alpha, sigma = (torch.as_tensor(scale, dtype=torch.float64, device=x_t.device) for scale in (alpha_t, sigma_t))
    covariance = posterior_covariance_mixture(x_t.double(), weights, means, variances, alpha_t, sigma_t)
    return ((alpha / sigma.square()).reshape(-1, 1, 1) * covariance).to(x_t.dtype)


def loss_floor_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Least mean squared error of x_0 given x_t, summed over entries, shape (B,).

    Source: Kay 1993, Fundamentals of Statistical Signal Processing, section 10.3.
    """
    given = _Given(x_t, weights, means, variances, alpha_t, sigma_t)
    errors = given.size * given.within() + given.centred().square().sum(dim=2)
    return (given.posterior * errors).sum(dim=1).to(x_t.dtype)


def eps_loss_floor_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Least mean squared error of eps given x_t, summed over entries, shape (B,).

    Source: Vincent 2011, Neural Computation 23(7), section 4.2 and the appendix.
    """
    alpha, sigma = (torch.as_tensor(scale, dtype=torch.float64, device=x_t.device) for scale in (alpha_t, sigma_t))
    floor = loss_floor_mixture(x_t.double(), weights, means, variances, alpha_t, sigma_t)
    return ((alpha / sigma).square() * floor).to(x_t.dtype)


def score_divergence_mixture(
    x_t: Tensor, weights: Tensor, means: Tensor, variances: Tensor, alpha_t: Number, sigma_t: Number
) -> Tensor:
    """Divergence of the score of x_t, shape (B,).

    Source: Hyvarinen 2005, Journal of Machine Learning Research 6, Eq. (4), the first term, for the exact score.
    """
    given = _Given(x_t, weights, means, variances, alpha_t, sigma_t)
    slopes = given.centred() * (given.alpha / given.sigma.square())[:, :, None]
    return (given.posterior * (slopes.square().sum(dim=2) - given.size / given.powers)).sum(dim=1).to(x_t.dtype)
