"""Where a word begins and ends: one regular expression, tried left to right.

Everything that is not white space belongs to exactly one token, so nothing is lost but the spaces.

    <br />          a simple HTML tag is one token (four, if `<`, `br`, `/`, `>` were split)
    8.5  1,000      a number keeps its separators
    do|n't          English clitics are cut off, as in the Penn Treebank: n't 's 're 've 'll 'd 'm
    o'brien         any other apostrophe inside a word stays inside
    我|爱|你         Han and kana have no spaces between words: one token a character
    ! ! !           every other character is a token, with the marks that combine with it
"""

_NO_SPACES = r"\p{Han}\p{Hiragana}\p{Katakana}"
_LETTER = rf"[\p{{L}}\p{{M}}\p{{N}}_&&[^{_NO_SPACES}]]"
# capitals are spelled out: the engine's own case folding makes the whole pattern ten times slower
_ENDING = r"(?:[sS]|[rR][eE]|[vV][eE]|[lL][lL]|[dD]|[mM])\b"
_NOT = r"[nN]['’][tT]\b"

WORD_PATTERN = "|".join(
    [
        # the three specials are no HTML tags: typed in a text, they fall apart into < pad >
        r"</?(?!(?:pad|unk|eos)>)[a-zA-Z][a-zA-Z0-9]*\s*/?>",
        r"\p{N}+(?:[.,]\p{N}+)+",
        rf"{_LETTER}+?(?={_NOT})",
        _NOT,
        rf"['’]{_ENDING}",
        rf"{_LETTER}+(?:['’](?!{_ENDING}){_LETTER}+)*",
        r"\S\p{M}*",
    ]
)
