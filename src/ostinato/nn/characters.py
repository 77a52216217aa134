"""From the characters of a word to a vector of it: by convolution or by a recurrent layer, without padding."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato.nn.arguments import one_of, whole
from ostinato.nn.packed import lengths, offsets, rows, steps
from ostinato.nn.pooling import row_maximum
from ostinato.nn.recurrent import Recurrent


class CharacterEncoder(nn.Module):
    """One vector a word, from its characters; it sees capitals, endings and words that no vocabulary has.

    Use it beside word vectors in a tagger. Give it each distinct word of a batch once, and look the result up by token.

    Args:
        alphabet: A, characters there are.
        size: features of a character.
        features: features of a word; even where `kind` is recurrent.
        kind: "convolution": the strongest answer of each filter anywhere in the word; "recurrent": the last states of
            an LSTM that reads it from both ends.
        width: characters that a filter sees, odd; beyond a word's ends it sees zeros.

    Raises:
        InputError: a value that is unknown or out of range.

    Source: convolution: dos Santos and Zadrozny 2014, Ma and Hovy 2016; recurrent: Lample et al. 2016.

    Example:
        >>> from ostinato.nn import pack
        >>> words = pack([torch.tensor([1, 2, 3]), torch.tensor([4])])
        >>> CharacterEncoder(10, features=6)(words).shape
        torch.Size([2, 6])
    """

    def __init__(
        self,
        alphabet: int,
        size: int = 25,
        features: int = 50,
        kind: Literal["convolution", "recurrent"] = "convolution",
        width: int = 3,
    ) -> None:
        super().__init__()
        one_of("kind", kind, ("convolution", "recurrent"))
        self.kind = kind
        self.features = whole("features", features, 1)
        self.embedding = nn.Embedding(whole("alphabet", alphabet, 1), whole("size", size, 1))
        nn.init.uniform_(self.embedding.weight, -((3 / size) ** 0.5), (3 / size) ** 0.5)
        if kind == "convolution":
            if whole("width", width, 1) % 2 == 0:
                raise InputError(f"width={width}; expected an odd number, so that a filter has a middle; add 1")
            self.width = width
            self.filters = nn.Linear(width * size, features)
        else:
            if features % 2:
                raise InputError(f"features={features}; expected an even number, half a direction; add 1")
            self.recurrent = Recurrent("lstm", size, features // 2, bidirectional=True)

    def forward(self, letters: PackedSequence) -> Tensor:
        """Encode words.

        Args:
            letters: (M,) int64 characters of F words, packed.

        Returns:
            (F, features), words in the order they were given in.
        """
        if self.kind == "recurrent":
            vectors = PackedSequence(
                self.embedding(letters.data), letters.batch_sizes, letters.sorted_indices, letters.unsorted_indices
            )
            _, (h, _) = self.recurrent(vectors)
            return torch.cat([h[0], h[1]], dim=1)
        row = rows(letters.batch_sizes).to(letters.data.device)
        words = torch.tanh(row_maximum(self._filtered(letters), row, int(letters.batch_sizes[0])))
        return words if letters.unsorted_indices is None else words.index_select(0, letters.unsorted_indices)

    def _filtered(self, letters: PackedSequence) -> Tensor:
        """Answer of every filter at every character, (M, features).

        The product of filter and character is done once a *distinct* character; a sum of `width` rows is left.
        """
        data, sizes = letters.data, letters.batch_sizes
        A, size = self.embedding.weight.shape
        parts = self.filters.weight.reshape(self.features, self.width, size)
        table = torch.einsum("ac,fkc->kaf", self.embedding.weight, parts)  # (width, A, features)
        table = torch.cat([table, table.new_zeros(self.width, 1, self.features)], dim=1)  # the last row: no character
        row, step, length = rows(sizes), steps(sizes), lengths(sizes)
        begin = offsets(sizes)
        answer: Tensor = self.filters.bias
        for k in range(self.width):
            other = step + k - self.width // 2
            inside = (other >= 0) & (other < length[row])
            place = begin[other.clamp(0, len(begin) - 1)] + row
            character = torch.where(inside.to(data.device), data[torch.where(inside, place, 0).to(data.device)], A)
            answer = answer + nn.functional.embedding(character, table[k])
        return answer

    def extra_repr(self) -> str:
        """The kind, as `print(module)` shows it."""
        return f"kind={self.kind!r}"
