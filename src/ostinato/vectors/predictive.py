"""Skip-gram and CBOW: a word's vector learns to predict the words beside it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import TrainingError
from ostinato._core.interrupt import deferred
from ostinato._core.random import derive
from ostinato.vectors.checkpoint import of_text
from ostinato.vectors.corpus import Corpus
from ostinato.vectors.huffman import Paths, huffman
from ostinato.vectors.native import WordsStruct, checked, point, table, trainer
from ostinato.vectors.progress import Progress, settled, stop_if
from ostinato.vectors.sampling import alias_table, keep_chances, noise
from ostinato.vectors.subwords import Subwords

Floats = npt.NDArray[np.float32]

PIECE = 1 << 14  # codes that one thread takes at a time
_BLOCK = 1 << 21  # codes between two looks at Ctrl-C
_MEASURED = 16  # stretches on which the loss is measured


@dataclass(frozen=True)
class Settings:
    """What is learned; `WordVectors` says what each is.

    `whole` is not the user's: whether a context word learns all of a mean's gradient, as in word2vec, or its share.
    """

    E: int = 100
    mean: bool = False
    whole: bool = False
    left: int = 5
    right: int = 5
    reduced: bool = True
    nearby: bool = False
    negatives: int = 5
    exponent: float = 0.75
    sample: float = 1e-3
    lr: float = 0.025
    min_lr: float = 1e-4
    epochs: int = 5
    seed: int = 0
    threads: int = 1


class Predictive:
    """A model under training.

    Args:
        corpus: the coded text.
        settings: see there.
        subwords: parts of words that have vectors too, or None.

    Attributes:
        inputs: (V + buckets, S) the vectors that are wanted.
        outputs: (V or V - 1, S) those of the predicted words or of the tree's nodes.
        progress: see there.
    """

    def __init__(self, corpus: Corpus, settings: Settings, subwords: Subwords | None = None) -> None:
        self.corpus, self.settings, self.subwords = corpus, settings, subwords
        self.progress = Progress()
        V, E = len(corpus.words), settings.E
        rows = V + (subwords.buckets if subwords else 0)
        self.inputs, self.outputs = table(rows, E), table(V if settings.negatives else max(V - 1, 1), E)
        draw = np.random.default_rng(derive(settings.seed, 0))
        self.inputs[:, :E] = (draw.random((rows, E), dtype=np.float32) - np.float32(0.5)) / np.float32(E)
        self._keep = keep_chances(corpus.counts, settings.sample)
        self._threshold, self._alias = alias_table(noise(corpus.counts, settings.exponent))
        self._paths: Paths | None = None if settings.negatives else huffman(corpus.counts)
        self._trainer = trainer()

    def vectors(self) -> Floats:
        """Return the words' vectors (V, E) as they are now."""
        V, E = len(self.corpus.words), self.settings.E
        if self.subwords is None:
            return np.array(self.inputs[:V, :E])
        return self.subwords.composed(self.inputs[:, :E], V)

    @property
    def tables(self) -> dict[str, Floats]:
        """What is learned, by name."""
        return {"inputs": self.inputs, "outputs": self.outputs}

    @property
    def of(self) -> dict[str, object]:
        """The text and the settings; the threads may be others when a training goes on."""
        settings, parts = asdict(self.settings), self.subwords
        del settings["threads"]
        shape = None if parts is None else [parts.shortest, parts.longest, parts.buckets]
        return {**of_text(self.corpus), "subwords": shape, **settings}

    def train(
        self,
        *,
        tol: float | None = None,
        tell: Callable[[dict[str, float]], None] | None = None,
        keep: Callable[[], None] | None = None,
    ) -> None:
        """Go on to the last epoch.

        Args:
            tol: stop after an epoch whose loss is not lower than the one before by this share.
            tell: is called now and then with epoch, share of it, loss so far and words a second.
            keep: is called after each epoch and on Ctrl-C, to write a checkpoint.

        Raises:
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C, once the block under way is learned and kept; a second one stops at once.
        """
        p, total = self.progress, len(self.corpus.codes)
        with deferred() as interrupt:
            while p.epoch < self.settings.epochs and not settled(p.history, tol):
                while p.at < total:
                    self._learn(min(p.at + _BLOCK, total))
                    if tell:
                        speed = p.words / max(p.seconds, 1e-9)
                        loss = p.loss / max(p.pairs, 1)
                        tell({"epoch": p.epoch + 1, "share": p.at / total, "loss": loss, "words_per_second": speed})
                    stop_if(interrupt, keep)
                began = perf_counter()
                loss = self.loss()
                p.seconds += perf_counter() - began
                p.turn(
                    loss=loss,
                    words=p.words,
                    words_per_second=p.words / max(p.seconds, 1e-9),
                    loss_while_learning=p.loss / max(p.pairs, 1),
                )
                if keep:
                    keep()
                stop_if(interrupt)

    def loss(self) -> float:
        """Return the loss of the tables as they are: mean nats a pair, on up to 16 stretches of the text.

        The stretches and the draws are always the same, so that epochs can be compared.

        What a training loses on the way is no such measure: with a large learning rate the tables have just been bent
        to the text at hand, and it seems low.
        """
        total = len(self.corpus.codes)
        stretches = -(-total // PIECE)
        chosen = range(stretches) if stretches <= _MEASURED else np.linspace(0, stretches - 1, _MEASURED).astype(int)
        loss, pairs = 0.0, 0
        for number in chosen:
            job = self.job(int(number) * PIECE, min((int(number) + 1) * PIECE, total))
            job.lr_first = job.lr_last = 0.0
            job.seed = derive(self.settings.seed, 2)
            checked(self._trainer.ostinato_words_train(job, 1))
            loss, pairs = loss + job.loss, pairs + job.pairs
        return loss / max(pairs, 1)

    def job(self, first: int, last: int) -> WordsStruct:
        """Fill the structure for a stretch of this epoch; it points into arrays of this object."""
        s, p, total = self.settings, self.progress, len(self.corpus.codes)
        fall = (s.lr - s.min_lr) / s.epochs
        job = WordsStruct(
            stride=self.inputs.shape[1],
            total=total,
            first=first,
            last=last,
            piece=PIECE,
            left=s.left,
            right=s.right,
            reduced=s.reduced,
            nearby=s.nearby,
            mean=s.mean,
            whole=s.whole,
            V=len(self.corpus.words),
            negatives=s.negatives,
            lr_first=s.lr - fall * p.epoch,
            lr_last=s.lr - fall * (p.epoch + 1),
            seed=derive(s.seed, 1, p.epoch),
        )
        point(job, inputs=self.inputs, outputs=self.outputs, codes=self.corpus.codes, keep=self._keep)
        point(job, threshold=self._threshold, alias=self._alias)
        if self._paths is not None:
            paths = self._paths
            point(job, path_begin=paths.begin, path_nodes=paths.nodes, path_labels=paths.labels)
        if self.subwords is not None:
            point(job, gram_begin=self.subwords.begin, grams=self.subwords.rows)
        return job

    def _learn(self, last: int) -> None:
        p, job, began = self.progress, self.job(self.progress.at, last), perf_counter()
        checked(self._trainer.ostinato_words_train(job, self.settings.threads))
        p.at, p.seconds = last, p.seconds + perf_counter() - began
        p.loss, p.pairs, p.words = p.loss + job.loss, p.pairs + job.pairs, p.words + job.words
        if not np.isfinite(p.loss):
            raise TrainingError(f"the loss became NaN in epoch {p.epoch + 1}; a finite one is needed; lower lr")
