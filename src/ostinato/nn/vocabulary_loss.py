"""The last product of a model with a large vocabulary and its cross-entropy, in blocks that suit the caches."""

from typing import Any

import torch
from torch import Tensor

_PRODUCT = 1 << 24  # logits that a product makes at most: few blocks, so that W's gradient is seldom added to
_SOFTMAX = 1 << 18  # logits that the passes of a softmax go over at once: a core's own cache holds them


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

    Use it in place of a linear layer and `cross_entropy` where V is in the thousands: of the (N, V) logits a few
    millions are there at a time, and their gradients take their place. A softmax goes over so few rows at once that
    they stay in a core's own cache.

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
    settings = (products, label_smoothing, torch.is_grad_enabled())  # inside of a Function autograd is always off
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
        learns: bool,
    ) -> Tensor:
        N, V, own = len(hidden), len(weight), hidden.dtype
        wanted = learns and any(ctx.needs_input_grad)
        fast = products if own == torch.float32 else own
        h_all, w = hidden.to(fast), weight.to(fast)
        d_hidden, d_weight, d_bias = torch.empty_like(hidden), torch.zeros_like(weight), torch.zeros_like(bias)
        nats = hidden.new_zeros((), dtype=torch.float64)
        sure, spread = 1.0 - label_smoothing, label_smoothing / V  # of the target's mass: at the token, at every token
        rows, few = max(1, _PRODUCT // V), max(1, _SOFTMAX // V)
        for h, target, d_h in zip(*(t.split(rows) for t in (h_all, targets[:, None], d_hidden)), strict=True):
            logits = torch.mm(h, w.t())  # (n, V); their gradients take their place
            for piece, at in zip(logits.split(few), target.split(few), strict=True):
                logp = (piece + bias).log_softmax(dim=1)
                nats -= sure * logp.gather(1, at).sum()
                if spread:
                    nats -= spread * logp.sum()
                if wanted:
                    p = logp.exp_()
                    if spread:
                        p -= spread
                    p.scatter_add_(1, at, p.new_full(at.shape, -sure))  # d logits = softmax - target
                    d_bias += p.sum(dim=0)
                    piece.copy_(p)
            if wanted:
                d_h.copy_(torch.mm(logits, w))
                if fast == own:
                    d_weight.addmm_(logits.t(), h)
                else:
                    d_weight += torch.mm(logits.t(), h)
        if wanted:
            ctx.save_for_backward(*(d.div_(N) for d in (d_hidden, d_weight, d_bias)))
        return (nats / N).to(own)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, d_loss: Tensor) -> tuple[Tensor | None, ...]:
        return *(d * d_loss for d in ctx.saved_tensors), None, None, None, None
