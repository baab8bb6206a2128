"""Wrong bodies of conversions between predictions: signs, roots, missing divisions, special cases taken for the rule."""

__all__ = [
    "eps_from_score__divided",
    "eps_from_score__sign",
    "eps_from_score__variance_for_scale",
    "eps_from_v__data",
    "eps_from_v__sign_of_v",
    "eps_from_v__swapped_scales",
    "eps_from_velocity__sign_in_denominator",
    "eps_from_velocity__sign_of_velocity",
    "eps_from_velocity__straight_path_only",
    "eps_from_x_0__swapped_scales",
    "eps_from_x_0__unscaled_data",
    "eps_from_x_0__variance_for_scale",
    "eps_from_x_0__without_division",
    "score_from_eps__sign",
    "score_from_eps__variance_for_scale",
    "score_from_eps__without_division",
    "score_from_v__sign_of_v",
    "score_from_v__variance_for_scale",
    "score_from_v__without_division",
    "score_from_velocity__sign_of_velocity",
    "score_from_velocity__straight_path_only",
    "score_from_velocity__without_division",
    "score_from_x_0__scale_for_variance",
    "score_from_x_0__sign",
    "score_from_x_0__unscaled_data",
    "v_from_eps__data_added",
    "v_from_eps__sign",
    "v_from_eps__state_for_data",
    "v_from_eps__swapped_scales",
    "v_from_score__score_for_eps",
    "v_from_score__sign",
    "v_from_score__sign_of_score",
    "v_from_velocity__sign",
    "v_from_velocity__straight_path_only",
    "v_from_velocity__velocity",
    "v_from_x_0__sign",
    "v_from_x_0__state_for_eps",
    "v_from_x_0__swapped_scales",
    "velocity_from_eps__sign",
    "velocity_from_eps__straight_path_only",
    "velocity_from_eps__swapped_rates",
    "velocity_from_score__drift_left_out",
    "velocity_from_score__sign_of_score",
    "velocity_from_score__whole_score",
    "velocity_from_v__sign",
    "velocity_from_v__sign_of_v",
    "velocity_from_v__v",
    "velocity_from_x_0__sign",
    "velocity_from_x_0__state_for_eps",
    "velocity_from_x_0__straight_path_only",
    "x_0_from_eps__alpha_bar_for_alpha",
    "x_0_from_eps__noise_added",
    "x_0_from_eps__noise_not_divided",
    "x_0_from_eps__reciprocal_without_minus_one",
    "x_0_from_eps__swapped_scales",
    "x_0_from_eps__unscaled_state",
    "x_0_from_eps__v_formula",
    "x_0_from_eps__variance_for_scale",
    "x_0_from_eps__without_division",
    "x_0_from_score__scale_for_variance",
    "x_0_from_score__score_for_eps",
    "x_0_from_score__sign",
    "x_0_from_score__without_division",
    "x_0_from_v__eps_formula",
    "x_0_from_v__sign_of_v",
    "x_0_from_v__swapped_scales",
    "x_0_from_velocity__rest_of_the_other_clock",
    "x_0_from_velocity__sign_of_velocity",
    "x_0_from_velocity__straight_path_only",
    "x_0_from_velocity__velocity_alone",
    "x_0_from_velocity__velocity_times_signal",
]


def eps_from_x_0__without_division(x_t, x_0, alpha_t):
    """x_t - alpha_t*x_0, not divided by sigma_t.

    Fix: (x_t - alpha_t*x_0)/sigma_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return x_t - alpha_t * x_0


def eps_from_x_0__variance_for_scale(x_t, x_0, alpha_t, sigma_t):
    """Divided by sigma_t**2 in place of sigma_t.

    Fix: (x_t - alpha_t*x_0)/sigma_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (x_t - alpha_t * x_0) / sigma_t**2


def eps_from_x_0__swapped_scales(x_t, x_0, alpha_t, sigma_t):
    """alpha_t and sigma_t swapped.

    Fix: (x_t - alpha_t*x_0)/sigma_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (x_t - sigma_t * x_0) / alpha_t


def eps_from_x_0__unscaled_data(x_t, x_0, sigma_t):
    """x_0 not scaled by alpha_t, right only where alpha_t is 1.

    Fix: (x_t - alpha_t*x_0)/sigma_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (x_t - x_0) / sigma_t


def eps_from_v__sign_of_v(x_t, v, alpha_t, sigma_t):
    """The other sign of v, sigma_t*x_0 - alpha_t*eps.

    Fix: (sigma_t*x_t + alpha_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return (sigma_t * x_t - alpha_t * v) / (alpha_t**2 + sigma_t**2)


def eps_from_v__swapped_scales(x_t, v, alpha_t, sigma_t):
    """alpha_t and sigma_t swapped.

    Fix: (sigma_t*x_t + alpha_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return (alpha_t * x_t + sigma_t * v) / (alpha_t**2 + sigma_t**2)


def eps_from_v__data(x_0):
    """The data x_0 in place of the noise.

    Fix: (sigma_t*x_t + alpha_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return +x_0


def eps_from_score__sign(score, sigma_t):
    """The sign left out.

    Fix: -sigma_t*score, Song et al. 2021
    Seen in: B079, soran-ghaderi/torchebm#333, in a loss
    """
    return sigma_t * score


def eps_from_score__variance_for_scale(score, sigma_t):
    """sigma_t**2 in place of sigma_t.

    Fix: -sigma_t*score, Song et al. 2021
    Seen in: plausible
    """
    return -(sigma_t**2) * score


def eps_from_score__divided(score, sigma_t):
    """Divided by sigma_t in place of multiplied.

    Fix: -sigma_t*score, Song et al. 2021
    Seen in: plausible
    """
    return -score / sigma_t


def eps_from_velocity__straight_path_only(x_t, velocity, alpha_t):
    """x_t + alpha_t*velocity, right only for alpha_t = 1 - t, sigma_t = t.

    Fix: (alpha_t*velocity - alpha_dot_t*x_t)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: plausible
    """
    return x_t + alpha_t * velocity


def eps_from_velocity__sign_of_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity from noise to data.

    Fix: (alpha_t*velocity - alpha_dot_t*x_t)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return (-alpha_t * velocity - alpha_dot_t * x_t) / (alpha_t * sigma_dot_t - sigma_t * alpha_dot_t)


def eps_from_velocity__sign_in_denominator(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """A sum in the denominator in place of a difference.

    Fix: (alpha_t*velocity - alpha_dot_t*x_t)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: plausible
    """
    return (alpha_t * velocity - alpha_dot_t * x_t) / (alpha_t * sigma_dot_t + sigma_t * alpha_dot_t)


def x_0_from_eps__v_formula(x_t, eps, alpha_t, sigma_t):
    """alpha_t*x_t - sigma_t*eps, the formula for v.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: B112, lucidrains/imagen-pytorch@5f45ca0
    """
    return alpha_t * x_t - sigma_t * eps


def x_0_from_eps__without_division(x_t, eps, sigma_t):
    """x_t - sigma_t*eps, not divided by alpha_t.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return x_t - sigma_t * eps


def x_0_from_eps__noise_not_divided(x_t, eps, alpha_t, sigma_t):
    """x_t/alpha_t - sigma_t*eps: the state alone divided by alpha_t.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return x_t / alpha_t - sigma_t * eps


def x_0_from_eps__variance_for_scale(x_t, eps, alpha_t, sigma_t):
    """sigma_t**2*eps in place of sigma_t*eps.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (x_t - sigma_t**2 * eps) / alpha_t


def x_0_from_eps__alpha_bar_for_alpha(x_t, eps, alpha_t, sigma_t):
    """Divided by alpha_t**2 in place of alpha_t.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (x_t - sigma_t * eps) / alpha_t**2


def x_0_from_eps__noise_added(x_t, eps, alpha_t, sigma_t):
    """The noise added in place of taken away.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (x_t + sigma_t * eps) / alpha_t


def x_0_from_eps__swapped_scales(x_t, eps, alpha_t, sigma_t):
    """alpha_t and sigma_t swapped.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible
    """
    return (x_t - alpha_t * eps) / sigma_t


def x_0_from_eps__unscaled_state(x_t, eps, alpha_t, sigma_t):
    """x_t - sigma_t/alpha_t*eps: x_t taken to be divided by alpha_t already, as in k-diffusion.

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible; the reverse of B092, huggingface/diffusers#253
    """
    return x_t - sigma_t / alpha_t * eps


def x_0_from_eps__reciprocal_without_minus_one(x_t, eps, alpha_t):
    """sqrt(1/alpha_bar_t) before eps in place of sqrt(1/alpha_bar_t - 1).

    Fix: (x_t - sigma_t*eps)/alpha_t, Ho et al. 2020, section 3.2
    Seen in: plausible; the released code keeps both roots as tables
    """
    return (x_t - eps) / alpha_t


def x_0_from_v__sign_of_v(x_t, v, alpha_t, sigma_t):
    """The other sign of v, sigma_t*x_0 - alpha_t*eps.

    Fix: (alpha_t*x_t - sigma_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return (alpha_t * x_t + sigma_t * v) / (alpha_t**2 + sigma_t**2)


def x_0_from_v__swapped_scales(x_t, v, alpha_t, sigma_t):
    """alpha_t and sigma_t swapped.

    Fix: (alpha_t*x_t - sigma_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return (sigma_t * x_t - alpha_t * v) / (alpha_t**2 + sigma_t**2)


def x_0_from_v__eps_formula(x_t, v, alpha_t, sigma_t):
    """(x_t - sigma_t*v)/alpha_t, the formula for eps.

    Fix: (alpha_t*x_t - sigma_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible; the reverse of B112, lucidrains/imagen-pytorch@5f45ca0
    """
    return (x_t - sigma_t * v) / alpha_t


def x_0_from_score__sign(x_t, score, alpha_t, sigma_t):
    """The score subtracted in place of added.

    Fix: (x_t + sigma_t**2*score)/alpha_t, Tweedie's formula, Song et al. 2021
    Seen in: B079, soran-ghaderi/torchebm#333, in a loss
    """
    return (x_t - sigma_t**2 * score) / alpha_t


def x_0_from_score__scale_for_variance(x_t, score, alpha_t, sigma_t):
    """sigma_t*score in place of sigma_t**2*score.

    Fix: (x_t + sigma_t**2*score)/alpha_t, Tweedie's formula, Song et al. 2021
    Seen in: plausible
    """
    return (x_t + sigma_t * score) / alpha_t


def x_0_from_score__without_division(x_t, score, sigma_t):
    """x_t + sigma_t**2*score, not divided by alpha_t.

    Fix: (x_t + sigma_t**2*score)/alpha_t, Tweedie's formula, Song et al. 2021
    Seen in: plausible
    """
    return x_t + sigma_t**2 * score


def x_0_from_score__score_for_eps(x_t, score, alpha_t, sigma_t):
    """The score used as if it were eps.

    Fix: (x_t + sigma_t**2*score)/alpha_t, Tweedie's formula, Song et al. 2021
    Seen in: plausible
    """
    return (x_t - sigma_t * score) / alpha_t


def x_0_from_velocity__straight_path_only(x_t, velocity, sigma_t):
    """x_t - sigma_t*velocity, right only for alpha_t = 1 - t, sigma_t = t.

    Fix: (sigma_dot_t*x_t - sigma_t*velocity)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: plausible
    """
    return x_t - sigma_t * velocity


def x_0_from_velocity__sign_of_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity from noise to data.

    Fix: (sigma_dot_t*x_t - sigma_t*velocity)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return (sigma_dot_t * x_t + sigma_t * velocity) / (alpha_t * sigma_dot_t - sigma_t * alpha_dot_t)


def x_0_from_velocity__velocity_alone(velocity, sigma_t):
    """sigma_t*velocity, the way to the data, not added to the state.

    Fix: (sigma_dot_t*x_t - sigma_t*velocity)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: plausible
    """
    return -sigma_t * velocity


def x_0_from_velocity__rest_of_the_other_clock(x_t, velocity, alpha_t):
    """x_t + alpha_t*velocity: the rest of the way by a clock that runs from noise to data.

    Fix: (sigma_dot_t*x_t - sigma_t*velocity)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: plausible
    """
    return x_t + alpha_t * velocity


def x_0_from_velocity__velocity_times_signal(velocity, alpha_t):
    """alpha_t*velocity, the way from the noise, not added to the state.

    Fix: (sigma_dot_t*x_t - sigma_t*velocity)/(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t), Lipman et al. Eq. (15)
    Seen in: B105, lucidrains/rectified-flow-pytorch@0e08134
    """
    return -alpha_t * velocity


def v_from_eps__sign(eps, x_0, alpha_t, sigma_t):
    """The other sign, sigma_t*x_0 - alpha_t*eps.

    Fix: alpha_t*eps - sigma_t*x_0, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return sigma_t * x_0 - alpha_t * eps


def v_from_eps__swapped_scales(eps, x_0, alpha_t, sigma_t):
    """sigma_t*eps - alpha_t*x_0, the scales swapped.

    Fix: alpha_t*eps - sigma_t*x_0, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return sigma_t * eps - alpha_t * x_0


def v_from_eps__state_for_data(x_t, eps, alpha_t, sigma_t):
    """alpha_t*eps - sigma_t*x_t, the noisy state in the place of the data.

    Fix: alpha_t*eps - sigma_t*(x_t - sigma_t*eps)/alpha_t, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return alpha_t * eps - sigma_t * x_t


def v_from_eps__data_added(eps, x_0, alpha_t, sigma_t):
    """alpha_t*eps + sigma_t*x_0, a sum in place of a difference.

    Fix: alpha_t*eps - sigma_t*x_0, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return alpha_t * eps + sigma_t * x_0


def v_from_x_0__sign(eps, x_0, alpha_t, sigma_t):
    """The other sign, sigma_t*x_0 - alpha_t*eps.

    Fix: alpha_t*eps - sigma_t*x_0, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return sigma_t * x_0 - alpha_t * eps


def v_from_x_0__swapped_scales(eps, x_0, alpha_t, sigma_t):
    """sigma_t*eps - alpha_t*x_0, the scales swapped.

    Fix: alpha_t*eps - sigma_t*x_0, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return sigma_t * eps - alpha_t * x_0


def v_from_x_0__state_for_eps(x_t, x_0, alpha_t, sigma_t):
    """alpha_t*x_t - sigma_t*x_0, the noisy state in the place of the noise.

    Fix: alpha_t*(x_t - alpha_t*x_0)/sigma_t - sigma_t*x_0, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return alpha_t * x_t - sigma_t * x_0


def v_from_score__sign_of_score(x_t, score, alpha_t, sigma_t):
    """eps taken as sigma_t*score, without the sign.

    Fix: alpha_t*eps - sigma_t*x_0 with eps = -sigma_t*score, Salimans and Ho 2022, section 4
    Seen in: B079, soran-ghaderi/torchebm#333, in a loss
    """
    return alpha_t * sigma_t * score - sigma_t * (x_t - sigma_t**2 * score) / alpha_t


def v_from_score__score_for_eps(score, x_0, alpha_t, sigma_t):
    """alpha_t*score - sigma_t*x_0, the score in the place of the noise.

    Fix: alpha_t*eps - sigma_t*x_0 with eps = -sigma_t*score, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return alpha_t * score - sigma_t * x_0


def v_from_score__sign(v):
    """The other sign, sigma_t*x_0 - alpha_t*eps.

    Fix: alpha_t*eps - sigma_t*x_0 with eps = -sigma_t*score, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return -v


def v_from_velocity__velocity(velocity):
    """The velocity itself: v is the velocity only when t is the angle of alpha_t = cos(t), sigma_t = sin(t).

    Fix: alpha_t*eps - sigma_t*x_0 of the eps and x_0 that the velocity gives, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return +velocity


def v_from_velocity__straight_path_only(x_t, velocity, alpha_t, sigma_t):
    """eps and x_0 of a straight path, right only for alpha_t = 1 - t, sigma_t = t.

    Fix: alpha_t*eps - sigma_t*x_0 of the eps and x_0 that the velocity gives, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return alpha_t * (x_t + alpha_t * velocity) - sigma_t * (x_t - sigma_t * velocity)


def v_from_velocity__sign(v):
    """The other sign, sigma_t*x_0 - alpha_t*eps.

    Fix: alpha_t*eps - sigma_t*x_0 of the eps and x_0 that the velocity gives, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    return -v


def score_from_eps__sign(eps, sigma_t):
    """The sign left out: it points away from the data.

    Fix: -eps/sigma_t, Song et al. 2021
    Seen in: B079, soran-ghaderi/torchebm#333, in a loss
    """
    return eps / sigma_t


def score_from_eps__variance_for_scale(eps, sigma_t):
    """Divided by sigma_t**2 in place of sigma_t.

    Fix: -eps/sigma_t, Song et al. 2021
    Seen in: plausible
    """
    return -eps / sigma_t**2


def score_from_eps__without_division(eps):
    """-eps, not divided by sigma_t.

    Fix: -eps/sigma_t, Song et al. 2021
    Seen in: plausible
    """
    return -eps


def score_from_x_0__sign(x_t, x_0, alpha_t, sigma_t):
    """The sign turned round: it points away from the data.

    Fix: -(x_t - alpha_t*x_0)/sigma_t**2, Song et al. 2021
    Seen in: B079, soran-ghaderi/torchebm#333, in a loss
    """
    return (x_t - alpha_t * x_0) / sigma_t**2


def score_from_x_0__scale_for_variance(x_t, x_0, alpha_t, sigma_t):
    """Divided by sigma_t in place of sigma_t**2.

    Fix: -(x_t - alpha_t*x_0)/sigma_t**2, Song et al. 2021
    Seen in: plausible
    """
    return (alpha_t * x_0 - x_t) / sigma_t


def score_from_x_0__unscaled_data(x_t, x_0, sigma_t):
    """x_0 not scaled by alpha_t, right only where alpha_t is 1.

    Fix: -(x_t - alpha_t*x_0)/sigma_t**2, Song et al. 2021
    Seen in: plausible
    """
    return (x_0 - x_t) / sigma_t**2


def score_from_v__sign_of_v(x_t, v, alpha_t, sigma_t):
    """The other sign of v, sigma_t*x_0 - alpha_t*eps.

    Fix: -(x_t + alpha_t/sigma_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return (alpha_t / sigma_t * v - x_t) / (alpha_t**2 + sigma_t**2)


def score_from_v__without_division(eps):
    """-eps, not divided by sigma_t.

    Fix: -(x_t + alpha_t/sigma_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return -eps


def score_from_v__variance_for_scale(eps, sigma_t):
    """-eps divided by sigma_t**2 in place of sigma_t.

    Fix: -(x_t + alpha_t/sigma_t*v)/(alpha_t**2 + sigma_t**2), Salimans and Ho 2022, appendix D
    Seen in: plausible
    """
    return -eps / sigma_t**2


def score_from_velocity__without_division(eps):
    """-eps, not divided by sigma_t.

    Fix: -(alpha_t*velocity - alpha_dot_t*x_t)/(sigma_t*(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)), Lipman (15)
    Seen in: plausible
    """
    return -eps


def score_from_velocity__straight_path_only(x_t, velocity, alpha_t, sigma_t):
    """-(x_t + alpha_t*velocity)/sigma_t, right only for alpha_t = 1 - t, sigma_t = t.

    Fix: -(alpha_t*velocity - alpha_dot_t*x_t)/(sigma_t*(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)), Lipman (15)
    Seen in: plausible
    """
    return -(x_t + alpha_t * velocity) / sigma_t


def score_from_velocity__sign_of_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The velocity from noise to data.

    Fix: -(alpha_t*velocity - alpha_dot_t*x_t)/(sigma_t*(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)), Lipman (15)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return (alpha_dot_t * x_t + alpha_t * velocity) / (sigma_t * (alpha_t * sigma_dot_t - sigma_t * alpha_dot_t))


def velocity_from_eps__sign(velocity):
    """From noise to data: the sign is turned round.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps, Lipman et al. 2023, Eq. (15), with t = 0 the data
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return -velocity


def velocity_from_eps__straight_path_only(eps, x_0):
    """eps - x_0, right only for alpha_t = 1 - t, sigma_t = t.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps, Lipman et al. 2023, Eq. (15)
    Seen in: plausible
    """
    return eps - x_0


def velocity_from_eps__swapped_rates(eps, x_0, alpha_dot_t, sigma_dot_t):
    """alpha_dot_t and sigma_dot_t swapped.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps, Lipman et al. 2023, Eq. (15)
    Seen in: plausible
    """
    return sigma_dot_t * x_0 + alpha_dot_t * eps


def velocity_from_x_0__sign(velocity):
    """From noise to data: the sign is turned round.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps, Lipman et al. 2023, Eq. (15), with t = 0 the data
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return -velocity


def velocity_from_x_0__straight_path_only(eps, x_0):
    """eps - x_0, right only for alpha_t = 1 - t, sigma_t = t.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps, Lipman et al. 2023, Eq. (15)
    Seen in: plausible
    """
    return eps - x_0


def velocity_from_x_0__state_for_eps(x_t, x_0, alpha_dot_t, sigma_dot_t):
    """The noisy state in the place of the noise.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*(x_t - alpha_t*x_0)/sigma_t, Lipman et al. 2023, Eq. (15)
    Seen in: plausible
    """
    return alpha_dot_t * x_0 + sigma_dot_t * x_t


def velocity_from_v__v(v):
    """v itself: it is the velocity only when t is the angle of alpha_t = cos(t), sigma_t = sin(t).

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps of the eps and x_0 that v gives, Lipman et al. 2023, Eq. (15)
    Seen in: plausible
    """
    return +v


def velocity_from_v__sign(velocity):
    """From noise to data: the sign is turned round.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps of the eps and x_0 that v gives, Lipman et al. 2023, Eq. (15)
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """
    return -velocity


def velocity_from_v__sign_of_v(x_t, v, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The other sign of v, sigma_t*x_0 - alpha_t*eps.

    Fix: alpha_dot_t*x_0 + sigma_dot_t*eps of the eps and x_0 that v gives, Lipman et al. 2023, Eq. (15)
    Seen in: plausible
    """
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return ((alpha_t * alpha_dot_t + sigma_t * sigma_dot_t) * x_t - turn * v) / (alpha_t**2 + sigma_t**2)


def velocity_from_score__whole_score(x_t, score, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The whole score term of the reverse SDE in place of the half that the probability flow takes.

    Fix: (alpha_dot_t*x_t - sigma_t*(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)*score)/alpha_t, Song et al. (13)
    Seen in: B082, deepinv/deepinv#1343, whose squared diffusion was doubled
    """
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return (alpha_dot_t * x_t - 2 * sigma_t * turn * score) / alpha_t


def velocity_from_score__sign_of_score(x_t, score, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The score added in place of subtracted.

    Fix: (alpha_dot_t*x_t - sigma_t*(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)*score)/alpha_t, Song et al. (13)
    Seen in: B079, soran-ghaderi/torchebm#333, in a loss
    """
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return (alpha_dot_t * x_t + sigma_t * turn * score) / alpha_t


def velocity_from_score__drift_left_out(score, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """The score term alone, right only where alpha_t does not change.

    Fix: (alpha_dot_t*x_t - sigma_t*(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)*score)/alpha_t, Song et al. (13)
    Seen in: plausible
    """
    return -sigma_t * (sigma_dot_t - sigma_t * alpha_dot_t / alpha_t) * score
