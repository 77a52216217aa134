"""An LSTM inside a PyTorch model, replaced: the same constructor, the same weights, the same numbers, ragged batches.

python examples/torch_dropin.py
"""

import torch

from ostinato import nn

torch.manual_seed(0)


class Tagger(torch.nn.Module):
    """A model as people write them; only the class of `rnn` changes."""

    def __init__(self, lstm: type[torch.nn.Module]) -> None:
        super().__init__()
        self.rnn = lstm(input_size=8, hidden_size=16, num_layers=2, bidirectional=True, batch_first=True)
        self.head = torch.nn.Linear(32, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, T, 8) to (B, T, 3)."""
        return self.head(self.rnn(x)[0])


before = Tagger(torch.nn.LSTM)
after = Tagger(nn.LSTM)
after.load_state_dict(before.state_dict())  # the keys are torch's
x = torch.randn(4, 10, 8)  # (B, T, I)
print(f"largest difference: {(before(x) - after(x)).abs().max().item():.1e}")

# Beyond torch: lengths in any order, no padding computed, dropout on the recurrent path, any cell.
lengths = torch.tensor([3, 10, 7, 1])
layer = nn.GRU(8, 16, batch_first=True, recurrent_dropout=0.2, layer_norm=True)
output, last = layer(x, lengths=lengths)
print(f"output {tuple(output.shape)}, last state {tuple(last.shape)}")
output.sum().backward()
print(f"gradients: {sum(p.grad is not None for p in layer.parameters())} of {len(list(layer.parameters()))} parameters")
