"""`refdiff verify`, `train`, `sample` and `audit`: the production path."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from refdiff.cli.terminal import USAGE, console, fail, say, write_bytes

if TYPE_CHECKING:
    from refdiff.page import SummaryRow

__all__ = ["audit", "sample", "train", "verify"]

_MARK = {True: "held", False: "FAILED", None: "not run"}
_COLOUR = {True: "green", False: "red", None: "dim"}
_INTERRUPTED = 130

Data = Annotated[str, typer.Option(help="digits, or a folder of mnist, fashion-mnist or cifar10 as NAME:FOLDER.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")]


def verify(
    report: Annotated[Path, typer.Option(help="Where the HTML report goes.")] = Path("report.html"),
    steps: Annotated[int | None, typer.Option(help="Training steps; fewer train less.", min=1)] = None,
) -> None:
    """Verify everything: proofs, certificates, vectors, conformance, and a network trained on real digits."""
    from refdiff.verify import verify

    def told(row: "SummaryRow", seconds: float) -> None:
        print(f"{_MARK[row.held]}: {row.claim} ({seconds:.0f} s)", file=sys.stderr, flush=True)

    try:
        rows = verify(report, steps, told)
    except ValueError as error:
        fail(USAGE, str(error))
    except KeyboardInterrupt:
        fail(_INTERRUPTED, "interrupted; no report was written")
    _print_claims(rows)
    say(console(), f"report: {report}")
    raise typer.Exit(1 if any(row.held is False for row in rows) else 0)


def _print_claims(rows: "list[SummaryRow]") -> None:
    out = console()
    for row in rows:
        out.print(f"[{_COLOUR[row.held]}]{_MARK[row.held]:8}[/]{row.claim}", soft_wrap=True)
        say(out, row.detail, " " * 8)
    counts = {held: sum(row.held is held for row in rows) for held in (True, False, None)}
    out.print(f"\n{counts[True]} claims held, {counts[False]} failed, {counts[None]} not run")


def _data(name: str) -> Any:
    from refdiff.production.data import DATASETS

    kind, _, folder = name.partition(":")
    if kind not in DATASETS or (kind == "digits") == bool(folder):
        fail(USAGE, f"got --data {name}, wanted digits, mnist:FOLDER, fashion-mnist:FOLDER or cifar10:FOLDER")
    try:
        return DATASETS[kind](Path(folder))
    except ValueError as error:
        fail(USAGE, str(error))


def _device(name: str) -> str:
    import torch

    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError):
        fail(USAGE, f"torch cannot use device {name!r} here; give --device cpu")
    return name


def train(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint to write, and to resume from where it exists.")],
    data: Data = "digits",
    prediction: Annotated[str, typer.Option(help="What the network predicts: eps, x_0 or v.")] = "eps",
    steps: Annotated[int | None, typer.Option(help="Training steps.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Of all random numbers.", min=0)] = 0,
    device: Device = "cpu",
) -> None:
    """Train a network with DDPM's simple loss; Ctrl-C saves, the same command resumes."""
    from refdiff.production.network import NetworkConfig
    from refdiff.production.progress import progress
    from refdiff.production.training import TrainingConfig, train

    images = _data(data)
    network = NetworkConfig(image_channels=images.shape[0])
    chosen = {"steps": steps} if steps is not None else {}
    try:
        config = TrainingConfig(data=images.name, prediction=prediction, seed=seed, network=network, **chosen)
        with progress("training", config.steps) as shown:
            result = train(config, images, checkpoint, _device(device), report=shown)
    except ValueError as error:
        fail(USAGE, str(error))
    last = float(result.losses[-100:].mean()) if len(result.losses) else float("nan")
    print(f"{checkpoint}: {result.step} of {config.steps} steps, loss {last:.4f} over the last 100, {result.seconds:.0f} s")
    if result.interrupted:
        fail(_INTERRUPTED, f"interrupted; the same command resumes from {checkpoint}")


def sample(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint that `refdiff train` wrote.")],
    picture: Annotated[Path, typer.Argument(help="PNG to write.")] = Path("samples.png"),
    count: Annotated[int, typer.Option(help="Number of images.", min=1)] = 64,
    steps: Annotated[int | None, typer.Option(help="Sampling steps; all of them unless given.", min=1)] = None,
    eta: Annotated[float | None, typer.Option(help="DDIM with this eta in 0..1; DDPM unless given.")] = None,
    seed: Annotated[int, typer.Option(help="Of all noise.", min=0)] = 0,
    device: Device = "cpu",
) -> None:
    """Sample images from a checkpoint by DDPM, or by DDIM with --eta."""
    from refdiff.production.pictures import grid_png
    from refdiff.production.progress import progress
    from refdiff.production.sampling import DDPM, ddim, sample_images

    try:
        rule = DDPM if eta is None else ddim(eta)
        with progress("sampling", steps or 1000) as shown:
            images = sample_images(checkpoint, count, steps, rule, seed, _device(device), report=shown)
    except ValueError as error:
        fail(USAGE, str(error))
    write_bytes(picture, grid_png(images, max(1, round(count**0.5)), scale=8))
    print(f"{picture}: {count} images of {'x'.join(map(str, images.shape[1:]))}")


def audit(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint that `refdiff train` wrote.")],
    data: Data = "digits",
    report: Annotated[Path, typer.Option(help="Where the HTML report goes.")] = Path("audit.html"),
    device: Device = "cpu",
) -> None:
    """Measure a trained network against the exact denoiser of its data set."""
    from refdiff.page import write_report
    from refdiff.production.audit import audit
    from refdiff.production.progress import progress
    from refdiff.production.sampling import load_model
    from refdiff.production.sections import audit_sections

    try:
        model, _, _ = load_model(checkpoint, _device(device))
        with progress("measuring", 6) as shown:
            measured = audit(model, _data(data), report=shown)
        write_report(report, f"refdiff audit of {checkpoint.name}", measured.claims(), audit_sections(measured))
    except ValueError as error:
        fail(USAGE, str(error))
    _print_claims(measured.claims())
    say(console(), f"report: {report}")
    raise typer.Exit(1 if any(row.held is False for row in measured.claims()) else 0)
