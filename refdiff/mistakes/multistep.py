"""Wrong bodies of solvers that remember."""

from refdiff.mistakes.loops import data_seen, first_state, gradient_run, noise_seen, plms_run, pndm_run, run, unipc_run
from refdiff.numbers import namespace
from refdiff.reference import multistep as right
from refdiff.reference.ddim import rectified_step

__all__ = [
    "adams_bashforth_eps__implicit_weights", "adams_bashforth_eps__newest_estimate_first", "adams_bashforth_eps__second_order",
    "adams_bashforth_eps__third_order", "deis_path__newest_estimate_first", "deis_path__order_ignored",
    "deis_path__order_lowered_at_the_end", "deis_path__polynomial_in_rho", "deis_step__newest_estimate_first",
    "deis_step__oldest_estimate_dropped", "deis_step__polynomial_in_rho", "deis_step__signal_scale_left_out",
    "deis_step__steps_taken_for_equal", "dpm_solver_2m_heun_step__midpoint", "dpm_solver_2m_heun_step__ratio_of_steps_inverted",
    "dpm_solver_2m_heun_step__second_term_turned", "dpm_solver_2m_heun_step__steps_taken_for_equal",
    "dpm_solver_2m_path__euler", "dpm_solver_2m_path__heun", "dpm_solver_2m_path__newest_estimate_first",
    "dpm_solver_2m_path__order_lowered_at_the_end", "dpm_solver_2m_path__other_prediction",
    "dpm_solver_2m_step__data_coefficients", "dpm_solver_2m_step__extrapolated_to_the_end", "dpm_solver_2m_step__heun",
    "dpm_solver_2m_step__history_added", "dpm_solver_2m_step__ratio_of_steps_inverted",
    "dpm_solver_2m_step__steps_taken_for_equal", "dpm_solver_3m_path__euler_at_the_second_step",
    "dpm_solver_3m_path__half_the_second_derivative", "dpm_solver_3m_path__heun_at_the_second_step",
    "dpm_solver_3m_path__order_lowered_at_the_end", "dpm_solver_3m_path__two_estimates",
    "dpm_solver_3m_step__half_the_second_derivative", "dpm_solver_3m_step__newest_estimate_first",
    "dpm_solver_3m_step__second_derivative_left_out", "dpm_solver_3m_step__second_derivative_turned",
    "dpm_solver_3m_step__slope_not_corrected", "dpmpp_2m_heun_path__denoiser_of_initial_state", "dpmpp_2m_heun_path__euler",
    "dpmpp_2m_heun_path__midpoint", "dpmpp_2m_heun_path__newest_estimate_first", "dpmpp_2m_heun_path__order_lowered_at_the_end",
    "dpmpp_2m_heun_step__midpoint", "dpmpp_2m_heun_step__ratio_of_steps_inverted", "dpmpp_2m_heun_step__second_term_turned",
    "dpmpp_2m_heun_step__steps_taken_for_equal", "dpmpp_2m_path__euler", "dpmpp_2m_path__heun",
    "dpmpp_2m_path__newest_estimate_first", "dpmpp_2m_path__order_lowered_at_the_end", "dpmpp_2m_path__other_prediction",
    "dpmpp_2m_step__extrapolated_to_the_end", "dpmpp_2m_step__heun", "dpmpp_2m_step__history_added",
    "dpmpp_2m_step__ratio_of_steps_inverted", "dpmpp_2m_step__signal_scale_left_out", "dpmpp_2m_step__steps_taken_for_equal",
    "dpmpp_3m_path__euler_at_the_second_step", "dpmpp_3m_path__half_the_second_derivative",
    "dpmpp_3m_path__heun_at_the_second_step", "dpmpp_3m_path__order_lowered_at_the_end", "dpmpp_3m_path__two_estimates",
    "dpmpp_3m_released_step__newest_estimate_first", "dpmpp_3m_released_step__second_derivative_left_out",
    "dpmpp_3m_released_step__second_derivative_turned", "dpmpp_3m_released_step__slope_not_corrected",
    "dpmpp_3m_released_step__whole_second_derivative", "dpmpp_3m_step__half_the_second_derivative",
    "dpmpp_3m_step__newest_estimate_first", "dpmpp_3m_step__second_derivative_left_out",
    "dpmpp_3m_step__second_derivative_turned", "dpmpp_3m_step__slope_not_corrected",
    "exponential_multistep_path__newest_estimate_first", "exponential_multistep_path__noise_form",
    "exponential_multistep_path__order_lowered_at_the_end", "exponential_multistep_path__steps_taken_for_equal",
    "exponential_multistep_step__newest_estimate_first", "exponential_multistep_step__oldest_estimate_dropped",
    "exponential_multistep_step__signal_scale_left_out", "exponential_multistep_step__steps_taken_for_equal",
    "gradient_estimation_path__euler", "gradient_estimation_path__no_estimate_before_the_first",
    "gradient_estimation_path__second_order_weights", "gradient_estimation_path__weights_swapped",
    "ipndm_path__denoiser_of_initial_state", "ipndm_path__euler_to_data", "ipndm_path__newest_estimate_first",
    "ipndm_path__start_of_plms", "ipndm_path__third_order", "lms_path__equal_step_weights", "lms_path__euler_to_data",
    "lms_path__newest_estimate_first", "lms_path__order_ignored", "lms_path__polynomial_in_log_sigma",
    "lms_step__equal_step_weights", "lms_step__newest_estimate_first", "lms_step__oldest_estimate_dropped",
    "lms_step__parenthesis_misplaced", "lms_step__released_ipndm_v", "plms_path__second_estimate_alone",
    "plms_path__second_estimate_remembered", "plms_path__start_of_ipndm", "plms_path__third_order",
    "pndm_path__equal_runge_kutta_weights", "pndm_path__last_estimate_remembered", "pndm_path__middle_from_the_first_twice",
    "pndm_path__weights_of_heun", "unic_step_bh1__estimate_at_s_first", "unic_step_bh1__estimate_at_s_left_out",
    "unic_step_bh1__half_at_every_order", "unic_step_bh1__other_variant", "unic_step_bh1__system_solved_at_order_one",
    "unic_step_bh2__estimate_at_s_first", "unic_step_bh2__estimate_at_s_left_out", "unic_step_bh2__half_at_every_order",
    "unic_step_bh2__other_variant", "unic_step_bh2__system_solved_at_order_one", "unip_step_bh1__newest_estimate_first",
    "unip_step_bh1__other_variant", "unip_step_bh1__system_solved_at_order_two", "unip_step_bh2__half_for_every_weight",
    "unip_step_bh2__newest_estimate_first", "unip_step_bh2__other_variant", "unip_step_bh2__system_solved_at_order_two",
    "unipc_bh1_path__model_asked_of_corrected_states", "unipc_bh1_path__order_lowered_at_the_end",
    "unipc_bh1_path__other_variant", "unipc_bh1_path__predicted_states_returned", "unipc_bh1_path__system_solved_at_order_two",
    "unipc_bh1_path__without_corrector", "unipc_bh2_path__model_asked_of_corrected_states",
    "unipc_bh2_path__order_lowered_at_the_end", "unipc_bh2_path__other_variant", "unipc_bh2_path__predicted_states_returned",
    "unipc_bh2_path__system_solved_at_order_two", "unipc_bh2_path__without_corrector",
]  # fmt: skip


def _gaps(alphas, sigmas):
    """The namespace, and the steps in half_logsnr, the last being the one to take."""
    xp = namespace(alphas, sigmas)
    levels = xp.log(alphas / sigmas)
    return xp, [levels[j + 1] - levels[j] for j in range(levels.shape[0] - 1)]


def _turned(estimates):
    """The estimates in the opposite order."""
    return namespace(estimates).stack([estimates[j, ...] for j in reversed(range(estimates.shape[0]))])


def _by_noise(x_t, eps, alphas, sigmas):
    """x_s with one noise for the whole step."""
    ratio = alphas[-1] / alphas[-2]
    return ratio * x_t + (sigmas[-1] - ratio * sigmas[-2]) * eps


def _by_data(x_t, x_0, alphas, sigmas):
    """x_s with one data for the whole step."""
    return rectified_step(x_t, x_0, alphas[-1], sigmas[-1], alphas[-2], sigmas[-2])


def _beyond(estimates, share):
    """The newest estimate, and so much of the difference from the one before."""
    return estimates[-1, ...] + share * (estimates[-1, ...] - estimates[-2, ...])


def _parabola(x_t, x_0s, alphas, sigmas, corrected, bend):
    """DPM-Solver++(3M) with so much of the slope's correction, and so many second divided differences."""
    xp, (older, old, h) = _gaps(alphas, sigmas)
    first, second = (x_0s[2, ...] - x_0s[1, ...]) / old * h, (x_0s[1, ...] - x_0s[0, ...]) / older * h
    rise = (first - second) * h / (older + old)
    phi_2 = 1 + xp.expm1(-h) / h
    added = phi_2 * (first + corrected * old / h * rise) + (1 / 2 - phi_2 / h) * bend * rise
    return _by_data(x_t, x_0s[2, ...], alphas, sigmas) + alphas[3] * added


def _noise_parabola(x_t, epsilons, alphas, sigmas, corrected, bend):
    """DPM-Solver(3M) with so much of the slope's correction, and so many second divided differences."""
    xp, (older, old, h) = _gaps(alphas, sigmas)
    first, second = (epsilons[2, ...] - epsilons[1, ...]) / old * h, (epsilons[1, ...] - epsilons[0, ...]) / older * h
    rise = (first - second) * h / (older + old)
    phi_2 = xp.expm1(h) / h - 1
    added = phi_2 * (first + corrected * old / h * rise) + (phi_2 / h - 1 / 2) * bend * rise
    return _by_noise(x_t, epsilons[2, ...], alphas, sigmas) - sigmas[3] * added


def _euler(x_t, x_0s, alphas, sigmas):
    return _by_data(x_t, x_0s[-1, ...], alphas, sigmas)


def _noise_euler(x_t, epsilons, alphas, sigmas):
    return _by_noise(x_t, epsilons[-1, ...], alphas, sigmas)


def _flat(sigmas):
    return 1 + 0 * sigmas


def _lms(x_t, epsilons, alphas, sigmas):
    return right.lms_step(x_t, epsilons, sigmas)


def _equal(x_t, epsilons, alphas, sigmas):
    """A step that takes all steps to be equally long."""
    return _by_noise(x_t, right.adams_bashforth_eps(epsilons), alphas, sigmas)


def _rising(first, step, order):
    """Steps of so many orders: the first for one estimate, which may end at sigma = 0."""
    return first, *(step for _ in range(1, order))


def _newest_first(step):
    return lambda x_t, estimates, alphas, sigmas: step(x_t, _turned(estimates), alphas, sigmas)


def lms_step__equal_step_weights(x_t, epsilons, sigmas):
    """Adams and Bashforth's weights for equal steps, whatever the noise scales.

    Fix: weigh each estimate by the integral of its Lagrange polynomial from sigma_t to sigma_s, k-diffusion, code
    Seen in: plausible; zju-pi/diff-sampler's ipndm, which is that method by name
    """
    return x_t + (sigmas[-1] - sigmas[-2]) * right.adams_bashforth_eps(epsilons)


def lms_step__newest_estimate_first(x_t, epsilons, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: epsilons are oldest first, each beside its own noise scale, k-diffusion, code
    Seen in: plausible
    """
    return right.lms_step(x_t, _turned(epsilons), sigmas)


def lms_step__oldest_estimate_dropped(x_t, epsilons, sigmas):
    """One estimate fewer than there are: a step of one order less.

    Fix: weigh each estimate by the integral of its Lagrange polynomial from sigma_t to sigma_s, k-diffusion, code
    Seen in: plausible
    """
    kept = max(1, epsilons.shape[0] - 1)
    return right.lms_step(x_t, epsilons[-kept:, ...], sigmas[-kept - 1 :])


def lms_step__parenthesis_misplaced(x_t, epsilons, sigmas):
    """1 - a*b in place of (1 - a)*b in the third estimate's weight: right for equal steps alone.

    Fix: (1 - h/(3*(h + h_1)))*h*(h + h_1)/(2*h_1*(h_1 + h_2)), Hairer, Norsett and Wanner 1993, section III.5
    Seen in: plausible; zju-pi/diff-sampler@3e34628, ipndm_v, and leejet/stable-diffusion.cpp#344
    """
    found = right.lms_step(x_t, epsilons, sigmas)
    if epsilons.shape[0] < 3:
        return found
    h, h_1, h_2 = (sigmas[-1 - j] - sigmas[-2 - j] for j in range(3))
    share = h / (3 * (h + h_1))
    weight = h * (h + h_1) / (h_1 * (h_1 + h_2))
    bend = (epsilons[-1, ...] - epsilons[-2, ...]) - h_1 / h_2 * (epsilons[-2, ...] - epsilons[-3, ...])
    return found + h * ((1 - share * weight) - (1 - share) * weight) / 2 * bend


def lms_step__released_ipndm_v(x_t, epsilons, sigmas):
    """The weights of released iPNDM_v: of three estimates with a misplaced parenthesis, of four with three slips.

    Fix: weigh each estimate by the integral of its Lagrange polynomial from sigma_t to sigma_s, k-diffusion, code
    Seen in: plausible; zju-pi/diff-sampler@3e34628, ipndm_v, and leejet/stable-diffusion.cpp#344
    """
    if epsilons.shape[0] < 4:
        return lms_step__parenthesis_misplaced(x_t, epsilons, sigmas)
    found = lms_step__parenthesis_misplaced(x_t, epsilons[1:, ...], sigmas[1:])
    h, h_1, h_2, h_3 = (sigmas[-1 - j] - sigmas[-2 - j] for j in range(4))
    a, b = h_1 / h_2, h_1 * (h_1 + h_2) / (h_2 * (h_2 + h_3))
    share = (1 - h / (3 * (h + h_1))) / 2 + (1 - h / (2 * (h + h_1))) * h / (6 * (h + h_1 + h_2))
    weight = share * h * (h + h_1) * (h + h_1 + h_2) / (h_1 * (h_1 + h_2) * (h_1 + h_2 + h_3))
    rise = epsilons[3, ...] - (1 + a + b) * epsilons[2, ...] + (a + b + b * h_2 / h_3) * epsilons[1, ...]
    return found + h * weight * (rise - b * a * epsilons[0, ...])


def adams_bashforth_eps__newest_estimate_first(epsilons):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: (55, -59, 37, -9)/24, (23, -16, 5)/12 or (3, -1)/2 from the newest estimate on, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return right.adams_bashforth_eps(_turned(epsilons))


def adams_bashforth_eps__second_order(epsilons):
    """The last two estimates, however many there are.

    Fix: (55, -59, 37, -9)/24, (23, -16, 5)/12 or (3, -1)/2 from the newest estimate on, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return right.adams_bashforth_eps(epsilons[-2:, ...])


def adams_bashforth_eps__third_order(epsilons):
    """The last three estimates, however many there are.

    Fix: (55, -59, 37, -9)/24, (23, -16, 5)/12 or (3, -1)/2 from the newest estimate on, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return right.adams_bashforth_eps(epsilons[-3:, ...])


def adams_bashforth_eps__implicit_weights(epsilons):
    """Adams and Moulton's weights, which are for an estimate at the end of the step.

    Fix: (55, -59, 37, -9)/24, (23, -16, 5)/12 or (3, -1)/2 from the newest estimate on, Liu et al. 2022, section 3
    Seen in: plausible
    """
    count = epsilons.shape[0]
    weights = ((1,), (1, 1), (-1, 8, 5), (1, -5, 19, 9))[count - 1]
    return sum(weights[j] * epsilons[j, ...] for j in range(count)) / sum(weights)


def dpm_solver_2m_step__ratio_of_steps_inverted(x_t, epsilons, alphas, sigmas):
    """The step before over this one, h_u/(2*h), in place of h/(2*h_u).

    Fix: epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0]) for the whole step, Lu et al. 2022, code
    Seen in: plausible
    """
    _, (before, h) = _gaps(alphas, sigmas)
    return _by_noise(x_t, _beyond(epsilons, before / (2 * h)), alphas, sigmas)


def dpm_solver_2m_step__extrapolated_to_the_end(x_t, epsilons, alphas, sigmas):
    """The estimate extrapolated to the end of the step in place of its middle.

    Fix: epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0]) for the whole step, Lu et al. 2022, code
    Seen in: plausible
    """
    _, (before, h) = _gaps(alphas, sigmas)
    return _by_noise(x_t, _beyond(epsilons, h / before), alphas, sigmas)


def dpm_solver_2m_step__history_added(x_t, epsilons, alphas, sigmas):
    """The difference from the estimate before with the opposite sign.

    Fix: epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0]) for the whole step, Lu et al. 2022, code
    Seen in: plausible
    """
    _, (before, h) = _gaps(alphas, sigmas)
    return _by_noise(x_t, _beyond(epsilons, -h / (2 * before)), alphas, sigmas)


def dpm_solver_2m_step__steps_taken_for_equal(x_t, epsilons, alphas, sigmas):
    """3/2 of the new estimate less 1/2 of the old, whatever the steps.

    Fix: epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0]) for the whole step, Lu et al. 2022, code
    Seen in: plausible
    """
    return _by_noise(x_t, (3 * epsilons[1, ...] - epsilons[0, ...]) / 2, alphas, sigmas)


def dpm_solver_2m_step__heun(x_t, epsilons, alphas, sigmas):
    """The other of the two released types: the line integrated exactly.

    Fix: epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0]) for the whole step, Lu et al. 2022, code
    Seen in: plausible; the type is an option of the released code
    """
    return right.dpm_solver_2m_heun_step(x_t, epsilons, alphas, sigmas)


def dpmpp_2m_step__ratio_of_steps_inverted(x_t, x_0s, alphas, sigmas):
    """The step before over this one, h_u/(2*h), in place of h/(2*h_u).

    Fix: x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]) for the whole step, Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    _, (before, h) = _gaps(alphas, sigmas)
    return _by_data(x_t, _beyond(x_0s, before / (2 * h)), alphas, sigmas)


def dpmpp_2m_step__extrapolated_to_the_end(x_t, x_0s, alphas, sigmas):
    """The estimate extrapolated to the end of the step in place of its middle.

    Fix: x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]) for the whole step, Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    _, (before, h) = _gaps(alphas, sigmas)
    return _by_data(x_t, _beyond(x_0s, h / before), alphas, sigmas)


def dpmpp_2m_step__history_added(x_t, x_0s, alphas, sigmas):
    """The difference from the estimate before with the opposite sign.

    Fix: x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]) for the whole step, Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    _, (before, h) = _gaps(alphas, sigmas)
    return _by_data(x_t, _beyond(x_0s, -h / (2 * before)), alphas, sigmas)


def dpmpp_2m_step__steps_taken_for_equal(x_t, x_0s, alphas, sigmas):
    """3/2 of the new estimate less 1/2 of the old, whatever the steps.

    Fix: x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]) for the whole step, Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _by_data(x_t, (3 * x_0s[1, ...] - x_0s[0, ...]) / 2, alphas, sigmas)


def dpmpp_2m_step__heun(x_t, x_0s, alphas, sigmas):
    """The other of the two released types: the line integrated exactly.

    Fix: x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]) for the whole step, Lu et al. 2022, Algorithm 2
    Seen in: plausible; the type is an option of the released code
    """
    return right.dpmpp_2m_heun_step(x_t, x_0s, alphas, sigmas)


def dpmpp_2m_step__signal_scale_left_out(x_t, x_0s, alphas, sigmas):
    """Steps in log(sigma) in place of half_logsnr: right where the signal's scale stands still.

    Fix: half_logsnr is log(alpha/sigma), and x_s = sigma_s/sigma_t*x_t + alpha_s*(1 - exp(-h))*x_0, Lu et al. 2022, Algorithm 2
    Seen in: plausible; k-diffusion's form, used beyond its signal scale of 1
    """
    return right.dpmpp_2m_step(x_t, x_0s, _flat(alphas), sigmas)


def dpm_solver_2m_step__data_coefficients(x_t, epsilons, alphas, sigmas):
    """The scales of DPM-Solver++, which are for estimates of the data.

    Fix: alpha_s/alpha_t*x_t - sigma_s*(exp(h) - 1)*eps, Lu et al. 2022, code
    Seen in: plausible
    """
    return right.dpmpp_2m_step(x_t, epsilons, alphas, sigmas)


def dpm_solver_2m_heun_step__midpoint(x_t, epsilons, alphas, sigmas):
    """The other of the two released types: the line's value half way held over the step.

    Fix: sigma_s*((exp(h) - 1)/h - 1)*d beside DPM-Solver-1, d = h/h_u*(epsilons[1] - epsilons[0]), Lu et al. 2022, code
    Seen in: plausible; the type is an option of the released code
    """
    return right.dpm_solver_2m_step(x_t, epsilons, alphas, sigmas)


def dpm_solver_2m_heun_step__ratio_of_steps_inverted(x_t, epsilons, alphas, sigmas):
    """The step before over this one, h_u/h, in place of h/h_u.

    Fix: sigma_s*((exp(h) - 1)/h - 1)*d beside DPM-Solver-1, d = h/h_u*(epsilons[1] - epsilons[0]), Lu et al. 2022, code
    Seen in: plausible
    """
    xp, (before, h) = _gaps(alphas, sigmas)
    rise = before / h * (epsilons[1, ...] - epsilons[0, ...])
    return _by_noise(x_t, epsilons[1, ...], alphas, sigmas) - sigmas[2] * (xp.expm1(h) - h) / h * rise


def dpm_solver_2m_heun_step__second_term_turned(x_t, epsilons, alphas, sigmas):
    """The second term with the opposite sign, as in the other prediction's formula.

    Fix: sigma_s*((exp(h) - 1)/h - 1)*d beside DPM-Solver-1, d = h/h_u*(epsilons[1] - epsilons[0]), Lu et al. 2022, code
    Seen in: plausible
    """
    xp, (before, h) = _gaps(alphas, sigmas)
    rise = h / before * (epsilons[1, ...] - epsilons[0, ...])
    return _by_noise(x_t, epsilons[1, ...], alphas, sigmas) + sigmas[2] * (xp.expm1(h) - h) / h * rise


def dpm_solver_2m_heun_step__steps_taken_for_equal(x_t, epsilons, alphas, sigmas):
    """The difference of the estimates as if the step before had been as long as this one.

    Fix: sigma_s*((exp(h) - 1)/h - 1)*d beside DPM-Solver-1, d = h/h_u*(epsilons[1] - epsilons[0]), Lu et al. 2022, code
    Seen in: plausible
    """
    xp, (_, h) = _gaps(alphas, sigmas)
    rise = epsilons[1, ...] - epsilons[0, ...]
    return _by_noise(x_t, epsilons[1, ...], alphas, sigmas) - sigmas[2] * (xp.expm1(h) - h) / h * rise


def dpmpp_2m_heun_step__midpoint(x_t, x_0s, alphas, sigmas):
    """The other of the two released types: the line's value half way held over the step.

    Fix: alpha_s*((exp(-h) - 1)/h + 1)*d beside Euler's step, d = h/h_u*(x_0s[1] - x_0s[0]), Lu et al. 2022, code
    Seen in: plausible; the type is an option of the released code
    """
    return right.dpmpp_2m_step(x_t, x_0s, alphas, sigmas)


def dpmpp_2m_heun_step__ratio_of_steps_inverted(x_t, x_0s, alphas, sigmas):
    """The step before over this one, h_u/h, in place of h/h_u.

    Fix: alpha_s*((exp(-h) - 1)/h + 1)*d beside Euler's step, d = h/h_u*(x_0s[1] - x_0s[0]), Lu et al. 2022, code
    Seen in: plausible
    """
    xp, (before, h) = _gaps(alphas, sigmas)
    rise = before / h * (x_0s[1, ...] - x_0s[0, ...])
    return _by_data(x_t, x_0s[1, ...], alphas, sigmas) + alphas[2] * (xp.expm1(-h) + h) / h * rise


def dpmpp_2m_heun_step__second_term_turned(x_t, x_0s, alphas, sigmas):
    """The second term with the opposite sign, as in the other prediction's formula.

    Fix: alpha_s*((exp(-h) - 1)/h + 1)*d beside Euler's step, d = h/h_u*(x_0s[1] - x_0s[0]), Lu et al. 2022, code
    Seen in: plausible
    """
    xp, (before, h) = _gaps(alphas, sigmas)
    rise = h / before * (x_0s[1, ...] - x_0s[0, ...])
    return _by_data(x_t, x_0s[1, ...], alphas, sigmas) - alphas[2] * (xp.expm1(-h) + h) / h * rise


def dpmpp_2m_heun_step__steps_taken_for_equal(x_t, x_0s, alphas, sigmas):
    """The difference of the estimates as if the step before had been as long as this one.

    Fix: alpha_s*((exp(-h) - 1)/h + 1)*d beside Euler's step, d = h/h_u*(x_0s[1] - x_0s[0]), Lu et al. 2022, code
    Seen in: plausible
    """
    xp, (_, h) = _gaps(alphas, sigmas)
    rise = x_0s[1, ...] - x_0s[0, ...]
    return _by_data(x_t, x_0s[1, ...], alphas, sigmas) + alphas[2] * (xp.expm1(-h) + h) / h * rise


def dpm_solver_3m_step__half_the_second_derivative(x_t, epsilons, alphas, sigmas):
    """The second divided difference where its double belongs: a method of second order.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), as in the singlestep third update, Lu et al. 2022, code
    Seen in: plausible; the released form, LuChengTHU/dpm-solver@0fdeb80 and huggingface/diffusers
    """
    return _noise_parabola(x_t, epsilons, alphas, sigmas, 1, 1)


def dpm_solver_3m_step__slope_not_corrected(x_t, epsilons, alphas, sigmas):
    """slope_0 for d_1, the slope half a step ago.

    Fix: d_1 = slope_0 + r_0/(r_0 + r_1)*(slope_0 - slope_1), Lu et al. 2022, code
    Seen in: plausible
    """
    return _noise_parabola(x_t, epsilons, alphas, sigmas, 0, 2)


def dpm_solver_3m_step__second_derivative_turned(x_t, epsilons, alphas, sigmas):
    """The last term with the opposite sign.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), as in the singlestep third update, Lu et al. 2022, code
    Seen in: plausible
    """
    return _noise_parabola(x_t, epsilons, alphas, sigmas, 1, -2)


def dpm_solver_3m_step__second_derivative_left_out(x_t, epsilons, alphas, sigmas):
    """No last term.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), as in the singlestep third update, Lu et al. 2022, code
    Seen in: plausible
    """
    return _noise_parabola(x_t, epsilons, alphas, sigmas, 1, 0)


def dpm_solver_3m_step__newest_estimate_first(x_t, epsilons, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: epsilons are oldest first, as they were made, Lu et al. 2022, code
    Seen in: plausible
    """
    return right.dpm_solver_3m_step(x_t, _turned(epsilons), alphas, sigmas)


def dpmpp_3m_step__half_the_second_derivative(x_t, x_0s, alphas, sigmas):
    """The second divided difference where its double belongs: a method of second order.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), as in the singlestep third update, Lu et al. 2022, code
    Seen in: plausible; the released form, LuChengTHU/dpm-solver@0fdeb80 and huggingface/diffusers, and crowsonkb/k-diffusion
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, 1)


def dpmpp_3m_step__slope_not_corrected(x_t, x_0s, alphas, sigmas):
    """slope_0 for d_1, the slope half a step ago.

    Fix: d_1 = slope_0 + r_0/(r_0 + r_1)*(slope_0 - slope_1), Lu et al. 2022, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 0, 2)


def dpmpp_3m_step__second_derivative_turned(x_t, x_0s, alphas, sigmas):
    """The last term with the opposite sign.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), as in the singlestep third update, Lu et al. 2022, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, -2)


def dpmpp_3m_step__second_derivative_left_out(x_t, x_0s, alphas, sigmas):
    """No last term.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), as in the singlestep third update, Lu et al. 2022, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, 0)


def dpmpp_3m_step__newest_estimate_first(x_t, x_0s, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: x_0s are oldest first, as they were made, Lu et al. 2022, code
    Seen in: plausible
    """
    return right.dpmpp_3m_step(x_t, _turned(x_0s), alphas, sigmas)


def dpmpp_3m_released_step__whole_second_derivative(x_t, x_0s, alphas, sigmas):
    """Twice the released d_2: the method of third order, not the released one.

    Fix: the released d_2 = (slope_0 - slope_1)/(r_0 + r_1), Lu et al. 2022, code; the whole second derivative is dpmpp_3m_step's
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, 2)


def dpmpp_3m_released_step__slope_not_corrected(x_t, x_0s, alphas, sigmas):
    """slope_0 for d_1, the slope half a step ago.

    Fix: d_1 = slope_0 + r_0/(r_0 + r_1)*(slope_0 - slope_1), Lu et al. 2022, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 0, 1)


def dpmpp_3m_released_step__second_derivative_turned(x_t, x_0s, alphas, sigmas):
    """The last term with the opposite sign.

    Fix: the released d_2 = (slope_0 - slope_1)/(r_0 + r_1), Lu et al. 2022, code; the whole second derivative is dpmpp_3m_step's
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, -1)


def dpmpp_3m_released_step__second_derivative_left_out(x_t, x_0s, alphas, sigmas):
    """No last term.

    Fix: the released d_2 = (slope_0 - slope_1)/(r_0 + r_1), Lu et al. 2022, code; the whole second derivative is dpmpp_3m_step's
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, 0)


def dpmpp_3m_released_step__newest_estimate_first(x_t, x_0s, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: x_0s are oldest first, as they were made, Lu et al. 2022, code
    Seen in: plausible
    """
    return right.dpmpp_3m_released_step(x_t, _turned(x_0s), alphas, sigmas)


def deis_step__polynomial_in_rho(x_t, epsilons, alphas, sigmas):
    """The polynomial in sigma/alpha itself: the paper's rhoAB.

    Fix: integrate the polynomial in log(sigma/alpha) over sigma/alpha, Zhang and Chen 2023, section 3, and diffusers' code
    Seen in: plausible; another variant of the paper's
    """
    ratios = sigmas / alphas
    return alphas[-1] * right.lms_step(x_t / alphas[-2], epsilons, ratios)


def deis_step__newest_estimate_first(x_t, epsilons, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: integrate the polynomial in log(sigma/alpha) over sigma/alpha, Zhang and Chen 2023, section 3, and diffusers' code
    Seen in: plausible
    """
    return right.deis_step(x_t, _turned(epsilons), alphas, sigmas)


def deis_step__oldest_estimate_dropped(x_t, epsilons, alphas, sigmas):
    """One estimate fewer than there are.

    Fix: integrate the polynomial in log(sigma/alpha) over sigma/alpha, Zhang and Chen 2023, section 3, and diffusers' code
    Seen in: plausible
    """
    kept = max(1, epsilons.shape[0] - 1)
    return right.deis_step(x_t, epsilons[-kept:, ...], alphas[-kept - 1 :], sigmas[-kept - 1 :])


def deis_step__signal_scale_left_out(x_t, epsilons, alphas, sigmas):
    """sigma in place of sigma/alpha, and no alpha_s/alpha_t on x_t.

    Fix: integrate the polynomial in log(sigma/alpha) over sigma/alpha, Zhang and Chen 2023, section 3, and diffusers' code
    Seen in: plausible
    """
    return right.deis_step(x_t, epsilons, _flat(alphas), sigmas)


def deis_step__steps_taken_for_equal(x_t, epsilons, alphas, sigmas):
    """Adams and Bashforth's weights for equal steps: iPNDM's.

    Fix: integrate the polynomial in log(sigma/alpha) over sigma/alpha, Zhang and Chen 2023, section 3, and diffusers' code
    Seen in: plausible
    """
    return _equal(x_t, epsilons, alphas, sigmas)


def exponential_multistep_step__steps_taken_for_equal(x_t, x_0s, alphas, sigmas):
    """Adams and Bashforth's weights for equal steps, on Euler's step.

    Fix: integrate exp(half_logsnr) times the polynomial over the step, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    return _by_data(x_t, right.adams_bashforth_eps(x_0s), alphas, sigmas)


def exponential_multistep_step__newest_estimate_first(x_t, x_0s, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: integrate exp(half_logsnr) times the polynomial over the step, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    return right.exponential_multistep_step(x_t, _turned(x_0s), alphas, sigmas)


def exponential_multistep_step__oldest_estimate_dropped(x_t, x_0s, alphas, sigmas):
    """One estimate fewer than there are.

    Fix: integrate exp(half_logsnr) times the polynomial over the step, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    kept = max(1, x_0s.shape[0] - 1)
    return right.exponential_multistep_step(x_t, x_0s[-kept:, ...], alphas[-kept - 1 :], sigmas[-kept - 1 :])


def exponential_multistep_step__signal_scale_left_out(x_t, x_0s, alphas, sigmas):
    """Steps in log(sigma) in place of half_logsnr, and no alpha_s on the data.

    Fix: integrate exp(half_logsnr) times the polynomial over the step, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    return right.exponential_multistep_step(x_t, x_0s, _flat(alphas), sigmas)


def unip_step_bh1__other_variant(x_t, x_0s, alphas, sigmas):
    """B(h) of the variant bh2.

    Fix: B(h) = h and rho = 1/2 for two estimates, Zhao et al. 2023, code, variant bh1
    Seen in: plausible; the variant is an option of the released code
    """
    return right.unip_step_bh2(x_t, x_0s, alphas, sigmas)


def unip_step_bh1__system_solved_at_order_two(x_t, x_0s, alphas, sigmas):
    """rho from the system R rho = b where the release takes 1/2: of the same order, but another step.

    Fix: B(h) = h and rho = 1/2 for two estimates, Zhao et al. 2023, code, variant bh1
    Seen in: B073, huggingface/diffusers#11612, proposed there and not merged
    """
    return right.exponential_multistep_step(x_t, x_0s, alphas, sigmas)


def unip_step_bh1__newest_estimate_first(x_t, x_0s, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: x_0s are oldest first; B(h) = h and rho = 1/2 for two estimates, Zhao et al. 2023, code, variant bh1
    Seen in: plausible
    """
    return right.unip_step_bh1(x_t, _turned(x_0s), alphas, sigmas)


def unic_step_bh1__other_variant(x_t, x_0s, alphas, sigmas):
    """B(h) of the variant bh2.

    Fix: B(h) = h and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh1
    Seen in: plausible; the variant is an option of the released code
    """
    return right.unic_step_bh2(x_t, x_0s, alphas, sigmas)


def unic_step_bh1__estimate_at_s_left_out(x_t, x_0s, alphas, sigmas):
    """The predictor again: the estimate at s is not used.

    Fix: x_0s[-1] is the estimate at s; B(h) = h and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh1
    Seen in: plausible
    """
    return right.unip_step_bh1(x_t, x_0s[:-1, ...], alphas, sigmas)


def unic_step_bh1__system_solved_at_order_one(x_t, x_0s, alphas, sigmas):
    """rho from the one equation where the release takes 1/2.

    Fix: B(h) = h and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh1
    Seen in: plausible
    """
    xp, gaps = _gaps(alphas, sigmas)
    if x_0s.shape[0] > 2:
        return right.unic_step_bh1(x_t, x_0s, alphas, sigmas)
    rise = x_0s[1, ...] - x_0s[0, ...]
    return _by_data(x_t, x_0s[0, ...], alphas, sigmas) + alphas[1] * (1 + xp.expm1(-gaps[0]) / gaps[0]) * rise


def unic_step_bh1__estimate_at_s_first(x_t, x_0s, alphas, sigmas):
    """The estimate at s taken for the oldest.

    Fix: x_0s[-1] is the estimate at s; B(h) = h and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh1
    Seen in: plausible
    """
    last = x_0s.shape[0] - 1
    moved = namespace(x_0s).stack([x_0s[j - 1, ...] for j in range(last + 1)])
    return right.unic_step_bh1(x_t, moved, alphas, sigmas)


def unic_step_bh1__half_at_every_order(x_t, x_0s, alphas, sigmas):
    """The mean of the estimates at t and s at every order: UniC-1.

    Fix: B(h) = h and rho = 1/2 for UniC-1 alone, Zhao et al. 2023, code, variant bh1
    Seen in: plausible
    """
    return right.unic_step_bh1(x_t, x_0s[-2:, ...], alphas[-2:], sigmas[-2:])


def unip_step_bh2__other_variant(x_t, x_0s, alphas, sigmas):
    """B(h) of the variant bh1.

    Fix: B(h) = exp(h) - 1 and rho = 1/2 for two estimates, Zhao et al. 2023, code, variant bh2
    Seen in: plausible; the variant is an option of the released code
    """
    return right.unip_step_bh1(x_t, x_0s, alphas, sigmas)


def unip_step_bh2__system_solved_at_order_two(x_t, x_0s, alphas, sigmas):
    """rho from the system R rho = b where the release takes 1/2: of the same order, but another step.

    Fix: B(h) = exp(h) - 1 and rho = 1/2 for two estimates, Zhao et al. 2023, code, variant bh2
    Seen in: B073, huggingface/diffusers#11612, proposed there and not merged
    """
    return right.exponential_multistep_step(x_t, x_0s, alphas, sigmas)


def unip_step_bh2__newest_estimate_first(x_t, x_0s, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: x_0s are oldest first; B(h) = exp(h) - 1 and rho = 1/2 for two estimates, Zhao et al. 2023, code, variant bh2
    Seen in: plausible
    """
    return right.unip_step_bh2(x_t, _turned(x_0s), alphas, sigmas)


def unip_step_bh2__half_for_every_weight(x_t, x_0s, alphas, sigmas):
    """rho = 1/2 for every estimate, however many there are.

    Fix: B(h) = exp(h) - 1 and rho = 1/2 for two estimates, Zhao et al. 2023, code, variant bh2
    Seen in: plausible
    """
    found, (xp, gaps) = _by_data(x_t, x_0s[-1, ...], alphas, sigmas), _gaps(alphas, sigmas)
    growth, back = -xp.expm1(-gaps[-1]), 0
    for j in range(2, x_0s.shape[0] + 1):
        back = back + gaps[-j] / gaps[-1]
        found = found + alphas[-1] * growth / 2 * (x_0s[-1, ...] - x_0s[-j, ...]) / back
    return found


def unic_step_bh2__other_variant(x_t, x_0s, alphas, sigmas):
    """B(h) of the variant bh1.

    Fix: B(h) = exp(h) - 1 and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh2
    Seen in: plausible; the variant is an option of the released code
    """
    return right.unic_step_bh1(x_t, x_0s, alphas, sigmas)


def unic_step_bh2__estimate_at_s_left_out(x_t, x_0s, alphas, sigmas):
    """The predictor again: the estimate at s is not used.

    Fix: x_0s[-1] is the estimate at s; B(h) = exp(h) - 1 and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh2
    Seen in: plausible
    """
    return right.unip_step_bh2(x_t, x_0s[:-1, ...], alphas, sigmas)


def unic_step_bh2__system_solved_at_order_one(x_t, x_0s, alphas, sigmas):
    """rho from the one equation where the release takes 1/2.

    Fix: B(h) = exp(h) - 1 and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh2
    Seen in: plausible
    """
    xp, gaps = _gaps(alphas, sigmas)
    if x_0s.shape[0] > 2:
        return right.unic_step_bh1(x_t, x_0s, alphas, sigmas)
    rise = x_0s[1, ...] - x_0s[0, ...]
    return _by_data(x_t, x_0s[0, ...], alphas, sigmas) + alphas[1] * (1 + xp.expm1(-gaps[0]) / gaps[0]) * rise


def unic_step_bh2__estimate_at_s_first(x_t, x_0s, alphas, sigmas):
    """The estimate at s taken for the oldest.

    Fix: x_0s[-1] is the estimate at s; B(h) = exp(h) - 1 and rho = 1/2 for UniC-1, Zhao et al. 2023, code, variant bh2
    Seen in: plausible
    """
    last = x_0s.shape[0] - 1
    moved = namespace(x_0s).stack([x_0s[j - 1, ...] for j in range(last + 1)])
    return right.unic_step_bh2(x_t, moved, alphas, sigmas)


def unic_step_bh2__half_at_every_order(x_t, x_0s, alphas, sigmas):
    """The mean of the estimates at t and s at every order: UniC-1.

    Fix: B(h) = exp(h) - 1 and rho = 1/2 for UniC-1 alone, Zhao et al. 2023, code, variant bh2
    Seen in: plausible
    """
    return right.unic_step_bh2(x_t, x_0s[-2:, ...], alphas[-2:], sigmas[-2:])


def lms_path__equal_step_weights(denoiser_at_level, x_T, sigmas, order):
    """Adams and Bashforth's weights for equal steps: iPNDM.

    Fix: weigh each estimate by the integral of its Lagrange polynomial, k-diffusion, code
    Seen in: plausible
    """
    return run((_equal,) * int(order), noise_seen, denoiser_at_level, x_T, _flat(sigmas), sigmas, to_data=False)


def lms_path__newest_estimate_first(denoiser_at_level, x_T, sigmas, order):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: each estimate beside its own noise scale, k-diffusion, code
    Seen in: plausible
    """
    return run((_newest_first(_lms),) * int(order), noise_seen, denoiser_at_level, x_T, _flat(sigmas), sigmas, to_data=False)


def lms_path__euler_to_data(denoiser_at_level, x_T, sigmas, order):
    """Euler's step to sigma = 0.

    Fix: the step to sigma = 0 is like the others, k-diffusion, code
    Seen in: plausible
    """
    return run((_lms,) * int(order), noise_seen, denoiser_at_level, x_T, _flat(sigmas), sigmas)


def lms_path__order_ignored(denoiser_at_level, x_T, sigmas):
    """Fourth order, whatever was asked for.

    Fix: a step has at most `order` estimates, k-diffusion, code
    Seen in: plausible
    """
    return run((_lms,) * 4, noise_seen, denoiser_at_level, x_T, _flat(sigmas), sigmas, to_data=False)


def lms_path__polynomial_in_log_sigma(denoiser_at_level, x_T, sigmas, order):
    """The polynomial in log(sigma): DEIS.

    Fix: the polynomial in sigma, k-diffusion, code
    Seen in: plausible
    """
    return right.deis_path(denoiser_at_level, x_T, _flat(sigmas), sigmas, order)


def ipndm_path__third_order(denoiser_at_level, x_T, alphas, sigmas):
    """Third order at most.

    Fix: orders 1, 2, 3 and then 4, Zhang and Chen 2023, code
    Seen in: plausible
    """
    return run((_equal,) * 3, noise_seen, denoiser_at_level, x_T, alphas, sigmas, to_data=False)


def ipndm_path__newest_estimate_first(denoiser_at_level, x_T, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: orders 1, 2, 3 and then 4, Zhang and Chen 2023, code
    Seen in: plausible
    """
    return run((_newest_first(_equal),) * 4, noise_seen, denoiser_at_level, x_T, alphas, sigmas, to_data=False)


def ipndm_path__denoiser_of_initial_state(denoiser_at_level, x_T, alphas, sigmas):
    """The denoiser asked about x_T at every step.

    Fix: denoiser of the current state, Zhang and Chen 2023, code
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64, in another sampler
    """
    return run((_equal,) * 4, noise_seen, denoiser_at_level, x_T, alphas, sigmas, to_data=False, asked=first_state)


def ipndm_path__start_of_plms(denoiser_at_level, x_T, alphas, sigmas):
    """The first step's noise averaged with that at its end: PLMS.

    Fix: orders 1, 2, 3 and then 4, Zhang and Chen 2023, code
    Seen in: plausible
    """
    return plms_run(denoiser_at_level, x_T, alphas, sigmas)


def ipndm_path__euler_to_data(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's step to sigma = 0.

    Fix: the step to sigma = 0 is like the others, Zhang and Chen 2023, code
    Seen in: plausible
    """
    return run((_equal,) * 4, noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def plms_path__start_of_ipndm(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's first step: iPNDM.

    Fix: the mean of the noise at the start and at the end of Euler's step, the first alone remembered, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return right.ipndm_path(denoiser_at_level, x_T, alphas, sigmas)


def plms_path__second_estimate_remembered(denoiser_at_level, x_T, alphas, sigmas):
    """The first step's second estimate remembered in place of its first.

    Fix: the mean of the noise at the start and at the end of Euler's step, the first alone remembered, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return plms_run(denoiser_at_level, x_T, alphas, sigmas, kept=1)


def plms_path__second_estimate_alone(denoiser_at_level, x_T, alphas, sigmas):
    """The first step by the noise at its end alone.

    Fix: the mean of the noise at the start and at the end of Euler's step, the first alone remembered, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return plms_run(denoiser_at_level, x_T, alphas, sigmas, weights=(0, 1))


def plms_path__third_order(denoiser_at_level, x_T, alphas, sigmas):
    """Third order at most.

    Fix: orders up to 4, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return plms_run(denoiser_at_level, x_T, alphas, sigmas, most=3)


def pndm_path__equal_runge_kutta_weights(denoiser_at_level, x_T, alphas, sigmas):
    """The mean of the four estimates.

    Fix: e = (e_1 + 2*e_2 + 2*e_3 + e_4)/6, the middle asked twice, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return pndm_run(denoiser_at_level, x_T, alphas, sigmas, weights=(1, 1, 1, 1))


def pndm_path__middle_from_the_first_twice(denoiser_at_level, x_T, alphas, sigmas):
    """The middle reached by the first estimate both times.

    Fix: e = (e_1 + 2*e_2 + 2*e_3 + e_4)/6, the middle asked twice, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return pndm_run(denoiser_at_level, x_T, alphas, sigmas, again=0)


def pndm_path__last_estimate_remembered(denoiser_at_level, x_T, alphas, sigmas):
    """The Runge-Kutta steps' last estimate remembered in place of their first.

    Fix: remember e_1 of each step, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return pndm_run(denoiser_at_level, x_T, alphas, sigmas, kept=3)


def pndm_path__weights_of_heun(denoiser_at_level, x_T, alphas, sigmas):
    """The mean of the first and last estimate.

    Fix: e = (e_1 + 2*e_2 + 2*e_3 + e_4)/6, the middle asked twice, Liu et al. 2022, section 3
    Seen in: plausible
    """
    return pndm_run(denoiser_at_level, x_T, alphas, sigmas, weights=(1, 0, 0, 1))


def dpm_solver_2m_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's step to the last level, though it has noise.

    Fix: set lower_order_final = False: this run keeps its order to the end, Lu et al. 2022, code
    Seen in: plausible; an option of the released code
    """
    return run((_noise_euler, right.dpm_solver_2m_step), noise_seen, denoiser_at_level, x_T, alphas, sigmas, lowered=True)


def dpm_solver_2m_path__heun(denoiser_at_level, x_T, alphas, sigmas):
    """The other of the two released types.

    Fix: dpm_solver_2m_step from the second step on, Lu et al. 2022, code
    Seen in: plausible; the type is an option of the released code
    """
    return run((_noise_euler, right.dpm_solver_2m_heun_step), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_2m_path__euler(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's step throughout: DDIM.

    Fix: dpm_solver_2m_step from the second step on, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_noise_euler,), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_2m_path__newest_estimate_first(denoiser_at_level, x_T, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: each estimate at its own level, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_noise_euler, _newest_first(right.dpm_solver_2m_step)), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_2m_path__other_prediction(denoiser_at_level, x_T, alphas, sigmas):
    """The same method for the other prediction.

    Fix: dpm_solver_2m_step, Lu et al. 2022, code
    Seen in: plausible
    """
    return right.dpmpp_2m_path(denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's step to the last level, though it has noise.

    Fix: set lower_order_final = False: this run keeps its order to the end, Lu et al. 2022, code
    Seen in: plausible; an option of the released code
    """
    return run((_euler, right.dpmpp_2m_step), data_seen, denoiser_at_level, x_T, alphas, sigmas, lowered=True)


def dpmpp_2m_path__heun(denoiser_at_level, x_T, alphas, sigmas):
    """The other of the two released types.

    Fix: dpmpp_2m_step from the second step on, Lu et al. 2022, code
    Seen in: plausible; the type is an option of the released code
    """
    return run((_euler, right.dpmpp_2m_heun_step), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_path__euler(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's step throughout: DDIM.

    Fix: dpmpp_2m_step from the second step on, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_euler,), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_path__newest_estimate_first(denoiser_at_level, x_T, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: each estimate at its own level, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_euler, _newest_first(right.dpmpp_2m_step)), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_path__other_prediction(denoiser_at_level, x_T, alphas, sigmas):
    """The same method for the other prediction.

    Fix: dpmpp_2m_step, Lu et al. 2022, code
    Seen in: plausible
    """
    return right.dpm_solver_2m_path(denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_heun_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's step to the last level, though it has noise.

    Fix: set lower_order_final = False: this run keeps its order to the end, Lu et al. 2022, code
    Seen in: plausible; an option of the released code
    """
    return run((_euler, right.dpmpp_2m_heun_step), data_seen, denoiser_at_level, x_T, alphas, sigmas, lowered=True)


def dpmpp_2m_heun_path__midpoint(denoiser_at_level, x_T, alphas, sigmas):
    """The other of the two released types.

    Fix: dpmpp_2m_heun_step from the second step on, Lu et al. 2022, code
    Seen in: plausible; the type is an option of the released code
    """
    return run((_euler, right.dpmpp_2m_step), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_heun_path__euler(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's step throughout: DDIM.

    Fix: dpmpp_2m_heun_step from the second step on, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_euler,), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_heun_path__newest_estimate_first(denoiser_at_level, x_T, alphas, sigmas):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: each estimate at its own level, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_euler, _newest_first(right.dpmpp_2m_heun_step)), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_heun_path__denoiser_of_initial_state(denoiser_at_level, x_T, alphas, sigmas):
    """The denoiser asked about x_T at every step.

    Fix: denoiser of the current state, Lu et al. 2022, code
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64, in another sampler
    """
    return run((_euler, right.dpmpp_2m_heun_step), data_seen, denoiser_at_level, x_T, alphas, sigmas, asked=first_state)


def dpm_solver_3m_path__half_the_second_derivative(denoiser_at_level, x_T, alphas, sigmas):
    """The second divided difference where its double belongs: the released form.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), the whole second derivative, Lu et al. 2022, code
    Seen in: plausible; the released form, LuChengTHU/dpm-solver@0fdeb80 and huggingface/diffusers
    """

    def released(x_t, estimates, alphas, sigmas):
        return _noise_parabola(x_t, estimates, alphas, sigmas, 1, 1)

    return run((_noise_euler, right.dpm_solver_2m_step, released), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_3m_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas):
    """Two estimates in the last step but one, one in the last (lower_order_final).

    Fix: set lower_order_final = False: this run keeps its order to the end, Lu et al. 2022, code
    Seen in: plausible; an option of the released code
    """
    steps = _noise_euler, right.dpm_solver_2m_step, right.dpm_solver_3m_step
    return run(steps, noise_seen, denoiser_at_level, x_T, alphas, sigmas, lowered=True)


def dpm_solver_3m_path__heun_at_the_second_step(denoiser_at_level, x_T, alphas, sigmas):
    """The other of the two types at the second step.

    Fix: dpm_solver_2m_step at the second step, Lu et al. 2022, code
    Seen in: plausible; the type is an option of the released code
    """
    steps = _noise_euler, right.dpm_solver_2m_heun_step, right.dpm_solver_3m_step
    return run(steps, noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_3m_path__euler_at_the_second_step(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's first two steps.

    Fix: dpm_solver_2m_step at the second step, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_noise_euler, _noise_euler, right.dpm_solver_3m_step), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_3m_path__two_estimates(denoiser_at_level, x_T, alphas, sigmas):
    """Two estimates at most.

    Fix: dpm_solver_3m_step from the third step on, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_noise_euler, right.dpm_solver_2m_step), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_3m_path__half_the_second_derivative(denoiser_at_level, x_T, alphas, sigmas):
    """The second divided difference where its double belongs: the released form.

    Fix: d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1), the whole second derivative, Lu et al. 2022, code
    Seen in: plausible; the released form, LuChengTHU/dpm-solver@0fdeb80 and huggingface/diffusers, and crowsonkb/k-diffusion
    """

    def released(x_t, estimates, alphas, sigmas):
        return _parabola(x_t, estimates, alphas, sigmas, 1, 1)

    return run((_euler, right.dpmpp_2m_step, released), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_3m_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas):
    """Two estimates in the last step but one, one in the last (lower_order_final).

    Fix: set lower_order_final = False: this run keeps its order to the end, Lu et al. 2022, code
    Seen in: plausible; an option of the released code
    """
    steps = _euler, right.dpmpp_2m_step, right.dpmpp_3m_step
    return run(steps, data_seen, denoiser_at_level, x_T, alphas, sigmas, lowered=True)


def dpmpp_3m_path__heun_at_the_second_step(denoiser_at_level, x_T, alphas, sigmas):
    """The other of the two types at the second step.

    Fix: dpmpp_2m_step at the second step, Lu et al. 2022, code
    Seen in: plausible; k-diffusion's sample_dpmpp_3m_sde starts so
    """
    steps = _euler, right.dpmpp_2m_heun_step, right.dpmpp_3m_step
    return run(steps, data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_3m_path__euler_at_the_second_step(denoiser_at_level, x_T, alphas, sigmas):
    """Euler's first two steps.

    Fix: dpmpp_2m_step at the second step, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_euler, _euler, right.dpmpp_3m_step), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_3m_path__two_estimates(denoiser_at_level, x_T, alphas, sigmas):
    """Two estimates at most.

    Fix: dpmpp_3m_step from the third step on, Lu et al. 2022, code
    Seen in: plausible
    """
    return run((_euler, right.dpmpp_2m_step), data_seen, denoiser_at_level, x_T, alphas, sigmas)


def deis_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas, order):
    """Orders that fall to 1 over the last steps (lower_order_final).

    Fix: set lower_order_final = False: this run keeps its order to the end, diffusers, code
    Seen in: plausible; an option of the released code
    """
    return run(_rising(_noise_euler, right.deis_step, order), noise_seen, denoiser_at_level, x_T, alphas, sigmas, lowered=True)


def deis_path__polynomial_in_rho(denoiser_at_level, x_T, alphas, sigmas, order):
    """The polynomial in sigma/alpha itself: the paper's rhoAB.

    Fix: the polynomial in log(sigma/alpha), diffusers, code
    Seen in: plausible; another variant of the paper's
    """
    return run((deis_step__polynomial_in_rho,) * int(order), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def deis_path__order_ignored(denoiser_at_level, x_T, alphas, sigmas):
    """Third order, whatever was asked for.

    Fix: a step has at most `order` estimates, diffusers, code
    Seen in: plausible
    """
    return right.deis_path(denoiser_at_level, x_T, alphas, sigmas, 3)


def deis_path__newest_estimate_first(denoiser_at_level, x_T, alphas, sigmas, order):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: each estimate at its own level, diffusers, code
    Seen in: plausible
    """
    return run(_rising(_noise_euler, _newest_first(right.deis_step), order), noise_seen, denoiser_at_level, x_T, alphas, sigmas)


def exponential_multistep_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas, order):
    """Orders that fall to 1 over the last steps.

    Fix: keep the order to the end, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    steps = _rising(_euler, right.exponential_multistep_step, order)
    return run(steps, data_seen, denoiser_at_level, x_T, alphas, sigmas, lowered=True)


def exponential_multistep_path__newest_estimate_first(denoiser_at_level, x_T, alphas, sigmas, order):
    """Estimates taken to be listed from the newest to the oldest.

    Fix: each estimate at its own level, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    steps = _rising(_euler, _newest_first(right.exponential_multistep_step), order)
    return run(steps, data_seen, denoiser_at_level, x_T, alphas, sigmas)


def exponential_multistep_path__noise_form(denoiser_at_level, x_T, alphas, sigmas, order):
    """The method for estimates of the noise.

    Fix: the polynomial of the data, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    return right.deis_path(denoiser_at_level, x_T, alphas, sigmas, order)


def exponential_multistep_path__steps_taken_for_equal(denoiser_at_level, x_T, alphas, sigmas, order):
    """Adams and Bashforth's weights for equal steps, on Euler's step.

    Fix: weigh each estimate by its polynomial's integral, Hochbruck and Ostermann 2010, section 2.5
    Seen in: plausible
    """
    steps = (exponential_multistep_step__steps_taken_for_equal,) * int(order)
    return run(steps, data_seen, denoiser_at_level, x_T, alphas, sigmas)


def unipc_bh1_path__without_corrector(denoiser_at_level, x_T, alphas, sigmas, order):
    """The predictor alone.

    Fix: correct each state but the last by the estimate at it, Zhao et al. 2023, section 3
    Seen in: plausible
    """

    def uncorrected(x_t, x_0s, alphas, sigmas):
        return right.unip_step_bh1(x_t, x_0s[:-1, ...], alphas, sigmas)

    return unipc_run((right.unip_step_bh1, uncorrected), denoiser_at_level, x_T, alphas, sigmas, order)


def unipc_bh1_path__model_asked_of_corrected_states(denoiser_at_level, x_T, alphas, sigmas, order):
    """The estimate at the corrected state remembered: two calls a step.

    Fix: remember the estimate at the predicted state, Zhao et al. 2023, code
    Seen in: plausible
    """
    return unipc_run((right.unip_step_bh1, right.unic_step_bh1), denoiser_at_level, x_T, alphas, sigmas, order, again=True)


def unipc_bh1_path__predicted_states_returned(denoiser_at_level, x_T, alphas, sigmas, order):
    """The states before correction returned, though the corrected ones go on.

    Fix: return the corrected states, Zhao et al. 2023, code
    Seen in: plausible; what diffusers' step returns
    """
    return unipc_run((right.unip_step_bh1, right.unic_step_bh1), denoiser_at_level, x_T, alphas, sigmas, order, shown=True)


def unipc_bh1_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas, order):
    """Orders that fall to 1 over the last steps (lower_order_final).

    Fix: set lower_order_final = False: this run keeps its order to the end, Zhao et al. 2023, code
    Seen in: plausible; an option of the released code
    """
    return unipc_run((right.unip_step_bh1, right.unic_step_bh1), denoiser_at_level, x_T, alphas, sigmas, order, lowered=True)


def unipc_bh1_path__other_variant(denoiser_at_level, x_T, alphas, sigmas, order):
    """B(h) of the variant bh2.

    Fix: variant bh1, Zhao et al. 2023, code
    Seen in: plausible; the variant is an option of the released code
    """
    return right.unipc_bh2_path(denoiser_at_level, x_T, alphas, sigmas, order)


def unipc_bh1_path__system_solved_at_order_two(denoiser_at_level, x_T, alphas, sigmas, order):
    """UniP-2's rho from the system where the release takes 1/2.

    Fix: rho = 1/2 for two estimates, Zhao et al. 2023, code
    Seen in: B073, huggingface/diffusers#11612, proposed there and not merged
    """
    steps = right.exponential_multistep_step, right.unic_step_bh1
    return unipc_run(steps, denoiser_at_level, x_T, alphas, sigmas, order)


def unipc_bh2_path__without_corrector(denoiser_at_level, x_T, alphas, sigmas, order):
    """The predictor alone.

    Fix: correct each state but the last by the estimate at it, Zhao et al. 2023, section 3
    Seen in: plausible
    """

    def uncorrected(x_t, x_0s, alphas, sigmas):
        return right.unip_step_bh2(x_t, x_0s[:-1, ...], alphas, sigmas)

    return unipc_run((right.unip_step_bh2, uncorrected), denoiser_at_level, x_T, alphas, sigmas, order)


def unipc_bh2_path__model_asked_of_corrected_states(denoiser_at_level, x_T, alphas, sigmas, order):
    """The estimate at the corrected state remembered: two calls a step.

    Fix: remember the estimate at the predicted state, Zhao et al. 2023, code
    Seen in: plausible
    """
    return unipc_run((right.unip_step_bh2, right.unic_step_bh2), denoiser_at_level, x_T, alphas, sigmas, order, again=True)


def unipc_bh2_path__predicted_states_returned(denoiser_at_level, x_T, alphas, sigmas, order):
    """The states before correction returned, though the corrected ones go on.

    Fix: return the corrected states, Zhao et al. 2023, code
    Seen in: plausible; what diffusers' step returns
    """
    return unipc_run((right.unip_step_bh2, right.unic_step_bh2), denoiser_at_level, x_T, alphas, sigmas, order, shown=True)


def unipc_bh2_path__order_lowered_at_the_end(denoiser_at_level, x_T, alphas, sigmas, order):
    """Orders that fall to 1 over the last steps (lower_order_final).

    Fix: set lower_order_final = False: this run keeps its order to the end, Zhao et al. 2023, code
    Seen in: plausible; an option of the released code
    """
    return unipc_run((right.unip_step_bh2, right.unic_step_bh2), denoiser_at_level, x_T, alphas, sigmas, order, lowered=True)


def unipc_bh2_path__other_variant(denoiser_at_level, x_T, alphas, sigmas, order):
    """B(h) of the variant bh1.

    Fix: variant bh2, Zhao et al. 2023, code
    Seen in: plausible; the variant is an option of the released code
    """
    return right.unipc_bh1_path(denoiser_at_level, x_T, alphas, sigmas, order)


def unipc_bh2_path__system_solved_at_order_two(denoiser_at_level, x_T, alphas, sigmas, order):
    """UniP-2's rho from the system where the release takes 1/2.

    Fix: rho = 1/2 for two estimates, Zhao et al. 2023, code
    Seen in: B073, huggingface/diffusers#11612, proposed there and not merged
    """
    steps = right.exponential_multistep_step, right.unic_step_bh2
    return unipc_run(steps, denoiser_at_level, x_T, alphas, sigmas, order)


def gradient_estimation_path__weights_swapped(denoiser_at_level, x_T, sigmas, extrapolation):
    """The old estimate extrapolated from the new.

    Fix: extrapolation*eps + (1 - extrapolation)*eps_previous, Permenter and Yuan 2024, Algorithm 2
    Seen in: plausible
    """
    return right.gradient_estimation_path(denoiser_at_level, x_T, sigmas, 1 - extrapolation)


def gradient_estimation_path__no_estimate_before_the_first(denoiser_at_level, x_T, sigmas, extrapolation):
    """Nothing in place of the estimate before the first, which is then extrapolated from 0.

    Fix: the first step's estimate stands for the one before it, Permenter and Yuan 2024, Algorithm 2
    Seen in: plausible
    """
    return gradient_run(denoiser_at_level, x_T, sigmas, extrapolation, 0)


def gradient_estimation_path__euler(denoiser_at_level, x_T, sigmas):
    """The new estimate alone: DDIM.

    Fix: extrapolation*eps + (1 - extrapolation)*eps_previous, Permenter and Yuan 2024, Algorithm 2
    Seen in: plausible
    """
    return right.lms_path(denoiser_at_level, x_T, sigmas, 1)


def gradient_estimation_path__second_order_weights(denoiser_at_level, x_T, sigmas):
    """The weights that make the method of second order: variable-step Adams and Bashforth.

    Fix: extrapolation*eps + (1 - extrapolation)*eps_previous, Permenter and Yuan 2024, Algorithm 2, with a constant weight
    Seen in: plausible
    """
    return right.lms_path(denoiser_at_level, x_T, sigmas, 2)
