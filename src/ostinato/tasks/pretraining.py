"""A language model's layers as the first layers of a classifier: what is lent, and how it learns on.

The embedding and the recurrent layers have read far more text than has labels, so they change more slowly than the new
layer. Or, where it is asked for, the new layer alone is trained at first, then, an epoch each, one layer more from the
top down (gradual unfreezing), and the lower a layer the more slowly (discriminative rates): what is general stands
below and changes least. That is for language models whose layers, as they are, say much of what is asked; those of a
small one do not, and the learning rate is past its peak before they have learned to.

Source: Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text Classification" (ULMFiT).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from ostinato._core.errors import InputError
from ostinato.tasks.encoding import Encoder, TextEncoder

if TYPE_CHECKING:
    from ostinato.tasks.language.model import LanguageModel
    from ostinato.tasks.network import ClassifierNetwork
    from ostinato.tasks.recurrent_rows import RecurrentRows

Rates = Callable[[str, int], float]  # (parameter's name, epoch from 0) -> factor on the learning rate; 0 is frozen

_SLOWER = 2.6  # from layer to layer, downwards: the paper's
_SLOWLY = 0.3  # chosen on held-out reviews (IMDb)


def lent_encoder(model: "LanguageModel", task: "RecurrentRows", kind: str) -> Encoder:
    """The language model's own vocabulary, so that each token finds its vector.

    Raises:
        InputError: the rows are no texts.
    """
    if kind != "text":
        raise InputError(f"pretrained is a language model and X is made of {kind}, expected texts; drop the argument")
    return TextEncoder(model.tokenizer_, task.max_length, task.keep)


def lent_settings(model: "LanguageModel") -> dict[str, Any]:
    """The settings of a `ClassifierNetwork` that are the language model's; they win over the classifier's."""
    theirs = model.network_.settings
    sizes = [layer.hidden_size for layer in model.network_.layers]
    return {
        "embedding_size": theirs["embedding_size"],
        "sizes": sizes,
        "cell": theirs["cell"],
        "bias": theirs["bias"],
        "bidirectional": False,
        "between_dropout": theirs["dropout"],  # a layer that is used to most of the one below makes nothing of less
    }


def lend(model: "LanguageModel", network: "ClassifierNetwork") -> None:
    """Copy the embedding and the recurrent layers into a classifier's network."""
    lent = {
        ("embedding." if name.startswith("embedding.") else "recurrent.") + name.removeprefix("embedding."): value
        for name, value in model.network_.state_dict().items()
        if name.startswith(("embedding.", "layers."))
    }
    with torch.no_grad():
        missing = network.load_state_dict(lent, strict=False)
    if missing.unexpected_keys:
        raise InputError(f"pretrained has {missing.unexpected_keys[0]!r}, which the classifier lacks; train it again")


def slowly(name: str, epoch: int) -> float:
    """Rates with which all layers learn from the start, the lent ones more slowly than what is new.

    Example:
        >>> slowly("linear.weight", 0), slowly("embedding.weight", 0)
        (1.0, 0.3)
    """
    return _SLOWLY if name.startswith(("recurrent.", "embedding.")) else 1.0


def thawing(layers: int, stack: str = "recurrent") -> Rates:
    """Rates for a network of an embedding, so many recurrent layers called `stack`, and new layers on top.

    Example:
        >>> rates = thawing(2)
        >>> [rates("recurrent.layers.1.weight_hh_l0", epoch) > 0 for epoch in range(3)]
        [False, True, True]
        >>> rates("linear.weight", 0), round(rates("recurrent.layers.0.weight_hh_l0", 5), 3)
        (1.0, 0.148)
    """

    def depth(name: str) -> int:
        if name.startswith(f"{stack}.layers."):
            return layers - int(name.split(".")[2])
        return layers + 1 if name.startswith("embedding.") else 0

    def rates(name: str, epoch: int) -> float:
        down = depth(name)
        return _SLOWER**-down if epoch >= min(down, layers) else 0.0  # the embedding thaws with the lowest layer

    return rates
