"""Tokens to text, one at a time, as they are drawn."""

from ostinato.text import EOS, Tokenizer

_BROKEN = "\ufffd"  # what bytes decode to that are the beginning of a character


class Writer:
    """Turns a row's tokens into pieces of text that follow its prompt.

    Args:
        tokenizer: whose tokens.
        prompt: what stands before the first piece.
        stop: `<eos>`, a piece of text that ends the row, or `None`.

    Attributes:
        ended: whether the row has met its stop; further tokens write nothing.

    Example:
        >>> writer = Writer(Tokenizer().fit(["a good film"]), "a", "<eos>")
        >>> writer.write(5), writer.write(4), writer.write(2), writer.ended
        (' good', ' film', '', True)
    """

    def __init__(self, tokenizer: Tokenizer, prompt: str, stop: str | None) -> None:
        self.tokenizer, self.stop, self.ended = tokenizer, stop, False
        self._spaced = tokenizer.kind in ("word", "space")
        self._fresh = not prompt or prompt[-1].isspace()  # whether no space is needed before the next word
        self._held: list[int] = []  # bytes of a character that is not whole yet
        self._seen = ""

    def write(self, token: int) -> str:
        """The text that one more token adds; "" where it adds none yet."""
        if self.ended:
            return ""
        if token == self.tokenizer.eos_id:
            self.ended = self.stop == EOS
            self._fresh = True
            return self._checked(self.rest() + ("" if self.ended else "\n"))
        self._held.append(token)
        text = self.tokenizer.decode(self._held)
        if text.endswith(_BROKEN) and len(self._held) < 4:
            return ""
        self._held = []
        if self._spaced:
            text = text if self._fresh else f" {text}"
            self._fresh = False
        return self._checked(text)

    def rest(self) -> str:
        """What is left at the end: half a character, if the last token was one."""
        held, self._held = self._held, []
        return self.tokenizer.decode(held) if held and not self.ended else ""

    def _checked(self, text: str) -> str:
        """Cut at the stop, which may lie across several pieces; what has been given stays."""
        if self.stop in (None, EOS):
            return text
        begun = len(self._seen)
        self._seen += text
        at = self._seen.find(str(self.stop))
        if at >= 0:
            self.ended = True
            return text[: max(0, at + len(str(self.stop)) - begun)]
        return text
