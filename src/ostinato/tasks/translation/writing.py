"""Answers of a fitted network: searched for in batches, put back in the order of the questions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ostinato.tasks.translation.batches import Questions, questions_of, read_questions
from ostinato.tasks.translation.beam import Beam, Found, search
from ostinato.text import Tokenizer
from ostinato.train.batch import device_of

ROWS = 64  # searched for together


@dataclass(frozen=True)
class Candidate:
    """One answer that a beam found.

    Attributes:
        text: the answer.
        score: what answers are ranked by, higher is better.
        log_probability: of all its tokens and its end, in nats.
        tokens: their ids.
    """

    text: str
    score: float
    log_probability: float
    tokens: list[int]


def barred(tokenizer: Tokenizer) -> list[int]:
    """The tokens that are never written."""
    return [tokenizer.pad_id, tokenizer.unk_id]


def answers(
    network: Any, questions: Questions, limits: list[int], tokenizer: Tokenizer, beam: Beam
) -> list[list[Candidate]]:
    """Search for the best answers to questions.

    Args:
        network: has `begin` and `decoder`.
        questions: token sequences, or (B, F) numbers.
        limits: tokens of an answer at most, a question.
        tokenizer: of the answers.
        beam: how wide, and how ranked.

    Returns:
        the candidates of each question, the best first.
    """
    found: list[list[Candidate]] = [[] for _ in limits]
    device = device_of(network)
    ready = questions_of(questions)
    # questions of like length are searched for together: answers are then of like length, and searches end together
    order = np.argsort([len(question) for question in questions], kind="stable")
    for begin in range(0, len(order), ROWS):
        rows = order[begin : begin + ROWS]
        inputs: Any = read_questions(ready, rows)
        with torch.no_grad():
            carried, given = network.begin(inputs.to(device))
        best = search(
            network.decoder,
            carried,
            given,
            limits=[limits[row] for row in rows],
            end=tokenizer.eos_id,
            barred=barred(tokenizer),
            beam=beam,
        )
        for row, candidates in zip(rows, best, strict=True):
            found[row] = [_candidate(one, tokenizer) for one in candidates]
    return found


def _candidate(found: Found, tokenizer: Tokenizer) -> Candidate:
    return Candidate(tokenizer.decode(found.tokens), found.score, found.log_probability, found.tokens)
