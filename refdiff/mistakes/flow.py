"""Wrong bodies of formulas of flow matching."""

import math

from refdiff.numbers import namespace
from refdiff.reference.denoiser import denoiser_dirac
from refdiff.reference.flow import minibatch_ot_permutation, velocity_variance_gaussian, velocity_variance_mixture
from refdiff.reference.mixture import loss_floor_mixture, posterior_weights_mixture

__all__ = [
    "cosine_path_rates__inner_derivative_dropped",
    "cosine_path_rates__sign",
    "cosine_path_scales__half_turn",
    "cosine_path_scales__squared",
    "cosine_path_scales__time_reversed",
    "cosmap_density__not_doubled",
    "cosmap_density__time_not_squared",
    "cosmap_time__angle_not_halved",
    "cosmap_time__reversed",
    "exponentially_shifted_time__exp_dropped",
    "exponentially_shifted_time__sign",
    "flow_euler_step__sign",
    "flow_euler_step__step_dropped",
    "flow_heun_step__endpoint",
    "flow_heun_step__euler",
    "flow_heun_step__slopes_added",
    "flow_map_gaussian__mean_not_scaled",
    "flow_map_gaussian__posterior_mean",
    "flow_map_gaussian__variance_ratio",
    "flow_matching_loss__absolute",
    "flow_matching_loss__halved",
    "flow_matching_loss__summed",
    "linear_path_rates__data_minus_noise",
    "linear_path_rates__sigma_min_dropped",
    "linear_path_scales__noise_added",
    "linear_path_scales__sigma_min_dropped",
    "linear_path_scales__time_reversed",
    "linear_path_velocity__sign",
    "linear_path_velocity__state_not_scaled",
    "linear_path_velocity__time_for_state",
    "linear_path_velocity__time_reversed",
    "logit_normal_density__jacobian_dropped",
    "logit_normal_density__log_for_logit",
    "logit_normal_density__scale_as_variance",
    "logit_normal_time__mean_scaled",
    "logit_normal_time__scale_as_variance",
    "logit_normal_time__time_reversed",
    "marginal_velocity_dirac__data_not_scaled",
    "marginal_velocity_dirac__prior_mean",
    "marginal_velocity_dirac__sign",
    "marginal_velocity_gaussian__mean_at_rest",
    "marginal_velocity_gaussian__mean_not_scaled",
    "marginal_velocity_gaussian__variance_as_scale",
    "marginal_velocity_mixture__normaliser_dropped",
    "marginal_velocity_mixture__weights_ignored",
    "minibatch_ot_cost__nearest",
    "minibatch_ot_cost__not_paired",
    "minibatch_ot_cost__summed",
    "minibatch_ot_permutation__greedy",
    "minibatch_ot_permutation__inverse",
    "minibatch_ot_permutation__not_paired",
    "mode_time__cosine_not_squared",
    "mode_time__rising",
    "mode_time__sign",
    "mode_time_density__inner_derivative_dropped",
    "mode_time_density__not_inverted",
    "path_straightness__own_mean",
    "path_straightness__sign",
    "path_straightness__summed",
    "reflow_velocity_gaussian__before_reflow",
    "reflow_velocity_gaussian__variance_for_deviation",
    "resolution_time_shift__inverse",
    "resolution_time_shift__root_dropped",
    "sequence_length_time_shift__offset_dropped",
    "sequence_length_time_shift__through_the_origin",
    "shifted_time__inverse",
    "shifted_time__numerator_not_shifted",
    "shifted_time__product",
    "shifted_time_density__not_squared",
    "shifted_time_density__of_the_inverse",
    "transformed_velocity__scale_rate_dropped",
    "transformed_velocity__scaled_state",
    "transformed_velocity__time_rate_dropped",
    "unshifted_time__forward",
    "unshifted_time__quotient",
    "ve_path_rates__diffusion",
    "ve_path_rates__log_dropped",
    "ve_path_scales__linear",
    "ve_path_scales__time_reversed",
    "velocity_variance_dirac__data_variance",
    "velocity_variance_dirac__distance_not_halved",
    "velocity_variance_dirac__entries_summed",
    "velocity_variance_gaussian__prior_variance",
    "velocity_variance_gaussian__unconditional",
    "velocity_variance_mixture__noise_forgotten",
    "velocity_variance_mixture__of_the_data",
    "velocity_variance_mixture__summed",
    "velocity_variance_mixture__within_alone",
    "vp_path_rates__rate_not_halved",
    "vp_path_rates__variance_rate",
    "vp_path_scales__power_for_scale",
    "vp_path_scales__rate_not_integrated",
    "vp_path_scales__sigma_of_one_minus_alpha",
]


def _shares(x_t, points, alpha_t, sigma_t):
    xp = namespace(x_t, points)
    exponents = -xp.sum((x_t[:, None, :] - alpha_t * points[None, :, :]) ** 2, axis=2) / (2 * sigma_t**2)
    weights = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return weights / xp.sum(weights, axis=1)[:, None]


def _mixture(x_t, log_weights, means, variances, rates, normalised):
    xp = namespace(x_t, means, variances)
    alpha_t, sigma_t, alpha_dot_t, sigma_dot_t = rates
    spread = alpha_t**2 * variances + sigma_t**2
    gaps = x_t[:, None, :] - alpha_t * means[None, :, :]
    logs = log_weights - normalised * x_t.shape[1] * xp.log(spread) / 2 - xp.sum(gaps**2, axis=2) / (2 * spread)
    shares = xp.exp(logs - xp.max(logs, axis=1, keepdims=True))
    gain = (alpha_t * alpha_dot_t * variances + sigma_t * sigma_dot_t) / spread
    velocities = alpha_dot_t * means[None, :, :] + gain[None, :, None] * gaps
    return xp.sum(shares[:, :, None] * velocities, axis=1) / xp.sum(shares, axis=1)[:, None]


def _greedy(x_0, eps):
    left, order = list(range(x_0.shape[0])), []
    for x in x_0:
        order.append(min(left, key=lambda j: sum((x - eps[j]) ** 2)))
        left.remove(order[-1])
    return order


def _best(x_0, eps):
    return [int(j) for j in minibatch_ot_permutation(x_0, eps)]


def linear_path_scales__time_reversed(time, sigma_min):
    """Lipman et al.'s own direction, in which 1 is data.

    Fix: alpha_t = 1 - time, sigma_t = 1 - (1 - sigma_min)*(1 - time), Lipman et al. 2023, Eq. (20)
    Seen in: B110, kohya-ss/sd-scripts#2215
    """
    xp = namespace(time, sigma_min)
    return xp.stack([time, 1 - (1 - sigma_min) * time])


def linear_path_scales__sigma_min_dropped(time):
    """Rectified flow where the path ends at sigma_min.

    Fix: alpha_t = 1 - time, sigma_t = 1 - (1 - sigma_min)*(1 - time), Lipman et al. 2023, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.stack([1 - time, time])


def linear_path_scales__noise_added(time, sigma_min):
    """sigma_min added to the noise scale at all times, so that time 1 holds more than unit noise.

    Fix: alpha_t = 1 - time, sigma_t = 1 - (1 - sigma_min)*(1 - time), Lipman et al. 2023, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(time, sigma_min)
    return xp.stack([1 - time, time + sigma_min])


def linear_path_rates__data_minus_noise(time, sigma_min):
    """The velocity's sign for a path on which 1 is data.

    Fix: alpha_dot_t = -1, sigma_dot_t = 1 - sigma_min, Lipman et al. 2023, Eq. (20)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    xp = namespace(time, sigma_min)
    return xp.stack([0 * time + 1, 0 * time - (1 - sigma_min)])


def linear_path_rates__sigma_min_dropped(time):
    """eps - x_0 where the path ends at sigma_min.

    Fix: alpha_dot_t = -1, sigma_dot_t = 1 - sigma_min, Lipman et al. 2023, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.stack([0 * time - 1, 0 * time + 1])


def linear_path_velocity__sign(x_t, x_0, time, sigma_min):
    """The velocity from noise to data at a time that counts from data to noise.

    Fix: ((1 - sigma_min)*x_t - x_0)/(1 - (1 - sigma_min)*(1 - time)), Lipman et al. 2023, Eq. (21)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return (x_0 - (1 - sigma_min) * x_t) / (sigma_min + (1 - sigma_min) * time)


def linear_path_velocity__time_reversed(x_t, x_0, time, sigma_min):
    """Lipman et al.'s denominator with a time that counts from the data.

    Fix: ((1 - sigma_min)*x_t - x_0)/(1 - (1 - sigma_min)*(1 - time)), Lipman et al. 2023, Eq. (21)
    Seen in: plausible
    """
    return ((1 - sigma_min) * x_t - x_0) / (1 - (1 - sigma_min) * time)


def linear_path_velocity__state_not_scaled(x_t, x_0, time, sigma_min):
    """x_t - x_0 where sigma_min is not 0.

    Fix: ((1 - sigma_min)*x_t - x_0)/(1 - (1 - sigma_min)*(1 - time)), Lipman et al. 2023, Eq. (21)
    Seen in: plausible
    """
    return (x_t - x_0) / (sigma_min + (1 - sigma_min) * time)


def linear_path_velocity__time_for_state(x_t, x_0, time, sigma_min):
    """The time in the place of the state, as a docstring has it.

    Fix: ((1 - sigma_min)*x_t - x_0)/(1 - (1 - sigma_min)*(1 - time)), Lipman et al. 2023, Eq. (21)
    Seen in: plausible; atong01/conditional-flow-matching#175, in the docstring alone
    """
    return ((1 - sigma_min) * (1 - time) - x_0) / (sigma_min + (1 - sigma_min) * time) + 0 * x_t


def cosine_path_scales__time_reversed(time):
    """The direction in which 1 is data.

    Fix: cos(pi*time/2), sin(pi*time/2), Albergo and Vanden-Eijnden 2023, section 2
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.stack([xp.sin(xp.pi * time / 2), xp.cos(xp.pi * time / 2)])


def cosine_path_scales__squared(time):
    """Powers in place of scales.

    Fix: cos(pi*time/2), sin(pi*time/2), Albergo and Vanden-Eijnden 2023, section 2
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.stack([xp.cos(xp.pi * time / 2) ** 2, xp.sin(xp.pi * time / 2) ** 2])


def cosine_path_scales__half_turn(time):
    """A half turn, on which the data come back with the other sign.

    Fix: cos(pi*time/2), sin(pi*time/2), Albergo and Vanden-Eijnden 2023, section 2
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.stack([xp.cos(xp.pi * time), xp.sin(xp.pi * time)])


def cosine_path_rates__inner_derivative_dropped(time):
    """cos' = -sin without the angle's rate pi/2.

    Fix: -pi/2*sin(pi*time/2), pi/2*cos(pi*time/2), Albergo and Vanden-Eijnden 2023, section 2
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.stack([-xp.sin(xp.pi * time / 2), xp.cos(xp.pi * time / 2)])


def cosine_path_rates__sign(time):
    """The data's scale rising.

    Fix: -pi/2*sin(pi*time/2), pi/2*cos(pi*time/2), Albergo and Vanden-Eijnden 2023, section 2
    Seen in: plausible
    """
    xp = namespace(time)
    return xp.stack([xp.pi / 2 * xp.sin(xp.pi * time / 2), xp.pi / 2 * xp.cos(xp.pi * time / 2)])


def vp_path_scales__power_for_scale(time, beta_rate_min, beta_rate_max):
    """exp of minus the whole integral of beta: alpha_bar in place of its root.

    Fix: exp(-time**2*(beta_max - beta_min)/4 - time*beta_min/2),
    sigma_t = sqrt(1 - alpha_t**2), Song et al. 2021, Eq. (33)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    power = -(time**2) * (beta_rate_max - beta_rate_min) / 2 - time * beta_rate_min
    return xp.stack([xp.exp(power), xp.sqrt(1 - xp.exp(power))])


def vp_path_scales__sigma_of_one_minus_alpha(time, beta_rate_min, beta_rate_max):
    """1 - alpha_t in place of sqrt(1 - alpha_t**2).

    Fix: exp(-time**2*(beta_max - beta_min)/4 - time*beta_min/2),
    sigma_t = sqrt(1 - alpha_t**2), Song et al. 2021, Eq. (33)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    power = -(time**2) * (beta_rate_max - beta_rate_min) / 4 - time * beta_rate_min / 2
    return xp.stack([xp.exp(power), 1 - xp.exp(power)])


def vp_path_scales__rate_not_integrated(time, beta_rate_min, beta_rate_max):
    """time*beta(time) in place of the integral of beta.

    Fix: exp(-time**2*(beta_max - beta_min)/4 - time*beta_min/2),
    sigma_t = sqrt(1 - alpha_t**2), Song et al. 2021, Eq. (33)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    power = -time * (beta_rate_min + time * (beta_rate_max - beta_rate_min)) / 2
    return xp.stack([xp.exp(power), xp.sqrt(1 - xp.exp(2 * power))])


def vp_path_rates__rate_not_halved(time, beta_rate_min, beta_rate_max):
    """beta in place of beta/2.

    Fix: -beta/2*alpha_t, beta/2*alpha_t**2/sigma_t, Lipman et al. 2023, Eq. (18)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    power = -(time**2) * (beta_rate_max - beta_rate_min) / 4 - time * beta_rate_min / 2
    rate = beta_rate_min + time * (beta_rate_max - beta_rate_min)
    return xp.stack([-rate * xp.exp(power), rate * xp.exp(2 * power) / xp.sqrt(1 - xp.exp(2 * power))])


def vp_path_rates__variance_rate(time, beta_rate_min, beta_rate_max):
    """The rate of sigma_t**2 in place of that of sigma_t.

    Fix: -beta/2*alpha_t, beta/2*alpha_t**2/sigma_t, Lipman et al. 2023, Eq. (18)
    Seen in: plausible
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    power = -(time**2) * (beta_rate_max - beta_rate_min) / 4 - time * beta_rate_min / 2
    rate = beta_rate_min + time * (beta_rate_max - beta_rate_min)
    return xp.stack([-rate / 2 * xp.exp(power), rate * xp.exp(2 * power)])


def ve_path_scales__linear(time, sigma_min, sigma_max):
    """sigma on a straight line in place of a geometric one.

    Fix: 1, sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, Eq. (31)
    Seen in: plausible
    """
    xp = namespace(time, sigma_min, sigma_max)
    return xp.stack([0 * time + 1, sigma_min + (sigma_max - sigma_min) * time])


def ve_path_scales__time_reversed(time, sigma_min, sigma_max):
    """Lipman et al.'s direction, in which 1 is data.

    Fix: 1, sigma_min*(sigma_max/sigma_min)**time, Song et al. 2021, Eq. (31)
    Seen in: plausible
    """
    xp = namespace(time, sigma_min, sigma_max)
    return xp.stack([0 * time + 1, sigma_max * (sigma_min / sigma_max) ** time])


def ve_path_rates__log_dropped(time, sigma_min, sigma_max):
    """A power's derivative without the log of its base.

    Fix: 0, sigma_t*log(sigma_max/sigma_min), Song et al. 2021, Eq. (31)
    Seen in: plausible
    """
    xp = namespace(time, sigma_min, sigma_max)
    return xp.stack([0 * time, sigma_min * (sigma_max / sigma_min) ** time])


def ve_path_rates__diffusion(time, sigma_min, sigma_max):
    """The SDE's g(time) in place of the derivative of sigma.

    Fix: 0, sigma_t*log(sigma_max/sigma_min), Song et al. 2021, Eq. (31)
    Seen in: plausible
    """
    xp = namespace(time, sigma_min, sigma_max)
    ratio = sigma_max / sigma_min
    return xp.stack([0 * time, sigma_min * ratio**time * xp.sqrt(2 * xp.log(ratio))])


def marginal_velocity_gaussian__mean_not_scaled(x_t, mean, variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """x_t - mean in place of x_t - alpha_t*mean.

    Fix: alpha_dot_t*mean + (alpha_t*alpha_dot_t*variance + sigma_t*sigma_dot_t)/(alpha_t**2*variance + sigma_t**2)
    *(x_t - alpha_t*mean), Lipman et al. 2023, Eq. (8)
    Seen in: plausible
    """
    gain = (alpha_t * alpha_dot_t * variance + sigma_t * sigma_dot_t) / (alpha_t**2 * variance + sigma_t**2)
    return alpha_dot_t * mean + gain * (x_t - mean)


def marginal_velocity_gaussian__mean_at_rest(x_t, mean, variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The spread's growth alone, without the motion of the mean.

    Fix: alpha_dot_t*mean + (alpha_t*alpha_dot_t*variance + sigma_t*sigma_dot_t)/(alpha_t**2*variance + sigma_t**2)
    *(x_t - alpha_t*mean), Lipman et al. 2023, Eq. (8)
    Seen in: plausible
    """
    gain = (alpha_t * alpha_dot_t * variance + sigma_t * sigma_dot_t) / (alpha_t**2 * variance + sigma_t**2)
    return gain * (x_t - alpha_t * mean)


def marginal_velocity_gaussian__variance_as_scale(x_t, mean, variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The variance squared, as if it were a standard deviation.

    Fix: alpha_dot_t*mean + (alpha_t*alpha_dot_t*variance + sigma_t*sigma_dot_t)/(alpha_t**2*variance + sigma_t**2)
    *(x_t - alpha_t*mean), Lipman et al. 2023, Eq. (8)
    Seen in: plausible
    """
    power = variance**2
    gain = (alpha_t * alpha_dot_t * power + sigma_t * sigma_dot_t) / (alpha_t**2 * power + sigma_t**2)
    return alpha_dot_t * mean + gain * (x_t - alpha_t * mean)


def marginal_velocity_dirac__sign(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity from noise to data.

    Fix: alpha_dot_t*D + sigma_dot_t*(x_t - alpha_t*D)/sigma_t with the denoiser D, Lipman et al. 2023, Eq. (8)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    x_0 = denoiser_dirac(x_t, points, alpha_t, sigma_t)
    return -alpha_dot_t * x_0 - sigma_dot_t * (x_t - alpha_t * x_0) / sigma_t


def marginal_velocity_dirac__data_not_scaled(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """x_t - x_0 for the noise in place of x_t - alpha_t*x_0.

    Fix: alpha_dot_t*D + sigma_dot_t*(x_t - alpha_t*D)/sigma_t with the denoiser D, Lipman et al. 2023, Eq. (8)
    Seen in: plausible
    """
    x_0 = denoiser_dirac(x_t, points, alpha_t, sigma_t)
    return alpha_dot_t * x_0 + sigma_dot_t * (x_t - x_0) / sigma_t


def marginal_velocity_dirac__prior_mean(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The data's mean in place of their mean given x_t.

    Fix: alpha_dot_t*D + sigma_dot_t*(x_t - alpha_t*D)/sigma_t with the denoiser D, Lipman et al. 2023, Eq. (8)
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    x_0 = xp.sum(points, axis=0)[None, :] / points.shape[0]
    return alpha_dot_t * x_0 + sigma_dot_t * (x_t - alpha_t * x_0) / sigma_t


def marginal_velocity_mixture__weights_ignored(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Components taken for equally likely.

    Fix: components' velocities weighed by their probabilities given x_t, Lipman et al. 2023, Eq. (8)
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    return _mixture(x_t, xp.log(weights / weights), means, variances, (alpha_t, sigma_t, alpha_dot_t, sigma_dot_t), 1)


def marginal_velocity_mixture__normaliser_dropped(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Densities without the root of their determinants: wide components count too much.

    Fix: components' velocities weighed by their probabilities given x_t, Lipman et al. 2023, Eq. (8)
    Seen in: plausible
    """
    xp = namespace(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    return _mixture(x_t, xp.log(weights), means, variances, (alpha_t, sigma_t, alpha_dot_t, sigma_dot_t), 0)


def velocity_variance_gaussian__prior_variance(variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The data's variance in place of that given x_t.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    return (alpha_dot_t - alpha_t * sigma_dot_t / sigma_t) ** 2 * variance


def velocity_variance_gaussian__unconditional(variance, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity's variance before x_t is known.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    return alpha_dot_t**2 * variance + sigma_dot_t**2


def velocity_variance_dirac__entries_summed(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Summed over the entries beside a loss that is averaged over them.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    shares = _shares(x_t, points, alpha_t, sigma_t)
    mean = shares @ points
    spread = shares @ xp.sum(points**2, axis=1)[:, None] - xp.sum(mean**2, axis=1)[:, None]
    return (alpha_dot_t - alpha_t * sigma_dot_t / sigma_t) ** 2 * spread[:, 0]


def velocity_variance_dirac__distance_not_halved(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The mean square distance of two draws, which is twice the variance.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    shares = _shares(x_t, points, alpha_t, sigma_t)
    apart = xp.sum((points[:, None, :] - points[None, :, :]) ** 2, axis=2)
    spread = xp.sum(shares @ apart * shares, axis=1) / points.shape[1]
    return (alpha_dot_t - alpha_t * sigma_dot_t / sigma_t) ** 2 * spread


def velocity_variance_dirac__data_variance(x_t, points, alpha_t, sigma_t):
    """The variance of x_0 given x_t, without the factor that makes a velocity of it.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    xp = namespace(x_t, points, alpha_t, sigma_t)
    shares = _shares(x_t, points, alpha_t, sigma_t)
    mean = shares @ points
    spread = shares @ xp.sum(points**2, axis=1)[:, None] - xp.sum(mean**2, axis=1)[:, None]
    return spread[:, 0] / points.shape[1]


def flow_matching_loss__summed(velocity, velocity_hat):
    """A sum over the entries in place of the mean.

    Fix: the mean of (velocity - velocity_hat)**2 over each sample's entries, Lipman et al. 2023, Eq. (9)
    Seen in: plausible
    """
    xp = namespace(velocity, velocity_hat)
    error = (velocity - velocity_hat) ** 2
    return xp.sum(error, axis=tuple(range(1, error.ndim)))


def flow_matching_loss__halved(velocity, velocity_hat):
    """Half the squared error.

    Fix: the mean of (velocity - velocity_hat)**2 over each sample's entries, Lipman et al. 2023, Eq. (9)
    Seen in: plausible
    """
    xp = namespace(velocity, velocity_hat)
    error = (velocity - velocity_hat) ** 2
    return xp.sum(error, axis=tuple(range(1, error.ndim))) / (2 * math.prod(error.shape[1:]))


def flow_matching_loss__absolute(velocity, velocity_hat):
    """The mean absolute error, whose best guess is the median and not the mean.

    Fix: the mean of (velocity - velocity_hat)**2 over each sample's entries, Lipman et al. 2023, Eq. (9)
    Seen in: plausible
    """
    xp = namespace(velocity, velocity_hat)
    error = xp.absolute(velocity - velocity_hat)
    return xp.sum(error, axis=tuple(range(1, error.ndim))) / math.prod(error.shape[1:])


def transformed_velocity__scale_rate_dropped(velocity, state_scale, time_rate):
    """The factor's own motion left out.

    Fix: state_scale_rate*x_t + state_scale*time_rate*velocity, Lipman et al. 2024, section 4.6.2
    Seen in: plausible
    """
    return state_scale * time_rate * velocity


def transformed_velocity__time_rate_dropped(x_t, velocity, state_scale, state_scale_rate):
    """The new clock's speed left out.

    Fix: state_scale_rate*x_t + state_scale*time_rate*velocity, Lipman et al. 2024, section 4.6.2
    Seen in: plausible
    """
    return state_scale_rate * x_t + state_scale * velocity


def transformed_velocity__scaled_state(x_t, velocity, state_scale, state_scale_rate, time_rate):
    """The factor's rate on the state that is scaled already.

    Fix: state_scale_rate*x_t + state_scale*time_rate*velocity, Lipman et al. 2024, section 4.6.2
    Seen in: plausible
    """
    return state_scale_rate * state_scale * x_t + state_scale * time_rate * velocity


def path_straightness__own_mean(velocities):
    """Distance from the velocities' own mean: a path that misses its end is not seen.

    Fix: the mean over times of the sum of (displacement - velocity)**2, Liu et al. 2022, section 2.2
    Seen in: plausible
    """
    xp = namespace(velocities)
    bend = velocities - xp.sum(velocities, axis=1)[:, None] / velocities.shape[1]
    return xp.sum(bend**2, axis=tuple(range(1, bend.ndim))) / velocities.shape[1]


def path_straightness__summed(displacement, velocities):
    """A sum over times in place of the mean.

    Fix: the mean over times of the sum of (displacement - velocity)**2, Liu et al. 2022, section 2.2
    Seen in: plausible
    """
    xp = namespace(displacement, velocities)
    bend = velocities - displacement[:, None]
    return xp.sum(bend**2, axis=tuple(range(1, bend.ndim)))


def path_straightness__sign(displacement, velocities):
    """A displacement from noise to data beside velocities from data to noise.

    Fix: the mean over times of the sum of (displacement - velocity)**2, Liu et al. 2022, section 2.2
    Seen in: plausible
    """
    xp = namespace(displacement, velocities)
    bend = velocities + displacement[:, None]
    return xp.sum(bend**2, axis=tuple(range(1, bend.ndim))) / velocities.shape[1]


def flow_map_gaussian__variance_ratio(x_t, mean, variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The ratio of variances in place of its root.

    Fix: alpha_s*mean + sqrt(spread_s/spread_t)*(x_t - alpha_t*mean), spread = alpha**2*variance + sigma**2,
    Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    ratio = (alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2)
    return alpha_s * mean + ratio * (x_t - alpha_t * mean)


def flow_map_gaussian__posterior_mean(x_t, mean, variance, alpha_s, alpha_t, sigma_t):
    """The denoiser in place of the flow: all that is left of the noise is lost.

    Fix: alpha_s*mean + sqrt(spread_s/spread_t)*(x_t - alpha_t*mean), spread = alpha**2*variance + sigma**2,
    Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    gain = alpha_t * variance / (alpha_t**2 * variance + sigma_t**2)
    return alpha_s * (mean + gain * (x_t - alpha_t * mean))


def flow_map_gaussian__mean_not_scaled(x_t, mean, variance, alpha_s, sigma_s, alpha_t, sigma_t):
    """The data's mean in place of each time's own.

    Fix: alpha_s*mean + sqrt(spread_s/spread_t)*(x_t - alpha_t*mean), spread = alpha**2*variance + sigma**2,
    Song et al. 2021, Eq. (13)
    Seen in: plausible
    """
    xp = namespace(x_t, mean, variance, alpha_s, sigma_s, alpha_t, sigma_t)
    ratio = (alpha_s**2 * variance + sigma_s**2) / (alpha_t**2 * variance + sigma_t**2)
    return mean + xp.sqrt(ratio) * (x_t - mean)


def reflow_velocity_gaussian__before_reflow(x_t, mean, variance, time):
    """The velocity field of independent pairs, whose paths bend.

    Fix: ((1 - sqrt(variance))*x_t - mean)/((1 - time)*sqrt(variance) + time), Liu et al. 2022, section 2.2
    Seen in: plausible
    """
    gain = (time - (1 - time) * variance) / ((1 - time) ** 2 * variance + time**2)
    return -mean + gain * (x_t - (1 - time) * mean)


def reflow_velocity_gaussian__variance_for_deviation(x_t, mean, variance, time):
    """The variance in place of the standard deviation.

    Fix: ((1 - sqrt(variance))*x_t - mean)/((1 - time)*sqrt(variance) + time), Liu et al. 2022, section 2.2
    Seen in: B103, lucidrains/rectified-flow-pytorch@97a42c4, in a policy's density
    """
    return ((1 - variance) * x_t - mean) / ((1 - time) * variance + time)


def logit_normal_time__time_reversed(z, logit_mean, logit_scale):
    """1 - time: the mean favours data where it should favour noise.

    Fix: sigmoid(logit_mean + logit_scale*z), Esser et al. 2024, Eq. (19)
    Seen in: plausible
    """
    xp = namespace(z, logit_mean, logit_scale)
    return xp.sigmoid(-logit_mean - logit_scale * z)


def logit_normal_time__scale_as_variance(z, logit_mean, logit_scale):
    """The standard deviation taken for a variance.

    Fix: sigmoid(logit_mean + logit_scale*z), Esser et al. 2024, Eq. (19)
    Seen in: B103, lucidrains/rectified-flow-pytorch@97a42c4, in a policy's density
    """
    xp = namespace(z, logit_mean, logit_scale)
    return xp.sigmoid(logit_mean + xp.sqrt(logit_scale) * z)


def logit_normal_time__mean_scaled(z, logit_mean, logit_scale):
    """The mean multiplied by the scale.

    Fix: sigmoid(logit_mean + logit_scale*z), Esser et al. 2024, Eq. (19)
    Seen in: plausible
    """
    xp = namespace(z, logit_mean, logit_scale)
    return xp.sigmoid(logit_scale * (logit_mean + z))


def logit_normal_density__jacobian_dropped(time, logit_mean, logit_scale):
    """The Gaussian density of the logit, not that of time.

    Fix: exp(-(logit(time) - logit_mean)**2/(2*logit_scale**2))/(logit_scale*sqrt(2*pi)*time*(1 - time)),
    Esser et al. 2024, Eq. (19)
    Seen in: plausible
    """
    xp = namespace(time, logit_mean, logit_scale)
    gap = xp.log(time / (1 - time)) - logit_mean
    return xp.exp(-(gap**2) / (2 * logit_scale**2)) / (logit_scale * xp.sqrt(2 * xp.pi))


def logit_normal_density__scale_as_variance(time, logit_mean, logit_scale):
    """The standard deviation taken for a variance.

    Fix: exp(-(logit(time) - logit_mean)**2/(2*logit_scale**2))/(logit_scale*sqrt(2*pi)*time*(1 - time)),
    Esser et al. 2024, Eq. (19)
    Seen in: B103, lucidrains/rectified-flow-pytorch@97a42c4, in a policy's density
    """
    xp = namespace(time, logit_mean, logit_scale)
    gap = xp.log(time / (1 - time)) - logit_mean
    return xp.exp(-(gap**2) / (2 * logit_scale)) / (xp.sqrt(2 * xp.pi * logit_scale) * time * (1 - time))


def logit_normal_density__log_for_logit(time, logit_mean, logit_scale):
    """The log-normal density.

    Fix: exp(-(logit(time) - logit_mean)**2/(2*logit_scale**2))/(logit_scale*sqrt(2*pi)*time*(1 - time)),
    Esser et al. 2024, Eq. (19)
    Seen in: plausible
    """
    xp = namespace(time, logit_mean, logit_scale)
    gap = xp.log(time) - logit_mean
    return xp.exp(-(gap**2) / (2 * logit_scale**2)) / (logit_scale * xp.sqrt(2 * xp.pi) * time)


def mode_time__cosine_not_squared(uniform, mode_scale):
    """The cosine in place of its square.

    Fix: 1 - u - s*(cos(pi*u/2)**2 - 1 + u), Esser et al. 2024, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(uniform, mode_scale)
    return 1 - uniform - mode_scale * (xp.cos(xp.pi * uniform / 2) - 1 + uniform)


def mode_time__rising(uniform, mode_scale):
    """1 - time: the map that rises.

    Fix: 1 - u - s*(cos(pi*u/2)**2 - 1 + u), Esser et al. 2024, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(uniform, mode_scale)
    return uniform + mode_scale * (xp.cos(xp.pi * uniform / 2) ** 2 - 1 + uniform)


def mode_time__sign(uniform, mode_scale):
    """The scale's sign turned: it favours the ends.

    Fix: 1 - u - s*(cos(pi*u/2)**2 - 1 + u), Esser et al. 2024, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(uniform, mode_scale)
    return 1 - uniform + mode_scale * (xp.cos(xp.pi * uniform / 2) ** 2 - 1 + uniform)


def mode_time_density__not_inverted(uniform, mode_scale):
    """The map's slope in place of the inverse's.

    Fix: 1/abs(-1 + s*(pi/2*sin(pi*u) - 1)), Esser et al. 2024, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(uniform, mode_scale)
    return 1 + mode_scale * (1 - xp.pi / 2 * xp.sin(xp.pi * uniform))


def mode_time_density__inner_derivative_dropped(uniform, mode_scale):
    """The squared cosine's derivative without pi/2.

    Fix: 1/abs(-1 + s*(pi/2*sin(pi*u) - 1)), Esser et al. 2024, Eq. (20)
    Seen in: plausible
    """
    xp = namespace(uniform, mode_scale)
    return 1 / (1 + mode_scale * (1 - xp.sin(xp.pi * uniform)))


def cosmap_time__reversed(uniform):
    """1/(tan + 1), which is 1 - time.

    Fix: 1 - 1/(tan(pi*u/2) + 1), Esser et al. 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(uniform)
    sine, cosine = xp.sin(xp.pi * uniform / 2), xp.cos(xp.pi * uniform / 2)
    return cosine / (sine + cosine)


def cosmap_time__angle_not_halved(uniform):
    """tan(pi*u) in place of tan(pi*u/2).

    Fix: 1 - 1/(tan(pi*u/2) + 1), Esser et al. 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(uniform)
    sine, cosine = xp.sin(xp.pi * uniform), xp.cos(xp.pi * uniform)
    return sine / (sine + cosine)


def cosmap_density__time_not_squared(time):
    """2*pi*time in place of 2*pi*time**2: a uniform density that does not integrate to 1.

    Fix: 2/(pi - 2*pi*time + 2*pi*time**2), Esser et al. 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(time)
    return 2 / (xp.pi - 2 * xp.pi * time + 2 * xp.pi * time)


def cosmap_density__not_doubled(time):
    """1 in place of 2: it integrates to a half.

    Fix: 2/(pi - 2*pi*time + 2*pi*time**2), Esser et al. 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(time)
    return 1 / (xp.pi - 2 * xp.pi * time + 2 * xp.pi * time**2)


def shifted_time__inverse(time, time_shift):
    """The shift towards data.

    Fix: time_shift*time/(1 + (time_shift - 1)*time), Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return time / (time_shift - (time_shift - 1) * time)


def shifted_time__product(time, time_shift):
    """The time multiplied, which leaves [0, 1].

    Fix: time_shift*time/(1 + (time_shift - 1)*time), Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return time_shift * time


def shifted_time__numerator_not_shifted(time, time_shift):
    """The numerator without the shift: time 1 no longer stays where it is.

    Fix: time_shift*time/(1 + (time_shift - 1)*time), Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return time / (1 + (time_shift - 1) * time)


def unshifted_time__forward(time, time_shift):
    """The shift once more in place of its inverse.

    Fix: time/(time_shift - (time_shift - 1)*time), Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return time_shift * time / (1 + (time_shift - 1) * time)


def unshifted_time__quotient(time, time_shift):
    """The time divided, as if the shift were linear.

    Fix: time/(time_shift - (time_shift - 1)*time), Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return time / time_shift


def shifted_time_density__not_squared(time, time_shift):
    """The first power in the denominator.

    Fix: time_shift/(time_shift - (time_shift - 1)*time)**2, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return time_shift / (time_shift - (time_shift - 1) * time)


def shifted_time_density__of_the_inverse(time, time_shift):
    """The shift's own slope in place of its inverse's.

    Fix: time_shift/(time_shift - (time_shift - 1)*time)**2, Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return time_shift / (1 + (time_shift - 1) * time) ** 2


def resolution_time_shift__root_dropped(pixels, base_pixels):
    """m/n in place of its root, right only if m and n are sides and not areas.

    Fix: sqrt(pixels/base_pixels), Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    return pixels / base_pixels


def resolution_time_shift__inverse(pixels, base_pixels):
    """The shift from more pixels to fewer.

    Fix: sqrt(pixels/base_pixels), Esser et al. 2024, Eq. (23)
    Seen in: plausible
    """
    xp = namespace(pixels, base_pixels)
    return xp.sqrt(base_pixels / pixels)


def exponentially_shifted_time__exp_dropped(time, log_time_shift):
    """mu itself as the shift.

    Fix: exp(mu)/(exp(mu) + 1/time - 1), the code of FLUX.1
    Seen in: plausible
    """
    return log_time_shift * time / (1 + (log_time_shift - 1) * time)


def exponentially_shifted_time__sign(time, log_time_shift):
    """The shift towards data.

    Fix: exp(mu)/(exp(mu) + 1/time - 1), the code of FLUX.1
    Seen in: plausible
    """
    xp = namespace(time, log_time_shift)
    return 1 / (1 + xp.exp(log_time_shift) * (1 / time - 1))


def sequence_length_time_shift__offset_dropped(
    sequence_length, base_sequence_length, max_sequence_length, base_log_time_shift, max_log_time_shift
):
    """The base length not taken off.

    Fix: the line through (base length, base mu) and (max length, max mu), the code of FLUX.1
    Seen in: plausible
    """
    slope = (max_log_time_shift - base_log_time_shift) / (max_sequence_length - base_sequence_length)
    return base_log_time_shift + slope * sequence_length


def sequence_length_time_shift__through_the_origin(sequence_length, max_sequence_length, base_log_time_shift, max_log_time_shift):
    """A line from length 0 in place of one from the base length.

    Fix: the line through (base length, base mu) and (max length, max mu), the code of FLUX.1
    Seen in: plausible
    """
    slope = (max_log_time_shift - base_log_time_shift) / max_sequence_length
    return base_log_time_shift + slope * sequence_length


def minibatch_ot_permutation__not_paired(x_0, eps):
    """The order in which both were drawn: the independent coupling.

    Fix: the permutation of least summed squared distance, Tong et al. 2024, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_0, eps)
    return xp.arange(x_0.shape[0])


def minibatch_ot_permutation__greedy(x_0, eps):
    """Each sample in turn takes the nearest noise that is left.

    Fix: the permutation of least summed squared distance, Tong et al. 2024, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_0, eps)
    return xp.arange(x_0.shape[0])[_greedy(x_0, eps)]


def minibatch_ot_permutation__inverse(x_0, eps):
    """The noise's partner among the samples: eps[permutation] pairs strangers.

    Fix: the permutation of least summed squared distance, Tong et al. 2024, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_0, eps)
    order = minibatch_ot_permutation(x_0, eps)
    places = [[int(j) for j in order].index(i) for i in range(x_0.shape[0])]
    return xp.arange(x_0.shape[0])[places]


def minibatch_ot_cost__not_paired(x_0, eps):
    """The cost of the order in which both were drawn.

    Fix: the least mean squared distance over all pairings, Tong et al. 2024, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_0, eps)
    return xp.sum((x_0 - eps) ** 2) / x_0.shape[0]


def minibatch_ot_cost__nearest(x_0, eps):
    """Each sample's nearest noise, one noise for several: no coupling.

    Fix: the least mean squared distance over all pairings, Tong et al. 2024, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_0, eps)
    cost = xp.sum((x_0[:, None, :] - eps[None, :, :]) ** 2, axis=2)
    return -xp.sum(xp.max(-cost, axis=1)) / x_0.shape[0]


def minibatch_ot_cost__summed(x_0, eps):
    """A sum over the pairs in place of the mean.

    Fix: the least mean squared distance over all pairings, Tong et al. 2024, section 3.2
    Seen in: plausible
    """
    xp = namespace(x_0, eps)
    return xp.sum((x_0 - eps[_best(x_0, eps)]) ** 2)


def flow_euler_step__sign(x_t, velocity, step_size):
    """A step towards noise, right where velocities point to the data.

    Fix: x_t - step_size*velocity, Liu et al. 2022, section 2.2
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return x_t + step_size * velocity


def flow_euler_step__step_dropped(x_t, velocity):
    """The whole way in one step, whatever its length.

    Fix: x_t - step_size*velocity, Liu et al. 2022, section 2.2
    Seen in: plausible
    """
    return x_t - velocity


def flow_heun_step__slopes_added(x_t, velocity, velocity_next, step_size):
    """The sum of the two velocities in place of their mean.

    Fix: x_t - step_size/2*(velocity + velocity_next), Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_t - step_size * (velocity + velocity_next)


def flow_heun_step__euler(x_t, velocity, step_size):
    """The first velocity alone.

    Fix: x_t - step_size/2*(velocity + velocity_next), Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_t - step_size * velocity


def flow_heun_step__endpoint(x_t, velocity_next, step_size):
    """The second velocity alone.

    Fix: x_t - step_size/2*(velocity + velocity_next), Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_t - step_size * velocity_next


def velocity_variance_mixture__summed(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Summed over the entries.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the mean variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    law = (weights, means, variances)
    return x_t.shape[1] * velocity_variance_mixture(x_t, *law, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)


def velocity_variance_mixture__of_the_data(x_t, weights, means, variances, alpha_t, sigma_t):
    """The variance of x_0, not of its velocity.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the mean variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    return loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t) / x_t.shape[1]


def velocity_variance_mixture__within_alone(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The spread of the components about their own means alone.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the mean variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    shares = posterior_weights_mixture(x_t, weights, means, variances, alpha_t, sigma_t)
    return shares @ velocity_variance_gaussian(variances, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)


def velocity_variance_mixture__noise_forgotten(x_t, weights, means, variances, alpha_t, sigma_t, alpha_dot_t):
    """alpha_dot_t alone: the noise that goes with x_0 at a fixed x_t forgotten.

    Fix: (alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)**2 times the mean variance of x_0 given x_t, Lipman et al. 2023, Theorem 2
    Seen in: plausible
    """
    return alpha_dot_t**2 * loss_floor_mixture(x_t, weights, means, variances, alpha_t, sigma_t) / x_t.shape[1]
