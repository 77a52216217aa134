"""When it pays to project each distinct row once, and to gather the products, instead of projecting every token."""

import torch

# What the gather costs, as inputs I of a product that would take as long: forward, and forward with backward, where the
# gradients of equal tokens are added up but three products become smaller. From benchmarks/bench_tokens.py --sweep,
# where finding out which tokens are equal counts too.
_FORWARD, _BOTH = 32, 14


def projecting_once_pays(N: int, U: int, I: int) -> bool:  # noqa: E741  (the field's letter)
    """Say whether N tokens that are U different rows of I inputs are better projected once a row.

    The input product falls from N * I to U * I multiply-adds a gate, and N numbers a gate are moved. How many gates and
    units there are does not matter: both grow with them.
    """
    cost = _BOTH if torch.is_grad_enabled() else _FORWARD
    return cost * N < (N - U) * I
