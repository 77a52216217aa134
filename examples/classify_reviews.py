"""Tell good reviews from bad ones: a file of labelled texts to a saved model, beside a bag of words.

python examples/classify_reviews.py                       # makes a small file of its own
python examples/classify_reviews.py imdb_train.csv.gz     # any CSV with columns text and label
"""

import random
import sys
import tempfile

from ostinato import BagOfWords, SequenceClassifier, data, load

FILLING = ["the", "film", "plot", "cast", "music", "story", "was", "ending", "a", "scene"]


def made_up(rows: int = 1200) -> tuple[list[str], list[str]]:
    """Write reviews in which "not" turns the meaning round: what a bag of words cannot see."""
    draw = random.Random(0)
    texts, labels = [], []
    for _ in range(rows):
        words = [draw.choice(FILLING) for _ in range(draw.randint(3, 9))]
        good, turned = draw.random() < 0.5, draw.random() < 0.5
        # every review has one "not"; what counts is whether it stands before the verdict
        verdict = ["lovely" if good else "awful"]
        place = draw.randrange(len(words) + 1)
        words[place:place] = ["not", *verdict] if turned else [*verdict, "not"]
        texts.append(" ".join(words))
        labels.append("pos" if good != turned else "neg")
    return texts, labels


if len(sys.argv) > 1:
    table = data.load(sys.argv[1], text="text", label="label", limit=5000)
    texts, labels = list(table.values), list(table.labels or [])
else:
    texts, labels = made_up()
cut = len(texts) * 4 // 5
train, test = (texts[:cut], labels[:cut]), (texts[cut:], labels[cut:])

network = SequenceClassifier(hidden_size=32, embedding_size=32, random_state=0).fit(*train)
words = BagOfWords(ngrams=(1, 1), random_state=0).fit(*train)
print(f"recurrent network  {network.score(*test):.3f}")
print(f"bag of words       {words.score(*test):.3f}")

with tempfile.TemporaryDirectory() as folder:
    network.save(f"{folder}/model")
    again = load(f"{folder}/model")
print(again.predict(["a film not awful", "the music was awful not"]))
