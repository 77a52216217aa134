"""Captions: a vector of numbers in, a text out."""

from ostinato.tasks.captioning.model import Captioner
from ostinato.tasks.captioning.network import CaptioningNetwork

__all__ = ["Captioner", "CaptioningNetwork"]
