"""Runs of modules that are called as torch's are: torch's own, and ours."""

from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from kernels.problem import Problem
from kernels.run import Run


def load(module: torch.nn.Module, p: Problem) -> None:
    """Give a module the problem's weights; they stand in the order of `Problem.weights`."""
    s = p.shape
    names = [f"_l{layer}{end}" for layer in range(s.L) for end in ("", "_reverse")[: s.D]]
    state = {f"{n}{name}": torch.tensor(v) for name, w in zip(names, p.weights, strict=True) for n, v in w.items()}
    module.load_state_dict(state)


def padded(module: torch.nn.Module, p: Problem) -> Run:
    """Run on a padded tensor, time first: what modules of torch like best."""
    x, dy = torch.tensor(p.x), torch.tensor(p.dy)
    note = "padded" if p.shape.ragged else ""
    # The reverse direction of a padded batch reads the padding first: another function, and what most programs run.
    same = not (p.shape.ragged and p.shape.D == 2)
    return Run(_call(module, p.kind, x, x, dy), _read(module, p.kind, lambda y: y), note, same)


def packed(module: torch.nn.Module, p: Problem) -> Run:
    """Run on a packed batch."""
    lengths = torch.tensor(p.lengths)
    batch = pack_padded_sequence(torch.tensor(p.x), lengths)
    dy = pack_padded_sequence(torch.tensor(p.dy), lengths).data
    leaf = batch.data.contiguous()

    def unpack(data: torch.Tensor) -> torch.Tensor:
        return pad_packed_sequence(PackedSequence(data, batch.batch_sizes))[0]

    return Run(
        _call(module, p.kind, PackedSequence(leaf, batch.batch_sizes), leaf, dy),
        _read(module, p.kind, unpack),
        "packed",
    )


def _call(module: torch.nn.Module, kind: str, given: Any, leaf: torch.Tensor, dy: torch.Tensor) -> Any:
    parameters = list(module.parameters())
    if kind == "train":
        leaf.requires_grad_()

    def infer() -> list[torch.Tensor]:
        with torch.inference_mode():
            y = module(given)[0]
            return [y.data if isinstance(y, PackedSequence) else y]

    def train() -> list[torch.Tensor]:
        y = module(given)[0]
        y = y.data if isinstance(y, PackedSequence) else y
        return [y, *torch.autograd.grad(y, [leaf, *parameters], dy)]

    return train if kind == "train" else infer


def _read(module: torch.nn.Module, kind: str, unpack: Any) -> Any:
    matrices = [k for k, (name, _) in enumerate(module.named_parameters()) if name.startswith("weight")]

    def read(results: list[torch.Tensor]) -> dict[str, np.ndarray]:
        y, *gradients = (r.detach() for r in results)
        found = {"y": unpack(y).numpy()}
        if kind == "train":
            dx, *dparameters = gradients
            found["dx"] = unpack(dx).numpy()
            found["dweights"] = np.concatenate([dparameters[k].numpy().ravel() for k in matrices])
        return found

    return read
