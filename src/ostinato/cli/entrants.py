"""Who is entered in a comparison, by what the sequences are made of."""

from collections import Counter
from typing import Any

from ostinato.cli.contest import Entrants


def entrants(*, numeric: bool, settings: dict[str, Any], letters: bool = False) -> Entrants:
    """Return the recurrent network and the simple models that read the same rows.

    Args:
        numeric: whether the sequences are numbers; else they are texts.
        settings: constructor arguments of the network.
        letters: whether texts are read by letters.
    """
    from ostinato.tasks.bag_of_words import BagOfWords
    from ostinato.tasks.classifier import SequenceClassifier
    from ostinato.tasks.summary import SummaryBaseline

    network: Entrants = {"recurrent network": lambda seed: SequenceClassifier(**settings, random_state=seed)}
    if numeric:
        return {
            **network,
            "mean of the steps": lambda seed: SummaryBaseline(summary="mean", random_state=seed),
            "last step": lambda seed: SummaryBaseline(summary="last", random_state=seed),
        }
    shared: dict[str, Any] = {"tokenizer": "char", "ngrams": (1, 3)} if letters else {}
    unit = "letters" if letters else "words"
    return {
        **network,
        f"bag of {unit}, lasso": lambda seed: BagOfWords(penalty="l1", **shared, random_state=seed),
        f"bag of {unit}, ridge": lambda seed: BagOfWords(penalty="l2", **shared, random_state=seed),
        f"bag of {unit}, network": lambda seed: BagOfWords(model="network", **shared, random_state=seed),
    }


def chance(learned: list[str], measured: list[str]) -> dict[str, Any]:
    """Return the row of a model that knows how frequent the classes are, and nothing else."""
    import math

    counts = Counter(learned)
    commonest = counts.most_common(1)[0][0]
    losses = [-math.log(counts[label] / len(learned)) for label in measured]
    return {
        "model": "always the commonest class",
        "accuracy": sum(label == commonest for label in measured) / len(measured),
        "log_loss": sum(losses) / len(losses),
    }
