"""Wrong bodies of solvers that forget, and of their runs."""

from refdiff.numbers import namespace
from refdiff.reference import singlestep
from refdiff.reference.conversion import eps_from_x_0
from refdiff.reference.ddim import ddim_step_scaled, rectified_step
from refdiff.reference.edm import edm_euler_step, edm_heun_step
from refdiff.reference.flow import flow_euler_step, flow_heun_step

__all__ = [
    "dpm2_path__euler", "dpm2_path__middle_is_the_arithmetic_mean", "dpm2_path__middle_model_at_t",
    "dpm2_path__middle_model_of_x_t", "dpm2_path__middle_of_cube_roots", "dpm2_step__euler", "dpm2_step__half_the_way",
    "dpm2_step__second_slope_at_t", "dpm2_step__second_slope_from_x_t", "dpm2_step__started_at_the_middle",
    "dpm_solver_2s_path__euler", "dpm_solver_2s_path__inner_level_in_sigma", "dpm_solver_2s_path__inner_model_of_x_t",
    "dpm_solver_2s_path__inner_state_keeps_the_scale_of_t", "dpm_solver_2s_step__data_exponential",
    "dpm_solver_2s_step__euler", "dpm_solver_2s_step__r_1_not_doubled", "dpm_solver_2s_step__r_1_taken_for_a_half",
    "dpm_solver_2s_step__r_1_upside_down", "dpm_solver_3s_path__euler", "dpm_solver_3s_path__inner_levels_in_sigma",
    "dpm_solver_3s_path__last_step_not_eulers", "dpm_solver_3s_path__r_1_for_r_2",
    "dpm_solver_3s_path__second_state_by_euler", "dpm_solver_3s_state__euler", "dpm_solver_3s_state__h_1_twice",
    "dpm_solver_3s_state__ratio_left_out", "dpm_solver_3s_state__sign", "dpm_solver_3s_step__euler",
    "dpm_solver_3s_step__r_1_for_r_2", "dpm_solver_3s_step__second_estimate_for_third",
    "dpm_solver_3s_step__second_order_weight", "dpm_solver_3s_step__sign", "dpmpp_2s_heun_step__euler",
    "dpmpp_2s_heun_step__one_left_out", "dpmpp_2s_heun_step__r_1_left_out", "dpmpp_2s_heun_step__sign",
    "dpmpp_2s_path__euler", "dpmpp_2s_path__inner_level_in_sigma", "dpmpp_2s_path__inner_model_at_t",
    "dpmpp_2s_path__inner_model_of_x_t", "dpmpp_2s_path__last_step_not_eulers", "dpmpp_2s_step__euler",
    "dpmpp_2s_step__noise_exponential", "dpmpp_2s_step__r_1_not_doubled", "dpmpp_2s_step__r_1_taken_for_a_half",
    "dpmpp_2s_step__weights_swapped", "dpmpp_3s_heun_step__bend_left_out", "dpmpp_3s_heun_step__bend_not_doubled",
    "dpmpp_3s_heun_step__bend_of_the_other_sign", "dpmpp_3s_heun_step__half_left_out", "dpmpp_3s_path__euler",
    "dpmpp_3s_path__inner_levels_in_sigma", "dpmpp_3s_path__inner_model_of_x_t", "dpmpp_3s_path__inner_models_at_t",
    "dpmpp_3s_path__last_step_not_eulers", "dpmpp_3s_path__r_1_for_r_2", "dpmpp_3s_path__second_state_by_euler",
    "dpmpp_3s_state__euler", "dpmpp_3s_state__h_1_twice", "dpmpp_3s_state__ratio_left_out", "dpmpp_3s_state__sign",
    "dpmpp_3s_step__euler", "dpmpp_3s_step__r_1_for_r_2", "dpmpp_3s_step__second_estimate_for_third",
    "dpmpp_3s_step__second_order_weight", "dpmpp_3s_step__sign", "euler_path__model_asked_at_s",
    "euler_path__model_of_initial_state", "euler_path__signal_scale_left_out", "euler_path__whole_way_in_one_step",
    "flow_euler_path__even_steps", "flow_euler_path__model_asked_at_s", "flow_euler_path__model_of_initial_state",
    "flow_euler_path__towards_noise", "flow_heun_path__euler", "flow_heun_path__second_model_asked_at_t",
    "flow_heun_path__second_model_of_x_t", "flow_heun_path__slopes_added", "flow_midpoint_path__euler",
    "flow_midpoint_path__half_the_way", "flow_midpoint_path__middle_model_asked_at_t",
    "flow_midpoint_path__middle_model_of_x_t", "flow_rk4_path__equal_weights", "flow_rk4_path__inner_steps_whole",
    "flow_rk4_path__inner_times_at_t", "flow_rk4_path__middle_velocities_not_doubled", "flow_rk4_path__three_eighths_rule",
    "flow_three_eighths_path__classical_rule", "flow_three_eighths_path__first_velocity_added",
    "flow_three_eighths_path__inner_times_at_t", "flow_three_eighths_path__simpsons_weights", "heun_path__euler",
    "heun_path__last_step_left_out", "heun_path__second_model_asked_at_t", "heun_path__second_model_of_x_t",
    "heun_path__second_v_read_at_t",
]  # fmt: skip


def _falls(alphas, sigmas):
    """Rises of half_logsnr from the first level to each of the others."""
    xp = namespace(alphas, sigmas)
    ratios = sigmas / alphas
    return [xp.log(ratios[0] / ratios[i]) for i in range(1, ratios.shape[0])]


def _of_data(x_t, x_0, alphas, sigmas, changed):
    """Euler's step from level 0 to the last, and alpha there times what the data are taken to change by."""
    return sigmas[-1] / sigmas[0] * x_t + (alphas[-1] - sigmas[-1] / sigmas[0] * alphas[0]) * x_0 + alphas[-1] * changed


def _of_noise(x_t, eps, alphas, sigmas, changed):
    """Euler's step from level 0 to the last, less sigma there times what the noise is taken to change by."""
    grown = alphas[-1] / alphas[0]
    return grown * x_t - (grown * sigmas[0] - sigmas[-1]) * eps - sigmas[-1] * changed


def dpm2_step__euler(x_t, x_0s, sigmas):
    """The first slope all the way.

    Fix: x_t + (sigmas[2] - sigmas[0])*(middle - x_0s[1])/sigmas[1], the slope at the middle, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return edm_euler_step(x_t, x_0s[0, ...], sigmas[0], sigmas[2])


def dpm2_step__half_the_way(x_t, x_0s, sigmas):
    """The slope at the middle, followed only as far as the middle.

    Fix: sigmas[2] - sigmas[0] times the slope at the middle, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    middle = edm_euler_step(x_t, x_0s[0, ...], sigmas[0], sigmas[1])
    return x_t + (sigmas[1] - sigmas[0]) * (middle - x_0s[1, ...]) / sigmas[1]


def dpm2_step__started_at_the_middle(x_t, x_0s, sigmas):
    """The slope at the middle, followed from the middle's state.

    Fix: x_t + (sigmas[2] - sigmas[0])*(middle - x_0s[1])/sigmas[1], from x_t, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    middle = edm_euler_step(x_t, x_0s[0, ...], sigmas[0], sigmas[1])
    return middle + (sigmas[2] - sigmas[0]) * (middle - x_0s[1, ...]) / sigmas[1]


def dpm2_step__second_slope_at_t(x_t, x_0s, sigmas):
    """The second slope divided by sigma_t in place of the middle's sigma.

    Fix: (middle - x_0s[1])/sigmas[1], Lu et al. 2022, Algorithm 1
    Seen in: B055, huggingface/diffusers#1512, in Heun's step
    """
    middle = edm_euler_step(x_t, x_0s[0, ...], sigmas[0], sigmas[1])
    return x_t + (sigmas[2] - sigmas[0]) * (middle - x_0s[1, ...]) / sigmas[0]


def dpm2_step__second_slope_from_x_t(x_t, x_0s, sigmas):
    """The second slope from x_t in place of the middle's state.

    Fix: (middle - x_0s[1])/sigmas[1], Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return x_t + (sigmas[2] - sigmas[0]) * (x_t - x_0s[1, ...]) / sigmas[1]


def dpm_solver_2s_step__euler(x_t, epsilons, alphas, sigmas):
    """The first estimate alone: DDIM.

    Fix: add -sigmas[2]/(2*r_1)*(exp(h) - 1)*(epsilons[1] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, 0 * epsilons[0, ...])


def dpm_solver_2s_step__r_1_not_doubled(x_t, epsilons, alphas, sigmas):
    """1/r_1 in place of 1/(2*r_1).

    Fix: sigmas[2]/(2*r_1)*(exp(h) - 1)*(epsilons[1] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1(whole) * whole / first * (epsilons[1, ...] - epsilons[0, ...])
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, changed)


def dpm_solver_2s_step__r_1_upside_down(x_t, epsilons, alphas, sigmas):
    """r_1/2 in place of 1/(2*r_1).

    Fix: sigmas[2]/(2*r_1)*(exp(h) - 1)*(epsilons[1] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1(whole) * first / (2 * whole) * (epsilons[1, ...] - epsilons[0, ...])
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, changed)


def dpm_solver_2s_step__r_1_taken_for_a_half(x_t, epsilons, alphas, sigmas):
    """The second estimate alone, wherever the inner level is: right in the middle in half_logsnr only.

    Fix: sigmas[2]/(2*r_1)*(exp(h) - 1)*(epsilons[1] - epsilons[0]), r_1 from the levels, Lu et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return _of_noise(x_t, epsilons[1, ...], alphas, sigmas, 0 * epsilons[0, ...])


def dpm_solver_2s_step__data_exponential(x_t, epsilons, alphas, sigmas):
    """1 - exp(-h), the data prediction's, in place of exp(h) - 1.

    Fix: sigmas[2]*(exp(h) - 1) on the noise, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    middle = epsilons[0, ...] + whole / (2 * first) * (epsilons[1, ...] - epsilons[0, ...])
    return alphas[2] / alphas[0] * x_t + sigmas[2] * namespace(alphas, sigmas).expm1(-whole) * middle


def dpm_solver_3s_state__euler(x_t, epsilons, alphas, sigmas):
    """The first estimate alone: the run falls to second order.

    Fix: add -sigmas[2]*r_2/r_1*((exp(r_2*h) - 1)/(r_2*h) - 1)*(epsilons[1] - epsilons[0]), Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, 0 * epsilons[0, ...])


def dpm_solver_3s_state__ratio_left_out(x_t, epsilons, alphas, sigmas):
    """The change of the noise not divided by r_1 nor multiplied by r_2.

    Fix: sigmas[2]*r_2/r_1*((exp(r_2*h) - 1)/(r_2*h) - 1)*(epsilons[1] - epsilons[0]), Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    _, second = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(second) / second * (epsilons[1, ...] - epsilons[0, ...])
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, changed)


def dpm_solver_3s_state__sign(x_t, epsilons, alphas, sigmas):
    """The change of the noise with the data prediction's sign.

    Fix: -sigmas[2]*r_2/r_1*((exp(r_2*h) - 1)/(r_2*h) - 1)*(epsilons[1] - epsilons[0]), Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    first, second = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(second) / first * (epsilons[0, ...] - epsilons[1, ...])
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, changed)


def dpm_solver_3s_state__h_1_twice(x_t, epsilons, alphas, sigmas):
    """r_1*h in place of r_2*h in the weight of the change.

    Fix: sigmas[2]*r_2/r_1*((exp(r_2*h) - 1)/(r_2*h) - 1)*(epsilons[1] - epsilons[0]), Lu et al. 2022, Algorithm 2
    Seen in: plausible
    """
    first, second = _falls(alphas, sigmas)
    weight = second / first * namespace(alphas, sigmas).expm1mx(first) / first
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, weight * (epsilons[1, ...] - epsilons[0, ...]))


def dpm_solver_3s_step__euler(x_t, epsilons, alphas, sigmas):
    """The first estimate alone: DDIM.

    Fix: add -sigmas[3]/r_2*((exp(h) - 1)/h - 1)*(epsilons[2] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, 0 * epsilons[0, ...])


def dpm_solver_3s_step__second_estimate_for_third(x_t, epsilons, alphas, sigmas):
    """The second estimate in place of the third, with the third's r_2.

    Fix: -sigmas[3]/r_2*((exp(h) - 1)/h - 1)*(epsilons[2] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    _, second, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(whole) / second * (epsilons[1, ...] - epsilons[0, ...])
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, changed)


def dpm_solver_3s_step__second_order_weight(x_t, epsilons, alphas, sigmas):
    """The second-order step's weight (exp(h) - 1)/2 in place of (exp(h) - 1)/h - 1.

    Fix: -sigmas[3]/r_2*((exp(h) - 1)/h - 1)*(epsilons[2] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    _, second, whole = _falls(alphas, sigmas)
    weight = namespace(alphas, sigmas).expm1(whole) * whole / (2 * second)
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, weight * (epsilons[2, ...] - epsilons[0, ...]))


def dpm_solver_3s_step__r_1_for_r_2(x_t, epsilons, alphas, sigmas):
    """The change up to the third estimate divided by r_1.

    Fix: -sigmas[3]/r_2*((exp(h) - 1)/h - 1)*(epsilons[2] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    first, _, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(whole) / first * (epsilons[2, ...] - epsilons[0, ...])
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, changed)


def dpm_solver_3s_step__sign(x_t, epsilons, alphas, sigmas):
    """The change of the noise with the data prediction's sign.

    Fix: -sigmas[3]/r_2*((exp(h) - 1)/h - 1)*(epsilons[2] - epsilons[0]), Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    _, second, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(whole) / second * (epsilons[0, ...] - epsilons[2, ...])
    return _of_noise(x_t, epsilons[0, ...], alphas, sigmas, changed)


def dpmpp_2s_step__euler(x_t, x_0s, alphas, sigmas):
    """The first estimate alone: DDIM.

    Fix: (1 - 1/(2*r_1))*x_0s[0] + 1/(2*r_1)*x_0s[1] for the data, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, 0 * x_0s[0, ...])


def dpmpp_2s_step__r_1_not_doubled(x_t, x_0s, alphas, sigmas):
    """1/r_1 in place of 1/(2*r_1).

    Fix: (1 - 1/(2*r_1))*x_0s[0] + 1/(2*r_1)*x_0s[1] for the data, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    return _of_data(x_t, x_0s[0, ...] + whole / first * (x_0s[1, ...] - x_0s[0, ...]), alphas, sigmas, 0 * x_0s[0, ...])


def dpmpp_2s_step__r_1_taken_for_a_half(x_t, x_0s, alphas, sigmas):
    """The second estimate alone, wherever the inner level is: right in the middle in half_logsnr only.

    Fix: (1 - 1/(2*r_1))*x_0s[0] + 1/(2*r_1)*x_0s[1] with r_1 from the levels, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return _of_data(x_t, x_0s[1, ...], alphas, sigmas, 0 * x_0s[0, ...])


def dpmpp_2s_step__weights_swapped(x_t, x_0s, alphas, sigmas):
    """Each estimate with the other's weight.

    Fix: (1 - 1/(2*r_1))*x_0s[0] + 1/(2*r_1)*x_0s[1] for the data, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    middle = x_0s[1, ...] + whole / (2 * first) * (x_0s[0, ...] - x_0s[1, ...])
    return _of_data(x_t, middle, alphas, sigmas, 0 * x_0s[0, ...])


def dpmpp_2s_step__noise_exponential(x_t, x_0s, alphas, sigmas):
    """exp(h) - 1, the noise prediction's, in place of 1 - exp(-h).

    Fix: -alphas[2]*(exp(-h) - 1) on the data, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    middle = x_0s[0, ...] + whole / (2 * first) * (x_0s[1, ...] - x_0s[0, ...])
    return sigmas[2] / sigmas[0] * x_t + alphas[2] * namespace(alphas, sigmas).expm1(whole) * middle


def dpmpp_2s_heun_step__euler(x_t, x_0s, alphas, sigmas):
    """The first estimate alone: DDIM.

    Fix: add alphas[2]/r_1*((exp(-h) - 1)/h + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, 0 * x_0s[0, ...])


def dpmpp_2s_heun_step__r_1_left_out(x_t, x_0s, alphas, sigmas):
    """The change of the data not divided by r_1.

    Fix: alphas[2]/r_1*((exp(-h) - 1)/h + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    _, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(-whole) / whole * (x_0s[1, ...] - x_0s[0, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_2s_heun_step__sign(x_t, x_0s, alphas, sigmas):
    """The change of the data with the noise prediction's sign.

    Fix: + alphas[2]/r_1*((exp(-h) - 1)/h + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(-whole) / first * (x_0s[0, ...] - x_0s[1, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_2s_heun_step__one_left_out(x_t, x_0s, alphas, sigmas):
    """(1 - exp(-h))/h without the 1 from which it is taken.

    Fix: alphas[2]/r_1*((exp(-h) - 1)/h + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    first, whole = _falls(alphas, sigmas)
    changed = -namespace(alphas, sigmas).expm1(-whole) / first * (x_0s[1, ...] - x_0s[0, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_3s_state__euler(x_t, x_0s, alphas, sigmas):
    """The first estimate alone: the run falls to second order.

    Fix: add alphas[2]*r_2/r_1*((exp(-r_2*h) - 1)/(r_2*h) + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, 0 * x_0s[0, ...])


def dpmpp_3s_state__ratio_left_out(x_t, x_0s, alphas, sigmas):
    """The change of the data not divided by r_1 nor multiplied by r_2.

    Fix: alphas[2]*r_2/r_1*((exp(-r_2*h) - 1)/(r_2*h) + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    _, second = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(-second) / second * (x_0s[1, ...] - x_0s[0, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_3s_state__sign(x_t, x_0s, alphas, sigmas):
    """The change of the data with the noise prediction's sign.

    Fix: + alphas[2]*r_2/r_1*((exp(-r_2*h) - 1)/(r_2*h) + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    first, second = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(-second) / first * (x_0s[0, ...] - x_0s[1, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_3s_state__h_1_twice(x_t, x_0s, alphas, sigmas):
    """r_1*h in place of r_2*h in the weight of the change.

    Fix: alphas[2]*r_2/r_1*((exp(-r_2*h) - 1)/(r_2*h) + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    first, second = _falls(alphas, sigmas)
    weight = second / first * namespace(alphas, sigmas).expm1mx(-first) / first
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, weight * (x_0s[1, ...] - x_0s[0, ...]))


def dpmpp_3s_step__euler(x_t, x_0s, alphas, sigmas):
    """The first estimate alone: DDIM.

    Fix: add alphas[3]/r_2*((exp(-h) - 1)/h + 1)*(x_0s[2] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, 0 * x_0s[0, ...])


def dpmpp_3s_step__second_estimate_for_third(x_t, x_0s, alphas, sigmas):
    """The second estimate in place of the third, with the third's r_2.

    Fix: alphas[3]/r_2*((exp(-h) - 1)/h + 1)*(x_0s[2] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    _, second, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(-whole) / second * (x_0s[1, ...] - x_0s[0, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_3s_step__second_order_weight(x_t, x_0s, alphas, sigmas):
    """The second-order step's weight (1 - exp(-h))/2 in place of (exp(-h) - 1)/h + 1.

    Fix: alphas[3]/r_2*((exp(-h) - 1)/h + 1)*(x_0s[2] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    _, second, whole = _falls(alphas, sigmas)
    weight = -namespace(alphas, sigmas).expm1(-whole) * whole / (2 * second)
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, weight * (x_0s[2, ...] - x_0s[0, ...]))


def dpmpp_3s_step__r_1_for_r_2(x_t, x_0s, alphas, sigmas):
    """The change up to the third estimate divided by r_1.

    Fix: alphas[3]/r_2*((exp(-h) - 1)/h + 1)*(x_0s[2] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    first, _, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(-whole) / first * (x_0s[2, ...] - x_0s[0, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_3s_step__sign(x_t, x_0s, alphas, sigmas):
    """The change of the data with the noise prediction's sign.

    Fix: + alphas[3]/r_2*((exp(-h) - 1)/h + 1)*(x_0s[2] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    _, second, whole = _falls(alphas, sigmas)
    changed = namespace(alphas, sigmas).expm1mx(-whole) / second * (x_0s[0, ...] - x_0s[2, ...])
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def _parabola(x_t, x_0s, alphas, sigmas, halves, bend_share):
    """The step on a parabola, with so many halves of h**2 in the bend's weight and this share of the bend itself."""
    first, second, whole = _falls(alphas, sigmas)
    slopes = [(x_0s[i, ...] - x_0s[0, ...]) / fall for i, fall in ((1, first), (2, second))]
    bend = (slopes[1] - slopes[0]) / (second - first)
    linear = namespace(alphas, sigmas).expm1mx(-whole)
    changed = linear * (slopes[0] - first * bend) + (halves * whole**2 - 2 * linear) * bend_share * bend
    return _of_data(x_t, x_0s[0, ...], alphas, sigmas, changed)


def dpmpp_3s_heun_step__bend_left_out(x_t, x_0s, alphas, sigmas):
    """The slope D_1 alone.

    Fix: - alphas[3]*((exp(-h) - 1 + h)/h**2 - 1/2)*D_2 beside it, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, 0)


def dpmpp_3s_heun_step__bend_not_doubled(x_t, x_0s, alphas, sigmas):
    """D_2 without its factor 2, as the multistep solver's divided difference has none.

    Fix: D_2 = 2*(second - first)/(r_2 - r_1), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, namespace(alphas, sigmas).ones_like(alphas[0]) / 2)


def dpmpp_3s_heun_step__bend_of_the_other_sign(x_t, x_0s, alphas, sigmas):
    """+ in place of - before the weight of D_2.

    Fix: - alphas[3]*((exp(-h) - 1 + h)/h**2 - 1/2)*D_2, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 1, -1)


def dpmpp_3s_heun_step__half_left_out(x_t, x_0s, alphas, sigmas):
    """(exp(-h) - 1 + h)/h**2 without the half taken off.

    Fix: - alphas[3]*((exp(-h) - 1 + h)/h**2 - 1/2)*D_2, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _parabola(x_t, x_0s, alphas, sigmas, 0, 1)


def _walked(x_T, count, move):
    states = [x_T]
    for i in range(count):
        states.append(move(i, states[i]))
    return namespace(x_T).stack(states)


def _euler(x_t, x_0, alphas, sigmas, i):
    return rectified_step(x_t, x_0, alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i])


def euler_path__model_of_initial_state(denoiser_at_level, x_T, alphas, sigmas):
    """The denoiser asked about x_T at every step.

    Fix: denoiser(x_t, t) of the current state, Song et al. 2021, Eq. (12)
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def move(i, x_t):
        return _euler(x_t, denoiser_at_level(x_T, alphas[i], sigmas[i]), alphas, sigmas, i)

    return _walked(x_T, len(sigmas) - 1, move)


def euler_path__model_asked_at_s(denoiser_at_level, x_T, alphas, sigmas):
    """The denoiser told the next level in place of the state's own; at the last step, which has no noise to tell, the same one.

    Fix: the denoiser asked at the level of the state it is given, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """

    def move(i, x_t):
        k = i + 1 if sigmas[i + 1] > 0 else i
        return _euler(x_t, denoiser_at_level(x_t, alphas[k], sigmas[k]), alphas, sigmas, i)

    return _walked(x_T, len(sigmas) - 1, move)


def euler_path__signal_scale_left_out(denoiser_at_level, x_T, alphas, sigmas):
    """EDM's step, which is for a signal that keeps its scale, on states whose signal does not.

    Fix: alpha_s*x_0 + sigma_s*(x_t - alpha_t*x_0)/sigma_t, Song et al. 2021, Eq. (12)
    Seen in: plausible
    """

    def move(i, x_t):
        return edm_euler_step(x_t, denoiser_at_level(x_t, alphas[i], sigmas[i]), sigmas[i], sigmas[i + 1])

    return _walked(x_T, len(sigmas) - 1, move)


def euler_path__whole_way_in_one_step(denoiser_at_level, x_T, alphas, sigmas):
    """Every state by one step from x_T: a grid with one interval.

    Fix: a step between all neighbouring levels, each from the state before it, Song et al. 2021, Eq. (12)
    Seen in: B062, LuChengTHU/dpm-solver@8acf2bb
    """
    x_0 = denoiser_at_level(x_T, alphas[0], sigmas[0])

    def move(i, x_t):
        return rectified_step(x_T, x_0, alphas[i + 1], sigmas[i + 1], alphas[0], sigmas[0])

    return _walked(x_T, len(sigmas) - 1, move)


def heun_path__euler(denoiser_at_level, x_T, sigmas):
    """Euler's steps: the correction left out.

    Fix: half the sum of the slopes at both ends, where sigma_s is not 0, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return _euler_run(denoiser_at_level, x_T, namespace(sigmas).ones_like(sigmas), sigmas)


def _heun(denoiser_at_level, x_T, sigmas, second):
    """Heun's steps whose second estimate is second(x_t, euler, sigma_t, sigma_s)."""

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, 1, sigmas[i])
        euler = edm_euler_step(x_t, x_0, sigmas[i], sigmas[i + 1])
        x_0_s = second(x_t, euler, sigmas[i], sigmas[i + 1]) if sigmas[i + 1] > 0 else x_0
        return edm_heun_step(x_t, x_0, x_0_s, sigmas[i], sigmas[i + 1])

    return _walked(x_T, len(sigmas) - 1, move)


def heun_path__second_model_asked_at_t(denoiser_at_level, x_T, sigmas):
    """The second estimate from the model told sigma_t.

    Fix: D(x_s; sigma_s) of Euler's state, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """

    def second(x_t, euler, sigma_t, sigma_s):
        return denoiser_at_level(euler, 1, sigma_t)

    return _heun(denoiser_at_level, x_T, sigmas, second)


def heun_path__second_model_of_x_t(denoiser_at_level, x_T, sigmas):
    """The second estimate from x_t in place of Euler's state.

    Fix: D(x_s; sigma_s) of Euler's state, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """

    def second(x_t, euler, sigma_t, sigma_s):
        return denoiser_at_level(x_t, 1, sigma_s)

    return _heun(denoiser_at_level, x_T, sigmas, second)


def heun_path__second_v_read_at_t(denoiser_at_level, x_T, sigmas):
    """The second v turned into data, and into a slope, at sigma_t: what cancels where the model predicts noise.

    Fix: D(x_s; sigma_s) and its slope both at sigma_s, Karras et al. 2022, Algorithm 1
    Seen in: B055, huggingface/diffusers#1512
    """
    xp = namespace(x_T, sigmas)

    def second(x_t, euler, sigma_t, sigma_s):
        x_0 = denoiser_at_level(euler, 1, sigma_s)
        v = ((euler - x_0) / sigma_s - sigma_s * x_0) / xp.sqrt(1 + sigma_s**2)
        read = euler / (1 + sigma_t**2) - sigma_t / xp.sqrt(1 + sigma_t**2) * v
        # The slope that divides by sigma_t, as one that divides by sigma_s.
        return euler - sigma_s / sigma_t * (euler - read)

    return _heun(denoiser_at_level, x_T, sigmas, second)


def heun_path__last_step_left_out(denoiser_at_level, x_T, sigmas):
    """One step too few: the last state is the one before it again.

    Fix: a step between all neighbouring levels, the last down to 0, Karras et al. 2022, Algorithm 1
    Seen in: B068, lucidrains/denoising-diffusion-pytorch@b87ea27, in the grid of levels
    """

    def second(x_t, euler, sigma_t, sigma_s):
        return denoiser_at_level(euler, 1, sigma_s)

    states = _heun(denoiser_at_level, x_T, sigmas, second)
    return namespace(x_T).concat([states[:-1, ...], states[-2:-1, ...]], axis=0)


def _dpm2(denoiser_at_level, x_T, sigmas, middle, asked):
    """DPM2's steps whose middle is middle(sigma_t, sigma_s), the model asked about asked(x_t, state, sigma_t, middle)."""
    xp = namespace(x_T, sigmas)

    def move(i, x_t):
        x_0 = denoiser_at_level(x_t, 1, sigmas[i])
        if sigmas[i + 1] == 0:
            return x_0
        between = middle(sigmas[i], sigmas[i + 1])
        state, level = asked(x_t, edm_euler_step(x_t, x_0, sigmas[i], between), sigmas[i], between)
        x_0s = xp.stack([x_0, denoiser_at_level(state, 1, level)])
        return singlestep.dpm2_step(x_t, x_0s, xp.stack([sigmas[i], between, sigmas[i + 1]]))

    return _walked(x_T, len(sigmas) - 1, move)


def _geometric(sigma_t, sigma_s):
    return namespace(sigma_t, sigma_s).sqrt(sigma_t * sigma_s)


def dpm2_path__euler(denoiser_at_level, x_T, sigmas):
    """Euler's steps.

    Fix: the slope at the geometric mean of the two sigmas, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    return _euler_run(denoiser_at_level, x_T, namespace(sigmas).ones_like(sigmas), sigmas)


def dpm2_path__middle_is_the_arithmetic_mean(denoiser_at_level, x_T, sigmas):
    """The plain midpoint method: of second order too, but another solver.

    Fix: the slope at the geometric mean of the two sigmas, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """

    def mean(sigma_t, sigma_s):
        return (sigma_t + sigma_s) / 2

    return _dpm2(denoiser_at_level, x_T, sigmas, mean, lambda x_t, state, sigma_t, between: (state, between))


def dpm2_path__middle_of_cube_roots(denoiser_at_level, x_T, sigmas):
    """The middle by the mean of the cube roots, as k-diffusion's first version had it: of second order too, but another solver.

    Fix: the slope at the geometric mean of the two sigmas, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible; the first released code of k-diffusion
    """

    def mean(sigma_t, sigma_s):
        xp = namespace(sigma_t, sigma_s)
        return ((xp.exp(xp.log(sigma_t) / 3) + xp.exp(xp.log(sigma_s) / 3)) / 2) ** 3

    return _dpm2(denoiser_at_level, x_T, sigmas, mean, lambda x_t, state, sigma_t, between: (state, between))


def dpm2_path__middle_model_at_t(denoiser_at_level, x_T, sigmas):
    """The middle's estimate from the model told sigma_t.

    Fix: the model told the middle's sigma, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    return _dpm2(denoiser_at_level, x_T, sigmas, _geometric, lambda x_t, state, sigma_t, between: (state, sigma_t))


def dpm2_path__middle_model_of_x_t(denoiser_at_level, x_T, sigmas):
    """The middle's estimate from x_t in place of the middle's state.

    Fix: the model asked about the middle's Euler state, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    return _dpm2(denoiser_at_level, x_T, sigmas, _geometric, lambda x_t, state, sigma_t, between: (x_t, between))


_DATA = (rectified_step, lambda denoiser: denoiser, singlestep.dpmpp_2s_step, singlestep.dpmpp_3s_step, singlestep.dpmpp_3s_state)
_NOISE = (
    ddim_step_scaled,
    lambda denoiser: lambda x_t, *level: eps_from_x_0(x_t, denoiser(x_t, *level), *level),
    singlestep.dpm_solver_2s_step,
    singlestep.dpm_solver_3s_step,
    singlestep.dpm_solver_3s_state,
)


def _in_half_logsnr(start, end, k, n):
    xp = namespace(start, end)
    return xp.exp(((n - k) * xp.log(start) + k * xp.log(end)) / n)


def _in_sigma(start, end, k, n):
    return ((n - k) * start + k * end) / n


def _asked(x_t, state, alpha_t, sigma_t, inner):
    return state, 1, inner


def _inner(kind, model, x_t, levels, right, asked, held):
    """All estimates of a step from the first of these levels; `right` is what the inner levels are taken for."""
    start, *inner = levels
    xp, found = namespace(x_t, *start, *right), [model(x_t, *start)]
    for k, ratio in enumerate(inner):
        ones = [0 * level + 1 for level in inner[: k + 1]]
        at = xp.stack([start[0], *ones]), xp.stack([start[1], *right[: k + 1]])
        state = held(x_t, xp.stack(found), *at) if k else kind[0](x_t, found[0], 1, ratio, *start)
        found.append(model(*asked(x_t, state, *start, ratio)))
    return xp.stack(found)


def _runs(kind, order, denoiser_at_level, x_T, alphas, sigmas, between=_in_half_logsnr, asked=_asked, held=None, last=None):
    """A run of this kind and order, but for where its inner levels lie, what they are taken for, and what is asked there."""
    model, ends = kind[1](denoiser_at_level), [*sigmas[:-1], sigmas[-1] if last is None else last]

    def move(i, x_t):
        if ends[i + 1] == 0:
            return alphas[i + 1] * denoiser_at_level(x_t, alphas[i], sigmas[i])
        levels = sigmas[i] / alphas[i], ends[i + 1] / alphas[i + 1]
        inner, right = ([f(*levels, k, order) for k in range(1, order)] for f in (between, _in_half_logsnr))
        found = _inner(kind, model, x_t, [(alphas[i], sigmas[i]), *inner], right, asked, held or kind[4])
        whole = [alphas[i], *(0 * ratio + 1 for ratio in inner), alphas[i + 1]], [sigmas[i], *right, ends[i + 1]]
        return kind[order](x_t, found, *map(namespace(x_T, alphas, sigmas).stack, whole))

    return _walked(x_T, len(sigmas) - 1, move)


def _euler_run(denoiser_at_level, x_T, alphas, sigmas):
    def move(i, x_t):
        return _euler(x_t, denoiser_at_level(x_t, alphas[i], sigmas[i]), alphas, sigmas, i)

    return _walked(x_T, len(sigmas) - 1, move)


def _of_x_t(x_t, state, alpha_t, sigma_t, inner):
    return x_t / alpha_t, 1, inner


def _at_t(x_t, state, alpha_t, sigma_t, inner):
    return state, 1, sigma_t / alpha_t


def _clamped(sigmas):
    """The last noise scale, kept from 0 so that its log is finite."""
    return namespace(sigmas).maximum(sigmas[-1], (0 * sigmas[0] + 1) / 1000)


def dpm_solver_2s_path__euler(denoiser_at_level, x_T, alphas, sigmas):
    """DDIM's steps.

    Fix: two estimates a step, the second at its middle in half_logsnr, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    return _euler_run(denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_2s_path__inner_level_in_sigma(denoiser_at_level, x_T, alphas, sigmas):
    """The inner level half way in sigma/alpha, taken for the middle in half_logsnr.

    Fix: the inner level at the mean of the two half_logsnr, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    return _runs(_NOISE, 2, denoiser_at_level, x_T, alphas, sigmas, between=_in_sigma)


def dpm_solver_2s_path__inner_model_of_x_t(denoiser_at_level, x_T, alphas, sigmas):
    """The inner estimate from x_t in place of the inner state.

    Fix: the model asked about the inner Euler state, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """
    return _runs(_NOISE, 2, denoiser_at_level, x_T, alphas, sigmas, asked=_of_x_t)


def dpm_solver_2s_path__inner_state_keeps_the_scale_of_t(denoiser_at_level, x_T, alphas, sigmas):
    """The inner state with the signal scale of t, told to the model as if it had its own.

    Fix: x_inner = alpha_inner/alpha_t*x_t - sigma_inner*(exp(h/2) - 1)*eps, Lu et al. 2022, DPM-Solver, Algorithm 1
    Seen in: plausible
    """

    def asked(x_t, state, alpha_t, sigma_t, inner):
        return alpha_t * state, 1, inner

    return _runs(_NOISE, 2, denoiser_at_level, x_T, alphas, sigmas, asked=asked)


def dpm_solver_3s_path__euler(denoiser_at_level, x_T, alphas, sigmas):
    """DDIM's steps.

    Fix: three estimates a step, at its start, third and two thirds in half_logsnr, Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    return _euler_run(denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_3s_path__inner_levels_in_sigma(denoiser_at_level, x_T, alphas, sigmas):
    """The inner levels at thirds in sigma/alpha, taken for thirds in half_logsnr.

    Fix: inner levels at thirds in half_logsnr, Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    return _runs(_NOISE, 3, denoiser_at_level, x_T, alphas, sigmas, between=_in_sigma)


def dpm_solver_3s_path__second_state_by_euler(denoiser_at_level, x_T, alphas, sigmas):
    """The second inner state by Euler's step from the first estimate: of second order only.

    Fix: u = ... - sigma*r_2/r_1*((exp(r_2*h) - 1)/(r_2*h) - 1)*D_1, Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    return _runs(_NOISE, 3, denoiser_at_level, x_T, alphas, sigmas, held=dpm_solver_3s_state__euler)


def dpm_solver_3s_path__r_1_for_r_2(denoiser_at_level, x_T, alphas, sigmas):
    """The change up to the third estimate divided by r_1 = 1/3.

    Fix: -sigma_s/r_2*((exp(h) - 1)/h - 1)*D_2 with r_2 = 2/3, Lu et al. 2022, DPM-Solver, Algorithm 2
    Seen in: plausible
    """
    return _runs((*_NOISE[:3], dpm_solver_3s_step__r_1_for_r_2, _NOISE[4]), 3, denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_3s_path__last_step_not_eulers(denoiser_at_level, x_T, alphas, sigmas):
    """A third-order step down to sigma = 0, clamped so that its log is finite.

    Fix: Euler's step where the last sigma is 0, Lu et al. 2022, DPM-Solver, Algorithm 2, which ends with noise
    Seen in: B060, huggingface/diffusers#9104, where log(0) gave nan
    """
    return _runs(_NOISE, 3, denoiser_at_level, x_T, alphas, sigmas, last=_clamped(sigmas))


def dpmpp_2s_path__euler(denoiser_at_level, x_T, alphas, sigmas):
    """DDIM's steps.

    Fix: two estimates a step, the second at its middle in half_logsnr, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return _euler_run(denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2s_path__inner_level_in_sigma(denoiser_at_level, x_T, alphas, sigmas):
    """The inner level half way in sigma/alpha, taken for the middle in half_logsnr.

    Fix: the inner level at the mean of the two half_logsnr, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return _runs(_DATA, 2, denoiser_at_level, x_T, alphas, sigmas, between=_in_sigma)


def dpmpp_2s_path__inner_model_of_x_t(denoiser_at_level, x_T, alphas, sigmas):
    """The inner estimate from x_t in place of the inner state.

    Fix: the model asked about the inner Euler state, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return _runs(_DATA, 2, denoiser_at_level, x_T, alphas, sigmas, asked=_of_x_t)


def dpmpp_2s_path__inner_model_at_t(denoiser_at_level, x_T, alphas, sigmas):
    """The inner estimate from the model told the level of t.

    Fix: the model told the inner level, Lu et al. 2022, DPM-Solver++, Algorithm 1
    Seen in: plausible
    """
    return _runs(_DATA, 2, denoiser_at_level, x_T, alphas, sigmas, asked=_at_t)


def dpmpp_2s_path__last_step_not_eulers(denoiser_at_level, x_T, alphas, sigmas):
    """A second-order step down to sigma = 0, clamped so that its log is finite.

    Fix: Euler's step where the last sigma is 0, Lu et al. 2022, DPM-Solver++, Algorithm 1, which ends with noise
    Seen in: B060, huggingface/diffusers#9104, where log(0) gave nan
    """
    return _runs(_DATA, 2, denoiser_at_level, x_T, alphas, sigmas, last=_clamped(sigmas))


def dpmpp_3s_path__euler(denoiser_at_level, x_T, alphas, sigmas):
    """DDIM's steps.

    Fix: three estimates a step, at its start, third and two thirds in half_logsnr, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _euler_run(denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_3s_path__inner_levels_in_sigma(denoiser_at_level, x_T, alphas, sigmas):
    """The inner levels at thirds in sigma/alpha, taken for thirds in half_logsnr.

    Fix: inner levels at thirds in half_logsnr, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _runs(_DATA, 3, denoiser_at_level, x_T, alphas, sigmas, between=_in_sigma)


def dpmpp_3s_path__inner_model_of_x_t(denoiser_at_level, x_T, alphas, sigmas):
    """The inner estimates from x_t in place of the inner states.

    Fix: the model asked about each inner state, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _runs(_DATA, 3, denoiser_at_level, x_T, alphas, sigmas, asked=_of_x_t)


def dpmpp_3s_path__second_state_by_euler(denoiser_at_level, x_T, alphas, sigmas):
    """The second inner state by Euler's step from the first estimate: of second order only.

    Fix: + alpha*r_2/r_1*((exp(-r_2*h) - 1)/(r_2*h) + 1)*(x_0s[1] - x_0s[0]), Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _runs(_DATA, 3, denoiser_at_level, x_T, alphas, sigmas, held=dpmpp_3s_state__euler)


def dpmpp_3s_path__r_1_for_r_2(denoiser_at_level, x_T, alphas, sigmas):
    """The change up to the third estimate divided by r_1 = 1/3.

    Fix: alpha_s/r_2*((exp(-h) - 1)/h + 1)*(x_0s[2] - x_0s[0]) with r_2 = 2/3, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _runs((*_DATA[:3], dpmpp_3s_step__r_1_for_r_2, _DATA[4]), 3, denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_3s_path__inner_models_at_t(denoiser_at_level, x_T, alphas, sigmas):
    """The inner estimates from the model told the level of t.

    Fix: the model told each inner level, Lu et al. 2022, DPM-Solver++, code
    Seen in: plausible
    """
    return _runs(_DATA, 3, denoiser_at_level, x_T, alphas, sigmas, asked=_at_t)


def dpmpp_3s_path__last_step_not_eulers(denoiser_at_level, x_T, alphas, sigmas):
    """A third-order step down to sigma = 0, clamped so that its log is finite.

    Fix: Euler's step where the last sigma is 0, Lu et al. 2022, DPM-Solver++, code
    Seen in: B060, huggingface/diffusers#9104, where log(0) gave nan
    """
    return _runs(_DATA, 3, denoiser_at_level, x_T, alphas, sigmas, last=_clamped(sigmas))


def flow_euler_path__towards_noise(velocity_model, x_T, times):
    """Steps of the wrong sign, right where velocities point to the data.

    Fix: x_t - step_size*velocity, Liu et al. 2022, section 2.2
    Seen in: B099, lucidrains/rectified-flow-pytorch#14
    """

    def move(i, x_t):
        return flow_euler_step(x_t, velocity_model(x_t, times[i]), times[i + 1] - times[i])

    return _walked(x_T, len(times) - 1, move)


def flow_euler_path__model_of_initial_state(velocity_model, x_T, times):
    """The model asked about x_T at every step.

    Fix: velocity(x_t, time) of the current state, Liu et al. 2022, section 2.2
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def move(i, x_t):
        return flow_euler_step(x_t, velocity_model(x_T, times[i]), times[i] - times[i + 1])

    return _walked(x_T, len(times) - 1, move)


def flow_euler_path__model_asked_at_s(velocity_model, x_T, times):
    """The model told the next time in place of the state's own, but for the last step.

    Fix: velocity(x_t, time) at the time of the state, Liu et al. 2022, section 2.2
    Seen in: plausible
    """

    def move(i, x_t):
        asked = times[i + 1] if times[i + 1] > 0 else times[i]
        return flow_euler_step(x_t, velocity_model(x_t, asked), times[i] - times[i + 1])

    return _walked(x_T, len(times) - 1, move)


def flow_euler_path__even_steps(velocity_model, x_T, times):
    """Steps of 1/n each, whatever the times.

    Fix: step_size = times[i] - times[i + 1], Liu et al. 2022, section 2.2, where the times are even
    Seen in: plausible
    """

    def move(i, x_t):
        return flow_euler_step(x_t, velocity_model(x_t, times[i]), (0 * times[0] + 1) / (len(times) - 1))

    return _walked(x_T, len(times) - 1, move)


def _flow_euler(velocity_model, x_T, times):
    def move(i, x_t):
        return flow_euler_step(x_t, velocity_model(x_t, times[i]), times[i] - times[i + 1])

    return _walked(x_T, len(times) - 1, move)


def _flow_midpoint(velocity_model, x_T, times, asked, share):
    """Midpoint steps over this share of each, the second velocity at asked(x_t, middle, start, middle_time)."""

    def move(i, x_t):
        step_size = times[i] - times[i + 1]
        middle = flow_euler_step(x_t, velocity_model(x_t, times[i]), step_size / 2)
        velocity = velocity_model(*asked(x_t, middle, times[i], (times[i] + times[i + 1]) / 2))
        return flow_euler_step(x_t, velocity, step_size / share)

    return _walked(x_T, len(times) - 1, move)


def flow_midpoint_path__euler(velocity_model, x_T, times):
    """Euler's steps.

    Fix: the velocity at the middle's state and time, Hairer, Norsett and Wanner 1993, section II.1
    Seen in: plausible
    """
    return _flow_euler(velocity_model, x_T, times)


def flow_midpoint_path__middle_model_asked_at_t(velocity_model, x_T, times):
    """The middle's velocity from the model told the step's first time.

    Fix: the velocity at the middle's state and time, Hairer, Norsett and Wanner 1993, section II.1
    Seen in: plausible
    """
    return _flow_midpoint(velocity_model, x_T, times, lambda x_t, middle, start, between: (middle, start), 1)


def flow_midpoint_path__middle_model_of_x_t(velocity_model, x_T, times):
    """The middle's velocity from x_t in place of the middle's state.

    Fix: the velocity at the middle's state and time, Hairer, Norsett and Wanner 1993, section II.1
    Seen in: plausible
    """
    return _flow_midpoint(velocity_model, x_T, times, lambda x_t, middle, start, between: (x_t, between), 1)


def flow_midpoint_path__half_the_way(velocity_model, x_T, times):
    """The middle's velocity, followed over half the step.

    Fix: the whole step along the velocity at the middle, Hairer, Norsett and Wanner 1993, section II.1
    Seen in: plausible
    """
    return _flow_midpoint(velocity_model, x_T, times, lambda x_t, middle, start, between: (middle, between), 2)


def _flow_heun(velocity_model, x_T, times, asked, share):
    """Heun's steps of this many halves, the second velocity at asked(x_t, euler, start, end)."""

    def move(i, x_t):
        step_size = times[i] - times[i + 1]
        velocity = velocity_model(x_t, times[i])
        euler = flow_euler_step(x_t, velocity, step_size)
        return flow_heun_step(x_t, velocity, velocity_model(*asked(x_t, euler, times[i], times[i + 1])), share * step_size)

    return _walked(x_T, len(times) - 1, move)


def flow_heun_path__euler(velocity_model, x_T, times):
    """Euler's steps.

    Fix: half the sum of the velocities at both ends, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return _flow_euler(velocity_model, x_T, times)


def flow_heun_path__second_model_asked_at_t(velocity_model, x_T, times):
    """The second velocity from the model told the step's first time.

    Fix: the velocity at Euler's state and the next time, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return _flow_heun(velocity_model, x_T, times, lambda x_t, euler, start, end: (euler, start), 1)


def flow_heun_path__second_model_of_x_t(velocity_model, x_T, times):
    """The second velocity from x_t in place of Euler's state.

    Fix: the velocity at Euler's state and the next time, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return _flow_heun(velocity_model, x_T, times, lambda x_t, euler, start, end: (x_t, end), 1)


def flow_heun_path__slopes_added(velocity_model, x_T, times):
    """The sum of the two velocities in place of their mean.

    Fix: half the sum of the velocities at both ends, Karras et al. 2022, Algorithm 1
    Seen in: plausible
    """
    return _flow_heun(velocity_model, x_T, times, lambda x_t, euler, start, end: (euler, end), 2)


def _followed(state, velocities, steps):
    for velocity, step in zip(velocities, steps, strict=True):
        state = flow_euler_step(state, velocity, step)
    return state


def _runge_kutta(velocity_model, x_T, times, rows, weights, parts, late=True, total=None):
    """Steps with these stages: each a row of shares of the velocities before it, all of them in so many parts of the step."""

    def move(i, x_t):
        h, found = (times[i] - times[i + 1]) / parts, []
        for row in rows:
            state = _followed(x_t, found, [share * h for share in row])
            found.append(velocity_model(state, times[i] - (sum(row) * h if late else 0 * h)))
        return _followed(x_t, found, [share * h * parts / (total or sum(weights)) for share in weights])

    return _walked(x_T, len(times) - 1, move)


_CLASSICAL = [[], [1], [0, 1], [0, 0, 2]], [1, 2, 2, 1], 2
_THREE_EIGHTHS = [[], [1], [-1, 3], [3, -3, 3]], [1, 3, 3, 1], 3


def flow_rk4_path__three_eighths_rule(velocity_model, x_T, times):
    """Kutta's other rule, with inner times at the thirds, which torchdiffeq calls rk4: flow_three_eighths_path.

    Fix: two velocities at the middle, weights 1/6, 1/3, 1/3, 1/6, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, *_THREE_EIGHTHS)


def flow_rk4_path__equal_weights(velocity_model, x_T, times):
    """The plain mean of the four velocities.

    Fix: weights 1/6, 1/3, 1/3, 1/6, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, _CLASSICAL[0], [1, 1, 1, 1], 2)


def flow_rk4_path__middle_velocities_not_doubled(velocity_model, x_T, times):
    """A sixth of the plain sum of the four velocities.

    Fix: (k_1 + 2*k_2 + 2*k_3 + k_4)/6, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, _CLASSICAL[0], [1, 1, 1, 1], 2, total=6)


def flow_rk4_path__inner_steps_whole(velocity_model, x_T, times):
    """The inner velocities after whole steps in place of half ones.

    Fix: the second and third velocity at the middle, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, [[], [1], [0, 1], [0, 0, 1]], _CLASSICAL[1], 1)


def flow_rk4_path__inner_times_at_t(velocity_model, x_T, times):
    """All four velocities from the model told the step's first time.

    Fix: inner velocities at the middle's time, the last at the next, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, *_CLASSICAL, late=False)


def flow_three_eighths_path__classical_rule(velocity_model, x_T, times):
    """The classical rule, with two velocities at the middle: flow_rk4_path.

    Fix: inner times at the thirds, weights 1/8, 3/8, 3/8, 1/8, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, *_CLASSICAL)


def flow_three_eighths_path__simpsons_weights(velocity_model, x_T, times):
    """The classical rule's weights on the 3/8 rule's velocities.

    Fix: weights 1/8, 3/8, 3/8, 1/8, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, _THREE_EIGHTHS[0], [1, 2, 2, 1], 3)


def flow_three_eighths_path__first_velocity_added(velocity_model, x_T, times):
    """The third velocity after k_2 + k_1/3 in place of k_2 - k_1/3.

    Fix: x_t - h*(k_2 - k_1/3) at two thirds, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """

    def move(i, x_t):
        start, h = times[i], times[i] - times[i + 1]
        first = velocity_model(x_t, start)
        second = velocity_model(flow_euler_step(x_t, first, h / 3), start - h / 3)
        third = velocity_model(flow_euler_step(x_t, second + first / 3, h), start - 2 * h / 3)
        last = velocity_model(flow_euler_step(x_t, first - second + third, h), times[i + 1])
        return flow_euler_step(x_t, (first + 3 * (second + third) + last) / 8, h)

    return _walked(x_T, len(times) - 1, move)


def flow_three_eighths_path__inner_times_at_t(velocity_model, x_T, times):
    """All four velocities from the model told the step's first time.

    Fix: inner velocities at the times of the thirds, the last at the next, Hairer, Norsett and Wanner 1993, Table 1.2
    Seen in: plausible
    """
    return _runge_kutta(velocity_model, x_T, times, *_THREE_EIGHTHS, late=False)
