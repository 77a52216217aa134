"""Speech: recordings in, texts out, by log-mel features, a recurrent network and CTC."""

from ostinato.tasks.speech.alignments import best_path, prefix_beam
from ostinato.tasks.speech.error_rates import error_rates
from ostinato.tasks.speech.model import Transcriber
from ostinato.tasks.speech.network import TranscriberNetwork

__all__ = ["Transcriber", "TranscriberNetwork", "best_path", "error_rates", "prefix_beam"]
