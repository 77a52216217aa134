"""What the recurrent tagger reads at each step: a word and its characters, a letter, shares of bases, or numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from ostinato._core.errors import InputError
from ostinato.tasks.aligned import Numbers
from ostinato.tasks.encoding import DnaEncoder, NumericEncoder, restore_encoder
from ostinato.tasks.lexicon import Encoded, Lexicon
from ostinato.vectors import KeyedVectors

if TYPE_CHECKING:
    from ostinato.tasks.tagger import SequenceTagger

StepKind = Literal["words", "letters", "dna", "numeric"]
StepEncoder = Lexicon | DnaEncoder | NumericEncoder


def fit_step_encoder(
    task: "SequenceTagger", rows: Sequence[Any], vectors: KeyedVectors | None, lowercase: bool
) -> StepEncoder:
    """Learn an encoder from the training part alone.

    Args:
        task: the tagger, which knows what its rows are made of.
        rows: B lists of tokens, texts, or (T, I) arrays.
        vectors: of words, or `None`.
        lowercase: whether capitals of words are folded.

    Raises:
        InputError: vectors of words are given and there are none.
    """
    if vectors is not None and task.input_ != "words":
        raise InputError(
            f"vectors of words are given (embedding or pretrained), X is made of {NAMED[task.input_]}, expected words; "
            "leave them out"
        )
    if task.input_ == "numeric":
        return NumericEncoder.fit(rows)
    if task.input_ == "dna":
        return DnaEncoder(None, "last")
    if task.input_ == "letters":  # capitals and digits are what a letter is
        return Lexicon.fit(rows, False, False, task.max_vocabulary)
    return Lexicon.fit(rows, lowercase, task.fold_digits, task.max_vocabulary, vectors or ())


def end_to_end(encoder: StepEncoder, rows: Sequence[Any]) -> Encoded | Numbers:
    """Encode rows for `AlignedBatches`."""
    return encoder(rows) if isinstance(encoder, Lexicon) else Numbers.of(encoder(rows))


def restore_step_encoder(kind: StepKind, stored: dict[str, Any], tensors: dict[str, Any], tokenizer: str | None) -> Any:
    """Make an encoder from what was saved."""
    if kind in ("words", "letters"):
        return Lexicon.from_json(tokenizer or "")
    return restore_encoder("numeric" if kind == "numeric" else "text", stored, tensors, None)


# kind -> what the messages call its rows
NAMED: dict[StepKind, str] = {"words": "words", "letters": "letters", "dna": "letters of DNA", "numeric": "numbers"}
