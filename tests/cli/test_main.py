"""The whole of the command line: help without torch, exit codes, one line an error."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import Result

import ostinato
from ostinato.cli.main import COMMANDS, cli
from ostinato.cli.train import TRAINED

Run = Callable[..., Result]
HEAVY = ("torch", "sklearn", "numpy", "scipy", "pyarrow", "tokenizers", "matplotlib", "rich", "pooch")
HELPS = [
    [],
    *([verb] for verb in COMMANDS),
    *(["train", verb] for verb in TRAINED),
    ["data", "check"],
    *(["vectors", verb] for verb in ("train", "similar", "analogy", "evaluate", "convert", "plot")),
]


@pytest.mark.parametrize("words", HELPS, ids=" ".join)
def test_help_of_each_verb(run: Run, words: list[str]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: {' '.join(['ostinato', *words])}")
    assert "\\b" not in result.stdout
    assert result.stdout == run(*words, "-h").stdout


def test_no_help_imports_anything_heavy() -> None:
    code = f"""
import sys
from click.testing import CliRunner
from ostinato.cli.main import cli
for words in {HELPS!r}:
    assert CliRunner().invoke(cli, [*words, "--help"]).exit_code == 0
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_commands_are_in_the_help_in_the_tables_order(run: Run) -> None:
    lines = run("--help").stdout.split("Commands:")[1].splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ") and line.strip()][: len(COMMANDS)] == list(
        COMMANDS
    )


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"ostinato {ostinato.__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["trian"], "no command 'trian', did you mean 'train'?; see ostinato --help"),
        (["xyz"], "there are: demo, train"),
        (["train", "clasify"], "did you mean 'classify'?; see ostinato train --help"),
        (["train", "classify", "f.csv", "--out", "m", "--epoch", "3"], "'--epochs'"),
        (["train", "classify", "f.csv", "--out", "m", "--epochs", "x"], "'x' is given, int or none is needed"),
        (["train", "classify", "f.csv", "--out", "m", "--keep", "middle"], "last|first is needed"),
        (["train", "classify", "f.csv"], "'--out'"),
        (["predict"], "MODEL"),
        (["data", "check", "f.csv", "--text", "a", "--sequence", "b"], "--text a and --sequence b"),
        (["completion", "tcsh"], "'tcsh'"),
    ],
)
def test_wrong_usage(fails: Callable[..., str], words: list[str], says: str) -> None:
    assert says in fails(*words)


def test_no_words_show_the_help(run: Run) -> None:
    result = run()
    assert result.exit_code in (0, 2)
    assert "Usage: ostinato" in result.output


@pytest.mark.parametrize("words", [["--debug", "doctor"], ["doctor"]])
def test_an_unexpected_error_is_one_line_or_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr("ostinato.cli.doctor.versions", broken)
    result = run(*words)
    assert result.exit_code == 1
    assert "error: unexpected RuntimeError: first second;" in result.stderr
    assert ("Traceback" in result.stderr) == (words[0] == "--debug")
    monkeypatch.setenv("OSTINATO_DEBUG", "1")
    assert "Traceback" in run("doctor").stderr


def test_ctrl_c_is_130(fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ostinato.cli.doctor.versions", pressed)
    assert fails("doctor", code=130).startswith("interrupted")


def test_a_reader_that_leaves_is_no_error() -> None:
    code = "from ostinato.cli.main import main; main()"
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -c '{code}' train classify --help | true"], capture_output=True, text=True
    )
    assert done.stderr == ""


def test_standalone_mode_can_be_left_to_the_caller() -> None:
    assert cli.main(["--version"], prog_name="ostinato", standalone_mode=False) == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Run, shell: str) -> None:
    assert f"{shell}_source" in run("completion", shell).stdout


def test_completion_knows_verbs_and_settings() -> None:
    def complete(line: str) -> list[str]:
        words = line.split(" ")
        env = {"_OSTINATO_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
        code = "from ostinato.cli.main import main; main()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
        return done.stdout.split()

    assert complete("ostinato trai") == ["plain,train"]
    assert "plain,--hidden-size" in complete("ostinato train classify --hid")
