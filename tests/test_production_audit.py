"""Training resumes to the bit, sampling is bookkept, and measurements agree with calculations by hand."""

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from refdiff.page import Picture, Section, SummaryRow, Table, write_report  # noqa: E402
from refdiff.production import measure  # noqa: E402
from refdiff.production.audit import audit, audit_times  # noqa: E402
from refdiff.production.bound import empirical_entropy, strata, variational_bound  # noqa: E402
from refdiff.production.data import ImageData  # noqa: E402
from refdiff.production.neighbours import nearest, neighbours  # noqa: E402
from refdiff.production.network import UNet  # noqa: E402
from refdiff.production.prediction import EPS, V  # noqa: E402
from refdiff.production.sampling import DDPM, Model, ddim, sample, sample_images  # noqa: E402
from refdiff.production.schedule import timesteps_trailing  # noqa: E402
from refdiff.production.sections import audit_sections, training_section  # noqa: E402
from refdiff.production.training import schedule_of, train  # noqa: E402
from tests.small_training import CONFIG, SMALL  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread(single_thread):
    """Every test here runs on one thread."""


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
