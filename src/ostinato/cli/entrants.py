"""Who is entered in a comparison, by what the sequences are made of."""

from typing import Any


def entrants(*, numeric: bool, settings: dict[str, Any], letters: bool = False) -> dict[str, Any]:
    """Return the recurrent network, the simple models that read the same rows, and one that does not read them.

    Args:
        numeric: whether the sequences are numbers; else they are texts.
        settings: constructor arguments of the network.
        letters: whether texts are read by letters.
    """
    from sklearn.dummy import DummyClassifier

    from ostinato.tasks.bag_of_words import BagOfWords
    from ostinato.tasks.classifier import SequenceClassifier
    from ostinato.tasks.summary import SummaryBaseline

    network = {"recurrent network": SequenceClassifier(**settings)}
    chance = {"always the commonest class": DummyClassifier(strategy="prior")}
    if numeric:
        means = {
            "mean of the steps": SummaryBaseline(summary="mean"),
            "last step": SummaryBaseline(summary="last"),
        }
        return {**network, **means, **chance}
    shared: dict[str, Any] = {"tokenizer": "char", "ngrams": (1, 3)} if letters else {}
    unit = "letters" if letters else "words"
    bags = {
        f"bag of {unit}, lasso": BagOfWords(penalty="l1", **shared),
        f"bag of {unit}, ridge": BagOfWords(penalty="l2", **shared),
        f"bag of {unit}, network": BagOfWords(model="network", **shared),
    }
    return {**network, **bags, **chance}
