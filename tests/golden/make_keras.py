"""Writes keras.json: weights, inputs and outputs of Keras layers in float64, for tests/cells/test_keras.py.

Run it in an environment of its own: `pip install keras jax`, then
`KERAS_BACKEND=jax JAX_ENABLE_X64=1 python make_keras.py`.
"""

import json
from pathlib import Path

import jax
import keras
import numpy as np

B, T, I, H = 2, 4, 3, 5  # noqa: E741

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
random = np.random.default_rng(0)

# Keras' own tanh and relu round to float32 on JAX whatever the policy (3.15); jax's are given in their place.
common = {"activation": jax.numpy.tanh, "return_sequences": True, "return_state": True}
LAYERS = {
    "rnn_tanh": keras.layers.SimpleRNN(H, **common),
    "rnn_relu": keras.layers.SimpleRNN(H, **{**common, "activation": lambda v: jax.numpy.maximum(v, 0.0)}),
    "lstm": keras.layers.LSTM(H, **common),
    "gru": keras.layers.GRU(H, reset_after=True, **common),
    "gru_reset_before": keras.layers.GRU(H, reset_after=False, **common),
}

golden = {"versions": {"keras": keras.__version__, "jax": jax.__version__, "numpy": np.__version__}}
for name, layer in LAYERS.items():
    x = random.standard_normal((B, T, I))
    layer.build(x.shape)
    layer.set_weights([random.standard_normal(w.shape) for w in layer.get_weights()])  # biases are not zero
    states = [random.standard_normal((B, H)) for _ in range(2 if name == "lstm" else 1)]
    output, *final = layer(x, initial_state=[keras.ops.convert_to_tensor(s) for s in states])
    if np.asarray(output).dtype != np.float64:
        raise SystemExit("outputs are not float64: set JAX_ENABLE_X64=1")
    golden[name] = {
        "weights": [w.tolist() for w in layer.get_weights()],
        "x": x.tolist(),
        "states": [s.tolist() for s in states],
        "output": np.asarray(output).tolist(),
        "final": [np.asarray(s).tolist() for s in final],
    }

Path(__file__).with_name("keras.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")
