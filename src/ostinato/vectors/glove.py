"""GloVe: products of vectors learn the logarithms of how often words stand near each other."""

from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import TrainingError
from ostinato._core.interrupt import deferred
from ostinato._core.random import derive
from ostinato.vectors.cooccurrence import Pairs
from ostinato.vectors.native import GloveStruct, checked, point, table, trainer
from ostinato.vectors.progress import Progress, settled, stop_if

Floats = npt.NDArray[np.float32]

_PIECE = 1 << 15  # pairs that one thread takes at a time
_BLOCK = 1 << 22  # pairs between two looks at Ctrl-C


class Glove:
    """A model under training: vectors and biases of words and of contexts.

    Args:
        V: words.
        E: numbers of a vector.
        seed: of the first vectors.
        lr: learning rate of the first steps.
        of: name -> the text and settings that a checkpoint is of.

    Attributes:
        tables: words, contexts (V, S), word_biases, context_biases (V,), and their squared gradients' sums (_seen),
            which begin at 1 / lr^2.
        progress: with a history, a dict an epoch: `loss` (mean of f(X) (w.c + b + b' - log X)^2 / 2),
            `pairs_per_second`, `seconds`.

    Source: Pennington, Socher and Manning 2014; first values and AdaGrad as in their program, which sums the squares of
        lr g and not of g: a step is lr g / sqrt(1 + sum (lr g)^2) = g / sqrt(1 / lr^2 + sum g^2). With lr = 0.05, sums
        of g^2 alone would make late steps twenty times smaller.
    """

    def __init__(self, V: int, E: int, seed: int, lr: float = 0.05, of: Mapping[str, object] | None = None) -> None:
        draw = np.random.default_rng(derive(seed, 0))
        self.V, self.E = V, E
        self.tables: dict[str, Floats] = {}
        for name in ("words", "contexts"):
            self.tables[name] = table(V, E)
            self.tables[name][:, :E] = self._first(draw, (V, E))
            self.tables[f"{name}_seen"] = table(V, E)
            self.tables[f"{name}_seen"][:] = 1 / lr**2
        for name in ("word_biases", "context_biases"):
            self.tables[name] = self._first(draw, (V,))
            self.tables[f"{name}_seen"] = np.full(V, 1 / lr**2, dtype=np.float32)
        self.progress, self.of = Progress(), dict(of or {})
        self._trainer = trainer()

    def vectors(self) -> Floats:
        """Return the words' vectors (V, E): the mean of a word's two."""
        return np.asarray((self.tables["words"] + self.tables["contexts"])[:, : self.E] / 2, dtype=np.float32)

    def learn(self, pairs: Pairs, *, x_max: float, alpha: float, threads: int) -> float:
        """Go through pairs once.

        Returns:
            the sum of their losses, each before it was learned from.
        """
        stride = self.tables["words"].shape[1]
        job = GloveStruct(stride=stride, last=len(pairs), piece=_PIECE, x_max=x_max, alpha=alpha, lr=1.0)
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
        keep: Callable[[], None] | None = None,
        **settings: float,
    ) -> None:
        """Go on to the last epoch; arguments as in `learn` and `Predictive.train`.

        Raises:
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C, once the block under way is learned and kept; a second one stops at once.
        """
        p = self.progress
        with deferred() as interrupt:
            while p.epoch < epochs and not settled(p.history, tol):
                while p.at < len(pairs):
                    some, began = pairs[p.at : p.at + _BLOCK], perf_counter()
                    loss = self.learn(some, **settings)  # type: ignore[arg-type]
                    p.at, p.loss, p.seconds = p.at + len(some), p.loss + loss, p.seconds + perf_counter() - began
                    if not np.isfinite(p.loss):
                        raise TrainingError(
                            f"the loss became NaN in epoch {p.epoch + 1}; a finite one is needed; lower lr"
                        )
                    if tell:
                        tell({"epoch": p.epoch + 1, "share": p.at / len(pairs), "loss": p.loss / p.at})
                    stop_if(interrupt, keep)
                p.turn(loss=p.loss / len(pairs), pairs_per_second=len(pairs) / max(p.seconds, 1e-9))
                if keep:
                    keep()
                stop_if(interrupt)

    def _first(self, draw: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        return np.asarray((draw.random(shape, dtype=np.float32) - np.float32(0.5)) / np.float32(self.E))
