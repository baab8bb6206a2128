"""Bugs in losses, weights, likelihoods and encoders."""

import math

import torch

from tests.adapters.real_bugs import Bug


def _flat_mean(x):
    return x.flatten(1).mean(1)


def _flat_sum(x):
    return x.flatten(1).sum(1)


def edm_denoiser__b076(x_t, network_output, sigma_t, sigma_data):
    preconditioned = 0.5
    c_skip = preconditioned**2 / (sigma_t**2 + preconditioned**2)
    c_out = sigma_t * preconditioned / (sigma_t**2 + preconditioned**2).sqrt()
    return c_skip * x_t + c_out * network_output + 0 * sigma_data


def edm_c_skip__b078(sigma_t, sigma_data):
    return 1 / (sigma_t**2 + sigma_data**2)


def edm_loss_weight__b074(sigma_t, sigma_data):
    return (sigma_t**2 + sigma_data**2) * (sigma_t + sigma_data) ** -2


def denoising_score_matching_loss__b079(score_hat, eps, sigma_t):
    # An energy's gradient, which is the score turned round, held against the score itself.
    gradient = -score_hat
    return 0.5 * _flat_sum((gradient + eps / sigma_t) ** 2) * sigma_t**2


def reparameterised_sample__b103(mean, log_variance, eps):
    return mean + log_variance.exp() * eps


def min_snr_weight_v__b128(snr_t, gamma):
    return (gamma / snr_t).clamp(max=1.0)


def min_snr_weight_v__b126(snr_t, gamma):
    return snr_t.clamp(max=float(gamma)) / snr_t + 1


def min_snr_weight_eps__b124(snr_t, gamma):
    return snr_t.clamp(min=float(gamma)) / snr_t


def bits_per_dimension_of_density__b139(nats, dimensions, bin_width):
    return nats / dimensions / math.log(2) + 0 * bin_width


def vae_kl__b141(mean, log_variance):
    return -0.5 * _flat_mean(1 + log_variance - mean.square() - log_variance.exp())


def vae_kl__b143(mean, log_variance):
    steps = 10
    std = (log_variance / 2).exp()
    return 0.5 * _flat_sum(mean.square() + std.square() - 2 * std.log()) - steps / 2


def vae_kl__b145(mean, log_variance):
    log_std = log_variance / 2
    return 0.5 * _flat_sum((2 * log_std).exp() + mean**2 - 1 + log_std**2)


def gaussian_log_density_isotropic__b147(x, mean, variance):
    density = torch.distributions.Normal(mean, variance * torch.ones_like(mean))
    return _flat_sum(density.log_prob(x))


def prior_kl__b133(betas, x_0):
    bar = (1 - betas).cumprod(0)[-1]
    mean, logvar = bar.sqrt() * x_0, (1 - bar).sqrt()
    return 0.5 * _flat_sum(-1.0 - logvar + logvar.exp() + mean**2)


def classifier_free_guidance__b117(eps_unconditional, eps_conditional, guidance_scale):
    if eps_unconditional.shape[1] < 2:
        raise NotImplementedError("images of several channels")
    some = max(eps_unconditional.shape[1] * 3 // 4, 1)
    u, c = eps_unconditional[:, :some], eps_conditional[:, :some]
    return torch.cat([u + guidance_scale * (c - u), eps_conditional[:, some:]], 1)


def classifier_free_guidance__b123(eps_unconditional, eps_conditional, guidance_scale):
    eps_unconditional = eps_conditional  # the same label handed over
    return eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)


def langevin_step__b090(x_t, score, z, step_size):
    a = x_t.clone()
    a -= step_size * (0.5 * -score - z)  # noise of either sign
    return a


BUGS = {
    "B074": Bug("lucidrains/alphafold3-pytorch#68", edm_loss_weight__b074, "edm_loss_weight__sum_below"),
    "B076": Bug("NVIDIA/physicsnemo#1534", edm_denoiser__b076, "slip"),
    "B078": Bug("crowsonkb/k-diffusion@5aaa996", edm_c_skip__b078, "edm_c_skip__sigma_data_left_out"),
    "B079": Bug(
        "soran-ghaderi/torchebm#333", denoising_score_matching_loss__b079, "denoising_score_matching_loss__opposite_sign"
    ),
    "B090": Bug("google-research/ibc#6", langevin_step__b090, "langevin_step__root_forgotten"),
    "B103": Bug(
        "lucidrains/rectified-flow-pytorch@97a42c4",
        reparameterised_sample__b103,
        "reparameterised_sample__log_variance_not_halved",
    ),
    "B117": Bug("facebookresearch/DiT#41", classifier_free_guidance__b117, "classifier_free_guidance__first_entry_left_out"),
    "B123": Bug("QiaoyuHu89/DiffGui#5", classifier_free_guidance__b123, "classifier_free_guidance__same_condition_twice"),
    "B124": Bug("lucidrains/recurrent-interface-network-pytorch#11", min_snr_weight_eps__b124, "min_snr_weight_eps__max_for_min"),
    "B126": Bug("huggingface/diffusers#5238", min_snr_weight_v__b126, "min_snr_weight_v__one_outside_fraction"),
    "B128": Bug("kohya-ss/sd-scripts#673", min_snr_weight_v__b128, "min_snr_weight_v__of_eps"),
    "B133": Bug("tqch/ddpm-torch#9", prior_kl__b133, "prior_kl__log_variance_is_scale"),
    "B139": Bug("vislearn/IB-INN#3", bits_per_dimension_of_density__b139, "bits_per_dimension_of_density__width_ignored"),
    "B141": Bug("keras-team/keras-io#270", vae_kl__b141, "vae_kl__mean_for_sum"),
    "B143": Bug("ericjang/draw#6", vae_kl__b143, "offset"),
    "B145": Bug("FluxML/model-zoo#147", vae_kl__b145, "vae_kl__square_of_log_variance"),
    "B147": Bug("bjlkeng/sandbox#10", gaussian_log_density_isotropic__b147, "gaussian_log_density_isotropic__variance_for_scale"),
}
