"""How the outputs of a layer's two directions become one."""

import torch
from torch import Tensor


def merge(outputs: list[Tensor], how: str) -> Tensor:
    """Merge the directions' outputs, each (N, P), into (N, 2 P) for `"concat"`, else (N, P)."""
    if len(outputs) == 1:
        return outputs[0]
    if how == "concat":
        return torch.cat(outputs, dim=-1)
    forward, backward = outputs
    if how == "product":
        return forward * backward
    return forward + backward if how == "sum" else (forward + backward) / 2


def merged_size(P: int, directions: int, how: str) -> int:
    """Features of the merged output."""
    return P * directions if how == "concat" else P
