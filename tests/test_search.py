"""The search behind the certificates: it climbs where chance does not reach, inside the domain, and the same every time."""

from typing import Any

import numpy as np

from refdiff.golden.search import searched


def pair(rng: np.random.Generator) -> dict[str, Any]:
    """Two numbers of which the second is at most the first, as domains that depend on earlier draws have."""
    high = float(10 ** rng.uniform(-3, 3))
    return {"high": high, "low": high * float(rng.choice([1.0, rng.uniform(0, 1)])), "z": rng.standard_normal((2, 3))}


def nearness(given: dict[str, Any]) -> float:
    """Large only in a narrow place: high at 12.5, low at a third of it, one noise at 2."""
    gaps = (np.log(given["high"] / 12.5), np.log(3 * given["low"] / given["high"]), given["z"][1, 2] - 2)
    return -float(sum(gap**2 for gap in gaps))


def looked_at(tries: int, seed: int = 0) -> list[tuple[float, dict[str, Any]]]:
    return list(searched(pair, nearness, tries, np.random.default_rng(seed)))


def test_climbing_comes_near_where_chance_does_not():
    for seed in range(3):
        found = looked_at(2000, seed)
        by_chance, by_climbing = (max(bad for bad, _ in half) for half in (found[:1000], found[1000:]))
        assert by_climbing > by_chance / 100


def test_what_is_looked_at_is_in_the_domain():
    for _, given in looked_at(2000):
        assert 1e-3 < given["high"] < 1e3
        assert 0 < given["low"] <= given["high"]
        assert given["z"].shape == (2, 3)


def test_each_is_told_with_its_own_badness():
    assert all(bad == nearness(given) for bad, given in looked_at(50))


def test_the_search_is_the_same_every_time_and_elsewhere_with_another_seed():
    first, again, other = ([bad for bad, _ in looked_at(200, seed)] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_draws_that_follow_from_others_are_drawn_anew():
    def many(rng: np.random.Generator) -> dict[str, Any]:
        return {"x": rng.standard_normal(int(rng.integers(1, 5))), "rest": rng.permutation(3)}

    sizes = {len(given["x"]) for _, given in searched(many, lambda given: float(given["x"][0]), 200, np.random.default_rng(0))}
    assert sizes == {1, 2, 3, 4}


def test_one_try_is_one_look():
    assert len(looked_at(1)) == 1
