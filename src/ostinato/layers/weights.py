"""A model's weights in a safetensors file."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as parse
from safetensors.torch import save as dump
from torch import nn

from ostinato._core.errors import InputError, ModelFileError
from ostinato.train.whole import write_whole


def save(module: nn.Module, path: Path) -> None:
    """Write the module's state, whole or not at all.

    Raises:
        InputError: the file cannot be written; names it.
    """
    blob = dump({name: tensor.detach().cpu().clone() for name, tensor in module.state_dict().items()})
    try:
        write_whole(path, blob)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}), expected a file's path; choose another"
        ) from None


def load(module: nn.Module, path: Path) -> None:
    """Read a state that `save` wrote.

    Raises:
        ModelFileError: the file is missing, damaged, or of another model; names it.
    """
    try:
        tensors = parse(path.read_bytes())
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read ({error.strerror}), expected a safetensors file") from None
    except SafetensorError as error:
        raise ModelFileError(f"{path} is damaged or no safetensors file ({error}); save the weights anew") from None
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise ModelFileError(f"{path} is of another model ({reason}); build the model it was saved from") from None
