"""Estimates along a run as functions of the level: Lagrange's polynomials, what solvers make of them, and their integrals."""

from flint import acb, acb_poly, arb, arb_poly

__all__ = ["bent_by_half", "exact", "held_at_the_middle", "integrals", "lagrange", "plain_integrals", "steep"]


def lagrange(nodes):
    """The polynomials that are 1 at one of the nodes and 0 at the others."""
    units = [[arb(int(i == j)) for i in range(len(nodes))] for j in range(len(nodes))]
    return [arb_poly.interpolate(list(nodes), unit) for unit in units]


def _real(number):
    return acb_poly([number])


def exact(nodes, start, end):
    """Each estimate's share of the polynomial through all of them."""
    return [acb_poly(basis) for basis in lagrange(nodes)]


def held_at_the_middle(nodes, start, end):
    """Each estimate's share of that polynomial's value half way, held over the whole step."""
    return [_real(basis((start + end) / 2)) for basis in lagrange(nodes)]


def bent_by_half(nodes, start, end):
    """Each estimate's share of the parabola that has the polynomial's value and slope at the start, but half its bend."""
    shares = []
    for basis in lagrange(nodes):
        slope = basis.derivative()
        bend = slope.derivative()(start)
        # Taylor's series about the start, u - start put in for its variable.
        shares.append(acb_poly([basis(start), slope(start), bend / 4])(acb_poly([-start, 1])))
    return shares


def steep(nodes, start, end):
    """Each estimate's share of a line from the start whose rise counts as at the end: it is weighed down by exp(end - u)."""

    def share(basis):
        value, slope = basis(start), basis.derivative()(start)
        return lambda u: value + (end - u).exp() * slope * (u - start)

    return [share(basis) for basis in lagrange(nodes)]


def integrals(shares, start, end):
    """Integral of exp(u) times each share over the step, by rigorous quadrature."""
    least = arb(2) ** -(10**6)
    return [acb.integral(lambda u, _, share=share: u.exp() * share(u), start, end, abs_tol=least).real for share in shares]


def plain_integrals(nodes, start, end):
    """Integral of each of Lagrange's polynomials, by its own antiderivative."""
    wholes = [basis.integral() for basis in lagrange(nodes)]
    return [whole(end) - whole(start) for whole in wholes]
