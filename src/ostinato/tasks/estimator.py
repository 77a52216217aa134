"""What every estimator has, whatever it answers with: arguments, a seed, and a folder it is saved in."""

import os
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ostinato._core.errors import InputError, ModelFileError
from ostinato._core.random import fresh
from ostinato.tasks import arguments, saving


class Estimator(BaseEstimator):
    """Base of all estimators: constructor arguments are the whole configuration, learned things end in `_`.

    A subclass names its `task` (the key in `TASKS`) and writes `fit`, `parameters_`, `_learned` and `_restore`; a
    classifier of rows derives from `Task`, which has more.

    Attributes:
        seed_: the seed that `fit` used; `random_state=seed_` repeats it.
        metrics_: what was measured while training, JSON-able.
    """

    task: ClassVar[str]
    seed_: int
    metrics_: dict[str, Any]

    @property
    @abstractmethod
    def parameters_(self) -> int:
        """Number of learned numbers."""

    @abstractmethod
    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        """What was learned: JSON, arrays, and the text of `tokenizer.json`."""

    @abstractmethod
    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        """Undo `_learned`."""

    def __sklearn_clone__(self) -> Self:
        made: Any = super().__sklearn_clone__()
        # scikit-learn makes the clone's arguments anew, unfitted; a language model that is lent is what it has read
        if getattr(self, "pretrained", None) is not None:
            made.pretrained = self.pretrained
        return made  # type: ignore[no-any-return]

    def _common(self) -> dict[str, Any]:
        """What a family of estimators has learned alike, as JSON."""
        return {}

    def _restore_common(self, learned: dict[str, Any]) -> None:
        """Undo `_common`."""

    def save(self, path: str | os.PathLike[str], extra_files: Mapping[str, bytes | str] | None = None) -> Path:
        """Write the fitted estimator to a folder, whole or not at all; no pickle.

        Args:
            path: the folder; replaced if it holds a model of ours.
            extra_files: name -> content of further files to keep with it, `report.html` say.

        Returns:
            The path.

        Raises:
            InputError: the path cannot be written to, or an argument cannot be stored.
            NotFittedError: there is nothing to save yet.
        """
        check_is_fitted(self)
        stored, arrays = arguments.to_json(self.get_params(deep=False))
        learned, tensors, tokenizer = self._learned()
        common = {**self._common(), "seed": self.seed_}
        saved = saving.Saved(
            self.task, stored, {**common, **learned}, {**arrays, **tensors}, tokenizer, jsonable(self.metrics_)
        )
        return saving.write(path, saved, extra_files)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read an estimator that `save` wrote.

        Args:
            path: the folder.

        Returns:
            The estimator; it predicts as the saved one did, bit for bit on the same machine.

        Raises:
            ModelFileError: the folder is missing, damaged, of a newer format or of another task; names the file.
        """
        return cls._from_saved(saving.read(path), path)

    @classmethod
    def _from_saved(cls, saved: saving.Saved, path: str | os.PathLike[str]) -> Self:
        if saved.task != cls.task:
            raise ModelFileError(
                f"{str(path)!r} holds a model for {saved.task!r}, expected {cls.task!r}; read it with ostinato.load"
            )
        known = arguments.from_json(saved.arguments, saved.tensors)
        unknown = sorted(set(known) - set(cls._get_param_names()))
        if unknown:
            raise ModelFileError(f"{str(path)!r} has {unknown[0]!r}, unknown to {cls.__name__}; upgrade ostinato")
        estimator = cls(**known)
        estimator.seed_, estimator.metrics_ = saved.learned["seed"], saved.metrics
        estimator._restore_common(saved.learned)
        estimator._restore(saved.learned, saved.tensors, saved.tokenizer)
        return estimator

    def _seed(self) -> int:
        """The seed of this fit, from `random_state`."""
        state: Any = getattr(self, "random_state", None)
        if state is None:
            return fresh()
        if isinstance(state, np.random.RandomState):
            return int(state.randint(2**31 - 1))
        if isinstance(state, bool) or not isinstance(state, int | np.integer) or state < 0:
            raise InputError(f"random_state={state!r}, expected an integer from 0 up, a RandomState or None; give one")
        return int(state)


def jsonable(value: Any) -> Any:
    """Plain JSON of numbers measured: numpy's become Python's, NaN and infinity become `None`.

    Example:
        >>> jsonable({"loss": np.float32(0.5), "auc": float("nan")})
        {'loss': 0.5, 'auc': None}
    """
    if isinstance(value, Mapping):
        return {str(name): jsonable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(part) for part in value]
    if isinstance(value, np.ndarray | np.generic):
        return jsonable(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value
