"""GloVe: products of vectors learn the logarithms of how often words stand near each other."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import TrainingError
from ostinato._core.random import derive
from ostinato.vectors.cooccurrence import Pairs
from ostinato.vectors.native import GloveStruct, checked, point, table, trainer

Floats = npt.NDArray[np.float32]

_PIECE = 1 << 15  # pairs that one thread takes at a time
_BLOCK = 1 << 22  # pairs between two looks at Ctrl-C


class Glove:
    """A model under training: vectors and biases of words and of contexts.

    Args:
        V: words.
        E: numbers of a vector.
        seed: of the first vectors.

    Attributes:
        tables: words, contexts (V, S), word_biases, context_biases (V,), and their squared gradients' sums (_seen).
        history: a dict an epoch: `loss` (mean of f(X) (w.c + b + b' - log X)^2 / 2), `pairs_per_second`, `seconds`.

    Source: Pennington, Socher and Manning 2014; first values and AdaGrad as in their program.
    """

    def __init__(self, V: int, E: int, seed: int) -> None:
        draw = np.random.default_rng(derive(seed, 0))
        self.V, self.E = V, E
        self.tables: dict[str, Floats] = {}
        for name in ("words", "contexts"):
            self.tables[name] = table(V, E)
            self.tables[name][:, :E] = self._first(draw, (V, E))
            self.tables[f"{name}_seen"] = table(V, E)
            self.tables[f"{name}_seen"][:] = 1
        for name in ("word_biases", "context_biases"):
            self.tables[name] = self._first(draw, (V,))
            self.tables[f"{name}_seen"] = np.ones(V, dtype=np.float32)
        self.history: list[dict[str, float]] = []
        self._trainer = trainer()

    def vectors(self) -> Floats:
        """Return the words' vectors (V, E): the mean of a word's two."""
        return np.asarray((self.tables["words"] + self.tables["contexts"])[:, : self.E] / 2, dtype=np.float32)

    def learn(self, pairs: Pairs, *, x_max: float, alpha: float, lr: float, threads: int) -> float:
        """Go through pairs once.

        Returns:
            the sum of their losses, each before it was learned from.
        """
        job = GloveStruct(
            stride=self.tables["words"].shape[1], last=len(pairs), piece=_PIECE, x_max=x_max, alpha=alpha, lr=lr
        )
        point(job, pairs=pairs, **self.tables)
        checked(self._trainer.ostinato_glove_train(job, threads))
        return float(job.loss)

    def train(
        self,
        pairs: Pairs,
        *,
        epochs: int,
        tol: float | None = None,
        tell: Callable[[dict[str, float]], None] | None = None,
        **settings: float,
    ) -> None:
        """Go through the pairs several times; arguments as in `learn` and `Predictive.train`.

        Raises:
            TrainingError: the loss became NaN.
        """
        for epoch in range(1, epochs + 1):
            loss, began = 0.0, perf_counter()
            for start in range(0, len(pairs), _BLOCK):
                some = pairs[start : start + _BLOCK]
                loss += self.learn(some, **settings)  # type: ignore[arg-type]
                if not np.isfinite(loss):
                    raise TrainingError(f"the loss became NaN in epoch {epoch}; a finite one is needed; lower lr")
                done = start + len(some)
                if tell:
                    tell({"epoch": epoch, "share": done / len(pairs), "loss": loss / done})
            seconds = perf_counter() - began
            self.history.append(
                {
                    "epoch": epoch,
                    "loss": loss / len(pairs),
                    "pairs_per_second": len(pairs) / seconds,
                    "seconds": seconds,
                }
            )
            if tol is not None and epoch > 1 and self.history[-1]["loss"] > self.history[-2]["loss"] * (1 - tol):
                return

    def _first(self, draw: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        return np.asarray((draw.random(shape, dtype=np.float32) - np.float32(0.5)) / np.float32(self.E))
