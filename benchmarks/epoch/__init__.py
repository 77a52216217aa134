"""One epoch of the lectures' film review model, ours and the peers': see `bench_epoch.py`."""
