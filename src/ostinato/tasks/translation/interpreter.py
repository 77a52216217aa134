"""A translator that has learned: translations, where it looked, and how near they are to references."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ostinato.tasks.translation import corpus
from ostinato.tasks.translation.answering import Answering
from ostinato.tasks.translation.corpus import Pairs, Parallel, Sentences
from ostinato.tasks.translation.looking import Looked, check_looked, look_back
from ostinato.tasks.translation.scores import scores
from ostinato.tasks.translation.writing import Candidate
from ostinato.text import Tokenizer
from ostinato.train import threads


class Interpreter(Answering):
    """Base of `Translator`: what it does once it is fitted.

    Attributes:
        source_tokenizer_: of the sentences read.
    """

    n_threads: int | None  # a constructor argument of the subclass
    source_tokenizer_: Tokenizer

    def translate(
        self,
        sources: Sentences,
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
        max_length: int | None = None,
    ) -> list[str]:
        """Translate sentences.

        Args:
            sources: B texts. An empty one is translated by an empty one, with a warning.
            beam: in place of the constructor's.
            length_penalty: likewise.
            max_length: tokens of a translation at most; none for twice those of the source and ten more.

        Returns:
            B texts. Each is what it would be alone, whatever is translated beside it.

        Raises:
            InputError: a source that is no text, or a beam wider than the vocabulary.
        """
        found = self.candidates(sources, beam=beam, length_penalty=length_penalty, max_length=max_length)
        return [best[0].text if best else "" for best in found]

    predict = translate

    def candidates(
        self,
        sources: Sentences,
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
        max_length: int | None = None,
    ) -> list[list[Candidate]]:
        """The translations that the beam found of each sentence (n-best), the best first; arguments as of `translate`.

        Returns:
            B lists of as many candidates as the beam is wide, at most; none for an empty source.
        """
        check_is_fitted(self)
        texts = corpus.sentences(sources)
        wide = self._beam(beam, length_penalty)
        full = corpus.not_empty(texts)
        found: list[list[Candidate]] = [[] for _ in texts]
        ids = corpus.encode(self.source_tokenizer_, [texts[number] for number in full])
        best = self._answers(ids, [2 * len(one) + 10 for one in ids], wide, max_length) if full else []
        for number, candidates in zip(full, best, strict=True):
            found[number] = candidates
        return found

    def attention_of(self, source: str, translation: str | None = None) -> Looked:
        """Show where attention looked while a translation was written.

        Args:
            source: a sentence.
            translation: of it; none for the one that the model writes.

        Returns:
            The tokens of both, and the weights; `ostinato.report.attention.attention_map` draws them.

        Raises:
            InputError: a model without attention, or an empty text.
        """
        check_is_fitted(self)
        check_looked(self.network_, source, translation)
        read = corpus.encode(self.source_tokenizer_, [source])[0]
        if translation is None:
            written = np.array(self.candidates([source])[0][0].tokens, np.int64)
        else:
            written = corpus.encode(self.target_tokenizer_, [translation])[0]
        with threads(self.n_threads):
            return look_back(self.network_, read, written, self.source_tokenizer_, self.target_tokenizer_)

    def evaluate(
        self,
        sources: Sentences | Pairs,
        targets: Sentences | None = None,
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> dict[str, Any]:
        """Translate sentences and measure how near the translations are to references.

        Args:
            sources: B texts, or pairs.
            targets: B references.
            beam: in place of the constructor's.
            length_penalty: likewise.

        Returns:
            JSON-able: pairs, tokens, loss_nats (a reference's token) and perplexity; bleu, chrf and their signatures.

        Raises:
            InputError: other numbers of sources than of targets, or an empty sentence.
        """
        check_is_fitted(self)
        pairs = corpus.parallel(sources, targets)
        tokens, nats = self._nats(*self._encode(pairs))
        written = self.translate(pairs.sources, beam=beam, length_penalty=length_penalty)
        return {
            "pairs": len(written),
            "tokens": tokens,
            "loss_nats": nats / tokens,
            "perplexity": float(np.exp(min(nats / tokens, 700.0))),
            **scores(written, pairs.targets),
        }

    def score(self, sources: Sentences | Pairs, targets: Sentences | None = None) -> float:
        """BLEU of the translations, from 0 to 100; see `evaluate`, which gives its signature too."""
        pairs = corpus.parallel(sources, targets)
        return float(scores(self.translate(pairs.sources), pairs.targets)["bleu"])

    def _encode(self, pairs: Parallel) -> tuple[list[np.ndarray], list[np.ndarray]]:
        sources = corpus.encode(self.source_tokenizer_, pairs.sources)
        return sources, corpus.encode(self.target_tokenizer_, pairs.targets)
