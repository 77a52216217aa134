"""A language model's layers below a tagger: its words, their vectors, and what it makes of each word and all before."""

from typing import TYPE_CHECKING, Any

import torch

from ostinato._core.errors import InputError
from ostinato.vectors import KeyedVectors

if TYPE_CHECKING:
    from ostinato.tasks.language.model import LanguageModel
    from ostinato.tasks.tagger_network import TaggerNetwork


def lent_words(model: "LanguageModel") -> KeyedVectors:
    """The language model's words and their vectors.

    Raises:
        InputError: it reads no words.
    """
    tokenizer = model.tokenizer_
    if tokenizer.kind not in ("word", "space"):
        raise InputError(
            f"pretrained is a language model of {tokenizer.kind}, a tagger needs one of words; train it with "
            "tokenizer='word' or 'space'"
        )
    special = {tokenizer.pad_id, tokenizer.unk_id, tokenizer.eos_id}
    kept = [number for number in range(tokenizer.size) if number not in special]
    names, vectors = tokenizer.tokens(), model.network_.embedding.weight.detach().cpu().numpy()
    return KeyedVectors([names[number] for number in kept], vectors[kept])


def lent_reader(model: "LanguageModel") -> dict[str, Any]:
    """The settings of `TaggerNetwork` that are the language model's."""
    theirs = model.network_.settings
    sizes = [layer.hidden_size for layer in model.network_.layers]
    return {"cell": theirs["cell"], "bias": theirs["bias"], "sizes": sizes}


@torch.no_grad()
def lend(model: "LanguageModel", network: "TaggerNetwork") -> None:
    """Copy the recurrent layers into a tagger's network; words without a vector begin as the unknown word."""
    assert network.reader is not None and network.embedding is not None
    network.embedding.weight.copy_(model.network_.embedding.weight[model.tokenizer_.unk_id])
    layers = {name: value for name, value in model.network_.state_dict().items() if name.startswith("layers.")}
    network.reader.load_state_dict(layers)
