"""Wrong bodies of samplers that go too far and add noise back."""

from refdiff.numbers import namespace
from refdiff.reference.ancestral import (
    ancestral_sigma_down,
    ancestral_sigma_up,
    dpm2_ancestral_step,
    dpmpp_2s_ancestral_step,
    euler_ancestral_flow_step,
    euler_ancestral_step,
    lcm_c_out,
    lcm_c_skip,
    lcm_step,
    restart_path,
    tcd_step,
)
from refdiff.reference.ddim import rectified_step
from refdiff.reference.edm import edm_churn_gamma, edm_churned_sigma, edm_churned_state, edm_euler_step
from refdiff.reference.sde import ve_added_variance, ve_transition_sample

__all__ = [
    "ancestral_sigma_down__difference_of_scales", "ancestral_sigma_down__eta_ignored", "ancestral_sigma_down__target",
    "ancestral_sigma_down__variance", "ancestral_sigma_up__eta_ignored", "ancestral_sigma_up__forward_noise",
    "ancestral_sigma_up__not_capped", "ancestral_sigma_up__variance", "consistency_path__all_noise_of_sigma",
    "consistency_path__levels_one_step_early", "consistency_path__model_at_first_level", "consistency_path__noise_kept",
    "consistency_path__same_noise_every_step", "consistency_path__scales_subtracted", "dpm2_ancestral_path__middle_asked_at_t",
    "dpm2_ancestral_path__middle_asked_of_x_t", "dpm2_ancestral_path__middle_of_t_and_s",
    "dpm2_ancestral_path__no_noise_where_capped", "dpm2_ancestral_path__same_noise_every_step",
    "dpm2_ancestral_path__without_noise", "dpm2_ancestral_step__arithmetic_middle", "dpm2_ancestral_step__cubic_middle",
    "dpm2_ancestral_step__down_to_s", "dpm2_ancestral_step__euler", "dpm2_ancestral_step__from_the_middle",
    "dpm2_ancestral_step__middle_of_t_and_s", "dpm2_ancestral_step__slope_over_sigma_t", "dpmpp_2s_ancestral_path__euler",
    "dpmpp_2s_ancestral_path__middle_asked_at_t", "dpmpp_2s_ancestral_path__middle_asked_of_x_t",
    "dpmpp_2s_ancestral_path__middle_of_t_and_s", "dpmpp_2s_ancestral_path__same_noise_every_step",
    "dpmpp_2s_ancestral_path__without_noise", "dpmpp_2s_ancestral_step__down_to_s", "dpmpp_2s_ancestral_step__euler",
    "dpmpp_2s_ancestral_step__extrapolated", "dpmpp_2s_ancestral_step__from_the_middle",
    "dpmpp_2s_ancestral_step__mean_of_estimates", "edm_stochastic_path__bounds_ignored",
    "edm_stochastic_path__level_raised_without_noise", "edm_stochastic_path__max_for_min",
    "edm_stochastic_path__model_at_old_level", "edm_stochastic_path__n_counts_levels",
    "edm_stochastic_path__noise_not_inflated", "edm_stochastic_path__step_from_old_level",
    "edm_stochastic_path__without_correction", "euler_ancestral_flow_path__denoiser_of_initial_state",
    "euler_ancestral_flow_path__noise_rescaled", "euler_ancestral_flow_path__same_noise_every_step",
    "euler_ancestral_flow_path__state_not_rescaled", "euler_ancestral_flow_path__variance_exploding",
    "euler_ancestral_flow_path__without_noise", "euler_ancestral_flow_step__difference_of_variances",
    "euler_ancestral_flow_step__down_of_the_chain", "euler_ancestral_flow_step__eta_ignored",
    "euler_ancestral_flow_step__noise_rescaled", "euler_ancestral_flow_step__state_not_rescaled",
    "euler_ancestral_flow_step__variance_exploding", "euler_ancestral_path__denoiser_of_initial_state",
    "euler_ancestral_path__down_to_s", "euler_ancestral_path__eta_ignored", "euler_ancestral_path__same_noise_every_step",
    "euler_ancestral_path__without_noise", "euler_ancestral_step__all_noise_fresh", "euler_ancestral_step__down_to_s",
    "euler_ancestral_step__eta_ignored", "euler_ancestral_step__not_capped",
    "euler_ancestral_step__variance_of_the_chain",
    "euler_ancestral_step__without_noise", "lcm_c_out__counted_from_one", "lcm_c_out__divided", "lcm_c_out__edm",
    "lcm_c_out__one_less_c_skip", "lcm_c_skip__counted_from_one", "lcm_c_skip__divided", "lcm_c_skip__not_scaled",
    "lcm_c_skip__not_squared", "lcm_path__levels_one_step_early", "lcm_path__noise_at_last_step", "lcm_path__noise_kept",
    "lcm_path__same_noise_every_step", "lcm_path__signal_not_scaled", "lcm_step__power_for_scale",
    "lcm_step__signal_not_scaled", "lcm_step__variance_for_scale", "lcm_step__without_noise", "renoised_step__all_noise_of_s",
    "renoised_step__preserved_variance", "renoised_step__scales_subtracted", "renoised_step__state_not_rescaled",
    "renoised_step__stops_at_r", "renoised_step__variances_not_carried", "restart_path__never", "restart_path__noise_of_t_max",
    "restart_path__once_only", "restart_path__same_noise_every_time", "restart_path__scales_subtracted",
    "restart_path__stretch_in_one_step", "restart_path__without_noise", "tcd_path__all_noise_fresh",
    "tcd_path__final_alpha_bar_first_step", "tcd_path__same_noise_every_step", "tcd_path__state_not_rescaled",
    "tcd_path__stops_at_r", "tcd_path__straight_to_s", "tcd_step__all_noise_fresh", "tcd_step__all_noise_of_s",
    "tcd_step__powers_for_scales", "tcd_step__stops_at_r", "tcd_step__straight_to_s",
]  # fmt: skip


def _root(x):
    return namespace(x).sqrt(x)


def _posterior_scale(sigma_s, sigma_t):
    """Spread of x_s given x_t and x_0 where the signal keeps its scale."""
    return sigma_s / sigma_t * _root(ve_added_variance(sigma_s, sigma_t))


def _split(eta, sigma_s, sigma_t):
    return ancestral_sigma_down(eta, sigma_s, sigma_t), ancestral_sigma_up(eta, sigma_s, sigma_t)


def _midpoint(x_t, x_0s, sigma_t, middle, down):
    """A midpoint step whose middle is this level."""
    inner = edm_euler_step(x_t, x_0s[0, ...], sigma_t, middle)
    return x_t + (down - sigma_t) * (inner - x_0s[1, ...]) / middle


def _renoised(x_t, x_0, z, t, r, s):
    """The right step down to r and up to s, over pairs of scales."""
    kept = s[0] / r[0] * r[1]
    return rectified_step(x_t, x_0, s[0], kept, *t) + _root((s[1] - kept) * (s[1] + kept)) * z


def _flow(eta, sigma_s, sigma_t):
    """The level that a step on the straight path goes down to, and the scale of the noise added back."""
    down = sigma_s * (1 - eta + eta * (sigma_s / sigma_t))
    kept = down * (1 - sigma_s) / (1 - down)
    return down, _root((sigma_s - kept) * (sigma_s + kept))


def _parts(alphas, sigmas):
    """How the signal is carried over from r to s, the noise that comes with it, and the variance added."""
    carried = alphas[2] / alphas[1]
    kept = carried * sigmas[1]
    return carried, kept, (sigmas[2] - kept) * (sigmas[2] + kept)


def _at_r(x_t, x_0, alphas, sigmas):
    return rectified_step(x_t, x_0, alphas[1], sigmas[1], alphas[0], sigmas[0])


def _walked(move, x_T, sigmas):
    states = [x_T]
    for i in range(sigmas.shape[0] - 1):
        states.append(move(i, states[i]))
    return namespace(x_T, sigmas).stack(states)


def _stepped(denoiser_at_level, x_T, alphas, sigmas, step):
    """A run of step(i, x_t, x_0), its model asked once at each level."""
    return _walked(lambda i, x_t: step(i, x_t, denoiser_at_level(x_t, alphas[i], sigmas[i])), x_T, sigmas)


def _euler_run(denoiser_at_level, x_T, sigmas, step):
    """The same where the signal keeps its scale."""
    return _stepped(denoiser_at_level, x_T, [1] * sigmas.shape[0], sigmas, step)


def _repeated(x, count):
    """The same noise for every step."""
    return namespace(x).stack([x for _ in range(count)])


def _two_stages(
    step, denoiser_at_level, x_T, z, sigmas, eta, middle=lambda t, s, down: _root(t * down), asked=lambda t, middle: middle,
    of=lambda x_t, inner: inner, euler=euler_ancestral_step,
):  # fmt: skip
    """An ancestral run whose second estimate may be made elsewhere: at another middle, level or state."""

    def move(i, x_t):
        t, s = sigmas[i], sigmas[i + 1]
        x_0, down = denoiser_at_level(x_t, 1, t), ancestral_sigma_down(eta, s, t)
        if down == 0:
            return euler(x_t, x_0, z[i, ...], eta, s, t)
        at = middle(t, s, down)
        inner = of(x_t, edm_euler_step(x_t, x_0, t, at))
        both = namespace(x_T, z, sigmas).stack([x_0, denoiser_at_level(inner, 1, asked(t, at))])
        return step(x_t, both, z[i, ...], eta, s, t)

    return _walked(move, x_T, sigmas)


def _euler(denoiser_at_level, x_t, asked, start, end):
    return edm_euler_step(x_t, denoiser_at_level(x_t, 1, asked), start, end)


def _heun(denoiser_at_level, x_t, asked, start, end):
    """Heun's step from `start` to `end`, its first slope that at the level `asked`."""
    slope = (x_t - denoiser_at_level(x_t, 1, asked)) / asked
    ahead = x_t + (end - start) * slope
    if end == 0:
        return ahead
    return x_t + (end - start) / 2 * (slope + (ahead - denoiser_at_level(ahead, 1, end)) / end)


def _raised(sigma, raised):
    return raised


def _churned(denoiser_at_level, x_T, z, sigmas, gamma, S_noise, asked=_raised, start=_raised, step=_heun):
    """EDM's stochastic run; gamma is a function of sigma, or the arguments of EDM's own but for n."""

    def move(i, x_t):
        share = gamma(sigmas[i]) if callable(gamma) else edm_churn_gamma(sigmas[i], *gamma, sigmas.shape[0] - 1)
        levels = sigmas[i], edm_churned_sigma(sigmas[i], share)
        churned = edm_churned_state(x_t, z[i, ...], sigmas[i], share, S_noise)
        return step(denoiser_at_level, churned, asked(*levels), start(*levels), sigmas[i + 1])

    return _walked(move, x_T, sigmas)


def ancestral_sigma_up__not_capped(eta, sigma_s, sigma_t):
    """More noise than s has, where eta is large.

    Fix: min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)), code of get_ancestral_step
    Seen in: plausible
    """
    return eta * _posterior_scale(sigma_s, sigma_t)


def ancestral_sigma_up__eta_ignored(sigma_s, sigma_t):
    """All of the posterior's noise whatever eta is.

    Fix: min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)), code of get_ancestral_step
    Seen in: plausible
    """
    return _posterior_scale(sigma_s, sigma_t)


def ancestral_sigma_up__forward_noise(eta, sigma_s, sigma_t):
    """The forward step's noise in place of the posterior's: sigma_s/sigma_t left out.

    Fix: min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)), code of get_ancestral_step
    Seen in: plausible
    """
    xp = namespace(eta, sigma_s, sigma_t)
    return xp.minimum(sigma_s, eta * xp.sqrt(ve_added_variance(sigma_s, sigma_t)))


def ancestral_sigma_up__variance(eta, sigma_s, sigma_t):
    """The variance taken for the scale: no root.

    Fix: min(sigma_s, eta*sqrt(sigma_s**2*(sigma_t**2 - sigma_s**2)/sigma_t**2)), code of get_ancestral_step
    Seen in: B103, lucidrains/rectified-flow-pytorch@97a42c4, in another sampler
    """
    xp = namespace(eta, sigma_s, sigma_t)
    return xp.minimum(sigma_s, eta * _posterior_scale(sigma_s, sigma_t) ** 2)


def ancestral_sigma_down__difference_of_scales(eta, sigma_s, sigma_t):
    """Scales subtracted in place of variances.

    Fix: sqrt(sigma_s**2 - up**2), code of get_ancestral_step
    Seen in: plausible
    """
    return sigma_s - ancestral_sigma_up(eta, sigma_s, sigma_t)


def ancestral_sigma_down__eta_ignored(sigma_s, sigma_t):
    """The posterior's mean whatever eta is: sigma_s**2/sigma_t.

    Fix: sqrt(sigma_s**2 - up**2), code of get_ancestral_step
    Seen in: plausible
    """
    return sigma_s**2 / sigma_t


def ancestral_sigma_down__variance(eta, sigma_s, sigma_t):
    """The variance that is left taken for its root.

    Fix: sqrt(sigma_s**2 - up**2), code of get_ancestral_step
    Seen in: plausible
    """
    return ancestral_sigma_down(eta, sigma_s, sigma_t) ** 2


def ancestral_sigma_down__target(eta, sigma_s):
    """Down to s itself: with the noise added back there is too much.

    Fix: sqrt(sigma_s**2 - up**2), code of get_ancestral_step
    Seen in: plausible
    """
    return sigma_s + 0 * eta


def euler_ancestral_step__down_to_s(x_t, x_0, z, eta, sigma_s, sigma_t):
    """A full step to s, and the noise on top of it.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z, code of sample_euler_ancestral
    Seen in: plausible
    """
    return edm_euler_step(x_t, x_0, sigma_t, sigma_s) + ancestral_sigma_up(eta, sigma_s, sigma_t) * z


def euler_ancestral_step__without_noise(x_t, x_0, eta, sigma_s, sigma_t):
    """The step too far alone, nothing added back.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z, code of sample_euler_ancestral
    Seen in: plausible
    """
    return edm_euler_step(x_t, x_0, sigma_t, ancestral_sigma_down(eta, sigma_s, sigma_t))


def euler_ancestral_step__all_noise_fresh(x_0, z, sigma_s):
    """The data noised afresh: a step of consistency sampling.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z, code of sample_euler_ancestral
    Seen in: plausible
    """
    return x_0 + sigma_s * z


def euler_ancestral_step__eta_ignored(x_t, x_0, z, sigma_s, sigma_t):
    """The step of eta = 1 whatever eta is.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z, code of sample_euler_ancestral
    Seen in: plausible
    """
    return euler_ancestral_step(x_t, x_0, z, 1, sigma_s, sigma_t)


def euler_ancestral_step__not_capped(x_t, x_0, z, eta, sigma_s, sigma_t):
    """The noise not capped where eta is large, though down is 0 there.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z, code of sample_euler_ancestral
    Seen in: plausible
    """
    down = ancestral_sigma_down(eta, sigma_s, sigma_t)
    return edm_euler_step(x_t, x_0, sigma_t, down) + eta * _posterior_scale(sigma_s, sigma_t) * z


def euler_ancestral_step__variance_of_the_chain(x_t, x_0, z, eta, sigma_s, sigma_t):
    """The mean at s as the chain has it, and all the noise that the chain adds from s to t in place of the posterior's.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z, code of sample_euler_ancestral
    Seen in: plausible
    """
    root = namespace(x_t, x_0, z, eta, sigma_s, sigma_t).sqrt(sigma_t**2 - sigma_s**2)
    return x_t - (1 - (sigma_s / sigma_t) ** 2) * (x_t - x_0) + eta * root * z


def dpm2_ancestral_step__euler(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The first estimate alone: Euler's step.

    Fix: x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z, middle = sqrt(sigma_t*down), code of sample_dpm_2_ancestral
    Seen in: plausible
    """
    return euler_ancestral_step(x_t, x_0s[0, ...], z, eta, sigma_s, sigma_t)


def dpm2_ancestral_step__slope_over_sigma_t(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The middle's slope divided by sigma_t.

    Fix: x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z, middle = sqrt(sigma_t*down), code of sample_dpm_2_ancestral
    Seen in: B055, huggingface/diffusers#1512, in Heun's method
    """
    down, up = _split(eta, sigma_s, sigma_t)
    inner = edm_euler_step(x_t, x_0s[0, ...], sigma_t, _root(sigma_t * down))
    return x_t + (down - sigma_t) * (inner - x_0s[1, ...]) / sigma_t + up * z


def dpm2_ancestral_step__from_the_middle(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The middle's slope followed from the middle's state, over the whole step.

    Fix: x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z, middle = sqrt(sigma_t*down), code of sample_dpm_2_ancestral
    Seen in: plausible
    """
    down, up = _split(eta, sigma_s, sigma_t)
    middle = _root(sigma_t * down)
    inner = edm_euler_step(x_t, x_0s[0, ...], sigma_t, middle)
    return inner + (down - sigma_t) * (inner - x_0s[1, ...]) / middle + up * z


def dpm2_ancestral_step__middle_of_t_and_s(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The middle between t and s, not between t and the level that the step goes down to.

    Fix: x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z, middle = sqrt(sigma_t*down), code of sample_dpm_2_ancestral
    Seen in: B064, Comfy-Org/ComfyUI#8030, in another ancestral sampler
    """
    down, up = _split(eta, sigma_s, sigma_t)
    return _midpoint(x_t, x_0s, sigma_t, _root(sigma_t * sigma_s), down) + up * z


def dpm2_ancestral_step__arithmetic_middle(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The middle half way in sigma, not in its log.

    Fix: x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z, middle = sqrt(sigma_t*down), code of sample_dpm_2_ancestral
    Seen in: plausible
    """
    down, up = _split(eta, sigma_s, sigma_t)
    return _midpoint(x_t, x_0s, sigma_t, (sigma_t + down) / 2, down) + up * z


def dpm2_ancestral_step__cubic_middle(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The middle half way in the third root of sigma.

    Fix: x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z, middle = sqrt(sigma_t*down), code of sample_dpm_2_ancestral
    Seen in: plausible; released code took this middle before its log, and openai/consistency_models still does
    """
    down, up = _split(eta, sigma_s, sigma_t)
    third = namespace(eta, sigma_s, sigma_t).ones_like(down) / 3
    return _midpoint(x_t, x_0s, sigma_t, ((sigma_t**third + down**third) / 2) ** 3, down) + up * z


def dpm2_ancestral_step__down_to_s(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """A full step to s, and the noise on top of it.

    Fix: x_t + (down - sigma_t)*(inner - x_0s[1])/middle + up*z, middle = sqrt(sigma_t*down), code of sample_dpm_2_ancestral
    Seen in: plausible
    """
    down, up = _split(eta, sigma_s, sigma_t)
    return _midpoint(x_t, x_0s, sigma_t, _root(sigma_t * down), sigma_s) + up * z


def dpmpp_2s_ancestral_step__euler(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The first estimate alone: Euler's step.

    Fix: down/sigma_t*x_t + (1 - exp(-h))*x_0s[1] + up*z, h = log(sigma_t/down), code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return euler_ancestral_step(x_t, x_0s[0, ...], z, eta, sigma_s, sigma_t)


def dpmpp_2s_ancestral_step__mean_of_estimates(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The mean of both estimates, as Heun's method takes that of both slopes.

    Fix: down/sigma_t*x_t + (1 - exp(-h))*x_0s[1] + up*z, h = log(sigma_t/down), code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return euler_ancestral_step(x_t, (x_0s[0, ...] + x_0s[1, ...]) / 2, z, eta, sigma_s, sigma_t)


def dpmpp_2s_ancestral_step__extrapolated(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The weight 1/r of the second estimate in place of 1/(2*r).

    Fix: down/sigma_t*x_t + (1 - exp(-h))*x_0s[1] + up*z, h = log(sigma_t/down), code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return euler_ancestral_step(x_t, 2 * x_0s[1, ...] - x_0s[0, ...], z, eta, sigma_s, sigma_t)


def dpmpp_2s_ancestral_step__down_to_s(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """A full step to s, and the noise on top of it.

    Fix: down/sigma_t*x_t + (1 - exp(-h))*x_0s[1] + up*z, h = log(sigma_t/down), code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return edm_euler_step(x_t, x_0s[1, ...], sigma_t, sigma_s) + ancestral_sigma_up(eta, sigma_s, sigma_t) * z


def dpmpp_2s_ancestral_step__from_the_middle(x_t, x_0s, z, eta, sigma_s, sigma_t):
    """The second estimate followed from the middle's state, over the whole step.

    Fix: down/sigma_t*x_t + (1 - exp(-h))*x_0s[1] + up*z, h = log(sigma_t/down), code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    down, up = _split(eta, sigma_s, sigma_t)
    inner = edm_euler_step(x_t, x_0s[0, ...], sigma_t, _root(sigma_t * down))
    return edm_euler_step(inner, x_0s[1, ...], sigma_t, down) + up * z


def euler_ancestral_flow_step__variance_exploding(x_t, x_0, z, eta, sigma_s, sigma_t):
    """k-diffusion's step, which keeps the signal's scale, on the straight path.

    Fix: kept*x_down + sqrt(sigma_s**2 - (kept*down)**2)*z, kept = (1 - sigma_s)/(1 - down), code of ComfyUI
    Seen in: plausible; leejet/stable-diffusion.cpp#1363 reports it
    """
    return euler_ancestral_step(x_t, x_0, z, eta, sigma_s, sigma_t)


def euler_ancestral_flow_step__state_not_rescaled(x_t, x_0, z, eta, sigma_s, sigma_t):
    """The state not brought to the signal's scale at s before noise is added.

    Fix: kept*x_down + sqrt(sigma_s**2 - (kept*down)**2)*z, kept = (1 - sigma_s)/(1 - down), code of ComfyUI
    Seen in: plausible
    """
    down, fresh = _flow(eta, sigma_s, sigma_t)
    return edm_euler_step(x_t, x_0, sigma_t, down) + fresh * z


def euler_ancestral_flow_step__difference_of_variances(x_t, x_0, z, eta, sigma_s, sigma_t):
    """sqrt(sigma_s**2 - down**2) of noise: the rescaled state has less than down**2 of variance.

    Fix: kept*x_down + sqrt(sigma_s**2 - (kept*down)**2)*z, kept = (1 - sigma_s)/(1 - down), code of ComfyUI
    Seen in: plausible
    """
    down, _ = _flow(eta, sigma_s, sigma_t)
    state = (1 - sigma_s) / (1 - down) * edm_euler_step(x_t, x_0, sigma_t, down)
    return state + _root((sigma_s - down) * (sigma_s + down)) * z


def euler_ancestral_flow_step__noise_rescaled(x_t, x_0, z, eta, sigma_s, sigma_t):
    """The difference of the variances rescaled with the state.

    Fix: kept*x_down + sqrt(sigma_s**2 - (kept*down)**2)*z, kept = (1 - sigma_s)/(1 - down), code of ComfyUI
    Seen in: plausible; ClownsharkBatwing/RES4LYF holds it as a comment
    """
    down, _ = _flow(eta, sigma_s, sigma_t)
    fresh = _root((sigma_s - down) * (sigma_s + down))
    return (1 - sigma_s) / (1 - down) * (edm_euler_step(x_t, x_0, sigma_t, down) + fresh * z)


def euler_ancestral_flow_step__down_of_the_chain(x_t, x_0, z, eta, sigma_s, sigma_t):
    """Down to k-diffusion's level, sqrt(sigma_s**2 - up**2).

    Fix: kept*x_down + sqrt(sigma_s**2 - (kept*down)**2)*z, kept = (1 - sigma_s)/(1 - down), code of ComfyUI
    Seen in: plausible
    """
    levels = [(1 - sigma, sigma) for sigma in (sigma_t, ancestral_sigma_down(eta, sigma_s, sigma_t), sigma_s)]
    return _renoised(x_t, x_0, z, *levels)


def euler_ancestral_flow_step__eta_ignored(x_t, x_0, z, sigma_s, sigma_t):
    """The step of eta = 1 whatever eta is.

    Fix: kept*x_down + sqrt(sigma_s**2 - (kept*down)**2)*z, kept = (1 - sigma_s)/(1 - down), code of ComfyUI
    Seen in: plausible
    """
    return euler_ancestral_flow_step(x_t, x_0, z, 1, sigma_s, sigma_t)


def renoised_step__state_not_rescaled(x_t, x_0, z, alphas, sigmas):
    """The state at r not brought to the signal's scale at s.

    Fix: alphas[2]/alphas[1]*x_r + sqrt(sigmas[2]**2 - (alphas[2]/alphas[1]*sigmas[1])**2)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    (_, _, added), x_r = _parts(alphas, sigmas), _at_r(x_t, x_0, alphas, sigmas)
    return x_r + _root(added) * z


def renoised_step__scales_subtracted(x_t, x_0, z, alphas, sigmas):
    """Noise of the difference of the scales, not of the variances.

    Fix: alphas[2]/alphas[1]*x_r + sqrt(sigmas[2]**2 - (alphas[2]/alphas[1]*sigmas[1])**2)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    (carried, kept, _), x_r = _parts(alphas, sigmas), _at_r(x_t, x_0, alphas, sigmas)
    return carried * x_r + (sigmas[2] - kept) * z


def renoised_step__variances_not_carried(x_t, x_0, z, alphas, sigmas):
    """sqrt(sigma_s**2 - sigma_r**2) of noise: what is carried over from r is rescaled, its noise too.

    Fix: alphas[2]/alphas[1]*x_r + sqrt(sigmas[2]**2 - (alphas[2]/alphas[1]*sigmas[1])**2)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    (carried, _, _), x_r = _parts(alphas, sigmas), _at_r(x_t, x_0, alphas, sigmas)
    added = sigmas[2] ** 2 - sigmas[1] ** 2
    return carried * x_r + _root(added * (added > 0)) * z


def renoised_step__preserved_variance(x_t, x_0, z, alphas, sigmas):
    """The noise of a process that preserves variance, whatever the levels.

    Fix: alphas[2]/alphas[1]*x_r + sqrt(sigmas[2]**2 - (alphas[2]/alphas[1]*sigmas[1])**2)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    (carried, _, _), x_r = _parts(alphas, sigmas), _at_r(x_t, x_0, alphas, sigmas)
    return carried * x_r + _root((1 - carried**2) * (carried < 1)) * z


def renoised_step__all_noise_of_s(x_t, x_0, z, alphas, sigmas):
    """All the noise of s on top of what is carried over from r.

    Fix: alphas[2]/alphas[1]*x_r + sqrt(sigmas[2]**2 - (alphas[2]/alphas[1]*sigmas[1])**2)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    (carried, _, _), x_r = _parts(alphas, sigmas), _at_r(x_t, x_0, alphas, sigmas)
    return carried * x_r + sigmas[2] * z


def renoised_step__stops_at_r(x_t, x_0, alphas, sigmas):
    """The state at r, not brought back up.

    Fix: alphas[2]/alphas[1]*x_r + sqrt(sigmas[2]**2 - (alphas[2]/alphas[1]*sigmas[1])**2)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    return _at_r(x_t, x_0, alphas, sigmas)


def tcd_step__stops_at_r(x_t, x_0, log_alpha_bar_r, log_alpha_bar_t):
    """The state at r, not brought back up.

    Fix: sqrt(alpha_bar_s/alpha_bar_r)*x_r + sqrt(1 - alpha_bar_s/alpha_bar_r)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    return tcd_step(x_t, x_0, 0 * x_0, log_alpha_bar_r, log_alpha_bar_r, log_alpha_bar_t)


def tcd_step__straight_to_s(x_t, x_0, log_alpha_bar_s, log_alpha_bar_t):
    """DDIM's step to s, as at gamma = 0.

    Fix: sqrt(alpha_bar_s/alpha_bar_r)*x_r + sqrt(1 - alpha_bar_s/alpha_bar_r)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    return tcd_step(x_t, x_0, 0 * x_0, log_alpha_bar_s, log_alpha_bar_s, log_alpha_bar_t)


def tcd_step__all_noise_fresh(x_0, z, log_alpha_bar_s):
    """The data noised afresh, as at gamma = 1: latent consistency sampling.

    Fix: sqrt(alpha_bar_s/alpha_bar_r)*x_r + sqrt(1 - alpha_bar_s/alpha_bar_r)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    xp = namespace(x_0, z, log_alpha_bar_s)
    return xp.exp(log_alpha_bar_s / 2) * x_0 + xp.sqrt(-xp.expm1(log_alpha_bar_s)) * z


def tcd_step__all_noise_of_s(x_t, x_0, z, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """All the noise of s on top of what is carried over from r.

    Fix: sqrt(alpha_bar_s/alpha_bar_r)*x_r + sqrt(1 - alpha_bar_s/alpha_bar_r)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    mean = tcd_step(x_t, x_0, 0 * x_0, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    return mean + xp.sqrt(-xp.expm1(log_alpha_bar_s)) * z


def tcd_step__powers_for_scales(x_t, x_0, z, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t):
    """The ratio of the powers in place of its root on the state.

    Fix: sqrt(alpha_bar_s/alpha_bar_r)*x_r + sqrt(1 - alpha_bar_s/alpha_bar_r)*z, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """
    xp = namespace(x_t, x_0, z, log_alpha_bar_r, log_alpha_bar_s, log_alpha_bar_t)
    forward = log_alpha_bar_s - log_alpha_bar_r
    x_r = tcd_step(x_t, x_0, 0 * x_0, log_alpha_bar_r, log_alpha_bar_r, log_alpha_bar_t)
    return xp.exp(forward) * x_r + xp.sqrt(-xp.expm1(forward)) * z


def lcm_c_skip__divided(t_index, timestep_scaling, sigma_data):
    """The time divided by the scaling: t*0.1 for t/0.1.

    Fix: sigma_data**2/((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible
    """
    return lcm_c_skip(t_index, 1 / timestep_scaling, sigma_data)


def lcm_c_skip__not_scaled(t_index, sigma_data):
    """The time itself.

    Fix: sigma_data**2/((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible
    """
    return lcm_c_skip(t_index, 1, sigma_data)


def lcm_c_skip__counted_from_one(t, timestep_scaling, sigma_data):
    """The time counted from 1: the model is not its input at the boundary.

    Fix: sigma_data**2/((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible
    """
    return lcm_c_skip(t, timestep_scaling, sigma_data)


def lcm_c_skip__not_squared(t_index, timestep_scaling, sigma_data):
    """Scales in place of their squares.

    Fix: sigma_data**2/((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible
    """
    return sigma_data / (timestep_scaling * t_index + sigma_data)


def lcm_c_out__edm(t_index, timestep_scaling, sigma_data):
    """EDM's c_out, with a further factor sigma_data: it halves an estimate of x_0 where sigma_data is a half.

    Fix: timestep_scaling*t_index/sqrt((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible; huggingface/diffusers#8547 asks for it
    """
    return sigma_data * lcm_c_out(t_index, timestep_scaling, sigma_data)


def lcm_c_out__divided(t_index, timestep_scaling, sigma_data):
    """The time divided by the scaling: t*0.1 for t/0.1.

    Fix: timestep_scaling*t_index/sqrt((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible
    """
    return lcm_c_out(t_index, 1 / timestep_scaling, sigma_data)


def lcm_c_out__counted_from_one(t, timestep_scaling, sigma_data):
    """The time counted from 1: the model is not its input at the boundary.

    Fix: timestep_scaling*t_index/sqrt((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible
    """
    return lcm_c_out(t, timestep_scaling, sigma_data)


def lcm_c_out__one_less_c_skip(t_index, timestep_scaling, sigma_data):
    """1 - c_skip: the square of c_out.

    Fix: timestep_scaling*t_index/sqrt((timestep_scaling*t_index)**2 + sigma_data**2), code of the scheduler
    Seen in: plausible
    """
    return 1 - lcm_c_skip(t_index, timestep_scaling, sigma_data)


def lcm_step__signal_not_scaled(x_0, z, sigma_s):
    """The signal not scaled.

    Fix: alpha_s*x_0 + sigma_s*z, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return x_0 + sigma_s * z


def lcm_step__variance_for_scale(x_0, z, alpha_s, sigma_s):
    """The noise's variance taken for its scale.

    Fix: alpha_s*x_0 + sigma_s*z, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return alpha_s * x_0 + sigma_s**2 * z


def lcm_step__power_for_scale(x_0, z, alpha_s, sigma_s):
    """The signal's power taken for its scale.

    Fix: alpha_s*x_0 + sigma_s*z, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return alpha_s**2 * x_0 + sigma_s * z


def lcm_step__without_noise(x_0, alpha_s):
    """No noise added.

    Fix: alpha_s*x_0 + sigma_s*z, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """
    return alpha_s * x_0


def euler_ancestral_path__down_to_s(denoiser_at_level, x_T, z, sigmas, eta):
    """A full step to each level, and the noise on top of it.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z at each level, code of sample_euler_ancestral
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return euler_ancestral_step__down_to_s(x_t, x_0, z[i, ...], eta, sigmas[i + 1], sigmas[i])

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def euler_ancestral_path__without_noise(denoiser_at_level, x_T, sigmas, eta):
    """The steps too far alone, nothing added back.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z at each level, code of sample_euler_ancestral
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return euler_ancestral_step(x_t, x_0, 0 * x_0, eta, sigmas[i + 1], sigmas[i])

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def euler_ancestral_path__same_noise_every_step(denoiser_at_level, x_T, z, sigmas, eta):
    """The first step's noise used at every step.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z at each level, code of sample_euler_ancestral
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return euler_ancestral_step(x_t, x_0, z[0, ...], eta, sigmas[i + 1], sigmas[i])

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def euler_ancestral_path__eta_ignored(denoiser_at_level, x_T, z, sigmas):
    """The sampler of eta = 1 whatever eta is.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z at each level, code of sample_euler_ancestral
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return euler_ancestral_step(x_t, x_0, z[i, ...], 1, sigmas[i + 1], sigmas[i])

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def euler_ancestral_path__denoiser_of_initial_state(denoiser_at_level, x_T, z, sigmas, eta):
    """The denoiser asked about x_T at every step.

    Fix: x_t + (down - sigma_t)*(x_t - x_0)/sigma_t + up*z at each level, code of sample_euler_ancestral
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def step(i, x_t, x_0):
        return euler_ancestral_step(x_t, x_0, z[i, ...], eta, sigmas[i + 1], sigmas[i])

    return _euler_run(lambda x_t, *level: denoiser_at_level(x_T, *level), x_T, sigmas, step)


def dpm2_ancestral_path__middle_of_t_and_s(denoiser_at_level, x_T, z, sigmas, eta):
    """The second estimate made half way between t and s, not between t and the level below s.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpm_2_ancestral
    Seen in: B064, Comfy-Org/ComfyUI#8030, in another ancestral sampler
    """
    return _two_stages(dpm2_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta, middle=lambda t, s, down: _root(t * s))


def dpm2_ancestral_path__middle_asked_at_t(denoiser_at_level, x_T, z, sigmas, eta):
    """The second estimate made of the middle's state at the level of t.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpm_2_ancestral
    Seen in: B055, huggingface/diffusers#1512, in Heun's method
    """
    return _two_stages(dpm2_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta, asked=lambda t, middle: t)


def dpm2_ancestral_path__middle_asked_of_x_t(denoiser_at_level, x_T, z, sigmas, eta):
    """The second estimate made of x_t at the level of the middle.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpm_2_ancestral
    Seen in: plausible
    """
    return _two_stages(dpm2_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta, of=lambda x_t, inner: x_t)


def dpm2_ancestral_path__without_noise(denoiser_at_level, x_T, sigmas, eta):
    """The steps too far alone, nothing added back.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpm_2_ancestral
    Seen in: plausible
    """
    return _two_stages(dpm2_ancestral_step, denoiser_at_level, x_T, _repeated(0 * x_T, sigmas.shape[0]), sigmas, eta)


def dpm2_ancestral_path__same_noise_every_step(denoiser_at_level, x_T, z, sigmas, eta):
    """The first step's noise used at every step.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpm_2_ancestral
    Seen in: plausible
    """
    return _two_stages(dpm2_ancestral_step, denoiser_at_level, x_T, _repeated(z[0, ...], sigmas.shape[0]), sigmas, eta)


def dpmpp_2s_ancestral_path__middle_of_t_and_s(denoiser_at_level, x_T, z, sigmas, eta):
    """The second estimate made half way between t and s, not between t and the level below s.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpmpp_2s_ancestral
    Seen in: B064, Comfy-Org/ComfyUI#8030, in another ancestral sampler
    """
    return _two_stages(dpmpp_2s_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta, middle=lambda t, s, down: _root(t * s))


def dpmpp_2s_ancestral_path__middle_asked_at_t(denoiser_at_level, x_T, z, sigmas, eta):
    """The second estimate made of the middle's state at the level of t.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpmpp_2s_ancestral
    Seen in: B055, huggingface/diffusers#1512, in Heun's method
    """
    return _two_stages(dpmpp_2s_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta, asked=lambda t, middle: t)


def dpmpp_2s_ancestral_path__middle_asked_of_x_t(denoiser_at_level, x_T, z, sigmas, eta):
    """The second estimate made of x_t at the level of the middle.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return _two_stages(dpmpp_2s_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta, of=lambda x_t, inner: x_t)


def dpmpp_2s_ancestral_path__without_noise(denoiser_at_level, x_T, sigmas, eta):
    """The steps too far alone, nothing added back.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return _two_stages(dpmpp_2s_ancestral_step, denoiser_at_level, x_T, _repeated(0 * x_T, sigmas.shape[0]), sigmas, eta)


def dpmpp_2s_ancestral_path__same_noise_every_step(denoiser_at_level, x_T, z, sigmas, eta):
    """The first step's noise used at every step.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return _two_stages(dpmpp_2s_ancestral_step, denoiser_at_level, x_T, _repeated(z[0, ...], sigmas.shape[0]), sigmas, eta)


def dpm2_ancestral_path__no_noise_where_capped(denoiser_at_level, x_T, z, sigmas, eta):
    """No noise added where eta is so large that the step goes down to 0: noise follows the midpoint step alone.

    Fix: up*z after Euler's step to down = 0 as well, as code of sample_dpmpp_2s_ancestral has it
    Seen in: plausible; crowsonkb/k-diffusion's sample_dpm_2_ancestral
    """

    def bare(x_t, x_0, _, *levels):
        return euler_ancestral_step(x_t, x_0, 0 * x_0, *levels)

    return _two_stages(dpm2_ancestral_step, denoiser_at_level, x_T, z, sigmas, eta, euler=bare)


def dpmpp_2s_ancestral_path__euler(denoiser_at_level, x_T, z, sigmas, eta):
    """The first estimate alone: Euler's steps.

    Fix: the middle at sqrt(sigma_t*down), and up*z after each step, code of sample_dpmpp_2s_ancestral
    Seen in: plausible
    """
    return _two_stages(dpmpp_2s_ancestral_step__euler, denoiser_at_level, x_T, z, sigmas, eta)


def euler_ancestral_flow_path__variance_exploding(denoiser_at_level, x_T, z, times, eta):
    """k-diffusion's step, which keeps the signal's scale, on the straight path.

    Fix: kept*x_down + sqrt(time_s**2 - (kept*down)**2)*z, kept = (1 - time_s)/(1 - down), code of ComfyUI
    Seen in: plausible; leejet/stable-diffusion.cpp#1363 reports it
    """

    def step(i, x_t, x_0):
        return euler_ancestral_step(x_t, x_0, z[i, ...], eta, times[i + 1], times[i])

    return _stepped(denoiser_at_level, x_T, 1 - times, times, step)


def euler_ancestral_flow_path__state_not_rescaled(denoiser_at_level, x_T, z, times, eta):
    """The state not brought to the signal's scale before noise is added.

    Fix: kept*x_down + sqrt(time_s**2 - (kept*down)**2)*z, kept = (1 - time_s)/(1 - down), code of ComfyUI
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return euler_ancestral_flow_step__state_not_rescaled(x_t, x_0, z[i, ...], eta, times[i + 1], times[i])

    return _stepped(denoiser_at_level, x_T, 1 - times, times, step)


def euler_ancestral_flow_path__noise_rescaled(denoiser_at_level, x_T, z, times, eta):
    """The difference of the variances rescaled with the state.

    Fix: kept*x_down + sqrt(time_s**2 - (kept*down)**2)*z, kept = (1 - time_s)/(1 - down), code of ComfyUI
    Seen in: plausible; ClownsharkBatwing/RES4LYF holds it as a comment
    """

    def step(i, x_t, x_0):
        return euler_ancestral_flow_step__noise_rescaled(x_t, x_0, z[i, ...], eta, times[i + 1], times[i])

    return _stepped(denoiser_at_level, x_T, 1 - times, times, step)


def euler_ancestral_flow_path__same_noise_every_step(denoiser_at_level, x_T, z, times, eta):
    """The first step's noise used at every step.

    Fix: kept*x_down + sqrt(time_s**2 - (kept*down)**2)*z, kept = (1 - time_s)/(1 - down), code of ComfyUI
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return euler_ancestral_flow_step(x_t, x_0, z[0, ...], eta, times[i + 1], times[i])

    return _stepped(denoiser_at_level, x_T, 1 - times, times, step)


def euler_ancestral_flow_path__without_noise(denoiser_at_level, x_T, times, eta):
    """The steps too far alone, nothing added back.

    Fix: kept*x_down + sqrt(time_s**2 - (kept*down)**2)*z, kept = (1 - time_s)/(1 - down), code of ComfyUI
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return euler_ancestral_flow_step(x_t, x_0, 0 * x_0, eta, times[i + 1], times[i])

    return _stepped(denoiser_at_level, x_T, 1 - times, times, step)


def euler_ancestral_flow_path__denoiser_of_initial_state(denoiser_at_level, x_T, z, times, eta):
    """The denoiser asked about x_T at every step.

    Fix: kept*x_down + sqrt(time_s**2 - (kept*down)**2)*z, kept = (1 - time_s)/(1 - down), code of ComfyUI
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def step(i, x_t, x_0):
        return euler_ancestral_flow_step(x_t, x_0, z[i, ...], eta, times[i + 1], times[i])

    return _stepped(lambda x_t, *level: denoiser_at_level(x_T, *level), x_T, 1 - times, times, step)


def edm_stochastic_path__max_for_min(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """The larger of S_churn/n and sqrt(2) - 1: churn at every step, even at S_churn = 0.

    Fix: gamma = min(S_churn/n, sqrt(2) - 1), Karras et al. 2022, Algorithm 2
    Seen in: B066, Koishi-Star/Euler-Smea-Dyn-Sampler#11
    """
    xp = namespace(x_T, z, sigmas, S_churn)
    most = xp.maximum(S_churn / (sigmas.shape[0] - 1), xp.sqrt(2) - 1)
    return _churned(denoiser_at_level, x_T, z, sigmas, lambda sigma: most if S_min <= sigma <= S_max else 0 * most, S_noise)


def edm_stochastic_path__n_counts_levels(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """S_churn divided by the number of levels, not of steps.

    Fix: gamma = min(S_churn/N, sqrt(2) - 1) with N steps, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """

    def gamma(sigma):
        return edm_churn_gamma(sigma, S_churn, S_min, S_max, sigmas.shape[0])

    return _churned(denoiser_at_level, x_T, z, sigmas, gamma, S_noise)


def edm_stochastic_path__bounds_ignored(denoiser_at_level, x_T, z, sigmas, S_churn, S_noise):
    """Churn at every level.

    Fix: gamma = 0 outside of [S_min, S_max], Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _churned(denoiser_at_level, x_T, z, sigmas, (S_churn, 0 * sigmas[0], sigmas[0]), S_noise)


def edm_stochastic_path__noise_not_inflated(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max):
    """S_noise ignored.

    Fix: eps ~ N(0, S_noise**2), Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _churned(denoiser_at_level, x_T, z, sigmas, (S_churn, S_min, S_max), 1)


def edm_stochastic_path__model_at_old_level(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """The model asked about the churned state at the level before the churn.

    Fix: denoise at t_hat = t + gamma*t, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _churned(denoiser_at_level, x_T, z, sigmas, (S_churn, S_min, S_max), S_noise, asked=lambda sigma, raised: sigma)


def edm_stochastic_path__step_from_old_level(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """The step's length taken from the level before the churn.

    Fix: x + (t_next - t_hat)*d with t_hat = t + gamma*t, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _churned(denoiser_at_level, x_T, z, sigmas, (S_churn, S_min, S_max), S_noise, start=lambda sigma, raised: sigma)


def edm_stochastic_path__level_raised_without_noise(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """The level raised, no noise added.

    Fix: x_hat = x + sqrt(t_hat**2 - t**2)*eps, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _churned(denoiser_at_level, x_T, z, sigmas, (S_churn, S_min, S_max), 0 * S_noise)


def edm_stochastic_path__without_correction(denoiser_at_level, x_T, z, sigmas, S_churn, S_min, S_max, S_noise):
    """Euler's steps.

    Fix: the mean of the slopes at both ends, Karras et al. 2022, Algorithm 2
    Seen in: plausible
    """
    return _churned(denoiser_at_level, x_T, z, sigmas, (S_churn, S_min, S_max), S_noise, step=_euler)


def restart_path__never(denoiser_at_level, x_T, sigmas):
    """No restart: Heun's method.

    Fix: x + sqrt(t_max**2 - t_min**2)*z, then back down, K times, Xu et al. 2023, section 3
    Seen in: plausible
    """
    return restart_path(denoiser_at_level, x_T, x_T, sigmas, sigmas, 1, 0)


def restart_path__once_only(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index):
    """One restart whatever their number.

    Fix: x + sqrt(t_max**2 - t_min**2)*z, then back down, K times, Xu et al. 2023, section 3
    Seen in: plausible
    """
    return restart_path(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index, 1)


def restart_path__same_noise_every_time(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index, restarts):
    """The first restart's noise used at every restart.

    Fix: x + sqrt(t_max**2 - t_min**2)*z, then back down, K times, Xu et al. 2023, section 3
    Seen in: plausible
    """
    return restart_path(denoiser_at_level, x_T, _repeated(z[0, ...], restarts), sigmas, restart_sigmas, restart_index, restarts)


def restart_path__without_noise(denoiser_at_level, x_T, sigmas, restart_sigmas, restart_index, restarts):
    """The stretch run through again from the state itself, as with the released code's S_noise = 0.

    Fix: x + sqrt(t_max**2 - t_min**2)*z, then back down, K times, Xu et al. 2023, section 3
    Seen in: plausible; Newbeeer/diffusion_restart_sampling leaves S_noise at 0 where it is not asked for
    """
    return restart_path(denoiser_at_level, x_T, _repeated(0 * x_T, restarts), sigmas, restart_sigmas, restart_index, restarts)


def restart_path__noise_of_t_max(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index, restarts):
    """All the noise of t_max on top of that of t_min.

    Fix: x + sqrt(t_max**2 - t_min**2)*z, then back down, K times, Xu et al. 2023, section 3
    Seen in: plausible
    """
    scale = restart_sigmas[0] / _root(ve_added_variance(sigmas[restart_index], restart_sigmas[0]))
    return restart_path(denoiser_at_level, x_T, scale * z, sigmas, restart_sigmas, restart_index, restarts)


def restart_path__scales_subtracted(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index, restarts):
    """Noise of the difference of the scales, not of the variances.

    Fix: x + sqrt(t_max**2 - t_min**2)*z, then back down, K times, Xu et al. 2023, section 3
    Seen in: plausible
    """
    start, end = restart_sigmas[0], sigmas[restart_index]
    scale = (start - end) / _root(ve_added_variance(end, start))
    return restart_path(denoiser_at_level, x_T, scale * z, sigmas, restart_sigmas, restart_index, restarts)


def restart_path__stretch_in_one_step(denoiser_at_level, x_T, z, sigmas, restart_sigmas, restart_index, restarts):
    """The stretch in one step each time.

    Fix: x + sqrt(t_max**2 - t_min**2)*z, then back down, K times, Xu et al. 2023, section 3
    Seen in: plausible
    """
    return restart_path(denoiser_at_level, x_T, z, sigmas, restart_sigmas[:1], restart_index, restarts)


def lcm_path__noise_at_last_step(denoiser_at_level, x_T, z, alphas, sigmas):
    """Noise at the last step too, of the level that the step comes from.

    Fix: x = alpha_s*x_0 + sigma_s*z, and x_0 itself at the last step, Song et al. 2023, Algorithm 1
    Seen in: B040, huggingface/diffusers#5681
    """

    def step(i, x_t, x_0):
        k = i if i + 2 == sigmas.shape[0] else i + 1
        return lcm_step(x_0, z[i, ...], alphas[k], sigmas[k])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def lcm_path__noise_kept(denoiser_at_level, x_T, alphas, sigmas):
    """The noise kept that the state has: DDIM's steps.

    Fix: x = alpha_s*x_0 + sigma_s*z, and x_0 itself at the last step, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return rectified_step(x_t, x_0, alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def lcm_path__same_noise_every_step(denoiser_at_level, x_T, z, alphas, sigmas):
    """The first step's noise used at every step.

    Fix: x = alpha_s*x_0 + sigma_s*z, and x_0 itself at the last step, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return lcm_step(x_0, z[0, ...], alphas[i + 1], sigmas[i + 1])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def lcm_path__signal_not_scaled(denoiser_at_level, x_T, z, alphas, sigmas):
    """The signal not scaled.

    Fix: x = alpha_s*x_0 + sigma_s*z, and x_0 itself at the last step, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 + sigmas[i + 1] * z[i, ...]

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def lcm_path__levels_one_step_early(denoiser_at_level, x_T, z, alphas, sigmas):
    """Noised up to the level that the step comes from, but for the last step.

    Fix: x = alpha_s*x_0 + sigma_s*z, and x_0 itself at the last step, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 if i + 2 == sigmas.shape[0] else lcm_step(x_0, z[i, ...], alphas[i], sigmas[i])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def tcd_path__all_noise_fresh(denoiser_at_level, x_T, z, alphas, sigmas):
    """The data noised afresh, as at gamma = 1: latent consistency sampling.

    Fix: carried*x_r + sqrt(1 - carried**2)*z, carried = alpha_s/alpha_r, x_0 at last, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return lcm_step(x_0, z[i, ...], alphas[i + 1], sigmas[i + 1])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def tcd_path__straight_to_s(denoiser_at_level, x_T, alphas, sigmas):
    """DDIM's steps, as at gamma = 0.

    Fix: carried*x_r + sqrt(1 - carried**2)*z, carried = alpha_s/alpha_r, x_0 at last, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return rectified_step(x_t, x_0, alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def tcd_path__same_noise_every_step(denoiser_at_level, x_T, z, alphas, sigmas, alphas_down, sigmas_down):
    """The first step's noise used at every step.

    Fix: carried*x_r + sqrt(1 - carried**2)*z, carried = alpha_s/alpha_r, x_0 at last, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        levels = (alphas[i], sigmas[i]), (alphas_down[i], sigmas_down[i]), (alphas[i + 1], sigmas[i + 1])
        return _renoised(x_t, x_0, z[0, ...], *levels)

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def tcd_path__stops_at_r(denoiser_at_level, x_T, alphas, sigmas, alphas_down, sigmas_down):
    """The state at r, not brought back up, denoised as if it were at s.

    Fix: carried*x_r + sqrt(1 - carried**2)*z, carried = alpha_s/alpha_r, x_0 at last, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return rectified_step(x_t, x_0, alphas_down[i], sigmas_down[i], alphas[i], sigmas[i])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def tcd_path__final_alpha_bar_first_step(denoiser_at_level, x_T, z, alphas, sigmas, alphas_down, sigmas_down, betas):
    """alpha_bar of the first step in place of 1 at the end: noise is left in the result.

    Fix: carried*x_r + sqrt(1 - carried**2)*z, carried = alpha_s/alpha_r, x_0 at last, Zheng et al. 2024, Algorithm 4
    Seen in: plausible; jabir-zheng/TCD and huggingface/diffusers end there
    """

    def step(i, x_t, x_0):
        levels = (alphas[i], sigmas[i]), (alphas_down[i], sigmas_down[i]), (alphas[i + 1], sigmas[i + 1])
        if i + 2 < sigmas.shape[0]:
            return _renoised(x_t, x_0, z[i, ...], *levels)
        return rectified_step(x_t, x_0, _root(1 - betas[0]), _root(betas[0]), alphas[i], sigmas[i])

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def tcd_path__state_not_rescaled(denoiser_at_level, x_T, z, alphas, sigmas, alphas_down, sigmas_down):
    """The state at r not brought to the signal's scale at s.

    Fix: carried*x_r + sqrt(1 - carried**2)*z, carried = alpha_s/alpha_r, x_0 at last, Zheng et al. 2024, Algorithm 4
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        kept = alphas[i + 1] / alphas_down[i] * sigmas_down[i]
        x_r = rectified_step(x_t, x_0, alphas_down[i], sigmas_down[i], alphas[i], sigmas[i])
        return x_r + _root((sigmas[i + 1] - kept) * (sigmas[i + 1] + kept)) * z[i, ...]

    return _stepped(denoiser_at_level, x_T, alphas, sigmas, step)


def consistency_path__all_noise_of_sigma(denoiser_at_level, x_T, z, sigmas):
    """All the noise of the level, as if the data had none.

    Fix: x_0 + sqrt(sigma**2 - sigma_min**2)*z, and x_0 itself at last, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 if i + 2 == sigmas.shape[0] else x_0 + sigmas[i + 1] * z[i, ...]

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def consistency_path__scales_subtracted(denoiser_at_level, x_T, z, sigmas, sigma_min):
    """Noise of the difference of the scales, not of the variances.

    Fix: x_0 + sqrt(sigma**2 - sigma_min**2)*z, and x_0 itself at last, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 if i + 2 == sigmas.shape[0] else x_0 + (sigmas[i + 1] - sigma_min) * z[i, ...]

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def consistency_path__same_noise_every_step(denoiser_at_level, x_T, z, sigmas, sigma_min):
    """The first step's noise used at every step.

    Fix: x_0 + sqrt(sigma**2 - sigma_min**2)*z, and x_0 itself at last, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 if i + 2 == sigmas.shape[0] else ve_transition_sample(x_0, z[0, ...], sigma_min, sigmas[i + 1])

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def consistency_path__noise_kept(denoiser_at_level, x_T, sigmas):
    """The noise kept that the state has: Euler's steps.

    Fix: x_0 + sqrt(sigma**2 - sigma_min**2)*z, and x_0 itself at last, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 if i + 2 == sigmas.shape[0] else edm_euler_step(x_t, x_0, sigmas[i], sigmas[i + 1])

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def consistency_path__levels_one_step_early(denoiser_at_level, x_T, z, sigmas, sigma_min):
    """Noised up to the level that the step comes from.

    Fix: x_0 + sqrt(sigma**2 - sigma_min**2)*z, and x_0 itself at last, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 if i + 2 == sigmas.shape[0] else ve_transition_sample(x_0, z[i, ...], sigma_min, sigmas[i])

    return _euler_run(denoiser_at_level, x_T, sigmas, step)


def consistency_path__model_at_first_level(denoiser_at_level, x_T, z, sigmas, sigma_min):
    """The model told the first level at every step.

    Fix: x_0 + sqrt(sigma**2 - sigma_min**2)*z, and x_0 itself at last, Song et al. 2023, Algorithm 1
    Seen in: plausible
    """

    def step(i, x_t, x_0):
        return x_0 if i + 2 == sigmas.shape[0] else ve_transition_sample(x_0, z[i, ...], sigma_min, sigmas[i + 1])

    return _euler_run(lambda x_t, *_: denoiser_at_level(x_t, 1, sigmas[0]), x_T, sigmas, step)
