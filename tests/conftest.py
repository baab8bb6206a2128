"""One hypothesis profile for every machine, the same examples on each run and no clock; and what training tests share."""

import pytest
from hypothesis import settings

settings.register_profile("stable", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("stable")


@pytest.fixture(scope="module")
def single_thread():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def images():
    from refdiff.production.data import digits

    return digits()
