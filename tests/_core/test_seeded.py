"""`seeded`: the same draws inside, the caller's draws untouched, on every device."""

import pytest
import torch

from ostinato._core.random import seeded


def test_same_draws_inside_and_the_callers_after() -> None:
    torch.manual_seed(1)
    wanted = torch.rand(3)
    with seeded(7):
        expected = torch.rand(3)
    torch.manual_seed(1)
    with seeded(7):
        assert torch.equal(torch.rand(3), expected)
    assert torch.equal(torch.rand(3), wanted)


def test_cuda_is_left_alone_until_it_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeds.append)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    with seeded(7):
        pass
    assert seeds == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_is_seeded_and_restored() -> None:
    torch.cuda.manual_seed(1)
    state = torch.cuda.get_rng_state()
    with seeded(7):
        first = torch.rand(3, device="cuda")
    assert torch.equal(torch.cuda.get_rng_state(), state)
    with seeded(7):
        assert torch.equal(torch.rand(3, device="cuda"), first)
