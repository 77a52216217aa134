"""ONNX Runtime: inference of the graph, its threads set by the session."""

import onnxruntime

from kernels.onnx_graph import NODES, feed, graph
from kernels.problem import Problem
from kernels.run import Run


def prepare(p: Problem, threads: int) -> Run | None:
    """Build the run; None in training and for a cell that ONNX does not have."""
    if p.kind == "train" or p.cell not in NODES:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(graph(p), options, providers=["CPUExecutionProvider"])
    inputs = feed(p)
    note = "lengths given" if p.shape.ragged else ""
    return Run(lambda: session.run(["y"], inputs)[0], lambda y: {"y": y}, note)
