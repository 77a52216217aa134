"""`ostinato train`: a verb an estimator, its options read from the estimator's signature."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click

from ostinato.cli.lazy import LazyGroup
from ostinato.cli.options import Verb, as_json, columns, device, dry_run, force, preset, quiet, resume, seed, threads
from ostinato.cli.settings import EstimatorCommand
from ostinato.cli.signature import arguments
from ostinato.cli.ways import REGRESSORS, TAGGERS

# verb -> where its estimator is; a test holds the verbs equal to `ostinato.tasks.TASKS`
TRAINED: dict[str, str] = {
    "classify": "ostinato.tasks.classifier:SequenceClassifier",
    "bag-of-words": "ostinato.tasks.bag_of_words:BagOfWords",
    "summary": "ostinato.tasks.summary:SummaryBaseline",
    "regress": "ostinato.tasks.regressor:SequenceRegressor",
    "summary-regress": "ostinato.tasks.summary_regressor:SummaryRegressor",
    "tag": "ostinato.tasks.tagger:SequenceTagger",
    "window-tags": "ostinato.tasks.window_tags:WindowTagger",
    "word-tags": "ostinato.tasks.word_tags:MostFrequentTag",
    "lm": "ostinato.tasks.language.model:LanguageModel",
    "music": "ostinato.tasks.music.model:MusicModel",
    "translate": "ostinato.tasks.translation.model:Translator",
    "caption": "ostinato.tasks.captioning.model:Captioner",
    "transcribe": "ostinato.tasks.speech.model:Transcriber",
    "forecast": "ostinato.tasks.forecasting.forecaster:Forecaster",
    "forecast-baseline": "ostinato.tasks.forecasting.baseline:BaselineForecaster",
}
# verbs that read something else than labelled rows have a command of their own
_OWN = {
    "lm": "ostinato.cli.lm:train",
    "music": "ostinato.cli.music:train",
    "translate": "ostinato.cli.translation:train",
    "caption": "ostinato.cli.captions:train",
    "transcribe": "ostinato.cli.speech:train",
    "forecast": "ostinato.cli.forecast:train",
    "forecast-baseline": "ostinato.cli.forecast:baseline",
}

_HELP = {
    "classify": "Train a recurrent network to tell which class a text or a numeric sequence is of.",
    "bag-of-words": "Train a model of which words occur, the order forgotten: the baseline for texts.",
    "summary": "Train a model of a sequence's last step or mean: the baseline for numbers.",
    "regress": "Train a recurrent network to predict a number from a text or a numeric sequence.",
    "summary-regress": "Train a ridge regression on a sequence's last step or mean: the baseline for numbers.",
    "tag": "Train a recurrent network to tag each token of a sentence: named entities, parts of speech.",
    "window-tags": "Train a model of each word and its neighbours: the baseline for tags.",
    "word-tags": "Count each word's tags and take the most frequent one: the simplest baseline for tags.",
}
_EXAMPLE = """

\b
  ostinato train {verb} reviews.csv --text text --label label --out model

FILE is CSV, TSV, JSON lines or Parquet (each may end in .gz), or a folder with a folder a class.{resumed}
"""
_NUMBERS = """

\b
  ostinato train {verb} recordings.jsonl --sequence x --label load --out model

FILE is CSV, TSV, JSON lines or Parquet (each may end in .gz); --label is the column of the number.{resumed}
"""
_TAGGED = """

\b
  ostinato train {verb} eng.train --valid eng.testa --out model

FILE has a token and its tags a line and a blank line between sentences (CoNLL; --text and --label are numbers of
columns, by default the first and the last), or is CoNLL-U or JSON lines with lists of tokens and tags (each may end in
.gz). Entities may be written in IOB1, IOB2, BIOES or BILOU. CSV, JSON lines and Parquet may hold a text and as many
one-letter tags a row, for --tokenizer char{dna}.{numbers}{resumed}
"""
_STEPS = " Numbers with a tag a step\nare named by --sequence (see docs/guide/signals.md)."
_RESUMED = " Ctrl-C keeps what\nwas learned so far; the same command with --resume goes on."


class _Estimators(LazyGroup):
    """The verbs of `train`; each is generated when it is asked for."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Generate the verb of an estimator."""
        if cmd_name in _OWN:
            module, _, name = _OWN[cmd_name].partition(":")
            return cast(click.Command, getattr(import_module(module), name))
        return command(cmd_name, TRAINED[cmd_name]) if cmd_name in TRAINED else None


@click.group(cls=_Estimators, table=TRAINED)
def train() -> None:
    """Train a model on a file and write it to a folder."""


def command(verb: str, place: str) -> click.Command:
    """Make the verb that trains one estimator.

    Args:
        verb: its name.
        place: "module:Class" of the estimator.
    """
    known = {argument.name for argument in arguments(place)}
    embedding = click.option(
        "--embedding",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Word vectors to begin with; see ostinato vectors.",
    )
    example = (_TAGGED if verb in TAGGERS else _NUMBERS if verb in REGRESSORS else _EXAMPLE).format(
        verb=verb,
        resumed=_RESUMED if "checkpoint" in known else "",
        dna=" or dna" if verb == "tag" else "",
        numbers=_STEPS if verb == "tag" else "",
    )

    def where(argument: str, option: Callable[[Verb], Verb]) -> Callable[[Verb], Verb]:
        return option if argument in known else _unchanged

    @click.command(
        verb,
        cls=EstimatorCommand,
        place=place,
        help=_HELP.get(verb, f"Train {place.partition(':')[2]}.") + example,
        short_help=_HELP.get(verb),
    )
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the model.")
    @columns
    @click.option("--valid", type=click.Path(path_type=Path), metavar="FILE", help="Held-out rows; default: a share.")
    @(preset if verb == "classify" else _unchanged)
    @seed
    @where("n_threads", threads)
    @where("device", device)
    @where("embedding", embedding)
    @where("checkpoint", resume)
    @force
    @dry_run
    @quiet
    @as_json
    def run(**options: Any) -> None:
        from ostinato.cli.training import train_on_file

        train_on_file(verb, place, **options)

    return run


def _unchanged(function: Verb) -> Verb:
    return function
