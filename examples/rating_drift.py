"""Ratings that drift with time: what will this user give this item now?

A table of (user, item, day, rating) becomes sequences: an item's last ratings before the day, each with how its rater
differs from others and how long ago it was. A model of users and items that stay as they are cannot
follow what goes out of fashion; the last ratings can, if old ones are trusted less. What is printed is R².

    python examples/rating_drift.py
    python examples/rating_drift.py ratings.csv     # with columns user, item, day (a number) and rating
"""

import sys

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.preprocessing import OneHotEncoder

from ostinato import SequenceRegressor, SummaryRegressor
from ostinato.data import read_columns

KEPT = 12  # ratings of an item that are read


def made_up(ratings: int = 6000) -> dict[str, np.ndarray]:
    """Users who are kind or harsh, items whose standing walks up and down."""
    draw = np.random.default_rng(0)
    days = np.sort(draw.uniform(0, 365, ratings))
    users, items = draw.integers(0, 80, ratings), draw.integers(0, 30, ratings)
    kindness = draw.normal(0, 0.6, 80)
    standing = draw.normal(0, 0.3, 30) + np.cumsum(draw.normal(0, 0.07, (366, 30)), axis=0)
    rating = 3 + kindness[users] + standing[days.astype(int), items] + draw.normal(0, 0.4, ratings)
    return {"user": users, "item": items, "day": days, "rating": rating.clip(1, 5)}


def read(path: str) -> dict[str, np.ndarray]:
    """Read a table, put in order of time."""
    columns = read_columns(path, ["user", "item", "day", "rating"])
    table = {name: np.array(values) for name, values in columns.items()}
    table |= {name: table[name].astype(float) for name in ("day", "rating")}
    order = np.argsort(table["day"], kind="stable")
    return {name: values[order] for name, values in table.items()}


def sequences(table: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Of each rating what was known before it: the item's last ratings, (T, 3); nothing of later rows."""
    rows = []
    given: dict[object, list[float]] = {}  # user -> ratings so far
    got: dict[object, list[tuple[float, float]]] = {}  # item -> (day, rating above what its rater usually gives)
    for user, item, day, rating in zip(*(table[name] for name in ("user", "item", "day", "rating")), strict=True):
        usual = _usual(given.setdefault(user, []))
        before = got.setdefault(item, [])
        steps = [(above, np.log1p(day - then), usual) for then, above in before[-KEPT:]]
        rows.append(np.array(steps or [(0.0, np.log1p(365), usual)], np.float32))
        before.append((day, rating - usual))
        given[user].append(rating)
    return rows


def _usual(ratings: list[float]) -> float:
    """A user's mean, drawn to 3 while little is known."""
    return (sum(ratings) + 3 * 3.0) / (len(ratings) + 3)


def main() -> None:
    """Learn from the first four fifths of the time, foresee the last."""
    table = read(sys.argv[1]) if len(sys.argv) > 1 else made_up()
    X, y = sequences(table), table["rating"]
    cut = round(0.8 * len(y))
    names = np.stack([table["user"], table["item"]], axis=1).astype(str)
    known = OneHotEncoder(handle_unknown="ignore").fit(names[:cut])
    fixed = Ridge(1.0).fit(known.transform(names[:cut]), y[:cut])
    print(f"{'user and item, fixed':24s} {r2_score(y[cut:], fixed.predict(known.transform(names[cut:]))):.3f}")
    for name, model in {
        "last rating": SummaryRegressor(summary="last", random_state=0),
        "mean of last ratings": SummaryRegressor(summary="mean", random_state=0),
        "recurrent network": SequenceRegressor(
            cell="gru", hidden_size=16, bidirectional=False, pooling="last", epochs=8, lr=5e-3, random_state=0
        ),
    }.items():
        print(f"{name:24s} {model.fit(X[:cut], y[:cut]).score(X[cut:], y[cut:]):.3f}")


if __name__ == "__main__":
    main()
