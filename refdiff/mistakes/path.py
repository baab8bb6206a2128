"""Wrong bodies of whole sampling runs."""

from refdiff.mistakes.schedule import alpha_bar__shifted_by_one
from refdiff.numbers import namespace
from refdiff.reference.conversion import x_0_from_eps, x_0_from_v
from refdiff.reference.path import guided_ddim_path
from refdiff.reference.schedule import alpha, betas_linear, betas_scaled_linear, log_alpha_bar, sigma, timesteps_leading
from refdiff.reference.step import ddim_step, ddpm_step, ddpm_step_large

__all__ = [
    "ddim_path__denoiser_of_initial_state",
    "ddim_path__eta_ignored",
    "ddim_path__final_alpha_bar_first_step",
    "ddim_path__levels_one_step_early",
    "ddim_path__levels_one_stride_early",
    "ddim_path__previous_by_fixed_stride",
    "ddim_path__previous_step_when_strided",
    "ddpm_path__denoiser_of_initial_state",
    "ddpm_path__noise_at_last_step",
    "ddpm_path__previous_step_when_strided",
    "ddpm_path__same_noise_every_step",
    "ddpm_path__without_noise",
    "guided_ddim_path__conditional_alone",
    "guided_ddim_path__final_alpha_bar_first_step",
    "guided_ddim_path__last_entry_not_guided",
    "guided_ddim_path__model_one_time_early",
    "guided_ddim_path__models_swapped",
    "guided_ddim_path__one_more_than_the_scale",
    "guided_ddim_path__previous_step_when_strided",
    "guided_ddim_path__scale_on_the_conditional_alone",
    "guided_ddim_path__unconditional_alone",
    "guided_ddim_path__v_taken_for_eps",
    "guided_ddim_path__v_taken_for_x_0",
    "stable_diffusion_path__ends_at_data",
    "stable_diffusion_path__guided_scale_one_more",
    "stable_diffusion_path__linear_betas",
    "stable_diffusion_path__models_swapped",
    "stable_diffusion_path__scaled_again",
    "stable_diffusion_path__still_scaled",
    "stable_diffusion_path__times_without_offset",
    "stable_diffusion_path__trailing_times",
    "stable_diffusion_path__v_taken_for_eps",
    "stable_diffusion_path__without_the_decoders_latent",
]


def _walked(step, x_T, betas, timesteps):
    """States of step(i, x_t, t, log_alpha_bar_s, log_alpha_bar_t) looped over the times."""
    xp = namespace(x_T, betas)
    logs = log_alpha_bar(betas)
    states = [x_T]
    for i, t in enumerate(timesteps):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 0
        states.append(step(i, states[i], t, logs[s - 1] if s > 0 else 0 * logs[0], logs[t - 1]))
    return xp.stack(states)


def ddpm_path__noise_at_last_step(denoiser, x_T, z, betas, timesteps):
    """Noise of the larger variance (fixed_large) at every step, the last one too.

    Fix: sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, which ends at 0, Ho et al. (7)
    Seen in: B040, huggingface/diffusers#5681, in another sampler
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step_large(x_t, denoiser(x_t, t), z[i], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__previous_step_when_strided(denoiser, x_T, z, betas, timesteps):
    """Every step computed from t to t - 1, though steps are skipped.

    Fix: step to the next of the timesteps: alpha_bar_s at that s, Ho et al. 2020, Algorithm 2
    Seen in: B030, huggingface/diffusers#2076
    """
    previous = namespace(betas).log(alpha_bar__shifted_by_one(betas))

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_t, t), z[i], previous[t - 1], log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__denoiser_of_initial_state(denoiser, x_T, z, betas, timesteps):
    """The denoiser asked about x_T at every step.

    Fix: denoiser(x_t, t) of the current state, Ho et al. 2020, Algorithm 2
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_T, t), z[i], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__without_noise(denoiser, x_T, z, betas, timesteps):
    """The mean alone at every step: not the deterministic DDIM.

    Fix: add sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s))*z, Ho et al. 2020, Eq. (7)
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_t, t), 0 * z[i], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddpm_path__same_noise_every_step(denoiser, x_T, z, betas, timesteps):
    """The first step's noise used at every step.

    Fix: z[i] is fresh at each step, Ho et al. 2020, Algorithm 2
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        return ddpm_step(x_t, denoiser(x_t, t), z[0], log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__final_alpha_bar_first_step(denoiser, x_T, z, eta, betas, timesteps):
    """alpha_bar of the first step in place of 1 at the end, Stable Diffusion's released convention (set_alpha_to_one=False).

    Fix: alpha_bar_s is 1 at s = 0, Song et al. 2021, Eq. (12); to keep to the release, check stable_diffusion_path
    Seen in: B026, Stability-AI/stablediffusion#345
    """
    first = log_alpha_bar(betas)[0]

    def step(i, x_t, t, log_s, log_t):
        last = i + 1 == len(timesteps)
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, first if last else log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__levels_one_step_early(denoiser, x_T, z, eta, betas, timesteps):
    """The table of previous values read at both ends: alpha_bar of t - 1 and of s - 1.

    Fix: alpha_bar_s and alpha_bar_t are rows s - 1 and t - 1 of cumprod(1 - betas), Song et al. 2021, Eq. (12)
    Seen in: B043, lucidrains/denoising-diffusion-pytorch#83
    """
    logs = namespace(betas).log(alpha_bar__shifted_by_one(betas))

    def step(i, x_t, t, log_s, log_t):
        s = timesteps[i + 1] if i + 1 < len(timesteps) else 1
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, logs[s - 1], logs[t - 1])

    return _walked(step, x_T, betas, timesteps)


def ddim_path__previous_step_when_strided(denoiser, x_T, z, eta, betas, timesteps):
    """Every step computed from t to t - 1, though steps are skipped.

    Fix: step to the next of the timesteps: alpha_bar_s at that s, Song et al. 2021, Eq. (12)
    Seen in: B030, huggingface/diffusers#2076, in its DDPM
    """
    previous = namespace(betas).log(alpha_bar__shifted_by_one(betas))

    def step(i, x_t, t, log_s, log_t):
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, previous[t - 1], log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__previous_by_fixed_stride(denoiser, x_T, z, eta, betas, timesteps):
    """Each step goes to t - T//n, which is not the next time unless the grid is even.

    Fix: step to the next of the timesteps, and to s = 0 from the last, Song et al. 2021, Eq. (12)
    Seen in: plausible; huggingface/diffusers#12633 reports it
    """
    logs, stride = log_alpha_bar(betas), len(betas) // len(timesteps)

    def step(i, x_t, t, log_s, log_t):
        s = t - stride
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, logs[s - 1] if s > 0 else 0 * logs[0], log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__levels_one_stride_early(denoiser, x_T, z, eta, betas, timesteps):
    """The noise levels of the step before: alpha_bar of the last t and of this one, the denoiser asked at this one.

    Fix: step from alpha_bar_t at this t to alpha_bar_s at the next, Song et al. 2021, Eq. (12)
    Seen in: B048, huggingface/diffusers#5145, where the inverse sampler took the levels of the step after
    """
    logs = log_alpha_bar(betas)

    def step(i, x_t, t, log_s, log_t):
        before = timesteps[max(i - 1, 0)]
        return ddim_step(x_t, denoiser(x_t, t), z[i], eta, log_t if i else log_s, logs[before - 1])

    return _walked(step, x_T, betas, timesteps)


def ddim_path__denoiser_of_initial_state(denoiser, x_T, z, eta, betas, timesteps):
    """The denoiser asked about x_T at every step.

    Fix: denoiser(x_t, t) of the current state, Song et al. 2021, Eq. (12)
    Seen in: B101, lucidrains/rectified-flow-pytorch@b7a5e64
    """

    def step(i, x_t, t, log_s, log_t):
        return ddim_step(x_t, denoiser(x_T, t), z[i], eta, log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def ddim_path__eta_ignored(denoiser, x_T, z, betas, timesteps):
    """The deterministic sampler whatever eta is.

    Fix: scale is eta*sqrt((1 - alpha_bar_s)/(1 - alpha_bar_t)*(1 - alpha_bar_t/alpha_bar_s)), Song et al. Eq. (16)
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        return ddim_step(x_t, denoiser(x_t, t), z[i], 0, log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def _guided(conditional, unconditional, scale, x_T, betas, timesteps, level=lambda i, log_s, t: log_s):
    """States of the guided sampler, whose steps may end at another level: level(i, log_alpha_bar_s, t)."""

    def step(i, x_t, t, log_s, log_t):
        v = unconditional(x_t, t)
        v = v + scale * (conditional(x_t, t) - v)
        return ddim_step(x_t, x_0_from_v(x_t, v, alpha(log_t), sigma(log_t)), 0 * x_t, 0, level(i, log_s, t), log_t)

    return _walked(step, x_T, betas, timesteps)


def guided_ddim_path__one_more_than_the_scale(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """conditional + guidance_scale*(conditional - unconditional): one more than the scale.

    Fix: unconditional + guidance_scale*(conditional - unconditional), Ho and Salimans 2022, Eq. (6) with w = scale - 1
    Seen in: plausible
    """
    return _guided(v_model_conditional, v_model_unconditional, 1 + guidance_scale, x_T, betas, timesteps)


def guided_ddim_path__models_swapped(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """The halves of the batch swapped: guided away from the condition.

    Fix: unconditional + guidance_scale*(conditional - unconditional), Ho and Salimans 2022, Eq. (6) with w = scale - 1
    Seen in: plausible
    """
    return _guided(v_model_unconditional, v_model_conditional, guidance_scale, x_T, betas, timesteps)


def guided_ddim_path__conditional_alone(v_model_conditional, x_T, betas, timesteps):
    """The condition given to both models: the scale has no effect.

    Fix: unconditional + guidance_scale*(conditional - unconditional), Ho and Salimans 2022, Eq. (6) with w = scale - 1
    Seen in: B123, QiaoyuHu89/DiffGui#5
    """
    return _guided(v_model_conditional, v_model_conditional, 1, x_T, betas, timesteps)


def guided_ddim_path__scale_on_the_conditional_alone(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps
):
    """unconditional + guidance_scale*conditional: the unconditional part is not taken off.

    Fix: unconditional + guidance_scale*(conditional - unconditional), Ho and Salimans 2022, Eq. (6) with w = scale - 1
    Seen in: plausible
    """

    def both(x_t, t):
        return v_model_unconditional(x_t, t) + v_model_conditional(x_t, t)

    return _guided(both, v_model_unconditional, guidance_scale, x_T, betas, timesteps)


def guided_ddim_path__last_entry_not_guided(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """All entries guided but the last, as where a latent's fourth channel is taken for a learned variance.

    Fix: unconditional + guidance_scale*(conditional - unconditional) in every entry, Ho and Salimans 2022, Eq. (6)
    Seen in: B117, facebookresearch/DiT#41
    """
    xp = namespace(x_T, betas)

    def partly(x_t, t):
        v, conditional = v_model_unconditional(x_t, t), v_model_conditional(x_t, t)
        guided = v + guidance_scale * (conditional - v)
        return xp.concat([guided[:, :-1], conditional[:, -1:]], axis=1)

    return _guided(partly, partly, 1, x_T, betas, timesteps)


def guided_ddim_path__v_taken_for_eps(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """The models' v taken for eps: a scheduler left at its default prediction type.

    Fix: x_0 = alpha_t*x_t - sigma_t*v, Salimans and Ho 2022, section 4
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        v = v_model_unconditional(x_t, t)
        v = v + guidance_scale * (v_model_conditional(x_t, t) - v)
        return ddim_step(x_t, x_0_from_eps(x_t, v, alpha(log_t), sigma(log_t)), 0 * x_t, 0, log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def guided_ddim_path__v_taken_for_x_0(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """The models' v taken for x_0.

    Fix: x_0 = alpha_t*x_t - sigma_t*v, Salimans and Ho 2022, section 4
    Seen in: plausible
    """

    def step(i, x_t, t, log_s, log_t):
        v = v_model_unconditional(x_t, t)
        return ddim_step(x_t, v + guidance_scale * (v_model_conditional(x_t, t) - v), 0 * x_t, 0, log_s, log_t)

    return _walked(step, x_T, betas, timesteps)


def guided_ddim_path__final_alpha_bar_first_step(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps
):
    """alpha_bar of the first step in place of 1 at the end, Stable Diffusion's released convention (set_alpha_to_one=False).

    Fix: alpha_bar_s is 1 at s = 0, Song et al. 2021, Eq. (12); to keep to the release, check stable_diffusion_path
    Seen in: B026, Stability-AI/stablediffusion#345
    """
    models, first = (v_model_conditional, v_model_unconditional), log_alpha_bar(betas)[0]

    def level(i, log_s, t):
        return first if i + 1 == len(timesteps) else log_s

    return _guided(*models, guidance_scale, x_T, betas, timesteps, level)


def guided_ddim_path__previous_step_when_strided(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps
):
    """Every step computed from t to t - 1, though steps are skipped.

    Fix: step to the next of the timesteps: alpha_bar_s at that s, Song et al. 2021, Eq. (12)
    Seen in: B030, huggingface/diffusers#2076, in its DDPM
    """
    models, previous = (v_model_conditional, v_model_unconditional), namespace(betas).log(alpha_bar__shifted_by_one(betas))

    def level(i, log_s, t):
        return previous[t - 1]

    return _guided(*models, guidance_scale, x_T, betas, timesteps, level)


def guided_ddim_path__unconditional_alone(v_model_unconditional, x_T, betas, timesteps):
    """The empty condition given to both models: no guidance at any scale.

    Fix: unconditional + guidance_scale*(conditional - unconditional), Ho and Salimans 2022, Eq. (6) with w = scale - 1
    Seen in: plausible
    """
    return _guided(v_model_unconditional, v_model_unconditional, 1, x_T, betas, timesteps)


def guided_ddim_path__model_one_time_early(v_model_conditional, v_model_unconditional, guidance_scale, x_T, betas, timesteps):
    """The models asked at t - 1, as where times counted from 1 meet tables counted from 0.

    Fix: the models asked at the time of the state they are given, Song et al. 2021 (DDIM), section 4.1
    Seen in: plausible
    """

    def early(model):
        return lambda x_t, t: model(x_t, max(t - 1, 1))

    return _guided(early(v_model_conditional), early(v_model_unconditional), guidance_scale, x_T, betas, timesteps)


def _released(models, scale, x_T, betas, times, latent_scale):
    """The guided run without its last step, which would go on to data, and the last state unscaled."""
    states = guided_ddim_path(*models, scale, x_T, betas, [*times, 1])[:-1]
    return namespace(x_T, betas).stack([*states, states[-1] / latent_scale])


def _grid(T, n, steps_offset):
    return timesteps_leading(T, n, steps_offset).tolist()


def _table(x_T, T, beta_start, beta_end, betas=betas_scaled_linear):
    """Step variances in the number system of the state."""
    zero = namespace(x_T).sum(0 * x_T)
    return betas(T, beta_start + zero, beta_end + zero)


def stable_diffusion_path__ends_at_data(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """The last step goes to alpha_bar = 1, as in the paper: what set_alpha_to_one=True asks, which the release does not.

    Fix: alphas_prev[0] is alphas_cumprod[0], CompVis code; to keep to the paper, check guided_ddim_path
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    states = guided_ddim_path(*models, guidance_scale, x_T, betas, _grid(T, n, steps_offset))
    return namespace(x_T, betas).stack([*states, states[-1] / latent_scale])


def stable_diffusion_path__still_scaled(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end
):
    """The last latent handed to the decoder as it is.

    Fix: divide by 0.18215 before decoding, CompVis code, decode_first_stage
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    return _released(models, guidance_scale, x_T, betas, _grid(T, n, steps_offset), 1)


def stable_diffusion_path__scaled_again(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """The last latent multiplied by the scale again, as for an encoder.

    Fix: divide by 0.18215 before decoding, CompVis code, decode_first_stage
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    return _released(models, guidance_scale, x_T, betas, _grid(T, n, steps_offset), 1 / latent_scale)


def stable_diffusion_path__linear_betas(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """Betas linear between the same ends: CompVis' "linear" is diffusers' "scaled_linear".

    Fix: the roots of the betas are linear, CompVis code, make_beta_schedule
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end, betas_linear)
    return _released(models, guidance_scale, x_T, betas, _grid(T, n, steps_offset), latent_scale)


def stable_diffusion_path__times_without_offset(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, beta_start, beta_end, latent_scale
):
    """Times without the offset of 1: t = 981, 961, ..., 1, and a last step that does nothing.

    Fix: steps_out = ddim_timesteps + 1, CompVis code, make_ddim_timesteps; steps_offset=1 in diffusers
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    times = _grid(T, n, 0)
    # From t = 1 to t = 1 the last step leaves the state as it is.
    states = guided_ddim_path(*models, guidance_scale, x_T, betas, times)[:-1]
    return namespace(x_T, betas).stack([*states, states[-1], states[-1] / latent_scale])


def stable_diffusion_path__trailing_times(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, beta_start, beta_end, latent_scale
):
    """Times counted down from T: 1000, 980, ..., 20.

    Fix: t = 982, 962, ..., 2, CompVis code, make_ddim_timesteps
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    return _released(models, guidance_scale, x_T, betas, range(T, T - n * (T // n), -(T // n)), latent_scale)


def stable_diffusion_path__v_taken_for_eps(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """The models' v taken for eps: a scheduler left at its default prediction type.

    Fix: x_0 = alpha_t*x_t - sigma_t*v, Salimans and Ho 2022, section 4
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    logs = log_alpha_bar(betas)

    def told(model):
        # The v whose eps is what the model gives.
        return lambda x_t, t: (model(x_t, t) - sigma(logs[t - 1]) * x_t) / alpha(logs[t - 1])

    return _released(list(map(told, models)), guidance_scale, x_T, betas, _grid(T, n, steps_offset), latent_scale)


def stable_diffusion_path__models_swapped(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """The halves of the batch swapped: guided away from the condition.

    Fix: unconditional + guidance_scale*(conditional - unconditional), Ho and Salimans 2022, Eq. (6) with w = scale - 1
    Seen in: plausible
    """
    models, betas = (v_model_unconditional, v_model_conditional), _table(x_T, T, beta_start, beta_end)
    return _released(models, guidance_scale, x_T, betas, _grid(T, n, steps_offset), latent_scale)


def stable_diffusion_path__guided_scale_one_more(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end, latent_scale
):
    """conditional + guidance_scale*(conditional - unconditional): one more than the scale.

    Fix: unconditional + guidance_scale*(conditional - unconditional), Ho and Salimans 2022, Eq. (6) with w = scale - 1
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    return _released(models, 1 + guidance_scale, x_T, betas, _grid(T, n, steps_offset), latent_scale)


def stable_diffusion_path__without_the_decoders_latent(
    v_model_conditional, v_model_unconditional, guidance_scale, x_T, T, n, steps_offset, beta_start, beta_end
):
    """The states alone, without the last one over the latent's scale.

    Fix: append the last state over 0.18215, which is what the decoder takes, CompVis code, decode_first_stage
    Seen in: plausible
    """
    models, betas = (v_model_conditional, v_model_unconditional), _table(x_T, T, beta_start, beta_end)
    return _released(models, guidance_scale, x_T, betas, _grid(T, n, steps_offset), 1)[:-1]
