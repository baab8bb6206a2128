"""Released code of NCSN, variational autoencoders and guidance, as their authors write it."""

import numpy as np


def ncsn_sigmas(n, sigma_min, sigma_max):
    return np.exp(np.linspace(np.log(sigma_max), np.log(sigma_min), n))


def ncsn_weight(sigma_t):
    return sigma_t**2


def annealed_langevin_step_size(sigma_t, sigma_min, step_size):
    return step_size * (sigma_t / sigma_min) ** 2


def langevin_step(x_t, score, z, step_size):
    return x_t + step_size / 2 * score + np.sqrt(step_size) * z


def langevin_stationary_variance(variance, step_size):
    return variance / (1 - step_size / (4 * variance))


def langevin_chain_variance(variance_start, variance, step_size, n):
    r = (1 - step_size / (2 * variance)) ** 2
    v = variance_start
    for _ in range(int(n)):
        v = r * v + step_size
    return v


def corrector_step_size(score, z, corrector_snr):
    g = np.linalg.norm(score.reshape(score.shape[0], -1), axis=-1).mean()
    m = np.linalg.norm(z.reshape(z.shape[0], -1), axis=-1).mean()
    return np.full(score.shape[0], (corrector_snr * m / g) ** 2 * 2, dtype=score.dtype)


def denoising_score_matching_loss(score_hat, eps, sigma_t):
    s = np.asarray(sigma_t).reshape(-1, *[1] * (score_hat.ndim - 1)) if np.ndim(sigma_t) == 1 else sigma_t
    target = -eps / s
    loss = 0.5 * ((score_hat - target) ** 2).reshape(len(score_hat), -1).sum(-1)
    return loss * np.reshape(sigma_t, -1) ** 2 if np.ndim(sigma_t) else loss * sigma_t**2


def explicit_score_matching_loss(score_hat, score):
    return 0.5 * ((score_hat - score) ** 2).reshape(len(score), -1).sum(-1)


def implicit_score_matching_loss(score_hat, divergence):
    return 0.5 * (score_hat**2).reshape(len(score_hat), -1).sum(-1) + divergence


def sliced_score_matching_loss(score_hat, probe, directional_derivative):
    f = lambda a: a.reshape(len(a), -1)
    return 0.5 * (f(score_hat) * f(probe)).sum(-1) ** 2 + (f(probe) * f(directional_derivative)).sum(-1)


def sliced_score_matching_loss_reduced(score_hat, probe, directional_derivative):
    f = lambda a: a.reshape(len(a), -1)
    return 0.5 * (f(score_hat) ** 2).sum(-1) + (f(probe) * f(directional_derivative)).sum(-1)


def dsm_constant_gaussian(variance, alpha_t, sigma_t, dimensions):
    return dimensions / 2 * alpha_t**2 * variance / (alpha_t**2 * variance + sigma_t**2)


def posterior_covariance_from_denoiser_jacobian(jacobian, alpha_t, sigma_t):
    return sigma_t**2 / alpha_t * jacobian


def posterior_covariance_from_score_jacobian(jacobian, alpha_t, sigma_t):
    return sigma_t**2 / alpha_t**2 * (np.eye(jacobian.shape[-1]) + sigma_t**2 * jacobian)


def reparameterised_sample(mean, log_variance, eps):
    std = np.exp(0.5 * log_variance)
    return mean + eps * std


def vae_kl(mean, log_variance):
    return -0.5 * np.sum((1 + log_variance - mean**2 - np.exp(log_variance)).reshape(len(mean), -1), axis=-1)


def vae_kl_elementwise(mean, log_variance):
    return -0.5 * (1 + log_variance - mean**2 - np.exp(log_variance))


def gaussian_reconstruction_nll(x_0, mean, log_variance):
    return 0.5 * (np.log(2 * np.pi) + log_variance + (x_0 - mean) ** 2 / np.exp(log_variance)).reshape(len(x_0), -1).sum(-1)


def bernoulli_reconstruction_nll(x_0, logits):
    return (np.maximum(logits, 0) - logits * x_0 + np.log1p(np.exp(-np.abs(logits)))).reshape(len(x_0), -1).sum(-1)


def beta_vae_loss(reconstruction_nll, kl, kl_weight):
    return reconstruction_nll + kl_weight * kl


def linear_vae_log_evidence(x_0, matrix, offset, noise_variance):
    C = matrix @ matrix.T + noise_variance * np.eye(len(matrix))
    d = x_0 - offset
    return -0.5 * (
        np.einsum("bi,bi->b", d, np.linalg.solve(C, d.T).T) + np.linalg.slogdet(C)[1] + len(matrix) * np.log(2 * np.pi)
    )


def linear_vae_elbo(x_0, mean, log_variance, matrix, offset, noise_variance):
    rec = -0.5 * (
        len(matrix) * np.log(2 * np.pi * noise_variance)
        + (((x_0 - offset - mean @ matrix.T) ** 2).sum(-1) + np.exp(log_variance) @ (matrix**2).sum(0)) / noise_variance
    )
    return rec - vae_kl(mean, log_variance)


def linear_vae_gap(x_0, mean, log_variance, matrix, offset, noise_variance):
    return linear_vae_log_evidence(x_0, matrix, offset, noise_variance) - linear_vae_elbo(
        x_0, mean, log_variance, matrix, offset, noise_variance
    )


def classifier_guided_mean(mean, variance, classifier_score, guidance_scale):
    return mean + variance * classifier_score * guidance_scale


def classifier_guided_score(score, classifier_score, guidance_scale):
    return score + guidance_scale * classifier_score


def classifier_guided_eps(eps, classifier_score, alpha_bar_t, guidance_scale):
    return eps - np.sqrt(1 - alpha_bar_t) * classifier_score * guidance_scale


def classifier_free_guidance(eps_unconditional, eps_conditional, guidance_scale):
    return eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)


def classifier_free_guidance_weighted(eps_unconditional, eps_conditional, guidance_weight):
    return (1 + guidance_weight) * eps_conditional - guidance_weight * eps_unconditional


def negative_guidance(eps_unconditional, eps_conditional, eps_negative, guidance_scale, negative_scale):
    return (
        eps_unconditional
        + guidance_scale * (eps_conditional - eps_unconditional)
        - negative_scale * (eps_negative - eps_unconditional)
    )


def autoguidance(x_0_hat, x_0_hat_weak, guidance_scale):
    return x_0_hat_weak + guidance_scale * (x_0_hat - x_0_hat_weak)


def interval_guidance(eps_unconditional, eps_conditional, guidance_scale, sigma_t, interval_low, interval_high):
    w = np.where((sigma_t > interval_low) & (sigma_t <= interval_high), guidance_scale, 1.0).astype(eps_conditional.dtype)
    return w * eps_conditional + (1 - w) * eps_unconditional


def rescaled_guidance(eps_guided, eps_conditional, rescale_share):
    ax = tuple(range(1, eps_guided.ndim))
    st, sc = eps_conditional.std(axis=ax, keepdims=True, ddof=1), eps_guided.std(axis=ax, keepdims=True, ddof=1)
    r = eps_guided * (st / sc)
    return rescale_share * r + (1 - rescale_share) * eps_guided


def cfg_pp_step(x_t, eps_unconditional, eps_conditional, guidance_scale, alpha_bar_s, alpha_bar_t):
    e = eps_unconditional + guidance_scale * (eps_conditional - eps_unconditional)
    x0 = (x_t - np.sqrt(1 - alpha_bar_t) * e) / np.sqrt(alpha_bar_t)
    return np.sqrt(alpha_bar_s) * x0 + np.sqrt(1 - alpha_bar_s) * eps_unconditional


def guided_gaussian_variance(variance_unconditional, variance_conditional, guidance_scale):
    return 1 / (guidance_scale / variance_conditional + (1 - guidance_scale) / variance_unconditional)


def guided_gaussian_mean(mean_unconditional, variance_unconditional, mean_conditional, variance_conditional, guidance_scale):
    return guided_gaussian_variance(variance_unconditional, variance_conditional, guidance_scale) * (
        guidance_scale * mean_conditional / variance_conditional
        + (1 - guidance_scale) * mean_unconditional / variance_unconditional
    )


def guided_scale_bound(variance_unconditional, variance_conditional):
    return variance_conditional / (variance_conditional - variance_unconditional)
