"""Ours beside the peers, on named shapes: see `bench_kernels.py` and docs/decisions/0011."""
