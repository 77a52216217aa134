"""The documentation that every Python carries, learned letter by letter: offline, in two minutes."""

from pathlib import Path

from ostinato._core.errors import DataError
from ostinato.cli.demo.shown import Shown
from ostinato.cli.screen import note

_SETTINGS = {
    "tokenizer": "char",
    "hidden_size": 256,
    "num_layers": 1,
    "embedding_size": 48,
    "tied": False,
    "input_dropout": 0.05,
    "output_dropout": 0.15,
    "streams": 32,
    "length": 64,
    "epochs": 10,
    "lr": 6e-3,
}
_HELD_OUT, _PROMPT, _LETTERS = 0.1, "The ", 400


def run(out: Path, data: Path | None, seed: int, threads: int | None, device: str, limit: int | None) -> Shown:
    """Learn from `pydoc_data.topics`, measure on its last tenth beside n-grams, and write with it."""
    from pydoc_data.topics import topics

    from ostinato.report.curves import learning_curve
    from ostinato.tasks.language import LanguageModel, NGram

    if data is not None:
        raise DataError(f"--data {data}: this demo brings its own text, none is needed; leave it out")
    text = "\n".join(topics[name] for name in sorted(topics))[: None if limit is None else limit * 100]
    cut = round(len(text) * (1 - _HELD_OUT))
    learn, held = text[:cut], text[cut:]
    note(f"{len(learn):,} characters of Python's documentation to learn from, {len(held):,} to measure on")
    network = LanguageModel(**_SETTINGS, random_state=seed, n_threads=threads, device=device, verbose=1)  # type: ignore[arg-type]
    network.fit(learn, held)
    models = {"LSTM, letter by letter": network.evaluate(held)}
    for order in (5, 3, 1):
        counted = NGram(order, tokenizer=network.tokenizer_, lines=False).fit(learn)
        models[f"{order}-gram, Kneser-Ney"] = counted.evaluate(held)
    rows = [
        {"model": name, "bits_per_character": found["bits_per_character"], "perplexity": found["perplexity"]}
        for name, found in models.items()
    ]
    files = [out / "docs_learning.png", out / "docs_text.txt"]
    files[0].write_bytes(learning_curve(network.history_))
    written = network.sample(_PROMPT, _LETTERS, temperature=0.6, seed=seed, stop=None)
    files[1].write_text(written + "\n", encoding="utf-8")
    network.save(out / "docs_model")
    remark = f"What the network writes, letter by letter:\n\n{written}\n"
    return Shown(f"{len(held):,} characters that no model has learned from", rows, remark, [*files, out / "docs_model"])
