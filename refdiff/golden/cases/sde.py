"""Cases of the stochastic differential equations of diffusion."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from refdiff.golden.cases.inputs import Case, labelled, pairs, single, state

__all__ = ["cases"]

_Row = tuple[str, str, dict[str, Any]]

_RATES = ((0.1, 20.0, "Song et al.'s rates"), (0.5, 4.0, "gentle rates: every dtype can judge"))
_TIMES = (
    (0.0, "the data's end: nothing is lost yet, and sub-VP adds nothing"),
    (2.0**-20, "next to the data: 1 - exp(-small) loses digits"),
    (1e-5, "Song et al.'s last time for VP"),
    (1e-3, "early"),
    (0.0625, "beta_rate_min still counts"),
    (0.25, "one quarter: the square of time shows"),
    (0.375, "the ordinary case"),
    (0.5, "middle"),
    (0.75, "late: half of the slope shows"),
    (0.9375, "near the noise"),
    (1.0, "the noise's end: both rates count alike"),
)
_ENDS = (
    (0.01, 50.0, "Song et al.'s scales"),
    (0.5, 8.0, "narrow range: every dtype can judge"),
    (1.0, 1.0009765625, "almost equal ends: the log of their ratio loses digits"),
)
# Scales at s and t of the variance-exploding process.
_SCALES = (
    (0.0, 0.01, "last step: s is the data, no noise is left"),
    (0.01, 0.0101, "adjacent small scales: the difference of squares loses digits"),
    (0.01, 0.02, "early, doubled"),
    (0.05, 0.0625, "early, one of a few dozen steps"),
    (0.125, 0.25, "small scales: a scale for its square shows"),
    (0.25, 0.5, "doubled below 1"),
    (0.25, 2.0, "wide stride through 1"),
    (0.5, 0.5, "no step at all"),
    (0.5, 0.75, "the ordinary case"),
    (0.5, 1.5, "tripled"),
    (0.75, 1.0, "up to 1, where powers do not show"),
    (1.0, 1.5, "from 1, where powers do not show"),
    (1.0, 3.0, "from 1, tripled"),
    (1.25, 1.5, "above 1"),
    (2.0, 2.5, "above 2"),
    (3.0, 8.0, "from wide to wider: neither scale is small"),
    (4.0, 4.0625, "adjacent, large"),
    (5.0, 7.0, "middle of Song et al.'s range"),
    (0.0, 1.0, "all in one step to unit noise"),
    (0.0, 50.0, "all in one step"),
    (24.0, 50.0, "first step of a few"),
    (48.0, 50.0, "first step of many"),
)
_MORE = ((0.375, 0.5, "below 1"), (1.5, 2.75, "above 1"))
_BETAS = (
    (1e-4, "DDPM's first step"),
    (1e-3, "small"),
    (0.01, "DDPM's middle"),
    (0.02, "DDPM's last step"),
    (0.03125, "a power of two"),
    (0.05, "steeper schedules"),
    (0.0625, "a power of two, larger"),
    (0.1, "a tenth"),
    (0.125, "an eighth: every dtype can judge"),
    (0.2, "a fifth"),
    (0.25, "a quarter: the root of 1 - beta shows"),
    (0.3, "larger"),
    (0.375, "larger still"),
    (0.4, "ten steps, last"),
    (0.5, "half of the power is lost"),
    (0.6, "beyond half"),
    (0.625, "beyond half, exact in every dtype"),
    (0.75, "three quarters: 1 - beta is a square"),
    (0.8, "large"),
    (0.875, "large, exact in every dtype"),
    (0.9375, "nearly all"),
    (0.999, "the cosine schedule's cap: dividing by its root shows"),
)
# f, g and the length of a step.
_PROCESSES = (
    (0.0, 1.0, 0.125, "no drift: Brownian motion"),
    (0.0, 2.5, 0.001, "no drift, strong noise, short step"),
    (-0.05, 0.3125, 0.001, "VP next to the data, beta = 0.1"),
    (-10.0, 4.5, 0.001, "VP at the noise, beta = 20, a thousand steps"),
    (-10.0, 4.5, 0.125, "VP at the noise, a long step"),
    (-0.5, 1.0, 0.01, "a unit stationary variance"),
    (-0.5, 1.0, 0.5, "a unit stationary variance, a long step"),
    (-0.5, 1.0, 1.0, "a step of length 1 hides powers of the length"),
    (-1.0, 0.5, 0.25, "weak noise"),
    (-1.0, 2.0, 0.25, "strong noise"),
    (-2.0, 0.75, 0.0625, "fast decay"),
    (-3.0, 1.5, 0.03125, "faster decay"),
    (-4.0, 3.0, 0.25, "half of the state is gone in one step"),
    (-5.0, 0.125, 0.5, "weak noise, a long step"),
    (0.5, 1.0, 0.25, "drift away from 0"),
    (2.0, 0.5, 0.125, "fast drift away from 0"),
    (1.0, 3.0, 0.5, "drift away from 0, strong noise"),
    (-1e-3, 1.0, 0.125, "almost no drift: exp(2*f*h) - 1 loses digits"),
    (-1e-6, 2.0, 0.01, "next to no drift: exp(2*f*h) - 1 loses all of float32's digits"),
    (1e-6, 0.5, 0.5, "next to no drift, the other way"),
    (-0.25, 6.0, 0.0625, "VE late: noise far stronger than drift"),
    (-8.0, 0.25, 0.015625, "drift far stronger than noise"),
    (-0.75, 1.25, 0.375, "the ordinary case"),
)
_SHARES = (0.0, 1.0, 0.5, 2.0, 0.25, 0.75)
# alpha, sigma and their time derivatives.
_PATHS = (
    (0.75, 0.25, -1.0, 1.0, "rectified flow at a quarter"),
    (0.5, 0.5, -1.0, 1.0, "rectified flow, middle"),
    (0.25, 0.75, -1.0, 1.0, "rectified flow, late"),
    (0.984375, 0.015625, -1.0, 1.0, "rectified flow next to the data"),
    (0.015625, 0.984375, -1.0, 1.0, "rectified flow next to the noise: alpha is small"),
    (1.0, 0.5, 0.0, 1.0, "EDM: no drift, sigma grows evenly"),
    (1.0, 2.0, 0.0, 1.0, "EDM, later"),
    (1.0, 0.01, 0.0, 0.0625, "VE early"),
    (1.0, 50.0, 0.0, 400.0, "VE late"),
    (0.8, 0.6, -0.75, 1.0, "variance preserved: alpha*alpha' + sigma*sigma' = 0"),
    (0.6, 0.8, -1.0, 0.75, "variance preserved, later"),
    (0.96, 0.28, -0.4375, 1.5, "variance preserved, early"),
    (0.28, 0.96, -3.0, 0.875, "variance preserved, late"),
    (0.125, 0.9921875, -1.5, 0.1875, "cosine-like, late"),
    (0.5, 2.0, -0.25, 3.0, "neither preserved nor unit signal"),
    (2.0, 0.5, -0.5, 0.25, "a signal scale above 1"),
    (4.0, 3.0, -8.0, 2.0, "large scales"),
    (0.75, 1.5, -2.0, 0.5, "drift adds most of the noise's growth"),
    (0.25, 0.125, -0.125, 2.0, "noise grows, drift is slow"),
    (0.9, 0.0, -0.5, 0.5, "no noise yet: g is 0"),
    (0.5, 0.25, -0.375, 0.0, "sigma stands still: drift alone asks for noise"),
    (0.375, 0.625, -1.25, 1.75, "the ordinary case"),
)
_SHAPES = ((2, 3), (1, 1), (3, 2), (4, 2), (1, 5))


def _vp() -> Iterator[_Row]:
    for low, high, told in _RATES:
        for time, comment in _TIMES:
            given = {"time": single(time), "beta_rate_min": single(low), "beta_rate_max": single(high)}
            yield f"beta-{low:g}-{high:g}/time-{time:.3g}", f"{comment}; {told}", given


def _ve() -> Iterator[_Row]:
    for low, high, told in _ENDS:
        for time, comment in _TIMES:
            given = {"time": single(time), "sigma_min": single(low), "sigma_max": single(high)}
            yield f"sigma-{low:g}-{high:g}/time-{time:.3g}", f"{comment.partition(':')[0]}; {told}", given


def _levels() -> Iterator[_Row]:
    for i, (time, low, high) in enumerate((time, *rates[:2]) for rates in _RATES for time, _ in _TIMES):
        power = single(-(time * time * (high - low) / 2 + time * low))
        yield f"level-{i}", f"log signal power {power:.3g}: 1 - exp loses digits near 0", {"log_alpha_bar_t": power}


def _chain() -> Iterator[_Row]:
    for sigma_s, sigma_t, comment in _SCALES:
        yield f"s-{sigma_s:g}-t-{sigma_t:g}", comment, {"sigma_s": single(sigma_s), "sigma_t": single(sigma_t)}


def _betas() -> Iterator[_Row]:
    yield from ((f"beta-{beta:g}", comment, {"beta_t": single(beta)}) for beta, comment in _BETAS)


def _processes() -> Iterator[_Row]:
    for i, (rate, diffusion, step, comment) in enumerate(_PROCESSES):
        given = {"drift_rate": single(rate), "diffusion": diffusion, "step_size": single(step), "noise_strength": _SHARES[i % 6]}
        yield f"f-{rate:g}-g-{diffusion:g}-h-{step:g}", comment, given


def _paths() -> Iterator[_Row]:
    for alpha, sigma, alpha_dot, sigma_dot, comment in _PATHS:
        given = {"alpha_t": single(alpha), "sigma_t": single(sigma), "alpha_dot_t": alpha_dot, "sigma_dot_t": sigma_dot}
        yield f"alpha-{alpha:g}-sigma-{sigma:g}-rates-{alpha_dot:g}-{sigma_dot:g}", comment, given


def _solutions() -> Iterator[_Row]:
    """Each path's level at t with another's at s, earlier or later."""
    for i, (alpha, sigma, *_, comment) in enumerate(_PATHS):
        if sigma == 0:
            alpha, sigma = 0.5, 0.5
        alpha_s, sigma_s = _PATHS[(i * 5 + 3) % len(_PATHS)][:2]
        levels = {"alpha_t": alpha, "sigma_t": sigma, "alpha_s": alpha_s, "sigma_s": sigma_s}
        told = f"{comment}; {'towards the data' if sigma_s * alpha < sigma * alpha_s else 'towards the noise'}"
        yield f"pair-{i}", told, {name: single(value) for name, value in levels.items()}


_TABLES = (
    (("vp_beta_rate", "vp_log_alpha_bar", "vp_drift_rate", "vp_diffusion", "subvp_diffusion"), _vp, ""),
    (("ve_sigma", "ve_diffusion"), _ve, ""),
    (("subvp_sigma",), _levels, ""),
    (("ve_added_variance",), _chain, ""),
    (("ve_transition_sample",), _chain, "x_s z"),
    (("reverse_diffusion_step_ve", "ancestral_step_ve"), _chain, "x_t score z"),
    (("reverse_diffusion_step_vp", "ancestral_step_vp"), _betas, "x_t score z"),
    (("linear_sde_drift_rate", "linear_sde_diffusion"), _paths, ""),
    (("linear_sde_transition_variance",), _processes, ""),
    (("linear_sde_transition_mean",), _processes, "x_s"),
    (("linear_sde_variance_rate",), _processes, "variance"),
    (("linear_sde_mean_rate",), _processes, "mean"),
    (("subvp_transition_variance",), partial(pairs, to_no_signal=False), ""),
    (("reverse_sde_drift", "probability_flow_drift", "same_marginals_drift"), _processes, "x_t score"),
    (("euler_maruyama_step", "reverse_euler_maruyama_step"), _processes, "x_t drift z"),
    (("probability_flow_solution_gaussian",), _solutions, "x_t mean variance"),
    (("reverse_sde_variance_gaussian",), pairs, "variance"),
    (("reverse_sde_mean_gaussian",), pairs, "x_t mean variance"),
)


def _state(name: str, key: str, shape: tuple[int, ...]) -> Any:
    drawn = state(f"sde/{name}/{key}", shape[1:] if name in ("mean", "variance") else shape, reach=24)
    return drawn * drawn if name == "variance" else drawn


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    from refdiff.catalogue import formula

    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("sde", name, label), comment, given))

    for names, rows, wanted in _TABLES:
        for i, (label, comment, given) in enumerate(rows()):
            states = {name: _state(name, label, _SHAPES[i % 5]) for name in wanted.split()}
            for name in names:
                kept = {"betas", "s", "t", *formula(name).arguments}
                kept |= {"sigma_t"} if "alpha_t" in kept else set()  # A signal scale alone leaves open what process it is of.
                add(name, label, comment, {key: value for key, value in (given | states).items() if key in kept})
    for i, (sigma_s, sigma_t, told) in enumerate((*_SCALES[1:18], *_SCALES[20:], *_MORE)):
        known = {name: state(f"sde/corrected/{name}/{i}", (1, 1 + i % 4), reach=24) for name in ("x_t", "score", "score_s")}
        known["z"] = state(f"sde/corrected/z/{i}", (2, 1, 1 + i % 4), reach=24)
        ratio = {"corrector_snr": single((0.16, 0.5, 0.075, 1.0)[i % 4])}
        levels = {"sigma_s": single(sigma_s), "sigma_t": single(sigma_t)}
        add(
            "predictor_corrector_step_ve",
            f"s-{sigma_s:g}-t-{sigma_t:g}",
            f"{told}; two noises, two scores",
            known | ratio | levels,
        )
        beta_s, beta_t = _BETAS[i][0], _BETAS[(3 * i + 1) % len(_BETAS)][0]
        betas = {"beta_s": single(beta_s), "beta_t": single(beta_t)}
        told = "the predictor's beta is that of t, the corrector's that of s"
        add("predictor_corrector_step_vp", f"beta-{beta_s:g}-{beta_t:g}", told, known | ratio | betas)
    for i in range(22):
        shape = _SHAPES[i % 5]
        sizes = {"drift": shape, "score": shape, "drift_divergence": shape[:1], "score_divergence": shape[:1]}
        given = {name: state(f"sde/rate/{name}/{i}", size) for name, size in sizes.items()}
        diffusion = (0.0, 0.5, 1.0, 1.5, 3.0)[(i * 3) % 5]
        told = "no noise: the continuity equation" if diffusion == 0 else f"{shape[0]} points of {shape[1]} dimensions"
        add("fokker_planck_rate", f"{i}/g-{diffusion:g}", told, given | {"diffusion": diffusion})
    return found
