"""Image data: the digits that come with scikit-learn, and folders of MNIST, Fashion-MNIST or CIFAR-10 that a user has."""

import gzip
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

__all__ = ["DATASETS", "ImageData", "cifar10", "digits", "fashion_mnist", "mnist"]


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images in [-1, 1], float32, shape (N, C, H, W), with their classes; `levels` grey values, equally spaced."""

    name: str
    levels: int
    train: Tensor
    train_labels: Tensor
    held_out: Tensor
    held_out_labels: Tensor

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
        channels, height, width = self.train.shape[1:]
        return channels, height, width

    @property
    def dimensions(self) -> int:
        """Numbers in one image."""
        return math.prod(self.shape)


def digits() -> ImageData:
    """scikit-learn's 1797 handwritten digits, 8x8, 17 grey levels 0..16; every sixth image is held out.

    Source: Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI repository (the test part).
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = torch.from_numpy(bunch.images).to(torch.float32).unsqueeze(1) / 8 - 1
    labels = torch.from_numpy(bunch.target).to(torch.int64)
    held_out = torch.arange(len(images)) % 6 == 5
    return ImageData("digits", 17, images[~held_out], labels[~held_out], images[held_out], labels[held_out])


def _content(path: Path) -> bytes:
    """Bytes of the file or of its .gz twin."""
    packed = path.with_name(path.name + ".gz")
    try:
        if path.is_file():
            return path.read_bytes()
        if packed.is_file():
            return gzip.decompress(packed.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{packed} is truncated or no gzip file; download it again") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); give a readable folder") from error
    raise ValueError(f"{path} is missing, packed (.gz) or not; give the folder that holds it")


def _idx(path: Path, axes: int) -> Tensor:
    """Unsigned bytes of an IDX file. Source: LeCun et al., "The MNIST database", section "File formats"."""
    content = _content(path)
    if len(content) < 4 * (axes + 1):
        raise ValueError(f"{path} has {len(content)} bytes, fewer than an IDX header; download it again")
    if content[:4] != bytes([0, 0, 8, axes]):
        raise ValueError(
            f"{path} starts with {content[:4].hex()}, not {bytes([0, 0, 8, axes]).hex()}; "
            f"give an IDX file of unsigned bytes with {axes} {'axis' if axes == 1 else 'axes'}"
        )
    shape = [int.from_bytes(content[4 * i : 4 * i + 4], "big") for i in range(1, axes + 1)]
    start = 4 * (axes + 1)
    if len(content) - start != math.prod(shape):
        raise ValueError(
            f"{path} holds {len(content) - start} values where its header promises {math.prod(shape)}; download it again"
        )
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)[start:].reshape(shape)


def _scaled(bytes_: Tensor) -> Tensor:
    return bytes_.to(torch.float32) / 127.5 - 1


def _idx_pair(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    images = _idx(folder / f"{part}-images-idx3-ubyte", 3)
    labels = _idx(folder / f"{part}-labels-idx1-ubyte", 1)
    if len(images) != len(labels) or not len(images):
        raise ValueError(f"{folder} has {len(images)} {part} images and {len(labels)} labels; give a matching pair")
    return _scaled(images).unsqueeze(1), labels.to(torch.int64)


def _idx_folder(name: str, folder: Path) -> ImageData:
    train, train_labels = _idx_pair(folder, "train")
    held_out, held_out_labels = _idx_pair(folder, "t10k")
    if train.shape[1:] != held_out.shape[1:]:
        raise ValueError(
            f"{folder} has training images of {tuple(train.shape[2:])} and test images of {tuple(held_out.shape[2:])} pixels; "
            "give files of one data set"
        )
    return ImageData(name, 256, train, train_labels, held_out, held_out_labels)


def mnist(folder: Path) -> ImageData:
    """MNIST's four IDX files, packed or not, 28x28 with 256 grey levels."""
    return _idx_folder("mnist", folder)


def fashion_mnist(folder: Path) -> ImageData:
    """Fashion-MNIST's four IDX files, packed or not, 28x28. Source: Xiao et al. 2017, arXiv:1708.07747."""
    return _idx_folder("fashion-mnist", folder)


def _cifar_file(path: Path) -> tuple[Tensor, Tensor]:
    content = _content(path)
    record = 1 + 3 * 32 * 32
    if not content or len(content) % record:
        raise ValueError(f"{path} has {len(content)} bytes, not a multiple of {record}; give CIFAR-10's binary version, whole")
    rows = torch.frombuffer(bytearray(content), dtype=torch.uint8).reshape(-1, record)
    labels = rows[:, 0].to(torch.int64)
    if int(labels.max()) > 9:
        raise ValueError(f"{path} has a label of {int(labels.max())}, not 0..9; give CIFAR-10's binary version")
    return _scaled(rows[:, 1:].reshape(-1, 3, 32, 32)), labels


def cifar10(folder: Path) -> ImageData:
    """CIFAR-10's binary version, 32x32 in colour with 256 levels.

    Source: Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images; "binary version" on its page.
    """
    parts = [_cifar_file(folder / f"data_batch_{number}.bin") for number in range(1, 6)]
    held_out, held_out_labels = _cifar_file(folder / "test_batch.bin")
    train = torch.cat([images for images, _ in parts])
    return ImageData("cifar10", 256, train, torch.cat([labels for _, labels in parts]), held_out, held_out_labels)


# By the name under which a checkpoint remembers its data; the embedded digits need no folder.
DATASETS: Mapping[str, Callable[[Path], ImageData]] = {
    "digits": lambda _: digits(),
    "mnist": mnist,
    "fashion-mnist": fashion_mnist,
    "cifar10": cifar10,
}
