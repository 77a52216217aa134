"""What the command line writes down so as not to import it is what the library says."""

import inspect
from importlib import import_module

from ostinato.cli import columns
from ostinato.cli.demo import DEMOS
from ostinato.cli.main import COMMANDS
from ostinato.cli.signature import keys
from ostinato.cli.train import TRAINED
from ostinato.data import READERS
from ostinato.tasks import PRESETS, TASKS


def test_formats() -> None:
    assert tuple(READERS) == columns.FORMATS


def test_presets() -> None:
    assert keys("ostinato.tasks.presets:PRESETS") == tuple(PRESETS)


def test_every_task_has_a_verb() -> None:
    assert {verb: place.partition(":")[2] for verb, place in TRAINED.items()} == {
        verb: task.__name__ for verb, task in TASKS.items()
    }


def test_everything_named_exists() -> None:
    for place in [*COMMANDS.values(), *TRAINED.values(), *DEMOS.values()]:
        module, _, name = place.partition(":")
        assert hasattr(import_module(module), name), place


def test_demos_take_the_same_arguments() -> None:
    taken = set()
    for place in DEMOS.values():
        module, _, name = place.partition(":")
        taken.add(tuple(inspect.signature(getattr(import_module(module), name)).parameters))
    assert len(taken) == 1
