"""What a network is taught to say: eps, x_0 or v, each an object that knows its target and how to read x_0 and eps from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from refdiff.production import conversion

__all__ = ["EPS", "PREDICTIONS", "SCORE", "X_0", "Prediction", "V"]

Converter = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Prediction:
    """One parameterisation.

    Attributes:
        target: (x_0, eps, alpha_t, sigma_t) to what the network should say.
        to_x_0, to_eps: (x_t, what it said, alpha_t, sigma_t) to x_0 or eps.
        from_eps: (x_t, eps, alpha_t, sigma_t) to what it would have said.
    """

    name: str
    target: Converter
    to_x_0: Converter
    to_eps: Converter
    from_eps: Converter


def _itself(x_t: Tensor, source: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return source


def _data(x_0: Tensor, eps: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return x_0


def _velocity_of_angle(x_0: Tensor, eps: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return alpha_t * eps - sigma_t * x_0


def _score(x_0: Tensor, eps: Tensor, alpha_t: Tensor, sigma_t: Tensor) -> Tensor:
    return -eps / sigma_t


EPS = Prediction("eps", _itself, conversion.x_0_from_eps, _itself, _itself)
X_0 = Prediction("x_0", _data, _itself, conversion.eps_from_x_0, conversion.x_0_from_eps)
V = Prediction("v", _velocity_of_angle, conversion.x_0_from_v, conversion.eps_from_v, conversion.v_from_eps)
# The score is minus eps over sigma_t, far too uneven a target to train on: it is for reading a network, not for teaching.
SCORE = Prediction("score", _score, conversion.x_0_from_score, conversion.eps_from_score, conversion.score_from_eps)

PREDICTIONS: Mapping[str, Prediction] = {prediction.name: prediction for prediction in (EPS, X_0, V)}
