"""A language model's say in the search: which token may follow those that are written."""

from typing import Any

import numpy as np
import torch

from ostinato._core.errors import InputError
from ostinato.tasks.language import LanguageModel, NGram
from ostinato.tasks.language.measuring import read_prompts
from ostinato.tasks.speech.alignments import Prefix, Scorer
from ostinato.text import Tokenizer


def scorer_of(model: Any, tokenizer: Tokenizer) -> Scorer:
    """Make a scorer of a language model.

    Args:
        model: a fitted `LanguageModel` or `NGram` whose texts are cut as the transcriber's are (both by letters, or
            both by words); or a scorer, which is given back.
        tokenizer: of the transcriber. A token that the language model does not know counts as its unknown one.

    Returns:
        The scorer: from a prefix of the transcriber's tokens to log-probabilities (V,) of the next one.

    Raises:
        InputError: the model's texts are cut otherwise, or it is no model.
    """
    if not isinstance(model, LanguageModel | NGram):
        if callable(model):
            return model  # type: ignore[no-any-return]
        raise InputError(
            f"language_model is a {type(model).__name__}, expected a LanguageModel, an NGram or a function; fit one"
        )
    if not hasattr(model, "tokenizer_"):
        raise InputError(f"language_model {type(model).__name__} is not fitted; call its fit first")
    own = model.tokenizer_
    if own.kind != tokenizer.kind:
        raise InputError(
            f"language_model has {own.kind!r} tokens, expected {tokenizer.kind!r} as the transcriber; fit one with "
            f"tokenizer={tokenizer.kind!r}"
        )
    numbers = np.array([own.vocabulary.get(token, own.unk_id) for token in tokenizer.tokens()], np.int64)

    return _by_counts(model, numbers) if isinstance(model, NGram) else _by_network(model, numbers)


def _by_counts(model: NGram, numbers: np.ndarray) -> Scorer:
    end = model.tokenizer_.eos_id

    def score(prefix: Prefix) -> np.ndarray:
        context = [end] * model.order + [int(numbers[token]) for token in prefix]
        runs = np.tile(np.array([*context[len(context) - model.order :], 0]), (len(numbers), 1))
        runs[:, -1] = numbers
        return np.log(model.probabilities(runs.ravel()).reshape(runs.shape)[:, -1])

    return score


def _by_network(model: LanguageModel, numbers: np.ndarray) -> Scorer:
    end = model.tokenizer_.eos_id

    @torch.no_grad()
    def score(prefix: Prefix) -> np.ndarray:
        read = np.array([end, *(int(numbers[token]) for token in prefix)], np.int64)
        said, _ = read_prompts(model.network_, [read])
        return np.asarray(said[0].double().cpu().numpy()[numbers])

    return score
