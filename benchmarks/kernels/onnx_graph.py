"""A problem as an ONNX graph: one recurrent node a layer."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kernels.problem import Problem
from ostinato.cells import CELLS

# Node, the gates in ONNX' order, attributes.
NODES = {
    "lstm": ("LSTM", "iofg", {}),
    "gru": ("GRU", "zrn", {"linear_before_reset": 1}),
    "gru_reset_before": ("GRU", "zrn", {"linear_before_reset": 0}),
    "rnn_tanh": ("RNN", "h", {}),
}


def graph(p: Problem) -> bytes:
    """Write the model: x (T, B, I), for ragged rows `lengths` (B,) int32, to y (T, B, D*H)."""
    s, (operator, order, attributes) = p.shape, NODES[p.cell]
    nodes, constants, lengths = [], [], "lengths" if s.ragged else ""
    shape = numpy_helper.from_array(np.array([s.T, s.B, s.D * s.H]), "shape")
    below = "x"
    for layer in range(s.L):
        directions = [_reordered(p, w, order) for w in p.weights[layer * s.D : (layer + 1) * s.D]]
        stacked = [np.stack(arrays) for arrays in zip(*directions, strict=True)]
        names = [f"{kind}{layer}" for kind in "WRB"]
        constants += [numpy_helper.from_array(a, name) for a, name in zip(stacked, names, strict=True)]
        direction = "bidirectional" if s.D == 2 else "forward"
        above = "y" if layer == s.L - 1 else f"y{layer}"
        nodes += [
            helper.make_node(
                operator, [below, *names, lengths], [f"Y{layer}"], hidden_size=s.H, direction=direction, **attributes
            ),
            helper.make_node(
                "Transpose", [f"Y{layer}"], [f"Z{layer}"], perm=[0, 2, 1, 3]
            ),  # (T, D, B, H) to (T, B, D, H)
            helper.make_node("Reshape", [f"Z{layer}", "shape"], [above]),
        ]
        below = above
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [s.T, s.B, s.I])]
    if s.ragged:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, [s.B]))
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [s.T, s.B, s.D * s.H])]
    model = helper.make_model(
        helper.make_graph(nodes, "problem", inputs, outputs, [*constants, shape]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


def feed(p: Problem) -> dict[str, np.ndarray]:
    """The graph's inputs."""
    return {"x": p.x} | ({"lengths": p.lengths.astype(np.int32)} if p.shape.ragged else {})


def _reordered(p: Problem, w: dict[str, np.ndarray], order: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One direction's W, R and B."""
    gates = CELLS[p.cell].gates
    index = [gates.index(gate) for gate in order]
    ih, hh, b_ih, b_hh = (np.concatenate([np.split(v, len(gates))[k] for k in index]) for v in w.values())
    return ih, hh, np.concatenate([b_ih, b_hh])
