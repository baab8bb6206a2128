"""DDPM's training with L_simple: deterministic by seed, resumed to the bit on a CPU, safe to interrupt."""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from refdiff.production.checkpoint import read_checkpoint, write_checkpoint
from refdiff.production.data import ImageData
from refdiff.production.forward import like, marginal_sample
from refdiff.production.loss import simple_loss
from refdiff.production.network import NetworkConfig, UNet
from refdiff.production.prediction import PREDICTIONS
from refdiff.production.progress import Report, silent
from refdiff.production.schedule import Schedule, betas_linear

__all__ = ["Trainer", "TrainingConfig", "TrainingResult", "learning_rate", "schedule_of", "train"]


@dataclass(frozen=True)
class TrainingConfig:
    """All that decides a training run, but for the data. The schedule is Ho et al. 2020's, section 4."""

    data: str = "digits"
    prediction: str = "eps"
    T: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    steps: int = 2000
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup: int = 100
    gradient_clip: float = 1.0
    ema_decay: float = 0.995
    seed: int = 0
    network: NetworkConfig = field(default_factory=NetworkConfig)

    def __post_init__(self) -> None:
        if self.prediction not in PREDICTIONS:
            raise ValueError(f"prediction {self.prediction!r} is unknown; give one of {', '.join(PREDICTIONS)}")
        if min(self.T, self.steps, self.batch_size) < 1 or not 0 <= self.ema_decay < 1:
            raise ValueError(
                f"T {self.T}, steps {self.steps}, batch_size {self.batch_size} and ema_decay {self.ema_decay} do not suit; "
                "give at least 1 of the first three and a decay in [0, 1)"
            )

    @staticmethod
    def from_json(about: dict[str, Any]) -> "TrainingConfig":
        """The configuration that `dataclasses.asdict` turned into JSON."""
        network = about["network"] | {"widths": tuple(about["network"]["widths"])}
        return TrainingConfig(**(about | {"network": NetworkConfig(**network)}))


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What a run leaves: the averaged network, its losses by step, and whether it was cut short."""

    network: nn.Module
    config: TrainingConfig
    step: int
    losses: Tensor
    seconds: float
    interrupted: bool


def schedule_of(config: TrainingConfig, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32) -> Schedule:
    """The tables that this configuration trains with."""
    betas = betas_linear(config.T, config.beta_start, config.beta_end)
    return Schedule.from_betas(betas, dtype).to(device)


def learning_rate(config: TrainingConfig, step: int) -> float:
    """Rate of step `step`, counted from 0: a linear warm-up, then half a cosine down to zero."""
    if step < config.warmup:
        return config.learning_rate * (step + 1) / config.warmup
    done = (step - config.warmup) / max(config.steps - config.warmup, 1)
    return config.learning_rate * (1 + math.cos(math.pi * done)) / 2


class Trainer:
    """Network, average, optimiser, random numbers and step count: everything that changes during training."""

    def __init__(self, config: TrainingConfig, data: ImageData, device: torch.device | str = "cpu") -> None:
        if data.shape[0] != config.network.image_channels:
            raise ValueError(
                f"{data.name} has {data.shape[0]} channels, the network {config.network.image_channels}; "
                "set image_channels to the data's"
            )
        shrink = 2 ** (len(config.network.widths) - 1)
        if data.shape[1] % shrink or data.shape[2] % shrink:
            raise ValueError(f"{data.name} is {data.shape[1]}x{data.shape[2]}, not divisible by {shrink}; give fewer widths")
        self.config, self.device = config, torch.device(device)
        self.images, self.image_shape = data.train.to(self.device), data.shape
        self.schedule, self.prediction = schedule_of(config, self.device), PREDICTIONS[config.prediction]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.network = UNet(config.network).to(self.device)
        self.average = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay))
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=config.learning_rate)
        self.generator = torch.Generator(self.device).manual_seed(config.seed)
        self.losses: list[Tensor] = []

    @property
    def step(self) -> int:
        """Steps done."""
        return len(self.losses)

    def advance(self) -> Tensor:
        """One step of Algorithm 1 of Ho et al. 2020, arXiv:2006.11239v2; its loss, left on the device."""
        size, draw = self.config.batch_size, {"generator": self.generator, "device": self.device}
        x_0 = self.images[torch.randint(len(self.images), (size,), **draw)]  # type: ignore[call-overload]
        t = torch.randint(1, self.config.T + 1, (size,), **draw)  # type: ignore[call-overload]
        eps = torch.randn(x_0.shape, **draw)  # type: ignore[call-overload]
        x_t = marginal_sample(self.schedule, t, x_0, eps)
        scales = (like(self.schedule.alpha[t], x_0), like(self.schedule.sigma[t], x_0))
        loss = simple_loss(self.prediction.target(x_0, eps, *scales), self.network(x_t, t)).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.gradient_clip)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, self.step)
        self.optimizer.step()
        self.average.update_parameters(self.network)
        self.losses.append(loss.detach())
        return self.losses[-1]

    def save(self, path: Path) -> None:
        """Write everything to a checkpoint, atomically."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.module.state_dict().items()}
        tensors["average_count"] = self.average.n_averaged  # type: ignore[assignment]
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
        tensors["generator"] = self.generator.get_state()
        tensors["losses"] = torch.stack(self.losses) if self.losses else torch.zeros(0)
        write_checkpoint(
            path, tensors, {"config": asdict(self.config), "device": self.device.type, "image_shape": self.image_shape}
        )

    def load(self, path: Path) -> None:
        """Take up where a checkpoint of the same configuration left off."""
        tensors, about = read_checkpoint(path)
        saved = TrainingConfig.from_json(about["config"])
        if saved != self.config:
            old, new = asdict(saved), asdict(self.config)
            name = next(key for key in new if old[key] != new[key])
            raise ValueError(f"{path} was trained with {name} {old[name]}, not {new[name]}; resume with the same settings")
        if about["device"] != self.device.type:
            raise ValueError(
                f"{path} was trained on {about['device']}, not {self.device.type}; resume on the same kind of device"
            )

        def under(prefix: str) -> dict[str, Tensor]:
            return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

        self.network.load_state_dict(under("network."))
        self.average.module.load_state_dict(under("average."))
        self.average.n_averaged = tensors["average_count"].to(self.device)  # type: ignore[assignment]
        states: dict[int, dict[str, Tensor]] = {}
        for name, value in under("optimizer.").items():
            index, _, key = name.partition(".")
            states.setdefault(int(index), {})[key] = value
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": states})
        self.generator.set_state(tensors["generator"])
        self.losses = list(tensors["losses"].to(self.device))


@contextmanager
def _interruption() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets instead of stopping mid-step; a second one stops at once."""
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before in (None, signal.SIG_IGN):
        yield asked
        return

    def ask(number: int, frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def train(
    config: TrainingConfig,
    data: ImageData,
    checkpoint: Path | None = None,
    device: torch.device | str = "cpu",
    save_every: int = 1000,
    report: Report = silent,
) -> TrainingResult:
    """Train to `config.steps`, resuming where `checkpoint` exists and saving there.

    On a CPU the same seed gives the same bits, interrupted or not, for one number of threads. Ctrl-C ends the step under
    way, saves, and returns with `interrupted` set.

    Raises:
        ValueError: when the checkpoint is unreadable, of another configuration, or cannot be written.
    """
    trainer = Trainer(config, data, device)
    if checkpoint is not None and checkpoint.exists():
        trainer.load(checkpoint)
    elif checkpoint is not None:
        trainer.save(checkpoint)  # A read-only disk shows now, not after the training.
    start, saved = time.monotonic(), trainer.step
    with _interruption() as asked:
        while trainer.step < config.steps and not asked.is_set():
            loss = trainer.advance()
            if trainer.step % 50 == 0 or trainer.step == config.steps:
                report(trainer.step, f"loss {loss.item():.4f}")
            if checkpoint is not None and trainer.step % save_every == 0:
                trainer.save(checkpoint)
                saved = trainer.step
        if checkpoint is not None and saved != trainer.step:
            trainer.save(checkpoint)
    return TrainingResult(
        network=trainer.average.module.eval(),
        config=config,
        step=trainer.step,
        losses=torch.stack(trainer.losses).cpu() if trainer.losses else torch.zeros(0),
        seconds=time.monotonic() - start,
        interrupted=trainer.step < config.steps,
    )
