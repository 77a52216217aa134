"""Tags of tokens: the spans they mark, and the schemes that mark them."""

from ostinato.data.tags.schemes import SCHEMES, Repair, Scheme, convert, detect, repair
from ostinato.data.tags.spans import Span, parse, spans

__all__ = ["SCHEMES", "Repair", "Scheme", "Span", "convert", "detect", "parse", "repair", "spans"]
