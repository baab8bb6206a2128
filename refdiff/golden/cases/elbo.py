"""Cases of the evidence lower bound."""

from collections.abc import Callable
from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, pairs, schedules, single, state, times

__all__ = ["cases"]

_Add = Callable[[str, str, str, dict[str, Any]], None]
_ESTIMATES = ((0.75, 0.125), (0.0, 0.5), (1.5, -0.25), (-0.5, 1.0), (0.25, 0.0))
_SHAPES = ((2, 3), (1, 4), (3, 2), (2, 2, 2))
# Log signal powers at r < s < t.
_NEIGHBOURS = (
    (0.0, -0.125, -0.5), (0.0, -1.0, -2.0), (0.0, -0.0625, -0.125), (0.0, single(-1e-4), single(-3e-4)), (0.0, -4.0, -10.0),
    (-0.125, -0.25, -0.375), (-0.5, -1.0, -1.5), (-1.0, -1.25, -4.0), (-2.0, -2.5, -3.0), (-0.25, -3.0, -3.25),
    (-5.0, -5.5, -6.0), (-8.0, -9.0, -10.0), (single(-1e-4), single(-2e-4), single(-4e-4)), (-0.03125, -0.0625, -6.0),
    (single(-0.1), single(-0.11), single(-0.13)), (-0.5, -0.5625, -0.625), (-1.0, -6.0, -11.0), (-3.0, -3.0625, -3.125),
    (single(-1e-3), -0.5, -8.0), (-0.75, -0.875, -1.0), (-6.0, -6.25, -12.0), (-0.0078125, -0.015625, -0.03125),
)  # fmt: skip
_BETAS = {
    "T-1": (0.5,), "T-2": (0.25, 0.5), "T-3": (0.125, 0.25, 0.5), "T-4": (0.0625, 0.125, 0.5, 0.75),
    "T-5": (0.0078125, 0.03125, 0.125, 0.375, 0.75), "T-6": (0.25, 0.25, 0.25, 0.25, 0.25, 0.25),
}  # fmt: skip
_GRIDS = {
    "one-step": (4.0, -4.0), "two-steps": (6.0, 1.0, -5.0), "even": (8.0, 4.0, 0.0, -4.0, -8.0),
    "fine": tuple(1 - i / 16 for i in range(17)), "uneven": (10.0, 9.0, 2.0, 1.5, -6.0, -12.0),
}  # fmt: skip
_VARIANCES = (1.0, 0.25, 4.0, single(0.01), 64.0)


def _terms(add: _Add) -> None:
    """The bound's terms, each for a linear estimate of x_0."""
    for i, (label, comment, given) in enumerate(pairs(from_data=False, to_no_signal=False)):
        slope, intercept = _ESTIMATES[i % 5]
        known = {"x_0": state(f"elbo/x_0/{i}", _SHAPES[i % 4]), "slope": slope, "intercept": intercept}
        add("denoising_matching_term", label, comment, given | known)
        moving = given | known | {"slope": slope or 0.5}
        add("denoising_matching_variance", label, comment, moving)
    for i, (label, comment, given) in enumerate(times()):
        slope, intercept = _ESTIMATES[i % 5]
        known = {"x_0": state(f"elbo/first/{i}", _SHAPES[i % 4]), "slope": slope, "intercept": intercept}
        add("reconstruction_term", label, comment, given | known | {"variance": _VARIANCES[i % 5]})
    for i, (r, s, t) in enumerate(_NEIGHBOURS):
        slope, intercept = _ESTIMATES[i % 5]
        known = {"x_0": state(f"elbo/middle/{i}", _SHAPES[i % 4]), "slope": slope, "intercept": intercept}
        powers = {"log_alpha_bar_r": r, "log_alpha_bar_s": s, "log_alpha_bar_t": t}
        comment = (
            "r is the data: the first term" if r == 0 else "three unequal levels: a divergence in place of the log ratio shows"
        )
        add("consistency_term", f"levels-{i + 1}", comment, powers | known)
    for name in ("linear-1000", "cosine-1000", "linear-10", "cosine-50", "sigmoid-100"):
        for i, shape in enumerate(_SHAPES):
            known = {"x_0": state(f"elbo/last/{name}/{i}", shape), "betas": schedules()[name], "s": len(schedules()[name]) - 1}
            add("prior_matching_term", f"{name}/shape-{i + 1}", "last step of a schedule: beta_T, not 1 - alpha_bar_T", known)
    for i, (_, s, t) in enumerate(_NEIGHBOURS[:8]):
        known = {"x_0": state(f"elbo/wide/{i}", _SHAPES[i % 4]), "log_alpha_bar_s": s, "log_alpha_bar_T": t}
        add("prior_matching_term", f"levels-{i + 1}", "a last step that leaves signal", known)


def _bounds(add: _Add) -> None:
    """The summed bound, and its limit of continuous time."""
    for name, betas in _BETAS.items():
        for i, variance in enumerate(_VARIANCES[:4]):
            key, size = f"elbo/bound/{name}/{i}", len(betas)
            given = {
                "x_0": state(f"{key}/x_0", ((2, 3), (1, 4), (3, 2), (2, 1))[i]),
                "slopes": state(f"{key}/slopes", (size,), unit=1 / 32),
                "intercepts": state(f"{key}/intercepts", (size,), unit=1 / 32),
                "variance": variance,
                "betas": np.array(betas),
            }
            comment = "one step: nothing but reconstruction and prior" if size == 1 else "an index one off, or a lost term, shows"
            add("variational_bound_linear", f"{name}/variance-{i + 1}", comment, given)
    levels = ((4.0, -4.0), (10.0, -10.0), (0.5, 0.25), (2.0, 1.9375), (-3.0, -9.0))
    for i, variance in enumerate(_VARIANCES):
        for j, (high, low) in enumerate(levels):
            given = {"variance": variance, "logsnr_s": high, "logsnr_t": low}
            add("vlb_gaussian_continuous", f"variance-{i + 1}/levels-{j + 1}", "ends of the SNR, in the right order", given)
        for name, grid in _GRIDS.items():
            steps = {"variance": variance, "logsnrs": np.array(grid)}
            comment = "steps of unequal length: the noisier end of each counts"
            add("vlb_gaussian_discrete", f"variance-{i + 1}/{name}", comment, steps)
            add("vlb_gaussian_excess", f"variance-{i + 1}/{name}", "the excess, small where steps are short", steps)
    ratios = ((1.0, 1.0), (0.25, 2.0), (4.0, 0.5), (single(0.01), single(0.0101)), (2.0, 1.875))
    for i, (variance_1, variance_2) in enumerate(ratios):
        for j, shape in enumerate(_SHAPES):
            key = f"elbo/ratio/{i}/{j}"
            means = {name: state(f"{key}/{name}", shape) for name in ("mean_1", "mean_2")}
            given = means | {"variance_1": variance_1, "variance_2": variance_2}
            comment = "equal variances: twice the KL" if i == 0 else "unequal variances: both parts count"
            add("log_ratio_variance", f"variances-{i + 1}/shape-{j + 1}", comment, given)


def _units(add: _Add) -> None:
    widths = (1.0, 1 / 256, single(1 / 255), single(2 / 255), 2 / 256)
    for i, width in enumerate(widths):
        for dimensions in (1, 12, 784, 3072):
            nats = state(f"elbo/nats/{i}/{dimensions}", (3,)) * dimensions
            given = {"nats": nats, "dimensions": dimensions, "bin_width": width}
            comment = "bins of width 1: nothing to add" if width == 1 else "the bin's width counts once for each dimension"
            add("bits_per_dimension_of_density", f"width-{i + 1}/d-{dimensions}", comment, given)


def _weightings(add: _Add) -> None:
    for i in range(20):
        reach = (1 / 16, 1 / 8, 1 / 4, 1 / 16)[i % 4]
        levels = {"logsnr_t": state(f"elbo/logsnr/{i}", (4,), unit=reach)}
        comment = "both sides of logsnr 0: a sign, a lost half or an SNR for its root shows"
        for name in ("simple_cosine", "snr", "truncated_snr", "v_cosine", "flow"):
            add(f"elbo_weight_{name}", f"levels-{i + 1}", comment, levels)
        cap, bias = (5.0, 1.0, 0.5, 20.0)[i // 5], (2.0, 0.0, -1.0, 3.5)[i // 5]
        add("elbo_weight_min_snr", f"levels-{i + 1}", "on both sides of the cap", levels | {"gamma": cap})
        add(
            "elbo_weight_p2", f"levels-{i + 1}", "exponents below and at 1", levels | {"p2_gamma": (1.0, 0.5, 0.25, 0.75)[i // 5]}
        )
        offset = {"p2_gamma": (1.0, 0.5, 0.75, 0.25)[i // 5], "p2_offset": (0.5, 2.0, 0.125, 1.0, 8.0)[i % 5]}
        told = "the offset is added to the SNR, both to the power"
        add("elbo_weight_p2_offset", f"levels-{i + 1}", told, levels | offset)
        add("elbo_weight_sigmoid", f"levels-{i + 1}", "on both sides of the bias", levels | {"weight_bias": bias})
        means = ((-1.2, 1.2, 0.5), (-0.4, 1.0, 0.5), (0.0, 2.0, 1.0), (-1.0, 1.4, 0.0625))[i // 5]
        edm = dict(zip(("P_mean", "P_std", "sigma_data"), map(single, means), strict=True))
        add("elbo_weight_edm", f"levels-{i + 1}", "the mean and spread are of log(sigma), not of logsnr", levels | edm)
        logit = {"logit_mean": (0.0, 0.5, -1.0, 0.25)[i // 5], "logit_scale": (1.0, 0.75, 1.5, 2.0)[i // 5]}
        add("elbo_weight_flow_logit_normal", f"levels-{i + 1}", "time 1 is noise: a mean of the wrong sign shows", levels | logit)
        rates = {"loss_weight": np.abs(state(f"elbo/weight/{i}", (4,))), "logsnr_dot_t": -np.abs(state(f"elbo/rate/{i}", (4,)))}
        add("elbo_weight", f"rates-{i + 1}", "the derivative is negative and divides", rates)


# alpha_t, sigma_t and their time derivatives.
_RATES = (
    (0.75, 0.25, -1.0, 1.0), (0.5, 0.5, -1.0, 1.0), (0.25, 0.75, -1.0, 1.0), (0.9375, 0.0625, -1.0, 1.0), (1.0, 0.5, 0.0, 1.0),
    (1.0, 4.0, 0.0, 2.5), (0.8, 0.6, -0.75, 1.0), (0.6, 0.8, -1.0, 0.75), (0.96, 0.28, -0.4375, 1.5), (0.28, 0.96, -3.0, 0.875),
)  # fmt: skip


def _continuous(add: _Add) -> None:
    """Rates of the SNR, and what continuous time adds to the bound."""
    for i in range(20):
        scales = [value * (1 if i < 10 else (0.5, 2.0, 0.75, 1.25)[k]) for k, value in enumerate(_RATES[i % 10])]
        given = dict(zip(("alpha_t", "sigma_t", "alpha_dot_t", "sigma_dot_t"), map(single, scales), strict=True))
        told = (
            "no drift: the noise's growth alone"
            if scales[2] == 0
            else "both scales move: a rate that is missing, or halved, shows"
        )
        for name in ("snr_dot", "logsnr_dot"):
            add(name, f"rates-{i + 1}", told, given)
        key, shape = f"elbo/integrand/{i}", _SHAPES[i % 4]
        rate = -np.abs(state(f"{key}/rate", shape[:1])) if i % 2 else -(2.0 ** (i % 7 - 3))
        told = "a rate for each sample" if i % 2 else "one rate for all: a mean, a sum over the batch or a sign shows"
        pair = {"x_0": state(f"{key}/x_0", shape), "x_0_hat": state(f"{key}/x_0_hat", shape)}
        add("vlb_integrand", f"shape-{'x'.join(map(str, shape))}-v-{i + 1}", told, pair | {"snr_dot_t": rate})
        pair = {"eps": state(f"{key}/eps", shape), "eps_hat": state(f"{key}/eps_hat", shape)}
        add("vlb_integrand_eps", f"shape-{'x'.join(map(str, shape))}-v-{i + 1}", told, pair | {"logsnr_dot_t": rate})


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("elbo", name, label), comment, given))

    _terms(add)
    _bounds(add)
    _units(add)
    _weightings(add)
    _continuous(add)
    return found
