"""Other versions of a signal: what each change may do, and that it can be drawn again."""

import numpy as np
import pytest
import torch

from ostinato._core.errors import InputError
from ostinato.data import Augment, Batches

ROW = np.stack([np.arange(50), np.sin(np.arange(50))], axis=1).astype(np.float32)


def drawn(seed: int = 0, **settings: float) -> np.ndarray:
    return Augment(**settings)(ROW, np.random.default_rng(seed))


def test_nothing_is_off() -> None:
    assert not Augment()
    assert np.array_equal(drawn(), ROW)


def test_jitter_is_noise_of_that_size() -> None:
    noise = np.concatenate([(drawn(seed, jitter=0.3) - ROW).ravel() for seed in range(100)])
    assert abs(noise.std() - 0.3) < 0.01
    assert abs(noise.mean()) < 0.01


def test_crop_keeps_neighbours_and_enough() -> None:
    lengths = set()
    for seed in range(300):
        part = drawn(seed, crop=0.4)
        begin = int(part[0, 0])
        assert np.array_equal(part, ROW[begin : begin + len(part)])
        lengths.add(len(part))
    assert min(lengths) == 30
    assert max(lengths) == 50


def test_time_warp_moves_steps_and_keeps_their_order_and_ends() -> None:
    for seed in range(50):
        warped = drawn(seed, time_warp=0.5)
        assert warped.shape == ROW.shape
        assert warped[0, 0] == 0 and warped[-1, 0] == pytest.approx(49, abs=1e-4)
        assert (np.diff(warped[:, 0]) > 0).all()  # channel 0 is the time itself
        np.testing.assert_allclose(warped[:, 1], np.interp(warped[:, 0], ROW[:, 0], ROW[:, 1]), atol=1e-4)
    assert np.abs(drawn(1, time_warp=0.5)[:, 0] - ROW[:, 0]).max() > 1


def test_amplitude_is_one_factor_a_row() -> None:
    factor = drawn(amplitude=0.2)[1:] / ROW[1:]
    assert np.ptp(factor) < 1e-5 and abs(factor[0, 0] - 1) > 1e-3


def test_one_step_survives_everything() -> None:
    changed = Augment(jitter=0.1, crop=0.9, time_warp=1.0, amplitude=0.1)(ROW[:1], np.random.default_rng(0))
    assert changed.shape == (1, 2)


@pytest.mark.parametrize("settings", [{"jitter": -0.1}, {"crop": 1.0}, {"time_warp": float("nan")}])
def test_wrong_numbers_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(settings))):
        Augment(**settings)


def test_batches_draw_anew_each_epoch_and_the_same_again() -> None:
    rows = [ROW[: 10 + 5 * number] for number in range(8)]
    made = [Batches(rows, torch.arange(8), batch_size=3, seed=1, augment=Augment(jitter=0.1, crop=0.5)) for _ in "ab"]
    for epoch in (0, 1):
        for one, other in zip(made[0].epoch(epoch), made[1].epoch(epoch), strict=True):
            assert torch.equal(one.inputs.data, other.inputs.data)
            assert torch.equal(one.targets, one.index)
            assert (one.inputs.batch_sizes.diff() <= 0).all()  # rows longest first, whatever was cut
    assert len(next(made[0].epoch(0)).inputs.data) != len(next(made[0].epoch(1)).inputs.data)
    resumed, whole = list(made[0].epoch(1, start=2)), list(made[0].epoch(1))[2:]
    assert all(torch.equal(a.inputs.data, b.inputs.data) for a, b in zip(resumed, whole, strict=True))


def test_the_same_batch_is_another_in_the_next_epoch() -> None:
    batches = Batches([ROW, ROW], batch_size=1, shuffle=False, augment=Augment(jitter=0.1))
    first, second = ([batch.inputs.data for batch in batches.epoch(number)] for number in (0, 1))
    assert not torch.equal(first[0], second[0])
    assert not torch.equal(first[0], first[1])


def test_tokens_are_refused() -> None:
    with pytest.raises(InputError, match="numbers"):
        Batches([np.arange(3)], augment=Augment(jitter=0.1))
