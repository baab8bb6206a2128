"""Weightings of noise levels: densities of logsnr on schedules, and what errors of one prediction are in terms of another."""

from flint import arb, arb_series

__all__ = [
    "cosine_scales", "cosine_time", "density_of_logsnr", "eps_error", "simple", "straight_time", "velocity_share",
]  # fmt: skip


def density_of_logsnr(time, logsnr_t):
    """Density of logsnr_t when time, a function of it, is uniform: minus the slope of its power series."""
    return -time(arb_series([logsnr_t, 1], 2))[1]


def cosine_time(logsnr):
    """Time at which the cosine schedule has this logsnr."""
    return (-logsnr / 2).exp().atan() * 2 / arb.pi()


def straight_time(logsnr):
    """Time, also the noise scale, at which a straight path has this logsnr."""
    return 1 / ((logsnr / 2).exp() + 1)


def eps_error(alpha_t, sigma_t):
    """Error of eps that an x_0 wrong by 1 makes at a fixed x_t."""
    return -alpha_t / sigma_t


def cosine_scales(logsnr_t):
    """Cosine and sine of its angle: signal and noise scale."""
    angle = cosine_time(logsnr_t) * arb.pi() / 2
    return angle.cos(), angle.sin()


def simple(logsnr_t):
    """Density of logsnr on the cosine schedule, over the density at 0."""
    return density_of_logsnr(cosine_time, logsnr_t) / density_of_logsnr(cosine_time, arb(0))


def velocity_share(time):
    """Squared error of the straight path's velocity, eps - x_0, over that of eps."""
    error = eps_error(1 - time, time)
    return ((error - 1) / error) ** 2
