"""Nearest training images of samples, class by class: does the network copy, and does it make every class?"""

from dataclasses import dataclass

import torch
from torch import Tensor

from refdiff.production.data import ImageData

__all__ = ["ClassNeighbours", "nearest", "neighbours"]


@dataclass(frozen=True)
class ClassNeighbours:
    """Samples whose nearest training image has this label.

    Attributes:
        label: the class.
        samples: how many samples fall to it.
        distance: mean root-mean-square difference per pixel from a sample to its nearest training image.
        held_out: the same for real held-out images of this class: a sampler that copies lies far below it.
        closest: up to three (sample, training image) rows, the most typical first, for a picture.
    """

    label: int
    samples: int
    distance: float
    held_out: float
    closest: list[tuple[int, int]]


def nearest(images: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Root-mean-square difference per pixel to the nearest point, and its row, each of shape (B,)."""
    flat, keys = images.flatten(1), points.flatten(1)
    found = [torch.cdist(part, keys).min(dim=1) for part in flat.split(1024)]
    distance = torch.cat([values for values, _ in found]) / flat.shape[1] ** 0.5
    return distance, torch.cat([rows for _, rows in found])


def neighbours(samples: Tensor, data: ImageData) -> list[ClassNeighbours]:
    """One entry a class of the data, in the order of labels."""
    distance, rows = nearest(samples, data.train)
    real, _ = nearest(data.held_out, data.train)
    labels = data.train_labels[rows]
    found = []
    for label in data.train_labels.unique().tolist():
        mine = (labels == label).nonzero().flatten()
        order = mine[(distance[mine] - distance[mine].median()).abs().argsort()[:3]] if len(mine) else mine
        found.append(
            ClassNeighbours(
                label=label,
                samples=len(mine),
                distance=distance[mine].mean().item() if len(mine) else float("nan"),
                held_out=real[data.held_out_labels == label].mean().item(),
                closest=[(k, int(rows[k])) for k in order.tolist()],
            )
        )
    return found
