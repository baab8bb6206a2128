"""Training resumes to the bit, sampling is bookkept, and measurements agree with calculations by hand."""

import math
import os
import signal
import stat
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from refdiff.production import training  # noqa: E402
from refdiff.production.audit import audit  # noqa: E402
from refdiff.production.checkpoint import read_checkpoint, write_checkpoint  # noqa: E402
from refdiff.production.network import NetworkConfig, UNet, time_features  # noqa: E402
from refdiff.production.prediction import EPS, PREDICTIONS  # noqa: E402
from refdiff.production.sampling import Model, load_model, sample_images  # noqa: E402
from refdiff.production.training import Trainer, TrainingConfig, schedule_of, train  # noqa: E402
from tests.small_training import CONFIG, SMALL  # noqa: E402

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: not run")


@pytest.fixture(scope="module", autouse=True)
def one_thread(single_thread):
    """Every test here runs on one thread."""


def weights(result):
    return result.network.state_dict()


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("prediction", sorted(PREDICTIONS))
def test_a_resumed_run_equals_an_uninterrupted_one_to_the_bit(images, tmp_path, prediction):
    config = replace(CONFIG, prediction=prediction)
    whole = train(config, images)
    broken = Trainer(config, images)
    for _ in range(3):
        broken.advance()
    broken.save(tmp_path / "run.safetensors")
    resumed = train(config, images, tmp_path / "run.safetensors")
    assert same(weights(whole), weights(resumed))
    assert torch.equal(whole.losses, resumed.losses)
    assert same(weights(whole), load_model(tmp_path / "run.safetensors")[0].network.state_dict())


def test_the_seed_decides_the_run_and_global_random_numbers_do_not(images):
    torch.manual_seed(5)
    one = train(CONFIG, images)
    torch.manual_seed(6)
    assert same(weights(one), weights(train(CONFIG, images)))
    assert not same(weights(one), weights(train(replace(CONFIG, seed=1), images)))


def test_the_average_follows_its_decay(images):
    trainer = Trainer(replace(CONFIG, ema_decay=0.75), images)
    name, wanted = "first.weight", None
    for _ in range(3):
        trainer.advance()
        now = trainer.network.state_dict()[name].clone()
        wanted = now if wanted is None else 0.75 * wanted + 0.25 * now
    torch.testing.assert_close(trainer.average.module.state_dict()[name], wanted)


@pytest.fixture
def default_interruption():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("default_interruption")
def test_ctrl_c_saves_and_ends_cleanly(images, tmp_path):
    path = tmp_path / "run.safetensors"

    def interrupt(step, note):
        os.kill(os.getpid(), signal.SIGINT)

    cut = train(replace(CONFIG, steps=200), images, path, report=interrupt)
    assert cut.interrupted
    assert cut.step == 50
    assert len(read_checkpoint(path)[0]["losses"]) == 50
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("default_interruption")
def test_ctrl_c_is_given_back_after_training(images):
    train(replace(CONFIG, steps=1), images)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_damaged_checkpoints_are_refused_in_one_sentence(images, tmp_path):
    path = tmp_path / "run.safetensors"
    train(replace(CONFIG, steps=1), images, path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-100] ^= 1
    for content, reason in (
        (whole[:-5], "truncated or corrupt"),
        (b"", "truncated or corrupt"),
        (b"junk" * 50, "truncated or corrupt"),
        (bytes(flipped), "does not match its own digest"),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=reason) as caught:
            train(replace(CONFIG, steps=1), images, path)
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="is missing"):
        load_model(tmp_path / "none")
    with pytest.raises(ValueError, match="is missing"):
        load_model(tmp_path)


def test_a_checkpoint_of_other_settings_is_not_continued(images, tmp_path):
    path = tmp_path / "run.safetensors"
    train(replace(CONFIG, steps=1), images, path)
    with pytest.raises(ValueError, match="trained with steps 1, not 2"):
        train(replace(CONFIG, steps=2), images, path)


def test_foreign_safetensors_are_not_checkpoints(tmp_path):
    import safetensors.torch

    safetensors.torch.save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="no refdiff checkpoint"):
        read_checkpoint(tmp_path / "other.safetensors")


def test_an_unwritable_place_shows_before_training(images, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(Trainer, "advance", lambda trainer: pytest.fail("trained before looking"))
    with pytest.raises(ValueError, match="cannot be written"):
        train(CONFIG, images, tmp_path / "file" / "run.safetensors")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ValueError, match="No space left on device"):
        write_checkpoint(tmp_path / "run.safetensors", {"a": torch.zeros(1)}, {})
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere: not run")
def test_a_read_only_folder_is_named(images, tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ValueError, match="cannot be written"):
        train(CONFIG, images, tmp_path / "run.safetensors")
    tmp_path.chmod(stat.S_IRWXU)


def test_settings_that_make_no_sense_are_refused(images):
    with pytest.raises(ValueError, match="give one of eps, x_0, v"):
        TrainingConfig(prediction="noise")
    with pytest.raises(ValueError, match="at least 1"):
        TrainingConfig(steps=0)
    with pytest.raises(ValueError, match="multiples of 8"):
        NetworkConfig(widths=(12,))
    with pytest.raises(ValueError, match="has 1 channels, the network 3"):
        Trainer(replace(CONFIG, network=replace(SMALL, image_channels=3)), images)
    with pytest.raises(ValueError, match="not divisible by 16"):
        Trainer(replace(CONFIG, network=replace(SMALL, widths=(8,) * 5)), images)


def test_training_learns(images):
    losses = train(replace(CONFIG, steps=60, batch_size=64, learning_rate=5e-3), images).losses
    assert losses[-10:].mean() < 0.6 * losses[:5].mean()


def test_the_network_keeps_shapes_from_8_to_32():
    for channels, size, widths in ((1, 8, (8, 16)), (1, 28, (8, 16, 16)), (3, 32, (8, 8, 16))):
        network = UNet(NetworkConfig(channels, widths, 1, 16))
        x = torch.randn(2, channels, size, size)
        assert network(x, torch.tensor([1, 999])).shape == x.shape


def test_time_features_run_from_one_to_a_ten_thousandth():
    found = time_features(torch.tensor([10]), 4)[0].tolist()
    assert found == pytest.approx([math.sin(10), math.sin(1e-3), math.cos(10), math.cos(1e-3)], rel=1e-5)


@pytest.mark.cuda
@needs_cuda
def test_training_resumes_and_samples_on_a_gpu(images, tmp_path: Path):
    path = tmp_path / "run.safetensors"
    result = train(replace(CONFIG, steps=60, batch_size=64, learning_rate=5e-3), images, path, "cuda")
    assert result.losses[-10:].mean() < result.losses[:5].mean() / 2
    assert sample_images(path, 2, 5, device="cuda").isfinite().all()
    with pytest.raises(ValueError, match="trained on cuda, not cpu"):
        train(replace(CONFIG, steps=60, batch_size=64, learning_rate=5e-3), images, path)
    model = Model(result.network, EPS, schedule_of(CONFIG, "cuda"))
    found = audit(model, images, samples=4, draws=16, ddpm_steps=3, ddim_steps=3, images=8)
    assert found.claims()[0].held


def test_the_rate_warms_up_and_falls_to_zero():
    config = TrainingConfig(steps=100, warmup=10, learning_rate=1.0)
    rates = [training.learning_rate(config, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == 1
    assert rates[-1] < 1e-3
