"""Ready vectors of words or tokens, put into a network's embedding."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from ostinato._core.errors import InputError, ShapeError
from ostinato.tasks.encoding import Encoder, TextEncoder
from ostinato.tasks.network import ClassifierNetwork


def width(embedding: Any) -> int:
    """Features of a vector, of a mapping of word to vector or an array (V, E).

    Raises:
        ShapeError: it has no such number.
    """
    if isinstance(embedding, Mapping):
        sizes = {np.shape(vector) for vector in embedding.values()}
        if len(sizes) == 1 and len(shape := sizes.pop()) == 1:
            return int(shape[0])
        raise ShapeError("embedding holds vectors of several shapes or none, expected (E,) for each word; correct it")
    shape = np.shape(embedding)
    if len(shape) != 2:
        raise ShapeError(f"embedding has shape {shape}, expected (V, E), one vector a token; reshape it")
    return int(shape[1])


def set_vectors(network: ClassifierNetwork, embedding: Any, encoder: Encoder) -> float:
    """Set the vectors that are known; the others keep their first, random values.

    Args:
        network: whose embedding is set.
        embedding: word -> (E,) vector for texts, (V, E) array for token sequences.
        encoder: says which row a word has.

    Returns:
        the share of the rows that were set.

    Raises:
        InputError: vectors of the wrong kind for the inputs, or no word of the vocabulary has one.
    """
    if network.embedding is None:
        raise InputError("embedding is given and X is made of numbers, expected texts or tokens; drop the argument")
    weight = network.embedding.weight
    with torch.no_grad():
        if isinstance(encoder, TextEncoder):
            if not isinstance(embedding, Mapping):
                raise InputError(
                    f"embedding is a {type(embedding).__name__} and X is made of texts, expected a dict of word to "
                    "vector; make one"
                )
            known = {word: row for word, row in encoder.tokenizer.vocabulary.items() if word in embedding}
            if not known:
                raise InputError(
                    f"none of the {encoder.tokenizer.size:,} words of the vocabulary has a vector in embedding, at "
                    "least one is needed; are the words cut and lowercased alike?"
                )
            for word, row in known.items():
                weight[row] = torch.as_tensor(np.asarray(embedding[word], dtype=np.float32))
            return len(known) / len(weight)
        if isinstance(embedding, Mapping):
            raise InputError("embedding is a dict and X is made of tokens, expected an array (V, E); make one")
        table = torch.as_tensor(np.asarray(embedding, dtype=np.float32))
        weight[: len(table)] = table
        return len(table) / len(weight)
