"""A small U-Net with a time embedding, for images of 8x8 to 32x32."""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["NetworkConfig", "UNet", "time_features"]


@dataclass(frozen=True)
class NetworkConfig:
    """Size of the network: `widths` holds the channels at each resolution, halved from one to the next."""

    image_channels: int = 1
    widths: tuple[int, ...] = (32, 64)
    blocks: int = 1
    time_width: int = 128

    def __post_init__(self) -> None:
        if not self.widths or any(width < 8 or width % 8 for width in self.widths):
            raise ValueError(f"network widths {self.widths} do not suit; give positive multiples of 8, such as 32 64")
        if self.blocks < 1 or self.time_width < 4 or self.time_width % 2:
            raise ValueError(
                f"network blocks {self.blocks} and time_width {self.time_width} do not suit; "
                "give at least 1 block and an even time_width of at least 4"
            )


def time_features(t: Tensor, width: int) -> Tensor:
    """Sines and cosines of t at `width`/2 frequencies from 1 to 1e-4, shape (B, width).

    Source: Vaswani et al. 2017, arXiv:1706.03762v7, section 3.5, as Ho et al. 2020 use it for t.
    """
    half = width // 2
    frequencies = torch.exp(torch.arange(half, device=t.device) * (-math.log(10000.0) / max(half - 1, 1)))
    angles = t.to(torch.float32)[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class _Block(nn.Module):
    """Two convolutions with a residual path; time shifts and scales the features in between."""

    def __init__(self, channels_in: int, channels: int, time_width: int) -> None:
        super().__init__()
        self.norm_1 = nn.GroupNorm(8, channels_in)
        self.conv_1 = nn.Conv2d(channels_in, channels, 3, padding=1)
        self.time = nn.Linear(time_width, 2 * channels)
        self.norm_2 = nn.GroupNorm(8, channels)
        self.conv_2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.skip = nn.Conv2d(channels_in, channels, 1) if channels_in != channels else nn.Identity()
        nn.init.zeros_(self.conv_2.weight)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        scale, shift = self.time(time)[:, :, None, None].chunk(2, dim=1)
        h = self.conv_1(functional.silu(self.norm_1(x)))
        h = self.conv_2(functional.silu(self.norm_2(h) * (1 + scale) + shift))
        added: Tensor = self.skip(x) + h
        return added


class _Attention(nn.Module):
    """Every pixel of the coarsest level looks at every other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm(x)).flatten(2).transpose(1, 2).chunk(3, dim=2)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        added: Tensor = x + self.out(mixed.transpose(1, 2).reshape(x.shape))
        return added


class UNet(nn.Module):
    """network(x_t, t) -> tensor like x_t: one prediction, of eps, x_0 or v as training declares.

    x_t has shape (B, C, H, W), with H and W divisible by 2**(levels - 1); t holds B integers in 1..T.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        widths, wide = config.widths, config.time_width
        self.time = nn.Sequential(nn.Linear(wide, wide), nn.SiLU(), nn.Linear(wide, wide), nn.SiLU())
        self.first = nn.Conv2d(config.image_channels, widths[0], 3, padding=1)
        self.down = nn.ModuleList(self._blocks(width, width) for width in widths)
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        self.attention = _Attention(widths[-1])
        self.middle = self._blocks(widths[-1], widths[-1])
        self.grow = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in pairwise(widths))
        self.up = nn.ModuleList(self._blocks(2 * width, width) for width in widths)
        self.norm = nn.GroupNorm(8, widths[0])
        self.last = nn.Conv2d(widths[0], config.image_channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)

    def _blocks(self, channels_in: int, channels: int) -> nn.ModuleList:
        sizes = [channels_in] + [channels] * (self.config.blocks - 1)
        return nn.ModuleList(_Block(size, channels, self.config.time_width) for size in sizes)

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        time = self.time(time_features(t, self.config.time_width).to(x_t.dtype))
        h, kept = self.first(x_t), []
        for level, blocks in enumerate(self.down):
            h = self.shrink[level - 1](h) if level else h
            h = _through(blocks, h, time)
            kept.append(h)
        h = _through(self.middle, self.attention(h), time)
        for level in reversed(range(len(self.up))):
            h = _through(self.up[level], torch.cat([h, kept[level]], dim=1), time)
            h = self.grow[level - 1](functional.interpolate(h, scale_factor=2.0)) if level else h
        said: Tensor = self.last(functional.silu(self.norm(h)))
        return said


def _through(blocks: nn.Module, h: Tensor, time: Tensor) -> Tensor:
    for block in blocks.children():
        h = block(h, time)
    return h
