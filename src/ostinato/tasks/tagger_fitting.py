"""From a tagger's arguments to its first network, and from its first network to its last."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.random import derive, seeded
from ostinato.data.tags import spans
from ostinato.nn import unpack
from ostinato.tasks import lent_words, pretraining
from ostinato.tasks.aligned import AlignedBatch, AlignedBatches
from ostinato.tasks.fitting import recurrent_settings, trainer
from ostinato.tasks.lexicon import Lexicon
from ostinato.tasks.step_encoding import StepEncoder, end_to_end
from ostinato.tasks.tagger_network import TaggerNetwork
from ostinato.tasks.tagging import Part
from ostinato.train import History, Loss, Measured, cross_entropy
from ostinato.vectors import KeyedVectors

if TYPE_CHECKING:
    from ostinato.tasks.language.model import LanguageModel
    from ostinato.tasks.tagger import SequenceTagger

_FIRST_WEIGHTS, _ORDER = 1, 2  # what a seed is derived for
_INPUT_DROPOUT = 0.3  # of word vectors
_EPOCHS, _STEPS = 12, 1500  # where the user names no number: passes, and batches that few rows are read again for


def first_network(
    task: "SequenceTagger", encoder: StepEncoder, vectors: KeyedVectors | None, lender: "LanguageModel | None" = None
) -> TaggerNetwork:
    """Draw a network's first weights, from the tagger's arguments and seed; a language model may lend its own."""
    size = task.embedding_size if vectors is None else vectors.vector_size
    settings: dict[str, Any] = {
        "vocabulary": encoder.vocabulary,
        "alphabet": encoder.letters if isinstance(encoder, Lexicon) else 0,
        "channels": 0 if isinstance(encoder, Lexicon) else encoder.channels,
        "tags": task.classes_.tolist(),
        "scheme": task.inner_scheme_,
        "crf": task.crf,
        "embedding_size": size,
        "embedding_dropout": task.embedding_dropout,
        "freeze_embedding": task.freeze_embedding and task.embedding is not None,
        "characters": task.characters if task.input_ == "words" else None,  # a letter has no spelling
        "character_size": task.character_size,
        "character_features": task.character_features,
        "case_dropout": task.case_dropout,
        "lent": None if lender is None else lent_words.lent_reader(lender),
        "input_dropout": first_input_dropout(task),
        "dropout": task.dropout,
        "convolutions": task.convolutions,
        "convolution_size": task.convolution_size,
        "kernel_size": task.kernel_size,
        **recurrent_settings(task),
    }
    with seeded(derive(task.seed_, _FIRST_WEIGHTS)):
        network = TaggerNetwork(**settings)
    if lender is not None:
        lent_words.lend(lender, network)
    if vectors is not None and isinstance(encoder, Lexicon) and network.embedding is not None:
        with torch.no_grad():
            for word, row in encoder.words.items():
                if word in vectors:
                    network.embedding.weight[row] = torch.from_numpy(vectors[word])
    network.settings = settings
    return network


def first_input_dropout(task: "SequenceTagger") -> float:
    """The dropout of inputs, where the user names none: numbers and bases are few and none can be spared."""
    if task.input_dropout is not None:
        return task.input_dropout
    return _INPUT_DROPOUT if task.input_ == "words" else 0.0


def rarity(lexicon: Lexicon, word_dropout: float) -> Tensor:
    """Probability of reading each word as unknown, alpha / (alpha + times seen); words never seen are never dropped.

    Source: Kiperwasser and Goldberg 2016, "word dropout", with alpha 0.25.
    """
    counts = torch.from_numpy(lexicon.counts).float()
    return torch.where(counts > 0, word_dropout / (word_dropout + counts).clamp(min=1e-9), 0.0)


def train(
    task: "SequenceTagger",
    network: TaggerNetwork,
    encoder: StepEncoder,
    train: Part,
    valid: Part | None,
) -> History:
    """Train a network in place."""
    order: dict[str, Any] = {
        "batch_size": task.batch_size,
        "max_tokens": task.max_tokens,
        "seed": derive(task.seed_, _ORDER),
    }
    batches = batches_of(train, encoder, **order)
    epochs = max(_EPOCHS, -(-_STEPS // len(batches))) if task.epochs is None else task.epochs
    if isinstance(encoder, Lexicon):
        network.rarity.copy_(rarity(encoder, task.word_dropout))
        network.lowered.copy_(torch.from_numpy(encoder.lowered))
    scored = task.inner_scheme_ is not None
    reader = network.reader
    history = trainer(
        task,
        epochs,
        held_out=valid is not None,
        seed=task.seed_,
        monitor="valid_f1" if scored else "valid_accuracy",
        rates=None if reader is None else pretraining.thawing(len(reader.layers), "reader"),
    ).fit(
        network,
        _loss(task.classes_.tolist() if scored else None),
        batches,
        None if valid is None else batches_of(valid, encoder, **{**order, "batch_size": 64}, shuffle=False),
    )
    network.eval()
    return history


def batches_of(part: Part, encoder: StepEncoder, **settings: Any) -> AlignedBatches:
    """Batches of sentences with their tags."""
    return AlignedBatches(end_to_end(encoder, part.tokens), np.concatenate(part.tags), **settings)


def _loss(tags: list[str] | None) -> Loss:
    """Negative log-likelihood in nats a token; on the held-out part also what was right, of tags and of entities."""

    def loss(model: nn.Module, batch: AlignedBatch) -> Measured:
        assert isinstance(model, TaggerNetwork) and batch.targets is not None
        emissions = model(batch.inputs, batch.letters, batch.form)
        N = len(batch.targets)
        if model.crf is None:
            value = cross_entropy(emissions.data, batch.targets)
        else:
            value = -model.crf(emissions, batch.targets).sum() / N
        if model.training:
            return Measured(value, N)
        best = model.decide(emissions)
        right = (best.data == batch.targets).float().mean()
        metrics: dict[str, Tensor | tuple[float, float]] = {"accuracy": right}
        if tags is not None:
            metrics["f1"] = _f1(PackedSequence(batch.targets, best.batch_sizes), best, tags)
        return Measured(value, N, metrics)

    return loss


def _f1(truth: PackedSequence, guess: PackedSequence, tags: list[str]) -> tuple[float, float]:
    """F1 of a batch's entities, and what it is a mean over: those there are and those found."""
    correct = whole = 0
    for there, found in zip(unpack(truth), unpack(guess), strict=True):
        of_truth = spans([tags[number] for number in there.tolist()])
        of_guess = spans([tags[number] for number in found.tolist()])
        correct += 2 * len(set(of_truth) & set(of_guess))
        whole += len(of_truth) + len(of_guess)
    return (correct / whole, whole) if whole else (0.0, 0)
