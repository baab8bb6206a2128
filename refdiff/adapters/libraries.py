"""The libraries that built-in adapters speak for: how they are installed, and the release that was looked into."""

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

__all__ = ["LIBRARIES", "Library", "installed"]


class Library(NamedTuple):
    """One library: the built-in adapter's name, its distribution on PyPI, and a heading of at most five letters."""

    target: str
    distribution: str
    short: str


LIBRARIES = (
    Library("diffusers", "diffusers", "diffs"),
    Library("k_diffusion", "k-diffusion", "k-dif"),
    Library("smalldiffusion", "smalldiffusion", "small"),
    Library("azula", "azula", "azula"),
    Library("flow_matching", "flow-matching", "flowm"),
    Library("torchcfm", "torchcfm", "t-cfm"),
    Library("denoising_diffusion_pytorch", "denoising-diffusion-pytorch", "ddpt"),
)


def installed() -> dict[str, str]:
    """Versions of the libraries that are installed, by the adapter's name."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library.target] = version(library.distribution)
        except PackageNotFoundError:
            continue
    return found
