"""Batches of questions and their answers, both packed, neither padded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato.data import Batches
from ostinato.data.packing import Packer

Ids = NDArray[np.int64]
Questions = Sequence[Ids] | NDArray[np.float32]  # token sequences, or (B, F) numbers


@dataclass(frozen=True)
class AnswerBatch:
    """Rows of one batch, those with the longest answers first.

    Attributes:
        inputs: what is read: packed tokens, in whose `sorted_indices` stands each row's place among the answers; or (B,
            F) numbers.
        before: (N,) the token before each one of the answers, packed.
        targets: (N,) the answers' tokens, each row ended by the end mark.
        index: (B,) original row numbers.
        sampled: probability of reading a token that the model drew in place of the known one.
    """

    inputs: PackedSequence | Tensor
    before: PackedSequence
    targets: Tensor
    index: Tensor
    sampled: float


class AnswerBatches:
    """Draws batches as `data.Batches` does, by the answers' lengths.

    Args:
        questions: B token sequences (S,), or (B, F) float32 numbers.
        answers: B token sequences (T,), without an end mark.
        end: the end mark, which is also what stands before an answer's first token.
        sampled: of scheduled sampling: its probability in the last epoch, and how many epochs there are. It grows by
            equal steps from 0 in the first one.
        **settings: of `data.Batches`; `max_tokens` counts tokens of answers.
    """

    def __init__(
        self,
        questions: Questions,
        answers: Sequence[Ids],
        *,
        end: int,
        sampled: tuple[float, int] = (0.0, 1),
        **settings: Any,
    ) -> None:
        mark = np.array([end], np.int64)
        self._batches = Batches([np.concatenate([mark, answer]) for answer in answers], **settings)
        self._targets = Packer([np.concatenate([answer, mark]) for answer in answers])
        self._questions = questions_of(questions)
        self._sampled = sampled

    def __len__(self) -> int:
        return len(self._batches)

    def epoch(self, e: int, start: int = 0) -> Iterator[AnswerBatch]:
        """The batches of epoch `e`, from batch number `start` on."""
        last, epochs = self._sampled
        sampled = last * min(1.0, e / max(1, epochs - 1))
        for batch in self._batches.epoch(e, start):
            targets = self._targets.pack(batch.index.numpy()).data
            inputs = read_questions(self._questions, batch.index.numpy())
            yield AnswerBatch(inputs, batch.inputs, targets, batch.index, sampled)


def questions_of(questions: Questions) -> Packer | Tensor:
    """Put questions where any selection of them can be read from."""
    return torch.from_numpy(questions) if isinstance(questions, np.ndarray) else Packer(list(questions))


def read_questions(questions: Packer | Tensor, rows: Ids) -> PackedSequence | Tensor:
    """Read rows in any order.

    Args:
        questions: as `questions_of` made them.
        rows: (B,) numbers of rows.

    Returns:
        (B, F) numbers; or packed tokens, longest first, in whose `sorted_indices` stands each row's place in `rows`.
    """
    if isinstance(questions, Tensor):
        return questions[torch.from_numpy(rows)]
    longest_first = np.argsort(-questions.lengths[rows], kind="stable")
    packed = questions.pack(rows[longest_first])
    return PackedSequence(packed.data, packed.batch_sizes, torch.from_numpy(longest_first))
