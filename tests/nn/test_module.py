"""Our layers are good torch modules: copied, pickled, moved, swapped into, run by two processes."""

import copy
import io
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch

from ostinato import kernels, nn

X = torch.randn(5, 3, 2, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def layer() -> nn.LSTM:
    return nn.LSTM(2, 4, 2, bidirectional=True, peephole=True, zoneout=0.1, learned_state=True)


def test_deepcopy_is_independent(layer: nn.LSTM) -> None:
    layer.eval()
    twin = copy.deepcopy(layer)
    torch.testing.assert_close(twin(X), layer(X))
    torch.nn.init.zeros_(twin.weight_ih_l0)
    assert not torch.allclose(twin(X)[0], layer(X)[0])


def test_pickle_and_torch_save(layer: nn.LSTM) -> None:
    layer.eval()
    torch.testing.assert_close(pickle.loads(pickle.dumps(layer))(X), layer(X))
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    torch.testing.assert_close(torch.load(file, weights_only=False)(X), layer(X))


def test_state_dict_round_trip_strict(layer: nn.LSTM) -> None:
    other = nn.LSTM(2, 4, 2, bidirectional=True, peephole=True, zoneout=0.1, learned_state=True)
    other.load_state_dict(layer.state_dict(), strict=True)
    torch.testing.assert_close(other.eval()(X), layer.eval()(X))


def test_to_dtype_and_device(layer: nn.LSTM) -> None:
    layer.eval()
    single = layer(X)[0]
    double = layer.double()(X.double())[0]
    assert double.dtype == torch.float64
    torch.testing.assert_close(double.float(), single, atol=1e-6, rtol=1e-5)
    assert layer.to("meta").weight_ih_l0.is_meta
    assert nn.GRU(2, 4, device="meta", dtype=torch.float16).weight_hh_l0.dtype == torch.float16


def test_flatten_parameters_changes_nothing(layer: nn.LSTM) -> None:
    before = {name: p.clone() for name, p in layer.state_dict().items()}
    layer.flatten_parameters()
    assert all(torch.equal(before[name], p) for name, p in layer.state_dict().items())


def test_reset_parameters_draws_anew(layer: nn.LSTM) -> None:
    before = layer.weight_ih_l0.clone()
    layer.reset_parameters()
    assert not torch.equal(before, layer.weight_ih_l0)


def test_no_grad_and_inference_mode(layer: nn.LSTM) -> None:
    with torch.no_grad():
        assert not layer(X)[0].requires_grad
    with torch.inference_mode():
        assert layer(X)[0].is_inference()


def test_frozen_layer_still_passes_gradients(layer: nn.LSTM) -> None:
    layer.requires_grad_(False)
    x = X.clone().requires_grad_()
    layer(x)[0].sum().backward()
    assert x.grad is not None
    assert layer.weight_ih_l0.grad is None


def test_functional_call_and_parametrization(layer: nn.LSTM) -> None:
    layer.eval()
    zeros = {name: torch.zeros_like(p) for name, p in layer.named_parameters()}
    assert bool((torch.func.functional_call(layer, zeros, (X,))[0] == 0).all())

    class Zero(torch.nn.Module):
        def forward(self, w: torch.Tensor) -> torch.Tensor:
            return 0 * w

    before = layer(X)[0]
    torch.nn.utils.parametrize.register_parametrization(layer, "weight_hh_l0", Zero())
    assert not torch.allclose(layer(X)[0], before)


def test_assigned_parameter_is_used(layer: nn.LSTM) -> None:
    before = layer.eval()(X)[0]
    layer.weight_hh_l0 = torch.nn.Parameter(torch.zeros_like(layer.weight_hh_l0))
    assert not torch.allclose(layer(X)[0], before)
    assert layer.all_weights[0][1] is layer.weight_hh_l0


def test_forward_hooks_and_children(layer: nn.LSTM) -> None:
    seen = []
    layer.register_forward_hook(lambda module, args, result: seen.append(result[0].shape))
    torch.nn.Sequential(layer)(X)
    assert seen == [torch.Size([5, 3, 8])]


def test_explain_names_who_runs() -> None:
    layer = nn.GRU(2, 4, 2)
    explained = layer.explain(X, lengths=[5, 2, 1])
    assert [name for name, _ in explained] == list(kernels.BACKENDS)
    with kernels.ran() as names:
        layer(X, lengths=[5, 2, 1])
    assert names[0] == next(name for name, reason in explained if reason is None)
    assert "float64 given" in str(dict(layer.double().explain(X.double()))["native"])


def test_explain_draws_nothing() -> None:
    layer = nn.LSTM(2, 4, recurrent_dropout=0.5, weight_drop=0.5)
    state = torch.get_rng_state()
    assert dict(layer.explain(X))["torch"] == "torch's kernels have no recurrent dropout"
    assert torch.equal(torch.get_rng_state(), state)


DDP = """
    import datetime, sys, torch
    from ostinato import nn
    import torch.distributed as dist
    rank = int(sys.argv[2])
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method="file://" + sys.argv[1], rank=rank, world_size=2,
                            timeout=datetime.timedelta(seconds=60))
    torch.manual_seed(rank)   # different weights: DDP must make them equal
    layer = torch.nn.parallel.DistributedDataParallel(nn.LSTM(2, 3, 2, bidirectional=True))
    x = torch.randn(4, 2, 2, generator=torch.Generator().manual_seed(7))
    layer(x[:, rank : rank + 1])[0].square().sum().backward()
    alone = nn.LSTM(2, 3, 2, bidirectional=True)
    alone.load_state_dict(layer.module.state_dict())
    (alone(x)[0].square().sum() / 2).backward()
    for a, b in zip(alone.parameters(), layer.parameters(), strict=True):
        torch.testing.assert_close(b.grad, a.grad)
    dist.destroy_process_group()
"""


def test_two_processes_share_gradients(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(DDP), str(tmp_path / "meet")]
    running = [
        subprocess.Popen([*command, str(rank)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for rank in (0, 1)
    ]
    try:
        said = [process.communicate(timeout=100)[0] for process in running]
    finally:
        for process in running:
            process.kill()
    assert [process.returncode for process in running] == [0, 0], "\n".join(said)
