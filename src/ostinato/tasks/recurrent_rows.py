"""What the recurrent estimators of whole sequences share: encoder, network, history, and how they are stored."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import numpy as np

from ostinato._core.errors import InputError
from ostinato.data import Batches
from ostinato.tasks import fitting, pretraining
from ostinato.tasks.encoding import Encoder, check_bases, fit_encoder, restore_encoder
from ostinato.tasks.inputs import Sequences
from ostinato.tasks.language.model import opened
from ostinato.tasks.network import ClassifierNetwork
from ostinato.tasks.row_task import RowTask
from ostinato.text import Tokenizer
from ostinato.train import History, predict, threads


class RecurrentRows(RowTask):
    """Base of `SequenceClassifier` and `SequenceRegressor`, which differ in their targets alone.

    Attributes:
        encoder_: turns rows into what the network reads.
        network_: the network.
        history_: the epochs' records.
        embedding_coverage_: with `embedding`, the share of the vocabulary that began with its vector.
    """

    # constructor arguments of the subclasses
    embedding: Any
    pretrained: Any
    tokenizer: Any
    lowercase: bool | None
    max_vocabulary: int | None
    max_length: int | None
    keep: Any
    batch_size: int
    n_threads: int | None
    convolutions: int
    convolution_size: int
    kernel_size: int
    stride: int
    jitter: float
    crop: float
    time_warp: float
    amplitude: float

    encoder_: Encoder
    network_: ClassifierNetwork
    history_: History
    embedding_coverage_: float

    @property
    def parameters_(self) -> int:
        """Number of weights and biases."""
        return sum(parameter.numel() for parameter in self.network_.parameters())

    @property
    def tokenizer_(self) -> Tokenizer:
        """The fitted tokenizer; only an estimator of texts has one."""
        tokenizer = getattr(self.__dict__.get("encoder_"), "tokenizer", None)
        if tokenizer is None:
            raise AttributeError("tokenizer_: expected an estimator fitted on texts; fit it on some")
        return tokenizer  # type: ignore[no-any-return]

    def _read(self, X: Any, reset: bool = False, check: bool = True) -> Sequences:
        read = super()._read(X, reset, check)
        if self.tokenizer == "dna" and read.kind == "text":
            check_bases(read.values)
        return read

    def _begin(self, train: Sequences, outputs: int) -> None:
        """Learn the encoder and draw the network's first weights."""
        if self.pretrained is not None:
            if self.convolutions:
                raise InputError(
                    f"convolutions={self.convolutions} and pretrained are both given, expected one of them: the "
                    "layers of a language model read its own vectors; set convolutions=0"
                )
            lender = opened(self.pretrained)
            self.encoder_ = pretraining.lent_encoder(lender, self, train.kind)
            self.network_ = fitting.first_network(self, self.encoder_, outputs, lender)
            return
        table = self.embedding if self.embedding is not None and not isinstance(self.embedding, Mapping) else None
        self.encoder_ = fit_encoder(
            train,
            tokenizer=self.tokenizer,
            lowercase=self.lowercase,
            max_vocabulary=self.max_vocabulary,
            max_length=self.max_length,
            keep=self.keep,
            rows_of_embedding=None if table is None else len(table),
        )
        self.network_ = fitting.first_network(self, self.encoder_, outputs)

    def _outputs(self, read: Sequences) -> np.ndarray:
        """What the network says of checked rows, float64 (B, outputs)."""
        batches = Batches(self.encoder_(read.values), batch_size=max(self.batch_size, 64), shuffle=False)
        with threads(self.n_threads):
            return np.asarray(predict(self.network_, batches), dtype=np.float64)

    def _measured(self, began: float, rows: int, train_rows: int, valid_rows: int) -> dict[str, Any]:
        """What `fit` keeps in `metrics_`."""
        return {
            "rows": rows,
            "train_rows": train_rows,
            "valid_rows": valid_rows,
            "train_seconds": perf_counter() - began,
            "parameters": self.parameters_,
            "best_epoch": self.history_.best_epoch,
            **fitting.best_record(self.history_),
            "history": list(self.history_),
        }

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        encoding, tensors, tokenizer = self.encoder_.stored()
        network = {name: value.detach().cpu().numpy() for name, value in self.network_.state_dict().items()}
        tensors |= {f"network.{name}": value for name, value in network.items()}
        return {"encoding": encoding, "network": self.network_.settings}, tensors, tokenizer

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.encoder_ = restore_encoder(self.input_, learned["encoding"], tensors, tokenizer)
        self.network_ = fitting.network_from(learned["network"], tensors)
        self.history_ = History(self.metrics_.get("history", []))
        self.history_.best_epoch = self.metrics_.get("best_epoch")
