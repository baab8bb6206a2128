"""The production path under the vocabulary's names; most of it speaks them already."""

from refdiff.adapters.production.tables import (
    alpha, alpha_bar, betas_cosine, betas_linear, betas_scaled_linear, betas_sigmoid, betas_zero_terminal_snr,
    ddim_noise_scale, ddim_path, ddim_step, ddpm_path, ddpm_step, ddpm_step_large, decoder_log_likelihood, denoising_kl,
    denoising_kl_gradient, guided_ddim_path, log_alpha_bar, logsnr, marginal_mean, marginal_sample, marginal_variance,
    posterior_log_variance, posterior_log_variance_large, posterior_log_variance_learned, posterior_mean,
    posterior_mean_x_0_coefficient, posterior_mean_x_t_coefficient, posterior_variance, posterior_variance_large, prior_kl,
    sigma, simple_loss_weight, snr, timesteps_leading, timesteps_linspace, timesteps_trailing, transition_mean,
    transition_variance,
)  # fmt: skip
from refdiff.production.adversarial import (
    ddgan_step, denoising_posterior_log_density_mixture, denoising_posterior_means_mixture,
    denoising_posterior_variances_mixture, denoising_posterior_weights_mixture, discriminator_loss,
    generator_loss_nonsaturating, optimal_discriminator,
)  # fmt: skip
from refdiff.production.conversion import (
    eps_from_score, eps_from_v, eps_from_velocity, eps_from_x_0, score_from_eps, score_from_v, score_from_velocity,
    score_from_x_0, v_from_eps, v_from_score, v_from_velocity, v_from_x_0, velocity_from_eps, velocity_from_score,
    velocity_from_v, velocity_from_x_0, x_0_from_eps, x_0_from_score, x_0_from_v, x_0_from_velocity,
)  # fmt: skip
from refdiff.production.ddim import (
    ddim_conditional_mean, ddim_conditional_variance, ddim_eta_max, ddim_inversion_step, ddim_step_exponential,
    ddim_step_exponential_eps, ddim_step_scaled, rectified_state, rectified_step, rectified_time, rectified_velocity,
)  # fmt: skip
from refdiff.production.denoiser import denoiser_dirac, denoiser_gaussian
from refdiff.production.dirac import (
    denoiser_jacobian_dirac, eps_loss_floor_dirac, log_density_dirac, loss_floor_dirac, posterior_covariance_dirac,
    posterior_weights_dirac, score_dirac, score_divergence_dirac,
)  # fmt: skip
from refdiff.production.edm import (
    edm_c_in, edm_c_noise, edm_c_out, edm_c_skip, edm_churn_gamma, edm_churned_sigma, edm_churned_state, edm_denoiser,
    edm_denoiser_from_flow, edm_denoiser_from_v, edm_euler_step, edm_heun_step, edm_loss_weight, edm_sigma,
    edm_sigma_from_flow_time, edm_target, flow_time_from_edm_sigma, sigmas_karras,
)  # fmt: skip
from refdiff.production.elbo import (
    bits_per_dimension_of_density, elbo_weight, elbo_weight_edm, elbo_weight_flow, elbo_weight_flow_logit_normal,
    elbo_weight_min_snr, elbo_weight_p2, elbo_weight_sigmoid, elbo_weight_simple_cosine, elbo_weight_v_cosine,
    log_ratio_variance,
)  # fmt: skip
from refdiff.production.flow import (
    cosine_path_rates, cosine_path_scales, cosmap_density, cosmap_time, exponentially_shifted_time, flow_euler_step,
    flow_heun_step, flow_map_gaussian, flow_matching_loss, linear_path_rates, linear_path_scales, linear_path_velocity,
    logit_normal_density, logit_normal_time, marginal_velocity_dirac, marginal_velocity_gaussian, marginal_velocity_mixture,
    minibatch_ot_cost, minibatch_ot_permutation, mode_time, mode_time_density, path_straightness, reflow_velocity_gaussian,
    resolution_time_shift, sequence_length_time_shift, shifted_time, shifted_time_density, transformed_velocity,
    unshifted_time, ve_path_rates, ve_path_scales, velocity_variance_dirac, velocity_variance_gaussian, vp_path_rates,
    vp_path_scales,
)  # fmt: skip
from refdiff.production.guidance import (
    autoguidance, cfg_pp_step, classifier_free_guidance, classifier_free_guidance_weighted, classifier_guided_eps,
    classifier_guided_mean, classifier_guided_score, guided_gaussian_mean, guided_gaussian_variance,
    guided_noising_mean_gap, guided_noising_variance_gap, guided_scale_bound, interval_guidance, negative_guidance,
    rescaled_guidance,
)  # fmt: skip
from refdiff.production.latent import (
    encoder_entropy, latent_bound, latent_cross_entropy, latent_reconstruction, latent_scaling_log_determinant,
    scaled_latent, unscaled_latent,
)  # fmt: skip
from refdiff.production.likelihood import (
    dequantised_bits_per_dimension, elbo_gaussian_data, exact_divergence, hutchinson_divergence,
    hutchinson_variance_gaussian, hutchinson_variance_rademacher, likelihood_weighted_loss, log_density_rate,
    logit_log_determinant, probability_flow_divergence, probability_flow_latent, probability_flow_log_likelihood,
    probability_flow_prior_mismatch, reverse_sde_log_likelihood, uniform_dequantisation_bound,
)  # fmt: skip
from refdiff.production.loss import (
    bits_per_dimension, min_snr_weight_eps, min_snr_weight_score, min_snr_weight_v, min_snr_weight_velocity,
    min_snr_weight_x_0, simple_loss, simple_loss_gradient, snr_weight_eps, snr_weight_score, snr_weight_v,
    snr_weight_velocity, snr_weight_x_0,
)  # fmt: skip
from refdiff.production.mixture import (
    denoiser_jacobian_mixture, denoiser_mixture, eps_loss_floor_mixture, log_density_mixture, loss_floor_mixture,
    posterior_covariance_mixture, posterior_weights_mixture, score_divergence_mixture, score_mixture,
)  # fmt: skip
from refdiff.production.multiscale import (
    average_pool, logsnr_interpolated, logsnr_shifted, nearest_upsample, nested_coarse_variance, nested_cross_covariance,
    nested_cross_covariance_shared_noise, nested_posterior_mean, nested_posterior_mean_shared_noise,
    nested_posterior_variance, nested_posterior_variance_shared_noise, pooled_logsnr, pooled_noise_scale,
)  # fmt: skip
from refdiff.production.projection import (
    denoiser_projection_error, distance_descent_step, distance_step_size, distance_step_size_max, distance_to_points,
    gradient_estimate, gradient_estimation_step, gradient_estimation_weight, moreau_gap, projection_onto_points,
    smoothed_descent_step, squared_distance_smoothed, squared_distance_smoothed_gradient,
)  # fmt: skip
from refdiff.production.score import (
    annealed_langevin_step_size, corrector_step_size, denoising_score_matching_loss, explicit_score_matching_loss,
    implicit_score_matching_loss, langevin_step, ncsn_sigmas, posterior_covariance_from_denoiser_jacobian,
    posterior_covariance_from_score_jacobian, sliced_score_matching_loss, sliced_score_matching_loss_reduced,
)  # fmt: skip
from refdiff.production.sde import (
    ancestral_step_ve, ancestral_step_vp, euler_maruyama_step, fokker_planck_rate, linear_sde_diffusion,
    linear_sde_drift_rate, probability_flow_drift, probability_flow_solution_gaussian, reverse_diffusion_step_ve,
    reverse_diffusion_step_vp, reverse_euler_maruyama_step, reverse_sde_drift, same_marginals_drift, subvp_diffusion,
    subvp_sigma, ve_added_variance, ve_diffusion, ve_sigma, ve_transition_sample, vp_beta_rate, vp_diffusion, vp_drift_rate,
    vp_log_alpha_bar,
)  # fmt: skip
from refdiff.production.spectrum import (
    cutoff_frequency, denoiser_stationary, frequency_posterior_variance, frequency_snr, loss_floor_stationary, noised_power,
    power_law_spectrum, score_stationary, wiener_gain,
)  # fmt: skip
from refdiff.production.vae import (
    bernoulli_reconstruction_nll, beta_vae_loss, gaussian_reconstruction_nll, reparameterised_sample, vae_kl,
    vae_kl_elementwise,
)  # fmt: skip

__all__ = [
    "ARRAY", "alpha", "alpha_bar", "ancestral_step_ve", "ancestral_step_vp", "annealed_langevin_step_size", "autoguidance",
    "average_pool", "bernoulli_reconstruction_nll", "beta_vae_loss", "betas_cosine", "betas_linear", "betas_scaled_linear",
    "betas_sigmoid", "betas_zero_terminal_snr", "bits_per_dimension", "bits_per_dimension_of_density", "cfg_pp_step",
    "classifier_free_guidance", "classifier_free_guidance_weighted", "classifier_guided_eps", "classifier_guided_mean",
    "classifier_guided_score", "corrector_step_size", "cosine_path_rates", "cosine_path_scales", "cosmap_density",
    "cosmap_time", "cutoff_frequency", "ddgan_step", "ddim_conditional_mean", "ddim_conditional_variance", "ddim_eta_max",
    "ddim_inversion_step", "ddim_noise_scale", "ddim_path", "ddim_step", "ddim_step_exponential",
    "ddim_step_exponential_eps", "ddim_step_scaled", "ddpm_path", "ddpm_step", "ddpm_step_large", "decoder_log_likelihood",
    "denoiser_dirac", "denoiser_gaussian", "denoiser_jacobian_dirac", "denoiser_jacobian_mixture", "denoiser_mixture",
    "denoiser_projection_error", "denoiser_stationary", "denoising_kl", "denoising_kl_gradient",
    "denoising_posterior_log_density_mixture", "denoising_posterior_means_mixture", "denoising_posterior_variances_mixture",
    "denoising_posterior_weights_mixture", "denoising_score_matching_loss", "dequantised_bits_per_dimension",
    "discriminator_loss", "distance_descent_step", "distance_step_size", "distance_step_size_max", "distance_to_points",
    "edm_c_in", "edm_c_noise", "edm_c_out", "edm_c_skip", "edm_churn_gamma", "edm_churned_sigma", "edm_churned_state",
    "edm_denoiser", "edm_denoiser_from_flow", "edm_denoiser_from_v", "edm_euler_step", "edm_heun_step", "edm_loss_weight",
    "edm_sigma", "edm_sigma_from_flow_time", "edm_target", "elbo_gaussian_data", "elbo_weight", "elbo_weight_edm",
    "elbo_weight_flow", "elbo_weight_flow_logit_normal", "elbo_weight_min_snr", "elbo_weight_p2", "elbo_weight_sigmoid",
    "elbo_weight_simple_cosine", "elbo_weight_v_cosine", "encoder_entropy", "eps_from_score", "eps_from_v",
    "eps_from_velocity", "eps_from_x_0", "eps_loss_floor_dirac", "eps_loss_floor_mixture", "euler_maruyama_step",
    "exact_divergence", "explicit_score_matching_loss", "exponentially_shifted_time", "flow_euler_step", "flow_heun_step",
    "flow_map_gaussian", "flow_matching_loss", "flow_time_from_edm_sigma", "fokker_planck_rate",
    "frequency_posterior_variance", "frequency_snr", "gaussian_reconstruction_nll", "generator_loss_nonsaturating",
    "gradient_estimate", "gradient_estimation_step", "gradient_estimation_weight", "guided_ddim_path",
    "guided_gaussian_mean", "guided_gaussian_variance", "guided_noising_mean_gap", "guided_noising_variance_gap",
    "guided_scale_bound", "hutchinson_divergence", "hutchinson_variance_gaussian", "hutchinson_variance_rademacher",
    "implicit_score_matching_loss", "interval_guidance", "langevin_step", "latent_bound", "latent_cross_entropy",
    "latent_reconstruction", "latent_scaling_log_determinant", "likelihood_weighted_loss", "linear_path_rates",
    "linear_path_scales", "linear_path_velocity", "linear_sde_diffusion", "linear_sde_drift_rate", "log_alpha_bar",
    "log_density_dirac", "log_density_mixture", "log_density_rate", "log_ratio_variance", "logit_log_determinant",
    "logit_normal_density", "logit_normal_time", "logsnr", "logsnr_interpolated", "logsnr_shifted", "loss_floor_dirac",
    "loss_floor_mixture", "loss_floor_stationary", "marginal_mean", "marginal_sample", "marginal_variance",
    "marginal_velocity_dirac", "marginal_velocity_gaussian", "marginal_velocity_mixture", "min_snr_weight_eps",
    "min_snr_weight_score", "min_snr_weight_v", "min_snr_weight_velocity", "min_snr_weight_x_0", "minibatch_ot_cost",
    "minibatch_ot_permutation", "mode_time", "mode_time_density", "moreau_gap", "ncsn_sigmas", "nearest_upsample",
    "negative_guidance", "nested_coarse_variance", "nested_cross_covariance", "nested_cross_covariance_shared_noise",
    "nested_posterior_mean", "nested_posterior_mean_shared_noise", "nested_posterior_variance",
    "nested_posterior_variance_shared_noise", "noised_power", "optimal_discriminator", "path_straightness", "pooled_logsnr",
    "pooled_noise_scale", "posterior_covariance_dirac", "posterior_covariance_from_denoiser_jacobian",
    "posterior_covariance_from_score_jacobian", "posterior_covariance_mixture", "posterior_log_variance",
    "posterior_log_variance_large", "posterior_log_variance_learned", "posterior_mean", "posterior_mean_x_0_coefficient",
    "posterior_mean_x_t_coefficient", "posterior_variance", "posterior_variance_large", "posterior_weights_dirac",
    "posterior_weights_mixture", "power_law_spectrum", "prior_kl", "probability_flow_divergence", "probability_flow_drift",
    "probability_flow_latent", "probability_flow_log_likelihood", "probability_flow_prior_mismatch",
    "probability_flow_solution_gaussian", "projection_onto_points", "rectified_state", "rectified_step", "rectified_time",
    "rectified_velocity", "reflow_velocity_gaussian", "reparameterised_sample", "rescaled_guidance",
    "resolution_time_shift", "reverse_diffusion_step_ve", "reverse_diffusion_step_vp", "reverse_euler_maruyama_step",
    "reverse_sde_drift", "reverse_sde_log_likelihood", "same_marginals_drift", "scaled_latent", "score_dirac",
    "score_divergence_dirac", "score_divergence_mixture", "score_from_eps", "score_from_v", "score_from_velocity",
    "score_from_x_0", "score_mixture", "score_stationary", "sequence_length_time_shift", "shifted_time",
    "shifted_time_density", "sigma", "sigmas_karras", "simple_loss", "simple_loss_gradient", "simple_loss_weight",
    "sliced_score_matching_loss", "sliced_score_matching_loss_reduced", "smoothed_descent_step", "snr", "snr_weight_eps",
    "snr_weight_score", "snr_weight_v", "snr_weight_velocity", "snr_weight_x_0", "squared_distance_smoothed",
    "squared_distance_smoothed_gradient", "subvp_diffusion", "subvp_sigma", "timesteps_leading", "timesteps_linspace",
    "timesteps_trailing", "transformed_velocity", "transition_mean", "transition_variance", "uniform_dequantisation_bound",
    "unscaled_latent", "unshifted_time", "v_from_eps", "v_from_score", "v_from_velocity", "v_from_x_0", "vae_kl",
    "vae_kl_elementwise", "ve_added_variance", "ve_diffusion", "ve_path_rates", "ve_path_scales", "ve_sigma",
    "ve_transition_sample", "velocity_from_eps", "velocity_from_score", "velocity_from_v", "velocity_from_x_0",
    "velocity_variance_dirac", "velocity_variance_gaussian", "vp_beta_rate", "vp_diffusion", "vp_drift_rate",
    "vp_log_alpha_bar", "vp_path_rates", "vp_path_scales", "wiener_gain", "x_0_from_eps", "x_0_from_score", "x_0_from_v",
    "x_0_from_velocity",
]  # fmt: skip

ARRAY = "torch"
