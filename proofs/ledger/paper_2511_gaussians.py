"""arXiv:2511.11746, section 2: traces, quadratic forms, Gaussians."""

import numpy as np
import sympy as sp

from refdiff.reference import gaussian

from ..algebra import column, expectation, positive, real, symmetric
from .evidence import Proof

Z = column(real("z_1 z_2"))
MU = column(real("mu_1 mu_2"))
A = column(real("a_1 a_2 a_3 a_4")).reshape(2, 2)


def _matrix(name, rows, columns):
    return column(real(f"{name}_:{rows * columns}")).reshape(rows, columns)


def _quadratic(x, precision, linear):
    return x @ precision @ x / 2 - linear @ x


def definition_2_1():
    """2511.11746/Definition 2.1: the trace.

    Printed:
        tr A = sum_i A_ii
    Verdict: definition
    Scope: three by three
    Reading: consistent: the sum is minus the second coefficient of the characteristic polynomial, so it is the sum of the
        eigenvalues and does not depend on the basis.
    """
    matrix = sp.Matrix(_matrix("a", 3, 3))
    characteristic = sp.Poly(matrix.charpoly().as_expr(), matrix.charpoly().gen)
    coefficients = characteristic.all_coeffs()
    return Proof(sum(matrix[i, i] for i in range(3)), -coefficients[1], (coefficients[1], coefficients[2]))


def lemma_2_2():
    """2511.11746/Lemma 2.2: trace identities.

    Printed:
        tr(aA + bB) = a tr A + b tr B;  tr(AB) = tr(BA);  tr(u v^T) = v^T u
    Verdict: proved
    Scope: matrices of two and three rows
    Reading: square A and B in the first; in the second A may be m by n and B n by m. Cyclic shifts keep the trace of a product
        of three, other orders do not.
    """
    one, other, third = (_matrix(name, 2, 2) for name in "abc")
    wide, tall = _matrix("w", 2, 3), _matrix("t", 3, 2)
    a, b = real("alpha beta")
    u, v = column(real("u_1 u_2 u_3")), column(real("v_1 v_2 v_3"))
    traces = np.trace(one), np.trace(other)
    return (
        Proof(np.trace(a * one + b * other), a * traces[0] + b * traces[1], (a * b * (traces[0] + traces[1]),)),
        Proof(np.trace(wide @ tall), np.trace(tall @ wide), (np.trace(wide @ wide.T),)),
        Proof(np.trace(one @ other @ third), np.trace(third @ one @ other), (np.trace(one @ third @ other),)),
        Proof(np.trace(np.outer(u, v)), v @ u, (u @ u,)),
    )


def lemma_2_3():
    """2511.11746/Lemma 2.3: the trace trick.

    Printed:
        v^T A u = tr(A u v^T)
    Verdict: proved
    Scope: two dimensions, any values
    Reading: the order matters: tr(A v u^T) is u^T A v, another number unless A is symmetric.
    """
    u, v = column(real("u_1 u_2")), column(real("v_1 v_2"))
    return Proof(v @ A @ u, np.trace(A @ np.outer(u, v)), (np.trace(A @ np.outer(v, u)),))


def proposition_2_4():
    """2511.11746/Proposition 2.4: the mean of a centred quadratic form.

    Printed:
        x ~ N(mu, S):  E[(x - mu)^T A (x - mu)] = tr(A S)
    Verdict: proved
    Scope: two dimensions, any values
    Reading: for any square A, symmetric or not. A form centred elsewhere has (mu - c)^T A (mu - c) more.
    Formulas: gaussian_quadratic_expectation
    """
    covariance, factor = symmetric("p q r")
    found = expectation((factor @ Z) @ A @ (factor @ Z), Z)
    body = gaussian.gaussian_quadratic_expectation(MU, covariance, A, MU)
    return Proof(found, np.trace(A @ covariance), (np.trace(A) * np.trace(covariance),)), Proof(found, body, (2 * body,))


def definition_2_5():
    """2511.11746/Definition 2.5: the affine re-parameterisation.

    Printed:
        x := mu + A z,  z ~ N(0, I)
    Verdict: definition
    Scope: two dimensions, any values
    Reading: consistent: it has mean mu.
    Formulas: gaussian_sample
    """
    found = column([expectation(entry, Z) for entry in MU + A @ Z])
    return Proof(found, MU, (MU + A[:, 0],))


def _log_characteristic(direction, shift, factor):
    """Log of E exp(i k.x) for x = shift + factor z: each z_j on its own gives -(coefficient of z_j)^2/2."""
    loads = direction @ factor
    return sp.I * (direction @ shift) - sum(load**2 for load in loads) / 2


def proposition_2_6():
    """2511.11746/Proposition 2.6: the law of an affine image of a standard Gaussian.

    Printed:
        z ~ N(0, I)  =>  mu + A z ~ N(mu, A A^T)
    Verdict: proved
    Scope: two dimensions, any values
    Reading: by characteristic functions; where A is singular the law is a degenerate Gaussian without a density.
    Formulas: gaussian_affine_covariance gaussian_affine_mean gaussian_sample
    """
    k = column(real("k_1 k_2"))
    found = _log_characteristic(k, MU, A)
    gaussian_one = sp.I * (k @ MU) - k @ (A @ A.T) @ k / 2
    return Proof(found, gaussian_one, (sp.I * (k @ MU) - k @ (A.T @ A) @ k / 2,))


def corollary_2_7():
    """2511.11746/Corollary 2.7: sampling from N(mu, S).

    Printed:
        A A^T = S  =>  mu + A z ~ N(mu, S)
    Verdict: proved
    Scope: two dimensions, any values
    Reading: any root will do: the Cholesky factor and the same factor turned by a rotation give one law.
    Formulas: gaussian_sample
    """
    k = column(real("k_1 k_2"))
    covariance, factor = symmetric("p q r")
    turned = factor @ np.array([[sp.Rational(3, 5), sp.Rational(-4, 5)], [sp.Rational(4, 5), sp.Rational(3, 5)]], dtype=object)
    wanted = sp.I * (k @ MU) - k @ covariance @ k / 2
    miss = _log_characteristic(k, MU, factor.T)
    return Proof(_log_characteristic(k, MU, factor), wanted, (miss,)), Proof(_log_characteristic(k, MU, turned), wanted, (miss,))


def corollary_2_8():
    """2511.11746/Corollary 2.8: the isotropic case.

    Printed:
        mu + sigma z ~ N(mu, sigma^2 I)
    Verdict: proved
    Scope: two dimensions, any values
    Formulas: gaussian_sample
    """
    k, sigma = column(real("k_1 k_2")), positive("sigma")
    found = _log_characteristic(k, MU, sigma * np.eye(2, dtype=int).astype(object))
    return Proof(found, sp.I * (k @ MU) - sigma**2 * (k @ k) / 2, (sp.I * (k @ MU) - sigma * (k @ k) / 2,))


def proposition_2_9():
    """2511.11746/Proposition 2.9: expectations by re-parameterisation.

    Printed:
        E_{N(mu, S)} f = E_{N(0, I)} f(mu + A z)
    Verdict: proved
    Scope: two dimensions, one polynomial of degree five
    Reading: with A A^T = S, for integrable f. The polynomial's mean under N(mu, S) comes from Stein's identity E[(x - mu) g] =
        S E[g'], which never re-parameterises.
    Formulas: gaussian_sample
    """
    covariance, factor = symmetric("p q r")
    x = factor @ Z + MU
    found = expectation(x[0] ** 3 * x[1] ** 2, Z)

    def stein(powers):
        """E[x_1^m x_2^n] by lowering one power at a time."""
        if sum(powers) == 0:
            return sp.Integer(1)
        i = 0 if powers[0] else 1
        rest = [power - (j == i) for j, power in enumerate(powers)]
        total = MU[i] * stein(rest)
        for j in (0, 1):
            if rest[j]:
                total += covariance[i, j] * rest[j] * stein([power - (k == j) for k, power in enumerate(rest)])
        return sp.expand(total)

    wanted = stein([3, 2])
    return Proof(found, wanted, (wanted - covariance[0, 1] * MU[0],))


def lemma_2_10():
    """2511.11746/Lemma 2.10: completing the square.

    Printed:
        completing the square, L symmetric positive definite (named only; judged
        in its usual form:)
        x^T L x/2 - b^T x = (x - L^-1 b)^T L (x - L^-1 b)/2 - b^T L^-1 b/2
    Verdict: proved
    Scope: two dimensions, any values
    Reading: symmetry is needed, positivity only for the minimum to exist.
    Formulas: completed_square_constant completed_square_mean
    """
    precision, _ = symmetric("p q r")
    x, linear = column(real("x_1 x_2")), column(real("b_1 b_2"))
    centre = np.array(sp.Matrix(precision).LUsolve(sp.Matrix(linear)).tolist(), dtype=object)[:, 0]
    completed = (x - centre) @ precision @ (x - centre) / 2
    return Proof(_quadratic(x, precision, linear), completed - linear @ centre / 2, (completed, completed + linear @ centre / 2))


def proposition_2_11():
    """2511.11746/Proposition 2.11: the product of two Gaussian densities.

    Printed:
        N(mu_p, S_p) N(mu_q, S_q) is proportional to N(mu, S),
        S^-1 = S_p^-1 + S_q^-1,  mu = S (S_p^-1 mu_p + S_q^-1 mu_q)
    Verdict: proved
    Scope: two dimensions, one covariance diagonal
    Reading: proportional, not equal: the product's mass is N(mu_p; mu_q, S_p + S_q).
    Formulas: gaussian_product_covariance gaussian_product_mean
    """
    one, _ = symmetric("p q r")
    other = np.diag(positive("e_1 e_2"))
    x, mu_q = column(real("x_1 x_2")), column(real("nu_1 nu_2"))
    inverse_one, inverse_other = (np.array(sp.Matrix(one).inv().tolist()), np.array(sp.Matrix(other).inv().tolist()))
    exponent = (x - MU) @ inverse_one @ (x - MU) / 2 + (x - mu_q) @ inverse_other @ (x - mu_q) / 2
    slopes = column([sp.diff(exponent, entry) for entry in x])
    curvature = column([[sp.diff(slope, entry) for entry in x] for slope in slopes])
    mean = gaussian.gaussian_product_mean(MU, one, mu_q, other)
    covariance = gaussian.gaussian_product_covariance(one, other)
    at_mean = column([slope.subs(dict(zip(x, mean, strict=True)), simultaneous=True) for slope in slopes])
    return (
        Proof(curvature @ covariance, np.eye(2, dtype=int).astype(object), (curvature @ (2 * covariance),)),
        Proof(at_mean, column([sp.Integer(0)] * 2), (slopes,)),
    )


def corollary_2_12():
    """2511.11746/Corollary 2.12: the product of two isotropic Gaussians.

    Printed:
        isotropic case of Proposition 2.11 (named only; judged in its usual form:)
        1/s^2 = 1/s_p^2 + 1/s_q^2,  mu = s^2 (mu_p/s_p^2 + mu_q/s_q^2)
    Verdict: proved
    Scope: one dimension, any values
    Formulas: gaussian_product_mean_isotropic gaussian_product_variance_isotropic
    """
    one, other = positive("v_1 v_2")
    mu_p, mu_q, x = real("mu_p mu_q x")
    exponent = (x - mu_p) ** 2 / (2 * one) + (x - mu_q) ** 2 / (2 * other)
    variance = gaussian.gaussian_product_variance_isotropic(one, other)
    mean = gaussian.gaussian_product_mean_isotropic(mu_p, one, mu_q, other)
    return (
        Proof(1 / sp.diff(exponent, x, 2), variance, (one + other,)),
        Proof(sp.diff(exponent, x).subs(x, mean), sp.Integer(0), (sp.diff(exponent, x).subs(x, (mu_p + mu_q) / 2),)),
        Proof(variance * (mu_p / one + mu_q / other), mean, ((mu_p * one + mu_q * other) / (one + other),)),
    )


def proposition_2_13():
    """2511.11746/Proposition 2.13: KL divergence of two Gaussians.

    Printed:
        KL between Gaussians, log det form (named only; judged in its usual form:)
        KL(N(mu_p, S_p) || N(mu_q, S_q))
            = (log(det S_q/det S_p) - d + tr(S_q^-1 S_p)
               + (mu_q - mu_p)^T S_q^-1 (mu_q - mu_p))/2
    Verdict: proved
    Scope: two dimensions, any values
    Reading: natural logarithms, both covariances invertible.
    Formulas: gaussian_kl gaussian_kl_isotropic
    """
    one, factor = symmetric("p q r")
    other, _ = symmetric("f g h")
    inverse = np.array(sp.Matrix(other).inv().tolist(), dtype=object)
    mu_q = column(real("nu_1 nu_2"))
    gap = factor @ Z + MU - mu_q
    # log p - log q at x = mu_p + L z, averaged over z.
    log_ratio = sp.log(sp.Matrix(other).det() / sp.Matrix(one).det()) / 2 + expectation(gap @ inverse @ gap - Z @ Z, Z) / 2
    body = gaussian.gaussian_kl(MU, one, mu_q, other)
    return Proof(log_ratio, body, (gaussian.gaussian_kl(mu_q, other, MU, one), body + 1))
