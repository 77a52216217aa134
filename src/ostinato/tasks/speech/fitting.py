"""From a transcriber's arguments to its first network, and from its first network to its last."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from ostinato._core.errors import InputError
from ostinato._core.random import derive, seeded
from ostinato.data import Augment, Batches
from ostinato.tasks.encoding import is_fitted
from ostinato.tasks.fitting import recurrent_settings, trainer
from ostinato.tasks.held_out import hold_out, share
from ostinato.tasks.speech.loss import as_targets, check_fits, ctc
from ostinato.tasks.speech.network import TranscriberNetwork
from ostinato.text import Tokenizer
from ostinato.train import History

Part = tuple[list[np.ndarray], list[np.ndarray]]  # scaled features (T, I), tokens (S,)
Heard = tuple[list[np.ndarray], list[str]]
_FIRST_WEIGHTS, _ORDER, _HELD = 1, 2, 3  # what a seed is derived for


def check_texts(recordings: Any, texts: Sequence[str], name: str = "texts") -> None:
    """Raise if texts are not one a recording.

    Raises:
        InputError: names the numbers, or the first that is no text.
    """
    if isinstance(texts, str) or len(recordings) != len(texts):
        raise InputError(f"{len(recordings)} recordings, {len(texts)} {name}, expected one a recording; pair them")
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"{name}[{number}] is a {type(text).__name__}, expected a text; write '' for silence")


def parts(heard: list[np.ndarray], texts: list[str], fraction: float | None, seed: int) -> tuple[Heard, Heard | None]:
    """What is learned from, and what is held out."""
    learn, held = hold_out(np.zeros(len(texts), np.int64), share(fraction), derive(seed, _HELD))

    def of(rows: np.ndarray) -> Heard:
        return [heard[row] for row in rows], [texts[row] for row in rows]

    return of(learn), of(held) if len(held) else None


def tokenizer_for(task: Any, texts: list[str]) -> Tokenizer:
    """Learn the vocabulary of the training texts, unless a fitted tokenizer was given."""
    if isinstance(task.tokenizer, Tokenizer):
        made = deepcopy(task.tokenizer)
        return made if is_fitted(made) else made.fit(texts)
    return Tokenizer(task.tokenizer, lowercase=task.lowercase, max_vocabulary=task.max_vocabulary).fit(texts)


def tokens_of(tokenizer: Tokenizer, texts: list[str]) -> list[np.ndarray]:
    """The tokens of texts, white space as single spaces; an empty text has none."""
    encoded = tokenizer.encode([" ".join(text.split()) for text in texts])
    return [ids[ids != tokenizer.eos_id] for ids in encoded]


def first_network(task: Any, channels: int, vocabulary: int) -> TranscriberNetwork:
    """Draw a network's first weights, from the transcriber's arguments and seed."""
    settings: dict[str, Any] = {
        "channels": channels,
        "vocabulary": vocabulary,
        "convolutions": task.convolutions,
        "convolution_size": task.convolution_size,
        "kernel_size": task.kernel_size,
        "stride": task.stride,
        "input_dropout": task.input_dropout,
        "dropout": task.dropout,
        **recurrent_settings(task),
    }
    with seeded(derive(task.seed_, _FIRST_WEIGHTS)):
        network = TranscriberNetwork(**settings)
    network.settings = settings
    return network


def train(task: Any, learn: Part, held: Part | None) -> History:
    """Train the network in place. Without patience the schedule is run to its end, as classifiers do."""
    augment = Augment(jitter=task.jitter, time_warp=task.time_warp, amplitude=task.amplitude)
    batches = _batches(task, learn, augment=augment)
    keep_best = task.patience is not None
    made = trainer(task, task.epochs, held_out=held is not None, seed=task.seed_, keep_best=keep_best)
    try:
        return made.fit(task.network_, ctc, batches, None if held is None else _batches(task, held, shuffle=False))
    finally:
        task.network_.eval()


def _batches(task: Any, part: Part, **settings: Any) -> Batches:
    heard, texts = part
    check_fits(texts, [task.network_.frames(len(one)) for one in heard], task.network_.stride)
    order = {"batch_size": task.batch_size, "max_tokens": task.max_tokens, "seed": derive(task.seed_, _ORDER)}
    return Batches(heard, as_targets(texts), **order, **settings)
