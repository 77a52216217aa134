"""What is wrong is said: the value, what was expected, what to do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ostinato._core.errors import InputError, ModelFileError, NotFiniteError, ShapeError
from ostinato.layers import GRU, LSTM, Bidirectional, Dense, Dropout, Embedding, Input, Sequential, SimpleRNN

BUILDING: list[tuple[Any, str]] = [
    (lambda: Sequential([Embedding(9, 2), Dense(1)]), "Dense is given a vector a step .* by 'embedding', .*put LSTM"),
    (
        lambda: Sequential([Input((None, 2)), LSTM(3), GRU(3)]),
        "GRU is given one vector a row .* by 'lstm', .*return_seq",
    ),
    (lambda: Sequential([Input((None, 2)), Embedding(9, 2)]), "Embedding stands after 'input', .*move it to the front"),
    (lambda: Sequential([LSTM]), "is not a layer .*make one with its parentheses"),
    (lambda: Sequential([LSTM(3), Dense(1)]).summary(), "the model is not built"),
    (lambda: LSTM(0), "units=0, expected a whole number above 0"),
    (lambda: LSTM(2.5), "units=2.5, expected a whole number"),  # type: ignore[arg-type]
    (lambda: Dense(3, activation="sigmod"), "activation='sigmod' is not known, .*did you mean 'sigmoid'"),
    (lambda: SimpleRNN(3, activation="softmax"), "expected 'tanh', 'relu' or 'linear'"),
    (lambda: Dropout(1.0), r"rate=1.0 of Dropout, expected a number in \[0, 1\)"),
    (lambda: Bidirectional(Dense(3)), "Bidirectional is given Dense, expected SimpleRNN"),  # type: ignore[arg-type]
    (lambda: Bidirectional(LSTM(3), merge_mode="avg"), "merge_mode='avg' is not known, .*did you mean 'ave'"),
    (lambda: Sequential([Input((7, None))]), r"input_shape=\(7, None\) of Input, expected \(T, I\)"),
]


@pytest.mark.parametrize(("make", "message"), BUILDING)
def test_building(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_a_layer_that_does_not_fit_is_not_kept() -> None:
    model = Sequential([Input((None, 2)), LSTM(3)])
    with pytest.raises(InputError):
        model.add(GRU(3))
    model.add(Dense(1))
    assert model.output_shape == "(B, 1)"


COMPILING: list[tuple[dict[str, Any], str]] = [
    ({"loss": "binary_crosentropy"}, "loss='binary_crosentropy' is not known, .*did you mean 'binary_crossentropy'"),
    ({"loss": "mse", "optimizer": "adan"}, "did you mean 'adam'"),
    ({"loss": "mse", "metrics": ["accuracies"]}, "did you mean 'accuracy'"),
    ({}, "loss is missing, expected one of mse"),
    ({"loss": "categorical_crossentropy"}, "activation is 'sigmoid', categorical_crossentropy expects 'softmax'"),
]


@pytest.mark.parametrize(("settings", "message"), COMPILING)
def test_compiling(settings: dict[str, Any], message: str) -> None:
    model = Sequential([Embedding(9, 2), LSTM(3), Dense(1, activation="sigmoid")])
    with pytest.raises(InputError, match=message):
        model.compile(**settings)


def test_one_unit_of_softmax() -> None:
    with pytest.raises(InputError, match=r"1 unit, .*for yes or no use Dense"):
        Sequential([Embedding(9, 2), LSTM(3), Dense(1, activation="softmax")]).compile(
            loss="sparse_categorical_crossentropy"
        )


def test_fit_before_compile() -> None:
    model = Sequential([Embedding(9, 2), LSTM(3), Dense(1)])
    for verb in (model.fit, model.evaluate):
        with pytest.raises(InputError, match="not compiled, expected compile"):
            verb([[1]], [1.0])


X = [[1, 2], [3]]
FITTING: list[tuple[Any, Any, dict[str, Any], str]] = [
    ([], [], {}, "x has 0 rows"),
    ("text", [1], {}, "x is str, expected an array or a list"),
    ([[1, 2], []], [0, 1], {}, "row 1"),
    ([[1, 2], [9]], [0, 1], {}, "row 1, step 0: id 9: expected 0 to 8"),
    ([[1, 2], [1.5]], [0, 1], {}, "row 1 of x holds 1.5, expected whole token numbers"),
    (X, [0, 1, 1], {}, "y has 3 rows, expected 2"),
    (X, None, {}, "y is missing"),
    (X, [[0, 1], [1, 0]], {}, r"y has shape \(2, 2\), expected \(2, 1\)"),
    (X, ["a", "b"], {}, "y holds a, expected numbers; encode the labels"),
    (X, [0, 2], {}, "y runs from 0 to 2, binary_crossentropy expects 0 … 1"),
    (X, [0, np.nan], {}, "row 1 of y holds NaN"),
    (X, [0, 1], {"sample_weight": [1]}, r"sample_weight has shape \(1,\), expected \(2,\)"),
    (X, [0, 1], {"sample_weight": [1, -1]}, "holds a negative number"),
    (X, [0, 1], {"class_weight": {0: 1.0}}, "class_weight lacks class 1"),
    (X, [0, 1], {"validation_split": 0.9}, "leaves 0 to train on"),
    (X, [0, 1], {"callbacks": []}, "callbacks is no argument of fit, expected patience=, log= or checkpoint="),
    (X, [0, 1], {"schedul": "cosine"}, "argument='schedul' is not known, .*did you mean 'schedule'"),
    (X, [0, 1], {"sample_weights": [1, 1]}, "did you mean 'sample_weight'"),
    (X, [0, 1], {"self_": 1}, "argument='self_' is not known, .*choose one of them"),
]


@pytest.mark.parametrize(("x", "y", "settings", "message"), FITTING)
def test_fitting(x: Any, y: Any, settings: dict[str, Any], message: str) -> None:
    model = Sequential([Embedding(9, 2), LSTM(3), Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")
    with pytest.raises(InputError, match=message):
        model.fit(x, y, verbose=0, **settings)


def test_class_numbers() -> None:
    model = Sequential([Embedding(9, 2), LSTM(3), Dense(2, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    with pytest.raises(InputError, match="run from 0 to 2, expected 0 … 1; give the last layer 3 units"):
        model.fit(X, [0, 2], verbose=0)
    model.compile(loss="categorical_crossentropy")
    with pytest.raises(ShapeError, match=r"y has shape \(2,\), expected \(2, 2\).*sparse_categorical_crossentropy"):
        model.fit(X, [0, 1], verbose=0)


def test_a_target_a_row_for_an_output_a_step() -> None:
    model = Sequential([Embedding(9, 2), LSTM(3, return_sequences=True), Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(ShapeError, match=r"row 0 of y has shape \(\), expected 2 steps .*return_sequences=False"):
        model.fit(X, [0.0, 1.0], verbose=0)


def test_numbers() -> None:
    model = Sequential([LSTM(3), Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(InputError, match=r"LSTM is given token numbers .*put Embedding"):
        model.fit(np.zeros((2, 5), int), [0.0, 1.0], verbose=0)
    model.fit(np.zeros((2, 5, 4)), [0.0, 1.0], verbose=0)  # the failure above left the model as it was
    with pytest.raises(ShapeError, match="4"):
        model.predict(np.zeros((2, 5, 3)))
    with pytest.raises(ShapeError, match=r"expected \(rows, steps, 4\); for one number a step use x\[..., None\]"):
        model.predict(np.zeros((2, 4)))
    with pytest.raises(NotFiniteError, match="row 1"):
        model.predict(np.array([[[0.0] * 4], [[np.nan] * 4]]))


def test_weights(tmp_path: Path) -> None:
    model = Sequential([Embedding(9, 2), LSTM(3), Dense(1)])
    arrays = model.get_weights()
    with pytest.raises(ShapeError, match="5 arrays given, expected 6"):
        model.set_weights(arrays[:-1])
    with pytest.raises(ShapeError, match="transpose"):
        model.set_weights([arrays[0].T, *arrays[1:]])
    with pytest.raises(ShapeError, match="weights have shapes"):
        model.set_weights([arrays[0], arrays[1].T, *arrays[2:]])
    path = tmp_path / "weights"
    with pytest.raises(ModelFileError, match="weights cannot be read"):
        model.load_weights(path)
    model.save_weights(path)
    with pytest.raises(ModelFileError, match="weights is of another model"):
        Sequential([Embedding(9, 2), LSTM(4), Dense(1)]).load_weights(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="weights is damaged"):
        model.load_weights(path)
    with pytest.raises(InputError, match="cannot be written"):
        model.save_weights(tmp_path / "no" / "folder")
