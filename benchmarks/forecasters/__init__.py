"""Ours and a peer's forecaster on the same series with the same network: see `bench_forecasters.py`."""
