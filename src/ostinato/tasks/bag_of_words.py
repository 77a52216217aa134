"""Texts as bags of words: the baseline that a recurrent network has to beat."""

import json
from typing import Any, Literal

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from ostinato._core.errors import InputError
from ostinato.tasks.inputs import Sequences
from ostinato.tasks.linear_task import LinearTask, one_of


class BagOfWords(LinearTask):
    """Classifies texts by which words they hold, whatever their order.

    Use it beside every recurrent classifier: it trains in seconds, and on long texts with much evidence it is hard to
    beat. With n-grams of characters it does the same for names and other short strings.

    The matrix of words is scikit-learn's (`CountVectorizer`, `TfidfTransformer`), sparse, of the `max_vocabulary` most
    frequent n-grams. Words are runs of letters, digits and underscores in lower case, single letters too.

    Args:
        features: "tfidf" (1 + log of the count, times log inverse document frequency, rows scaled to length 1),
            "counts", or "binary" (1 if the text holds the word).
        ngrams: shortest and longest n-gram, (1, 1) for single words.
        tokenizer: n-grams of "word" or of "char" (characters, inside words).
        lowercase: fold capitals; `None` folds them for words alone.
        max_vocabulary: n-grams kept, the most frequent; `None` for all.
        model: "logistic" regression, or a "network" of hidden ReLU layers.
        penalty: of the logistic regression: "l1" (lasso, keeps few words), "l2" (ridge) or "elasticnet" (half
            and half). A lasso of more than two classes is fitted one class against the others.
        C: inverse strength of the penalty; `None` has it chosen by log-loss on held-out rows (for the
            network: 10,000, which is scikit-learn's alpha of 0.0001).
        hidden: units of the network's hidden layers.
        class_weight: `None`, "balanced", or a dict of class to weight.
        random_state: seed of the held-out part and the solvers.

    Attributes:
        vocabulary_: n-gram -> column.
        dense_: the learned layers.

    Source: Wang and Manning 2012, "Baselines and Bigrams"; Tibshirani 1996 for the lasso.

    Example:
        >>> texts = ["a good film", "good fun", "bad film", "a bad bore"] * 5
        >>> model = BagOfWords(C=10.0, random_state=0).fit(texts, ["pos", "pos", "neg", "neg"] * 5)
        >>> model.predict(["good", "bad"]).tolist()
        ['pos', 'neg']
    """

    task = "bag-of-words"
    inputs = ("text", "tokens")

    def __init__(
        self,
        *,
        features: Literal["tfidf", "counts", "binary"] = "tfidf",
        ngrams: tuple[int, int] = (1, 2),
        tokenizer: Literal["word", "char"] = "word",
        lowercase: bool | None = None,
        max_vocabulary: int | None = 30_000,
        model: Literal["logistic", "network"] = "logistic",
        penalty: Literal["l1", "l2", "elasticnet"] = "l1",
        C: float | None = None,
        hidden: tuple[int, ...] = (16, 16),
        class_weight: dict[str, float] | Literal["balanced"] | None = None,
        random_state: int | None = None,
    ) -> None:
        self.features = features
        self.ngrams = ngrams
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.max_vocabulary = max_vocabulary
        self.model = model
        self.penalty = penalty
        self.C = C
        self.hidden = hidden
        self.class_weight = class_weight
        self.random_state = random_state

    def top_words(self, count: int = 10) -> dict[Any, list[tuple[str, float]]]:
        """List the words that speak most for each class, of a logistic regression.

        Args:
            count: words a class at most; words of weight 0 are left out.

        Returns:
            Class -> (word, weight), the heaviest first. Of two classes the first one's weights are those that speak
            against the second.

        Raises:
            InputError: the model is a network, whose single weights mean nothing.
        """
        if len(self.dense_.weights) > 1:
            raise InputError("model='network' has no weight a word, expected model='logistic'; fit one")
        words = np.asarray(sorted(self.vocabulary_, key=self.vocabulary_.__getitem__), dtype=object)
        weight = self.dense_.weights[0].T
        weight = np.concatenate([-weight, weight]) if len(weight) == 1 else weight
        heaviest = [np.argsort(-row, kind="stable")[:count] for row in weight]
        return {
            label: [(str(words[place]), float(row[place])) for place in places if row[place] > 0]
            for label, row, places in zip(self.classes_.tolist(), weight, heaviest, strict=True)
        }

    def _fit_features(self, read: Sequences, weights: np.ndarray | None) -> Any:
        one_of("features", self.features, ("tfidf", "counts", "binary"))
        one_of("tokenizer", self.tokenizer, ("word", "char"))
        low, high = self.ngrams
        if not 1 <= low <= high:
            raise InputError(f"ngrams={self.ngrams!r}, expected (shortest, longest), from 1 up; correct it")
        if self.max_vocabulary is not None and self.max_vocabulary < 1:
            raise InputError(f"max_vocabulary={self.max_vocabulary!r}, expected a number from 1 up or None; correct it")
        vectorizer = self._vectorizer()
        try:
            counts = vectorizer.fit_transform(_texts(read))
        except ValueError:
            raise InputError(
                "no text in X holds a word, expected some to learn from; check the column of texts"
            ) from None
        self.vocabulary_ = {word: int(column) for word, column in vectorizer.vocabulary_.items()}
        self.idf_ = TfidfTransformer().fit(counts).idf_ if self.features == "tfidf" else None
        return self._weighted(counts)

    def _features(self, read: Sequences) -> Any:
        return self._weighted(self._vectorizer(self.vocabulary_).transform(_texts(read)))

    def _vectorizer(self, vocabulary: dict[str, int] | None = None) -> CountVectorizer:
        lowercase = self.tokenizer == "word" if self.lowercase is None else self.lowercase
        return CountVectorizer(
            analyzer="char_wb" if self.tokenizer == "char" else "word",
            token_pattern=r"(?u)\b\w+\b" if self.tokenizer == "word" else None,
            ngram_range=tuple(self.ngrams),
            lowercase=lowercase,
            max_features=self.max_vocabulary,
            vocabulary=vocabulary,
            binary=self.features == "binary",
            dtype=np.float64,
        )

    def _weighted(self, counts: Any) -> Any:
        if self.idf_ is None:
            return counts
        transformer = TfidfTransformer(sublinear_tf=True)
        transformer.idf_ = self.idf_
        return transformer.transform(counts)

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        learned, tensors, _ = super()._learned()
        if self.idf_ is not None:
            tensors["idf"] = self.idf_
        in_order = sorted(self.vocabulary_, key=self.vocabulary_.__getitem__)
        return learned, tensors, json.dumps(in_order, ensure_ascii=False)

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        super()._restore(learned, tensors, tokenizer)
        self.vocabulary_ = {word: column for column, word in enumerate(json.loads(tokenizer or "[]"))}
        self.idf_ = tensors.get("idf")


def _texts(read: Sequences) -> list[str]:
    """Texts as they are; a token sequence as its numbers, written out."""
    return read.values if read.kind == "text" else [" ".join(map(str, tokens.tolist())) for tokens in read.values]
