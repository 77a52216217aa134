"""What differs between kinds of tasks at the command line: what a row is, how it is measured, what is said of it."""

from ostinato.cli.ways.way import Outcome, Way


def way_of(verb: str) -> Way:
    """The way of a verb of `train`."""
    if verb in TAGGERS:
        from ostinato.cli.ways.tagging import Tagging

        return Tagging()
    if verb in REGRESSORS:
        from ostinato.cli.ways.regressing import Regressing

        return Regressing()
    from ostinato.cli.ways.classifying import Classifying

    return Classifying()


# the verbs that answer with a tag a token
TAGGERS = frozenset({"tag", "window-tags", "word-tags"})
# the verbs that answer with a number a row
REGRESSORS = frozenset({"regress", "summary-regress"})

__all__ = ["REGRESSORS", "TAGGERS", "Outcome", "Way", "way_of"]
