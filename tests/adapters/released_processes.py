"""Released code of NVlabs/edm and score_sde, as their authors write it."""

import numpy as np


def edm_c_skip(sigma_t, sigma_data):
    return sigma_data**2 / (sigma_t**2 + sigma_data**2)


def edm_c_out(sigma_t, sigma_data):
    return sigma_t * sigma_data / np.sqrt(sigma_t**2 + sigma_data**2)


def edm_c_in(sigma_t, sigma_data):
    return 1 / np.sqrt(sigma_data**2 + sigma_t**2)


def edm_c_noise(sigma_t):
    return np.log(sigma_t) / 4


def edm_loss_weight(sigma_t, sigma_data):
    return (sigma_t**2 + sigma_data**2) / (sigma_t * sigma_data) ** 2


def edm_denoiser(x_t, network_output, sigma_t, sigma_data):
    return edm_c_skip(sigma_t, sigma_data) * x_t + edm_c_out(sigma_t, sigma_data) * network_output


def edm_target(x_t, x_0, sigma_t, sigma_data):  # k-diffusion
    return (x_0 - edm_c_skip(sigma_t, sigma_data) * x_t) / edm_c_out(sigma_t, sigma_data)


def edm_sigma(z, P_mean, P_std):
    return np.exp(z * P_std + P_mean)


def edm_logsnr_log_density(sigma_over_alpha_t, P_mean, P_std):
    # log of the lognormal density by change of variables: p(sigma) sigma / 2
    s = sigma_over_alpha_t
    return -((np.log(s) - P_mean) ** 2) / (2 * P_std**2) - np.log(2 * np.pi) / 2 - np.log(P_std) - np.log(2)


def sigmas_karras(n, sigma_min, sigma_max, rho):
    i = np.arange(n)
    return (sigma_max ** (1 / rho) + i / (n - 1) * (sigma_min ** (1 / rho) - sigma_max ** (1 / rho))) ** rho


def edm_churn_gamma(sigma_t, S_churn, S_min, S_max, n):
    return np.where((S_min <= sigma_t) & (sigma_t <= S_max), min(S_churn / n, np.sqrt(2) - 1), 0.0).astype(
        np.asarray(sigma_t).dtype
    )


def edm_churned_sigma(sigma_t, churn):
    return sigma_t + churn * sigma_t


def edm_churned_state(x_t, z, sigma_t, churn, S_noise):
    t_hat = sigma_t + churn * sigma_t
    return x_t + np.sqrt(t_hat**2 - sigma_t**2) * S_noise * z


def edm_euler_step(x_t, x_0, sigma_t, sigma_s):
    d = (x_t - x_0) / sigma_t
    return x_t + (sigma_s - sigma_t) * d


def edm_heun_step(x_t, x_0, x_0_s, sigma_t, sigma_s):
    d = (x_t - x_0) / sigma_t
    x = x_t + (sigma_s - sigma_t) * d
    if sigma_s > 0:
        d2 = (x - x_0_s) / sigma_s
        x = x_t + (sigma_s - sigma_t) * (0.5 * d + 0.5 * d2)
    return x


def edm_velocity(x_t, x_0, alpha_t, alpha_dot_t, noise_level_t, noise_level_dot_t):
    # generate.py ablation_sampler
    return (noise_level_dot_t / noise_level_t + alpha_dot_t / alpha_t) * x_t - noise_level_dot_t * alpha_t / noise_level_t * x_0


def edm_state(x_t, alpha_t):
    return x_t / alpha_t


def edm_sigma_from_vp_time(time, beta_rate_min, beta_rate_max):
    bd = beta_rate_max - beta_rate_min
    return (np.e ** (0.5 * bd * (time**2) + beta_rate_min * time) - 1) ** 0.5


def vp_time_from_edm_sigma(sigma_t, beta_rate_min, beta_rate_max):
    bd = beta_rate_max - beta_rate_min
    return ((beta_rate_min**2 + 2 * bd * np.log(sigma_t**2 + 1)) ** 0.5 - beta_rate_min) / bd


def edm_sigma_from_ve_time(time, sigma_min, sigma_max):
    return sigma_min * (sigma_max / sigma_min) ** time


def ve_time_from_edm_sigma(sigma_t, sigma_min, sigma_max):
    return np.log(sigma_t / sigma_min) / np.log(sigma_max / sigma_min)


def sigmas_iddpm(T, offset, beta_max):
    ab = lambda j: np.sin(0.5 * np.pi * j / T / (offset + 1)) ** 2
    u = np.zeros(T + 1)
    for j in range(T, 0, -1):
        u[j - 1] = np.sqrt((u[j] ** 2 + 1) / max(ab(j - 1) / ab(j), 1 - beta_max) - 1)
    return u[:-1]


def edm_sigma_from_flow_time(time):
    return time / (1 - time)


def flow_time_from_edm_sigma(sigma_t):
    return sigma_t / (1 + sigma_t)


def edm_denoiser_from_v(x_t, v_hat, sigma_t):  # k-diffusion VDenoiser
    return x_t / (sigma_t**2 + 1) - v_hat * sigma_t / (sigma_t**2 + 1) ** 0.5


def edm_denoiser_from_flow(x_t, velocity_hat, sigma_t):
    t = sigma_t / (sigma_t + 1)
    xt = x_t / (1 + sigma_t)
    return xt - t * velocity_hat


def vp_beta_rate(time, beta_rate_min, beta_rate_max):
    return beta_rate_min + time * (beta_rate_max - beta_rate_min)


def vp_drift_rate(time, beta_rate_min, beta_rate_max):
    return -0.5 * vp_beta_rate(time, beta_rate_min, beta_rate_max)


def vp_diffusion(time, beta_rate_min, beta_rate_max):
    return np.sqrt(vp_beta_rate(time, beta_rate_min, beta_rate_max))


def vp_log_alpha_bar(time, beta_rate_min, beta_rate_max):
    return 2 * (-0.25 * time**2 * (beta_rate_max - beta_rate_min) - 0.5 * time * beta_rate_min)


def subvp_diffusion(time, beta_rate_min, beta_rate_max):
    discount = 1.0 - np.exp(-2 * beta_rate_min * time - (beta_rate_max - beta_rate_min) * time**2)
    return np.sqrt(vp_beta_rate(time, beta_rate_min, beta_rate_max) * discount)


def subvp_sigma(log_alpha_bar_t):
    lmc = log_alpha_bar_t / 2
    return 1 - np.exp(2.0 * lmc)


def ve_sigma(time, sigma_min, sigma_max):
    return sigma_min * (sigma_max / sigma_min) ** time


def ve_diffusion(time, sigma_min, sigma_max):
    return ve_sigma(time, sigma_min, sigma_max) * np.sqrt(2 * (np.log(sigma_max) - np.log(sigma_min)))


def ve_added_variance(sigma_s, sigma_t):
    return sigma_t**2 - sigma_s**2


def ve_transition_sample(x_s, z, sigma_s, sigma_t):
    return x_s + np.sqrt(sigma_t**2 - sigma_s**2) * z


def reverse_sde_drift(x_t, score, drift_rate, diffusion):
    return drift_rate * x_t - diffusion**2 * score * 1.0


def probability_flow_drift(x_t, score, drift_rate, diffusion):
    return drift_rate * x_t - diffusion**2 * score * 0.5


def same_marginals_drift(x_t, score, drift_rate, diffusion, noise_strength):
    return drift_rate * x_t - (1 + noise_strength**2) / 2 * diffusion**2 * score


def euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    return x_t + drift * step_size + diffusion * np.sqrt(step_size) * z


def reverse_euler_maruyama_step(x_t, drift, z, diffusion, step_size):
    dt = -step_size
    return x_t + drift * dt + diffusion * np.sqrt(-dt) * z


def reverse_diffusion_step_ve(x_t, score, z, sigma_s, sigma_t):
    G = np.sqrt(sigma_t**2 - sigma_s**2)
    rev_f = 0 * x_t - G**2 * score
    return x_t - rev_f + G * z


def reverse_diffusion_step_vp(x_t, score, z, beta_t):
    alpha = 1 - beta_t
    f = np.sqrt(alpha) * x_t - x_t
    G = np.sqrt(beta_t)
    rev_f = f - G**2 * score
    return x_t - rev_f + G * z


def ancestral_step_ve(x_t, score, z, sigma_s, sigma_t):
    x_mean = x_t + score * (sigma_t**2 - sigma_s**2)
    std = np.sqrt((sigma_s**2 * (sigma_t**2 - sigma_s**2)) / (sigma_t**2))
    return x_mean + std * z


def ancestral_step_vp(x_t, score, z, beta_t):
    return (x_t + beta_t * score) / np.sqrt(1.0 - beta_t) + np.sqrt(beta_t) * z


def linear_sde_drift_rate(alpha_t, alpha_dot_t):
    return alpha_dot_t / alpha_t


def linear_sde_diffusion(alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    return np.sqrt(2 * sigma_t * sigma_dot_t - 2 * alpha_dot_t / alpha_t * sigma_t**2)


def linear_sde_transition_mean(x_s, drift_rate, step_size):
    return np.exp(drift_rate * step_size) * x_s


def linear_sde_transition_variance(drift_rate, diffusion, step_size):
    with np.errstate(all="ignore"):
        return diffusion**2 * np.where(drift_rate == 0, step_size, np.expm1(2 * drift_rate * step_size) / (2 * drift_rate))


def linear_sde_variance_rate(variance, drift_rate, diffusion):
    return 2 * drift_rate * variance + diffusion**2


def probability_flow_solution_gaussian(x_t, mean, variance, alpha_t, sigma_t, alpha_s, sigma_s):
    return alpha_s * mean + np.sqrt((alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2)) * (
        x_t - alpha_t * mean
    )


def reverse_sde_mean_gaussian(x_t, mean, variance, alpha_bar_s, alpha_bar_t):
    ats = alpha_bar_t / alpha_bar_s
    vs = alpha_bar_s * variance + 1 - alpha_bar_s
    return np.sqrt(alpha_bar_s) * mean + np.sqrt(ats) * vs / (ats * vs + 1 - ats) * (x_t - np.sqrt(alpha_bar_t) * mean)


def reverse_sde_variance_gaussian(variance, alpha_bar_s, alpha_bar_t):
    ats = alpha_bar_t / alpha_bar_s
    vs = alpha_bar_s * variance + 1 - alpha_bar_s
    return vs - ats * vs**2 / (ats * vs + 1 - ats)


def fokker_planck_rate(drift, score, drift_divergence, score_divergence, diffusion):
    return -drift_divergence - np.sum(drift * score, -1) + 0.5 * diffusion**2 * (score_divergence + np.sum(score**2, -1))


def stable_diffusion_path(v_model_conditional, v_model_unconditional, x_T):  # CompVis: all numbers its own, times from 0
    roots = np.linspace(0.00085**0.5, 0.012**0.5, 1000)
    kept = np.cumprod(1.0 - roots**2)
    index = np.arange(0, 1000, 1000 // 50) + 1
    before = np.append(kept[:1], kept[index[:-1]])
    x, states = x_T, [x_T]
    for t, a_t, a_prev in zip(index[::-1].tolist(), kept[index][::-1], before[::-1], strict=True):
        a, b, c, d = (np.asarray(root, x.dtype) for root in (a_t**0.5, (1 - a_t) ** 0.5, a_prev**0.5, (1 - a_prev) ** 0.5))
        v = v_model_unconditional(x, t + 1)
        v = v + x.dtype.type(7.5) * (v_model_conditional(x, t + 1) - v)
        x = c * (a * x - b * v) + d * (a * v + b * x)
        states.append(x)
    return np.stack([*states, x / x.dtype.type(0.18215)])


def _langevin(x, score, z, corrector_snr, alpha):  # score_sde_pytorch's LangevinCorrector: norms averaged over the batch
    grad_norm = np.linalg.norm(score.reshape(len(score), -1), axis=-1).mean()
    noise_norm = np.linalg.norm(z.reshape(len(z), -1), axis=-1).mean()
    step_size = (corrector_snr * noise_norm / grad_norm) ** 2 * 2 * alpha
    return x + step_size * score + np.sqrt(step_size * 2) * z


def corrector_step_ve(x_t, score, z, corrector_snr):
    return _langevin(x_t, score, z, corrector_snr, 1)


def corrector_step_vp(x_t, score, z, corrector_snr, beta_t):
    return _langevin(x_t, score, z, corrector_snr, 1 - beta_t)


def predictor_corrector_step_ve(x_t, score, score_s, z, corrector_snr, sigma_s, sigma_t):
    spread = np.sqrt(sigma_t**2 - sigma_s**2)
    return _langevin(x_t + spread**2 * score + spread * z[0], score_s, z[1], corrector_snr, 1)


def predictor_corrector_step_vp(x_t, score, score_s, z, corrector_snr, beta_s, beta_t):
    f = np.sqrt(1 - beta_t) * x_t - x_t - beta_t * score
    return _langevin(x_t - f + np.sqrt(beta_t) * z[0], score_s, z[1], corrector_snr, 1 - beta_s)
