"""One estimator on one kind of rows: what the checks of a task are given."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sklearn.base import clone


@dataclass
class Trial:
    """One estimator and one kind of rows; fitted once, when a check first asks.

    Args:
        estimator: not fitted.
        rows: has `X` and `y`.
    """

    estimator: Any
    rows: Any

    @cached_property
    def fitted(self) -> Any:
        """A clone, fitted on the rows and their labels."""
        return self.fresh().fit(self.rows.X, self.rows.y)

    def fresh(self, **arguments: Any) -> Any:
        """A clone with a fixed seed."""
        return clone(self.estimator).set_params(random_state=0, **arguments)


def raises(error: type[Exception], words: str, call: Callable[[], object]) -> None:
    """Raise AssertionError unless a call raises an error whose one line holds these words."""
    try:
        call()
    except error as raised:
        assert words in str(raised), f"the message {str(raised)!r} lacks {words!r}"
        assert "\n" not in str(raised), f"the message {str(raised)!r} has several lines"
    else:
        raise AssertionError(f"no {error.__name__} with {words!r} was raised")
