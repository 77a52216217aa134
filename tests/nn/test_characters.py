"""The character encoder against torch's own convolution and LSTM, word by word."""

import pytest
import torch

from ostinato._core.errors import InputError
from ostinato.nn import CharacterEncoder, pack

WORDS = [torch.tensor(word) for word in ([3, 1, 4, 1, 5], [2], [6, 6], [1, 2, 3, 4, 5, 6, 0])]


@pytest.mark.parametrize("width", [1, 3, 5])
def test_convolution_is_torchs(width: int) -> None:
    encoder = CharacterEncoder(7, size=4, features=6, width=width).double()
    weight = encoder.filters.weight.reshape(6, width, 4).permute(0, 2, 1)  # torch: (out, in, width)
    expected = [
        torch.nn.functional.conv1d(encoder.embedding(word).t()[None], weight, encoder.filters.bias, padding=width // 2)
        .amax(dim=2)[0]
        .tanh()
        for word in WORDS
    ]
    torch.testing.assert_close(encoder(pack(WORDS)), torch.stack(expected), rtol=1e-12, atol=1e-12)


def test_recurrent_is_torchs_last_states() -> None:
    encoder = CharacterEncoder(7, size=4, features=6, kind="recurrent")
    torchs = torch.nn.LSTM(4, 3, bidirectional=True)
    torchs.load_state_dict(encoder.recurrent.state_dict())
    expected = []
    for word in WORDS:
        _, (h, _) = torchs(encoder.embedding(word))
        expected.append(torch.cat([h[0], h[1]]))
    torch.testing.assert_close(encoder(pack(WORDS)), torch.stack(expected), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["convolution", "recurrent"])
def test_every_parameter_learns(kind: str) -> None:
    encoder = CharacterEncoder(7, size=4, features=6, kind=kind)  # type: ignore[arg-type]
    encoder(pack(WORDS)).square().sum().backward()
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in encoder.parameters())


def test_wrong_arguments() -> None:
    with pytest.raises(InputError, match="width=2; expected an odd number"):
        CharacterEncoder(7, width=2)
    with pytest.raises(InputError, match="features=5; expected an even number"):
        CharacterEncoder(7, features=5, kind="recurrent")
    with pytest.raises(InputError, match="did you mean 'convolution'"):
        CharacterEncoder(7, kind="convolutional")  # type: ignore[arg-type]
