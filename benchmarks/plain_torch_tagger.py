"""A fitted `SequenceTagger`'s network as it is usually written in torch: padded batches, `nn.LSTM`, `nn.Conv1d`."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


class PlainTorchTagger:
    """Takes the weights of a tagger with one LSTM layer, convolution over characters and a CRF.

    Args:
        tagger: fitted.
    """

    def __init__(self, tagger: Any) -> None:
        network = tagger.network_
        self.lexicon = tagger.lexicon_
        self.embedding = nn.Embedding.from_pretrained(network.embedding.weight.detach())
        # a padding character of zeros behind the others
        letters = network.characters.embedding.weight.detach()
        self.no_letter = len(letters)
        self.letters = nn.Embedding.from_pretrained(torch.cat([letters, letters.new_zeros(1, letters.shape[1])]))
        filters, width = network.characters.filters, network.characters.width
        self.convolution = nn.Conv1d(letters.shape[1], network.characters.features, width, padding=width // 2)
        weight = filters.weight.detach().reshape(network.characters.features, width, -1).permute(0, 2, 1)
        with torch.no_grad():
            self.convolution.weight.copy_(weight)
            self.convolution.bias.copy_(filters.bias)
        recurrent = network.recurrent
        self.lstm = nn.LSTM(recurrent.input_size, recurrent.hidden_size, batch_first=True, bidirectional=True)
        state = {name: value.clone() for name, value in self.lstm.state_dict().items()}
        for name in state:  # ours has one bias a gate; torch adds two
            state[name] = recurrent.state_dict().get(name, torch.zeros_like(state[name])).clone()
        self.lstm.load_state_dict(state)
        self.linear = network.linear
        self.transitions, self.start, self.end = (part.detach() for part in network.crf._scores())

    @torch.no_grad()
    def tag(self, rows: list[list[str]], batch: int) -> list[np.ndarray]:
        """Numbers of the best tags of each sentence; sentences are sorted by length, as everybody does."""
        order = sorted(range(len(rows)), key=lambda row: -len(rows[row]))
        found: dict[int, np.ndarray] = {}
        for begin in range(0, len(order), batch):
            numbers = order[begin : begin + batch]
            for number, tags in zip(numbers, self._batch([rows[number] for number in numbers]), strict=True):
                found[number] = tags
        return [found[row] for row in range(len(rows))]

    def _batch(self, rows: list[list[str]]) -> list[np.ndarray]:
        lengths = torch.tensor([len(row) for row in rows])
        words = pad_sequence([torch.tensor([self.lexicon.word(token) for token in row]) for row in rows], True)
        spelled = [torch.from_numpy(self.lexicon.spelled(token)) for row in rows for token in row]
        letters = pad_sequence(spelled, batch_first=True, padding_value=self.no_letter)  # (tokens, L)
        answers = self.convolution(self.letters(letters).transpose(1, 2))
        answers = answers.masked_fill((letters == self.no_letter)[:, None, :], -torch.inf)
        characters = pad_sequence(answers.amax(dim=2).tanh().split(lengths.tolist()), batch_first=True)
        inputs = torch.cat([self.embedding(words), characters], dim=2)
        packed = pack_padded_sequence(inputs, lengths, batch_first=True)
        output, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self._viterbi(self.linear(output), lengths)

    def _viterbi(self, emissions: Tensor, lengths: Tensor) -> list[np.ndarray]:
        """Over padded (B, T, C), all rows to the longest's end, masked (as pytorch-crf has it)."""
        best, back = self.start + emissions[:, 0], []
        for step in range(1, emissions.shape[1]):
            top, source = (best[:, :, None] + self.transitions).max(dim=1)
            alive = (step < lengths)[:, None]
            best = torch.where(alive, top + emissions[:, step], best)
            back.append(source)
        last = (best + self.end).argmax(dim=1)
        pointers = torch.stack(back, dim=1).numpy() if back else np.zeros((len(best), 0, best.shape[1]), np.int64)
        rows = []
        for row, length in enumerate(lengths.tolist()):
            tags = [int(last[row])]
            for step in range(length - 2, -1, -1):
                tags.append(int(pointers[row, step, tags[-1]]))
            rows.append(np.array(tags[::-1]))
        return rows
