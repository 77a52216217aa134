"""`ostinato completion`: lets the shell complete verbs and options."""

import click

_LINE = {
    "bash": 'eval "$(_OSTINATO_COMPLETE=bash_source ostinato)"',
    "zsh": 'eval "$(_OSTINATO_COMPLETE=zsh_source ostinato)"',
    "fish": "_OSTINATO_COMPLETE=fish_source ostinato | source",
}
_FILE = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/completions/ostinato.fish"}


_HELP = """Print the line that lets a SHELL complete verbs.

\b
  ostinato completion bash >> ~/.bashrc
"""


@click.command(help=_HELP)
@click.argument("shell", type=click.Choice(list(_LINE)))
def completion(shell: str) -> None:
    """Print the line that lets a SHELL complete verbs."""
    click.echo(_LINE[shell])
    click.echo(f"put this line into {_FILE[shell]} and open a new shell", err=True)
