"""What a freshly installed wheel must do: load its native library, run a layer on it, train it."""

import sys

import torch

from ostinato.kernels import ran
from ostinato.kernels.native import instruction_set, missing
from ostinato.nn import LSTM

if (reason := missing()) is not None:
    raise SystemExit(reason)
torch.manual_seed(0)
ours, theirs = LSTM(5, 7), torch.nn.LSTM(5, 7)
ours.load_state_dict(theirs.state_dict())
x = torch.randn(4, 3, 5)
with ran() as names:
    y = ours(x)[0]
    y.sum().backward()
if names != ["native"]:
    raise SystemExit(f"ran on {names}; ['native'] expected")
torch.testing.assert_close(y, theirs(x)[0])
sys.stdout.write(f"runs on {instruction_set()}\n")
