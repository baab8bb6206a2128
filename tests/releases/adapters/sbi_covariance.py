"""Tweedie's covariance in old sbi, which keeps its inverse, from the Jacobian of a network's score."""

from types import SimpleNamespace

import torch
from torch import Tensor

from tests.releases.absent import bare, pretend

__all__ = ["ARRAY", "posterior_covariance_from_score_jacobian"]

pretend("sbi.neural_nets", "sbi.utils")
bare("sbi", "sbi.inference", "sbi.inference.potentials")

from sbi.inference.potentials.score_fn_iid import JacCorrectedScoreFn  # noqa: E402

ARRAY = "torch"


class Network:
    """A score that is linear in the state; anything else that the library asks for by name is what the test needs."""

    def __init__(self, jacobian: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> None:
        self.jacobian, self.alpha_t, self.sigma_t = jacobian, alpha_t, sigma_t

    def __call__(self, state: Tensor, *_: object) -> Tensor:
        return self.jacobian @ state

    score = __call__

    def mean_t_fn(self, _: object) -> Tensor:
        return self.alpha_t

    def std_fn(self, _: object) -> Tensor:
        return self.sigma_t


def posterior_covariance_from_score_jacobian(jacobian: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    if not torch.equal(jacobian, jacobian.mT):
        raise NotImplementedError("it takes the symmetric part of the Jacobian")
    found = []
    # Twice inverted, once here: float64 leaves what the library's own formula makes of float32.
    for one in jacobian.double():
        network = Network(one, alpha_t, sigma_t)
        method = JacCorrectedScoreFn.marginal_denoising_posterior_precision_est_fn
        holder = SimpleNamespace(score_estimator=network, vector_field_estimator=network, device="cpu")
        precision = method(holder, None, torch.zeros((1, 1, len(one)), dtype=one.dtype), None)
        found.append(torch.linalg.inv(precision)[0, 0])
    return torch.stack(found)
