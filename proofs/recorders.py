"""Whole runs in symbols: a model that remembers what it was asked, levels that are numbers, and the steps a run should take."""

import sympy as sp

from refdiff.reference import multistep

from .algebra import column, real, same

__all__ = ["Recorder", "X", "check_pseudo", "check_steps", "held", "known", "recorded", "scales", "transferred"]

X = real("x")
NOISE = column([sp.Rational(*pair) for pair in ((9, 1), (7, 1), (5, 1), (3, 1), (2, 1), (4, 3), (3, 4), (2, 5), (1, 7))])
SIGNAL = column([sp.Rational(1, 2 + j) for j in range(9)])
START = column([[X]])


class Recorder:
    """A denoiser that answers with a new symbol each time, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, x_t, alpha_t, sigma_t):
        self.asked.append((x_t.item(), alpha_t, sigma_t))
        return column([[self.answer(len(self.asked) - 1)]])

    @staticmethod
    def answer(i):
        return real(f"d_{i}")


def scales(count, to_data):
    """Signal and noise scales of so many levels, the last with or without noise."""
    alphas, sigmas = SIGNAL[:count].copy(), NOISE[:count].copy()
    if to_data:
        sigmas[-1] = sp.Integer(0)
    return alphas, sigmas


def recorded(name, alphas, sigmas, *options):
    """States of a run, what the model answered, and what it was asked."""
    model, flat = Recorder(), name in ("lms_path", "gradient_estimation_path")
    states = getattr(multistep, name)(model, START, *([sigmas] if flat else [alphas, sigmas]), *options)
    return [state.item() for state in states], [model.answer(i) for i in range(len(model.asked))], model.asked


def known(alphas, sigmas, first, i):
    """The scales from the first level to the one after i."""
    return alphas[first : i + 2], sigmas[first : i + 2]


def held(x, data, alphas, sigmas, i):
    """State after a step along which the data and the noise of level i stand still: Euler's step."""
    return alphas[i + 1] * data + sigmas[i + 1] * (x - alphas[i] * data) / sigmas[i]


RUNS = {
    "dpmpp_2m_path": ("dpmpp_2m_step",),
    "dpmpp_2m_heun_path": ("dpmpp_2m_heun_step",),
    "dpmpp_3m_path": ("dpmpp_2m_step", "dpmpp_3m_step"),
    "exponential_multistep_path": ("exponential_multistep_step",) * 2,
    "dpm_solver_2m_path": ("dpm_solver_2m_step",),
    "dpm_solver_3m_path": ("dpm_solver_2m_step", "dpm_solver_3m_step"),
    "deis_path": ("deis_step",) * 2,
}


def check_steps(name, to_data, options=()):
    """Each step of the run is from the newest estimates, as many as there are, at their own levels."""
    steps, (alphas, sigmas) = RUNS[name], scales(6, to_data)
    states, data, asked = recorded(name, alphas, sigmas, *options)
    assert asked == [(states[i], alphas[i], sigmas[i]) for i in range(5)]
    noise = [(states[i] - alphas[i] * data[i]) / sigmas[i] for i in range(5)]
    assert states[0] == X
    for i in range(5):
        count = min(i, len(steps)) + 1
        if count == 1 or sigmas[i + 1] == 0:
            assert same(states[i + 1], held(states[i], data[i], alphas, sigmas, i))
        else:
            made = column((data if name[:5] in ("dpmpp", "expon") else noise)[i + 1 - count : i + 1])
            expected = getattr(multistep, steps[count - 2])(states[i], made, *known(alphas, sigmas, i + 1 - count, i))
            assert same(states[i + 1], expected)


def transferred(x, eps, alphas, sigmas, i, j):
    """State at level j where the noise from level i on is eps, and the data what it makes of x."""
    return alphas[j] * (x - sigmas[i] * eps) / alphas[i] + sigmas[j] * eps


def check_pseudo(states, noise, alphas, sigmas, ends, start):
    """From a step on each is DDIM's along Adams and Bashforth's noise, of at most four estimates."""
    for i in range(start, len(states) - 1):
        eps = multistep.adams_bashforth_eps(column(noise[max(0, i - 3) : i + 1]))
        assert same(states[i + 1], transferred(states[i], eps, alphas, sigmas, ends[i], ends[i + 1]))
