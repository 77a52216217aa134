"""Files to typed examples, examples to packed batches."""

from ostinato.data.audio import read_audio
from ostinato.data.augment import Augment
from ostinato.data.batch import Batch
from ostinato.data.batches import Batches
from ostinato.data.columns import read_columns
from ostinato.data.example import Example
from ostinato.data.log_mel import LogMel
from ostinato.data.midi import read_midi, write_midi
from ostinato.data.music import read_music
from ostinato.data.padded import pad
from ostinato.data.parallel import ParallelText, read_parallel
from ostinato.data.plain import read_texts
from ostinato.data.readers import ENDINGS, READERS
from ostinato.data.reading import Reading, read
from ostinato.data.recordings import Recordings, read_recordings
from ostinato.data.report import describe
from ostinato.data.sequences import as_rows, as_sequences, as_tokens
from ostinato.data.split import Split, split
from ostinato.data.streams import Piece, Streams
from ostinato.data.strokes import Strokes
from ostinato.data.table import Table, load
from ostinato.data.tagged import TAGGED, Tagged, TaggedReading, TaggedTable, load_tagged, read_tagged

__all__ = [
    "ENDINGS",
    "READERS",
    "TAGGED",
    "Augment",
    "Batch",
    "Batches",
    "Example",
    "LogMel",
    "ParallelText",
    "Piece",
    "Reading",
    "Recordings",
    "Split",
    "Streams",
    "Strokes",
    "Table",
    "Tagged",
    "TaggedReading",
    "TaggedTable",
    "as_rows",
    "as_sequences",
    "as_tokens",
    "describe",
    "load",
    "load_tagged",
    "pad",
    "read",
    "read_audio",
    "read_columns",
    "read_midi",
    "read_music",
    "read_parallel",
    "read_recordings",
    "read_tagged",
    "read_texts",
    "split",
    "write_midi",
]
