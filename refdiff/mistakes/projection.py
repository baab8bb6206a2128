"""Wrong bodies of formulas of the denoiser as an approximate projection."""

from refdiff.numbers import namespace

__all__ = [
    "denoiser_projection_error__absolute",
    "denoiser_projection_error__by_sigma",
    "denoiser_projection_error__squared",
    "distance_descent_step__denoiser",
    "distance_descent_step__ratio_for_step",
    "distance_descent_step__squared_distance",
    "distance_drift_max__one_step",
    "distance_drift_max__step_size_for_ratio",
    "distance_drift_min__one_over_the_largest",
    "distance_drift_min__step_size_for_ratio",
    "distance_step_size__by_sigma_sum",
    "distance_step_size__difference",
    "distance_step_size__ratio",
    "distance_step_size_max__not_normalised",
    "distance_step_size_max__one_step",
    "distance_step_size_max__upper_bound",
    "distance_to_points__farthest",
    "distance_to_points__from_the_mean",
    "distance_to_points__squared",
    "gradient_estimate__added",
    "gradient_estimate__ddim",
    "gradient_estimate__swapped",
    "gradient_estimation_defect__half_left_out",
    "gradient_estimation_defect__sign_turned",
    "gradient_estimation_step__ddim",
    "gradient_estimation_step__swapped",
    "gradient_estimation_step__towards_noise",
    "gradient_estimation_weight__equal_steps",
    "gradient_estimation_weight__steps_swapped",
    "gradient_estimation_weight__two_left_out",
    "moreau_envelope__not_halved",
    "moreau_envelope__smoothed",
    "moreau_envelope__squared_distance",
    "moreau_gap__log_of_the_number",
    "moreau_gap__none",
    "projection_onto_points__farthest",
    "projection_onto_points__mean",
    "smoothed_descent_step__nearest",
    "smoothed_descent_step__smoothed_at_s",
    "smoothed_descent_step__whole_gradient",
    "squared_distance_smoothed__exponent_not_halved",
    "squared_distance_smoothed__hard",
    "squared_distance_smoothed__mean_for_sum",
    "squared_distance_smoothed__two_left_out",
    "squared_distance_smoothed_floor__added",
    "squared_distance_smoothed_floor__two_left_out",
    "squared_distance_smoothed_gradient__score",
    "squared_distance_smoothed_gradient__towards_the_points",
    "squared_distance_smoothed_gradient__two_left_out",
]


def _squares(x_t, points):
    """Squared distances (B, N), and the least of them (B, 1)."""
    xp = namespace(x_t, points)
    squares = xp.sum((x_t[:, None, :] - points[None, :, :]) ** 2, axis=2)
    return squares, -xp.max(-squares, axis=1, keepdims=True)


def distance_to_points__squared(x_t, points):
    """The squared distance.

    Fix: the root of the least squared distance, Permenter and Yuan 2024, section 2.2
    Seen in: plausible
    """
    return _squares(x_t, points)[1][:, 0]


def distance_to_points__farthest(x_t, points):
    """Distance from the farthest point.

    Fix: the root of the least squared distance, Permenter and Yuan 2024, section 2.2
    Seen in: plausible
    """
    xp = namespace(x_t, points)
    return xp.sqrt(xp.max(_squares(x_t, points)[0], axis=1))


def distance_to_points__from_the_mean(x_t, points):
    """Distance from the mean of the points.

    Fix: the root of the least squared distance, Permenter and Yuan 2024, section 2.2
    Seen in: plausible
    """
    xp = namespace(x_t, points)
    gaps = x_t - xp.sum(points, axis=0) / points.shape[0]
    return xp.sqrt(xp.sum(gaps**2, axis=1))


def projection_onto_points__farthest(x_t, points):
    """The farthest point.

    Fix: the nearest point, Permenter and Yuan 2024, section 2.2
    Seen in: plausible
    """
    xp = namespace(x_t, points)
    squares = _squares(x_t, points)[0]
    chosen = xp.where(xp.less(squares, xp.max(squares, axis=1, keepdims=True)), 0, 1)
    return 1 * (chosen @ points)


def projection_onto_points__mean(x_t, points):
    """The mean of the points: the denoiser's at endless noise.

    Fix: the nearest point, Permenter and Yuan 2024, section 2.2
    Seen in: plausible
    """
    xp = namespace(x_t, points)
    return 0 * x_t + xp.sum(points, axis=0) / points.shape[0]


def squared_distance_smoothed__two_left_out(x_t, points, sigma_t):
    """-sigma_t**2 before the log: tends to half the squared distance, and half its gradient is half of sigma*eps.

    Fix: -2*sigma_t**2*log(sum(exp(-squared_distance/(2*sigma_t**2)))), Permenter and Yuan 2024, section 3.1
    Seen in: plausible; so printed in Yuan's tutorial on the paper
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    total = xp.sum(xp.exp((least - squares) / (2 * sigma_t**2)), axis=1)
    return least[:, 0] / 2 - sigma_t**2 * xp.log(total)


def squared_distance_smoothed__mean_for_sum(x_t, points, sigma_t):
    """The points' mean in place of their sum: bounds move by 2*sigma_t**2*log(N).

    Fix: -2*sigma_t**2*log(sum(exp(-squared_distance/(2*sigma_t**2)))), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    total = xp.sum(xp.exp((least - squares) / (2 * sigma_t**2)), axis=1)
    return least[:, 0] - 2 * sigma_t**2 * xp.log(total / points.shape[0])


def squared_distance_smoothed__exponent_not_halved(x_t, points, sigma_t):
    """The exponent not halved.

    Fix: -2*sigma_t**2*log(sum(exp(-squared_distance/(2*sigma_t**2)))), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    total = xp.sum(xp.exp((least - squares) / sigma_t**2), axis=1)
    return least[:, 0] - 2 * sigma_t**2 * xp.log(total)


def squared_distance_smoothed__hard(x_t, points):
    """The squared distance itself.

    Fix: -2*sigma_t**2*log(sum(exp(-squared_distance/(2*sigma_t**2)))), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    return _squares(x_t, points)[1][:, 0]


def squared_distance_smoothed_gradient__two_left_out(x_t, points, sigma_t):
    """Half of it: sigma*eps.

    Fix: 2*(x_t - denoised), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    return x_t - denoised


def squared_distance_smoothed_gradient__score(x_t, points, sigma_t):
    """The score, of the other sign and over sigma_t**2.

    Fix: 2*(x_t - denoised), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    return (denoised - x_t) / sigma_t**2


def squared_distance_smoothed_gradient__towards_the_points(x_t, points, sigma_t):
    """The sign turned: the direction of descent.

    Fix: 2*(x_t - denoised), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    return 2 * (denoised - x_t)


def squared_distance_smoothed_floor__two_left_out(x_t, points, sigma_t):
    """The 2 left out.

    Fix: least squared distance - 2*sigma_t**2*log(N), Boyd and Vandenberghe 2004, section 3.1.5
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    return _squares(x_t, points)[1][:, 0] - sigma_t**2 * xp.log(points.shape[0] + 0 * sigma_t)


def squared_distance_smoothed_floor__added(x_t, points, sigma_t):
    """Added: an upper bound, and a loose one.

    Fix: least squared distance - 2*sigma_t**2*log(N), Boyd and Vandenberghe 2004, section 3.1.5
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    return _squares(x_t, points)[1][:, 0] + 2 * sigma_t**2 * xp.log(points.shape[0] + 0 * sigma_t)


def moreau_envelope__smoothed(x_t, points, sigma_t):
    """The smoothed distance, which is no Moreau envelope: a log of a sum for a least value.

    Fix: least squared distance/(2*sigma_t**2), Bauschke and Combettes 2017, section 12.4
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    total = xp.sum(xp.exp((least - squares) / (2 * sigma_t**2)), axis=1)
    return least[:, 0] / (2 * sigma_t**2) - xp.log(total)


def moreau_envelope__not_halved(x_t, points, sigma_t):
    """The penalty not halved.

    Fix: least squared distance/(2*sigma_t**2), Bauschke and Combettes 2017, section 12.4
    Seen in: plausible
    """
    return _squares(x_t, points)[1][:, 0] / sigma_t**2


def moreau_envelope__squared_distance(x_t, points):
    """The squared distance itself, at no parameter.

    Fix: least squared distance/(2*sigma_t**2), Bauschke and Combettes 2017, section 12.4
    Seen in: plausible
    """
    return _squares(x_t, points)[1][:, 0]


def moreau_gap__none(x_t, points, sigma_t):
    """0, as if the smoothed distance were the Moreau envelope.

    Fix: log(sum(exp((least - squares)/(2*sigma_t**2)))), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    return 0 * sigma_t * _squares(x_t, points)[1][:, 0]


def moreau_gap__log_of_the_number(x_t, points, sigma_t):
    """log(N): the bound in place of the gap.

    Fix: log(sum(exp((least - squares)/(2*sigma_t**2)))), Permenter and Yuan 2024, section 3.1
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    return 0 * _squares(x_t, points)[1][:, 0] + xp.log(points.shape[0] + 0 * sigma_t)


def denoiser_projection_error__absolute(x_t, points, sigma_t):
    """Not divided by the state's own distance.

    Fix: distance of denoised from nearest over the state's distance, Permenter and Yuan 2024, section 3, relative error model
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    nearest = xp.where(xp.less(least, squares), 0, 1) @ points
    return xp.sqrt(xp.sum((denoised - nearest) ** 2, axis=1))


def denoiser_projection_error__squared(x_t, points, sigma_t):
    """The root left out.

    Fix: distance of denoised from nearest over the state's distance, Permenter and Yuan 2024, section 3, relative error model
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    nearest = xp.where(xp.less(least, squares), 0, 1) @ points
    return xp.sum((denoised - nearest) ** 2, axis=1) / least[:, 0]


def denoiser_projection_error__by_sigma(x_t, points, sigma_t):
    """Divided by sigma_t in place of the distance.

    Fix: distance of denoised from nearest over the state's distance, Permenter and Yuan 2024, section 3, relative error model
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    nearest = xp.where(xp.less(least, squares), 0, 1) @ points
    return xp.sqrt(xp.sum((denoised - nearest) ** 2, axis=1)) / sigma_t


def distance_step_size__ratio(sigma_s, sigma_t):
    """The ratio kept, not the share taken off.

    Fix: 1 - sigma_s/sigma_t, Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    return sigma_s / sigma_t


def distance_step_size__difference(sigma_s, sigma_t):
    """The difference, not divided by sigma_t.

    Fix: 1 - sigma_s/sigma_t, Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    return sigma_t - sigma_s


def distance_step_size__by_sigma_sum(sigma_s, sigma_t):
    """Divided by the sum of the scales.

    Fix: 1 - sigma_s/sigma_t, Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    return (sigma_t - sigma_s) / (sigma_t + sigma_s)


def distance_descent_step__squared_distance(x_t, points, sigma_s, sigma_t):
    """Descent on the squared distance, not on half of it: the step twice as long.

    Fix: x_t - (1 - sigma_s/sigma_t)*(x_t - nearest), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_s, sigma_t)
    squares, least = _squares(x_t, points)
    nearest = xp.where(xp.less(least, squares), 0, 1) @ points
    return x_t - 2 * (1 - sigma_s / sigma_t) * (x_t - nearest)


def distance_descent_step__ratio_for_step(x_t, points, sigma_s, sigma_t):
    """The share kept for the share taken off.

    Fix: x_t - (1 - sigma_s/sigma_t)*(x_t - nearest), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_s, sigma_t)
    squares, least = _squares(x_t, points)
    nearest = xp.where(xp.less(least, squares), 0, 1) @ points
    return x_t - sigma_s / sigma_t * (x_t - nearest)


def distance_descent_step__denoiser(x_t, points, sigma_s, sigma_t):
    """The exact denoiser's mean in place of the nearest point.

    Fix: x_t - (1 - sigma_s/sigma_t)*(x_t - nearest), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_s, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    return x_t - (1 - sigma_s / sigma_t) * (x_t - denoised)


def smoothed_descent_step__nearest(x_t, points, sigma_s, sigma_t):
    """The nearest point in place of the denoiser's mean.

    Fix: x_t - (1 - sigma_s/sigma_t)*(x_t - denoised), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_s, sigma_t)
    squares, least = _squares(x_t, points)
    nearest = xp.where(xp.less(least, squares), 0, 1) @ points
    return x_t - (1 - sigma_s / sigma_t) * (x_t - nearest)


def smoothed_descent_step__whole_gradient(x_t, points, sigma_s, sigma_t):
    """The gradient not halved: the step twice as long.

    Fix: x_t - (1 - sigma_s/sigma_t)*(x_t - denoised), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_s, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_t**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    return x_t - 2 * (1 - sigma_s / sigma_t) * (x_t - denoised)


def smoothed_descent_step__smoothed_at_s(x_t, points, sigma_s, sigma_t):
    """Smoothed at the scale it goes to: a backward step.

    Fix: x_t - (1 - sigma_s/sigma_t)*(x_t - denoised), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(x_t, points, sigma_s, sigma_t)
    squares, least = _squares(x_t, points)
    shares = xp.exp((least - squares) / (2 * sigma_s**2))
    denoised = shares @ points / xp.sum(shares, axis=1)[:, None]
    return x_t - (1 - sigma_s / sigma_t) * (x_t - denoised)


def gradient_estimate__swapped(eps, eps_previous, extrapolation):
    """The two estimates swapped.

    Fix: extrapolation*eps + (1 - extrapolation)*eps_previous, Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return extrapolation * eps_previous + (1 - extrapolation) * eps


def gradient_estimate__added(eps, eps_previous, extrapolation):
    """The older estimate added with the weight's sign turned.

    Fix: extrapolation*eps + (1 - extrapolation)*eps_previous, Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return extrapolation * eps + (extrapolation - 1) * eps_previous


def gradient_estimate__ddim(eps):
    """The newest alone.

    Fix: extrapolation*eps + (1 - extrapolation)*eps_previous, Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return 1 * eps


def gradient_estimation_step__ddim(x_t, eps, sigma_s, sigma_t):
    """DDIM's step: the older estimate not used.

    Fix: x_t + (sigma_s - sigma_t)*(extrapolation*eps + (1 - extrapolation)*eps_previous), Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return x_t + (sigma_s - sigma_t) * eps


def gradient_estimation_step__swapped(x_t, eps, eps_previous, extrapolation, sigma_s, sigma_t):
    """The two estimates swapped.

    Fix: x_t + (sigma_s - sigma_t)*(extrapolation*eps + (1 - extrapolation)*eps_previous), Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return x_t + (sigma_s - sigma_t) * (extrapolation * eps_previous + (1 - extrapolation) * eps)


def gradient_estimation_step__towards_noise(x_t, eps, eps_previous, extrapolation, sigma_s, sigma_t):
    """The step's sign turned.

    Fix: x_t + (sigma_s - sigma_t)*(extrapolation*eps + (1 - extrapolation)*eps_previous), Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return x_t + (sigma_t - sigma_s) * (extrapolation * eps + (1 - extrapolation) * eps_previous)


def gradient_estimation_weight__equal_steps(sigma_s, sigma_t, sigma_u):
    """3/2, right for equal steps alone.

    Fix: 1 + (sigma_t - sigma_s)/(2*(sigma_u - sigma_t)), Hairer et al. 1993, section III.5
    Seen in: plausible
    """
    return 1 + (sigma_t + 0 * (sigma_s + sigma_u)) / (2 * sigma_t)


def gradient_estimation_weight__steps_swapped(sigma_s, sigma_t, sigma_u):
    """The two steps' lengths swapped.

    Fix: 1 + (sigma_t - sigma_s)/(2*(sigma_u - sigma_t)), Hairer et al. 1993, section III.5
    Seen in: plausible
    """
    return 1 + (sigma_u - sigma_t) / (2 * (sigma_t - sigma_s))


def gradient_estimation_weight__two_left_out(sigma_s, sigma_t, sigma_u):
    """The 2 left out: the paper's constant, where steps are equal.

    Fix: 1 + (sigma_t - sigma_s)/(2*(sigma_u - sigma_t)), Hairer et al. 1993, section III.5
    Seen in: plausible
    """
    return 1 + (sigma_t - sigma_s) / (sigma_u - sigma_t)


def gradient_estimation_defect__sign_turned(extrapolation, sigma_s, sigma_t, sigma_u):
    """Exact less step.

    Fix: (sigma_s - sigma_t)*((extrapolation - 1)*(sigma_t - sigma_u) - (sigma_s - sigma_t)/2), Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return (sigma_t - sigma_s) * ((sigma_t - sigma_s) / 2 - (extrapolation - 1) * (sigma_u - sigma_t))


def gradient_estimation_defect__half_left_out(extrapolation, sigma_s, sigma_t, sigma_u):
    """The half of Taylor's second term left out.

    Fix: (sigma_s - sigma_t)*((extrapolation - 1)*(sigma_t - sigma_u) - (sigma_s - sigma_t)/2), Permenter and Yuan 2024, section 5
    Seen in: plausible
    """
    return (sigma_t - sigma_s) * ((extrapolation - 1) * (sigma_u - sigma_t) - (sigma_t - sigma_s))


def distance_drift_max__step_size_for_ratio(sigmas, relative_error):
    """The step size 1 - sigma_s/sigma_t in place of sigma_t/sigma_s - 1: the noise scale's own fall left out.

    Fix: the product of 1 + relative_error*(sigma_t/sigma_s - 1), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(sigmas, relative_error)
    return xp.prod(1 + relative_error * (1 - sigmas[1:] / sigmas[:-1]))


def distance_drift_max__one_step(sigmas, relative_error):
    """All in one step: less than the product where there are several.

    Fix: the product of 1 + relative_error*(sigma_t/sigma_s - 1), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    return 1 + relative_error * (sigmas[0] / sigmas[-1] - 1)


def distance_drift_min__step_size_for_ratio(sigmas, relative_error):
    """The step size 1 - sigma_s/sigma_t in place of sigma_t/sigma_s - 1: the noise scale's own fall left out.

    Fix: the product of 1 - relative_error*(sigma_t/sigma_s - 1), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(sigmas, relative_error)
    return xp.prod(1 - relative_error * (1 - sigmas[1:] / sigmas[:-1]))


def distance_drift_min__one_over_the_largest(sigmas, relative_error):
    """1 over the largest drift: the bounds are not each other's inverse.

    Fix: the product of 1 - relative_error*(sigma_t/sigma_s - 1), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(sigmas, relative_error)
    return 1 / xp.prod(1 + relative_error * (sigmas[:-1] / sigmas[1:] - 1))


def distance_step_size_max__upper_bound(relative_error, distance_ratio, n):
    """c = distance_ratio**(1/n) - 1, from the looser of the two bounds.

    Fix: c/(relative_error + c) with c = 1 - distance_ratio**(-1/n), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(relative_error, distance_ratio)
    c = xp.exp(xp.log(distance_ratio) / n) - 1
    return c / (relative_error + c)


def distance_step_size_max__one_step(relative_error, distance_ratio, n):
    """The whole factor at every step.

    Fix: c/(relative_error + c) with c = 1 - distance_ratio**(-1/n), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    c = 1 - 1 / distance_ratio + 0 * n
    return c / (relative_error + c)


def distance_step_size_max__not_normalised(relative_error, distance_ratio, n):
    """c/relative_error: the noise scale's own fall left out.

    Fix: c/(relative_error + c) with c = 1 - distance_ratio**(-1/n), Permenter and Yuan 2024, section 4
    Seen in: plausible
    """
    xp = namespace(relative_error, distance_ratio)
    return (1 - xp.exp(-xp.log(distance_ratio) / n)) / relative_error
