"""DDPM and NCSN as discretisations of their equations, and the samplers' steps beside each other: the order of the error."""

import sympy as sp

from refdiff.reference import sde

from .algebra import same
from .processes import LOW, SCORE, A, F, H, X, Z, expanded, law


def local_error(step, exact):
    """First power of h in which the step's moments leave the exact ones."""
    series = sp.Poly(sp.expand(expanded(step, 4) - expanded(exact, 4)), H)
    return min(power for (power,), _ in series.terms())


def test_ddpm_is_a_discretisation_of_vp_diffusion_with_local_error_of_second_order():
    """With beta_t = beta*h the chain's moments leave the SDE's at h**2: weak order 1 over a whole path."""
    beta = F**2
    mean, variance = law(sp.sqrt(1 - beta * H) * X + sp.sqrt(beta * H) * Z)
    rate, diffusion = sde.vp_drift_rate(sp.Integer(0), beta, beta), sde.vp_diffusion(sp.Integer(0), beta, beta)
    assert local_error(mean, sde.linear_sde_transition_mean(X, rate, H)) == 2
    assert local_error(variance, sde.linear_sde_transition_variance(rate, diffusion, H)) == 2
    euler = law(sde.euler_maruyama_step(X, rate * X, Z, diffusion, H))
    assert local_error(mean, euler[0]) == 2
    assert same(variance, euler[1])


def test_ncsn_is_the_exact_solution_of_its_equation_and_euler_steps_of_ve_diffusion_are_off_at_second_order():
    exact = sde.ve_added_variance(LOW, LOW * sp.exp(A * H))
    growth = sp.expand(expanded(exact, 3))
    squared = sp.powdenest(sp.simplify(sde.ve_diffusion(sp.Integer(0), LOW, LOW * sp.exp(A)) ** 2), force=True)
    euler = law(sde.euler_maruyama_step(X, 0 * X, Z, sp.sqrt(squared), H))[1]
    assert local_error(euler, growth) == 2
    assert same(law(sde.ve_transition_sample(X, Z, LOW, LOW * sp.exp(A * H)))[1], exact)


def test_ancestral_step_vp_reverse_diffusion_step_vp_and_the_euler_step_differ_at_second_order():
    beta = F**2
    score = SCORE
    ancestral, _ = law(sde.ancestral_step_vp(X, score, Z, beta * H))
    turned, _ = law(sde.reverse_diffusion_step_vp(X, score, Z, beta * H))
    drift = sde.reverse_sde_drift(X, score, -beta / 2, sp.sqrt(beta))
    euler, _ = law(sde.reverse_euler_maruyama_step(X, drift, Z, sp.sqrt(beta), H))
    assert local_error(ancestral, euler) == 2
    assert local_error(turned, euler) == 2
    assert local_error(ancestral, turned) == 2


def test_ancestral_step_ve_adds_less_noise_than_reverse_diffusion_step_ve_at_second_order():
    scale = LOW * (1 + H)
    posterior = law(sde.ancestral_step_ve(X, SCORE, Z, LOW, scale))[1]
    turned = law(sde.reverse_diffusion_step_ve(X, SCORE, Z, LOW, scale))[1]
    assert same(turned - posterior, sde.ve_added_variance(LOW, scale) ** 2 / scale**2)
    assert local_error(posterior, turned) == 2
