"""`MusicModel` counts its likelihood as the papers do, learns, writes, is stored, and goes on where it was."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import log_loss

from ostinato._core.errors import InputError, ModelFileError
from ostinato.data import Batches
from ostinato.nn import pack, unpack
from ostinato.tasks import load
from ostinato.tasks.music import MusicModel, NoteCounts
from ostinato.tasks.music.fitting import note_loss
from ostinato.tasks.music.network import begun, foreseen
from ostinato.tasks.music.rolls import notes_of, rolls_of
from ostinato.tasks.music.transposing import Transposed

SCALE = [[60], [62, 65], [64], [], [48, 72]]
TINY: dict[str, Any] = {
    "hidden_size": 16, "epochs": 40, "lr": 0.03, "transpose": 0, "output_dropout": 0.0, "batch_size": 4,
    "pitches": (40, 80), "validation_fraction": None, "random_state": 0, "n_threads": 1,
}  # fmt: skip


def pieces(count: int, seed: int = 0) -> list[list[list[int]]]:
    draw = np.random.default_rng(seed)
    return [
        [sorted(draw.choice(np.arange(45, 75), draw.integers(0, 4), replace=False).tolist()) for _ in range(length)]
        for length in draw.integers(1, 9, count)
    ]


@pytest.fixture(scope="module")
def fitted() -> MusicModel:
    return MusicModel(**TINY).fit([SCALE * 3, SCALE * 2] * 6)


def test_likelihood_is_what_torch_counts_step_by_step(fitted: MusicModel) -> None:
    """Against torch's own LSTM with copied weights, one piece and one step at a time."""
    some = pieces(7)
    lstm = torch.nn.LSTM(42, 16)
    state = fitted.network_.recurrent.state_dict()
    lstm.load_state_dict({"bias_hh_l0": torch.zeros(64), **state})
    lstm.double()
    weight, bias = fitted.network_.output.weight.double(), fitted.network_.output.bias.double()
    total, steps = 0.0, 0
    with torch.no_grad():
        for roll in rolls_of(some, (40, 80)):
            states = None
            last = torch.zeros(42, dtype=torch.float64)
            last[-1] = 1
            for notes in roll:
                out, states = lstm(last[None], states)
                p = torch.sigmoid(weight @ out[0] + bias).numpy()
                total += log_loss(notes, p, labels=[0, 1], normalize=False)
                last = torch.from_numpy(np.append(notes, 0)).double()
                steps += 1
    found = fitted.evaluate(some)
    assert found["steps"] == steps and found["pieces"] == 7
    assert found["loss_nats"] == pytest.approx(total / steps, rel=1e-4)
    fitted.network_.float()


def test_probabilities_agree_with_the_likelihood(fitted: MusicModel) -> None:
    some = pieces(5, seed=2)
    rolls, p = rolls_of(some, (40, 80)), fitted.predict_proba(some)
    assert [one.shape for one in p] == [roll.shape for roll in rolls]
    y, q = np.concatenate(rolls), np.concatenate(p)
    found = fitted.evaluate(some)
    assert found["loss_nats"] == pytest.approx(-np.where(y == 1, np.log(q), np.log1p(-q)).sum() / len(y))
    named = q > 0.5
    assert found["accuracy"] == pytest.approx((named & (y == 1)).sum() / (named | (y == 1)).sum())
    assert fitted.score(some) == -found["loss_nats"]


def test_company_does_not_matter(fitted: MusicModel) -> None:
    some = pieces(5, seed=3)
    together = fitted.predict_proba(some)
    for piece, p in zip(some, together, strict=True):
        np.testing.assert_allclose(fitted.predict_proba([piece])[0], p, rtol=1e-4, atol=1e-6)


def test_a_later_step_changes_nothing_before(fitted: MusicModel) -> None:
    before, after = fitted.predict_proba([SCALE, [*SCALE[:3], [50], [51]]])
    np.testing.assert_allclose(before[:4], after[:4], rtol=1e-4, atol=1e-6)
    assert not np.allclose(before[4], after[4])


def test_foreseen_is_the_next_step_of_each_row() -> None:
    rolls = [torch.from_numpy(roll) for roll in rolls_of(pieces(6, seed=4), (40, 80))]
    read, targets = foreseen(pack([begun(roll) for roll in rolls]))
    order = sorted(range(6), key=lambda row: -len(rolls[row]))
    parts = unpack(torch.nn.utils.rnn.PackedSequence(torch.cat([read.data, targets], 1), read.batch_sizes))
    assert len(parts) == 6
    for part, row in zip(parts, order, strict=True):
        assert torch.equal(part[:, 42:], rolls[row]) and torch.equal(part[1:, :41], rolls[row][:-1])
        assert part[:, 41].tolist() == [1] + [0] * (len(part) - 1)


def test_learns_and_beats_counts(fitted: MusicModel) -> None:
    known = [SCALE * 3]
    assert fitted.evaluate(known)["loss_nats"] < 0.5 < NoteCounts((40, 80)).fit(known).evaluate(known)["loss_nats"]
    assert fitted.evaluate(known)["accuracy"] > 0.95
    assert fitted.sample(7, temperature=0) == (SCALE * 2)[:7]
    assert fitted.sample(2, prompt=SCALE[:2], temperature=0) == SCALE[:4]


def test_counts_by_hand() -> None:
    """One pitch: first steps off, off; then off -> on, on -> on, on -> off."""
    counts = NoteCounts((60, 60)).fit([[[], [60], [60], []], [[]]])
    found = counts.evaluate([[[60], [60], []]])
    p_first, p_on = 0.5 / 3, 1.5 / 3
    assert found["loss_nats"] == pytest.approx(-(np.log(p_first) + np.log(p_on) + np.log(1 - p_on)) / 3)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_draws_follow_the_probabilities(temperature: float) -> None:
    unsure = MusicModel(**{**TINY, "epochs": 1}).fit([SCALE] * 4)
    p = unsure.predict_proba([[[]]])[0][0]
    odds = (p / (1 - p)) ** (1 / temperature)
    drawn = rolls_of([unsure.sample(1, temperature=temperature, seed=seed) for seed in range(600)], (40, 80))
    np.testing.assert_allclose(np.concatenate(drawn).mean(axis=0), odds / (1 + odds), atol=0.08)


def test_writing_is_repeated_by_its_seed(fitted: MusicModel) -> None:
    assert fitted.sample(9, seed=5) == fitted.sample(9, seed=5)
    assert fitted.sample(0) == [] and fitted.sample(0, prompt=SCALE) == SCALE


def test_stored_and_read_again(fitted: MusicModel, tmp_path: Path) -> None:
    again = load(fitted.save(tmp_path / "m"))
    assert isinstance(again, MusicModel) and again.metrics_["train_pieces"] == 12
    assert again.evaluate([SCALE]) == fitted.evaluate([SCALE])
    assert again.sample(20, seed=1) == fitted.sample(20, seed=1)
    assert again.get_params()["pitches"] == (40, 80) and len(again.history_) == 40
    (tmp_path / "m" / "model.safetensors").write_bytes(b"x")
    with pytest.raises(ModelFileError, match="safetensors"):
        load(tmp_path / "m")


def test_rolls_and_lists_are_alike(fitted: MusicModel) -> None:
    some = pieces(4, seed=6)
    rolls = rolls_of(some, (40, 80))
    assert fitted.evaluate(rolls) == fitted.evaluate(some)
    assert [notes_of(roll, 40) for roll in rolls] == some


@pytest.mark.parametrize("settings", [{"cell": "gru"}, {"num_layers": 2, "dropout": 0.2}, {"cell": "rnn_tanh"}])
def test_cells_and_layers_learn(settings: dict[str, Any]) -> None:
    model = MusicModel(**{**TINY, **settings, "weight_drop": 0.1, "input_dropout": 0.1, "output_dropout": 0.1})
    model.fit([SCALE * 3] * 8)
    assert model.history_[-1]["train_loss"] < 0.3 * model.history_[0]["train_loss"]
    assert len(model.sample(4, seed=0)) == 4


def test_same_seed_same_model_and_holding_out() -> None:
    settings = {**TINY, "epochs": 3, "transpose": 4, "validation_fraction": 0.25}
    one, two = (clone(MusicModel(**settings)).fit(pieces(12)) for _ in range(2))
    other = MusicModel(**{**settings, "random_state": 1}).fit(pieces(12))
    assert one.evaluate(pieces(3)) == two.evaluate(pieces(3)) != other.evaluate(pieces(3))
    assert (one.metrics_["train_pieces"], one.metrics_["valid_pieces"]) == (9, 3)
    given = MusicModel(**settings).fit(pieces(12), pieces(2, seed=9))
    assert (given.metrics_["train_pieces"], given.metrics_["valid_pieces"]) == (12, 2)
    assert given.evaluate(pieces(2, seed=9))["loss_nats"] == pytest.approx(given.metrics_["valid_loss"], rel=1e-5)


def test_resumes_as_if_never_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**TINY, "epochs": 4, "transpose": 3, "output_dropout": 0.2}
    whole = MusicModel(**settings).fit(pieces(12))
    calls = 0

    def breaks(model: Any, batch: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise KeyboardInterrupt
        return note_loss(model, batch)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("ostinato.tasks.music.fitting.note_loss", breaks)
        MusicModel(**settings, checkpoint=str(tmp_path / "c")).fit(pieces(12))
    resumed = MusicModel(**settings, checkpoint=str(tmp_path / "c"), resume=True).fit(pieces(12))
    for name, value in whole.network_.state_dict().items():
        assert torch.equal(value, resumed.network_.state_dict()[name]), name


def test_transposed_pieces_keep_their_shape_and_stay_in_range() -> None:
    rolls = rolls_of([*pieces(8), [[40, 80]], [[], []]], (40, 80))
    batches = Transposed(
        Batches([begun(torch.from_numpy(roll)) for roll in rolls], batch_size=3, seed=1), rolls, 12, seed=1
    )
    moves: dict[int, set[int]] = {row: set() for row in range(10)}
    for epoch in range(30):
        for batch in batches.epoch(epoch):
            for row, data in zip(batch.index.tolist(), unpack(batch.inputs), strict=True):
                roll, found = rolls[row], data[1:, :-1].numpy()
                assert data[:, -1].tolist() == [1] + [0] * len(roll)
                old, new = np.flatnonzero(roll.any(0)), np.flatnonzero(found.any(0))
                shift = int(new[0] - old[0]) if len(old) else 0
                assert abs(shift) <= 12 and notes_of(found, 40 - shift) == notes_of(roll, 40)
                moves[row].add(shift)
    assert moves[8] == moves[9] == {0}  # it fills the range; it is silent
    assert all(len(moves[row]) > 5 for row in range(8))
    first, again = (next(batches.epoch(2, start=1)).inputs.data for _ in range(2))
    assert torch.equal(first, again)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "pieces is empty"),
        ([[[60]], []], r"pieces\[1\] has no steps"),
        ([[[60], [108]]], r"pieces\[0\], step 1: pitch 108, expected a whole number from 40 to 80"),
        ([[[60.5]]], "pitch 60.5"),
        ([[[True]]], "pitch True"),
        ([[60, 62]], "step 0 is 60, expected a list of pitches"),
        ([["C4"]], "step 0 is 'C4'"),
        (["C4 E4"], r"pieces\[0\] is a str"),
        ("C4", "pieces is a str"),
        ([np.zeros((3, 4))], r"shape \(3, 4\), expected \(steps, 41\)"),
        ([np.full((3, 41), np.nan)], "other numbers than 0 and 1"),
    ],
)
def test_wrong_pieces_are_named(given: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        MusicModel(**TINY).fit(given)


def test_wrong_arguments_are_named(fitted: MusicModel) -> None:
    for settings, said in [
        ({"pitches": (80, 40)}, "the lowest and the highest"), ({"pitches": 3}, "two of MIDI's"),
        ({"transpose": -1}, "transpose"), ({"validation_fraction": 1.5}, "validation_fraction"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=said):
            MusicModel(**{**TINY, **settings}).fit([[[60]]])
    with pytest.raises(InputError, match="length=-1"):
        fitted.sample(-1)
    with pytest.raises(InputError, match="temperature=nan"):
        fitted.sample(1, temperature=float("nan"))
    with pytest.raises(InputError, match="prompt, step 0: pitch 20"):
        fitted.sample(1, prompt=[[20]])


@pytest.mark.data
def test_chorales_are_foreseen_better_than_by_counts(data_dir: Path) -> None:
    from ostinato.data import read_music

    music = read_music(data_dir / "jsb_chorales_quarter.json.gz")
    assert {part: (len(found), sum(map(len, found))) for part, found in music.items()} == {
        "train": (229, 13_807), "valid": (76, 4_602), "test": (77, 4_725)}  # fmt: skip
    model = MusicModel(hidden_size=64, epochs=12, lr=0.02, transpose=0, random_state=0, n_threads=1)
    model.fit(music["train"][:60], music["valid"][:20])
    counts = NoteCounts().fit(music["train"][:60]).evaluate(music["valid"][:20])
    assert model.evaluate(music["valid"][:20])["loss_nats"] < counts["loss_nats"]
