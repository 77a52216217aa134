"""Keras' losses by name: which of the engine's losses each is, and what it wants of the last layer and the targets."""

from dataclasses import dataclass

from ostinato._core.errors import InputError
from ostinato.train.lookup import lookup
from ostinato.train.losses import LossFunction, binary_cross_entropy, cross_entropy, squared_error


@dataclass(frozen=True)
class KerasLoss:
    """One loss.

    Attributes:
        name: Keras' name.
        function: the engine's.
        activation: what the last layer must have; the function then takes the sums before it. `None`: anything, and
            the function takes the output.
        classes: whether targets are class numbers, and not numbers of the output's shape.
    """

    name: str
    function: LossFunction
    activation: str | None = None
    classes: bool = False


_MSE = KerasLoss("mean_squared_error", squared_error)
LOSSES: dict[str, KerasLoss] = {
    "mse": _MSE,
    "mean_squared_error": _MSE,
    "binary_crossentropy": KerasLoss("binary_crossentropy", binary_cross_entropy, "sigmoid"),
    "categorical_crossentropy": KerasLoss("categorical_crossentropy", cross_entropy, "softmax"),
    "sparse_categorical_crossentropy": KerasLoss("sparse_categorical_crossentropy", cross_entropy, "softmax", True),
}


def find(name: str) -> KerasLoss:
    """The loss of this name.

    Raises:
        InputError: there is none; says which there are.
    """
    return lookup(name, LOSSES, "loss")


def check_activation(loss: KerasLoss, activation: str, units: int) -> None:
    """Raise `InputError` unless the last layer's activation makes what the loss measures."""
    if loss.activation not in (None, activation):
        raise InputError(
            f"the last layer's activation is {activation!r}, {loss.name} expects {loss.activation!r}; "
            f"end with Dense(…, activation={loss.activation!r})"
        )
    if loss.activation == "softmax" and units == 1:
        raise InputError(
            f"the last layer has 1 unit, {loss.name} expects one a class; "
            "for yes or no use Dense(1, activation='sigmoid') and binary_crossentropy"
        )
