"""The last product of a model with a large vocabulary and its cross-entropy, in one pass that stays in the cache."""

from typing import Any

import torch
from torch import Tensor

_LOGITS = 1 << 21  # of a block: 8 MB, which the caches hold


def vocabulary_loss(
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor,
    targets: Tensor,
    *,
    products: torch.dtype = torch.float32,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Mean cross-entropy of `hidden @ weight.T + bias` against one token a row, in nats.

    Use it in place of a linear layer and `cross_entropy` where V is in the thousands: the (N, V) logits are never
    written to memory as a whole. They are made in blocks of rows, and a block's gradients are added up while the
    block is still in the cache.

    Args:
        hidden: (N, E) floats.
        weight: (V, E).
        bias: (V,).
        targets: (N,) int64, from 0 to V - 1.
        products: type in which the three products are taken; `torch.bfloat16` is several times as fast on processors
            that have it, and the softmax and all sums stay in the type of `hidden` (mixed precision: Micikevicius et
            al. 2018).
        label_smoothing: this share of the target is spread evenly over all tokens (Szegedy et al. 2016).

    Returns:
        Scalar. It can be differentiated once, with respect to `hidden`, `weight` and `bias`.

    Cost: the three products of the plain way, without its passes over (N, V) in memory.

    Example:
        >>> h, w, b = torch.zeros(2, 3), torch.zeros(4, 3), torch.zeros(4)
        >>> round(vocabulary_loss(h, w, b, torch.tensor([0, 3])).item(), 4)  # log 4
        1.3863
    """
    settings = (products, label_smoothing)
    loss: Tensor = _VocabularyLoss.apply(hidden, weight, bias, targets, *settings)  # type: ignore[no-untyped-call]
    return loss


class _VocabularyLoss(torch.autograd.Function):
    """The gradients are known with the loss: they are made in the forward, and scaled in the backward."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        products: torch.dtype,
        label_smoothing: float,
    ) -> Tensor:
        N, V, own = len(hidden), len(weight), hidden.dtype
        wanted = any(ctx.needs_input_grad)
        fast = products if own == torch.float32 else own
        h_all, w = hidden.to(fast), weight.to(fast)
        d_hidden, d_weight, d_bias = torch.empty_like(hidden), torch.zeros_like(weight), torch.zeros_like(bias)
        nats = hidden.new_zeros((), dtype=torch.float64)
        sure, spread = 1.0 - label_smoothing, label_smoothing / V  # of the target's mass: at the token, at every token
        block = max(1, _LOGITS // V)
        for begin in range(0, N, block):
            h, target = h_all[begin : begin + block], targets[begin : begin + block, None]
            logp = torch.mm(h, w.t()).to(own).add_(bias).log_softmax(dim=1)  # (n, V)
            nats -= sure * logp.gather(1, target).sum()
            if spread:
                nats -= spread * logp.sum()
            if wanted:
                p = logp.exp_()
                if spread:
                    p -= spread
                p.scatter_add_(1, target, p.new_full((len(h), 1), -sure))  # d logits = softmax - target
                d_bias += p.sum(dim=0)
                p = p.to(fast)
                d_hidden[begin : begin + block] = torch.mm(p, w)
                if fast == own:
                    d_weight.addmm_(p.t(), h)
                else:
                    d_weight += torch.mm(p.t(), h)
        if wanted:
            ctx.save_for_backward(*(d.div_(N) for d in (d_hidden, d_weight, d_bias)))
        return (nats / N).to(own)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, d_loss: Tensor) -> tuple[Tensor | None, ...]:
        return *(d * d_loss for d in ctx.saved_tensors), None, None, None
