"""The fast formulas agree with the reference, and image files are read or refused with a reason."""

import gzip
import math

import numpy as np
import pytest

from refdiff.reference import forward as slow_forward
from refdiff.reference import loss as slow_loss
from refdiff.reference import path as slow_path
from refdiff.reference import posterior as slow_posterior
from refdiff.reference import schedule as slow_schedule
from refdiff.reference import step as slow_step

torch = pytest.importorskip("torch")

from refdiff.production import conversion, data, denoiser, forward, loss, path, posterior, schedule, step  # noqa: E402
from refdiff.production.schedule import Schedule  # noqa: E402

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: not run")
DEVICES = ["cpu", pytest.param("cuda", marks=[pytest.mark.cuda, needs_cuda])]
BETAS = slow_schedule.betas_linear(1000, 1e-4, 0.02)
LOGS = np.concatenate([[0.0], slow_schedule.log_alpha_bar(BETAS)])
S, T = np.array([1, 9, 480, 998, 3]), np.array([2, 10, 500, 999, 1000])


def tables(device="cpu"):
    return Schedule.from_betas(torch.tensor(BETAS, device=device))


def times(device="cpu"):
    return torch.tensor(S, device=device), torch.tensor(T, device=device)


def states(*seeds, shape=(5, 1, 4)):
    return [np.random.default_rng(seed).standard_normal(shape) for seed in seeds]


def columns(values):
    return values.reshape(-1, 1, 1)


def close(got, wanted, digits=11.0):
    got = got.detach().cpu().double().numpy()
    np.testing.assert_allclose(got, wanted, rtol=10**-digits, atol=10**-digits)


def test_betas_equal_the_reference():
    close(schedule.betas_linear(7, 1e-4, 0.02), slow_schedule.betas_linear(7, 1e-4, 0.02))
    close(schedule.betas_scaled_linear(7, 1e-4, 0.02), slow_schedule.betas_scaled_linear(7, 1e-4, 0.02))
    close(schedule.betas_sigmoid(7, 1e-4, 0.02), slow_schedule.betas_sigmoid(7, 1e-4, 0.02))
    close(schedule.betas_cosine(50, 0.008, 0.999), slow_schedule.betas_cosine(50, 0.008, 0.999))
    close(schedule.betas_zero_terminal_snr(torch.tensor(BETAS)), slow_schedule.betas_zero_terminal_snr(BETAS))


@pytest.mark.parametrize(("steps", "n"), [(1000, 50), (1000, 7), (10, 4), (6, 4), (5, 1), (3, 3)])
def test_time_grids_equal_the_reference(steps, n):
    assert schedule.timesteps_leading(steps, n, 1).tolist() == slow_schedule.timesteps_leading(steps, n, 1).tolist()
    assert schedule.timesteps_trailing(steps, n).tolist() == slow_schedule.timesteps_trailing(steps, n).tolist()
    assert schedule.timesteps_linspace(steps, n).tolist() == slow_schedule.timesteps_linspace(steps, n).tolist()


def test_a_gap_between_neighbouring_times_keeps_its_digits():
    tiny = torch.full((4000,), 2.0**-20, dtype=torch.float64)
    gap = Schedule.from_betas(tiny).levels(3999, 4000)[2].item()
    assert gap == pytest.approx(math.log1p(-(2.0**-20)), rel=4e-16, abs=0)


@pytest.mark.parametrize("device", DEVICES)
def test_coefficients_equal_the_reference(device):
    made, (s, t) = tables(device), times(device)
    log_s, log_t = LOGS[S], LOGS[T]
    for name in ("alpha", "sigma", "snr", "logsnr"):
        close(getattr(schedule, name)(made, t), getattr(slow_schedule, name)(log_t))
    for name in posterior.__all__:
        of_table = hasattr(slow_posterior, name) and not name.startswith("general_")
        if of_table and name not in ("posterior_mean", "posterior_log_variance_learned"):
            close(getattr(posterior, name)(made, s, t), getattr(slow_posterior, name)(log_s, log_t))
    close(step.ddim_noise_scale(made, s, t, 0.5), slow_step.ddim_noise_scale(0.5, log_s, log_t))
    close(loss.simple_loss_weight(made, s, t), slow_loss.simple_loss_weight(log_s, log_t))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(("dtype", "digits"), [(torch.float64, 11.0), (torch.float32, 4.5)], ids=["float64", "float32"])
def test_states_equal_the_reference_with_one_time_for_each_sample(device, dtype, digits):
    made, (s, t) = tables(device), times(device)
    arrays = states(0, 1, 2)
    x_0, x_t, z = (torch.tensor(array, dtype=dtype, device=device) for array in arrays)
    log_s, log_t = columns(LOGS[S]), columns(LOGS[T])
    a, b, c = arrays
    close(forward.marginal_sample(made, t, x_0, z), slow_forward.marginal_sample(a, c, log_t), digits)
    close(forward.transition_mean(made, s, t, x_0), slow_forward.transition_mean(a, log_s, log_t), digits)
    close(posterior.posterior_mean(made, s, t, x_0, x_t), slow_posterior.posterior_mean(a, b, log_s, log_t), digits)
    close(step.ddpm_step(made, s, t, x_t, x_0, z), slow_step.ddpm_step(b, a, c, log_s, log_t), digits)
    close(step.ddpm_step_large(made, s, t, x_t, x_0, z), slow_step.ddpm_step_large(b, a, c, log_s, log_t), digits)
    close(step.ddim_step(made, s, t, x_t, x_0, z, 0.3), slow_step.ddim_step(b, a, c, 0.3, log_s, log_t), digits)
    got, wanted = loss.denoising_kl(made, s, t, x_0, x_t), slow_loss.denoising_kl(a, b, LOGS[S], LOGS[T])
    close(got / torch.tensor(wanted, device=device), np.ones(5), digits)
    assert forward.marginal_sample(made, t, x_0, z).dtype == dtype


def test_the_state_may_stop_at_data():
    made = tables()
    x_0, x_t, z = (torch.tensor(array) for array in states(0, 1, 2))
    close(step.ddpm_step(made, 0, 1, x_t, x_0, z), x_0.numpy())
    close(step.ddim_step(made, 0, 1000, x_t, x_0, z, 1.0), x_0.numpy())


def test_no_signal_at_the_end_gives_finite_steps():
    made = Schedule.from_betas(schedule.betas_zero_terminal_snr(torch.tensor(BETAS)))
    x_0, x_t, z = (torch.tensor(array) for array in states(0, 1, 2))
    assert made.alpha[-1] == 0
    for stepped in (step.ddpm_step(made, 999, 1000, x_t, x_0, z), step.ddim_step(made, 900, 1000, x_t, x_0, z, 0.5)):
        assert stepped.isfinite().all()


def test_paths_equal_the_reference():
    rng = np.random.default_rng(3)
    start, z = rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3))
    grid = np.array([1000, 700, 300, 20])
    made = tables()
    for fast, slow, extra in ((path.ddpm_path, slow_path.ddpm_path, ()), (path.ddim_path, slow_path.ddim_path, (0.4,))):
        got = fast(made, torch.tensor(grid), lambda x, t: x / (1 + t), torch.tensor(start), torch.tensor(z), *extra)
        close(got, slow(lambda x, t: x / (1 + t), start, z, *extra, BETAS, grid))


def test_a_path_refuses_times_that_do_not_decrease():
    with pytest.raises(ValueError, match=r"\[1, 2\] do not decrease"):
        path.ddpm_path(tables(), torch.tensor([1, 2]), lambda x, t: x, torch.zeros(1, 1), torch.zeros(2, 1, 1))


@pytest.mark.parametrize("target", ["eps", "x_0", "v", "score", "velocity"])
@pytest.mark.parametrize("source", ["eps", "x_0", "v", "score", "velocity"])
def test_conversions_keep_what_they_convert(source, target):
    if source == target:
        return
    x_0, eps = (torch.tensor(array) for array in states(0, 1))
    alpha, sigma, alpha_dot, sigma_dot = 0.6, 0.9, -0.3, 0.7
    x_t = alpha * x_0 + sigma * eps
    known = {
        "eps": eps,
        "x_0": x_0,
        "v": alpha * eps - sigma * x_0,
        "score": -eps / sigma,
        "velocity": alpha_dot * x_0 + sigma_dot * eps,
    }
    scales = (alpha, sigma, alpha_dot, sigma_dot) if "velocity" in (source, target) else (alpha, sigma)
    close(getattr(conversion, f"{target}_from_{source}")(x_t, known[source], *scales), known[target].numpy())


def test_the_decoder_sums_to_one_over_its_levels():
    for levels in (17, 256):
        values = torch.linspace(-1, 1, levels, dtype=torch.float64)
        for log_scale in (-4.0, -1.0, 0.5):
            total = loss.decoder_log_likelihood(values, torch.tensor(0.3, dtype=torch.float64), log_scale, levels).exp().sum()
            assert total.item() == pytest.approx(1, rel=1e-12)


def test_the_decoder_equals_the_reference_at_256_levels():
    x_0 = (2 * np.array([0, 1, 100, 254, 255]) - 255) / 255
    mean = x_0 + np.array([0.1, -0.01, 0.003, 0.2, -0.3])
    close(
        loss.decoder_log_likelihood(torch.tensor(x_0), torch.tensor(mean), -3.0),
        slow_loss.decoder_log_likelihood(x_0, mean, -3.0),
    )


def test_a_schedule_refuses_what_is_no_schedule():
    for betas in ([0.1, 1.2], [0.1, 0.0], [1.0, 0.1], [float("nan")]):
        with pytest.raises(ValueError, match="outside"):
            Schedule.from_betas(torch.tensor(betas))
    for t in (-1, 1001):
        with pytest.raises(IndexError):
            tables().rows(tables().alpha, t)
        with pytest.raises((IndexError, RuntimeError)):
            tables().rows(tables().alpha, torch.tensor([t]))


@pytest.mark.parametrize("device", DEVICES)
def test_the_dirac_denoiser_blends_points_by_their_likelihood(device):
    points = torch.tensor([[0.0, 0.0], [1.0, 0.5], [-1.0, 2.0]], dtype=torch.float64, device=device)
    x_t = torch.tensor([[0.3, 0.1], [0.9, 0.4]], dtype=torch.float64, device=device)
    alpha, sigma = [0.8, 0.6], [0.6, 0.8]
    wanted = []
    for x, a, b in zip(x_t.tolist(), alpha, sigma, strict=True):
        weights = [math.exp(-sum((p - a * q) ** 2 for p, q in zip(x, y, strict=True)) / (2 * b * b)) for y in points.tolist()]
        wanted.append([sum(w * y[k] for w, y in zip(weights, points.tolist(), strict=True)) / sum(weights) for k in range(2)])
    close(denoiser.denoiser_dirac(x_t, points, torch.tensor(alpha), torch.tensor(sigma)), np.array(wanted), 7)
    close(denoiser.denoiser_dirac(x_t, points, 0.0, 1.0), np.tile(points.mean(dim=0).cpu().numpy(), (2, 1)))


def test_near_ties_at_low_noise_are_decided_by_differences():
    points = torch.full((2, 784), 0.7, dtype=torch.float64)
    points[1, 0] += 2.0**-20
    x_t = points[:1] + 2.0**-21  # every coordinate is off, the first exactly half way
    x_t[0, 0] = points[0, 0] + 2.0**-22
    weights = denoiser.posterior_weights(x_t, points, 1.0, 2.0**-21)[0]
    gap = ((2.0**-20 - 2.0**-22) ** 2 - 2.0**-44) / (2 * 2.0**-42)
    assert weights[1].item() == pytest.approx(1 / (1 + math.exp(gap)), rel=1e-6)


def test_digits_are_split_the_same_way_each_time():
    made = data.digits()
    assert (made.shape, made.levels, len(made.train), len(made.held_out)) == ((1, 8, 8), 17, 1498, 299)
    assert made.train.min() == -1
    assert made.train.max() == 1
    assert ((made.train + 1) * 8 % 1 == 0).all()
    assert torch.equal(data.digits().train_labels, made.train_labels)


def idx(array):
    axes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + axes + array.astype(np.uint8).tobytes()


@pytest.fixture
def idx_folder(tmp_path):
    for part, count in (("train", 3), ("t10k", 2)):
        images = np.arange(count * 28 * 28).reshape(count, 28, 28) % 256
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(count))))
    return tmp_path


def test_idx_files_are_read_packed_or_not(idx_folder):
    made = data.mnist(idx_folder)
    assert (made.shape, made.train_labels.tolist(), len(made.held_out)) == ((1, 28, 28), [0, 1, 2], 2)
    assert made.train[0, 0, 0, [0, 27]].tolist() == pytest.approx([-1.0, 27 / 127.5 - 1])
    assert data.fashion_mnist(idx_folder).name == "fashion-mnist"


def test_bad_idx_files_are_refused_with_a_reason(idx_folder):
    file = idx_folder / "train-images-idx3-ubyte"
    whole = file.read_bytes()
    for content, reason in (
        (whole[:-1], "promises 2352"),
        (whole[:7], "fewer than an IDX header"),
        (b"\0\0\x0d" + whole[3:], "starts with"),
    ):
        file.write_bytes(content)
        with pytest.raises(ValueError, match=reason):
            data.mnist(idx_folder)
    file.unlink()
    with pytest.raises(ValueError, match="is missing"):
        data.mnist(idx_folder)
    packed = idx_folder / "train-images-idx3-ubyte.gz"
    for content in (gzip.compress(whole)[:-9], b"not gzip"):
        packed.write_bytes(content)
        with pytest.raises(ValueError, match="truncated or no gzip"):
            data.mnist(idx_folder)
    file.write_bytes(idx(np.zeros((2, 28, 28))))
    with pytest.raises(ValueError, match="2 train images and 3 labels"):
        data.mnist(idx_folder)


def test_cifar_binary_files_are_read_or_refused(tmp_path):
    record = bytes([7]) + bytes(range(256)) * 12
    for name in [f"data_batch_{k}" for k in range(1, 6)] + ["test_batch"]:
        (tmp_path / f"{name}.bin").write_bytes(record * 2)
    made = data.cifar10(tmp_path)
    assert (made.shape, len(made.train), made.train_labels[0].item()) == ((3, 32, 32), 10, 7)
    assert made.train[0, 1, 0, 5].item() == pytest.approx(5 / 127.5 - 1)
    for content, reason in ((record[:-1], "not a multiple of 3073"), (bytes([10]) + record[1:], "label of 10")):
        (tmp_path / "test_batch.bin").write_bytes(content)
        with pytest.raises(ValueError, match=reason):
            data.cifar10(tmp_path)
