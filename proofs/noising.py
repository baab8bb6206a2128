"""What proofs of noise added back share: caps taken away, moments of affine states, and exact runs of every sampler."""

import sympy as sp

from refdiff.reference import ancestral, edm, sde

from .algebra import column, positive, real, same

__all__ = [
    "CHURN", "HALF", "NOISES", "RUNS", "SIGMAS", "H", "Recorder", "alike", "at_one", "heun", "law_of_a_step", "local_order",
    "moments", "one_estimate", "plain", "run",
]  # fmt: skip

X, X_0, Z, U = real("x x_0 z u")
S, H = positive("s h")


def plain(expression, cap=S):
    """The expression for eta in [0, 1], where no cap holds: of each pair the one that is not the cap."""
    found = sp.sympify(expression).replace(sp.Min, lambda *pair: next(one for one in pair if one != cap))
    return found.replace(sp.Max, lambda *pair: next(one for one in pair if one != 0))


def moments(state, noises=(U, Z)):
    """Mean and variance of a state that is affine in unit noises."""
    weights = [sp.diff(state, noise) for noise in noises]
    assert not any(weight.has(*noises) for weight in weights)
    return state.subs(dict.fromkeys(noises, 0)), sum(weight**2 for weight in weights)


def at_one(expression):
    """Its value where every symbol is 1."""
    return sp.N(expression.subs(dict.fromkeys(expression.free_symbols, 1)))


def alike(one, other):
    """Whether two affine states have the same parts, up to signs that both have positive."""
    parts = [[sp.diff(state, part) for part in (X, X_0, Z)] for state in (one, other)]
    return all(same(a**2, b**2) and at_one(a) * at_one(b) >= 0 for a, b in zip(*parts, strict=True))


class Recorder:
    """A model that knows the data, or has a new guess every time, and remembers what it was asked."""

    def __init__(self, data=None):
        self.data, self.asked = data, []

    def __call__(self, x_t, alpha_t, sigma_t):
        self.asked.append((x_t.item(), alpha_t, sigma_t))
        return 0 * x_t + (sp.Symbol(f"d_{len(self.asked) - 1}") if self.data is None else self.data)


def law_of_a_step(name, eta):
    """Gain and fresh variance of a step from 1 to 1 - h on Gaussian data of unit variance, as series in h."""
    levels = sp.Integer(eta), 1 - H, sp.Integer(1)
    data, down = sp.Rational(1, 2), (1 - H) ** (1 + eta)
    if name == "euler_ancestral_step":
        state = ancestral.euler_ancestral_step(sp.Integer(1), data, Z, *levels)
    else:
        inner = data + sp.sqrt(down) / 2
        state = getattr(ancestral, name)(sp.Integer(1), column([data, inner / (1 + down)]), Z, *levels)
    state = sp.expand(plain(state, 1 - H))
    return tuple(sp.series(part, H, 0, 5).removeO() for part in (state.coeff(Z, 0), sp.expand(state.coeff(Z, 1) ** 2)))


def local_order(series):
    """First power of h; the largest looked at where there is none."""
    return min((power for (power,), _ in sp.Poly(series + H**4, H).terms()), default=4)


NOISES = real("z_0 z_1 z_2")
FRESH = column(NOISES).reshape(3, 1, 1)
SIGMAS, TIMES = (column([sp.Rational(k, d) for k in row]) for row, d in (((4, 2, 1, 0), 1), ((7, 4, 1, 0), 8)))
# Signal and noise scales of preserved variance, and those of the levels below.
VP = [column([sp.Rational(k, 25) for k in row]) for row in ((15, 20, 24, 25), (20, 15, 7, 0))]
DOWN = [column([sp.Rational(k, 25) for k in row]) for row in ((24, 25, 25), (7, 0, 0))]
HALF = sp.Rational(1, 2)
CHURN = sp.Rational(3, 4), sp.Integer(1), sp.Integer(2)
STRETCH = column([sp.Rational(5, 2), sp.Rational(3, 2)])
RUNS = {
    "euler_ancestral_path": [(SIGMAS, sp.Integer(eta)) for eta in (0, 1, 4)],
    "dpm2_ancestral_path": [(SIGMAS, sp.Integer(eta)) for eta in (0, 1, 4)],
    "dpmpp_2s_ancestral_path": [(SIGMAS, sp.Integer(eta)) for eta in (0, 1, 4)],
    "euler_ancestral_flow_path": [(TIMES, eta) for eta in (sp.Integer(0), HALF, sp.Integer(1))],
    "edm_stochastic_path": [
        (SIGMAS, *CHURN, sp.Integer(1)),
        (SIGMAS, *map(sp.Integer, (9, 0, 9, 1))),
    ],
    "restart_path": [(SIGMAS, STRETCH, index, count) for index, count in ((1, 1), (2, 3), (3, 2), (2, 0))],
    "lcm_path": [tuple(VP), (1 - TIMES, TIMES)],
    "tcd_path": [(*VP, *DOWN)],
    "consistency_path": [(SIGMAS, sp.Integer(0))],
}


def run(name, model, *options):
    """States of a run from known data at its first level, and the scales of every level."""
    both = name in ("lcm_path", "tcd_path")
    scales = options[:2] if both else (1 - TIMES, TIMES) if options[0] is TIMES else (1 + 0 * SIGMAS, SIGMAS)
    start = column([[scales[0][0] * X_0 + scales[1][0] * U]])
    states = getattr(ancestral, name)(model, start, FRESH, *options)
    assert states.shape == (4, 1, 1)
    return [state.item() for state in states], list(zip(*scales, strict=True))


def one_estimate(name, options, i):
    """The step that a run takes from level i, as a function of state and estimate."""
    at, fresh = options[0][i : i + 2], NOISES[i]
    steps = {
        "euler_ancestral_path": lambda x, d: ancestral.euler_ancestral_step(x, d, fresh, options[-1], *reversed(at)),
        "euler_ancestral_flow_path": lambda x, d: ancestral.euler_ancestral_flow_step(x, d, fresh, options[-1], *reversed(at)),
        "lcm_path": lambda x, d: ancestral.lcm_step(d, fresh, at[1], options[1][i + 1]),
        "tcd_path": lambda x, d: ancestral.renoised_step(
            x, d, fresh, *(column([of[i], below[i], of[i + 1]]) for of, below in zip(options[:2], options[2:], strict=True))
        ),
        "consistency_path": lambda x, d: sde.ve_transition_sample(d, fresh, options[1], at[1]) if i < 2 else d,
    }
    return steps[name]


def heun(model, x, late, early):
    """Heun's step, the second slope not asked for where no noise is left."""
    first = model(x, 1, late)
    euler = edm.edm_euler_step(x, first, late, early)
    return euler if early == 0 else edm.edm_heun_step(x, first, model(euler, 1, early), late, early)
