"""What is taken for what: quantities for each other, and values that code hard-wires in place of an argument."""

from collections.abc import Mapping

__all__ = ["CONFUSED", "USUAL", "WIRED"]

# Quantities that are taken for each other: one time for another, a scale for a power, a prediction for what it estimates.
CONFUSED = (
    ("alpha_bar_t", "alpha_bar_s"), ("alpha_t", "alpha_s"), ("sigma_t", "sigma_s"), ("alpha_t", "sigma_t"),
    ("alpha_s", "sigma_s"),
    ("alpha_bar_t", "alpha_t"), ("alpha_bar_s", "alpha_s"), ("beta_t", "1 - beta_t"), ("x_0", "x_t"), ("x_0", "eps"),
    ("x_t", "eps"), ("eps", "z"), ("x_0_hat", "x_0"), ("eps_hat", "eps"), ("mean_1", "mean_2"), ("variance_1", "variance_2"),
    ("covariance_1", "covariance_2"), ("mean", "center"), ("snr_t", "snr_s"), ("logsnr_t", "half_logsnr_t"),
    ("sigma_min", "sigma_max"), ("beta_a", "beta_b"), ("alpha_bars", "(1 - betas)"), ("fractional_t", "(fractional_t + 1)"),
    ("log_alpha_bar_r", "log_alpha_bar_s"), ("t_index", "t"), ("alphas", "sigmas"),
    ("score", "score_s"), ("beta_t", "beta_s"), ("x_t", "x_coarse"), ("sigma_t", "sigma_coarse"), ("alpha_t", "alpha_coarse"),
    ("sigma_s", "sigma_coarse_s"), ("alpha_s", "alpha_coarse_s"), ("eps", "eps_coarse"),
)  # fmt: skip
# Values that code hard-wires in place of an argument.
USUAL = {
    "eta": ("0", "1"),
    "offset": ("8/1000",),
    "beta_max": ("999/1000", "9999/10000"),
    "gamma": ("5", "1"),
    "steps_offset": ("0", "1"),
    "guidance_scale": ("15/2",),
    "sigma_data": ("1/2", "1"),
    "rho": ("7",),
    "interpolation": ("0", "1"),
    "z": ("0",),
    "weight_bias": ("2",),
    "bin_width": ("1/256", "1/128", "2/255", "1/255"),
    "margin": ("1/20", "1/1000000"),
    "spectral_exponent": ("2",),
    "extrapolation": ("2",),
    "rescale_share": ("7/10",),
    "time_shift": ("3",),
    "kl_weight": ("1",),
    "p2_offset": ("1",),
    "resolution_base": ("64", "32"),
    "S_noise": ("1", "1003/1000"),
    "noise_strength": ("0", "1"),
    "corrector_snr": ("4/25",),
    "P_mean": ("-6/5",),
    "P_std": ("6/5",),
    "timestep_scaling": ("10", "1"),
    "time": ("(1 - time)",),
    "uniform": ("(1 - uniform)",),
    "time_min": ("1/1000", "1/n"),
    "linear_steps": ("(n//2)",),
}
# Arguments that code hard-wires together.
WIRED: tuple[Mapping[str, str], ...] = (
    {"beta_rate_min": "1/10", "beta_rate_max": "20"},
    {"beta_rate_min": "1/10", "beta_rate_max": "192/10"},
    {"sigma_min": "1/100", "sigma_max": "50"},
    {"sigma_min": "1/500", "sigma_max": "80"},
    {"P_mean": "-6/5", "P_std": "6/5"},
    {"logit_mean": "0", "logit_scale": "1"},
    {"latent_shift": "0", "latent_scale": "18215/100000"},
    {
        "base_sequence_length": "256",
        "max_sequence_length": "4096",
        "base_log_time_shift": "1/2",
        "max_log_time_shift": "115/100",
    },
)
