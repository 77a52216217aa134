"""Products in bfloat16 while a network learns, if its user says so; what it is asked afterwards stays float32."""

from contextlib import AbstractContextManager, nullcontext

import torch

from ostinato._core.errors import InputError
from ostinato.kernels import precision

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def products_in(name: str) -> torch.dtype:
    """The type in which a network's products are taken while it learns.

    Args:
        name: "float32" or "bfloat16".

    Raises:
        InputError: another name.

    Example:
        >>> products_in("bfloat16")
        torch.bfloat16
    """
    if name not in PRECISIONS:
        raise InputError(f"precision={name!r}, expected one of {', '.join(PRECISIONS)}; choose one")
    return PRECISIONS[name]


def mixed_where(training: bool, products: torch.dtype) -> AbstractContextManager[None]:
    """Let recurrent layers inside the block multiply in bfloat16, forward and backward, if the network learns in it.

    Args:
        training: of the network.
        products: as `products_in` gives them.

    Source: Micikevicius et al. 2018, "Mixed Precision Training" (arXiv:1710.03740).

    Example:
        >>> with mixed_where(False, torch.bfloat16):  # as if it were not there
        ...     pass
    """
    return precision("mixed") if training and products == torch.bfloat16 else nullcontext()
