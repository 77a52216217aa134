"""Our layers are torch's: same parameters, outputs, states and gradients, in every form of input, on both backends."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from ostinato import kernels, nn
from ostinato.kernels.native import missing
from ostinato.testing.cases import CASES, Case, small_cases
from ostinato.testing.rel_l2 import rel_l2

TOLERANCE = 1e-12  # relative L2, float64
FORMS = ("dense", "batch_first", "single", "sorted", "unsorted", "padded")


def _table() -> Iterator[tuple[str, str, str]]:
    """Layer, case and form of the input, wherever they go together."""
    for layer in ("RNN", "RELU", "LSTM", "GRU"):
        for name, case in small_cases():
            if case.proj_size and layer != "LSTM":
                continue
            for form in FORMS:
                ragged = form in ("sorted", "unsorted", "padded")
                if (form == "single" and case.B == 1) or ragged or (form != "single" and not case.lengths):
                    yield layer, name, form


def _make(
    layer: str, case: Case, form: str, dtype: torch.dtype = torch.float64
) -> tuple[nn.Recurrent, torch.nn.Module]:
    """Our layer, and torch's with the same weights."""
    options: dict[str, Any] = {"nonlinearity": "relu"} if layer == "RELU" else {}
    if case.proj_size:
        options["proj_size"] = case.proj_size
    kind = "RNN" if layer == "RELU" else layer
    options |= {"num_layers": case.num_layers, "bidirectional": case.bidirectional, "dtype": dtype}
    options["batch_first"] = form == "batch_first"
    theirs = getattr(torch.nn, kind)(case.I, case.H, **options)
    ours: nn.Recurrent = getattr(nn, kind)(case.I, case.H, bias="single" if case.single_bias else True, **options)
    if case.single_bias:
        with torch.no_grad():
            for name, parameter in theirs.named_parameters():
                parameter.mul_(0.0 if name.startswith("bias_hh") else 1.0)
    missing = ours.load_state_dict(theirs.state_dict(), strict=not case.single_bias).missing_keys
    assert not missing
    return ours, theirs


def _input(case: Case, form: str) -> tuple[Tensor, Callable[[torch.nn.Module, Tensor, Any], Any]]:
    """A leaf, and the call that hands it to a layer in that form."""
    shape = {"batch_first": (case.B, case.T, case.I), "single": (case.T, case.I)}.get(form, (case.T, case.B, case.I))
    gap = 2 if case.strided else 1
    x = torch.randn(*shape[:-1], gap * case.I, dtype=torch.float64)[..., ::gap].requires_grad_()
    if form in ("dense", "batch_first", "single"):
        return x, lambda layer, leaf, hx: layer(leaf, hx)
    length = torch.tensor(case.lengths or (case.T,) * case.B)
    if form != "sorted":
        length = length[torch.randperm(case.B)]

    def call(layer: torch.nn.Module, leaf: Tensor, hx: Any) -> Any:
        if form == "padded" and isinstance(layer, nn.Recurrent):
            return layer(leaf, hx, lengths=length.tolist())
        output, states = layer(pack_padded_sequence(leaf, length, enforce_sorted=form == "sorted"), hx)
        return (pad_packed_sequence(output)[0] if form == "padded" else output), states

    return x, call


def _states(case: Case, form: str, layer: nn.Recurrent) -> Any:
    rows = () if form == "single" else (case.B,)
    LD = layer.num_layers * layer.num_directions
    sizes = [case.proj_size or case.H, case.H][: len(layer.cell.states)]
    states = tuple(torch.randn(LD, *rows, size, dtype=torch.float64, requires_grad=True) for size in sizes)
    return states if len(states) > 1 else states[0]


def _leaves(value: Any, dtype: torch.dtype) -> Any:
    """The tensors in a value as new leaves of another dtype."""
    if isinstance(value, tuple):
        return tuple(_leaves(each, dtype) for each in value)
    return value if value is None else value.detach().to(dtype).requires_grad_()


def _weighed(value: Tensor) -> Tensor:
    """The sum with random weights, the same ones for every dtype."""
    return (torch.randn(value.shape, dtype=torch.float64).to(value.dtype) * value).sum()


def _run(call: Callable[..., Any], layer: torch.nn.Module, x: Tensor, hx: Any) -> dict[str, Tensor]:
    """Outputs, states and the gradients of everything, by name."""
    output, states = call(layer, x, hx)
    out = output.data if isinstance(output, PackedSequence) else output
    each = {"output": out} | {f"state {n}": s for n, s in enumerate(states if isinstance(states, tuple) else (states,))}
    torch.manual_seed(5)
    score = sum((_weighed(v) for v in each.values()), torch.zeros(()))
    leaves = {"dx": x, **{f"d{name}": p for name, p in layer.named_parameters()}}
    if hx is not None:
        leaves |= {f"dh{n}": s for n, s in enumerate(hx if isinstance(hx, tuple) else (hx,))}
    gradients = torch.autograd.grad(score, list(leaves.values()))
    return {k: v.detach() for k, v in each.items()} | dict(zip(leaves, gradients, strict=True))


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("backend", ["reference", "torch"])
@pytest.mark.parametrize(("layer", "name", "form"), list(_table()))
def test_equals_torch(layer: str, name: str, form: str, backend: str) -> None:
    case = CASES[name]
    torch.manual_seed(0)
    ours, theirs = _make(layer, case, form)
    x, call = _input(case, form)
    hx = None if form == "sorted" else _states(case, form, ours)
    with kernels.use(backend), kernels.ran() as ran:
        got = _run(call, ours, x, hx)
    assert ran == [backend] * case.num_layers
    wanted = _run(call, theirs, x, hx)
    assert got.keys() == {key for key in wanted if not (case.single_bias and key.startswith("dbias_hh"))}
    errors = {key: rel_l2(got[key], wanted[key]) for key in got}
    assert max(errors.values()) <= TOLERANCE, errors


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(("layer", "name", "form"), list(_table()))
def test_default_path_in_single_precision(layer: str, name: str, form: str) -> None:
    """What users run: float32, no backend demanded, against torch in float64 with the same numbers."""
    case = CASES[name]
    torch.manual_seed(0)
    ours, theirs = _make(layer, case, form, torch.float32)
    x, call = _input(case, form)
    hx = None if form == "sorted" else _states(case, form, ours)
    inputs = _leaves((x, hx), torch.float32)
    with kernels.ran() as ran:
        got = _run(call, ours, *inputs)
    assert ran == ["native"] * case.num_layers
    wanted = _run(call, theirs.double(), *_leaves(inputs, torch.float64))
    for key, value in got.items():
        assert rel_l2(value, wanted[key]) <= (1e-5 if key.startswith("d") else 2e-6), key


LAYERS = [
    ("RNN", {"nonlinearity": "relu"}),
    ("LSTM", {"num_layers": 2, "bidirectional": True, "proj_size": 2}),
    ("GRU", {"num_layers": 3, "bias": False, "batch_first": True}),
]


@pytest.mark.parametrize(("name", "options"), LAYERS)
def test_same_seed_same_parameters(name: str, options: dict[str, Any]) -> None:
    torch.manual_seed(3)
    theirs = getattr(torch.nn, name)(3, 4, **options)
    torch.manual_seed(3)
    ours = getattr(nn, name)(3, 4, **options)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert [[tuple(p.shape) for p in group] for group in ours.all_weights] == [
        [tuple(p.shape) for p in group] for group in theirs.all_weights
    ]
    theirs.load_state_dict(ours.state_dict(), strict=True)


@pytest.mark.parametrize(("name", "options"), LAYERS)
def test_same_attributes_and_text(name: str, options: dict[str, Any]) -> None:
    theirs, ours = getattr(torch.nn, name)(3, 4, **options), getattr(nn, name)(3, 4, **options)
    sizes = ("input_size", "hidden_size", "num_layers", "proj_size")
    for attribute in (*sizes, "bias", "batch_first", "dropout", "bidirectional", "mode"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert repr(ours) == repr(theirs)


def test_positional_arguments() -> None:
    assert repr(nn.RNN(3, 4, 2, "relu", False, True, 0.5, True)) == repr(
        torch.nn.RNN(3, 4, 2, "relu", False, True, 0.5, True)
    )
    assert nn.RNN(3, 4, 2, "relu").nonlinearity == "relu"
    assert repr(nn.LSTM(3, 4, 2, False, True, 0.5, True, 1)) == repr(torch.nn.LSTM(3, 4, 2, False, True, 0.5, True, 1))
    assert repr(nn.GRU(3, 4, 2, False, True, 0.5, True)) == repr(torch.nn.GRU(3, 4, 2, False, True, 0.5, True))


def test_packed_output_keeps_the_order_of_rows() -> None:
    packed = pack_padded_sequence(torch.randn(4, 3, 2), torch.tensor([2, 4, 1]), enforce_sorted=False)
    output, _ = nn.GRU(2, 3)(packed)
    assert output.batch_sizes is packed.batch_sizes
    assert torch.equal(output.sorted_indices, packed.sorted_indices)
    assert torch.equal(output.unsorted_indices, packed.unsorted_indices)


@pytest.mark.parametrize("batch_first", [False, True])
def test_no_rows(batch_first: bool) -> None:
    x = torch.zeros((0, 5, 3) if batch_first else (5, 0, 3))
    ours, theirs = nn.LSTM(3, 4, 2, True, batch_first), torch.nn.LSTM(3, 4, 2, True, batch_first)
    (y, (h, c)), (y_, (h_, c_)) = ours(x), theirs(x)
    assert (y.shape, h.shape, c.shape) == (y_.shape, h_.shape, c_.shape)


def test_strided_input_and_states() -> None:
    layer, theirs = nn.LSTM(3, 4), torch.nn.LSTM(3, 4)
    theirs.load_state_dict(layer.state_dict())
    x = torch.randn(5, 6, 7)[:, ::2, 1:4]
    hx = tuple(torch.randn(3, 4, 1).permute(2, 0, 1) for _ in "hc")
    torch.testing.assert_close(layer(x, hx), theirs(x, hx))


def test_second_step_from_carried_state() -> None:
    layer, theirs = nn.GRU(3, 4, 2), torch.nn.GRU(3, 4, 2)
    theirs.load_state_dict(layer.state_dict())
    x = torch.randn(6, 2, 3)
    _, h = layer(x[:3])
    torch.testing.assert_close(layer(x[3:], h)[0], theirs(x)[0][3:])


def test_dropout_between_layers_draws_what_torch_draws() -> None:
    ours, theirs = nn.LSTM(3, 4, 3, dropout=0.4), torch.nn.LSTM(3, 4, 3, dropout=0.4)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(5, 2, 3)
    torch.manual_seed(1)
    expected = theirs(x)[0]
    torch.manual_seed(1)
    torch.testing.assert_close(ours(x)[0], expected)
    assert not torch.allclose(ours(x)[0], expected)
    torch.testing.assert_close(ours.eval()(x)[0], theirs.eval()(x)[0])
