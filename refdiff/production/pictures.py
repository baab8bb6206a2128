"""PNGs for the report: charts in a light and a dark version, and grids of images at one pixel a pixel."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from refdiff.page import Picture
from refdiff.production.measure import NoiseLevel

__all__ = ["grid_png", "image_grid", "levels_chart", "losses_chart"]

_LIGHT = {"ink": "#3d4450", "faint": "#d5d9e0", "one": "#1f6feb", "two": "#c2410c", "three": "#6b7280"}
_DARK = {"ink": "#c3c9d4", "faint": "#3a414d", "one": "#79b0ff", "two": "#ff9d5c", "three": "#9aa3b2"}


def _charted(caption: str, draw: Callable[[Any, dict[str, str]], None]) -> Picture:
    return Picture(caption, _chart(draw, _LIGHT), _chart(draw, _DARK))


def _chart(draw: Callable[[Any, dict[str, str]], None], colours: dict[str, str]) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.3), dpi=160, layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    axes.grid(True, color=colours["faint"], linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        axes.spines[side].set_color(colours["faint"])
    axes.tick_params(colors=colours["ink"], labelsize=9)
    draw(axes, colours)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(colours["ink"])
    legend = axes.get_legend()
    if legend is not None:
        for text in legend.get_texts():
            text.set_color(colours["ink"])
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def levels_chart(levels: Sequence[NoiseLevel]) -> Picture:
    """Loss, exact floor and held-out loss by noise level."""

    def draw(axes: Any, colours: dict[str, str]) -> None:
        x = [level.sigma_over_alpha for level in levels]
        for values, colour, style, name in (
            ([level.held_out for level in levels], "three", "--", "network, held-out images"),
            ([level.loss for level in levels], "one", "-", "network, training images"),
            ([level.floor for level in levels], "two", "-", "exact denoiser (floor)"),
        ):
            y, error = [value.mean for value in values], [3 * value.error for value in values]
            axes.errorbar(
                x,
                y,
                error,
                color=colours[colour],
                linestyle=style,
                marker="o",
                markersize=3.5,
                linewidth=1.6,
                label=name,
            )
        axes.set(xscale="log", xlabel="noise level sigma/alpha", ylabel="squared error of eps per dimension")
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False, fontsize=9)

    caption = "Squared error of eps by noise level, with three standard errors. No network can go below the floor."
    return _charted(caption, draw)


def losses_chart(losses: Tensor) -> Picture:
    """Training loss by step, averaged over windows."""
    window = max(1, len(losses) // 100)
    means = losses[: len(losses) // window * window].reshape(-1, window).mean(dim=1).tolist()

    def draw(axes: Any, colours: dict[str, str]) -> None:
        steps = [(k + 1) * window for k in range(len(means))]
        axes.plot(steps, means, color=colours["one"], linewidth=1.6)
        axes.set(xlabel="step", ylabel="training loss")
        axes.set_ylim(bottom=0)

    return _charted(f"Training loss, mean of {window} steps at a time.", draw)


def grid_png(images: Tensor, columns: int, scale: int = 1) -> bytes:
    """A PNG of images in [-1, 1], shape (N, C, H, W), row by row with a line between them; ink is dark for one channel."""
    from matplotlib.image import imsave

    count, channels, height, width = images.shape
    rows = -(-count // columns)
    grey = (images.clamp(-1, 1) + 1) / 2
    grey = 1 - grey if channels == 1 else grey
    canvas = torch.full((rows * (height + 1) + 1, columns * (width + 1) + 1, 3), 0.82)
    for k, image in enumerate(grey):
        top, left = k // columns * (height + 1) + 1, k % columns * (width + 1) + 1
        canvas[top : top + height, left : left + width] = image.expand(3, height, width).permute(1, 2, 0)
    stream = io.BytesIO()
    imsave(stream, canvas.repeat_interleave(scale, 0).repeat_interleave(scale, 1).numpy(), format="png")
    return stream.getvalue()


def image_grid(images: Tensor, columns: int, caption: str) -> Picture:
    """The grid as a picture of the report, which enlarges it."""
    return Picture(caption, grid_png(images, columns), pixels=True)
