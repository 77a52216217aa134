"""Schedules against torch's, step by step."""

import warnings

import pytest
import torch
from torch.optim import lr_scheduler

from ostinato.train.schedules import SCHEDULES, cosine, factor, linear, one_cycle, step

STEPS = 40


def rates(make: object) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimizer)  # type: ignore[operator]
    seen = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(STEPS):
            seen.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return seen


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (cosine, lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS)),
        (linear, lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, STEPS)),
        (step, lambda o: lr_scheduler.MultiStepLR(o, [STEPS // 2, 3 * STEPS // 4])),
    ],
)
def test_against_torch(ours: object, theirs: object) -> None:
    assert [factor(ours, 0, k, STEPS) for k in range(STEPS)] == pytest.approx(rates(theirs), abs=1e-12)  # type: ignore[arg-type]


def test_one_cycle_against_torch() -> None:
    # torch places its turning points at whole steps less one; compare at the same shares of the two arms.
    theirs = rates(lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=STEPS, cycle_momentum=False))
    turn, last = 0.3 * STEPS - 1, STEPS - 1
    shares = [0.3 * k / turn if k <= turn else 0.3 + 0.7 * (k - turn) / (last - turn) for k in range(STEPS)]
    assert [one_cycle(share) for share in shares] == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("warmup", [8, 0.2])
def test_warmup(warmup: float) -> None:
    seen = [factor(cosine, warmup, k, STEPS) for k in range(STEPS)]
    assert seen[:8] == pytest.approx([(k + 1) / 8 for k in range(8)])
    assert seen[8:] == pytest.approx([cosine(k / 32) for k in range(32)])


@pytest.mark.parametrize("name", SCHEDULES)
def test_within_bounds(name: str) -> None:
    seen = [factor(SCHEDULES[name], 0.1, k, STEPS) for k in range(STEPS + 5)]
    assert all(0 <= f <= 1 for f in seen)
    assert max(seen) > 0.99


def test_all_warmup() -> None:
    assert factor(linear, 100, 9, 10) == pytest.approx(0.1)
    assert factor(None, 0, 9, 10) == 1
