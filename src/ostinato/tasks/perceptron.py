"""A network of hidden ReLU layers on a matrix of features, stopped early on a held-out part."""

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from ostinato.tasks.dense import Dense
from ostinato.tasks.held_out import hold_out
from ostinato.tasks.labels import Labels
from ostinato.tasks.logistic import log_loss, share_to_choose_by

_EPOCHS, _PATIENCE = 50, 3


def fit_perceptron(
    features: Any,
    codes: np.ndarray,
    labels: Labels,
    weights: np.ndarray | None,
    hidden: tuple[int, ...],
    penalty: float,
    seed: int,
) -> tuple[Dense, dict[str, Any]]:
    """Fit scikit-learn's `MLPClassifier` epoch by epoch and keep the epoch with the lowest held-out log-loss.

    Its own early stopping goes by held-out accuracy, which is flat while the log-loss already rises, and refuses
    classes of one row.

    Args:
        features: (B, F), dense or CSR.
        codes: class numbers (B,), or an indicator (B, C).
        labels: the classes.
        weights: (B,) or `None`.
        hidden: units of each hidden layer.
        penalty: strength of the L2 penalty.
        seed: of the first weights, the order of rows and the held-out part.

    Returns:
        The layers, and what was found: `best_epoch` and the path of held-out log-losses.
    """
    train, held = hold_out(codes, share_to_choose_by(len(codes)), seed)
    network = MLPClassifier(
        hidden_layer_sizes=hidden, alpha=penalty, batch_size=min(128, len(train)), random_state=seed
    )
    targets = codes.astype(np.int64)
    classes = np.arange(len(labels.classes))
    of_train, of_held = (None, None) if weights is None else (weights[train], weights[held])
    rows, of_rows = (held, of_held) if len(held) else (train, of_train)
    best, path = Dense((), ()), list[dict[str, float]]()
    for epoch in range(1, _EPOCHS + 1):
        network.partial_fit(features[train], targets[train], classes=classes, sample_weight=of_train)
        dense = Dense(tuple(w.copy() for w in network.coefs_), tuple(b.copy() for b in network.intercepts_))
        loss = log_loss(dense(features[rows]), codes[rows], labels, of_rows)
        if all(loss < point["log_loss"] for point in path):
            best, best_epoch = dense, epoch
        path.append({"epoch": epoch, "log_loss": loss})
        if epoch - best_epoch >= _PATIENCE:
            break
    return best, {"best_epoch": best_epoch, "path": path}
