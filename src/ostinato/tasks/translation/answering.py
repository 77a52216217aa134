"""What estimators share that answer with texts: training on known answers, searching for new ones, being saved."""

from typing import Any, Self

import numpy as np
from torch import nn

from ostinato._core.errors import InputError
from ostinato._core.random import derive
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.translation import fitting, writing
from ostinato.tasks.translation.batches import AnswerBatches, Ids, Questions
from ostinato.tasks.translation.beam import Beam
from ostinato.tasks.translation.loss import AnswerLoss
from ostinato.tasks.translation.storing import network_from, tensors_of
from ostinato.tasks.translation.writing import Candidate
from ostinato.text import Tokenizer
from ostinato.train import History, threads
from ostinato.train.predict import evaluating

_MEASURED = 4_000  # tokens of answers that are measured together


class Answering(Estimator):
    """Base of the estimators that write; a subclass makes questions of what the user gives and a network of settings.

    Attributes:
        target_tokenizer_: of what is written.
        network_: has `begin`, `decoder` and `settings`.
        history_: the epochs' records; losses are nats a token.
    """

    target_tokenizer_: Tokenizer
    network_: Any
    history_: History
    beam: int
    length_penalty: float

    @property
    def parameters_(self) -> int:
        """Number of weights and biases, shared ones counted once."""
        return sum(parameter.numel() for parameter in self.network_.parameters())

    def _beam(self, size: int | None = None, length_penalty: float | None = None) -> Beam:
        """The search that was asked for, or the constructor's."""
        return Beam(
            self.beam if size is None else size, self.length_penalty if length_penalty is None else length_penalty
        )

    def _train(
        self: Any, questions: Questions, answers: list[Ids], held: tuple[Questions, list[Ids]] | None
    ) -> dict[str, Any]:
        """Train the network on known answers; what is remembered of it."""
        end, V = self.target_tokenizer_.eos_id, self.target_tokenizer_.size
        self._beam().within(V - len(writing.barred(self.target_tokenizer_)))  # said before the training, not after it
        self.network_.decoder.expect(fitting.counts_of(answers, end, V))
        order: dict[str, Any] = {
            "end": end,
            "batch_size": self.batch_size,
            "max_tokens": self.max_tokens,
            "seed": derive(self.seed_, fitting.ORDER),
        }
        sampled = (self.scheduled_sampling, self.epochs)
        batches = AnswerBatches(questions, answers, sampled=sampled, **order)
        valid = None if held is None else AnswerBatches(*held, **order, shuffle=False)
        self.history_ = fitting.train(self, self.network_, batches, valid)
        return {
            "train_tokens": sum(map(len, answers)) + len(answers),
            "target_vocabulary": V,
            "parameters": self.parameters_,
            **fitting.summary(self.history_),
        }

    def _answers(
        self: Any, questions: Questions, lengths: list[int], wide: Beam, max_length: int | None
    ) -> list[list[Candidate]]:
        """The best answers to checked questions."""
        if max_length is not None and max_length < 1:
            raise InputError(f"max_length={max_length!r}, expected a number of tokens from 1 up or None; correct it")
        limits = [length if max_length is None else max_length for length in lengths]
        with threads(self.n_threads):
            return writing.answers(self.network_, questions, limits, self.target_tokenizer_, wide)

    def _nats(self: Any, questions: Questions, answers: list[Ids]) -> tuple[int, float]:
        """Number of tokens of known answers, and their nats together."""
        end = self.target_tokenizer_.eos_id
        batches = AnswerBatches(questions, answers, end=end, max_tokens=_MEASURED, shuffle=False)
        tokens, total = 0, 0.0
        with threads(self.n_threads), evaluating(self.network_):
            for batch in batches.epoch(0):
                tokens += len(batch.targets)
                total += AnswerLoss()(self.network_, batch).loss.item() * len(batch.targets)
        return tokens, total

    def _stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str]:
        """What every one of them has learned, as `_learned` gives it."""
        return {"network": self.network_.settings}, tensors_of(self.network_), self.target_tokenizer_.to_json()

    def _restored(
        self, kind: type[nn.Module], learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None
    ) -> Self:
        """Undo `_stored`."""
        self.target_tokenizer_ = Tokenizer.from_json(tokenizer or "")
        self.network_ = network_from(kind, learned["network"], tensors)
        self.history_ = History(self.metrics_.get("history", []))
        self.history_.best_epoch = self.metrics_.get("best_epoch")
        return self
