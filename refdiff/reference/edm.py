"""Formulas of the EDM design space; its sigma is our sigma_t with alpha_t = 1."""

from refdiff.numbers import namespace
from refdiff.reference.schedule import betas_cosine, log_alpha_bar
from refdiff.reference.sde import ve_sigma

__all__ = [
    "edm_c_in",
    "edm_c_noise",
    "edm_c_out",
    "edm_c_skip",
    "edm_churn_gamma",
    "edm_churned_sigma",
    "edm_churned_state",
    "edm_denoiser",
    "edm_denoiser_from_flow",
    "edm_denoiser_from_v",
    "edm_euler_step",
    "edm_heun_step",
    "edm_logsnr_log_density",
    "edm_loss_weight",
    "edm_sigma",
    "edm_sigma_from_flow_time",
    "edm_sigma_from_ve_time",
    "edm_sigma_from_vp_time",
    "edm_state",
    "edm_target",
    "edm_velocity",
    "flow_time_from_edm_sigma",
    "sigmas_iddpm",
    "sigmas_karras",
    "ve_time_from_edm_sigma",
    "vp_time_from_edm_sigma",
]


def edm_c_skip(sigma_t, sigma_data):
    """Weight of the noisy input in EDM's denoiser.

    Formula:
        sigma_data**2/(sigma_t**2 + sigma_data**2)

    Args:
        sigma_t: noise scale, >= 0, any shape.
        sigma_data: standard deviation of the data, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, a pure number. Error at most 3 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, derived in appendix B.6.
    """
    return sigma_data**2 / (sigma_t**2 + sigma_data**2)


def edm_c_out(sigma_t, sigma_data):
    """Weight of the network's raw output in EDM's denoiser.

    Formula:
        sigma_t*sigma_data/sqrt(sigma_data**2 + sigma_t**2)

    Args:
        sigma_t: noise scale, >= 0, any shape.
        sigma_data: standard deviation of the data, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, derived in appendix B.6.
    """
    xp = namespace(sigma_t, sigma_data)
    return sigma_t * sigma_data / xp.sqrt(sigma_t**2 + sigma_data**2)


def edm_c_in(sigma_t, sigma_data):
    """Scale that gives EDM's network an input of unit variance.

    Formula:
        1/sqrt(sigma_t**2 + sigma_data**2)

    Args:
        sigma_t: noise scale, >= 0, any shape.
        sigma_data: standard deviation of the data, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of 1/x_0. Error at most 2.5 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, derived in appendix B.6. With sigma_data = 1 it is the signal scale of
        the variance-preserving process, so that x_t*edm_c_in(sigma_t, 1) is the state a VP network wants.
    """
    xp = namespace(sigma_t, sigma_data)
    return 1 / xp.sqrt(sigma_t**2 + sigma_data**2)


def edm_c_noise(sigma_t):
    """Noise level as EDM's network is told it.

    Formula:
        log(sigma_t)/4

    Args:
        sigma_t: noise scale, > 0, any shape.

    Returns:
        Same shape, a pure number. Error at most 1 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1: the natural log.
    """
    return namespace(sigma_t).log(sigma_t) / 4


def edm_denoiser(x_t, network_output, sigma_t, sigma_data):
    """EDM's estimate of x_0 from the network's raw output.

    Formula:
        c_skip*x_t + c_out*network_output
        where c_out = sigma_t*sigma_data/sqrt(sigma_data**2 + sigma_t**2)
        where c_skip = sigma_data**2/(sigma_t**2 + sigma_data**2)

    Args:
        x_t: noisy data x_0 + sigma_t*eps, any shape.
        network_output: raw output F(c_in*x_t, c_noise), broadcasts against x_t.
        sigma_t: noise scale, >= 0, broadcasts against x_t.
        sigma_data: standard deviation of the data, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 4 ulp of sigma_data/(sigma_t**2 + sigma_data**2)
        * (sigma_data*abs(x_t) + sigma_t*sqrt(sigma_t**2 + sigma_data**2)*abs(network_output)).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (7).
    """
    return edm_c_skip(sigma_t, sigma_data) * x_t + edm_c_out(sigma_t, sigma_data) * network_output


def edm_target(x_t, x_0, sigma_t, sigma_data):
    """Raw output that EDM's network should give.

    Formula:
        (x_0 - c_skip*x_t)/c_out
        where c_out = sigma_t*sigma_data/sqrt(sigma_data**2 + sigma_t**2)
        where c_skip = sigma_data**2/(sigma_t**2 + sigma_data**2)

    The body subtracts the states before it scales them, so that little noise costs no digits.

    Args:
        x_t: noisy data x_0 + sigma_t*eps, any shape.
        x_0: data, broadcasts against x_t.
        sigma_t: noise scale, > 0, broadcasts against x_t.
        sigma_data: standard deviation of the data, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, of unit variance over data of variance sigma_data**2.
        Error at most 1 ulp of (sigma_t**2*abs(x_0) + sigma_data**2*abs(x_0 - x_t))
        / (sigma_t*sigma_data*sqrt(sigma_t**2 + sigma_data**2)).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (8).
    """
    xp = namespace(x_t, x_0, sigma_t, sigma_data)
    sigma_t, sigma_data, x_0 = xp.wide(sigma_t), xp.wide(sigma_data), xp.wide(x_0)
    reach = xp.sqrt(sigma_t**2 + sigma_data**2)
    return xp.rounded((sigma_t**2 * x_0 + sigma_data**2 * (x_0 - x_t)) / (sigma_t * sigma_data * reach))


def edm_loss_weight(sigma_t, sigma_data):
    """Weight of the squared error of x_0 in EDM's loss: 1 over the square of c_out.

    Formula:
        (sigma_t**2 + sigma_data**2)/(sigma_t*sigma_data)**2

    Args:
        sigma_t: noise scale, > 0, any shape.
        sigma_data: standard deviation of the data, > 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of 1/x_0**2. Error at most 1 ulp. The raw output's error then has weight 1.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, derived in appendix B.6. AlphaFold 3's supplement, Eq. (6), prints
        (sigma_t + sigma_data)**2 below the line.
    """
    xp = namespace(sigma_t, sigma_data)
    sigma_t, sigma_data = xp.wide(sigma_t), xp.wide(sigma_data)
    return xp.rounded((sigma_t**2 + sigma_data**2) / (sigma_t * sigma_data) ** 2)


def edm_sigma(z, P_mean, P_std):
    """Noise scale of EDM's training, log-normal.

    Formula:
        exp(P_mean + P_std*z)

    Args:
        z: unit Gaussian draw, any shape.
        P_mean: mean of the log noise scale; -1.2 in the paper.
        P_std: standard deviation of the log noise scale, > 0; 1.2 in the paper.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2 ulp of value*(1 + abs(P_mean) + abs(P_std*z)).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1.
    """
    return namespace(z, P_mean, P_std).exp(P_mean + P_std * z)


def edm_logsnr_log_density(logsnr_t, P_mean, P_std):
    """Log density of the log SNR, -2*log(sigma), under EDM's training distribution.

    Formula:
        -(logsnr_t + 2*P_mean)**2/(2*(2*P_std)**2) - log(2*pi*(2*P_std)**2)/2

    Args:
        logsnr_t: log SNR, any shape.
        P_mean: mean of the log noise scale.
        P_std: standard deviation of the log noise scale, > 0.

    Returns:
        The broadcast shape, in nats. Error at most 4 ulp of ((logsnr_t/2 + P_mean)/P_std)**2/2 + abs(log(8*pi*P_std**2))/2 + 1.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, log-normal sigma; Kingma and Gao 2023, arXiv:2303.00848v7, section 3:
        the density over log SNR that a choice of noise levels stands for.
    """
    xp = namespace(logsnr_t, P_mean, P_std)
    return -(((logsnr_t / 2 + P_mean) / P_std) ** 2) / 2 - xp.log(8 * xp.pi * P_std**2) / 2


def sigmas_karras(n, sigma_min, sigma_max, rho):
    """Noise scales of EDM's sampler, falling from the largest to the least; the final 0 is not among them.

    Formula:
        (sigma_max**(1/rho) + (k - 1)/(n - 1)*(sigma_min**(1/rho) - sigma_max**(1/rho)))**rho

    Args:
        n: number of noise scales, an integer >= 2.
        sigma_min: least noise scale, > 0; 0.002 in the paper.
        sigma_max: largest noise scale, > sigma_min; 80 in the paper.
        rho: how much finer the grid is near the least noise, >= 1; 7 in the paper.

    Returns:
        Shape (n,), for k = 1..n, in units of x_0. Error at most 2 ulp of value*(rho + abs(log(sigma_max)) + abs(log(sigma_min))).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eq. (5), which appends a 0 and counts from 0: its sigma_i is entry i + 1.
    """
    xp = namespace(sigma_min, sigma_max, rho)
    k = xp.arange(n)
    return ((sigma_max ** (1 / rho) * (n - 1 - k) + sigma_min ** (1 / rho) * k) / (n - 1)) ** rho


def edm_churn_gamma(sigma_t, S_churn, S_min, S_max, n):
    """Share by which EDM's stochastic sampler raises the noise scale before a step.

    Formula:
        where((S_min <= sigma_t) & (sigma_t <= S_max), min(S_churn/n, sqrt(2) - 1), 0*sigma_t)

    Args:
        sigma_t: noise scale before the step, >= 0, any shape.
        S_churn: amount of churn over the whole run, >= 0.
        S_min: least noise scale that is churned, >= 0; itself included.
        S_max: largest noise scale that is churned, >= S_min; itself included.
        n: number of steps of the run, an integer >= 1.

    Returns:
        Shape of sigma_t, in [0, sqrt(2) - 1], a pure number. Error at most 1 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2, where n is N.
    """
    xp = namespace(sigma_t, S_churn, S_min, S_max)
    capped = xp.minimum(S_churn / n, 1 / (1 + xp.sqrt(2)))
    return xp.where(xp.less(sigma_t, S_min), 0 * sigma_t, xp.where(xp.less(S_max, sigma_t), 0 * sigma_t, capped))


def edm_churned_sigma(sigma_t, churn):
    """Noise scale after EDM's churn.

    Formula:
        sigma_t + churn*sigma_t

    Args:
        sigma_t: noise scale before, >= 0, any shape.
        churn: share by which it rises, >= 0, broadcasts against the first.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2.
    """
    return sigma_t * (1 + churn)


def edm_churned_state(x_t, z, sigma_t, churn, S_noise):
    """State after EDM's churn, at the raised noise scale.

    Formula:
        x_t + sqrt((sigma_t + churn*sigma_t)**2 - sigma_t**2)*S_noise*z

    Args:
        x_t: state at t, any shape.
        z: fresh unit noise, broadcasts against x_t.
        sigma_t: noise scale before, >= 0, broadcasts against x_t.
        churn: share by which it rises, >= 0, broadcasts against x_t.
        S_noise: standard deviation of the fresh noise before it is scaled; 1 keeps the marginals, the paper takes up to 1.007.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp of abs(x_t) + sigma_t*sqrt(churn*(2 + churn))*abs(S_noise*z).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 2, where S_noise*z is eps_i.
    """
    xp = namespace(x_t, z, sigma_t, churn, S_noise)
    return x_t + sigma_t * xp.sqrt(churn * (2 + churn)) * S_noise * z


def edm_euler_step(x_t, x_0, sigma_t, sigma_s):
    """State at s by one Euler step of EDM's ODE; DDIM's step where alpha_t is 1.

    Formula:
        x_t + (sigma_s - sigma_t)*(x_t - x_0)/sigma_t

    Args:
        x_t: state at t, any shape.
        x_0: denoiser's estimate of the data at t, broadcasts against x_t.
        sigma_t: noise scale at t, > 0, broadcasts against x_t.
        sigma_s: noise scale at s, in [0, sigma_t] for sampling, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2.5 ulp of abs(x_0) + sigma_s/sigma_t*(abs(x_t) + abs(x_0)).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1, lines 4 and 5, with s(t) = 1 and sigma(t) = t.
    """
    return x_0 + sigma_s / sigma_t * (x_t - x_0)


def edm_heun_step(x_t, x_0, x_0_s, sigma_t, sigma_s):
    """State at s by one step of Heun's method for EDM's ODE; Euler's where s has no noise.

    Formula:
        x_t + (sigma_s - sigma_t)*where(0 < sigma_s, (slope + (euler - x_0_s)/sigma_s)/2, slope)
        where euler = x_t + (sigma_s - sigma_t)*slope
        where slope = (x_t - x_0)/sigma_t

    Args:
        x_t: state at t, any shape.
        x_0: denoiser's estimate of the data at t, broadcasts against x_t.
        x_0_s: denoiser's estimate of the data from Euler's state at s, broadcasts against x_t; without effect at sigma_s = 0.
        sigma_t: noise scale at t, > 0, a number.
        sigma_s: noise scale at s, in [0, sigma_t] for sampling, a number.

    Returns:
        The broadcast shape, in units of x_0. Error at most 2.5 ulp of
        abs(x_t) + 3*abs(x_0) + abs(x_0_s) + where(0 < sigma_s, sigma_t/sigma_s*(abs(x_0_s) + abs(x_0)), abs(x_0)).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Algorithm 1, with s(t) = 1 and sigma(t) = t.
    """
    xp = namespace(x_t, x_0, x_0_s, sigma_t, sigma_s)
    slope = (x_t - x_0) / sigma_t
    euler = x_0 + sigma_s * slope
    noisy = xp.less(0, sigma_s)
    correction = (sigma_s - sigma_t) / 2 * ((euler - x_0_s) / xp.where(noisy, sigma_s, sigma_t) - slope)
    return euler + xp.where(noisy, correction, 0 * correction)


def edm_velocity(x_t, x_0, alpha_t, alpha_dot_t, noise_level_t, noise_level_dot_t):
    """Right side dx/dt of EDM's probability-flow ODE for any scale s(t) and noise level sigma(t).

    Formula:
        alpha_dot_t/alpha_t*x_t - alpha_t**2*noise_level_dot_t*noise_level_t*score
        where score = (x_0 - x_t/alpha_t)/noise_level_t**2/alpha_t

    Args:
        x_t: state at t, alpha_t*(x_0 + noise_level_t*eps), any shape.
        x_0: denoiser's estimate of the data from x_t/alpha_t, broadcasts against x_t.
        alpha_t: the paper's s(t), > 0, broadcasts against x_t.
        alpha_dot_t: its time derivative, broadcasts against x_t.
        noise_level_t: the paper's sigma(t), sigma_t/alpha_t, > 0, broadcasts against x_t.
        noise_level_dot_t: its time derivative, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0 per unit time. Error at most 3.5 ulp of
        abs(alpha_dot_t/alpha_t*x_t) + abs(noise_level_dot_t)/noise_level_t*(abs(x_t) + abs(alpha_t*x_0)).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Eqs. (4) and (81). The score of Eq. (4) is that of p(x; sigma) at x_t/alpha_t, its
        gradient taken with respect to x_t: hence the further 1/alpha_t.
    """
    return alpha_dot_t / alpha_t * x_t + noise_level_dot_t / noise_level_t * (x_t - alpha_t * x_0)


def edm_state(x_t, alpha_t):
    """State of any process in EDM's coordinates, where the signal keeps its scale.

    Formula:
        x_t/alpha_t

    Args:
        x_t: state alpha_t*x_0 + sigma_t*eps, any shape.
        alpha_t: signal scale, > 0, broadcasts against x_t.

    Returns:
        The broadcast shape, x_0 + (sigma_t/alpha_t)*eps, in units of x_0. Error at most 0.51 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, section 2, Eq. (2) and the scale s(t) above Eq. (4).
    """
    return x_t / alpha_t


def edm_sigma_from_vp_time(time, beta_rate_min, beta_rate_max):
    """EDM's sigma at a time of the variance-preserving process.

    Formula:
        sqrt(exp((beta_rate_max - beta_rate_min)*time**2/2 + beta_rate_min*time) - 1)

    Args:
        time: time of the process, in (0, 1], any shape.
        beta_rate_min: beta(0), > 0; 0.1 in the paper.
        beta_rate_max: beta(1), > beta_rate_min; 20 in the papers, EDM's beta_d is the difference 19.9.

    Returns:
        The broadcast shape, in units of x_0.
        Error at most 2 ulp of value*(1 + (beta_rate_min + beta_rate_max*time)*time).

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, row "Schedule", column VP, with beta_d = beta_rate_max - beta_rate_min.
    """
    xp = namespace(time, beta_rate_min, beta_rate_max)
    return xp.sqrt(xp.expm1(time * (beta_rate_min + time * (beta_rate_max - beta_rate_min) / 2)))


def vp_time_from_edm_sigma(sigma_t, beta_rate_min, beta_rate_max):
    """Time of the variance-preserving process at EDM's sigma.

    Formula:
        (sqrt(beta_rate_min**2 + 2*rise*log(sigma_t**2 + 1)) - beta_rate_min)/rise
        where rise = beta_rate_max - beta_rate_min

    Args:
        sigma_t: EDM's noise scale, > 0, any shape.
        beta_rate_min: beta(0), > 0.
        beta_rate_max: beta(1), > beta_rate_min.

    Returns:
        The broadcast shape, above 1 for more noise than the process ends with. Error at most 3 ulp.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, column VP, time steps: the inverse of sigma(t).
    """
    xp = namespace(sigma_t, beta_rate_min, beta_rate_max)
    spent = 2 * xp.log1p(sigma_t**2)
    return spent / (beta_rate_min + xp.sqrt(beta_rate_min**2 + (beta_rate_max - beta_rate_min) * spent))


def edm_sigma_from_ve_time(time, sigma_min, sigma_max):
    """EDM's sigma at a time of the variance-exploding process.

    Formula:
        sigma_min*(sigma_max/sigma_min)**time

    Args:
        time: time of the process, in [0, 1], any shape.
        sigma_min: noise scale at time 0, > 0.
        sigma_max: noise scale at time 1, > sigma_min.

    Returns:
        The broadcast shape, in units of x_0. Error at most 1.5 ulp of value*(1 + time*log(sigma_max/sigma_min)).

    Source:
        Song et al. 2021, arXiv:2011.13456v2, section 3.4; Karras et al. 2022, arXiv:2206.00364v2, Table 1, column VE, time steps.
    """
    return ve_sigma(time, sigma_min, sigma_max)


def ve_time_from_edm_sigma(sigma_t, sigma_min, sigma_max):
    """Time of the variance-exploding process at EDM's sigma.

    Formula:
        log(sigma_t/sigma_min)/log(sigma_max/sigma_min)

    Args:
        sigma_t: EDM's noise scale, >= sigma_min, any shape.
        sigma_min: noise scale at time 0, > 0.
        sigma_max: noise scale at time 1, > sigma_min.

    Returns:
        The broadcast shape. Error at most 3 ulp.

    Source:
        Song et al. 2021, arXiv:2011.13456v2, section 3.4, solved for the time.
    """
    xp = namespace(sigma_t, sigma_min, sigma_max)
    over = xp.rounded((xp.wide(sigma_t) - sigma_min) / sigma_min)
    whole = xp.rounded((xp.wide(sigma_max) - sigma_min) / sigma_min)
    return xp.log1p(over) / xp.log1p(whole)


def sigmas_iddpm(T, offset, beta_max):
    """EDM's sigma at every step of the cosine schedule, falling; the final 0 is not among them.

    Formula:
        sqrt(previous(kept, 1)/last(kept) - 1)
        where kept = cumprod(max(a_before/a, 1 - beta_max))
        where a_before = cos(pi/2 - pi/2*(t - 1)/(T*(offset + 1)))**2
        where a = cos(pi/2 - pi/2*t/(T*(offset + 1)))**2

    The body takes the same factors from the cosine schedule, whose betas are 1 less each of them, in reverse.

    Args:
        T: number of steps, an integer >= 1; EDM's M, 1000 in the paper.
        offset: EDM's C_2, in [0, 1]; 0.008 in the paper.
        beta_max: cap on one step's variance, 1 - C_1, in (0, 1); 0.999 in the paper.

    Returns:
        Shape (T,), u_0 to u_(T-1) of the table that ends with u_T = 0, in units of x_0. Error at most 14 ulp, for T up to 4000.

    Source:
        Karras et al. 2022, arXiv:2206.00364v2, Table 1, column iDDPM: u_T = 0 and
        u_(j-1) = sqrt((u_j**2 + 1)/max(a_(j-1)/a_j, C_1) - 1) with a_j = sin(pi/2*j/(T*(C_2 + 1)))**2.
    """
    xp = namespace(offset, beta_max)
    return xp.flip(xp.sqrt(xp.expm1(-log_alpha_bar(betas_cosine(T, offset, beta_max)))))


def flow_time_from_edm_sigma(sigma_t):
    """Time of rectified flow at EDM's sigma.

    Formula:
        sigma_t/(1 + sigma_t)

    Args:
        sigma_t: EDM's noise scale, >= 0, any shape.

    Returns:
        Same shape, in [0, 1); 0 is data. The flow's state is (1 - time)*x_t. Error at most 2 ulp.

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.1, with their t written 1 - time: the ratio of the two scales is sigma_t.
    """
    return sigma_t / (1 + sigma_t)


def edm_sigma_from_flow_time(time):
    """EDM's sigma at a time of rectified flow.

    Formula:
        time/(1 - time)

    Args:
        time: the flow's time, in [0, 1), any shape; 0 is data.

    Returns:
        Same shape, in units of x_0. Error at most 1.5 ulp.

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.1, with their t written 1 - time.
    """
    return time / (1 - time)


def edm_denoiser_from_v(x_t, v_hat, sigma_t):
    """EDM's estimate of x_0 from a variance-preserving network that predicts v.

    Formula:
        x_t/(sigma_t**2 + 1) - sigma_t/sqrt(sigma_t**2 + 1)*v_hat

    Args:
        x_t: noisy data x_0 + sigma_t*eps, any shape.
        v_hat: the network's v at its own state x_t/sqrt(sigma_t**2 + 1), broadcasts against x_t.
        sigma_t: EDM's noise scale, >= 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp of abs(x_t)/(sigma_t**2 + 1) + abs(v_hat).

    Source:
        Salimans and Ho 2022, arXiv:2202.00512v2, appendix D, x_0 = alpha*x - sigma*v. It is Karras et al. 2022, Eq. (7), with
        sigma_data = 1 and the raw output's sign turned.
    """
    xp = namespace(x_t, v_hat, sigma_t)
    return x_t / (sigma_t**2 + 1) - sigma_t / xp.sqrt(sigma_t**2 + 1) * v_hat


def edm_denoiser_from_flow(x_t, velocity_hat, sigma_t):
    """EDM's estimate of x_0 from a rectified-flow network, whose velocity is eps - x_0.

    Formula:
        x_t/(1 + sigma_t) - sigma_t/(1 + sigma_t)*velocity_hat

    Args:
        x_t: noisy data x_0 + sigma_t*eps, any shape.
        velocity_hat: the network's velocity at its own state x_t/(1 + sigma_t) and time sigma_t/(1 + sigma_t), noise less data.
        sigma_t: EDM's noise scale, >= 0, broadcasts against x_t.

    Returns:
        The broadcast shape, in units of x_0. Error at most 3.5 ulp of (abs(x_t) + sigma_t*abs(velocity_hat))/(1 + sigma_t).

    Source:
        Liu et al. 2022, arXiv:2209.03003v1, section 2.1, Eq. (1), with their t written 1 - time.
    """
    return (x_t - sigma_t * velocity_hat) / (1 + sigma_t)
