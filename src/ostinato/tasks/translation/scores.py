"""How near translations are to references: BLEU and chrF by sacrebleu, with signatures that make them comparable."""

from collections.abc import Sequence
from typing import Any


def scores(translations: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """Measure a corpus of translations against one reference each.

    Args:
        translations: B texts, as they would be read: no tokens, no marks.
        references: B texts.

    Returns:
        JSON-able: bleu and chrf, from 0 to 100, and their signatures.

    Source: Papineni et al. 2002; Popović 2015; Post 2018, "A Call for Clarity in Reporting BLEU Scores".

    Example:
        >>> found = scores(["the cat sat on the mat"], ["the cat sat on the mat"])
        >>> round(found["bleu"]), round(found["chrf"])
        (100, 100)
    """
    from sacrebleu.metrics.bleu import BLEU  # read when asked for: it reads lxml too
    from sacrebleu.metrics.chrf import CHRF

    found: dict[str, Any] = {}
    for name, metric in (("bleu", BLEU()), ("chrf", CHRF())):
        found[name] = float(metric.corpus_score(list(translations), [list(references)]).score)
        found[f"{name}_signature"] = str(metric.get_signature())
    return found
