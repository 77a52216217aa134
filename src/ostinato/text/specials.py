"""The three tokens every vocabulary begins with, and their fixed numbers.

They are entries of the vocabulary and nothing more. They are *not* registered as "added tokens" of Hugging Face's
tokenizer, because those are looked for in the text itself: a review that says `<pad>` would then become padding.
"""

PAD, UNK, EOS = "<pad>", "<unk>", "<eos>"

SPECIALS = (PAD, UNK, EOS)
PAD_ID, UNK_ID, EOS_ID = range(3)
