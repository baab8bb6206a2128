"""Wrong bodies of formulas of score matching and Langevin dynamics."""

from refdiff.numbers import namespace
from refdiff.reference.score import corrector_step_size, dsm_constant_gaussian, langevin_step, ncsn_sigmas

__all__ = [
    "annealed_langevin_step_size__inverted",
    "annealed_langevin_step_size__ratio_forgotten",
    "annealed_langevin_step_size__ratio_not_squared",
    "annealed_langevin_step_size__same_step",
    "corrector_step_size__factor_forgotten",
    "corrector_step_size__inverted",
    "corrector_step_size__ratio_not_squared",
    "corrector_step_size_vp__beta_for_its_rest",
    "corrector_step_size_vp__beta_of_another_grid",
    "corrector_step_size_vp__exploding",
    "corrector_step_size_vp__scale_for_power",
    "corrector_step_ve__downhill",
    "corrector_step_ve__half_of_the_score",
    "corrector_step_ve__noise_not_doubled",
    "corrector_step_ve__ratio_not_squared",
    "corrector_step_ve__without_noise",
    "corrector_step_vp__beta_of_another_grid",
    "corrector_step_vp__exploding",
    "corrector_step_vp__factor_on_the_score_alone",
    "corrector_step_vp__noise_not_doubled",
    "denoising_score_matching_loss__divided_by_the_variance",
    "denoising_score_matching_loss__half_forgotten",
    "denoising_score_matching_loss__opposite_sign",
    "denoising_score_matching_loss__output_divided_again",
    "denoising_score_matching_loss__unweighted",
    "dsm_constant_gaussian__half_forgotten",
    "dsm_constant_gaussian__noise_share",
    "dsm_constant_gaussian__of_one_dimension",
    "dsm_constant_gaussian__unweighted",
    "dsm_constant_mixture_ceiling__half_forgotten",
    "dsm_constant_mixture_ceiling__means_forgotten",
    "dsm_constant_mixture_ceiling__moments_about_zero",
    "dsm_constant_mixture_ceiling__trace_inside",
    "dsm_constant_mixture_floor__equal_weights",
    "dsm_constant_mixture_floor__half_forgotten",
    "dsm_constant_mixture_floor__of_one_dimension",
    "dsm_constant_mixture_floor__of_the_mean_variance",
    "explicit_score_matching_loss__half_forgotten",
    "explicit_score_matching_loss__not_squared",
    "explicit_score_matching_loss__opposite_sign",
    "implicit_score_matching_loss__divergence_halved",
    "implicit_score_matching_loss__divergence_subtracted",
    "implicit_score_matching_loss__half_forgotten",
    "langevin_chain_variance__factor_not_squared",
    "langevin_chain_variance__one_step_more",
    "langevin_chain_variance__stationary",
    "langevin_chain_variance__towards_the_variance",
    "langevin_stationary_variance__first_order",
    "langevin_stationary_variance__other_convention",
    "langevin_stationary_variance__unbiased",
    "langevin_step__downhill",
    "langevin_step__full_gradient",
    "langevin_step__other_convention",
    "langevin_step__root_forgotten",
    "ncsn_sigmas__increasing",
    "ncsn_sigmas__least_left_out",
    "ncsn_sigmas__linear",
    "ncsn_sigmas__squared_ratio",
    "ncsn_weight__inverse",
    "ncsn_weight__scale",
    "posterior_covariance_from_denoiser_jacobian__scale_for_variance",
    "posterior_covariance_from_denoiser_jacobian__signal_forgotten",
    "posterior_covariance_from_denoiser_jacobian__signal_squared",
    "posterior_covariance_from_score_jacobian__identity_forgotten",
    "posterior_covariance_from_score_jacobian__opposite_sign",
    "posterior_covariance_from_score_jacobian__scale_for_variance",
    "posterior_covariance_from_score_jacobian__signal_forgotten",
    "sliced_score_matching_loss__derivative_not_projected",
    "sliced_score_matching_loss__half_forgotten",
    "sliced_score_matching_loss__reduced",
    "sliced_score_matching_loss__squares_summed",
    "sliced_score_matching_loss_reduced__derivative_not_projected",
    "sliced_score_matching_loss_reduced__half_forgotten",
    "sliced_score_matching_loss_reduced__not_reduced",
    "sliced_score_matching_loss_reduced__sum_squared",
]


def _others(x):
    return tuple(range(1, x.ndim))


def _sum(x):
    return namespace(x).sum(x, axis=_others(x))


def explicit_score_matching_loss__half_forgotten(score_hat, score):
    """The squared distance without the half.

    Fix: sum((score_hat - score)**2)/2, Hyvarinen 2005, Eq. (2)
    Seen in: plausible
    """
    return _sum((score_hat - score) ** 2)


def explicit_score_matching_loss__opposite_sign(score_hat, score):
    """The sum of the scores squared: one of them is taken for the noise.

    Fix: sum((score_hat - score)**2)/2, Hyvarinen 2005, Eq. (2)
    Seen in: plausible
    """
    return _sum((score_hat + score) ** 2) / 2


def explicit_score_matching_loss__not_squared(score_hat, score):
    """The distance in place of its square.

    Fix: sum((score_hat - score)**2)/2, Hyvarinen 2005, Eq. (2)
    Seen in: plausible
    """
    return namespace(score_hat, score).sqrt(_sum((score_hat - score) ** 2)) / 2


def denoising_score_matching_loss__opposite_sign(score_hat, eps, sigma_t):
    """The noise for the target in place of minus the noise.

    Fix: sum((sigma_t*score_hat + eps)**2)/2, Song and Ermon 2019, Eqs. (5) and (6)
    Seen in: plausible
    """
    return _sum((sigma_t * score_hat - eps) ** 2) / 2


def denoising_score_matching_loss__unweighted(score_hat, eps, sigma_t):
    """The distance to -eps/sigma_t without the weight sigma_t**2.

    Fix: sum((sigma_t*score_hat + eps)**2)/2, Song and Ermon 2019, Eqs. (5) and (6)
    Seen in: plausible
    """
    return _sum((score_hat + eps / sigma_t) ** 2) / 2


def denoising_score_matching_loss__divided_by_the_variance(score_hat, eps, sigma_t):
    """-eps/sigma_t**2 as the target.

    Fix: sum((sigma_t*score_hat + eps)**2)/2, Song and Ermon 2019, Eqs. (5) and (6)
    Seen in: plausible
    """
    return sigma_t**2 * _sum((score_hat + eps / sigma_t**2) ** 2) / 2


def denoising_score_matching_loss__output_divided_again(score_hat, eps, sigma_t):
    """The score divided by sigma_t, as if it were the noise that a network predicts.

    Fix: sum((sigma_t*score_hat + eps)**2)/2, Song and Ermon 2019, Eqs. (5) and (6)
    Seen in: plausible
    """
    return _sum((score_hat + eps) ** 2) / 2 + 0 * _sum(sigma_t * eps)


def denoising_score_matching_loss__half_forgotten(score_hat, eps, sigma_t):
    """The squared distance without the half.

    Fix: sum((sigma_t*score_hat + eps)**2)/2, Song and Ermon 2019, Eqs. (5) and (6)
    Seen in: plausible
    """
    return _sum((sigma_t * score_hat + eps) ** 2)


def implicit_score_matching_loss__half_forgotten(score_hat, divergence):
    """The square without the half.

    Fix: divergence + sum(score_hat**2)/2, Hyvarinen 2005, Eq. (4)
    Seen in: plausible
    """
    return divergence + _sum(score_hat**2)


def implicit_score_matching_loss__divergence_subtracted(score_hat, divergence):
    """The divergence with the opposite sign, as if of the energy.

    Fix: divergence + sum(score_hat**2)/2, Hyvarinen 2005, Eq. (4)
    Seen in: plausible
    """
    return _sum(score_hat**2) / 2 - divergence


def implicit_score_matching_loss__divergence_halved(score_hat, divergence):
    """The half on both terms.

    Fix: divergence + sum(score_hat**2)/2, Hyvarinen 2005, Eq. (4)
    Seen in: plausible
    """
    return (divergence + _sum(score_hat**2)) / 2


def sliced_score_matching_loss__half_forgotten(score_hat, probe, directional_derivative):
    """The square without the half.

    Fix: sum(probe*directional_derivative) + sum(probe*score_hat)**2/2, Song et al. 2019, section 3.2
    Seen in: plausible
    """
    return _sum(probe * directional_derivative) + _sum(probe * score_hat) ** 2


def sliced_score_matching_loss__derivative_not_projected(score_hat, probe, directional_derivative):
    """The Jacobian times the probe summed, not projected on the probe again.

    Fix: sum(probe*directional_derivative) + sum(probe*score_hat)**2/2, Song et al. 2019, section 3.2
    Seen in: plausible
    """
    return _sum(directional_derivative) + 0 * _sum(probe) + _sum(probe * score_hat) ** 2 / 2


def sliced_score_matching_loss__squares_summed(score_hat, probe, directional_derivative):
    """The squares of the products in place of the square of their sum.

    Fix: sum(probe*directional_derivative) + sum(probe*score_hat)**2/2, Song et al. 2019, section 3.2
    Seen in: plausible
    """
    return _sum(probe * directional_derivative) + _sum((probe * score_hat) ** 2) / 2


def sliced_score_matching_loss_reduced__half_forgotten(score_hat, probe, directional_derivative):
    """The square without the half.

    Fix: sum(probe*directional_derivative) + sum(score_hat**2)/2, Song et al. 2019, section 3.2
    Seen in: plausible
    """
    return _sum(probe * directional_derivative) + _sum(score_hat**2)


def sliced_score_matching_loss_reduced__derivative_not_projected(score_hat, probe, directional_derivative):
    """The Jacobian times the probe summed, not projected on the probe again.

    Fix: sum(probe*directional_derivative) + sum(score_hat**2)/2, Song et al. 2019, section 3.2
    Seen in: plausible
    """
    return _sum(directional_derivative) + 0 * _sum(probe) + _sum(score_hat**2) / 2


def sliced_score_matching_loss_reduced__sum_squared(score_hat, probe, directional_derivative):
    """The square of the sum in place of the sum of squares.

    Fix: sum(probe*directional_derivative) + sum(score_hat**2)/2, Song et al. 2019, section 3.2
    Seen in: plausible
    """
    return _sum(probe * directional_derivative) + _sum(score_hat) ** 2 / 2


def dsm_constant_gaussian__half_forgotten(variance, alpha_t, sigma_t, dimensions):
    """The least loss of eps itself, without the half.

    Fix: dimensions*alpha_t**2*variance/(2*(alpha_t**2*variance + sigma_t**2)), Vincent 2011, section 4.2
    Seen in: plausible
    """
    return dimensions * alpha_t**2 * variance / (alpha_t**2 * variance + sigma_t**2)


def dsm_constant_gaussian__unweighted(variance, alpha_t, sigma_t, dimensions):
    """The constant of the loss without the weight sigma_t**2.

    Fix: dimensions*alpha_t**2*variance/(2*(alpha_t**2*variance + sigma_t**2)), Vincent 2011, section 4.2
    Seen in: plausible
    """
    return dimensions * alpha_t**2 * variance / (2 * sigma_t**2 * (alpha_t**2 * variance + sigma_t**2))


def dsm_constant_gaussian__noise_share(variance, alpha_t, sigma_t, dimensions):
    """The share of noise in place of the share of signal.

    Fix: dimensions*alpha_t**2*variance/(2*(alpha_t**2*variance + sigma_t**2)), Vincent 2011, section 4.2
    Seen in: plausible
    """
    return dimensions * sigma_t**2 / (2 * (alpha_t**2 * variance + sigma_t**2))


def dsm_constant_gaussian__of_one_dimension(variance, alpha_t, sigma_t):
    """The constant of one dimension.

    Fix: dimensions*alpha_t**2*variance/(2*(alpha_t**2*variance + sigma_t**2)), Vincent 2011, section 4.2
    Seen in: plausible
    """
    return alpha_t**2 * variance / (2 * (alpha_t**2 * variance + sigma_t**2))


def posterior_covariance_from_score_jacobian__identity_forgotten(jacobian, alpha_t, sigma_t):
    """sigma_t**4/alpha_t**2 times the Hessian alone.

    Fix: sigma_t**2/alpha_t**2*(1 + sigma_t**2*jacobian), Meng et al. 2021, section 3
    Seen in: plausible
    """
    return sigma_t**4 / alpha_t**2 * jacobian


def posterior_covariance_from_score_jacobian__signal_forgotten(jacobian, alpha_t, sigma_t):
    """The covariance of alpha_t*x_0, right only where alpha_t is 1.

    Fix: sigma_t**2/alpha_t**2*(1 + sigma_t**2*jacobian), Meng et al. 2021, section 3
    Seen in: plausible
    """
    return sigma_t**2 * (namespace(jacobian).eye(jacobian.shape[1])[None, :, :] + sigma_t**2 * jacobian) + 0 * alpha_t


def posterior_covariance_from_score_jacobian__opposite_sign(jacobian, alpha_t, sigma_t):
    """The Hessian of the energy in place of that of the log density.

    Fix: sigma_t**2/alpha_t**2*(1 + sigma_t**2*jacobian), Meng et al. 2021, section 3
    Seen in: plausible
    """
    return (sigma_t / alpha_t) ** 2 * (namespace(jacobian).eye(jacobian.shape[1])[None, :, :] - sigma_t**2 * jacobian)


def posterior_covariance_from_score_jacobian__scale_for_variance(jacobian, alpha_t, sigma_t):
    """sigma_t in place of sigma_t**2 before the Hessian.

    Fix: sigma_t**2/alpha_t**2*(1 + sigma_t**2*jacobian), Meng et al. 2021, section 3
    Seen in: plausible
    """
    return (sigma_t / alpha_t) ** 2 * (namespace(jacobian).eye(jacobian.shape[1])[None, :, :] + sigma_t * jacobian)


def posterior_covariance_from_denoiser_jacobian__signal_forgotten(jacobian, alpha_t, sigma_t):
    """sigma_t**2 times the Jacobian, right only where alpha_t is 1.

    Fix: sigma_t**2/alpha_t*jacobian, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return sigma_t**2 * jacobian + 0 * alpha_t


def posterior_covariance_from_denoiser_jacobian__signal_squared(jacobian, alpha_t, sigma_t):
    """alpha_t**2 in place of alpha_t, as in the form for the score.

    Fix: sigma_t**2/alpha_t*jacobian, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return sigma_t**2 / alpha_t**2 * jacobian


def posterior_covariance_from_denoiser_jacobian__scale_for_variance(jacobian, alpha_t, sigma_t):
    """sigma_t in place of sigma_t**2.

    Fix: sigma_t**2/alpha_t*jacobian, Manor and Michaeli 2024, Theorem 2
    Seen in: plausible
    """
    return sigma_t / alpha_t * jacobian


def ncsn_sigmas__increasing(n, sigma_min, sigma_max):
    """The scales from the least up.

    Fix: sigma_max*(sigma_min/sigma_max)**((k - 1)/(n - 1)), Song and Ermon 2019, section 4.2
    Seen in: plausible
    """
    xp = namespace(sigma_min, sigma_max)
    return sigma_min * xp.exp(xp.log(sigma_max / sigma_min) * xp.arange(n) / (n - 1))


def ncsn_sigmas__linear(n, sigma_min, sigma_max):
    """Scales equally far apart.

    Fix: sigma_max*(sigma_min/sigma_max)**((k - 1)/(n - 1)), Song and Ermon 2019, section 4.2
    Seen in: plausible
    """
    xp = namespace(sigma_min, sigma_max)
    return sigma_max + (sigma_min - sigma_max) * xp.arange(n) / (n - 1)


def ncsn_sigmas__least_left_out(n, sigma_min, sigma_max):
    """n ratios in place of n - 1: the sequence ends above sigma_min.

    Fix: sigma_max*(sigma_min/sigma_max)**((k - 1)/(n - 1)), Song and Ermon 2019, section 4.2
    Seen in: plausible
    """
    xp = namespace(sigma_min, sigma_max)
    return sigma_max * xp.exp(xp.log(sigma_min / sigma_max) * xp.arange(n) / n)


def ncsn_weight__scale(sigma_t):
    """sigma_t in place of its square.

    Fix: sigma_t**2, Song and Ermon 2019, section 4.2
    Seen in: plausible
    """
    return sigma_t + 0


def ncsn_weight__inverse(sigma_t):
    """1/sigma_t**2, the weight of a loss on x_0 in units of noise.

    Fix: sigma_t**2, Song and Ermon 2019, section 4.2
    Seen in: plausible
    """
    return 1 / sigma_t**2


def annealed_langevin_step_size__ratio_not_squared(sigma_t, sigma_min, step_size):
    """The ratio of scales in place of its square.

    Fix: step_size*sigma_t**2/sigma_min**2, Song and Ermon 2019, Algorithm 1
    Seen in: plausible
    """
    return step_size * sigma_t / sigma_min


def annealed_langevin_step_size__same_step(step_size):
    """One step for all noise scales.

    Fix: step_size*sigma_t**2/sigma_min**2, Song and Ermon 2019, Algorithm 1
    Seen in: plausible
    """
    return step_size + 0


def annealed_langevin_step_size__ratio_forgotten(sigma_t, step_size):
    """step_size*sigma_t**2: the least scale taken for 1.

    Fix: step_size*sigma_t**2/sigma_min**2, Song and Ermon 2019, Algorithm 1
    Seen in: plausible
    """
    return step_size * sigma_t**2


def langevin_step__full_gradient(x_t, score, z, step_size):
    """The whole step on the score with the noise of half of it: a temperature of 1/2.

    Fix: x_t + step_size/2*score + sqrt(step_size)*z, Song and Ermon 2019, Eq. (4)
    Seen in: plausible
    """
    return x_t + step_size * score + namespace(x_t, score, z, step_size).sqrt(step_size) * z


def langevin_step__other_convention(x_t, score, z, step_size):
    """x + step*score + sqrt(2*step)*z: the right chain for half the step.

    Fix: x_t + step_size/2*score + sqrt(step_size)*z, Song and Ermon 2019, Eq. (4)
    Seen in: plausible
    """
    return x_t + step_size * score + namespace(x_t, score, z, step_size).sqrt(2 * step_size) * z


def langevin_step__root_forgotten(x_t, score, z, step_size):
    """The noise multiplied by the step in place of its root.

    Fix: x_t + step_size/2*score + sqrt(step_size)*z, Song and Ermon 2019, Eq. (4)
    Seen in: plausible
    """
    return x_t + step_size / 2 * score + step_size * z


def langevin_step__downhill(x_t, score, z, step_size):
    """The score subtracted.

    Fix: x_t + step_size/2*score + sqrt(step_size)*z, Song and Ermon 2019, Eq. (4)
    Seen in: plausible
    """
    return x_t - step_size / 2 * score + namespace(x_t, score, z, step_size).sqrt(step_size) * z


def langevin_stationary_variance__unbiased(variance, step_size):
    """The variance itself: the step taken for exact.

    Fix: variance/(1 - step_size/(4*variance)), Song and Ermon 2019, Eq. (4) on a Gaussian
    Seen in: plausible
    """
    return variance + 0 * step_size


def langevin_stationary_variance__first_order(variance, step_size):
    """The first terms of the series, variance + step_size/4.

    Fix: variance/(1 - step_size/(4*variance)), Song and Ermon 2019, Eq. (4) on a Gaussian
    Seen in: plausible
    """
    return variance + step_size / 4


def langevin_stationary_variance__other_convention(variance, step_size):
    """The bias of the convention x + step*score + sqrt(2*step)*z.

    Fix: variance/(1 - step_size/(4*variance)), Song and Ermon 2019, Eq. (4) on a Gaussian
    Seen in: plausible
    """
    return variance / (1 - step_size / (2 * variance))


def langevin_chain_variance__factor_not_squared(variance_start, variance, step_size, n):
    """What a step keeps of a deviation in place of what it keeps of the variance.

    Fix: each step keeps (1 - step_size/(2*variance))**2 and adds step_size, Song and Ermon 2019, Eq. (4) on a Gaussian
    Seen in: plausible
    """
    stationary = variance / (1 - step_size / (4 * variance))
    return stationary + (1 - step_size / (2 * variance)) ** n * (variance_start - stationary)


def langevin_chain_variance__towards_the_variance(variance_start, variance, step_size, n):
    """A chain without bias: it settles at the variance.

    Fix: each step keeps (1 - step_size/(2*variance))**2 and adds step_size, Song and Ermon 2019, Eq. (4) on a Gaussian
    Seen in: plausible
    """
    return variance + (1 - step_size / (2 * variance)) ** (2 * n) * (variance_start - variance)


def langevin_chain_variance__one_step_more(variance_start, variance, step_size, n):
    """n + 1 steps.

    Fix: each step keeps (1 - step_size/(2*variance))**2 and adds step_size, Song and Ermon 2019, Eq. (4) on a Gaussian
    Seen in: plausible
    """
    stationary = variance / (1 - step_size / (4 * variance))
    return stationary + (1 - step_size / (2 * variance)) ** (2 * n + 2) * (variance_start - stationary)


def langevin_chain_variance__stationary(variance, step_size):
    """The limit in place of the variance after n steps.

    Fix: each step keeps (1 - step_size/(2*variance))**2 and adds step_size, Song and Ermon 2019, Eq. (4) on a Gaussian
    Seen in: plausible
    """
    return variance / (1 - step_size / (4 * variance))


def corrector_step_size__ratio_not_squared(score, z, corrector_snr):
    """r*|z|/|score| in place of its square.

    Fix: 2*corrector_snr**2*sum(z**2)/sum(score**2), Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    return 2 * corrector_snr * namespace(score, z, corrector_snr).sqrt(_sum(z**2) / _sum(score**2))


def corrector_step_size__inverted(score, z, corrector_snr):
    """|score|/|z| in place of |z|/|score|.

    Fix: 2*corrector_snr**2*sum(z**2)/sum(score**2), Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    return 2 * corrector_snr**2 * (_sum(score**2) / _sum(z**2))


def corrector_step_size__factor_forgotten(score, z, corrector_snr):
    """(r*|z|/|score|)**2 without the 2.

    Fix: 2*corrector_snr**2*sum(z**2)/sum(score**2), Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    return corrector_snr**2 * (_sum(z**2) / _sum(score**2))


def sliced_score_matching_loss__reduced(score_hat, probe, directional_derivative):
    """The variance-reduced form's square, of the whole score.

    Fix: sum(probe*score_hat)**2/2, the projected score, Song et al. 2019, Eq. (6)
    Seen in: plausible
    """
    return _sum(probe * directional_derivative) + _sum(score_hat**2) / 2


def annealed_langevin_step_size__inverted(sigma_t, sigma_min, step_size):
    """The ratio upside down: the steps shrink where the noise is large.

    Fix: step_size*sigma_t**2/sigma_min**2, Song and Ermon 2019, Algorithm 1
    Seen in: plausible
    """
    return step_size * sigma_min**2 / sigma_t**2


def ncsn_sigmas__squared_ratio(n, sigma_min, sigma_max):
    """The ratio of the ends squared: the sequence falls far below sigma_min.

    Fix: sigma_max*(sigma_min/sigma_max)**((k - 1)/(n - 1)), Song and Ermon 2019, section 4.1
    Seen in: B003, huggingface/diffusers#590
    """
    return ncsn_sigmas(n, sigma_min, sigma_max) ** 2 / sigma_max


def sliced_score_matching_loss_reduced__not_reduced(score_hat, probe, directional_derivative):
    """The projected score's square, of the form whose variance is not reduced.

    Fix: sum(score_hat**2)/2, the whole score, Song et al. 2019, Eq. (8)
    Seen in: plausible
    """
    return _sum(probe * directional_derivative) + _sum(probe * score_hat) ** 2 / 2


def corrector_step_size_vp__exploding(score, z, corrector_snr):
    """The variance-exploding process's step, without the factor.

    Fix: 2*(1 - beta_t)*corrector_snr**2*sum(z**2)/sum(score**2), Song et al. 2021, Algorithm 5
    Seen in: plausible
    """
    return corrector_step_size(score, z, corrector_snr)


def corrector_step_size_vp__beta_for_its_rest(score, z, corrector_snr, beta_t):
    """beta_t for 1 - beta_t.

    Fix: 2*(1 - beta_t)*corrector_snr**2*sum(z**2)/sum(score**2), Song et al. 2021, Algorithm 5
    Seen in: plausible
    """
    return beta_t * corrector_step_size(score, z, corrector_snr)


def corrector_step_size_vp__beta_of_another_grid(score, z, corrector_snr, beta_t):
    """The beta of a grid twice as fine: the rate over a number of steps that is not the run's.

    Fix: 2*(1 - beta_t)*corrector_snr**2*sum(z**2)/sum(score**2), Song et al. 2021, Algorithm 5
    Seen in: B088, microsoft/mattergen#79
    """
    return (1 - beta_t / 2) * corrector_step_size(score, z, corrector_snr)


def corrector_step_size_vp__scale_for_power(score, z, corrector_snr, beta_t):
    """The root of 1 - beta_t.

    Fix: 2*(1 - beta_t)*corrector_snr**2*sum(z**2)/sum(score**2), Song et al. 2021, Algorithm 5
    Seen in: plausible
    """
    return namespace(score, z, beta_t).sqrt(1 - beta_t) * corrector_step_size(score, z, corrector_snr)


def _corrected(x_t, score, z, step, of_score, of_noise):
    """The state moved by its score and by noise, both in shares of the step e."""
    step = step[:, None]
    return x_t + of_score * step * score + namespace(step).sqrt(of_noise * step) * z


def corrector_step_ve__noise_not_doubled(x_t, score, z, corrector_snr):
    """Noise of variance e in place of 2*e.

    Fix: x_t + step*score + sqrt(2*step)*z, Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    return _corrected(x_t, score, z, corrector_step_size(score, z, corrector_snr), 1, 1)


def corrector_step_ve__half_of_the_score(x_t, score, z, corrector_snr):
    """The step taken for that of langevin_step: half of it on the score, all of it as variance.

    Fix: x_t + step*score + sqrt(2*step)*z, Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    return langevin_step(x_t, score, z, corrector_step_size(score, z, corrector_snr)[:, None])


def corrector_step_ve__downhill(x_t, score, z, corrector_snr):
    """The score subtracted.

    Fix: x_t + step*score + sqrt(2*step)*z, Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    return _corrected(x_t, score, z, corrector_step_size(score, z, corrector_snr), -1, 2)


def corrector_step_ve__without_noise(x_t, score, z, corrector_snr):
    """The mean alone.

    Fix: x_t + step*score + sqrt(2*step)*z, Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    return _corrected(x_t, score, z, corrector_step_size(score, z, corrector_snr), 1, 0)


def corrector_step_vp__exploding(x_t, score, z, corrector_snr):
    """The variance-exploding process's step, without the factor.

    Fix: x_t + step*score + sqrt(2*step)*z with the factor 1 - beta_t in the step, Song et al. 2021, Algorithm 5
    Seen in: plausible
    """
    return _corrected(x_t, score, z, corrector_step_size(score, z, corrector_snr), 1, 2)


def corrector_step_vp__factor_on_the_score_alone(x_t, score, z, corrector_snr, beta_t):
    """The factor on the score and not on the noise.

    Fix: x_t + step*score + sqrt(2*step)*z with the factor 1 - beta_t in the step, Song et al. 2021, Algorithm 5
    Seen in: plausible
    """
    return _corrected(x_t, score, z, corrector_step_size(score, z, corrector_snr), 1 - beta_t, 2)


def corrector_step_vp__noise_not_doubled(x_t, score, z, corrector_snr, beta_t):
    """Noise of variance e in place of 2*e.

    Fix: x_t + step*score + sqrt(2*step)*z with the factor 1 - beta_t in the step, Song et al. 2021, Algorithm 5
    Seen in: plausible
    """
    return _corrected(x_t, score, z, (1 - beta_t) * corrector_step_size(score, z, corrector_snr), 1, 1)


def corrector_step_vp__beta_of_another_grid(x_t, score, z, corrector_snr, beta_t):
    """The beta of a grid twice as fine: the rate over a number of steps that is not the run's.

    Fix: x_t + step*score + sqrt(2*step)*z with the factor 1 - beta_t in the step, Song et al. 2021, Algorithm 5
    Seen in: B088, microsoft/mattergen#79
    """
    return _corrected(x_t, score, z, (1 - beta_t / 2) * corrector_step_size(score, z, corrector_snr), 1, 2)


def dsm_constant_mixture_floor__equal_weights(variances, alpha_t, sigma_t, dimensions):
    """The components counted alike.

    Fix: the mean over components of dsm_constant_gaussian, Vincent 2011, section 4.2
    Seen in: plausible
    """
    return namespace(variances).sum(dsm_constant_gaussian(variances, alpha_t, sigma_t, dimensions)) / variances.shape[0]


def dsm_constant_mixture_floor__half_forgotten(weights, variances, alpha_t, sigma_t, dimensions):
    """Twice the floor.

    Fix: the mean over components of dsm_constant_gaussian, Vincent 2011, section 4.2
    Seen in: plausible
    """
    return 2 * (weights @ dsm_constant_gaussian(variances, alpha_t, sigma_t, dimensions))


def dsm_constant_mixture_floor__of_one_dimension(weights, variances, alpha_t, sigma_t):
    """The floor of one dimension.

    Fix: the mean over components of dsm_constant_gaussian, Vincent 2011, section 4.2
    Seen in: plausible
    """
    return weights @ dsm_constant_gaussian(variances, alpha_t, sigma_t, 1)


def dsm_constant_mixture_floor__of_the_mean_variance(weights, variances, alpha_t, sigma_t, dimensions):
    """One Gaussian of the mean variance: more than the mean over components.

    Fix: the mean over components of dsm_constant_gaussian, Vincent 2011, section 4.2
    Seen in: plausible
    """
    return dsm_constant_gaussian(weights @ variances, alpha_t, sigma_t, dimensions)


def _ceiling(weights, means, centre, variance, alpha_t, sigma_t):
    """The ceiling with the means' spread taken about a centre."""
    xp = namespace(weights, means, variance, alpha_t, sigma_t)
    gaps, eye = means - centre, xp.eye(means.shape[1])
    power = alpha_t**2 * (variance * eye + gaps.T @ (weights[:, None] * gaps))
    return xp.trace(xp.solve(power + sigma_t**2 * eye, power)) / 2


def dsm_constant_mixture_ceiling__means_forgotten(weights, means, variances, alpha_t, sigma_t):
    """The spread of the means left out.

    Fix: half of what the best linear estimate leaves: tr(inv(noised) @ power)/2, Kay 1993, section 12.3
    Seen in: plausible
    """
    return dsm_constant_gaussian(weights @ variances, alpha_t, sigma_t, means.shape[1])


def dsm_constant_mixture_ceiling__half_forgotten(weights, means, variances, alpha_t, sigma_t):
    """Twice the ceiling.

    Fix: half of what the best linear estimate leaves: tr(inv(noised) @ power)/2, Kay 1993, section 12.3
    Seen in: plausible
    """
    return 2 * _ceiling(weights, means, weights @ means, weights @ variances, alpha_t, sigma_t)


def dsm_constant_mixture_ceiling__moments_about_zero(weights, means, variances, alpha_t, sigma_t):
    """Second moments about 0 in place of covariances.

    Fix: half of what the best linear estimate leaves: tr(inv(noised) @ power)/2, Kay 1993, section 12.3
    Seen in: plausible
    """
    return _ceiling(weights, means, 0, weights @ variances, alpha_t, sigma_t)


def dsm_constant_mixture_ceiling__trace_inside(weights, means, variances, alpha_t, sigma_t):
    """The traces divided, as where every axis had the same variance.

    Fix: half of what the best linear estimate leaves: tr(inv(noised) @ power)/2, Kay 1993, section 12.3
    Seen in: plausible
    """
    gaps = means - weights @ means
    spread = weights @ namespace(gaps).sum(gaps**2, axis=1) / means.shape[1] + weights @ variances
    return dsm_constant_gaussian(spread, alpha_t, sigma_t, means.shape[1])


def corrector_step_ve__ratio_not_squared(x_t, score, z, corrector_snr):
    """The ratio of the norms, and r, not squared.

    Fix: x_t + step*score + sqrt(2*step)*z, Song et al. 2021, Algorithm 4
    Seen in: plausible
    """
    xp = namespace(score, z, corrector_snr)
    step = 2 * corrector_snr * xp.sqrt(_sum(z**2) / _sum(score**2))
    return _corrected(x_t, score, z, step, 1, 2)
