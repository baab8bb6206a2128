"""Training resumes to the bit, sampling is bookkept, and measurements agree with calculations by hand."""

import math
import os
import signal
import stat
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from refdiff.page import Picture, Section, SummaryRow, Table, write_report  # noqa: E402
from refdiff.production import measure, training  # noqa: E402
from refdiff.production.audit import audit, audit_times  # noqa: E402
from refdiff.production.checkpoint import read_checkpoint, write_checkpoint  # noqa: E402
from refdiff.production.data import ImageData, digits  # noqa: E402
from refdiff.production.likelihood import empirical_entropy, strata, variational_bound  # noqa: E402
from refdiff.production.neighbours import nearest, neighbours  # noqa: E402
from refdiff.production.network import NetworkConfig, UNet, time_features  # noqa: E402
from refdiff.production.prediction import EPS, PREDICTIONS, V  # noqa: E402
from refdiff.production.sampling import DDPM, Model, ddim, load_model, sample, sample_images  # noqa: E402
from refdiff.production.schedule import timesteps_trailing  # noqa: E402
from refdiff.production.sections import audit_sections, training_section  # noqa: E402
from refdiff.production.training import Trainer, TrainingConfig, schedule_of, train  # noqa: E402

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: not run")
SMALL = NetworkConfig(widths=(8, 16), blocks=1, time_width=16)
CONFIG = TrainingConfig(steps=6, batch_size=8, T=50, warmup=2, network=SMALL)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def images():
    return digits()


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


class Perfect(torch.nn.Module):
    """Says eps exactly, for data that is a single point."""

    def __init__(self, point, schedule):
        super().__init__()
        self.point, self.schedule, self.asked = point, schedule, []

    def forward(self, x_t, t):
        self.asked.append(int(t[0]))
        shape = (-1,) + (1,) * (x_t.ndim - 1)
        alpha, sigma = self.schedule.alpha[t].reshape(shape), self.schedule.sigma[t].reshape(shape)
        return (x_t - alpha * self.point) / sigma


@pytest.mark.parametrize("rule", [DDPM, ddim(0.0), ddim(0.7)])
@pytest.mark.parametrize("steps", [1, 7, 50])
def test_a_sampler_visits_each_time_once_and_ends_at_the_data(rule, steps):
    schedule = schedule_of(CONFIG)
    network = Perfect(torch.tensor([[[0.25, -0.5]]]), schedule)
    model = Model(network, EPS, schedule)
    times = timesteps_trailing(50, steps)
    generator = torch.Generator().manual_seed(0)
    ended = sample(model.x_0_hat, schedule, (3, 1, 1, 2), rule, times, generator)
    assert network.asked == times.tolist()
    torch.testing.assert_close(ended, network.point.expand(3, 1, 1, 2), atol=1e-4, rtol=0)


def test_samples_depend_on_the_seed_alone(images, tmp_path):
    path = tmp_path / "run.safetensors"
    train(CONFIG, images, path)
    one, again, other = (sample_images(path, 3, 5, ddim(0.5), seed) for seed in (1, 1, 2))
    assert one.shape == (3, 1, 8, 8)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    with pytest.raises(ValueError, match=r"1\.\.50 steps"):
        sample_images(path, 3, 51)
    with pytest.raises(ValueError, match="eta is 2"):
        ddim(2)


def three_points():
    points = torch.tensor([[[[-1.0, 0.0]]], [[[1.0, 0.5]]], [[[0.5, -1.0]]]])
    labels = torch.tensor([0, 1, 1])
    return ImageData("three points", 17, points, labels, points, labels)


def test_the_floor_equals_a_brute_force_integral_on_three_points():
    made, schedule = three_points(), schedule_of(CONFIG)
    t = 20
    alpha, sigma = schedule.alpha[t].item(), schedule.sigma[t].item()
    # The posterior variance of x_0, integrated over x_t on a fine grid: no sampling, no shared code.
    axis = torch.linspace(-6, 6, 601, dtype=torch.float64)
    x, y = torch.meshgrid(axis, axis, indexing="ij")
    rows = made.train.flatten(1).to(torch.float64)
    density = torch.stack([torch.exp(-((x - alpha * a) ** 2 + (y - alpha * b) ** 2) / (2 * sigma**2)) for a, b in rows])
    total = density.sum(dim=0)
    second = sum(density[k] * rows[k].square().sum() for k in range(3)) / total
    means = [sum(density[k] * rows[k, axis] for k in range(3)) / total for axis in range(2)]
    variance = second - means[0] ** 2 - means[1] ** 2
    mean_variance = (variance * total).sum() / total.sum()
    wanted = mean_variance.item() * alpha**2 / sigma**2 / 2
    model = Model(Perfect(torch.zeros(1, 1, 2), schedule), EPS, schedule)
    level = measure.noise_levels(model, made, [t], draws=200_000)[0]
    assert level.floor.mean == pytest.approx(wanted, abs=6 * level.floor.error)
    assert level.floor.error < wanted / 50
    assert abs(level.balance.mean) < 6 * level.balance.error


def test_the_exact_denoiser_has_no_excess_and_a_wrong_one_has():
    made, schedule = three_points(), schedule_of(CONFIG)
    exact = measure.exact_denoiser(schedule, made.train)

    class Exact(torch.nn.Module):
        def forward(self, x_t, t):
            shape = (-1, 1, 1, 1)
            return (x_t - schedule.alpha[t].reshape(shape) * exact(x_t, t)) / schedule.sigma[t].reshape(shape)

    wrong = Model(Perfect(torch.zeros(1, 1, 2), schedule), EPS, schedule)
    for level, off in zip(
        measure.noise_levels(Model(Exact(), EPS, schedule), made, [10, 30]),
        measure.noise_levels(wrong, made, [10, 30]),
        strict=True,
    ):
        assert level.excess.mean < 1e-8
        assert level.loss.mean == pytest.approx(level.floor.mean, abs=6 * level.balance.error + 1e-9)
        assert off.excess.mean > 1e-3


def test_the_bound_of_the_exact_denoiser_comes_close_to_the_entropy():
    made, schedule = three_points(), schedule_of(replace(CONFIG, T=400))
    images = made.train[torch.arange(600) % 3]
    bound = variational_bound(measure.exact_denoiser(schedule, made.train), schedule, images, 17, count=400)
    entropy = empirical_entropy(3, 2)
    assert entropy == pytest.approx(math.log2(3) / 2)
    assert bound.total.mean - bound.prior > entropy - 6 * bound.total.error
    assert bound.total.mean - bound.prior < entropy * 1.1 + 6 * bound.total.error


def test_the_sampled_bound_is_unbiased_over_its_strata():
    made, schedule = three_points(), schedule_of(replace(CONFIG, T=100))
    images = made.train[torch.arange(900) % 3]

    def zero(x_t, t):
        return torch.zeros_like(x_t)

    few = variational_bound(zero, schedule, images, 17, count=4)
    every = variational_bound(zero, schedule, images, 17, count=10**4)
    assert (few.draws, every.draws) == (4, 99)
    assert few.denoising.mean == pytest.approx(every.denoising.mean, abs=6 * few.denoising.error)


def test_strata_cover_every_time_once():
    for T, count in ((2, 5), (3, 1), (50, 7), (1000, 48)):
        edges = strata(T, count)
        assert (edges[0], edges[-1]) == (2, T + 1)
        assert edges == sorted(set(edges))
        assert len(edges) - 1 <= count


def test_parameterisations_agree_to_rounding_and_a_wrong_one_does_not(images, monkeypatch):
    torch.manual_seed(0)
    network = UNet(SMALL)
    torch.nn.init.normal_(network.last.weight, std=0.1)
    model = Model(network, EPS, schedule_of(CONFIG))
    least = {row.dtype: row.digits for row in measure.agreements(model, (2, 1, 8, 8), 10)}
    assert least["float32"] > 3
    assert least["float64"] > 11
    wrong = replace(V, from_eps=lambda x_t, eps, alpha, sigma: alpha * eps + sigma * x_t)
    monkeypatch.setattr(measure, "V", wrong)
    assert min(row.digits for row in measure.agreements(model, (2, 1, 8, 8), 10)) < 2


def test_nearest_images_are_found(images):
    distance, rows = nearest(images.train[[5, 70]] + 0.01, images.train)
    assert rows.tolist() == [5, 70]
    assert distance.tolist() == pytest.approx([0.01, 0.01], rel=0.05)
    found = neighbours(images.train[:40], images)
    assert sum(entry.samples for entry in found) == 40
    assert all(entry.distance < 1e-3 < entry.held_out for entry in found if entry.samples)


def test_an_audit_makes_a_page_that_stands_alone(images, tmp_path):
    result = train(CONFIG, images)
    model = Model(result.network, EPS, schedule_of(CONFIG))
    found = audit(model, images, samples=6, draws=32, ddpm_steps=4, ddim_steps=3, images=16)
    rows = [*found.claims(), SummaryRow("A <claim> not run", None, "no CUDA device: not run")]
    assert found.claims()[0].held
    path = tmp_path / "new" / "report.html"
    sections = [
        training_section(result),
        *audit_sections(found),
        Section("More", ["text"], [Picture("p", b"png")], [Table("t", ["a"], [["1"]])]),
    ]
    write_report(path, "refdiff verify", rows, sections, "about")
    page = path.read_text()
    assert "A &lt;claim&gt; not run" in page
    assert "http" not in page
    assert "<script" not in page
    assert page.count("data:image/png;base64,") >= 7
    with pytest.raises(ValueError, match="cannot be written"):
        write_report(path / "below.html", "", [])


def test_audit_times_are_distinct_times():
    for T in (1, 5, 50, 1000):
        found = audit_times(T)
        assert found[0] == 1
        assert found[-1] == T
        assert len(set(found)) == len(found)


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
