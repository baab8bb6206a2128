"""The denoiser as an approximate projection: distances, smoothed distances, and sampling as descent on them."""

from refdiff.numbers import namespace

__all__ = [
    "denoiser_projection_error",
    "distance_descent_step",
    "distance_drift_max",
    "distance_drift_min",
    "distance_step_size",
    "distance_step_size_max",
    "distance_to_points",
    "gradient_estimate",
    "gradient_estimation_defect",
    "gradient_estimation_step",
    "gradient_estimation_weight",
    "moreau_envelope",
    "moreau_gap",
    "projection_onto_points",
    "smoothed_descent_step",
    "squared_distance_smoothed",
    "squared_distance_smoothed_floor",
    "squared_distance_smoothed_gradient",
]


def _squared_distances(x_t, points):
    """From each state to each point, and the least of them: shapes (B, N) and (B, 1)."""
    xp = namespace(x_t, points)
    squares = xp.sum((x_t[:, None, :] - points[None, :, :]) ** 2, axis=2)
    return squares, -xp.max(-squares, axis=1, keepdims=True)


def _shares(x_t, points, sigma_t):
    """Posterior weights of the points, shape (B, N)."""
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squared_distances(x_t, points)
    weights = xp.exp((least - squares) / (2 * sigma_t**2))
    return weights / xp.sum(weights, axis=1)[:, None]


def _weighted(shares, vectors):
    """Sum of vectors (B, N, d) under weights (B, N)."""
    return namespace(shares, vectors).sum(shares[:, :, None] * vectors, axis=1)


def distance_to_points(x_t, points):
    """Distance from each state to the nearest of finitely many points.

    Formula:
        sqrt(least(squared_distance(x_t, points)))[:, 0]

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).

    Returns:
        Shape (B,), in units of x_0. Error at most 2.5 ulp, for d up to 64.

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 2.2, dist_K for a finite set K.
    """
    return namespace(x_t, points).sqrt(_squared_distances(x_t, points)[1][:, 0])


def projection_onto_points(x_t, points):
    """Nearest of finitely many points to each state; where several are equally near, their mean.

    Formula:
        where(least(squared_distance(x_t, points)) < squared_distance(x_t, points), 0, 1) @ points

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d); one of them is nearest.

    Returns:
        Shape (B, d), in units of x_0. Error at most 0.5 ulp.

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 2.2, proj_K for a finite set K.
    """
    xp = namespace(x_t, points)
    squares, least = _squared_distances(x_t, points)
    chosen = xp.where(xp.less(least, squares), 0, 1)
    return chosen @ points / xp.sum(chosen, axis=1)[:, None]


def squared_distance_smoothed(x_t, points, sigma_t):
    """Squared distance from each state to finitely many points, smoothed: a soft minimum.

    Formula:
        -2*sigma_t**2*log(sum(exp(-squared_distance(x_t, points)/(2*sigma_t**2))))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        sigma_t: noise scale, > 0, a number; the scale of the smoothing.

    Returns:
        Shape (B,), in units of x_0 squared; it may be negative. It lies between `squared_distance_smoothed_floor` and the
        squared distance, and tends to that as sigma_t falls to 0. Error at most 4 ulp of
        least(squared_distance(x_t, points))[:, 0] + 2*sigma_t**2*(1 + log(len(points))).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 3.1. Yuan's tutorial on the paper prints -sigma**2 before the log,
        half of this, which tends to half the squared distance; its theorem, half the gradient is sigma*eps, needs the 2.
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squared_distances(x_t, points)
    total = xp.sum(xp.exp((least - squares) / (2 * sigma_t**2)), axis=1)
    return least[:, 0] - 2 * sigma_t**2 * xp.log(total)


def squared_distance_smoothed_gradient(x_t, points, sigma_t):
    """Gradient of the smoothed squared distance: twice the state less its denoised value.

    Formula:
        2*(x_t - softmax(-squared_distance(x_t, points)/(2*sigma_t**2)) @ points)

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B, d), in units of x_0: 2*sigma_t times the noise that the exact denoiser sees.
        Error at most 7 ulp of (abs(x_t) + max(abs(points)))*(1 + max(squared_distance(x_t, points))/sigma_t**2).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 3.1: half of it is sigma*eps of the ideal denoiser.
    """
    return 2 * _weighted(_shares(x_t, points, sigma_t), x_t[:, None, :] - points[None, :, :])


def squared_distance_smoothed_floor(x_t, points, sigma_t):
    """Lower bound on the smoothed squared distance, met where all points are equally near.

    Formula:
        least(squared_distance(x_t, points))[:, 0] - 2*sigma_t**2*log(len(points))

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in units of x_0 squared.
        Error at most 3.5 ulp of least(squared_distance(x_t, points))[:, 0] + 2*sigma_t**2*log(len(points)).

    Source:
        Boyd and Vandenberghe 2004, Convex Optimization, section 3.1.5: bounds of the log of a sum of exponentials, for
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 3.1.
    """
    xp = namespace(x_t, points, sigma_t)
    return _squared_distances(x_t, points)[1][:, 0] - 2 * sigma_t**2 * xp.log(points.shape[0])


def moreau_envelope(x_t, points, sigma_t):
    """Moreau envelope, at parameter sigma_t**2, of what is 0 on finitely many points and infinite elsewhere.

    Formula:
        least(squared_distance(x_t, points))[:, 0]/(2*sigma_t**2)

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), a pure number: the least over points y of (distance to y)**2/(2*sigma_t**2). It has kinks where the nearest
        point changes, and is not the smoothed distance. Error at most 4 ulp, for d up to 64.

    Source:
        Bauschke and Combettes 2017, Convex Analysis and Monotone Operator Theory, 2nd edition, section 12.4, Moreau envelopes.
    """
    return _squared_distances(x_t, points)[1][:, 0] / (2 * sigma_t**2)


def moreau_gap(x_t, points, sigma_t):
    """Moreau envelope of the points less the smoothed squared distance over 2*sigma_t**2.

    Formula:
        least(squares)[:, 0]/(2*sigma_t**2) + log(sum(exp(-squares/(2*sigma_t**2))))
        where squares = squared_distance(x_t, points)

    The body takes the least off inside the exponentials: their sum is then between 1 and the number of points.

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), in nats, from 0 for one point to log(N) where all are equally near: the smoothed distance is no Moreau
        envelope of the set. Error at most 2.5 ulp of 1 + max(squared_distance(x_t, points))/sigma_t**2.

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 3.1; Bauschke and Combettes 2017, section 12.4.
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squared_distances(x_t, points)
    return xp.log(xp.sum(xp.exp((least - squares) / (2 * sigma_t**2)), axis=1))


def denoiser_projection_error(x_t, points, sigma_t):
    """Distance of the exact denoiser from the projection, over the state's own distance from the points.

    Formula:
        sqrt(sum((softmax(-squares/(2*sigma_t**2)) @ points - nearest)**2)/least(squares)[:, 0])
        where nearest = where(least(squares) < squares, 0, 1) @ points
        where squares = squared_distance(x_t, points)

    The body averages the points less the nearest, so that an error far below the points' size keeps its digits.

    Args:
        x_t: states, shape (B, d), none of them a point.
        points: the data, shape (N, d); one of them is nearest.
        sigma_t: noise scale, > 0, a number.

    Returns:
        Shape (B,), a pure number: the least eta for which the denoiser is an approximate projection at this state.
        Error at most 4.5 ulp of max(abs(points))*(1 + max(squared_distance(x_t, points))/sigma_t**2)
        / sqrt(least(squared_distance(x_t, points)))[:, 0].

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 3, relative error model.
    """
    xp = namespace(x_t, points, sigma_t)
    gaps = points[None, :, :] - projection_onto_points(x_t, points)[:, None, :]
    missed = _weighted(_shares(x_t, points, sigma_t), gaps)
    return xp.sqrt(xp.sum(missed**2, axis=1)) / distance_to_points(x_t, points)


def distance_step_size(sigma_s, sigma_t):
    """Step size with which DDIM descends half the squared distance.

    Formula:
        1 - sigma_s/sigma_t

    Args:
        sigma_s: noise scale at s, in [0, sigma_t], any shape.
        sigma_t: noise scale at t, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, in [0, 1], a pure number. Error at most 2 ulp.

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 4, where it is beta_t.
    """
    return (sigma_t - sigma_s) / sigma_t


def distance_descent_step(x_t, points, sigma_s, sigma_t):
    """State at s by one step of gradient descent on half the squared distance to finitely many points.

    Formula:
        x_t - (1 - sigma_s/sigma_t)*(x_t - nearest)
        where nearest = where(least(squares) < squares, 0, 1) @ points
        where squares = squared_distance(x_t, points)

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d); one of them is nearest.
        sigma_s: noise scale at s, in [0, sigma_t], a number.
        sigma_t: noise scale at t, > 0, a number.

    Returns:
        Shape (B, d), in units of x_0; its distance to the points is sigma_s/sigma_t of what it was.
        Error at most 2.5 ulp of max(abs(points)) + sigma_s/sigma_t*(abs(x_t) + max(abs(points))).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 4: DDIM with a denoiser that projects exactly.
    """
    nearest = projection_onto_points(x_t, points)
    return nearest + sigma_s / sigma_t * (x_t - nearest)


def smoothed_descent_step(x_t, points, sigma_s, sigma_t):
    """State at s by one step of gradient descent on half the smoothed squared distance: DDIM with the exact denoiser.

    Formula:
        x_t - (1 - sigma_s/sigma_t)*(x_t - softmax(-squared_distance(x_t, points)/(2*sigma_t**2)) @ points)

    Args:
        x_t: states, shape (B, d).
        points: the data, shape (N, d).
        sigma_s: noise scale at s, in [0, sigma_t], a number.
        sigma_t: noise scale at t, > 0, a number; also the scale of the smoothing.

    Returns:
        Shape (B, d), in units of x_0.
        Error at most 3.5 ulp of (abs(x_t) + max(abs(points)))*(1 + max(squared_distance(x_t, points))/sigma_t**2).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, sections 3.1 and 4.
    """
    return x_t - (sigma_t - sigma_s) / sigma_t * squared_distance_smoothed_gradient(x_t, points, sigma_t) / 2


def gradient_estimate(eps, eps_previous, extrapolation):
    """Noise that the gradient-estimation sampler steps along: the newest estimate, extrapolated from the one before.

    Formula:
        extrapolation*eps + (1 - extrapolation)*eps_previous

    Args:
        eps: estimate of the noise at t, any shape.
        eps_previous: estimate at the step before, with more noise, broadcasts against eps.
        extrapolation: the paper's gamma; 1 is DDIM, 2 the paper's sampler; broadcasts against eps.

    Returns:
        The broadcast shape, a noise of unit size.
        Error at most 2 ulp of abs(extrapolation*eps) + abs((1 - extrapolation)*eps_previous).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 5 and Algorithm 2.
    """
    return extrapolation * eps + (1 - extrapolation) * eps_previous


def gradient_estimation_step(x_t, eps, eps_previous, extrapolation, sigma_s, sigma_t):
    """State at s by the gradient-estimation sampler.

    Formula:
        x_t + (sigma_s - sigma_t)*(extrapolation*eps + (1 - extrapolation)*eps_previous)

    Args:
        x_t: state at t, x_0 + sigma_t*eps, any shape.
        eps: estimate of the noise at t, broadcasts against x_t.
        eps_previous: estimate at the step before, broadcasts against x_t; eps itself at the first step.
        extrapolation: the paper's gamma; 1 is DDIM, 2 the paper's sampler; broadcasts against x_t.
        sigma_s: noise scale at s, in [0, sigma_t], broadcasts against x_t.
        sigma_t: noise scale at t, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 3 ulp of abs(x_t) + sigma_t*(abs(extrapolation*eps) + abs((1 - extrapolation)*eps_previous)).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 5 and Algorithm 2.
    """
    return x_t + (sigma_s - sigma_t) * gradient_estimate(eps, eps_previous, extrapolation)


def gradient_estimation_weight(sigma_s, sigma_t, sigma_u):
    """The extrapolation that makes the gradient-estimation sampler of second order.

    Formula:
        1 + (sigma_t - sigma_s)/(2*(sigma_u - sigma_t))

    Args:
        sigma_s: noise scale that the step goes to, in [0, sigma_t], any shape.
        sigma_t: noise scale that it starts from, > 0, broadcasts against the first.
        sigma_u: noise scale of the step before, > sigma_t, broadcasts against the first.

    Returns:
        The broadcast shape, a pure number: 3/2 for equal steps, Adams and Bashforth's. The paper's constant 2 is of first
        order. Error at most 1.5 ulp.

    Source:
        Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, section III.5, variable steps; for
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 5, derived here.
    """
    return 1 + (sigma_t - sigma_s) / (2 * (sigma_u - sigma_t))


def gradient_estimation_defect(extrapolation, sigma_s, sigma_t, sigma_u):
    """Leading error of one gradient-estimation step, for each unit of the noise's slope d(eps)/d(sigma).

    Formula:
        (sigma_s - sigma_t)*((extrapolation - 1)*(sigma_t - sigma_u) - (sigma_s - sigma_t)/2)

    Args:
        extrapolation: the paper's gamma, any shape.
        sigma_s: noise scale that the step goes to, in [0, sigma_t], broadcasts against the first.
        sigma_t: noise scale that it starts from, > 0, broadcasts against the first.
        sigma_u: noise scale of the step before, > sigma_t, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0 squared: step less exact. For equal steps h it is -h**2/2 for DDIM and +h**2/2
        for the paper's 2: as large, with the sign turned.
        Error at most 3 ulp of (sigma_t - sigma_s)*(abs(extrapolation - 1)*(sigma_u - sigma_t) + (sigma_t - sigma_s)/2).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 5: the step's Taylor expansion, derived here.
    """
    return (sigma_t - sigma_s) * ((extrapolation - 1) * (sigma_u - sigma_t) - (sigma_t - sigma_s) / 2)


def distance_drift_max(sigmas, relative_error):
    """Most that the distance to the data, over the noise scale, can grow in a run of DDIM.

    Formula:
        prod(1 + relative_error*(sigmas[:-1]/sigmas[1:] - 1))

    Args:
        sigmas: noise scales of the run, from noise to data, > 0, shape (n + 1,).
        relative_error: the paper's eta: bound on the denoiser's distance from the projection over the state's, in [0, 1).

    Returns:
        A number, >= 1. A schedule is admissible if this is at most nu at its end and `distance_drift_min` at least 1/nu.
        Error at most 1.5 ulp of value*len(sigmas).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 4, admissible schedules: the product of the bounds of each step.
    """
    xp = namespace(sigmas, relative_error)
    return xp.prod(1 + relative_error * (sigmas[:-1] - sigmas[1:]) / sigmas[1:])


def distance_drift_min(sigmas, relative_error):
    """Least that the distance to the data, over the noise scale, can be multiplied by in a run of DDIM.

    Formula:
        prod(1 - relative_error*(sigmas[:-1]/sigmas[1:] - 1))

    Args:
        sigmas: noise scales of the run, from noise to data, > 0, shape (n + 1,), no ratio above 1 + 1/relative_error.
        relative_error: the paper's eta: bound on the denoiser's distance from the projection over the state's, in [0, 1).

    Returns:
        A number, in [0, 1]. Error at most 1 ulp of len(sigmas)*prod(1 + relative_error*(sigmas[:-1]/sigmas[1:] - 1)).

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 4, admissible schedules: the product of the bounds of each step.
    """
    xp = namespace(sigmas, relative_error)
    return xp.prod(1 - relative_error * (sigmas[:-1] - sigmas[1:]) / sigmas[1:])


def distance_step_size_max(relative_error, distance_ratio, n):
    """Largest constant step size of an admissible schedule of n steps, whose noise scales fall geometrically.

    Formula:
        c/(relative_error + c)
        where c = 1 - 1/distance_ratio**(1/n)

    Args:
        relative_error: the paper's eta: bound on the denoiser's distance from the projection over the state's, in (0, 1).
        distance_ratio: the paper's nu: factor by which the distance may leave the noise scale, > 1, broadcasts against the first.
        n: number of steps, an integer >= 1.

    Returns:
        The broadcast shape, in (0, 1): the noise scales may fall by the factor 1 less this at each step. Error at most 3.5 ulp.

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, section 4, geometrically decreasing schedules, where it is beta_(*,N).
    """
    xp = namespace(relative_error, distance_ratio)
    c = -xp.expm1(-xp.log(distance_ratio) / n)
    return c / (relative_error + c)
