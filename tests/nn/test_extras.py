"""What our layers do beyond torch's: each option does what its paper says, in training or always."""

from typing import Any

import pytest
import torch
from torch import Tensor

from ostinato import kernels, nn
from ostinato._core.errors import BackendError
from ostinato.cells import CELLS

X = torch.randn(5, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def _lstm(**options: Any) -> nn.LSTM:
    torch.manual_seed(0)
    return nn.LSTM(2, 4, dtype=torch.float64, **options)


def _states(layer: nn.Recurrent, B: int = 3) -> tuple[Tensor, ...]:
    LD = layer.num_layers * layer.num_directions
    return tuple(torch.randn(LD, B, 4, dtype=torch.float64) for _ in layer.cell.states)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bias", ["single", "double", False])
def test_every_cell_runs_and_learns(cell: str, bias: Any) -> None:
    layer = nn.Recurrent(cell, 2, 4, 2, bias, bidirectional=True)
    output, _ = layer(nn.pack([torch.randn(n, 2) for n in (2, 5, 1)]))
    output.data.square().sum().backward()
    for name, parameter in layer.named_parameters():
        assert parameter.grad is not None, name
        assert float(parameter.grad.abs().max()) > 0, name


@pytest.mark.parametrize("how", ["concat", "sum", "mean", "product"])
def test_merge(how: Any) -> None:
    layer = _lstm(bidirectional=True, merge=how)
    plain = _lstm(bidirectional=True)
    a, b = plain(X)[0].chunk(2, -1)
    expected = {"concat": torch.cat([a, b], -1), "sum": a + b, "mean": (a + b) / 2, "product": a * b}[how]
    output, states = layer(X)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(states, plain(X)[1])
    assert output.shape[-1] == layer.output_size
    assert nn.GRU(2, 4, 2, bidirectional=True, merge=how).weight_ih_l1.shape == (12, layer.output_size)


def test_single_bias_is_the_sum_of_both() -> None:
    double, single = _lstm(), _lstm(bias="single")
    weights = {name: p.clone() for name, p in double.state_dict().items()}
    second = weights.pop("bias_hh_l0")
    weights["bias_ih_l0"] += second
    single.load_state_dict(weights, strict=True)
    torch.testing.assert_close(single(X), double(X))
    assert sum(p.numel() for p in nn.LSTM(128, 128, bias="single").parameters()) == 131_584


def test_peephole_of_zero_is_an_lstm() -> None:
    plain, peephole = _lstm(), _lstm(peephole=True)
    missing = peephole.load_state_dict(plain.state_dict(), strict=False).missing_keys
    assert missing == ["w_ci_l0", "w_cf_l0", "w_co_l0"]
    assert not torch.allclose(peephole(X)[0], plain(X)[0])
    with torch.no_grad():
        for name in missing:
            peephole.get_parameter(name).zero_()
    torch.testing.assert_close(peephole(X), plain(X))


def test_peephole_with_projection() -> None:
    output, (h, c) = nn.LSTM(2, 4, peephole=True, proj_size=3)(torch.randn(5, 1, 2))
    assert (output.shape[-1], h.shape[-1], c.shape[-1]) == (3, 3, 4)


def test_reset_before_differs_from_after() -> None:
    torch.manual_seed(0)
    after = nn.GRU(2, 4)
    before = nn.GRU(2, 4, reset="before")
    torch.nn.init.zeros_(after.bias_hh_l0)
    before.load_state_dict(after.state_dict(), strict=True)
    x = X.float()
    torch.testing.assert_close(before(x[:1]), after(x[:1]))  # from a zero state there is nothing to reset
    assert not torch.allclose(before(x)[0], after(x)[0])


def test_recurrent_dropout_is_one_mask_for_all_steps() -> None:
    """With W_hh = 1 and no input, an identity RNN multiplies h by the mask at every step."""
    layer = nn.Recurrent("rnn_identity", 1, 50, bias=False, recurrent_dropout=0.4)
    with torch.no_grad():
        layer.weight_hh_l0.copy_(torch.eye(50))
    x, h0 = torch.zeros(4, 6, 1), torch.ones(1, 6, 50)
    output, _ = layer(x, h0)
    mask = output[0]
    assert mask.unique().tolist() == pytest.approx([0, 1 / 0.6])
    for step in range(4):
        torch.testing.assert_close(output[step], mask ** (step + 1))
    assert not torch.equal(mask[0], mask[1])
    assert float((mask == 0).float().mean()) == pytest.approx(0.4, abs=0.1)
    assert not torch.equal(layer(x, h0)[0], output)
    torch.testing.assert_close(layer.eval()(x, h0)[0], torch.ones(4, 6, 50))


def test_locked_dropout_between_layers_holds_over_time() -> None:
    """Layer 0 copies its input, layer 1 too: what comes out is the mask."""
    layer = nn.Recurrent("rnn_identity", 30, 30, 2, bias=False, dropout=0.5, locked_dropout=True)
    with torch.no_grad():
        for k in (0, 1):
            getattr(layer, f"weight_ih_l{k}").copy_(torch.eye(30))
            getattr(layer, f"weight_hh_l{k}").zero_()
    output, _ = layer(torch.ones(6, 3, 30), lengths=[6, 2, 4])
    for row, n in enumerate([6, 2, 4]):
        assert bool((output[:n, row] == output[0, row]).all())
    assert not torch.equal(output[0, 0], output[0, 1])
    assert sorted(output[0].unique().tolist()) == [0, 2]
    assert bool((layer.eval()(torch.ones(6, 3, 30))[0] == 1).all())


def test_dropout_between_layers_statistics() -> None:
    layer = nn.Recurrent("rnn_identity", 30, 30, 2, bias=False, dropout=0.25)
    with torch.no_grad():
        for k in (0, 1):
            getattr(layer, f"weight_ih_l{k}").copy_(torch.eye(30))
            getattr(layer, f"weight_hh_l{k}").zero_()
    output, _ = layer(torch.ones(40, 20, 30))
    assert float((output == 0).double().mean()) == pytest.approx(0.25, abs=0.01)
    assert not torch.equal(output[0], output[1])


@pytest.mark.parametrize("training", [True, False])
def test_zoneout_of_one_keeps_the_initial_state(training: bool) -> None:
    layer = _lstm(zoneout=1.0).train(training)
    h0, c0 = hx = _states(layer)
    output, (h, c) = layer(X, hx)
    assert torch.equal(h, h0)
    assert torch.equal(c, c0)
    assert torch.equal(output, h0.expand(5, 3, 4))


def test_zoneout_takes_the_expectation_in_evaluation() -> None:
    plain, zoned = _lstm().eval(), _lstm(zoneout=(0.3, 0.0)).eval()
    hx = _states(plain)
    h0 = hx[0]
    h1, _ = plain(X[:1], hx)
    torch.testing.assert_close(zoned(X[:1], hx)[0], 0.3 * h0 + 0.7 * h1)
    torch.manual_seed(1)
    drawn = zoned.train()(X[:1], hx)[0]
    assert bool(((drawn == h0) | (drawn - h1).abs().lt(1e-12)).all())
    assert bool((drawn == h0).any())


def test_weight_drop_draws_each_call_and_leaves_the_weights_alone() -> None:
    layer = _lstm(weight_drop=0.5)
    before = {name: p.clone() for name, p in layer.state_dict().items()}
    first, second = layer(X)[0], layer(X)[0]
    assert not torch.allclose(first, second)
    torch.testing.assert_close(first[0], second[0])  # from a zero state the recurrent matrix does nothing
    first.square().sum().backward()
    dropped = (layer.weight_hh_l0.grad == 0).double().mean()
    assert float(dropped) == pytest.approx(0.5, abs=0.2)
    assert layer.weight_ih_l0.grad.count_nonzero() == layer.weight_ih_l0.numel()
    assert before.keys() == layer.state_dict().keys() == _lstm().state_dict().keys()
    assert all(torch.equal(before[name], p) for name, p in layer.state_dict().items())
    torch.testing.assert_close(layer.eval()(X), _lstm()(X))


def test_layer_norm_makes_the_scale_of_the_input_not_matter() -> None:
    layer = _lstm(layer_norm=True, bidirectional=True)
    torch.testing.assert_close(layer(X * 1000)[0], layer(X * 3000)[0], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(_lstm()(X * 1000)[0], layer(X * 1000)[0][..., :4])
    assert bool((layer.norm_ih_weight_l0 == 1).all())
    assert bool((layer.norm_c_bias_l0_reverse == 0).all())


def test_learned_state_is_used_and_learns() -> None:
    layer = _lstm(learned_state=True, num_layers=2, bidirectional=True)
    plain = _lstm(num_layers=2, bidirectional=True)
    torch.testing.assert_close(layer(X), plain(X))
    assert layer.initial_h.shape == layer.initial_c.shape == (4, 4)
    layer(X)[0].square().sum().backward()
    for name in ("initial_h", "initial_c"):
        assert bool((layer.get_parameter(name).grad.abs().sum(1) > 0).all())
        torch.nn.init.normal_(layer.get_parameter(name))
    hx = tuple(p[:, None].expand(4, 3, 4) for p in (layer.initial_h, layer.initial_c))
    torch.testing.assert_close(layer(X), plain(X, hx))
    other = _states(layer)
    torch.testing.assert_close(layer(X, other), plain(X, other))


def test_backend_is_demanded() -> None:
    with kernels.ran() as ran:
        _lstm(backend="reference")(X)
        _lstm(backend="torch")(X)
    assert ran == ["reference", "torch"]
    with pytest.raises(BackendError, match="cannot run this layer: torch has no kernel for cell 'gru_simple'"):
        nn.Recurrent("gru_simple", 2, 4, backend="torch")(X.float())


def test_options_that_train_alone_leave_evaluation_to_the_fast_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OSTINATO_BACKEND", raising=False)
    layer = _lstm(recurrent_dropout=0.5, weight_drop=0.5, truncate=2).eval()
    with kernels.ran() as ran:
        result = layer(X)
    torch.testing.assert_close(result, _lstm()(X))
    assert len(ran) == 1
    assert ran != ["reference"]


def test_a_cell_itself_and_repr() -> None:
    layer = nn.Recurrent(CELLS["gru"], 2, 4)
    assert layer.mode == "GRU"
    assert repr(layer) == "Recurrent('gru', 2, 4)"
    assert repr(_lstm(zoneout=0.1, bias="single")) == "LSTM(2, 4, bias='single', zoneout=(0.1, 0.1))"
