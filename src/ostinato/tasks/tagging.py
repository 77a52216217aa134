"""What all taggers share: schemes, entities, scores."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ostinato._core.errors import InputError
from ostinato.data.tags import SCHEMES, convert, detect, parse, repair, spans
from ostinato.tasks.entities import EntityScores, entity_scores
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.tag_rows import read_letters, read_tags, read_tokens
from ostinato.text import cut

SchemeName = Literal["auto", "none", "iob1", "iob2", "bioes", "bilou"]


class Entity(NamedTuple):
    """Something that was found.

    Attributes:
        text: as it stands in the text; of tokens, these with spaces between.
        type: what it is, as PER.
        start: where it begins: a character of a text, a token of a list of tokens.
        stop: where it ends, excluded.
        probability: that of its least probable tag.
    """

    text: str
    type: str
    start: int
    stop: int
    probability: float


@dataclass(frozen=True)
class Part:
    """Sentences and the numbers of their tags.

    Args:
        tokens: B lists of tokens, texts of letters, or (T, I) arrays.
        tags: B arrays of numbers into `classes_`.
    """

    tokens: list[Any]
    tags: list[np.ndarray]

    def __len__(self) -> int:
        return len(self.tokens)

    def take(self, rows: np.ndarray) -> "Part":
        """The sentences of these row numbers."""
        return Part([self.tokens[row] for row in rows], [self.tags[row] for row in rows])


class Tagger(Estimator):
    """Base of the taggers. A subclass writes `_fit`, `_chances`, `_learned` and `_restore`.

    Attributes:
        classes_: the tags it decides between, sorted, (C,), in `inner_scheme_`.
        scheme_: what the tags of `fit` were written in, and what `predict` writes; `None` for plain labels.
        inner_scheme_: what they are learned in.
    """

    scheme: SchemeName
    inner_scheme: str
    tokenizer: str
    classes_: np.ndarray
    scheme_: str | None
    inner_scheme_: str | None

    def fit(self, X: Any, y: Any, X_valid: Any = None, y_valid: Any = None) -> Self:
        """Learn from sentences and their tags.

        Args:
            X: B sentences, each a list of tokens.
            y: B lists of tags, as long. Entities in IOB1, IOB2, BIOES or BILOU (broken tags are repaired and counted in
                `metrics_["repaired_tags"]`), or any labels.
            X_valid: sentences to stop early by, in place of `validation_fraction`.
            y_valid: their tags.

        Returns:
            The estimator.

        Raises:
            InputError: sentences, tags or arguments that do not do; names the place.
            TrainingError: the loss became NaN.
            KeyboardInterrupt: Ctrl-C; the checkpoint was saved, if there is one.
        """
        began = perf_counter()
        tokens = self._read(X, first=True)
        tags = read_tags(y, tokens, unit=self.unit_)
        if (X_valid is None) != (y_valid is None):
            raise InputError("X_valid and y_valid: one of them is None, expected both or neither; give both")
        self.scheme_ = self._scheme_of(tags)
        self.inner_scheme_ = None if self.scheme_ is None else self.inner_scheme
        mended = 0 if self.scheme_ is None else repair(tags, self.scheme_).changed
        inner = self._inner(tags)
        self.classes_ = self._classes(inner)
        valid = None
        if X_valid is not None:
            valid_tokens = self._read(X_valid, "X_valid")
            valid_tags = self._inner(read_tags(y_valid, valid_tokens, "y_valid", self.unit_))
            valid = Part(valid_tokens, self._numbers(valid_tags, "y_valid"))
        self.seed_ = self._first_seed()
        found = self._fit(Part(tokens, self._numbers(inner, "y")), valid)
        self.metrics_ = {
            "rows": len(tokens),
            "tokens": sum(map(len, tokens)),
            "repaired_tags": mended,
            "train_seconds": perf_counter() - began,
            "parameters": self.parameters_,
            **found,
        }
        return self

    def predict(self, X: Any) -> list[list[str]]:
        """Tag sentences.

        Args:
            X: B sentences, each a list of tokens; an empty one has no tags.

        Returns:
            B lists of tags, in the scheme of `fit`.
        """
        check_is_fitted(self)
        tokens = self._read(X, empty=True)
        filled = [row for row in tokens if len(row)]
        each = iter(self._best(filled) if filled else [])
        return [self._written(next(each)) if len(row) else [] for row in tokens]

    def predict_proba(self, X: Any) -> list[np.ndarray]:
        """The probability of each tag at each token.

        Args:
            X: B sentences, each a list of tokens.

        Returns:
            B arrays (T, C), columns as `classes_`; rows sum to 1. With a CRF the marginals over all sequences.
        """
        check_is_fitted(self)
        return self._all(self._read(X, empty=True))[1]

    def decide(self, X: Any) -> tuple[list[list[str]], list[np.ndarray]]:
        """`predict` and `predict_proba` in one pass over the sentences."""
        check_is_fitted(self)
        best, chances = self._all(self._read(X, empty=True))
        return [self._written(row) for row in best], chances

    def evaluate(self, X: Any, y: Any) -> EntityScores:
        """Compare with true tags.

        Args:
            X: B sentences, each a list of tokens.
            y: B lists of tags, in any scheme.

        Returns:
            Counts, precision, recall and F1 of entities, and of each tag; the accuracy of tags.
        """
        check_is_fitted(self)
        tokens = self._read(X, empty=True)
        gold = read_tags(y, tokens, unit=self.unit_)
        if self.scheme_ is not None:
            gold = [convert(row, self.scheme_) for row in gold]
        return entity_scores(gold, self.predict(tokens))

    def score(self, X: Any, y: Any) -> float:
        """F1 of entities, as conlleval has it; of plain labels the accuracy.

        Args:
            X: B sentences, each a list of tokens.
            y: B lists of tags.
        """
        found = self.evaluate(X, y)
        return found.accuracy if self.scheme_ is None else found.f1

    def entities(self, X: Any) -> list[Any]:
        """Find entities in a text, a list of tokens, or many of either.

        Args:
            X: a text; a list of tokens; a list of texts; or a list of lists of tokens. A list of texts without a space
                in any of them is taken for one sentence's tokens. Where a letter or a step has a tag: a text of
                letters, or a list of texts or of arrays.

        Returns:
            A list of `Entity`, from left to right; of several texts a list of lists. Places are characters in a text,
            tokens in a list of tokens, steps in an array.

        Raises:
            InputError: the tagger was fitted on plain labels, which mark no spans.
        """
        check_is_fitted(self)
        if self.scheme_ is None:
            raise InputError("this tagger was fitted on plain labels, expected tags of spans (B-PER, ...); use predict")
        if isinstance(X, str):
            return self._found([X])[0]
        rows = list(X)
        words = self.unit_ == "token"
        if words and rows and all(isinstance(row, str) and not any(map(str.isspace, row)) for row in rows):
            return self._found([rows])[0]
        return self._found(rows)

    @abstractmethod
    def _fit(self, train: Part, valid: Part | None) -> dict[str, Any]:
        """Learn, and return what was measured while learning."""

    @abstractmethod
    def _chances(self, tokens: list[list[str]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Numbers of the best tags (T,), and the probabilities (T, C), of sentences that have tokens."""

    def _best(self, tokens: list[list[str]]) -> list[np.ndarray]:
        """Numbers of the best tags (T,) of sentences that have tokens; override it where that costs less than both."""
        return self._chances(tokens)[0]

    def _written(self, numbers: np.ndarray) -> list[str]:
        """Numbers of tags as the user writes tags."""
        tags = [str(tag) for tag in self.classes_[numbers]]
        return tags if self.scheme_ is None else convert(tags, self.scheme_)

    def _first_seed(self) -> int:
        return self._seed()

    def _read(self, X: Any, name: str = "X", *, empty: bool = False, first: bool = False) -> list[Any]:
        """Check X; `first` in `fit`, where it says what the rows are made of."""
        if first and self.tokenizer not in ("word", "char"):
            raise InputError(f"tokenizer={self.tokenizer!r}, expected word or char; choose one")
        return (read_tokens if self.tokenizer == "word" else read_letters)(X, name, empty)

    @property
    def unit_(self) -> str:
        """What has a tag: token, letter or step."""
        return "token" if self.tokenizer == "word" else "letter"

    def _all(self, tokens: list[Any]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """`_chances`, with nothing for sentences that have no token."""
        filled = [row for row in tokens if len(row)]
        best, chances = self._chances(filled) if filled else ([], [])
        each = iter(zip(best, chances, strict=True))
        nothing = np.zeros(0, np.int64), np.zeros((0, len(self.classes_)))
        pairs = [next(each) if len(row) else nothing for row in tokens]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def _found(self, rows: Sequence[Any]) -> list[list[Entity]]:
        """Entities of texts and of lists of tokens."""
        is_cut = self.unit_ == "token"
        cuts = [cut(row) if is_cut and isinstance(row, str) else None for row in rows]
        tokens = [
            [token.text for token in pieces] if pieces is not None else row
            for row, pieces in zip(rows, cuts, strict=True)
        ]
        best, chances = self._all(self._read(tokens, empty=True)) if rows else ([], [])
        result = []
        for row, pieces, words, codes, chance in zip(rows, cuts, tokens, best, chances, strict=True):
            sure = chance[np.arange(len(codes)), codes]
            found = []
            for start, stop, type in spans(self.classes_[codes].tolist()):
                least = float(sure[start:stop].min())
                if pieces is None:
                    found.append(Entity(self._part(words, start, stop), type, start, stop, least))
                else:
                    begin, end = pieces[start].start, pieces[stop - 1].stop
                    found.append(Entity(row[begin:end], type, begin, end, least))
            result.append(found)
        return result

    def _part(self, row: Any, start: int, stop: int) -> str:
        """Some tokens of a row as a text."""
        return {"token": " ", "letter": ""}[self.unit_].join(row[start:stop])

    def _scheme_of(self, tags: list[list[str]]) -> str | None:
        if self.inner_scheme not in SCHEMES:
            raise InputError(f"inner_scheme={self.inner_scheme!r}, expected one of {', '.join(SCHEMES)}; choose one")
        if self.scheme == "auto":
            return detect(tags)
        if self.scheme != "none" and self.scheme not in SCHEMES:
            raise InputError(f"scheme={self.scheme!r}, expected auto, none or one of {', '.join(SCHEMES)}; choose one")
        return None if self.scheme == "none" else self.scheme

    def _classes(self, inner: list[list[str]]) -> np.ndarray:
        """The tags there are; of spans every prefix of each type, seen or not, so that any sentence can be written."""
        found = {tag for row in inner for tag in row}
        if len(found) < 2:
            raise InputError(f"y holds 1 tag, {', '.join(found)!r}, expected at least 2; is it the right column?")
        if self.inner_scheme_ is not None:
            types = {parse(tag)[1] for tag in found if tag != "O"}
            found = {"O", *(f"{prefix}-{type}" for prefix in SCHEMES[self.inner_scheme_].prefixes for type in types)}
        return np.array(sorted(found))

    def _inner(self, tags: list[list[str]]) -> list[list[str]]:
        inner = self.inner_scheme_
        return tags if inner is None else [convert(row, inner) for row in tags]

    def _numbers(self, tags: list[list[str]], name: str) -> list[np.ndarray]:
        """Tags to numbers into `classes_`."""
        known = {tag: number for number, tag in enumerate(self.classes_.tolist())}
        rows = []
        for number, row in enumerate(tags):
            unknown = next((tag for tag in row if tag not in known), None)
            if unknown is not None:
                place = row.index(unknown)
                raise InputError(
                    f"{name}[{number}][{place}] is {unknown!r}, expected one of {', '.join(known)} as in y; "
                    "correct it, or add such rows to X and y"
                )
            rows.append(np.array([known[tag] for tag in row], np.int64))
        return rows

    def _common(self) -> dict[str, Any]:
        return {"classes": self.classes_.tolist(), "scheme": self.scheme_, "inner_scheme": self.inner_scheme_}

    def _restore_common(self, learned: dict[str, Any]) -> None:
        self.classes_ = np.array(learned["classes"])
        self.scheme_, self.inner_scheme_ = learned["scheme"], learned["inner_scheme"]
