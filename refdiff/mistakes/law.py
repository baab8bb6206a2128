"""Wrong bodies of exact laws on Gaussian data."""

from refdiff.numbers import namespace
from refdiff.reference.ddim import ddim_gain
from refdiff.reference.law import ancestral_gain, dpm2_gain, heun_gain

__all__ = [
    "affine_chain_covariance__factor_transposed",
    "affine_chain_covariance__gain_on_one_side",
    "affine_chain_covariance__last_noise_left_out",
    "affine_chain_covariance__noise_not_carried",
    "affine_chain_covariance__steps_reversed",
    "affine_chain_mean__gains_transposed",
    "affine_chain_mean__offset_before_gain",
    "affine_chain_mean__offsets_added_up",
    "affine_chain_mean__steps_reversed",
    "ancestral_chain_variance__fresh_noise_left_out",
    "ancestral_chain_variance__fresh_noise_not_carried",
    "ancestral_chain_variance__fresh_scale_for_variance",
    "ancestral_chain_variance__gains_not_squared",
    "ancestral_chain_variance__started_from_noise_alone",
    "ancestral_gain__down_to_sigma_s",
    "ancestral_gain__eta_not_squared",
    "ancestral_gain__fresh_scale_taken_off",
    "ancestral_gain__signal_scale_left_out",
    "dpm2_gain__arithmetic_middle",
    "dpm2_gain__euler",
    "dpm2_gain__first_slope_at_the_middle",
    "dpm2_gain__half_the_way",
    "dpmpp_2s_gain__euler",
    "dpmpp_2s_gain__exact_flow",
    "dpmpp_2s_gain__middle_in_sigma",
    "dpmpp_2s_gain__scales_left_out",
    "heun_chain_variance__euler",
    "heun_chain_variance__gain_not_squared",
    "heun_chain_variance__started_from_noise_alone",
    "heun_gain__euler",
    "heun_gain__exact_flow",
    "heun_gain__second_slope_alone",
    "heun_gain__second_slope_from_x_t",
    "probability_flow_solution_correlated__mean_not_scaled",
    "probability_flow_solution_correlated__root_left_out",
    "probability_flow_solution_correlated__signal_scale_not_squared",
    "probability_flow_solution_correlated__variances_alone",
]


def _spreads(mean, covariance, *levels):
    """Covariance of the states at pairs of scales."""
    unit = namespace(mean, covariance).eye(mean.shape[0])
    return [alpha**2 * covariance + sigma**2 * unit for alpha, sigma in levels]


def probability_flow_solution_correlated__root_left_out(x_t, mean, covariance, alpha_t, sigma_t, alpha_s, sigma_s):
    """The ratio of the covariances in place of its root.

    Fix: (x_t - alpha_t*mean) @ sqrtm(inv(spread_t) @ spread_s), Song et al. 2021, Eq. (13), solved
    Seen in: plausible
    """
    before, after = _spreads(mean, covariance, (alpha_t, sigma_t), (alpha_s, sigma_s))
    return alpha_s * mean + (x_t - alpha_t * mean) @ namespace(x_t, covariance).solve(before, after)


def probability_flow_solution_correlated__mean_not_scaled(x_t, mean, covariance, alpha_t, sigma_t, alpha_s, sigma_s):
    """The mean of the data in place of that of the state at s.

    Fix: alpha_s*mean + (x_t - alpha_t*mean) @ gain, Song et al. 2021, Eq. (13), solved
    Seen in: plausible
    """
    xp = namespace(x_t, mean, covariance)
    before, after = _spreads(mean, covariance, (alpha_t, sigma_t), (alpha_s, sigma_s))
    return mean + (x_t - alpha_t * mean) @ xp.sqrtm(xp.inv(before)) @ xp.sqrtm(after)


def probability_flow_solution_correlated__variances_alone(x_t, mean, covariance, alpha_t, sigma_t, alpha_s, sigma_s):
    """Every entry on its own, by its variance: right for a diagonal covariance.

    Fix: the symmetric roots of the whole matrices, Song et al. 2021, Eq. (13), solved
    Seen in: plausible
    """
    xp = namespace(x_t, mean, covariance)
    unit = xp.eye(mean.shape[0])
    variance = xp.sum(covariance * unit, axis=0)
    gain = xp.sqrt((alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2))
    return alpha_s * mean + (x_t - alpha_t * mean) * gain


def probability_flow_solution_correlated__signal_scale_not_squared(x_t, mean, covariance, alpha_t, sigma_t, alpha_s, sigma_s):
    """alpha in place of alpha**2 before the covariance.

    Fix: alpha_t**2*covariance + sigma_t**2*eye, Song et al. 2021, Eq. (13), solved
    Seen in: plausible
    """
    xp = namespace(x_t, mean, covariance)
    unit = xp.eye(mean.shape[0])
    before, after = (a * covariance + b**2 * unit for a, b in ((alpha_t, sigma_t), (alpha_s, sigma_s)))
    return alpha_s * mean + (x_t - alpha_t * mean) @ xp.sqrtm(xp.inv(before)) @ xp.sqrtm(after)


def affine_chain_mean__steps_reversed(gains, offsets, mean):
    """The last step taken first.

    Fix: mean = gains[i] @ mean + offsets[i] from the first step on, Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in reversed(range(gains.shape[0])):
        mean = gains[i, ...] @ mean + offsets[i, ...]
    return mean


def affine_chain_mean__gains_transposed(gains, offsets, mean):
    """Row vectors on the left of the gains.

    Fix: gains[i] @ mean + offsets[i], Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in range(gains.shape[0]):
        mean = mean @ gains[i, ...] + offsets[i, ...]
    return mean


def affine_chain_mean__offset_before_gain(gains, offsets, mean):
    """The offset added before the gain.

    Fix: gains[i] @ mean + offsets[i], Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in range(gains.shape[0]):
        mean = gains[i, ...] @ (mean + offsets[i, ...])
    return mean


def affine_chain_mean__offsets_added_up(gains, offsets, mean):
    """The offsets added up at the end, not carried through the later steps.

    Fix: gains[i] @ mean + offsets[i] at every step, Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in range(gains.shape[0]):
        mean = gains[i, ...] @ mean
    return mean + namespace(offsets).sum(offsets, axis=0)


def affine_chain_covariance__gain_on_one_side(gains, noise_factors, covariance):
    """The gain on the left side alone.

    Fix: gain @ covariance @ gain.T + factor @ factor.T, Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in range(gains.shape[0]):
        factor = noise_factors[i, ...]
        covariance = gains[i, ...] @ covariance + factor @ factor.T
    return covariance


def affine_chain_covariance__factor_transposed(gains, noise_factors, covariance):
    """gain.T @ covariance @ gain.

    Fix: gain @ covariance @ gain.T + factor @ factor.T, Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in range(gains.shape[0]):
        gain, factor = gains[i, ...], noise_factors[i, ...]
        covariance = gain.T @ covariance @ gain + factor @ factor.T
    return covariance


def affine_chain_covariance__last_noise_left_out(gains, noise_factors, covariance):
    """The last step's noise left out, as samplers leave out that of the step to the data.

    Fix: gain @ covariance @ gain.T + factor @ factor.T at every step, whose factor may be 0, Kay 1993, section 13.3
    Seen in: plausible
    """
    n = gains.shape[0]
    for i in range(n):
        gain, factor = gains[i, ...], noise_factors[i, ...] * (1 if i + 1 < n else 0)
        covariance = gain @ covariance @ gain.T + factor @ factor.T
    return covariance


def affine_chain_covariance__noise_not_carried(gains, noise_factors, covariance):
    """The noises' covariances added up at the end, not carried through the later steps.

    Fix: gain @ covariance @ gain.T + factor @ factor.T at every step, Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in range(gains.shape[0]):
        covariance = gains[i, ...] @ covariance @ gains[i, ...].T
    for i in range(gains.shape[0]):
        covariance = covariance + noise_factors[i, ...] @ noise_factors[i, ...].T
    return covariance


def affine_chain_covariance__steps_reversed(gains, noise_factors, covariance):
    """The last step taken first.

    Fix: covariance propagated from the first step on, Kay 1993, section 13.3
    Seen in: plausible
    """
    for i in reversed(range(gains.shape[0])):
        gain, factor = gains[i, ...], noise_factors[i, ...]
        covariance = gain @ covariance @ gain.T + factor @ factor.T
    return covariance


def heun_gain__euler(variance, sigma_t, sigma_s):
    """Euler's gain.

    Fix: half the sum of both slopes where sigma_s is not 0, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return ddim_gain(variance, 1, sigma_s, 1, sigma_t)


def heun_gain__exact_flow(variance, sigma_t, sigma_s):
    """The exact flow's gain, to which Heun's comes near in short steps.

    Fix: 1 + (sigma_s - sigma_t)*(slope_t + slope_s*euler)/2, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return namespace(variance, sigma_t, sigma_s).sqrt((variance + sigma_s**2) / (variance + sigma_t**2))


def heun_gain__second_slope_alone(variance, sigma_t, sigma_s):
    """The slope at Euler's state alone.

    Fix: half the sum of both slopes where sigma_s is not 0, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    euler = ddim_gain(variance, 1, sigma_s, 1, sigma_t)
    return 1 + (sigma_s - sigma_t) * sigma_s / (variance + sigma_s**2) * euler


def heun_gain__second_slope_from_x_t(variance, sigma_t, sigma_s):
    """The second slope from x_t in place of Euler's state.

    Fix: slope_s*(1 + (sigma_s - sigma_t)*slope_t), Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    slopes = sigma_t / (variance + sigma_t**2) + sigma_s / (variance + sigma_s**2)
    return 1 + (sigma_s - sigma_t) * slopes / 2


def heun_chain_variance__euler(variance, sigmas):
    """The variance that Euler's steps leave.

    Fix: prod(heun_gain)**2*(variance + sigmas[0]**2), Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    gains = ddim_gain(variance, 1, sigmas[1:], 1, sigmas[:-1])
    return namespace(variance, sigmas).prod(gains) ** 2 * (variance + sigmas[0] ** 2)


def heun_chain_variance__gain_not_squared(variance, sigmas):
    """The gain in place of its square.

    Fix: prod(heun_gain)**2*(variance + sigmas[0]**2), Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return namespace(variance, sigmas).prod(heun_gain(variance, sigmas[:-1], sigmas[1:])) * (variance + sigmas[0] ** 2)


def heun_chain_variance__started_from_noise_alone(variance, sigmas):
    """The start drawn without the data's own variance, as samplers start: not from exact states.

    Fix: prod(heun_gain)**2*(variance + sigmas[0]**2), Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return namespace(variance, sigmas).prod(heun_gain(variance, sigmas[:-1], sigmas[1:])) ** 2 * sigmas[0] ** 2


def dpm2_gain__euler(variance, sigma_t, sigma_s):
    """Euler's gain.

    Fix: the slope at the geometric mean of the two sigmas, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return ddim_gain(variance, 1, sigma_s, 1, sigma_t)


def _midpoint(variance, sigma_t, sigma_s, middle):
    halfway = ddim_gain(variance, 1, middle, 1, sigma_t)
    return 1 + (sigma_s - sigma_t) * middle / (variance + middle**2) * halfway


def dpm2_gain__arithmetic_middle(variance, sigma_t, sigma_s):
    """The middle at the arithmetic mean.

    Fix: the slope at the geometric mean of the two sigmas, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return _midpoint(variance, sigma_t, sigma_s, (sigma_t + sigma_s) / 2)


def dpm2_gain__first_slope_at_the_middle(variance, sigma_t, sigma_s):
    """The middle's slope from x_t in place of the middle's state.

    Fix: the slope at the middle's Euler state, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    middle = namespace(variance, sigma_t, sigma_s).sqrt(sigma_t * sigma_s)
    return 1 + (sigma_s - sigma_t) * middle / (variance + middle**2)


def dpm2_gain__half_the_way(variance, sigma_t, sigma_s):
    """The middle's slope, followed only as far as the middle.

    Fix: sigma_s - sigma_t times the slope at the middle, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    middle = namespace(variance, sigma_t, sigma_s).sqrt(sigma_t * sigma_s)
    whole = dpm2_gain(variance, sigma_t, sigma_s)
    return 1 + (middle - sigma_t) / (sigma_s - sigma_t) * (whole - 1)


def _data_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t, middle):
    level_s, level_t = sigma_s / alpha_s, sigma_t / alpha_t
    halfway = variance / (variance + middle**2) * ddim_gain(variance, 1, middle, 1, level_t)
    return alpha_s / alpha_t * (level_s / level_t + (1 - level_s / level_t) * halfway)


def dpmpp_2s_gain__euler(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """DDIM's gain.

    Fix: the estimate at the middle in half_logsnr, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return ddim_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t)


def dpmpp_2s_gain__middle_in_sigma(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The inner level at the mean of the two sigma/alpha.

    Fix: the inner level at the geometric mean of the two sigma/alpha, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return _data_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t, (sigma_s / alpha_s + sigma_t / alpha_t) / 2)


def dpmpp_2s_gain__scales_left_out(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The gain of x/alpha, without alpha_s/alpha_t.

    Fix: alpha_s/alpha_t times the gain in EDM's coordinates, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    middle = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t).sqrt(sigma_s / alpha_s * (sigma_t / alpha_t))
    return _data_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t, middle) * alpha_t / alpha_s


def dpmpp_2s_gain__exact_flow(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The exact flow's gain, to which the solver's comes near in short steps.

    Fix: the solver's own step on the exact denoiser, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    xp = namespace(variance, alpha_s, sigma_s, alpha_t, sigma_t)
    return xp.sqrt((alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2))


def ancestral_gain__down_to_sigma_s(variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The step taken down to sigma_s whatever eta is, so that fresh noise comes on top.

    Fix: kept = sqrt(sigma_s**2 - fresh**2), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    return ddim_gain(variance, alpha_s, sigma_s, alpha_t, sigma_t)


def ancestral_gain__eta_not_squared(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t):
    """eta in place of its square under the root.

    Fix: kept = sqrt(sigma_s**2 - eta**2*sigma_s**2*(1 - (alpha_t*sigma_s/(alpha_s*sigma_t))**2)), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t)
    ratio = alpha_t * sigma_s / (alpha_s * sigma_t)
    return ddim_gain(variance, alpha_s, sigma_s * xp.sqrt(1 - eta + eta * ratio**2), alpha_t, sigma_t)


def ancestral_gain__fresh_scale_taken_off(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t):
    """sigma_s less the fresh noise's scale: scales subtracted, not variances.

    Fix: kept = sqrt(sigma_s**2 - fresh**2), Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp = namespace(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t)
    ratio = alpha_t * sigma_s / (alpha_s * sigma_t)
    return ddim_gain(variance, alpha_s, sigma_s - eta * sigma_s * xp.sqrt((1 - ratio) * (1 + ratio)), alpha_t, sigma_t)


def ancestral_gain__signal_scale_left_out(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t):
    """k-diffusion's sigma_down, which is for a signal that keeps its scale, on states whose signal does not.

    Fix: 1 - (alpha_t*sigma_s/(alpha_s*sigma_t))**2 of sigma_s**2 is fresh at eta = 1, Song et al. 2021, Eq. (16)
    Seen in: plausible
    """
    xp = namespace(variance, eta, alpha_s, sigma_s, alpha_t, sigma_t)
    share = xp.minimum(sigma_s / sigma_t, 0 * sigma_s + 1)
    return ddim_gain(variance, alpha_s, sigma_s * xp.sqrt(1 - eta**2 * (1 - share**2)), alpha_t, sigma_t)


def _fresh(eta, alphas, sigmas):
    ratios = alphas[:-1] * sigmas[1:] / (alphas[1:] * sigmas[:-1])
    return (eta * sigmas[1:]) ** 2 * (1 - ratios) * (1 + ratios)


def _gains(variance, eta, alphas, sigmas):
    return ancestral_gain(variance, eta, alphas[1:], sigmas[1:], alphas[:-1], sigmas[:-1])


def ancestral_chain_variance__fresh_noise_left_out(variance, eta, alphas, sigmas):
    """The gains alone.

    Fix: found = gain**2*found + fresh at every step, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    gains = _gains(variance, eta, alphas, sigmas)
    return namespace(variance, alphas).prod(gains) ** 2 * (alphas[0] ** 2 * variance + sigmas[0] ** 2)


def ancestral_chain_variance__fresh_noise_not_carried(variance, eta, alphas, sigmas):
    """The fresh variances added up at the end, not carried through the later steps.

    Fix: found = gain**2*found + fresh at every step, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    xp, gains = namespace(variance, alphas), _gains(variance, eta, alphas, sigmas)
    start = alphas[0] ** 2 * variance + sigmas[0] ** 2
    return xp.prod(gains) ** 2 * start + xp.sum(_fresh(eta, alphas, sigmas))


def ancestral_chain_variance__fresh_scale_for_variance(variance, eta, alphas, sigmas):
    """The fresh noise's scale in place of its variance.

    Fix: found = gain**2*found + fresh at every step, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    gains, fresh = _gains(variance, eta, alphas, sigmas), namespace(eta, alphas).sqrt(_fresh(eta, alphas, sigmas))
    found = alphas[0] ** 2 * variance + sigmas[0] ** 2
    for i in range(len(gains)):
        found = gains[i] ** 2 * found + fresh[i]
    return found


def ancestral_chain_variance__gains_not_squared(variance, eta, alphas, sigmas):
    """Each gain in place of its square.

    Fix: found = gain**2*found + fresh at every step, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    gains, fresh = _gains(variance, eta, alphas, sigmas), _fresh(eta, alphas, sigmas)
    found = alphas[0] ** 2 * variance + sigmas[0] ** 2
    for i in range(len(gains)):
        found = gains[i] * found + fresh[i]
    return found


def ancestral_chain_variance__started_from_noise_alone(variance, eta, alphas, sigmas):
    """The start drawn without the data's own variance, as samplers start: not from exact states.

    Fix: alphas[0]**2*variance + sigmas[0]**2 at the start, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """
    gains, fresh = _gains(variance, eta, alphas, sigmas), _fresh(eta, alphas, sigmas)
    found = sigmas[0] ** 2
    for i in range(len(gains)):
        found = gains[i] ** 2 * found + fresh[i]
    return found
