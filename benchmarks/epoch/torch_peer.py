"""The same model in plain torch, in the three ways in which its users feed it."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from epoch.reviews import Reviews, V


class Model(nn.Module):
    """Embedding, LSTM, one logit."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.lstm, self.dense = nn.Embedding(V, 128), nn.LSTM(128, 128), nn.Linear(128, 1)

    def forward(self, tokens: Tensor | PackedSequence) -> Tensor:
        """Take tokens (T, B), or packed (N,), and give logits (B,)."""
        if isinstance(tokens, PackedSequence):
            vectors = tokens._replace(data=self.embedding(tokens.data))
        else:
            vectors = self.embedding(tokens)
        return self.dense(self.lstm(vectors)[1][0][0])[:, 0]


def whole(reviews: Reviews, rows: np.ndarray) -> Tensor:
    """500 words of each review, zeros before it, as the lectures have it."""
    return torch.from_numpy(_part(reviews, rows).padded().T.copy())


def longest(reviews: Reviews, rows: np.ndarray) -> Tensor:
    """Padded to the batch's longest."""
    part = _part(reviews, rows)
    return torch.from_numpy(part.padded(max(map(len, part.tokens))).T.copy())


def packed(reviews: Reviews, rows: np.ndarray) -> PackedSequence:
    """Packed: no padding is computed."""
    tokens = [torch.from_numpy(reviews.tokens[row]) for row in rows]
    lengths = torch.tensor([len(t) for t in tokens])
    return pack_padded_sequence(nn.utils.rnn.pad_sequence(tokens), lengths, enforce_sorted=False)


FORMS: dict[str, tuple[Callable[..., Tensor | PackedSequence], bool]] = {
    "torch": (whole, False),
    "torch padded to the batch": (longest, False),
    "torch with rows of like length": (longest, True),
    "torch packed": (packed, False),
}


def run(form: str, train: Reviews, test: Reviews, batch: int, epochs: int) -> tuple[float, float]:
    """Train; seconds an epoch, and accuracy on the test part at the end."""
    make, alike = FORMS[form]
    torch.manual_seed(0)
    model = Model()
    model(make(train, np.arange(batch))).sum().backward()  # wakes the threads
    optimizer = torch.optim.Adam(
        model.parameters(), fused=True
    )  # in torch's favour: the default takes nine times longer
    targets = torch.from_numpy(train.targets)
    begin = time.perf_counter()
    for rows in (rows for epoch in range(epochs) for rows in _batches(train, batch, alike, epoch)):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(make(train, rows)), targets[rows])
        loss.backward()
        optimizer.step()
    seconds = (time.perf_counter() - begin) / epochs
    with torch.inference_mode():
        order = (
            np.argsort([len(t) for t in test.tokens], kind="stable") if make is longest else np.arange(len(test.tokens))
        )
        right = 0
        for rows in np.array_split(order, -(-len(order) // 256)):
            right += int(((model(make(test, rows)).numpy() > 0) == test.targets[rows]).sum())
    return seconds, right / len(test.tokens)


def _part(reviews: Reviews, rows: np.ndarray) -> Reviews:
    return Reviews([reviews.tokens[row] for row in rows], reviews.targets[rows])


def _batches(reviews: Reviews, size: int, alike: bool, epoch: int) -> Iterator[np.ndarray]:
    draw = np.random.default_rng(epoch)
    order = draw.permutation(len(reviews.tokens))
    if alike:
        order = order[np.argsort([len(reviews.tokens[row]) for row in order], kind="stable")]
    cuts = [order[k : k + size] for k in range(0, len(order), size)]
    yield from (cuts[k] for k in draw.permutation(len(cuts)))
