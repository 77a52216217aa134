"""What `fit` returns."""

from dataclasses import dataclass

from ostinato.train import History as Records


@dataclass(frozen=True)
class History:
    """The numbers of every epoch, as Keras gives them.

    Attributes:
        history: name → one number an epoch: `loss`, the metrics, and `val_loss`, `val_…` of the held-out part.
        epoch: 0, 1, …
        records: the trainer's own records, with rates and times; its `best_epoch`, `stopped_early`, `seed`.
    """

    history: dict[str, list[float]]
    epoch: list[int]
    records: Records

    @classmethod
    def of(cls, records: Records) -> "History":
        """From the trainer's records.

        Example:
            >>> History.of(Records([{"epoch": 1, "train_loss": 0.5, "valid_loss": 0.7, "seconds": 1.0}])).history
            {'loss': [0.5], 'val_loss': [0.7]}
        """
        names = [name for name in (records[0] if records else {}) if name.startswith(("train_", "valid_"))]
        keras = {name: name.removeprefix("train_").replace("valid_", "val_", 1) for name in names}
        return cls({keras[n]: records.column(n) for n in names}, list(range(len(records))), records)
