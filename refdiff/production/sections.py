"""Sections of the report on training, samples and measurements."""

from collections.abc import Sequence

import torch

from refdiff.page import Section, Table
from refdiff.production.audit import Audit
from refdiff.production.measure import Estimate
from refdiff.production.pictures import image_grid, levels_chart, losses_chart
from refdiff.production.training import TrainingResult

__all__ = ["audit_sections", "training_section"]


def _shown(value: Estimate, digits: int = 4) -> str:
    """Fixed point where it shows the error, else powers of ten; a sum of exact zeros is 0."""
    if value.mean == value.error == 0:
        return "0"
    style = f".{digits}f" if value.error >= 10**-digits else ".1e"
    return f"{value.mean:{style}} ± {value.error:{style}}"


def training_section(result: TrainingResult) -> Section:
    """What was trained, and how its loss fell."""
    config = result.config
    size = sum(parameter.numel() for parameter in result.network.parameters())
    sentences = [
        f"A U-Net of {size:,} parameters learned to predict {config.prediction} on {config.data}: {result.step} steps "
        f"of {config.batch_size} images in {result.seconds:.0f} s, seed {config.seed}, averaged with decay "
        f"{config.ema_decay:g}. Linear betas from {config.beta_start:g} to {config.beta_end:g} over {config.T} steps."
    ]
    return Section("Training", sentences, [losses_chart(result.losses)])


def audit_sections(audit: Audit) -> Sequence[Section]:
    """Samples and measurements."""
    return [_samples(audit), _levels(audit), _likelihood(audit), _agreement(audit), _neighbours(audit)]


def _samples(audit: Audit) -> Section:
    return Section(
        "Samples",
        [],
        [
            image_grid(audit.ddpm, 10, f"DDPM, {audit.ddpm_steps} steps."),
            image_grid(audit.ddim, 10, f"DDIM, eta 0, {audit.ddim_steps} steps."),
            image_grid(audit.data.train[: len(audit.ddpm)].cpu(), 10, "Training images."),
        ],
    )


def _levels(audit: Audit) -> Section:
    rows = [
        (
            str(level.t),
            f"{level.sigma_over_alpha:.3g}",
            _shown(level.loss),
            _shown(level.floor),
            _shown(level.excess),
            _shown(level.balance),
            _shown(level.held_out),
        )
        for level in audit.levels
    ]
    head = ("t", "sigma/alpha", "loss", "exact floor", "excess", "loss - floor - excess", "held-out loss")
    return Section(
        "Loss beside the exact floor",
        [
            "For a finite training set the best possible denoiser is known in closed form: the mean of the training images "
            "weighted by how likely each is behind x_t. Its own error is the floor. The excess is the network's squared "
            "distance to it; loss, floor and excess are measured apart and must balance.",
            "A network that came down to the floor would only reproduce training images: the gap at low noise is what "
            "makes it generalise, and the held-out loss shows how far it does.",
        ],
        [levels_chart(audit.levels)],
        [Table("Squared error of eps per dimension, ± one standard error.", head, rows)],
    )


def _likelihood(audit: Audit) -> Section:
    rows = [
        (
            name,
            _shown(bound.total, 3),
            f"{bound.prior:.1e}",
            _shown(bound.denoising, 3),
            _shown(bound.decoder, 4),
            str(bound.images),
        )
        for name, bound in audit.bounds.items()
    ]
    levels = audit.data.levels
    text = (
        f"The variational bound, Ho et al. 2020, Eq. (5), in bits per dimension. {audit.data.name} has {levels} grey levels, "
        f"so the decoder's bins on [-1, 1] are x ± 1/{levels - 1}, the outermost open (the paper's 1/255 is for 256 levels), "
        f"and its scale is sqrt(beta_1). The middle sum is estimated without bias from {next(iter(audit.bounds.values())).draws} "
        f"noise levels an image. The training images' own entropy is {audit.entropy:.3f}: no model of them can cost less."
    )
    head = ("denoiser and images", "total", "L_T", "sum of L_(t-1)", "L_0", "images")
    return Section("Likelihood", [text], [], [Table("Bits per dimension, ± one standard error over images.", head, rows)])


def _agreement(audit: Audit) -> Section:
    rows = [(row.prediction, row.dtype, f"{row.largest_difference:.1e}", f"{row.digits:.1f}") for row in audit.agreements]
    text = (
        "The network's output is turned into another prediction and read back as x_0 at every DDIM step from the same noise. "
        "In exact arithmetic nothing changes; the digits that agree are what rounding leaves. Where a network predicts eps, "
        "reading it as x_0 is the sampler's own arithmetic, and nothing differs."
    )
    head = ("read as", "dtype", "largest difference", "digits that agree")
    return Section("One network, several parameterisations", [text], [], [Table("DDIM samples, 20 steps.", head, rows)])


def _neighbours(audit: Audit) -> Section:
    rows = [
        (str(entry.label), str(entry.samples), f"{entry.distance:.3f}", f"{entry.held_out:.3f}") for entry in audit.neighbours
    ]
    train = audit.data.train.cpu()
    pairs = [pair for entry in audit.neighbours for pair in entry.closest[:1]]
    pictures = []
    if pairs:
        strip = torch.cat([torch.stack([audit.ddpm[k] for k, _ in pairs]), torch.stack([train[row] for _, row in pairs])])
        caption = "A typical DDPM sample of each class found (top) and the training image nearest to it (below)."
        pictures.append(image_grid(strip, len(pairs), caption))
    head = ("class of nearest image", "samples", "distance", "held-out images")
    return Section(
        "Nearest training images",
        [
            "Distances are root mean square per pixel. Held-out images show how far real ones lie from the training set: "
            "a sampler that copied would lie far below them."
        ],
        pictures,
        [Table("DDPM samples by the class of their nearest training image.", head, rows)],
    )
