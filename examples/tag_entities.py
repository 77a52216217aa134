"""Find names in sentences: a file of tagged tokens to a saved tagger, beside two taggers without memory.

python examples/tag_entities.py                                  # makes sentences of its own
python examples/tag_entities.py eng.train.txt.gz eng.testb.txt.gz  # CoNLL columns, CoNLL-U or JSON lines
"""

import random
import sys
import tempfile

from ostinato import SequenceTagger, load
from ostinato.data import load_tagged
from ostinato.tasks import MostFrequentTag, WindowTagger

FIRST, LAST = ["Kelly", "Ana", "Milo", "Rosa"], ["Stone", "Field", "Brook", "Hill"]
FILLING = ["quietly", "again", "today", "once more", "as always"]


def made_up(count: int = 900) -> tuple[list[list[str]], list[list[str]]]:
    """Write sentences in which a verb far away tells what a name is: "Stone … opened a branch" is a company."""
    draw = random.Random(0)
    rows, tags = [], []
    for _ in range(count):
        name = [draw.choice(FIRST), draw.choice(LAST)]
        person = draw.random() < 0.5
        between = " ".join(draw.choice(FILLING) for _ in range(draw.randint(1, 3))).split()
        end = ["laughed", "."] if person else ["merged", "."]
        kind = "PER" if person else "ORG"
        rows.append([*name, *between, *end])
        tags.append([f"B-{kind}", f"I-{kind}", *["O"] * (len(between) + 2)])
    return rows, tags


if len(sys.argv) > 2:
    train, test = load_tagged(sys.argv[1], limit=4000), load_tagged(sys.argv[2])
    X, y, X_test, y_test = train.tokens, train.tags, test.tokens, test.tags
else:
    rows, tags = made_up()
    X, y, X_test, y_test = rows[:700], tags[:700], rows[700:], tags[700:]

network = SequenceTagger(hidden_size=32, embedding_size=32, random_state=0).fit(X, y)
window = WindowTagger().fit(X, y)
words = MostFrequentTag().fit(X, y)
print(f"recurrent network   {network.score(X_test, y_test):.3f}")
print(f"window of words     {window.score(X_test, y_test):.3f}")
print(f"most frequent tag   {words.score(X_test, y_test):.3f}")

with tempfile.TemporaryDirectory() as folder:
    network.save(f"{folder}/tagger")
    again = load(f"{folder}/tagger")
for text in ("Ana Brook quietly laughed.", "Rosa Hill today merged."):
    print(text, [(entity.text, entity.type) for entity in again.entities(text)])
