"""Learn word vectors from a text, ask them, and begin a classifier with them.

python examples/word_vectors.py                                          # makes a small text of its own
python examples/word_vectors.py wikipedia_100m_text8style.txt.gz king    # any text, a sentence a line, and words to ask
"""

import random
import sys

from sklearn.linear_model import LogisticRegression

from ostinato.vectors import Corpus, WordVectors

TOPICS = {
    "sea": ["ship", "sail", "harbour", "captain", "wave", "anchor", "island", "storm"],
    "kitchen": ["pan", "oven", "salt", "butter", "knife", "recipe", "onion", "flour"],
    "music": ["violin", "chord", "melody", "choir", "rhythm", "concert", "piano", "tune"],
}
FILLING = ["the", "a", "and", "with", "of", "was", "then", "there"]


def made_up(sentences: int) -> tuple[list[str], list[str]]:
    """Write sentences that each speak of one thing."""
    draw = random.Random(0)
    topics = [draw.choice(list(TOPICS)) for _ in range(sentences)]
    return [" ".join(draw.choices(TOPICS[topic] + FILLING, k=9)) for topic in topics], topics


if len(sys.argv) > 1:
    model = WordVectors(verbose=1).fit(Corpus.read(sys.argv[1]))
    for word in sys.argv[2:]:
        print(word, *(f"{near} {cosine:.2f}" for near, cosine in model.vectors_.most_similar(word, topn=8)))
    sys.exit()

texts, topics = made_up(3000)
model = WordVectors(vector_size=16, epochs=10, n_threads=1, random_state=0).fit(texts)
kv = model.vectors_
for word in ("ship", "oven", "piano"):
    print(word, "is near", ", ".join(near for near, _ in kv.most_similar(word, topn=4)))
print("does not match:", kv.doesnt_match(["wave", "anchor", "butter", "sail"]))
print("loss, first and last epoch:", *(round(model.history_[epoch]["loss"], 3) for epoch in (0, -1)))

means = model.transform(texts)
classifier = LogisticRegression().fit(means[:50], topics[:50])
print(f"means of vectors, 50 labelled sentences: {classifier.score(means[50:], topics[50:]):.3f}")
