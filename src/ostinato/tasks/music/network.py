"""The music model as a torch module: notes that sound in, scores of those to sound next out."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import LockedDropout, Recurrent, rows
from ostinato.nn.arguments import probability


class MusicNetwork(nn.Module):
    """Notes of a step → recurrent layers → a logit for each note of the next step.

    Given what was before, the notes of a step are independent of each other. Use it by itself where you train with a
    loop of your own; `MusicModel` is it with everything around.

    Args:
        notes: P, pitches there are.
        hidden_size: H, units of a layer.
        num_layers: L.
        input_dropout: probability of dropping a note of the input, at all steps of a piece.
        dropout: probability of dropping a feature between layers, likewise.
        output_dropout: probability of dropping a feature behind the last layer, likewise.
        cell: name in `ostinato.cells.CELLS`.
        **recurrent: of `nn.Recurrent`.

    Source: the RNN of Boulanger-Lewandowski et al. 2012, "Modeling Temporal Dependencies in High-Dimensional
    Sequences", section 2.

    Example:
        >>> from ostinato.nn import pack
        >>> network = MusicNetwork(notes=3, hidden_size=4)
        >>> logits, states = network(pack([torch.zeros(2, 4), torch.zeros(5, 4)]))
        >>> logits.shape
        torch.Size([7, 3])
    """

    def __init__(
        self,
        *,
        notes: int,
        hidden_size: int = 200,
        num_layers: int = 1,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        output_dropout: float = 0.0,
        cell: str = "lstm",
        **recurrent: Any,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        self.input_dropout = LockedDropout(probability("input_dropout", input_dropout))
        self.output_dropout = LockedDropout(probability("output_dropout", output_dropout))
        between = probability("dropout", dropout) if num_layers > 1 else 0.0  # one layer has nothing between
        self.recurrent = Recurrent(
            cell, notes + 1, hidden_size, num_layers, dropout=between, locked_dropout=True, **recurrent
        )
        self.output = nn.Linear(hidden_size, notes)

    def forward(self, inputs: PackedSequence, states: Any = None) -> tuple[Tensor, Any]:
        """Read steps on from a state.

        Args:
            inputs: (N, P + 1) packed: which notes sound; the last column is 1 before a piece begins.
            states: where each row's reading stands, rows in packed order; none begins anew.

        Returns:
            (N, P) logits of the notes of each next step, and the states behind each row's last step.
        """
        packed = PackedSequence(inputs.data, inputs.batch_sizes)  # without an order of its own: states are in ours
        packed, after = self.recurrent(self.input_dropout(packed), states)
        return self.output(self.output_dropout(packed).data), after


def begun(roll: Tensor) -> Tensor:
    """A (T, P) roll with the mark of a piece's beginning before it, (T + 1, P + 1)."""
    marked = nn.functional.pad(roll, (0, 1, 1, 0))
    marked[0, -1] = 1
    return marked


def foreseen(packed: PackedSequence) -> tuple[PackedSequence, Tensor]:
    """Cut pieces that begin with their mark into what is read and what is to be foreseen from it.

    Args:
        packed: (N, P + 1), rows of `begun`.

    Returns:
        all steps but each row's last one, packed; and the notes of all steps but each row's first one, in that order.
    """
    sizes = packed.batch_sizes
    going_on = torch.cat([sizes[1:], sizes.new_zeros(1)]).repeat_interleave(sizes)  # rows that have a next step
    read = packed.data[(rows(sizes) < going_on).to(packed.data.device)]
    return PackedSequence(read, sizes[1:]), packed.data[int(sizes[0]) :, :-1]
