"""Solvers that remember: steps and runs that combine estimates at this level and at earlier ones."""

from itertools import pairwise
from math import factorial

from refdiff.numbers import namespace
from refdiff.reference.ddim import rectified_step
from refdiff.reference.projection import gradient_estimation_step

__all__ = [
    "adams_bashforth_eps",
    "deis_path",
    "deis_step",
    "dpm_solver_2m_heun_step",
    "dpm_solver_2m_path",
    "dpm_solver_2m_step",
    "dpm_solver_3m_path",
    "dpm_solver_3m_step",
    "dpmpp_2m_heun_path",
    "dpmpp_2m_heun_step",
    "dpmpp_2m_path",
    "dpmpp_2m_step",
    "dpmpp_3m_path",
    "dpmpp_3m_released_step",
    "dpmpp_3m_step",
    "exponential_multistep_path",
    "exponential_multistep_step",
    "gradient_estimation_path",
    "ipndm_path",
    "lms_path",
    "lms_step",
    "plms_path",
    "pndm_path",
    "unic_step_bh1",
    "unic_step_bh2",
    "unip_step_bh1",
    "unip_step_bh2",
    "unipc_bh1_path",
    "unipc_bh2_path",
]


def _differences(values, nodes):
    """Newton's divided differences: of the last value, of the last two, and so on to all of them."""
    table = [values[j, ...] for j in range(nodes.shape[0])]
    found = [table[-1]]
    for k in range(1, nodes.shape[0]):
        table = [(table[j + 1] - table[j]) / (nodes[j + k] - nodes[j]) for j in range(len(table) - 1)]
        found.append(table[-1])
    return found


def _integral(values, nodes, moments):
    """Integral of the polynomial through the values, against a weight with these moments about 0: Newton's form, term by term."""
    total = 0
    for k, difference in enumerate(_differences(values, nodes)):
        total = total + moments[0] * difference
        moments = [higher - nodes[-1 - k] * lower for lower, higher in pairwise(moments)]
    return total


def _half_logsnrs(alphas, sigmas):
    """half_logsnr of every level less that of the level before the last."""
    ratios = sigmas / alphas
    return namespace(alphas, sigmas).log(ratios[-2] / ratios)


def _moments(h, count):
    """Integrals from 0 to h of x**i*exp(x - h), for i below count: by parts they are what exp(-h) leaves of its series."""
    xp = namespace(h)
    return [-factorial(i) * (-1) ** i * xp.exp_tail(-h, i + 1) for i in range(count)]


def lms_step(x_t, epsilons, sigmas):
    """x_s by a linear multistep method in the noise scale, signal scale 1: variable-step Adams and Bashforth.

    Formula:
        x_t + integral(interpolation(sigmas[:-1], epsilons), sigmas[-2], sigmas[-1])

    Args:
        x_t: state at t, any shape.
        epsilons: estimates of the noise at the k levels up to t, oldest first, shape (k, ...), k from 1 to 4.
        sigmas: noise scales at these levels and at s, falling, > 0 but for the last, shape (k + 1,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 2 ulp of abs(x_t) + sigmas[0]*max(abs(epsilons))*reach**(len(epsilons) - 1)
        where reach = (sigmas[0] - sigmas[-1])/min(sigmas[:-1] - sigmas[1:]).

    Order:
        order, the number k of estimates: a step from exact estimates is off by the power k + 1 of its length in sigma.

    Source:
        Crowson 2022, k-diffusion, code, sample_lms, whose quadrature is exact for polynomials; Hairer, Norsett and Wanner
        1993, Solving Ordinary Differential Equations I, section III.5; Zhang and Chen 2023, arXiv:2204.13902v4, section 3,
        rho-AB-DEIS. The interpolating polynomial is Lagrange's: each estimate is weighted by the integral of its basis.
    """
    nodes = sigmas - sigmas[-2]
    count = nodes.shape[0] - 1
    moments = [nodes[-1] ** (i + 1) / (i + 1) for i in range(count)]
    return x_t + _integral(epsilons, nodes[:count], moments)


def adams_bashforth_eps(epsilons):
    """Noise of a step that is as long as those before it: Adams and Bashforth's combination of the last estimates.

    Formula:
        combined(((1,), (-(1/2), 3/2), (5/12, -(4/3), 23/12), (-(3/8), 37/24, -(59/24), 55/24))[len(epsilons) - 1], epsilons)

    Args:
        epsilons: estimates of the noise at the k levels up to t, oldest first, shape (k, ...), k from 1 to 4.

    Returns:
        Shape of one estimate, a noise of unit size. Error at most 1.5 ulp of 7*max(abs(epsilons)).

    Order:
        order, the number k of estimates, for equal steps of the variable that the step is linear in: sigma/alpha for DDIM's
        transfer. For equal steps of a time of which sigma/alpha is a smooth but bent function: at most 2; else 1.

    Source:
        Liu et al. 2022, arXiv:2202.09778v2, section 3, pseudo linear multi-step, for k = 4; Zhang and Chen 2023,
        arXiv:2204.13902v4, code, iPNDM, for fewer; Hairer, Norsett and Wanner 1993, section III.1.
    """
    count = epsilons.shape[0]
    weights = ((1,), (-1, 3), (5, -16, 23), (-9, 37, -59, 55))[count - 1]
    return sum(weights[j] * epsilons[j, ...] for j in range(count)) / (1, 2, 12, 24)[count - 1]


def deis_step(x_t, epsilons, alphas, sigmas):
    """x_s by DEIS in the log of sigma/alpha: the noise a polynomial of half_logsnr, integrated exactly.

    Formula:
        alphas[-1]*(x_t/alphas[-2] + exp_integral(interpolation(levels[:-1], epsilons), levels[-2], levels[-1]))
        where levels = log(sigmas/alphas)

    Args:
        x_t: state at t, any shape.
        epsilons: estimates of the noise at the k levels up to t, oldest first, shape (k, ...), k from 1 to 3.
        alphas: signal scales at these levels and at s, > 0, shape (k + 1,).
        sigmas: noise scales at these levels and at s, > 0, shape (k + 1,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 5.5 ulp of
        alphas[-1]/alphas[-2]*(abs(x_t) + sigmas[-2]*max(abs(epsilons))*reach**(len(epsilons) - 1))
        where reach = (levels[0] - levels[-1])/min(levels[:-1] - levels[1:])
        where levels = log(sigmas/alphas).

    Order:
        order, the number k of estimates: a step from exact estimates is off by the power k + 1 of its length in half_logsnr.

    Source:
        Zhang and Chen 2023, arXiv:2204.13902v4, section 3, with the polynomial in log(rho), rho = sigma/alpha, as in diffusers'
        code, DEISMultistepScheduler. The paper's own are polynomials of t (tAB) and of rho (rhoAB: lms_step of x_t/alpha).
        With two estimates it is dpm_solver_2m_heun_step, with three dpm_solver_3m_step.
    """
    levels = -_half_logsnrs(alphas, sigmas)
    moments = _moments(levels[-1], levels.shape[0] - 1)
    return alphas[-1] / alphas[-2] * x_t + sigmas[-1] * _integral(epsilons, levels[:-1], moments)


def dpm_solver_2m_step(x_t, epsilons, alphas, sigmas):
    """x_s by DPM-Solver's two-step method: the noise extrapolated to the middle of the step in half_logsnr.

    Formula:
        alphas[2]/alphas[1]*x_t - sigmas[2]*(exp(h) - 1)*(epsilons[1] + h/(2*h_u)*(epsilons[1] - epsilons[0]))
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        epsilons: estimates of the noise at u and t, u > t being the level before, shape (2, ...).
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 8 ulp of
        alphas[2]/alphas[1]*(abs(x_t) + sigmas[1]*max(abs(epsilons))*(1 + h/h_u))
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2: a step from exact estimates is off by the third power of its length in half_logsnr.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, code, multistep_dpm_solver_second_update of type "dpmsolver" ("midpoint" in
        diffusers): the paper prints the singlestep methods alone.
    """
    past = _half_logsnrs(alphas, sigmas)
    middle = epsilons[1, ...] - past[2] / (2 * past[0]) * (epsilons[1, ...] - epsilons[0, ...])
    ratio = alphas[2] / alphas[1]
    return ratio * x_t + (sigmas[2] - ratio * sigmas[1]) * middle


def dpm_solver_2m_heun_step(x_t, epsilons, alphas, sigmas):
    """x_s by DPM-Solver's two-step method of type heun: the noise a straight line in half_logsnr, integrated exactly.

    Formula:
        alphas[2]/alphas[1]*x_t - sigmas[2]*(exp(h) - 1)*epsilons[1] - sigmas[2]*((exp(h) - 1)/h - 1)*d
        where d = h/h_u*(epsilons[1] - epsilons[0])
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        epsilons: estimates of the noise at u and t, u > t being the level before, shape (2, ...).
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 9 ulp of
        alphas[2]/alphas[1]*(abs(x_t) + sigmas[1]*max(abs(epsilons))*(1 + h/h_u))
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2: a step from exact estimates is off by the third power of its length in half_logsnr.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, code, multistep_dpm_solver_second_update of type "taylor" ("heun" in diffusers).
        It is deis_step with two estimates.
    """
    return deis_step(x_t, epsilons, alphas, sigmas)


def dpm_solver_3m_step(x_t, epsilons, alphas, sigmas):
    """x_s by DPM-Solver's three-step method, with the whole second derivative.

    Formula:
        alphas[3]/alphas[2]*x_t - sigmas[3]*(phi_1*epsilons[2] + phi_2*d_1 + phi_3*d_2)
        where d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1)
        where d_1 = slope_0 + r_0/(r_0 + r_1)*(slope_0 - slope_1)
        where slope_1 = (epsilons[1] - epsilons[0])/r_1
        where slope_0 = (epsilons[2] - epsilons[1])/r_0
        where r_1 = (levels[1] - levels[0])/h
        where r_0 = (levels[2] - levels[1])/h
        where phi_3 = phi_2/h - 1/2
        where phi_2 = phi_1/h - 1
        where phi_1 = exp(h) - 1
        where h = levels[3] - levels[2]
        where levels = log(alphas/sigmas)

    The body knows that this is the exact integral of the parabola through the estimates.

    Args:
        x_t: state at t, any shape.
        epsilons: estimates of the noise at the three levels up to t, oldest first, shape (3, ...).
        alphas: signal scales at these levels and at s, > 0, shape (4,).
        sigmas: noise scales at these levels and at s, > 0, shape (4,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3 ulp of
        alphas[3]/alphas[2]*(abs(x_t) + sigmas[2]*max(abs(epsilons))*reach**2)
        where reach = (levels[3] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        3: a step from exact estimates is off by the fourth power of its length in half_logsnr.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, code, multistep_dpm_solver_third_update; the paper prints no multistep method. The
        released d_2 lacks the 2 of ours: (slope_0 - slope_1)/(r_0 + r_1) is the second divided difference, half the second
        derivative that phi_3 belongs to, as the 2 of the same code's singlestep third update has it; the release is of order 2.
    """
    return deis_step(x_t, epsilons, alphas, sigmas)


def dpmpp_2m_step(x_t, x_0s, alphas, sigmas):
    """x_s by DPM-Solver++'s two-step method: the data extrapolated to the middle of the step in half_logsnr.

    Formula:
        sigmas[2]/sigmas[1]*x_t + alphas[2]*(1 - exp(-h))*(x_0s[1] + h/(2*h_u)*(x_0s[1] - x_0s[0]))
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at u and t, u > t being the level before, shape (2, ...).
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 8 ulp
        of sigmas[2]/sigmas[1]*abs(x_t) + alphas[2]*max(abs(x_0s))*(1 + h/h_u)
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2: a step from exact estimates is off by the third power of its length in half_logsnr.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, Algorithm 2, with its levels i - 2, i - 1 and i written u, t and s; "midpoint" in
        diffusers.
    """
    past = _half_logsnrs(alphas, sigmas)
    middle = x_0s[1, ...] - past[2] / (2 * past[0]) * (x_0s[1, ...] - x_0s[0, ...])
    ratio = sigmas[2] / sigmas[1]
    return ratio * x_t + (alphas[2] - alphas[1] * ratio) * middle


def dpmpp_2m_heun_step(x_t, x_0s, alphas, sigmas):
    """x_s by DPM-Solver++'s two-step method of type heun: the data a straight line in half_logsnr, integrated exactly.

    Formula:
        sigmas[2]/sigmas[1]*x_t + alphas[2]*(1 - exp(-h))*x_0s[1] + alphas[2]*((exp(-h) - 1)/h + 1)*d
        where d = h/h_u*(x_0s[1] - x_0s[0])
        where h = log(alphas[2]/sigmas[2]) - log(alphas[1]/sigmas[1])
        where h_u = log(alphas[1]/sigmas[1]) - log(alphas[0]/sigmas[0])

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at u and t, u > t being the level before, shape (2, ...).
        alphas: signal scales at u, t and s, > 0, shape (3,).
        sigmas: noise scales at u, t and s, > 0, shape (3,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 10 ulp
        of sigmas[2]/sigmas[1]*abs(x_t) + alphas[2]*max(abs(x_0s))*(1 + h/h_u)
        where h = log(alphas[2]/alphas[1]*(sigmas[1]/sigmas[2]))
        where h_u = log(alphas[1]/alphas[0]*(sigmas[0]/sigmas[1])).

    Order:
        2: a step from exact estimates is off by the third power of its length in half_logsnr.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, code, multistep_dpm_solver_second_update of type "taylor" ("heun" in diffusers and
        k-diffusion). It is exponential_multistep_step with two estimates.
    """
    return exponential_multistep_step(x_t, x_0s, alphas, sigmas)


def dpmpp_3m_step(x_t, x_0s, alphas, sigmas):
    """x_s by DPM-Solver++'s three-step method, with the whole second derivative.

    Formula:
        sigmas[3]/sigmas[2]*x_t + alphas[3]*(phi_1*x_0s[2] + phi_2*d_1 + phi_3*d_2)
        where d_2 = 2*(slope_0 - slope_1)/(r_0 + r_1)
        where d_1 = slope_0 + r_0/(r_0 + r_1)*(slope_0 - slope_1)
        where slope_1 = (x_0s[1] - x_0s[0])/r_1
        where slope_0 = (x_0s[2] - x_0s[1])/r_0
        where r_1 = (levels[1] - levels[0])/h
        where r_0 = (levels[2] - levels[1])/h
        where phi_3 = 1/2 - phi_2/h
        where phi_2 = 1 - phi_1/h
        where phi_1 = 1 - exp(-h)
        where h = levels[3] - levels[2]
        where levels = log(alphas/sigmas)

    The body knows that this is the exact integral of the parabola through the estimates.

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the three levels up to t, oldest first, shape (3, ...).
        alphas: signal scales at these levels and at s, > 0, shape (4,).
        sigmas: noise scales at these levels and at s, > 0, shape (4,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3 ulp
        of sigmas[3]/sigmas[2]*abs(x_t) + alphas[3]*max(abs(x_0s))*reach**2
        where reach = (levels[3] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        3: a step from exact estimates is off by the fourth power of its length in half_logsnr.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, code, multistep_dpm_solver_third_update; the paper prints methods of first and
        second order. The released d_2 lacks the 2 of ours, which makes the second divided difference (slope_0 - slope_1)/(r_0
        + r_1) the second derivative that phi_3 belongs to: see dpmpp_3m_released_step.
    """
    return exponential_multistep_step(x_t, x_0s, alphas, sigmas)


def dpmpp_3m_released_step(x_t, x_0s, alphas, sigmas):
    """x_s by the released DPM-Solver++(3M), which takes half the second derivative: a method of second order.

    Formula:
        sigmas[3]/sigmas[2]*x_t + alphas[3]*(phi_1*x_0s[2] + phi_2*d_1 + phi_3*d_2)
        where d_2 = (slope_0 - slope_1)/(r_0 + r_1)
        where d_1 = slope_0 + r_0/(r_0 + r_1)*(slope_0 - slope_1)
        where slope_1 = (x_0s[1] - x_0s[0])/r_1
        where slope_0 = (x_0s[2] - x_0s[1])/r_0
        where r_1 = (levels[1] - levels[0])/h
        where r_0 = (levels[2] - levels[1])/h
        where phi_3 = 1/2 - phi_2/h
        where phi_2 = 1 - phi_1/h
        where phi_1 = 1 - exp(-h)
        where h = levels[3] - levels[2]
        where levels = log(alphas/sigmas)

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the three levels up to t, oldest first, shape (3, ...).
        alphas: signal scales at these levels and at s, > 0, shape (4,).
        sigmas: noise scales at these levels and at s, > 0, shape (4,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3 ulp
        of sigmas[3]/sigmas[2]*abs(x_t) + alphas[3]*max(abs(x_0s))*reach**2
        where reach = (levels[3] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        2: a step from exact estimates is off by alpha_s*h**3/12 times the data's second derivative in half_logsnr, to leading
        order; twice its d_2, as in dpmpp_3m_step, makes that vanish.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, code, multistep_dpm_solver_third_update; so in diffusers and, without fresh noise,
        in k-diffusion's sample_dpmpp_3m_sde. Printed nowhere in the paper.
    """
    past = _half_logsnrs(alphas, sigmas)
    curvature = _differences(x_0s, past[:3])[2]
    return exponential_multistep_step(x_t, x_0s, alphas, sigmas) - alphas[3] * _moments(past[3], 3)[2] / 2 * curvature


def exponential_multistep_step(x_t, x_0s, alphas, sigmas):
    """x_s by an exponential Adams and Bashforth method: the data a polynomial of half_logsnr, integrated exactly.

    Formula:
        sigmas[-1]*(x_t/sigmas[-2] + exp_integral(interpolation(levels[:-1], x_0s), levels[-2], levels[-1]))
        where levels = log(alphas/sigmas)

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the k levels up to t, oldest first, shape (k, ...), k from 1 to 4.
        alphas: signal scales at these levels and at s, > 0, shape (k + 1,).
        sigmas: noise scales at these levels and at s, > 0, shape (k + 1,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 8 ulp
        of sigmas[-1]/sigmas[-2]*abs(x_t) + alphas[-1]*max(abs(x_0s))*reach**(len(x_0s) - 1)
        where reach = (levels[-1] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        order, the number k of estimates: a step from exact estimates is off by the power k + 1 of its length in half_logsnr.

    Source:
        Hochbruck and Ostermann 2010, Exponential integrators, Acta Numerica 19, section 2.5, Adams methods; Xue et al. 2023,
        arXiv:2309.05019v1, section 5, SA-Predictor with tau = 0, but for its code's own term at k = 2. With two estimates it
        is dpmpp_2m_heun_step, with three dpmpp_3m_step and UniP-3.
    """
    past = _half_logsnrs(alphas, sigmas)
    moments = _moments(past[-1], past.shape[0] - 1)
    return sigmas[-1] / sigmas[-2] * x_t + alphas[-1] * _integral(x_0s, past[:-1], moments)


def unip_step_bh1(x_t, x_0s, alphas, sigmas):
    """x_s by UniPC's predictor with B(h) = h, for the prediction of data.

    Formula:
        sigmas[-1]/sigmas[-2]*x_t + alphas[-1]*((1 - exp(-h))*x_0s[-1] + h*combined(rho/r, x_0s[:-1] - x_0s[-1]))
        where rho = where(len(x_0s) == 2, 1/2, solve(powers(r), stack(b_1, b_2)[:len(x_0s) - 1]/h))
        where b_2 = 1 - 2*b_1/h
        where b_1 = 1 - (1 - exp(-h))/h
        where r = (levels[:-2] - levels[-2])/h
        where h = levels[-1] - levels[-2]
        where levels = log(alphas/sigmas)

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the k levels up to t, oldest first, shape (k, ...), k from 1 to 3.
        alphas: signal scales at these levels and at s, > 0, shape (k + 1,).
        sigmas: noise scales at these levels and at s, > 0, shape (k + 1,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 8 ulp
        of sigmas[-1]/sigmas[-2]*abs(x_t) + alphas[-1]*max(abs(x_0s))*(1 + h)*reach**(len(x_0s) - 1)
        where h = levels[-1] - levels[-2]
        where reach = (levels[-1] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        order, the number k of estimates: a step from exact estimates is off by the power k + 1 of its length in half_logsnr.

    Source:
        Zhao et al. 2023, arXiv:2302.04867v4, Corollary 3.2 and code, where rho of the one estimate of UniP-2 is 1/2 whatever the
        step. Where the system is solved B(h) drops out: with three estimates it is exponential_multistep_step, and unip_step_bh2.
    """
    if x_0s.shape[0] != 2:
        return exponential_multistep_step(x_t, x_0s, alphas, sigmas)
    past = _half_logsnrs(alphas, sigmas)
    ratio, slope = sigmas[2] / sigmas[1], (x_0s[1, ...] - x_0s[0, ...]) / past[0]
    return ratio * x_t + (alphas[2] - alphas[1] * ratio) * x_0s[1, ...] - alphas[2] * past[2] ** 2 / 2 * slope


def unip_step_bh2(x_t, x_0s, alphas, sigmas):
    """x_s by UniPC's predictor with B(h) = exp(h) - 1, that is 1 - exp(-h) for the prediction of data.

    Formula:
        sigmas[-1]/sigmas[-2]*x_t + alphas[-1]*B*(x_0s[-1] + combined(rho/r, x_0s[:-1] - x_0s[-1]))
        where rho = where(len(x_0s) == 2, 1/2, solve(powers(r), stack(b_1, b_2)[:len(x_0s) - 1]/B))
        where b_2 = 1 - 2*b_1/h
        where b_1 = 1 - B/h
        where B = 1 - exp(-h)
        where r = (levels[:-2] - levels[-2])/h
        where h = levels[-1] - levels[-2]
        where levels = log(alphas/sigmas)

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the k levels up to t, oldest first, shape (k, ...), k from 1 to 3.
        alphas: signal scales at these levels and at s, > 0, shape (k + 1,).
        sigmas: noise scales at these levels and at s, > 0, shape (k + 1,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 8 ulp
        of sigmas[-1]/sigmas[-2]*abs(x_t) + alphas[-1]*max(abs(x_0s))*reach**(len(x_0s) - 1)
        where reach = (levels[-1] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        order, the number k of estimates: a step from exact estimates is off by the power k + 1 of its length in half_logsnr.

    Source:
        Zhao et al. 2023, arXiv:2302.04867v4, Corollary 3.2 and code, where rho of the one estimate of UniP-2 is 1/2 whatever the
        step: dpmpp_2m_step. With three estimates it is exponential_multistep_step, and unip_step_bh1.
    """
    if x_0s.shape[0] != 2:
        return exponential_multistep_step(x_t, x_0s, alphas, sigmas)
    return dpmpp_2m_step(x_t, x_0s, alphas, sigmas)


def unic_step_bh1(x_t, x_0s, alphas, sigmas):
    """x_s by UniPC's corrector with B(h) = h, for the prediction of data.

    Formula:
        sigmas[-1]/sigmas[-2]*x_t + alphas[-1]*((1 - exp(-h))*x_0s[-2] + h*combined(rho/r, others - x_0s[-2]))
        where others = joined(x_0s[:-2], x_0s[-1:])
        where rho = where(len(x_0s) == 2, 1/2, solve(powers(r), stack(b_1, b_2, b_3)[:len(x_0s) - 1]/h))
        where b_3 = 1 - 3*b_2/h
        where b_2 = 1 - 2*b_1/h
        where b_1 = 1 - (1 - exp(-h))/h
        where r = (joined(levels[:-2], levels[-1:]) - levels[-2])/h
        where h = levels[-1] - levels[-2]
        where levels = log(alphas/sigmas)

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the k levels up to t, oldest first, and the one at s, shape (k + 1, ...), k from 1 to 3.
        alphas: signal scales at these levels and at s, > 0, shape (k + 1,).
        sigmas: noise scales at these levels and at s, > 0, shape (k + 1,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3 ulp
        of sigmas[-1]/sigmas[-2]*abs(x_t) + alphas[-1]*max(abs(x_0s))*(1 + h)*reach**(len(x_0s) - 1)
        where h = levels[-1] - levels[-2]
        where reach = (levels[-1] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        order + 1, the number k + 1 of estimates: a step from exact ones is off by the power k + 2 of its length in half_logsnr.

    Source:
        Zhao et al. 2023, arXiv:2302.04867v4, Theorem 3.1 and code, where rho of UniC-1 is 1/2 whatever the step. Where the system
        is solved B(h) drops out: from three estimates on it is the exact exponential Adams and Moulton step, and unic_step_bh2.
    """
    past = _half_logsnrs(alphas, sigmas)
    if x_0s.shape[0] != 2:
        moments = _moments(past[-1], past.shape[0])
        return sigmas[-1] / sigmas[-2] * x_t + alphas[-1] * _integral(x_0s, past, moments)
    ratio, rise = sigmas[1] / sigmas[0], x_0s[1, ...] - x_0s[0, ...]
    return ratio * x_t + (alphas[1] - alphas[0] * ratio) * x_0s[0, ...] + alphas[1] * past[1] / 2 * rise


def unic_step_bh2(x_t, x_0s, alphas, sigmas):
    """x_s by UniPC's corrector with B(h) = exp(h) - 1, that is 1 - exp(-h) for the prediction of data.

    Formula:
        sigmas[-1]/sigmas[-2]*x_t + alphas[-1]*B*(x_0s[-2] + combined(rho/r, others - x_0s[-2]))
        where others = joined(x_0s[:-2], x_0s[-1:])
        where rho = where(len(x_0s) == 2, 1/2, solve(powers(r), stack(b_1, b_2, b_3)[:len(x_0s) - 1]/B))
        where b_3 = 1 - 3*b_2/h
        where b_2 = 1 - 2*b_1/h
        where b_1 = 1 - B/h
        where B = 1 - exp(-h)
        where r = (joined(levels[:-2], levels[-1:]) - levels[-2])/h
        where h = levels[-1] - levels[-2]
        where levels = log(alphas/sigmas)

    Args:
        x_t: state at t, any shape.
        x_0s: estimates of the data at the k levels up to t, oldest first, and the one at s, shape (k + 1, ...), k from 1 to 3.
        alphas: signal scales at these levels and at s, > 0, shape (k + 1,).
        sigmas: noise scales at these levels and at s, > 0, shape (k + 1,).

    Returns:
        Shape of x_t, in units of x_0. Error at most 3 ulp
        of sigmas[-1]/sigmas[-2]*abs(x_t) + alphas[-1]*max(abs(x_0s))*reach**(len(x_0s) - 1)
        where reach = (levels[-1] - levels[0])/min(levels[1:] - levels[:-1])
        where levels = log(alphas/sigmas).

    Order:
        order + 1, the number k + 1 of estimates: a step from exact ones is off by the power k + 2 of its length in half_logsnr.

    Source:
        Zhao et al. 2023, arXiv:2302.04867v4, Theorem 3.1 and code, where rho of UniC-1 is 1/2 whatever the step: the mean of the
        two estimates. From three estimates on it is unic_step_bh1.
    """
    if x_0s.shape[0] != 2:
        return unic_step_bh1(x_t, x_0s, alphas, sigmas)
    ratio = sigmas[1] / sigmas[0]
    return ratio * x_t + (alphas[1] - alphas[0] * ratio) * (x_0s[0, ...] + x_0s[1, ...]) / 2


def _run(move, x_T, alphas, sigmas):
    """x_T and the states that move(i, state) makes of each other, one for every level."""
    states = [x_T]
    for i in range(sigmas.shape[0] - 1):
        states.append(move(i, states[i]))
    return namespace(x_T, alphas, sigmas).stack(states)


def _euler(x_t, x_0, alphas, sigmas, i):
    """State at level i + 1 by Euler's step of x/alpha in sigma/alpha."""
    return rectified_step(x_t, x_0, alphas[i + 1], sigmas[i + 1], alphas[i], sigmas[i])


def _noise(denoiser_at_level, x_t, alpha_t, sigma_t):
    """The noise that the denoiser sees."""
    return (x_t - alpha_t * denoiser_at_level(x_t, alpha_t, sigma_t)) / sigma_t


def _transferred(x_t, eps, alphas, sigmas, i, j):
    """State at level j, the noise from level i on being eps: PNDM's transfer, DDIM's step."""
    ratio = alphas[j] / alphas[i]
    return ratio * x_t + (sigmas[j] - ratio * sigmas[i]) * eps


def _data_run(steps, denoiser_at_level, x_T, alphas, sigmas):
    """States of a run: steps[k - 2] with k estimates of the data, k rising to 1 + len(steps); Euler's first and to sigma = 0."""
    xp, made = namespace(x_T, alphas, sigmas), []

    def move(i, x_t):
        made.append(denoiser_at_level(x_t, alphas[i], sigmas[i]))
        count = min(len(steps), i) + 1
        if count == 1 or sigmas[i + 1] == 0:
            return _euler(x_t, made[i], alphas, sigmas, i)
        levels = slice(i + 1 - count, i + 2)
        return steps[count - 2](x_t, xp.stack(made[-count:]), alphas[levels], sigmas[levels])

    return _run(move, x_T, alphas, sigmas)


def _noise_run(steps, denoiser_at_level, x_T, alphas, sigmas):
    """States of a run: steps[k - 2] with k estimates of the noise, k rising to 1 + len(steps); Euler's first and to sigma = 0."""
    xp, made = namespace(x_T, alphas, sigmas), []

    def move(i, x_t):
        made.append(_noise(denoiser_at_level, x_t, alphas[i], sigmas[i]))
        count = min(len(steps), i) + 1
        if count == 1 or sigmas[i + 1] == 0:
            return _transferred(x_t, made[i], alphas, sigmas, i, i + 1)
        levels = slice(i + 1 - count, i + 2)
        return steps[count - 2](x_t, xp.stack(made[-count:]), alphas[levels], sigmas[levels])

    return _run(move, x_T, alphas, sigmas)


def lms_path(denoiser_at_level, x_T, sigmas, order):
    """States of a run of the linear multistep method, k-diffusion's LMS.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t; alpha_t is 1.
        x_T: state at the first level, shape (B, d).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        order: most estimates that a step is made of, from 1 to 4; the first steps have as many as there are.

    Returns:
        Shape (n + 1, B, d), x_T first; the step to sigma = 0 is like the others. Error at most 350 ulp of max(abs(value)), for
        up to 10 steps that differ at most threefold in sigma, on data of unit size.

    Order:
        order, at most 2: the first step is Euler's, whose error is of second order whatever comes after. The steps from full
        history are of the given order.

    Source:
        Crowson 2022, k-diffusion, code, sample_lms.
    """
    xp, made = namespace(x_T, sigmas), []

    def move(i, x_t):
        made.append(_noise(denoiser_at_level, x_t, 1, sigmas[i]))
        count = min(order, i + 1)
        return lms_step(x_t, xp.stack(made[-count:]), sigmas[i + 1 - count : i + 2])

    return _run(move, x_T, sigmas, sigmas)


def ipndm_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of iPNDM: Adams and Bashforth's noise of rising order, up to the fourth, transferred as DDIM does.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first; the step to sigma = 0 is like the others. Error at most 100 ulp of
        max(abs(value))/alphas[0], for up to 10 steps that differ at most threefold in sigma/alpha, on data of unit size.

    Order:
        2, for equal steps of a time of which sigma/alpha is a smooth function, as the levels of a table: the weights take all
        steps to be equally long, and the first is Euler's. On levels without such a time it is of order 1.

    Source:
        Zhang and Chen 2023, arXiv:2204.13902v4, code, iPNDM; Liu et al. 2022, arXiv:2202.09778v2, section 3.
    """
    xp, made = namespace(x_T, alphas, sigmas), []

    def move(i, x_t):
        made.append(_noise(denoiser_at_level, x_t, alphas[i], sigmas[i]))
        return _transferred(x_t, adams_bashforth_eps(xp.stack(made[-4:])), alphas, sigmas, i, i + 1)

    return _run(move, x_T, alphas, sigmas)


def plms_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of PLMS: PNDM's pseudo linear multistep method, whose first step asks the model again at its end.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first. The first step takes the mean of the noise at its start and at the end of Euler's
        step, and remembers the first alone, so that the model is asked n + 1 times; a single step to sigma = 0 is Euler's.
        Error at most 280 ulp of max(abs(value))/alphas[0], for up to 10 steps that differ at most threefold in sigma/alpha, on
        data of unit size.

    Order:
        2, for equal steps of a time of which sigma/alpha is a smooth function, as the levels of a table. For equal steps of
        sigma/alpha itself it is 3, that of the start; on levels without such a time 1.

    Source:
        Liu et al. 2022, arXiv:2202.09778v2, section 3, with the start of S-PNDM and, from the second step on, Adams and
        Bashforth's rising orders: Rombach et al. 2022, arXiv:2112.10752v2, code, PLMSSampler; diffusers' code, PNDMScheduler
        with skip_prk_steps.
    """
    xp, made = namespace(x_T, alphas, sigmas), []

    def move(i, x_t):
        made.append(_noise(denoiser_at_level, x_t, alphas[i], sigmas[i]))
        eps = adams_bashforth_eps(xp.stack(made[-4:]))
        if i == 0 and sigmas[1] != 0:
            eps = (eps + _ahead(denoiser_at_level, x_t, eps, alphas, sigmas, 0, 1)) / 2
        return _transferred(x_t, eps, alphas, sigmas, i, i + 1)

    return _run(move, x_T, alphas, sigmas)


def pndm_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of PNDM: three pseudo Runge-Kutta steps, then the pseudo linear multistep method of fourth order.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, and in the middle of each of the first three steps, shape (n + 4,), n > 3.
        sigmas: noise scales of the same levels, > 0 but for the last, shape (n + 4,): start, middle and end of the first step,
            middle and end of the second, middle and end of the third, then the end of each other step.

    Returns:
        Shape (n + 1, B, d), x_T first, none of the middles. The model is asked four times in each of the first three steps.
        Error at most 60 ulp of max(abs(value))/alphas[0], for up to 10 steps that differ at most threefold in sigma/alpha, on
        data of unit size.

    Order:
        2, for equal steps of a time of which sigma/alpha is a smooth function, as the levels of a table. For equal steps of
        sigma/alpha itself it is 4; on levels without such a time 1.

    Source:
        Liu et al. 2022, arXiv:2202.09778v2, section 3, F-PNDM: pseudo Runge-Kutta, then pseudo linear multi-step.
    """
    xp, made = namespace(x_T, alphas, sigmas), []

    def move(i, x_t):
        at = i + 3 if i > 2 else 2 * i
        made.append(_noise(denoiser_at_level, x_t, alphas[at], sigmas[at]))
        if i > 2:
            return _transferred(x_t, adams_bashforth_eps(xp.stack(made[-4:])), alphas, sigmas, at, at + 1)
        return _runge_kutta(denoiser_at_level, x_t, made[i], alphas, sigmas, at)

    return _run(move, x_T, alphas[3:], sigmas[3:])


def _ahead(denoiser_at_level, x_t, eps, alphas, sigmas, i, j):
    """The noise seen at level j after a transfer along this one from level i."""
    return _noise(denoiser_at_level, _transferred(x_t, eps, alphas, sigmas, i, j), alphas[j], sigmas[j])


def _runge_kutta(denoiser_at_level, x_t, eps, alphas, sigmas, at):
    """State two levels on by PNDM's pseudo Runge-Kutta step, the level between being its middle."""
    half = _ahead(denoiser_at_level, x_t, eps, alphas, sigmas, at, at + 1)
    again = _ahead(denoiser_at_level, x_t, half, alphas, sigmas, at, at + 1)
    end = _ahead(denoiser_at_level, x_t, again, alphas, sigmas, at, at + 2)
    return _transferred(x_t, (eps + 2 * half + 2 * again + end) / 6, alphas, sigmas, at, at + 2)


def dpm_solver_2m_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of DPM-Solver(2M), the two-step method of DPM-Solver for the prediction of noise.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 260 ulp of max(abs(value))/alphas[0], for up to 10 steps that differ at
        most threefold in half_logsnr, on data of unit size.

    Order:
        2, where the last level has noise. The first step, and one down to sigma = 0, are Euler's.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, code, multistep with order = 2 and lower_order_final = False.
    """
    return _noise_run((dpm_solver_2m_step,), denoiser_at_level, x_T, alphas, sigmas)


def dpm_solver_3m_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of DPM-Solver(3M), with the whole second derivative.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first; the second step is dpm_solver_2m_step, all later ones dpm_solver_3m_step. Error at
        most 180 ulp of max(abs(value))/alphas[0], for up to 10 steps that differ at most threefold in half_logsnr, on data of
        unit size.

    Order:
        2, where the last level has noise: that of the first step, Euler's, which only an exact history would raise to 3. A step
        down to sigma = 0 is Euler's too.

    Source:
        Lu et al. 2022, arXiv:2206.00927v3, code, multistep with order = 3 and lower_order_final = False, but for the released
        third update's half second derivative: see dpm_solver_3m_step.
    """
    return _noise_run((dpm_solver_2m_step, dpm_solver_3m_step), denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of DPM-Solver++(2M), the two-step method of DPM-Solver++.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 350 ulp of max(abs(value)), for up to 10 steps that differ at most
        threefold in half_logsnr, on data of unit size.

    Order:
        2, where the last level has noise. The first step, and one down to sigma = 0, are Euler's.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, Algorithm 2; k-diffusion's sample_dpmpp_2m. Code with lower_order_final takes Euler's
        step to a last level with noise too.
    """
    return _data_run((dpmpp_2m_step,), denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_2m_heun_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of DPM-Solver++(2M) of type heun.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 140 ulp of max(abs(value)), for up to 10 steps that differ at most
        threefold in half_logsnr, on data of unit size.

    Order:
        2, where the last level has noise. The first step, and one down to sigma = 0, are Euler's.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, code, multistep of type "taylor" ("heun" in diffusers) with lower_order_final = False.
    """
    return _data_run((dpmpp_2m_heun_step,), denoiser_at_level, x_T, alphas, sigmas)


def dpmpp_3m_path(denoiser_at_level, x_T, alphas, sigmas):
    """States of DPM-Solver++(3M), with the whole second derivative.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).

    Returns:
        Shape (n + 1, B, d), x_T first; the second step is dpmpp_2m_step, all later ones dpmpp_3m_step. Error at most 550 ulp
        of max(abs(value)), for up to 10 steps that differ at most threefold in half_logsnr, on data of unit size.

    Order:
        2, where the last level has noise: that of the first step, Euler's, which only an exact history would raise to 3. A step
        down to sigma = 0 is Euler's too.

    Source:
        Lu et al. 2022, arXiv:2211.01095v3, code, multistep with order = 3 and lower_order_final = False, but for the released
        third update's half second derivative: see dpmpp_3m_released_step. k-diffusion's second step is dpmpp_2m_heun_step.
    """
    return _data_run((dpmpp_2m_step, dpmpp_3m_step), denoiser_at_level, x_T, alphas, sigmas)


def deis_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """States of DEIS in the log of sigma/alpha.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        order: most estimates that a step is made of, from 1 to 3; the first steps have as many as there are.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 40 ulp of max(abs(value))/alphas[0], for up to 10 steps that differ at
        most threefold in half_logsnr, on data of unit size.

    Order:
        order, at most 2, where the last level has noise: the first step is Euler's, and so is one down to sigma = 0.

    Source:
        Zhang and Chen 2023, arXiv:2204.13902v4, section 3; diffusers' code, DEISMultistepScheduler, lower_order_final = False.
    """
    return _noise_run([deis_step for _ in range(1, order)], denoiser_at_level, x_T, alphas, sigmas)


def exponential_multistep_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """States of the exponential Adams and Bashforth method for the prediction of data.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        order: most estimates that a step is made of, from 1 to 4; the first steps have as many as there are.

    Returns:
        Shape (n + 1, B, d), x_T first. Error at most 300 ulp of max(abs(value)), for up to 10 steps that differ at most
        threefold in half_logsnr, on data of unit size.

    Order:
        order, at most 2, where the last level has noise: the first step is Euler's, and so is one down to sigma = 0.

    Source:
        Hochbruck and Ostermann 2010, Exponential integrators, Acta Numerica 19, section 2.5, Adams methods, with rising orders
        at the start.
    """
    return _data_run([exponential_multistep_step for _ in range(1, order)], denoiser_at_level, x_T, alphas, sigmas)


def _unipc(predictor, corrector, order, denoiser_at_level, x_T, alphas, sigmas):
    """States of a predictor-corrector run; each level but the last is corrected by the estimate at its predicted state."""
    xp, made, states = namespace(x_T, alphas, sigmas), [denoiser_at_level(x_T, alphas[0], sigmas[0])], [x_T]
    for i in range(sigmas.shape[0] - 1):
        count = min(order, i + 1)
        known = [scales[i + 1 - count : i + 2] for scales in (alphas, sigmas)]
        if sigmas[i + 1] == 0:
            return xp.stack([*states, _euler(states[i], made[i], alphas, sigmas, i)])
        states.append(predictor(states[i], xp.stack(made[-count:]), *known))
        if i + 2 < sigmas.shape[0]:
            made.append(denoiser_at_level(states[i + 1], alphas[i + 1], sigmas[i + 1]))
            states[i + 1] = corrector(states[i], xp.stack(made[-count - 1 :]), *known)
    return xp.stack(states)


def unipc_bh1_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """States of UniPC with B(h) = h, for the prediction of data.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        order: most past estimates that a step is made of, from 1 to 3; the first steps have as many as there are.

    Returns:
        Shape (n + 1, B, d), x_T first: the corrected states, the last alone as predicted. The model is asked once at each
        level but the last, of the predicted state, and the corrector's estimate is kept for the next step. Error at most 290
        ulp of max(abs(value)), for up to 10 steps that differ at most threefold in half_logsnr, on data of unit size.

    Order:
        order + 1, at most 3, where the last level has noise: the corrected first step is of third order. A step down to
        sigma = 0 is Euler's. Released code lowers the order towards the end unless lower_order_final = False.

    Source:
        Zhao et al. 2023, arXiv:2302.04867v4, section 3 and code, multistep of variant bh1; diffusers' code,
        UniPCMultistepScheduler, whose returned samples are the predicted ones.
    """
    return _unipc(unip_step_bh1, unic_step_bh1, order, denoiser_at_level, x_T, alphas, sigmas)


def unipc_bh2_path(denoiser_at_level, x_T, alphas, sigmas, order):
    """States of UniPC with B(h) = exp(h) - 1, for the prediction of data.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t.
        x_T: state at the first level, shape (B, d).
        alphas: signal scales from noise to data, > 0, shape (n + 1,).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        order: most past estimates that a step is made of, from 1 to 3; the first steps have as many as there are.

    Returns:
        Shape (n + 1, B, d), x_T first: the corrected states, the last alone as predicted. The model is asked once at each
        level but the last, of the predicted state, and the corrector's estimate is kept for the next step. Error at most 940
        ulp of max(abs(value)), for up to 10 steps that differ at most threefold in half_logsnr, on data of unit size.

    Order:
        order + 1, at most 3, where the last level has noise: the corrected first step is of third order. A step down to
        sigma = 0 is Euler's. Released code lowers the order towards the end unless lower_order_final = False.

    Source:
        Zhao et al. 2023, arXiv:2302.04867v4, section 3 and code, multistep of variant bh2; diffusers' code,
        UniPCMultistepScheduler, whose returned samples are the predicted ones.
    """
    return _unipc(unip_step_bh2, unic_step_bh2, order, denoiser_at_level, x_T, alphas, sigmas)


def gradient_estimation_path(denoiser_at_level, x_T, sigmas, extrapolation):
    """States of the gradient-estimation sampler, smalldiffusion's accelerated DDIM.

    Args:
        denoiser_at_level: callable (x_t, alpha_t, sigma_t) giving the mean of x_0 given x_t; alpha_t is 1.
        x_T: state at the first level, shape (B, d).
        sigmas: noise scales from noise to data, > 0 but for the last, shape (n + 1,).
        extrapolation: weight of the newest estimate of the noise, the paper's gamma: 1 is DDIM, 2 the paper's sampler.

    Returns:
        Shape (n + 1, B, d), x_T first; the first step is Euler's, the step to sigma = 0 is like the others. Error at most 370
        ulp of max(abs(value))*(1 + abs(extrapolation)), for up to 10 steps of any length, on data of unit size.

    Order:
        1, for a constant weight; the second order would take gradient_estimation_weight at every step.

    Source:
        Permenter and Yuan 2024, arXiv:2306.04848v4, Algorithm 2; smalldiffusion's code, samples with gam = 2 and mu = 0.
    """
    made = []

    def move(i, x_t):
        made.append(_noise(denoiser_at_level, x_t, 1, sigmas[i]))
        return gradient_estimation_step(x_t, made[i], made[max(i - 1, 0)], extrapolation, sigmas[i + 1], sigmas[i])

    return _run(move, x_T, sigmas, sigmas)
