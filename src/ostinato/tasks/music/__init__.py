"""Music as sets of notes: the model that foresees the next set, and the counts it has to beat."""

from ostinato.tasks.music.counting import NoteCounts
from ostinato.tasks.music.model import MusicModel
from ostinato.tasks.music.network import MusicNetwork

__all__ = ["MusicModel", "MusicNetwork", "NoteCounts"]
