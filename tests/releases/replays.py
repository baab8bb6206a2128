"""The bugs that are replayed, and those that cannot be."""

from tests.releases.diffusers_replays import DIFFUSERS
from tests.releases.other_replays import OTHERS

__all__ = ["REPLAYS", "SKIPPED"]

REPLAYS = (*DIFFUSERS, *OTHERS)

SKIPPED = {
    "B012": "fixed in k-diffusion before its first release on the index",
    "B015": "what times a user gives to diffusers' flow matching is disputed (huggingface/diffusers#14461)",
    "B022": "with n = T diffusers' multistep solvers leave out a time before the fix and after it: no formula has that grid",
    "B028": "no formula: imagen-pytorch rounded the time of a conditioning image to an integer",
    "B042": "no formula: dynamic thresholding",
    "B045": "no formula: clipping of estimates",
    "B054": "no formula: clipping of estimates; needs jax",
    "B055": "Heun's method came to diffusers (0.10.0) with the fix in it",
    "B068": "denoising-diffusion-pytorch's sampler of EDM came to the index (0.23.0) with the fix in it",
    "B073": "not merged",
    "B078": "k-diffusion's weight came to the index (0.1.0) with the fix in it",
    "B107": "no formula: the joint law of mean flow's two times",
    "B112": "imagen-pytorch 0.0.47 has no such conversion, and 0.0.48 the right one",
    "B126": "in an example of diffusers, which no release holds",
    "B132": "not fixed",
    "B149": "no formula: averages of weights",
    "B151": "no formula: averages of weights",
}
