"""Learn from a text which character comes next, measure it beside an n-gram model, and write on.

python examples/write_text.py                # the documentation that every Python carries
python examples/write_text.py book.txt.gz    # any text
"""

import sys
from pydoc_data.topics import topics

from ostinato import LanguageModel, data
from ostinato.tasks.language import NGram

text = data.read_texts(sys.argv[1])[0] if len(sys.argv) > 1 else "\n".join(topics.values())[:60_000]
cut = len(text) * 9 // 10

model = LanguageModel(
    tokenizer="char", hidden_size=96, num_layers=1, embedding_size=32, tied=False, epochs=6, streams=16, length=50,
    lr=8e-3, input_dropout=0.0, output_dropout=0.1, random_state=0,
).fit(text[:cut], text[cut:])  # fmt: skip
counts = NGram(2, tokenizer=model.tokenizer_, lines=False).fit(text[:cut])
print(f"network, bits a character  {model.bits_per_character(text[cut:]):.3f}")
print(f"pairs of letters           {counts.evaluate(text[cut:])['bits_per_character']:.3f}")
print(model.sample("The ", 200, temperature=0.7, seed=1))
