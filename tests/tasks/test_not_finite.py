"""Training that diverges: the estimators that answer with sequences say so, and what to do."""

from typing import Any

import numpy as np
import pytest

from ostinato._core.errors import TrainingError
from ostinato.tasks import Captioner, SequenceTagger

WILD: dict[str, Any] = {"optimizer": "sgd", "lr": 1e38, "clip_norm": None, "schedule": None, "epochs": 9}


@pytest.mark.parametrize("crf", [True, False])
def test_tagger(crf: bool) -> None:
    model = SequenceTagger(hidden_size=4, crf=crf, validation_fraction=None, random_state=0, **WILD)
    with pytest.raises(TrainingError, match=r"is (nan|inf).* in epoch \d, step \d+ of .*clip_norm=1.0"):
        model.fit([["Kelly", "sleeps"], ["Paris", "sleeps"]] * 20, [["B-PER", "O"], ["B-LOC", "O"]] * 20)


def test_captioner() -> None:
    model = Captioner(embedding_size=4, hidden_size=4, decoder_size=4, validation_fraction=None, random_state=0, **WILD)
    with pytest.raises(TrainingError, match=r"is (nan|inf).* in epoch \d, step \d+ of .*clip_norm=1.0"):
        model.fit(np.eye(4).repeat(20, axis=0), ["up", "down", "left", "right"] * 20)
