"""A `LanguageModel`'s network and training as they are usually written in torch: `nn.LSTM`, `nn.Linear`, a loop."""

import time
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

State = list[tuple[Tensor, Tensor]]


class PlainTorchLanguage(nn.Module):
    """Takes the weights of an LSTM language model with tied weights and a full softmax.

    Args:
        model: a fitted `LanguageModel`.
        autocast: whether its products are taken in bfloat16, as torch's autocast has it.
    """

    def __init__(self, model: Any, autocast: bool) -> None:
        super().__init__()
        network = model.network_
        self.autocast = autocast
        self.drops = (model.input_dropout, model.dropout, model.output_dropout)
        self.embedding = nn.Embedding(*network.embedding.weight.shape)
        self.layers = nn.ModuleList(nn.LSTM(layer.input_size, layer.hidden_size) for layer in network.layers)
        self.output = nn.Linear(*network.output.weight.shape[::-1])
        with torch.no_grad():
            self.embedding.weight.copy_(network.embedding.weight)
            self.output.bias.copy_(network.output.bias)
            for mine, theirs in zip(self.layers, network.layers, strict=True):
                state = theirs.state_dict()
                for name, value in mine.state_dict().items():  # ours has one bias a gate; torch adds two
                    value.copy_(state.get(name, torch.zeros_like(value)))
        self.output.weight = self.embedding.weight
        self.clip_norm = model.clip_norm
        self.optimizer = torch.optim.Adam(self.parameters(), lr=model.lr, fused=True)

    def forward(self, tokens: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Scores (T, B, V) of what follows each of (T, B) tokens, and the state behind the last."""
        first, between, last = self.drops
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            x, after = self._drop(self.embedding(tokens), first), []
            for number, layer in enumerate(self.layers):
                x, ended = layer(x, None if state is None else state[number])
                after.append((ended[0].detach(), ended[1].detach()))
                x = self._drop(x, between if number < len(self.layers) - 1 else last)
            return self.output(x), after

    def _drop(self, x: Tensor, rate: float) -> Tensor:
        """The same features at all steps of a piece (as AWD-LSTM's LockedDropout)."""
        if not self.training or not rate:
            return x
        return x * x.new_empty(1, *x.shape[1:]).bernoulli_(1 - rate).div_(1 - rate)

    def nats(self, tokens: Tensor, targets: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Mean cross-entropy, and the state."""
        scores, after = self(tokens, state)
        return cross_entropy(scores.flatten(0, 1).float(), targets.flatten()), after

    def train_on(self, pieces: Iterable[tuple[Tensor, Tensor]]) -> float:
        """Take a step on each piece, the state carried on; tokens a second."""
        self.train()
        state, tokens, began = None, 0, time.perf_counter()
        for inputs, targets in pieces:
            loss, state = self.nats(inputs, targets, state)
            loss.item()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.parameters(), self.clip_norm)
            self.optimizer.step()
            tokens += targets.numel()
        return tokens / (time.perf_counter() - began)
