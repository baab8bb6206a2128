"""Cases of denoising with a GAN."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, labelled, pairs, single, state

__all__ = ["cases"]

_LOGS = (
    (0.0, 0.0, "equal densities: one half"),
    (-1.0, -2.0, "data more likely"),
    (-2.0, -1.0, "data less likely"),
    (1.5, -0.5, "densities above 1"),
    (-0.5, 1.5, "a generated density above 1"),
    (3.0, 2.75, "almost equal"),
    (-10.0, -10.5, "both small"),
    (-100.0, -101.0, "both so small that their squares vanish in float32"),
    (-400.0, -399.0, "both so small that they vanish in float32: only their difference counts"),
    (-800.0, -801.0, "both so small that they vanish in float64"),
    (0.0, -8.0, "nearly certain"),
    (-8.0, 0.0, "nearly impossible"),
    (0.0, -20.0, "certain in float32"),
    (-20.0, 0.0, "impossible but for a few parts in a billion"),
    (0.25, 0.0, "a quarter"),
    (0.0, 0.5, "a half"),
    (-3.0, -6.0, "three nats"),
    (-6.0, -3.0, "three nats, the other way"),
    (12.0, 9.5, "large densities"),
    (2.0, 5.0, "large densities, the other way"),
    (-0.125, -0.25, "an eighth"),
    (7.0, -1.0, "eight nats"),
)
# Sixteenths of two distributions.
_GAMES = (
    ((8, 8), (8, 8), "equal: no divergence, and the value is -log(4)"),
    ((16, 0), (0, 16), "disjoint: log(2), and the value is 0"),
    ((12, 4), (4, 12), "mirrored"),
    ((15, 1), (1, 15), "nearly disjoint"),
    ((9, 7), (7, 9), "nearly equal"),
    ((8, 8), (16, 0), "a missed mode"),
    ((16, 0), (8, 8), "an invented mode"),
    ((4, 12), (8, 8), "against an even coin"),
    ((8, 4, 4), (4, 8, 4), "three outcomes, one alike"),
    ((1, 2, 13), (13, 2, 1), "three outcomes, mirrored"),
    ((5, 5, 6), (6, 5, 5), "three outcomes, nearly equal"),
    ((0, 8, 8), (8, 8, 0), "three outcomes, one shared"),
    ((4, 4, 4, 4), (1, 3, 5, 7), "four outcomes against even ones"),
    ((1, 3, 5, 7), (4, 4, 4, 4), "four outcomes, roles changed"),
    ((7, 5, 3, 1), (1, 3, 5, 7), "four outcomes, reversed"),
    ((2, 2, 6, 6), (6, 6, 2, 2), "four outcomes, halves changed"),
    ((16, 0, 0, 0), (4, 4, 4, 4), "one outcome against even ones"),
    ((10, 3, 2, 1), (9, 4, 2, 1), "four outcomes, close"),
    ((14, 2), (10, 6), "the ordinary case"),
    ((3, 13), (5, 11), "the ordinary case, rarer first"),
    ((1, 15), (8, 8), "one rare outcome"),
    ((2, 6, 8), (3, 5, 8), "one outcome exactly alike"),
)
_LOGITS = (
    (0.0, 0.0, "undecided"),
    (1.0, -1.0, "right on both"),
    (-1.0, 1.0, "wrong on both"),
    (2.0, 0.5, "fooled"),
    (0.5, 2.0, "fooled more"),
    (-3.0, -2.0, "calls all generated"),
    (4.0, 3.0, "calls all data"),
    (8.0, -8.0, "sure and right"),
    (-8.0, 8.0, "sure and wrong"),
    (12.0, -10.0, "so sure that 1 + exp is 1 in float32"),
    (14.0, -13.0, "surer still: 1 - sigmoid as printed has few digits left"),
    (-40.0, 38.0, "sure and wrong: exp of it overflows nothing yet"),
    (-100.0, 95.0, "wrong by more than float32's exp can hold"),
    (-600.0, 500.0, "far beyond float32's exp"),
    (0.125, -0.25, "small"),
    (-0.25, 0.125, "small, wrong"),
    (0.0625, 3.0, "one small"),
    (3.0, 0.0625, "the other small"),
    (-5.0, -6.0, "calls all generated, surer"),
    (6.0, 5.0, "calls all data, surer"),
    (1.5, -2.5, "the ordinary case"),
    (-1.5, 2.5, "the ordinary case, wrong"),
    (2.5, 10.0, "fooled thoroughly"),
    (-4.0, 13.0, "fooled as far as the printed form has digits"),
)
# Log signal power at s and t.
_LEVELS = (
    (0.0, -0.125, "a short step to the data"),
    (0.0, -1.0, "to the data"),
    (0.0, -8.0, "from noise to the data in one step"),
    (-0.0625, -0.125, "a short step, early"),
    (-0.125, -0.5, "early"),
    (-0.25, -2.0, "a wide step from the middle"),
    (-0.5, -0.75, "a short step, middle"),
    (-0.5, -4.0, "a wide step"),
    (-1.0, -1.5, "middle"),
    (-1.0, -10.0, "from noise"),
    (-2.0, -2.5, "late"),
    (-2.0, -6.0, "late and wide"),
    (-4.0, -5.0, "hardly any signal"),
    (-6.0, -10.0, "DDGAN's first step of four"),
    (-2.75, -6.0, "DDGAN's second step of four"),
    (-0.75, -2.75, "DDGAN's third step of four"),
    (0.0, -0.75, "DDGAN's last step of four"),
    (-0.03125, -0.0625, "a short step next to the data"),
    (-0.375, -1.25, "the ordinary case"),
    (-1.25, -3.0, "the ordinary case, later"),
    (-3.0, -3.25, "a short step, late"),
    (-0.875, -1.0, "a short step about one half"),
)
_WEIGHTS = ((16,), (8, 8), (4, 12), (15, 1), (4, 4, 8), (2, 5, 9), (1, 7, 8), (13, 2, 1))
_STATES = ((2, 3), (1, 1), (3, 2), (1, 2), (2, 2))


def _mixture(key: str, components: int, size: int) -> dict[str, Any]:
    means = state(f"adversarial/means/{key}", (components, size))
    return {"means": means, "variances": state(f"adversarial/variances/{key}", (components,), reach=12) ** 2}


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("adversarial", name, label), comment, given))

    for real, fake, comment in _LOGS:
        given = {"log_density_real": single(real), "log_density_fake": single(fake)}
        add("optimal_discriminator", f"real-{real:g}-fake-{fake:g}", comment, given)
    for first, second, comment in _GAMES:
        game = {"probabilities_1": np.array(first) / 16, "probabilities_2": np.array(second) / 16}
        for name in ("jensen_shannon", "gan_value_at_optimum"):
            add(name, f"{'-'.join(map(str, first))}-against-{'-'.join(map(str, second))}", comment, game)
    for i, (real, fake, comment) in enumerate(_LOGITS):
        logits = {"logit_real": single(real), "logit_fake": single(fake)}
        add("discriminator_loss", f"real-{real:g}-fake-{fake:g}", comment, logits)
        # Further out the loss is below the last digit of the 1 that the printed form holds.
        if fake < 30:
            told = comment.replace("on both", "on this one")
            add("generator_loss_nonsaturating", f"{i}/fake-{fake:g}", told, {"logit_fake": single(fake)})
    for i, (label, comment, at) in enumerate(pairs()):
        if at["betas"][at["t"] - 1] < 1:
            shape = _STATES[i % 5]
            states = {name: state(f"adversarial/step/{name}/{i}", shape) for name in ("x_t", "x_0_hat", "z")}
            add("ddgan_step", label, comment, at | states)
    for i, (early, late, comment) in enumerate(_LEVELS):
        shares, (batch, size) = _WEIGHTS[i % 8], _STATES[i % 5]
        label, told = f"s-{early:g}-t-{late:g}", f"{comment}; {len(shares)} components in {size} dimensions"
        levels = {"log_alpha_bar_s": single(early), "log_alpha_bar_t": single(late)}
        mixture = _mixture(label, len(shares), size)
        weights, x_t = {"weights": np.array(shares) / 16}, {"x_t": state(f"adversarial/x_t/{label}", (batch, size))}
        x_s = {"x_s": state(f"adversarial/x_s/{label}", (batch, size))}
        add("denoising_posterior_variances_mixture", label, told, levels | {"variances": mixture["variances"]})
        add("denoising_posterior_means_mixture", label, told, levels | mixture | x_t)
        only_t = {"log_alpha_bar_t": levels["log_alpha_bar_t"]}
        add("denoising_posterior_weights_mixture", label, told, only_t | weights | mixture | x_t)
        add("denoising_posterior_log_density_mixture", label, told, levels | weights | mixture | x_t | x_s)
        shares = _WEIGHTS[1:][i % 7]
        told = f"{len(shares)} components in {size} dimensions, weights {'-'.join(map(str, shares))} of 16"
        spread = {"weights": np.array(shares) / 16} | _mixture(f"kurtosis/{i}", len(shares), size)
        add("excess_kurtosis_mixture", f"{i}/components-{len(shares)}", told, spread)
    alike = {"weights": np.array([0.25, 0.75]), "means": np.array([[1.5], [1.5]]), "variances": np.array([0.5, 0.5])}
    add("excess_kurtosis_mixture", "gaussian", "two equal components are one Gaussian: none at all", alike)
    far = {"weights": np.array([0.5, 0.5]), "means": np.array([[-8.0], [8.0]]), "variances": np.array([0.25, 0.25])}
    add("excess_kurtosis_mixture", "two-far-modes", "two far modes: near -2, the least there is", far)
    wide = {"weights": np.array([0.9375, 0.0625]), "means": np.array([[0.0], [0.0]]), "variances": np.array([0.25, 16.0])}
    add("excess_kurtosis_mixture", "heavy-tails", "one centre, two widths: heavy tails, above 0", wide)
    return found
