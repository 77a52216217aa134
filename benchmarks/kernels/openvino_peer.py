"""OpenVINO: inference of the same graph, compiled for latency, in float32 (it would take bfloat16 where it can)."""

import numpy as np
import openvino

from kernels.onnx_graph import NODES, feed, graph
from kernels.problem import Problem
from kernels.run import Run


def prepare(p: Problem, threads: int) -> Run | None:
    """Build the run; None in training and for a cell that ONNX does not have."""
    if p.kind == "train" or p.cell not in NODES:
        return None
    hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    core = openvino.Core()
    request = core.compile_model(core.read_model(graph(p)), "CPU", hints).create_infer_request()
    inputs = feed(p)
    note = "lengths given" if p.shape.ragged else ""
    return Run(
        lambda: request.infer(inputs, share_inputs=True, share_outputs=True)[0], lambda y: {"y": np.array(y)}, note
    )
