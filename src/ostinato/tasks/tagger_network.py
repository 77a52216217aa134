"""The tagger as a torch module: packed tokens or numbers in, a score for each tag of each step out."""

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.data.tags import SCHEMES, parse
from ostinato.nn import CRF, CharacterEncoder, Embedding, LockedDropout, Recurrent, apply
from ostinato.nn.arguments import probability
from ostinato.nn.packed import rows
from ostinato.tasks.front import Front
from ostinato.tasks.layered import Layered


class TaggerNetwork(nn.Module):
    """Vectors of words and of their characters, or numbers → dropout (→ convolutions) → recurrent → linear (→ CRF).

    Use it by itself where you train with a loop of your own; `SequenceTagger` is it with everything around.

    Args:
        vocabulary: V, words; number 0 is the unknown one. 0 where the inputs are numbers.
        alphabet: A, characters.
        tags: C tags, in the order of the outputs.
        scheme: what they are written in, a key of `data.tags.SCHEMES`, or `None` for plain labels.
        channels: I, where the inputs are numbers.
        crf: whether a CRF decides on the whole sequence; else each token is decided by itself.
        embedding_size: features of a word's vector; 0 for none.
        embedding_dropout: probability of dropping a word's vector, wherever it stands in the batch.
        freeze_embedding: whether the words' vectors stay as they are set.
        characters: how a word is read by its characters, convolution or recurrent; `None` for not at all.
        character_size: features of a character.
        character_features: features of a word that come from its characters.
        case_dropout: probability of reading the characters of a word in lower case, in training.
        lent: cell, bias and sizes of a language model's layers, whose outputs stand beside the vectors; none for none.
        input_dropout: probability of dropping a feature of a token, at all steps of a row at once.
        dropout: probability of dropping a feature between layers and before the linear layer, likewise.
        convolutions: layers of convolution in front of the recurrent ones, 0 for none.
        convolution_size: features of each.
        kernel_size: steps that each reads at once.
        **recurrent: `cell`, `hidden_size`, ... of `nn.Recurrent`.

    Example:
        >>> from ostinato.nn import pack
        >>> network = TaggerNetwork(vocabulary=9, alphabet=5, tags=["A", "B"], scheme=None, cell="gru", hidden_size=4)
        >>> words, letters = pack([torch.tensor([1, 2]), torch.tensor([3])]), pack([torch.tensor([1])] * 3)
        >>> network(words, letters, torch.arange(3)).data.shape
        torch.Size([3, 2])
    """

    rarity: Tensor
    lowered: Tensor

    def __init__(
        self,
        *,
        vocabulary: int = 0,
        alphabet: int = 0,
        tags: list[str],
        scheme: str | None,
        channels: int = 0,
        crf: bool = True,
        embedding_size: int = 100,
        embedding_dropout: float = 0.0,
        freeze_embedding: bool = False,
        characters: Literal["convolution", "recurrent"] | None = "convolution",
        character_size: int = 25,
        character_features: int = 50,
        case_dropout: float = 0.0,
        lent: dict[str, Any] | None = None,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        convolutions: int = 0,
        convolution_size: int = 64,
        kernel_size: int = 5,
        **recurrent: Any,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        self.embedding: Embedding | None = None
        if vocabulary:
            self.embedding = Embedding(vocabulary, embedding_size, dropout=embedding_dropout)
            bound = (3 / embedding_size) ** 0.5  # unit variance of a vector (Ma and Hovy 2016)
            nn.init.uniform_(self.embedding.weight, -bound, bound)
            self.embedding.weight.requires_grad_(not freeze_embedding)
        # probability of reading each word as unknown, in training; learned from counts, so not part of the state
        self.register_buffer("rarity", torch.zeros(vocabulary), persistent=False)
        # the number of each character in lower case; of the vocabulary, which is kept elsewhere
        self.register_buffer("lowered", torch.arange(alphabet), persistent=False)
        self.case_dropout = probability("case_dropout", case_dropout)
        size = embedding_size if vocabulary else channels
        self.reader = None
        if lent is not None:
            self.reader = Layered(lent["cell"], embedding_size, lent["sizes"], dropout=0.0, bias=lent["bias"])
            size += self.reader.output_size
        self.characters = None
        if characters is not None and vocabulary:
            self.characters = CharacterEncoder(alphabet, character_size, character_features, characters)
            size += character_features
        self.input_dropout = LockedDropout(input_dropout)
        self.front = None
        if convolutions:
            self.front = Front(size, convolution_size, convolutions, kernel_size, 1, dropout)
            size = convolution_size
        between = dropout if recurrent.get("num_layers", 1) > 1 else 0.0
        self.recurrent = Recurrent(input_size=size, dropout=between, locked_dropout=True, **recurrent)
        self.dropout = LockedDropout(dropout)
        self.linear = nn.Linear(self.recurrent.output_size, len(tags))
        self.crf = CRF(len(tags), *allowed(tags, scheme)) if crf else None

    def forward(
        self, inputs: PackedSequence, letters: PackedSequence | None = None, form: Tensor | None = None
    ) -> PackedSequence:
        """Score tags.

        Args:
            inputs: (N,) int64 words, or (N, I) float32 numbers; packed.
            letters: (M,) int64 characters of the distinct tokens, packed; `None` of numbers.
            form: (N,) int64, which of these each token is.

        Returns:
            (N, C), packed as the inputs are: logits, or the emissions of the CRF.
        """
        vectors = inputs
        if self.embedding is not None:
            vectors = self.embedding(apply(self._drop_words, inputs))
        if self.reader is not None:
            read, _ = self.reader(vectors)
            vectors = apply(lambda data: torch.cat([data, read.data], dim=1), vectors)
        if self.characters is not None:
            spelled = self.characters(self._drop_case(letters)).index_select(0, form)
            vectors = apply(lambda data: torch.cat([data, spelled], dim=1), vectors)
        vectors = self.input_dropout(vectors)
        if self.front is not None:
            vectors = self.front(vectors)
        output, _ = self.recurrent(vectors)
        return apply(self.linear, self.dropout(output))

    def decide(self, emissions: PackedSequence) -> PackedSequence:
        """The tags' numbers, (N,) int64: the best sequence, or without a CRF each token's best."""
        return self.crf.decode(emissions) if self.crf else apply(lambda data: data.argmax(dim=1), emissions)

    def probabilities(self, emissions: PackedSequence) -> PackedSequence:
        """The probability of each tag at each token, (N, C)."""
        return self.crf.marginals(emissions) if self.crf else apply(lambda data: data.softmax(dim=1), emissions)

    def _drop_words(self, words: Tensor) -> Tensor:
        if not self.training or not bool(self.rarity.any()):
            return words
        dropped = torch.rand(words.shape, device=words.device) < self.rarity[words]
        return words.masked_fill(dropped, 0)

    def _drop_case(self, letters: PackedSequence | None) -> PackedSequence | None:
        if letters is None or not self.training or self.case_dropout == 0:
            return letters
        dropped = torch.rand(int(letters.batch_sizes[0]), device=letters.data.device) < self.case_dropout
        of_word = dropped[rows(letters.batch_sizes).to(letters.data.device)]
        return apply(lambda data: torch.where(of_word, self.lowered[data], data), letters)


def allowed(tags: list[str], scheme: str | None) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Which tag may follow which, begin a sentence, and end it, as a scheme says; `None` where all may.

    Example:
        >>> allowed(["O", "B-X", "I-X"], "iob2")[1]
        tensor([ True,  True, False])
    """
    if scheme is None:
        return None, None, None
    follows, outside = SCHEMES[scheme].follows, ("O", "")
    parsed = [parse(tag) for tag in tags]
    return (
        torch.tensor([[follows(before, now) for now in parsed] for before in parsed]),
        torch.tensor([follows(outside, now) for now in parsed]),
        torch.tensor([follows(before, outside) for before in parsed]),
    )
