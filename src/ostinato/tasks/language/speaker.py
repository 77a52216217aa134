"""A language model that has learned: how probable texts are, what comes next, and texts as it draws them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ostinato.tasks.estimator import Estimator
from ostinato.tasks.language import corpus, decoding, measuring
from ostinato.tasks.language.corpus import Text
from ostinato.tasks.language.network import LanguageNetwork
from ostinato.text import Tokenizer
from ostinato.train import threads


class Speaker(Estimator):
    """Base of `LanguageModel`: what it says of texts, and writes, once it is fitted.

    Attributes:
        tokenizer_: the fitted tokenizer.
        network_: the `LanguageNetwork`.
        lines_: whether each line ends with the end mark.
    """

    n_threads: int | None  # a constructor argument of the subclass
    tokenizer_: Tokenizer
    network_: LanguageNetwork
    lines_: bool

    @property
    def parameters_(self) -> int:
        """Number of weights and biases, tied ones counted once."""
        return sum(parameter.numel() for parameter in self.network_.parameters())

    def evaluate(self, text: Text, *, dynamic: float | None = None, streams: int = 1) -> dict[str, Any]:
        """Measure how well each token of a text is foreseen from all that stand before it.

        The state is carried over the whole text and every token is counted once, each end mark included.

        Args:
            text: one text, or a list of texts read one behind the other.
            dynamic: learning rate of dynamic evaluation: the model goes on learning from what it has been measured on,
                and forgets it afterwards (Krause et al. 2018); none leaves it as it is.
            streams: places read side by side; each begins without what stands before it. 1 is exact; more are faster.

        Returns:
            JSON-able: tokens, unknown (tokens outside the vocabulary), characters, loss_nats (a token), perplexity,
            bits_per_character.

        Raises:
            InputError: an empty text.
        """
        check_is_fitted(self)
        texts = corpus.texts_of(text)
        ids = np.concatenate(self._encode(texts))
        with threads(self.n_threads):
            nats = measuring.total_nats(self.network_, ids, self.tokenizer_, streams=streams, dynamic=dynamic)
        return measuring.summary(nats, ids, self.tokenizer_, texts)

    def perplexity(self, text: Text, *, dynamic: float | None = None) -> float:
        """Measure the perplexity of a text, exp of the mean nats a token; see `evaluate`."""
        return float(self.evaluate(text, dynamic=dynamic)["perplexity"])

    def bits_per_character(self, text: Text) -> float:
        """Measure a text in bits a character, which compares models of words and of characters; see `evaluate`."""
        return float(self.evaluate(text)["bits_per_character"])

    def score(self, text: Text, y: None = None) -> float:
        """Mean log-probability of a token, in nats: greater is better, as scikit-learn wants a score."""
        return -float(self.evaluate(text)["loss_nats"])

    def log_probability(self, sentence: str | Sequence[str], *, end: bool = True) -> Any:
        """Log-probability of sentences, each read from a fresh state.

        It is the sum of the conditionals: ln p(w1) + ln p(w2 | w1) + ... + ln p(end | all).

        Args:
            sentence: one, or a list of B.
            end: whether the end mark counts as the last token.

        Returns:
            Nats, a float or (B,) float64. An unknown word counts as `<unk>`.

        Raises:
            InputError: a sentence that is no text.
        """
        check_is_fitted(self)
        several = corpus.sentences_of(sentence)
        with threads(self.n_threads):
            found = measuring.log_probabilities(self.network_, self.tokenizer_, several, end=end)
        return float(found[0]) if isinstance(sentence, str) else found

    def next_tokens(self, prompt: str = "", count: int = 10) -> list[tuple[str, float]]:
        """The likeliest next tokens and their probabilities.

        Args:
            prompt: what has been said; unknown words in it are read as `<unk>`, with a warning.
            count: how many.
        """
        check_is_fitted(self)
        return decoding.likeliest(self.network_, self.tokenizer_, prompt, count)

    def sample(
        self,
        prompt: str | Sequence[str] = "",
        length: int = 100,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | Sequence[int] | None = None,
        stop: str | None = "<eos>",
    ) -> Any:
        """Write on from a prompt, or from several at once.

        Args:
            prompt: how the text begins, or a list of B beginnings, written on in one batch. Words that the model does
                not know are read as `<unk>`, with a warning; the text keeps them.
            length: tokens to write at most.
            temperature: below 1 likelier tokens are preferred; 0 takes the likeliest always.
            top_k: draw from the k likeliest tokens only.
            top_p: draw from the fewest tokens whose probabilities sum to this (Holtzman et al. 2020).
            seed: the same seed gives the same text; for B prompts B seeds, or one, and the next numbers for the others.
                None draws a fresh one.
            stop: where a text ends: `<eos>`, or a piece of text; none writes all of `length`, ends of lines included.

        Returns:
            The text, prompt included; a list for a list. `<unk>` is never written: it is drawn again.

        Raises:
            InputError: an argument out of range.
        """
        check_is_fitted(self)
        prompts = corpus.sentences_of(prompt, "prompt")
        rule = decoding.Rule(temperature, top_k, top_p)
        with threads(self.n_threads):
            texts = decoding.sample(self.network_, self.tokenizer_, prompts, length, rule, seed, stop)
        return texts[0] if isinstance(prompt, str) else texts

    def stream(
        self,
        prompt: str = "",
        length: int | None = None,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
        stop: str | None = "<eos>",
    ) -> Iterator[str]:
        """Write as `sample` does, and give each piece of text as soon as it is drawn.

        Args:
            prompt: how the text begins.
            length: tokens to write; None writes on until it is stopped.
            temperature: as in `sample`, and so are the others.
            top_k: draw from the k likeliest tokens only.
            top_p: draw from the fewest tokens whose probabilities sum to this.
            seed: of the draws.
            stop: where the text ends.

        Returns:
            Iterator of what follows the prompt, piece by piece.
        """
        check_is_fitted(self)
        rule = decoding.Rule(temperature, top_k, top_p)
        return decoding.stream(self.network_, self.tokenizer_, prompt, length, rule, seed, stop)

    def beam(self, prompt: str = "", length: int = 20, *, size: int = 5) -> list[tuple[str, float]]:
        """Search for the likeliest continuations.

        Args:
            prompt: how the text begins.
            length: tokens to write at most; a continuation ends at `<eos>`.
            size: continuations kept at each step.

        Returns:
            (text, log-probability of the continuation in nats), the likeliest first, `size` of them at most.
        """
        check_is_fitted(self)
        with threads(self.n_threads):
            return decoding.beam(self.network_, self.tokenizer_, prompt, length, size)

    def _encode(self, texts: list[str]) -> list[np.ndarray]:
        return list(corpus.encode(self.tokenizer_, corpus.pieces(texts, self.lines_)))
