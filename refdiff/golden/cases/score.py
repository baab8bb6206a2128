"""Cases of score matching and Langevin dynamics."""

from typing import Any

import numpy as np

from refdiff.golden.cases.inputs import Case, integers, labelled, single, state

__all__ = ["cases"]

_SHAPES = ((2, 3), (3, 1), (4, 2, 2), (1, 8), (3, 3), (2, 2, 3, 1))
_LEVELS = ((1.0, 1.0), (0.8, 0.6), (0.6, 0.8), (1.0, 0.01), (1.0, 10.0), (0.28, 0.96), (0.75, 0.25))
_SIGMAS = (0.01, 0.1, 0.5, 1.0, 2.0, 10.0, 50.0)
_STEPS = (0.001, 0.01, 0.1, 0.5, 1.0, 2.0)


def _symmetric(key: str, count: int, size: int) -> np.ndarray:
    """Symmetric matrices, exact in every dtype, no two entries alike on purpose."""
    values = np.array(integers(key, count * size * size, -6, 6), dtype=np.float64).reshape(count, size, size) / 16
    return values + np.swapaxes(values, 1, 2) - np.eye(size)


def cases() -> dict[str, list[Case]]:
    """Cases by formula name."""
    found: dict[str, list[Case]] = {}

    def add(name: str, label: str, comment: str, given: dict[str, Any]) -> None:
        found.setdefault(name, []).append(Case(labelled("score", name, label), comment, given))

    for i in range(24):
        shape, unit = _SHAPES[i % 6], (1 / 16, 1 / 4, 1 / 64, 1.0)[i // 6]
        label = f"shape-{'x'.join(map(str, shape))}-v-{i // 6 + 1}"
        alpha_t, sigma_t = map(single, _LEVELS[i % 7])
        given: dict[str, Any]

        def drawn(name: str, shape: tuple[int, ...] = shape, unit: float = unit, i: int = i) -> np.ndarray:
            return state(f"score/{name}/{i}", shape, unit)

        hat, score = {"score_hat": drawn("score_hat")}, {"score": drawn("score")}
        add("explicit_score_matching_loss", label, "unequal errors: a mean, or a sum over the batch, shows", hat | score)
        given = hat | {"eps": state(f"score/eps/{i}", shape), "sigma_t": single(_SIGMAS[i % 7])}
        add("denoising_score_matching_loss", label, "noise scale far from 1: a forgotten weight shows", given)
        given = hat | {"divergence": state(f"score/divergence/{i}", shape[:1], 1 / 4)}
        add("implicit_score_matching_loss", label, "divergence of either sign", given)
        given = hat | {"probe": state(f"score/probe/{i}", shape), "directional_derivative": drawn("derivative")}
        for name in ("sliced_score_matching_loss", "sliced_score_matching_loss_reduced"):
            add(name, label, "a probe of unequal entries: what is projected shows", given)
        given = {"x_t": drawn("x_t"), "z": drawn("z"), "step_size": single(_STEPS[i % 6])} | score
        add("langevin_step", label, "steps far from 1: a root or a half that is missing shows", given)
        # The released code takes means of the norms over the batch: one sample alone is the common ground.
        one = (1, *shape) if shape == (3, 3) else (1, *shape[1:])
        given = {"score": drawn("score", one), "z": state(f"score/z/{i}", one)}
        given["corrector_snr"] = single((0.01, 0.075, 0.16, 0.5, 1.0)[i % 5])
        alone = f"shape-{'x'.join(map(str, one))}-v-{i // 6 + 1}"
        add("corrector_step_size", alone, "one sample, norms of either size: an inverse or a square shows", given)
        _corrector(add, i, unit)
        level: dict[str, Any] = {"alpha_t": alpha_t, "sigma_t": sigma_t}
        size = (2, 3, 1, 4)[i % 4]
        jacobian = _symmetric(f"score/jacobian/{i}", 2, size)
        label = f"d-{size}-alpha-{alpha_t:.2g}-sigma-{sigma_t:.2g}-{i}"
        what = "scales of either kind: signal and noise squared show"
        add("posterior_covariance_from_denoiser_jacobian", label, what, {"jacobian": jacobian} | level)
        given = {"jacobian": jacobian} | level
        add("posterior_covariance_from_score_jacobian", label, what, given)
        variance = single((0.25, 1.0, 4.0, 0.01, 100.0)[i % 5])
        given = {"variance": variance, "dimensions": (1, 3, 64, 3072)[i % 4]} | level
        add("dsm_constant_gaussian", f"variance-{variance:g}-alpha-{alpha_t:.2g}-{i}", "from all signal to all noise", given)
        low, high, n = single((0.01, 0.002, 0.1)[i % 3]), single((1.0, 50.0, 80.0, 348.0)[i % 4]), (10, 2, 5, 3, 18, 40)[i % 6]
        given = {"n": n, "sigma_min": low, "sigma_max": high}
        add("ncsn_sigmas", f"n-{n}-from-{high:.3g}-to-{low:.3g}-{i}", "both ends and the order", given)
        sigma = single(_SIGMAS[i % 7] * (1 + i / 8))
        add("ncsn_weight", f"sigma-{sigma:.3g}", "sigma_t far from 1", {"sigma_t": sigma})
        given = {"sigma_t": sigma, "sigma_min": low, "step_size": single((2e-5, 6.2e-6, 1e-4)[i % 3])}
        add("annealed_langevin_step_size", f"sigma-{sigma:.3g}-v-{i}", "a stage before the last", given)
        share = (1e-4, 0.01, 0.1, 0.5, 1.0, 1.5, 2.5, 3.0, 3.9, 3.999)[i % 10]
        walk = {"variance": variance, "step_size": single(variance * share)}
        label = f"variance-{variance:g}-step-{share:g}-{i}"
        add("langevin_stationary_variance", label, "from small steps to the edge of divergence at 4*variance", walk)
        start, n = single((0.0, 0.5, 2.0, 1000.0)[i % 4] * variance), (1, 2, 5, 20, 300)[i % 5]
        given = walk | {"variance_start": start, "n": n}
        add("langevin_chain_variance", f"{label}-n-{n}", "from the first step to the stationary law", given)
    return found


_BETAS = (0.02, 0.25, 0.0625, 0.5, 0.375, 0.1, 0.75)


def _corrector(add: Any, i: int, unit: float) -> None:
    """Corrector steps of one sample, and what bounds the constant of mixtures."""
    size = (3, 1, 4, 8, 2)[i % 5]
    known = {name: state(f"score/corrector/{name}/{i}", (1, size)) for name in ("x_t", "z")}
    known["score"] = state(f"score/corrector/score/{i}", (1, size), unit)
    snr = {"corrector_snr": single((0.16, 0.01, 0.075, 0.5, 1.0)[i % 5])}
    beta = {"beta_t": single(_BETAS[i % 7])}
    label, told = (
        f"d-{size}-beta-{_BETAS[i % 7]:g}-v-{i + 1}",
        "one sample: a factor that is missing, or on one part alone, shows",
    )
    slopes = {name: value for name, value in known.items() if name != "x_t"}
    add("corrector_step_size_vp", label, told, slopes | snr | beta)
    add("corrector_step_vp", label, told, known | snr | beta)
    add("corrector_step_ve", f"d-{size}-v-{i + 1}", "one sample: noise of twice the step's variance", known | snr)
    count = 2 + i % 3
    mixture: dict[str, Any] = {"weights": np.array(((1, 3), (4, 3, 1), (1, 2, 4, 1))[i % 3]) / (4, 8, 8)[i % 3]}
    mixture["variances"] = state(f"score/variances/{i}", (count,)) ** 2 / 2
    level = dict(zip(("alpha_t", "sigma_t"), map(single, ((0.8, 0.6), (1.0, 1.0), (0.5, 2.0), (1.0, 0.5))[i % 4]), strict=True))
    told = "unlike components: their means are of fractions, not a fraction of means"
    add("dsm_constant_mixture_floor", f"K-{count}-v-{i + 1}", told, mixture | level | {"dimensions": (1, 3, 64, 3072)[i % 4]})
    means = state(f"score/means/{i}", (count, (1, 2, 3, 4)[i // 3 % 4])) / 2
    told = "the means' spread counts, about their mean"
    add("dsm_constant_mixture_ceiling", f"K-{count}-d-{means.shape[1]}-v-{i + 1}", told, mixture | level | {"means": means})
