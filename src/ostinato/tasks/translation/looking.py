"""Where attention looked while a sentence was written."""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ostinato._core.errors import InputError
from ostinato.tasks.translation.batches import Ids, questions_of, read_questions
from ostinato.tasks.translation.network import TranslationNetwork
from ostinato.text import Tokenizer
from ostinato.train.batch import device_of


class Looked(NamedTuple):
    """A sentence, its translation, and the weights of attention.

    Attributes:
        source: S tokens as text.
        target: T tokens as text, the end mark last.
        weights: (T, S) float32; row t sums to 1 and says where the model looked when it wrote token t.
    """

    source: list[str]
    target: list[str]
    weights: NDArray[np.float32]


def check_looked(network: TranslationNetwork, source: str, translation: str | None) -> None:
    """Raise if there is nothing to look with, or nothing to look at.

    Raises:
        InputError: a network without attention, or an empty text.
    """
    if network.decoder.attention is None:
        raise InputError("attention=None, expected a model with attention; train one with attention='luong'")
    if not source.strip() or (translation is not None and not translation.strip()):
        raise InputError(f"source={source!r}, translation={translation!r}: expected texts that are not empty")


@torch.no_grad()
def look_back(
    network: TranslationNetwork, read: Ids, written: Ids, source_tokenizer: Tokenizer, target_tokenizer: Tokenizer
) -> Looked:
    """Write a known translation once more and keep the weights.

    Args:
        network: with attention, in evaluation mode.
        read: (S,) tokens of the source.
        written: (T - 1,) tokens of the translation.
        source_tokenizer: of the source.
        target_tokenizer: of the translation.
    """
    device = device_of(network)
    end = target_tokenizer.eos_id
    inputs: Any = read_questions(questions_of([read]), np.zeros(1, np.int64))
    carried, given = network.begin(inputs.to(device))
    rows = []
    for token in [end, *written.tolist()]:
        _, carried, weights = network.decoder.step(torch.tensor([[token]], device=device), carried, given)
        if weights is not None:
            rows.append(weights[0, 0])
    return Looked(
        _shown(source_tokenizer, read),
        [*_shown(target_tokenizer, written), "<eos>"],
        torch.stack(rows).cpu().numpy(),
    )


def _shown(tokenizer: Tokenizer, ids: Ids) -> list[str]:
    return [tokenizer.decode([token]).strip() or "␣" for token in ids]
