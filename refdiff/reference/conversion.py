"""Conversions between predictions: every ordered pair of eps, x_0, v, score and velocity.

One convention throughout: x_t = alpha_t*x_0 + sigma_t*eps, v = alpha_t*eps - sigma_t*x_0, score = -eps/sigma_t,
velocity = alpha_dot_t*x_0 + sigma_dot_t*eps. Nothing assumes alpha_t**2 + sigma_t**2 = 1: they hold for VP, VE and flows.
"""

from refdiff.numbers import namespace

__all__ = [
    "eps_from_score",
    "eps_from_v",
    "eps_from_velocity",
    "eps_from_x_0",
    "score_from_eps",
    "score_from_v",
    "score_from_velocity",
    "score_from_x_0",
    "v_from_eps",
    "v_from_score",
    "v_from_velocity",
    "v_from_x_0",
    "velocity_from_eps",
    "velocity_from_score",
    "velocity_from_v",
    "velocity_from_x_0",
    "x_0_from_eps",
    "x_0_from_score",
    "x_0_from_v",
    "x_0_from_velocity",
]


def eps_from_x_0(x_t, x_0, alpha_t, sigma_t):
    """Unit noise from x_0.

    Formula:
        (x_t - alpha_t*x_0)/sigma_t

    Args:
        x_t: state, any shape.
        x_0: data, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, without unit. Error at most 2.5 ulp
        of (abs(x_t) + alpha_t*abs(x_0))/sigma_t.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 3.2.
    """
    return (x_t - alpha_t * x_0) / sigma_t


def eps_from_v(x_t, v, alpha_t, sigma_t):
    """Unit noise from v.

    Formula:
        (sigma_t*x_t + alpha_t*v)/(alpha_t**2 + sigma_t**2)

    Args:
        x_t: state, any shape.
        v: alpha_t*eps - sigma_t*x_0, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, without unit. Error at most 1 ulp
        of (sigma_t*abs(x_t) + alpha_t*abs(v))/(alpha_t**2 + sigma_t**2).

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4 and appendix D.
    """
    xp = namespace(x_t, v, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded((sigma_t * x_t + alpha_t * v) / (alpha_t**2 + sigma_t**2))


def eps_from_score(x_t, score, alpha_t, sigma_t):
    """Unit noise from score.

    Formula:
        -sigma_t*score

    Args:
        x_t: state, any shape.
        score: -eps/sigma_t, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, without unit. Error at most 1 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix B, with the Gaussian score of x_t given x_0.
    """
    return -sigma_t * score


def eps_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Unit noise from velocity.

    Formula:
        (velocity - alpha_dot_t*x_t/alpha_t)/(sigma_dot_t - sigma_t*alpha_dot_t/alpha_t)

    Args:
        x_t: state, any shape.
        velocity: alpha_dot_t*x_0 + sigma_dot_t*eps, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, without unit. Error at most 2.5 ulp
        of (alpha_t*abs(velocity) + abs(alpha_dot_t*x_t))/abs(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t).

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded((alpha_t * velocity - alpha_dot_t * x_t) / turn)


def x_0_from_eps(x_t, eps, alpha_t, sigma_t):
    """Data from eps.

    Formula:
        (x_t - sigma_t*eps)/alpha_t

    Args:
        x_t: state, any shape.
        eps: unit noise, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp
        of (abs(x_t) + sigma_t*abs(eps))/alpha_t.

    Source:
        Ho et al. 2020, arXiv:2006.11239v2, section 3.2.
    """
    return (x_t - sigma_t * eps) / alpha_t


def x_0_from_v(x_t, v, alpha_t, sigma_t):
    """Data from v.

    Formula:
        (alpha_t*x_t - sigma_t*v)/(alpha_t**2 + sigma_t**2)

    Args:
        x_t: state, any shape.
        v: alpha_t*eps - sigma_t*x_0, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 1 ulp
        of (alpha_t*abs(x_t) + sigma_t*abs(v))/(alpha_t**2 + sigma_t**2).

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4 and appendix D.
    """
    xp = namespace(x_t, v, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded((alpha_t * x_t - sigma_t * v) / (alpha_t**2 + sigma_t**2))


def x_0_from_score(x_t, score, alpha_t, sigma_t):
    """Data from score.

    Formula:
        (x_t + sigma_t**2*score)/alpha_t

    Args:
        x_t: state, any shape.
        score: -eps/sigma_t, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp
        of (abs(x_t) + sigma_t**2*abs(score))/alpha_t.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix B, with the Gaussian score of x_t given x_0.
    """
    return (x_t + sigma_t**2 * score) / alpha_t


def x_0_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Data from velocity.

    Formula:
        (velocity - sigma_dot_t*x_t/sigma_t)/(alpha_dot_t - alpha_t*sigma_dot_t/sigma_t)

    Args:
        x_t: state, any shape.
        velocity: alpha_dot_t*x_0 + sigma_dot_t*eps, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2.5 ulp
        of (abs(sigma_dot_t*x_t) + sigma_t*abs(velocity))/abs(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t).

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded((sigma_dot_t * x_t - sigma_t * velocity) / turn)


def v_from_eps(x_t, eps, alpha_t, sigma_t):
    """v from eps.

    Formula:
        alpha_t*eps - sigma_t*(x_t - sigma_t*eps)/alpha_t

    Args:
        x_t: state, any shape.
        eps: unit noise, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 1 ulp
        of ((alpha_t**2 + sigma_t**2)*abs(eps) + sigma_t*abs(x_t))/alpha_t.

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4 and appendix D.
    """
    xp = namespace(x_t, eps, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded(((alpha_t**2 + sigma_t**2) * eps - sigma_t * x_t) / alpha_t)


def v_from_x_0(x_t, x_0, alpha_t, sigma_t):
    """v from x_0.

    Formula:
        alpha_t*(x_t - alpha_t*x_0)/sigma_t - sigma_t*x_0

    Args:
        x_t: state, any shape.
        x_0: data, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 1 ulp
        of (alpha_t*abs(x_t) + (alpha_t**2 + sigma_t**2)*abs(x_0))/sigma_t.

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4 and appendix D.
    """
    xp = namespace(x_t, x_0, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded((alpha_t * x_t - (alpha_t**2 + sigma_t**2) * x_0) / sigma_t)


def v_from_score(x_t, score, alpha_t, sigma_t):
    """v from score.

    Formula:
        -alpha_t*sigma_t*score - sigma_t*(x_t + sigma_t**2*score)/alpha_t

    Args:
        x_t: state, any shape.
        score: -eps/sigma_t, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 1 ulp
        of sigma_t*((alpha_t**2 + sigma_t**2)*abs(score) + abs(x_t))/alpha_t.

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4 and appendix D.
    """
    xp = namespace(x_t, score, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded(-sigma_t * ((alpha_t**2 + sigma_t**2) * score + x_t) / alpha_t)


def v_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """v from velocity.

    Formula:
        alpha_t*noise - sigma_t*(x_t - sigma_t*noise)/alpha_t
        where noise = (velocity - alpha_dot_t*x_t/alpha_t)/(sigma_dot_t - sigma_t*alpha_dot_t/alpha_t)

    Args:
        x_t: state, any shape.
        velocity: alpha_dot_t*x_0 + sigma_dot_t*eps, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 1 ulp
        of ((alpha_t**2 + sigma_t**2)*abs(velocity) + abs((alpha_t*alpha_dot_t + sigma_t*sigma_dot_t)*x_t))
        /abs(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t).

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded(((alpha_t**2 + sigma_t**2) * velocity - (alpha_t * alpha_dot_t + sigma_t * sigma_dot_t) * x_t) / turn)


def score_from_eps(x_t, eps, alpha_t, sigma_t):
    """Score of the marginal from eps.

    Formula:
        -eps/sigma_t

    Args:
        x_t: state, any shape.
        eps: unit noise, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in inverse units of x_0. Error at most 1 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix B, with the Gaussian score of x_t given x_0.
    """
    return -eps / sigma_t


def score_from_x_0(x_t, x_0, alpha_t, sigma_t):
    """Score of the marginal from x_0.

    Formula:
        -(x_t - alpha_t*x_0)/sigma_t**2

    Args:
        x_t: state, any shape.
        x_0: data, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in inverse units of x_0. Error at most 3.5 ulp
        of (alpha_t*abs(x_0) + abs(x_t))/sigma_t**2.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, appendix B, with the Gaussian score of x_t given x_0.
    """
    return (alpha_t * x_0 - x_t) / sigma_t**2


def score_from_v(x_t, v, alpha_t, sigma_t):
    """Score of the marginal from v.

    Formula:
        -(sigma_t*x_t + alpha_t*v)/(alpha_t**2 + sigma_t**2)/sigma_t

    Args:
        x_t: state, any shape.
        v: alpha_t*eps - sigma_t*x_0, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in inverse units of x_0. Error at most 1 ulp
        of (abs(x_t) + alpha_t*abs(v)/sigma_t)/(alpha_t**2 + sigma_t**2).

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, section 4 and appendix D.
    """
    xp = namespace(x_t, v, alpha_t, sigma_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    return xp.rounded(-(x_t + alpha_t / sigma_t * v) / (alpha_t**2 + sigma_t**2))


def score_from_velocity(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Score of the marginal from velocity.

    Formula:
        -noise/sigma_t
        where noise = (velocity - alpha_dot_t*x_t/alpha_t)/(sigma_dot_t - sigma_t*alpha_dot_t/alpha_t)

    Args:
        x_t: state, any shape.
        velocity: alpha_dot_t*x_0 + sigma_dot_t*eps, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, in inverse units of x_0. Error at most 2 ulp
        of (abs(alpha_dot_t*x_t) + alpha_t*abs(velocity))/(sigma_t*abs(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)).

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, velocity, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded((alpha_dot_t * x_t - alpha_t * velocity) / (sigma_t * turn))


def velocity_from_eps(x_t, eps, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Velocity dx/dt from eps.

    Formula:
        alpha_dot_t*(x_t - sigma_t*eps)/alpha_t + sigma_dot_t*eps

    Args:
        x_t: state, any shape.
        eps: unit noise, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, in units of x_0 per unit time. Error at most 2 ulp
        of (abs(alpha_dot_t*x_t) + abs((alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)*eps))/alpha_t.

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, eps, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded((alpha_dot_t * x_t + turn * eps) / alpha_t)


def velocity_from_x_0(x_t, x_0, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Velocity dx/dt from x_0.

    Formula:
        alpha_dot_t*x_0 + sigma_dot_t*(x_t - alpha_t*x_0)/sigma_t

    Args:
        x_t: state, any shape.
        x_0: data, or its prediction, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, in units of x_0 per unit time. Error at most 2 ulp
        of (abs(sigma_dot_t*x_t) + abs((alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)*x_0))/sigma_t.

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, x_0, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded((sigma_dot_t * x_t - turn * x_0) / sigma_t)


def velocity_from_v(x_t, v, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Velocity dx/dt from v.

    Formula:
        alpha_dot_t*(alpha_t*x_t - sigma_t*v)/(alpha_t**2 + sigma_t**2)
        + sigma_dot_t*(sigma_t*x_t + alpha_t*v)/(alpha_t**2 + sigma_t**2)

    Args:
        x_t: state, any shape.
        v: alpha_t*eps - sigma_t*x_0, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, in units of x_0 per unit time. Error at most 1 ulp
        of ((abs(alpha_t*alpha_dot_t) + abs(sigma_t*sigma_dot_t))*abs(x_t) + abs((alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)*v))
        /(alpha_t**2 + sigma_t**2).

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, v, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded(((alpha_t * alpha_dot_t + sigma_t * sigma_dot_t) * x_t + turn * v) / (alpha_t**2 + sigma_t**2))


def velocity_from_score(x_t, score, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t):
    """Velocity dx/dt from score.

    Formula:
        alpha_dot_t*(x_t + sigma_t**2*score)/alpha_t - sigma_dot_t*sigma_t*score

    Args:
        x_t: state, any shape.
        score: -eps/sigma_t, broadcasts against x_t.
        alpha_t: signal scale, > 0, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        alpha_dot_t: time derivative of alpha_t, <= 0, broadcasts against x_t.
        sigma_dot_t: time derivative of sigma_t, >= 0 and not 0 together with alpha_dot_t.

    Returns:
        The broadcast shape, in units of x_0 per unit time. Error at most 2 ulp
        of (abs(alpha_dot_t*x_t) + abs(sigma_t*(alpha_t*sigma_dot_t - sigma_t*alpha_dot_t)*score))/alpha_t.

    Source:
        Lipman et al. 2023, arXiv:2210.02747v2, Eq. (15), for any pair alpha(t), sigma(t).
    """
    xp = namespace(x_t, score, alpha_t, sigma_t, alpha_dot_t, sigma_dot_t)
    alpha_t, sigma_t = xp.wide(alpha_t), xp.wide(sigma_t)
    turn = alpha_t * sigma_dot_t - sigma_t * alpha_dot_t
    return xp.rounded((alpha_dot_t * x_t - sigma_t * turn * score) / alpha_t)
