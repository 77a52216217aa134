"""Learn from examples to write dates as a machine wants them, and see where the network looked.

python examples/translate_dates.py                  # dates as people write them
python examples/translate_dates.py pairs.tsv        # any file with the columns source and target
python examples/translate_dates.py pairs.tsv a.png  # and a picture of the attention
"""

import random
import sys
from datetime import date, timedelta
from pathlib import Path

from ostinato import Translator, data
from ostinato.report.attention import attention_map

FORMS = ("%d %B %Y", "%B %d, %Y", "%a %d %b %Y")
draw = random.Random(0)
days = [date(1990, 1, 1) + timedelta(days=draw.randrange(14_000)) for _ in range(2_000)]
pairs = [(day.strftime(draw.choice(FORMS)), day.isoformat()) for day in days]
if len(sys.argv) > 1:
    read = data.read_parallel(sys.argv[1])
    pairs = list(zip(read.sources, read.targets, strict=True))
cut = len(pairs) * 9 // 10

model = Translator(
    tokenizer="char", embedding_size=32, hidden_size=48, decoder_size=96, input_dropout=0.0, dropout=0.1,
    output_dropout=0.0, label_smoothing=0.0, batch_size=50, max_tokens=None, epochs=14, lr=0.004,
    validation_fraction=None, random_state=0,
).fit(pairs[:cut])  # fmt: skip
held = pairs[cut:]
written = model.translate([source for source, _ in held])
right = sum(text == target for text, (_, target) in zip(written, held, strict=True))
print(f"written to the letter, of held-out pairs  {right / len(held):.3f}")
for source, _ in held[:3]:
    best = model.candidates([source], beam=3)[0]
    print(f"{source} -> " + ", ".join(f"{one.text} ({one.score:.2f})" for one in best))
looked = model.attention_of(held[0][0])
strongest = [looked.source[place] for place in looked.weights.argmax(axis=1)]
print("looked at: " + " ".join(f"{token}<{place}" for token, place in zip(looked.target, strongest, strict=True)))
if len(sys.argv) > 2:
    Path(sys.argv[2]).write_bytes(attention_map(*looked))
