"""Every quantity's name, meaning and range: one word, one meaning."""

from typing import NamedTuple

__all__ = ["QUANTITIES", "Quantity"]


class Quantity(NamedTuple):
    """One entry of the contract: what a name means, and the range it lives in."""

    meaning: str
    range: str


_POWER = "[0, 1], from 1 at t = 0 down"
QUANTITIES: dict[str, Quantity] = {
    "T": Quantity("number of training steps", "integer >= 1"),
    "t": Quantity("time; 0 is data, discrete steps run 1..T", "integer in 1..T"),
    "s": Quantity("an earlier time, s < t", "integer in 0..T-1"),
    "t_index": Quantity("t - 1, the row of t in a table that has no row for t = 0", "integer in 0..T-1"),
    "s_index": Quantity("s - 1; -1 means s = 0", "integer in -1..T-2"),
    "n": Quantity("number of sampling steps", "integer in 1..T"),
    "timesteps": Quantity("decreasing times of a strided sampler", "integers in 1..T"),
    "timestep_indices": Quantity("timesteps - 1", "integers in 0..T-1"),
    "steps_offset": Quantity("shift of the leading grid towards noise", "integer >= 0"),
    "betas": Quantity("DDPM's step variances for t = 1..T", "(0, 1); 1 only at T"),
    "beta_t": Quantity("betas at t", "(0, 1)"),
    "beta_start": Quantity("first level of a schedule of betas", "(0, 1)"),
    "beta_end": Quantity("last level of a schedule of betas", "[beta_start, 1)"),
    "beta_max": Quantity("cap of the cosine schedule's betas", "(0, 1)"),
    "offset": Quantity("the cosine schedule's s; the constant of an affine map", "[0, 1]; any"),
    "alpha_bars": Quantity("running products of 1 - betas for t = 1..T", "[0, 1]"),
    "alpha_bar_t": Quantity("signal power at t, alpha_t**2 when variance is preserved", _POWER),
    "alpha_bar_s": Quantity("signal power at s", _POWER),
    "alpha_bar_T": Quantity("signal power at T", _POWER),
    "log_alpha_bar_t": Quantity("log of alpha_bar_t", "<= 0"),
    "log_alpha_bar_s": Quantity("log of alpha_bar_s", "[log_alpha_bar_t, 0]"),
    "log_alpha_bar_T": Quantity("log of alpha_bar_T", "<= 0"),
    "alpha_t": Quantity("signal scale: x_t = alpha_t*x_0 + sigma_t*eps", "[0, 1] for VP"),
    "alpha_s": Quantity("signal scale at s", "[0, 1] for VP"),
    "sigma_t": Quantity("noise scale: x_t = alpha_t*x_0 + sigma_t*eps", ">= 0"),
    "sigma_s": Quantity("noise scale at s", ">= 0"),
    "alpha_dot_t": Quantity("time derivative of alpha_t", "<= 0"),
    "sigma_dot_t": Quantity("time derivative of sigma_t", ">= 0"),
    "snr_t": Quantity("alpha_t**2/sigma_t**2", "> 0"),
    "snr_s": Quantity("alpha_s**2/sigma_s**2", "> 0"),
    "logsnr_t": Quantity("log of snr_t", "any"),
    "logsnr_s": Quantity("log of snr_s", "any"),
    "half_logsnr_t": Quantity("half of logsnr_t, DPM-Solver's lambda", "any"),
    "half_logsnr_s": Quantity("half of logsnr_s", "any"),
    "sigma_over_alpha_t": Quantity("EDM's and k-diffusion's sigma", ">= 0"),
    "sigma_over_alpha_s": Quantity("the same at s", ">= 0"),
    "x_0": Quantity("data, or a network's estimate of it in a step", "any"),
    "x_t": Quantity("state at t", "any"),
    "x_s": Quantity("state at s", "any"),
    "x_T": Quantity("state a sampler starts from", "any"),
    "eps": Quantity("unit noise in x_t", "any"),
    "v": Quantity("alpha_t*eps - sigma_t*x_0", "any"),
    "score": Quantity("-eps/sigma_t", "any"),
    "velocity": Quantity("alpha_dot_t*x_0 + sigma_dot_t*eps", "any"),
    "x_0_hat": Quantity("a network's estimate of x_0", "any"),
    "eps_hat": Quantity("a network's estimate of eps", "any"),
    "v_hat": Quantity("a network's estimate of v", "any"),
    "score_hat": Quantity("a network's estimate of the score", "any"),
    "z": Quantity("fresh unit noise a stochastic step adds", "any"),
    "eta": Quantity("DDIM's share of DDPM's noise", "[0, 1]"),
    "interpolation": Quantity("share of the larger log variance; networks put out 2*interpolation - 1", "[0, 1]"),
    "gamma": Quantity("cap on the SNR in min-SNR weights", "> 0"),
    "log_scale": Quantity("log standard deviation of the decoder", "any"),
    "nats": Quantity("negative log likelihood of a whole sample", "any"),
    "dimensions": Quantity("number of dimensions of one sample", "integer >= 1"),
    "denoiser": Quantity("callable (x_t, t) giving the mean of x_0 given x_t", "callable"),
    "eps_model": Quantity("callable (x_t, t) giving the mean of eps given x_t", "callable"),
    "v_model": Quantity("callable (x_t, t) giving the mean of v given x_t", "callable"),
    "points": Quantity("the points of a finite data set, shape (N, d)", "any"),
    "x": Quantity("point at which a density is taken", "any"),
    "y": Quantity("observation matrix x + offset + noise", "any"),
    "mean": Quantity("mean of a Gaussian", "any"),
    "mean_1": Quantity("mean of the first Gaussian", "any"),
    "mean_2": Quantity("mean of the second Gaussian", "any"),
    "variance": Quantity("variance of every entry", "> 0"),
    "variance_1": Quantity("variance of every entry of the first Gaussian", "> 0"),
    "variance_2": Quantity("variance of every entry of the second Gaussian", "> 0"),
    "covariance": Quantity("covariance matrix", "symmetric positive definite"),
    "covariance_1": Quantity("covariance matrix of the first Gaussian", "symmetric positive definite"),
    "covariance_2": Quantity("covariance matrix of the second Gaussian", "symmetric positive definite"),
    "noise_covariance": Quantity("covariance of an observation's noise", "symmetric positive definite"),
    "matrix": Quantity("matrix of a linear map or quadratic form", "any"),
    "center": Quantity("centre of a quadratic form", "any"),
    # shared by several subjects
    "time": Quantity("continuous time; 0 is data, 1 is noise", "[0, 1]"),
    "guidance_scale": Quantity("w in unconditional + w*(conditional - unconditional); 1 is no guidance", "any"),
    "weights": Quantity("probabilities of a mixture's components, shape (K,)", "> 0, sum 1"),
    "means": Quantity("means of a mixture's components, shape (K, d)", "any"),
    "variances": Quantity("variance of every entry of each component, shape (K,)", "> 0"),
    "sigma_data": Quantity("standard deviation of the data, as EDM counts it", "> 0"),
    "sigma_min": Quantity("least noise scale of a grid or process", "> 0"),
    "sigma_max": Quantity("largest noise scale of a grid or process", "> sigma_min"),
    "beta_rate_min": Quantity("the VP process's beta(0), per unit time", "> 0"),
    "beta_rate_max": Quantity("the VP process's beta(1), per unit time", "> beta_rate_min"),
    "drift_rate": Quantity("f in dx = f*x dt + g dw", "any"),
    "diffusion": Quantity("g in dx = f*x dt + g dw", ">= 0"),
    "step_size": Quantity("length of one step in time", "> 0"),
    "jacobian": Quantity("derivative of a vector field, shape (B, d, d), rows are outputs", "any"),
    "divergence": Quantity("trace of a vector field's Jacobian, shape (B,)", "any"),
    "probe": Quantity("random direction of mean 0 and unit covariance", "any"),
    "power": Quantity("power spectrum: variance of each frequency's coefficient", ">= 0"),
    # vae
    # elbo
    # score
    # sde
    "drift": Quantity("b in dx = b dt + g dw at a state; reverse drifts are stated for dt < 0", "any"),
    "noise_share": Quantity("strength of a reverse-time process's noise over the forward one's", ">= 0"),
    "drift_divergence": Quantity("trace of the drift's Jacobian, shape (B,)", "any"),
    "score_divergence": Quantity("trace of the score's Jacobian, shape (B,)", "any"),
    # dirac
    # mixture
    # edm
    # ddim
    # flow
    # guidance
    # likelihood
    # adversarial
    "log_density_real": Quantity("log density of the data's law at the point", "any"),
    "log_density_fake": Quantity("log density of the generator's law at the point", "any"),
    "probabilities_1": Quantity("first probability vector, shape (K,)", ">= 0, sum 1"),
    "probabilities_2": Quantity("second probability vector, shape (K,)", ">= 0, sum 1"),
    "logit_real": Quantity("discriminator's logit at data", "any"),
    "logit_fake": Quantity("discriminator's logit at a generated sample", "any"),
    # latent
    # multiscale
    # projection
    # spectrum
    "frequency": Quantity("waves over the period of a signal", "> 0"),
    "power_at_one": Quantity("power at frequency 1", "> 0"),
    "spectral_exponent": Quantity("e in power = power_at_one/frequency**e", "any; about 2 for photographs"),
}
