"""Wrong runs of solvers that remember: loops with one thing amiss."""

from refdiff.numbers import namespace
from refdiff.reference.ddim import rectified_step
from refdiff.reference.multistep import adams_bashforth_eps

__all__ = ["data_seen", "first_state", "gradient_run", "noise_seen", "plms_run", "pndm_run", "run", "unipc_run"]


def _moved(x_t, eps, alphas, sigmas, i, j):
    ratio = alphas[j] / alphas[i]
    return ratio * x_t + (sigmas[j] - ratio * sigmas[i]) * eps


def _euler(x_t, x_0s, alphas, sigmas):
    return rectified_step(x_t, x_0s[-1, ...], alphas[-1], sigmas[-1], alphas[-2], sigmas[-2])


def data_seen(denoiser_at_level, x_t, alpha_t, sigma_t):
    """The denoiser's estimate of the data."""
    return denoiser_at_level(x_t, alpha_t, sigma_t)


def noise_seen(denoiser_at_level, x_t, alpha_t, sigma_t):
    """The noise that the denoiser sees."""
    return (x_t - alpha_t * denoiser_at_level(x_t, alpha_t, sigma_t)) / sigma_t


def _walked(move, x_T, count):
    """x_T and the states that move(i, state) makes of each other."""
    states = [x_T]
    for i in range(count):
        states.append(move(i, states[i]))
    return namespace(x_T).stack(states)


def _current_state(x_t, x_T):
    return x_t


def run(steps, seen, denoiser_at_level, x_T, alphas, sigmas, lowered=False, to_data=True, asked=_current_state):
    """A run of steps[k - 1] with k estimates; lowered: k falls to 1 at the end; to_data: k is 1 where sigma is 0 after it."""
    made, n = [], sigmas.shape[0] - 1

    def move(i, x_t):
        made.append(seen(denoiser_at_level, asked(x_t, x_T), alphas[i], sigmas[i]))
        count = min(len(steps), i + 1, n - i if lowered else n)
        count = 1 if to_data and sigmas[i + 1] == 0 else count
        levels = slice(i + 1 - count, i + 2)
        return steps[count - 1](x_t, namespace(x_T).stack(made[-count:]), alphas[levels], sigmas[levels])

    return _walked(move, x_T, n)


def first_state(x_t, x_T):
    """What the denoiser must not be asked about."""
    return x_T


def unipc_run(steps, denoiser_at_level, x_T, alphas, sigmas, order, lowered=False, again=False, shown=False):
    """UniPC's run of (predictor, corrector); again: the model asked of corrected states too; shown: predicted states returned."""
    n, xp, made = sigmas.shape[0] - 1, namespace(x_T), [denoiser_at_level(x_T, alphas[0], sigmas[0])]
    states, guesses = [x_T], [x_T]
    for i in range(n):
        count = 1 if sigmas[i + 1] == 0 else min(order, i + 1, n - i if lowered else n)
        known = [scales[i + 1 - count : i + 2] for scales in (alphas, sigmas)]
        guesses.append((_euler if sigmas[i + 1] == 0 else steps[0])(states[i], xp.stack(made[-count:]), *known))
        states.append(guesses[-1])
        if i + 1 < n:
            made.append(denoiser_at_level(guesses[-1], alphas[i + 1], sigmas[i + 1]))
            states[-1] = steps[1](states[i], xp.stack(made[-count - 1 :]), *known)
            made[-1] = denoiser_at_level(states[-1], alphas[i + 1], sigmas[i + 1]) if again else made[-1]
    return xp.stack(guesses if shown else states)


def pndm_run(denoiser_at_level, x_T, alphas, sigmas, weights=(1, 2, 2, 1), again=1, kept=0):
    """PNDM's run; again: which noise leads to the middle the second time; kept: which is remembered."""
    made = []

    def move(i, x_t):
        at = 2 * i if i < 3 else i + 3
        made.append(noise_seen(denoiser_at_level, x_t, alphas[at], sigmas[at]))
        if i > 2:
            return _moved(x_t, adams_bashforth_eps(namespace(x_T).stack(made[-4:])), alphas, sigmas, at, at + 1)
        seen = _stages(denoiser_at_level, x_t, made[-1], alphas, sigmas, at, again)
        made[-1] = seen[kept]
        return _moved(x_t, sum(w * e for w, e in zip(weights, seen, strict=True)) / sum(weights), alphas, sigmas, at, at + 2)

    return _walked(move, x_T, sigmas.shape[0] - 4)


def _stages(denoiser_at_level, x_t, eps, alphas, sigmas, at, again):
    """The four estimates of a pseudo Runge-Kutta step."""
    seen = [eps]
    for come, j in ((0, at + 1), (again, at + 1), (2, at + 2)):
        seen.append(noise_seen(denoiser_at_level, _moved(x_t, seen[come], alphas, sigmas, at, j), alphas[j], sigmas[j]))
    return seen


def plms_run(denoiser_at_level, x_T, alphas, sigmas, kept=0, weights=(1, 1), most=4):
    """PLMS's run; kept: which of the first step's two estimates is remembered; weights: what the first step makes of them."""
    made = []

    def move(i, x_t):
        made.append(noise_seen(denoiser_at_level, x_t, alphas[i], sigmas[i]))
        eps = adams_bashforth_eps(namespace(x_T).stack(made[-most:]))
        if i == 0 and sigmas[1] != 0:
            made.append(noise_seen(denoiser_at_level, _moved(x_t, eps, alphas, sigmas, 0, 1), alphas[1], sigmas[1]))
            eps = (weights[0] * made[0] + weights[1] * made[1]) / sum(weights)
            del made[1 - kept :: 2]
        return _moved(x_t, eps, alphas, sigmas, i, i + 1)

    return _walked(move, x_T, sigmas.shape[0] - 1)


def gradient_run(denoiser_at_level, x_T, sigmas, extrapolation, first):
    """The gradient-estimation sampler; first: its weight of the first step's missing estimate."""
    made = []

    def move(i, x_t):
        made.append(noise_seen(denoiser_at_level, x_t, 1, sigmas[i]))
        before = made[i - 1] if i else first * made[0]
        return x_t + (sigmas[i + 1] - sigmas[i]) * (extrapolation * made[i] + (1 - extrapolation) * before)

    return _walked(move, x_T, sigmas.shape[0] - 1)
