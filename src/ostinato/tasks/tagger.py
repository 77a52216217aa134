"""The recurrent tagger as an estimator: named entities, parts of speech, any label a token, a letter or a step."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

import numpy as np
import torch

from ostinato._core.errors import InputError
from ostinato._core.random import seeded
from ostinato.tasks import fitting, tagger_fitting
from ostinato.tasks.aligned import AlignedBatches
from ostinato.tasks.held_out import hold_out, share
from ostinato.tasks.language.model import LanguageModel, opened
from ostinato.tasks.lent_words import lent_words
from ostinato.tasks.lexicon import Lexicon
from ostinato.tasks.step_encoding import StepKind, end_to_end, fit_step_encoder, restore_step_encoder
from ostinato.tasks.step_rows import kind_of, read_rows
from ostinato.tasks.tagger_network import TaggerNetwork
from ostinato.tasks.tagging import Part, SchemeName, Tagger
from ostinato.tasks.word_vectors import word_vectors
from ostinato.train import History, predict, threads


class SequenceTagger(Tagger):
    """Tags each token, letter or step of a sequence with a recurrent network: names, parts of speech, any labels.

    Use it for sequences whose answer is as long as they are: sentences (lists of tokens), DNA and other texts with a
    tag a letter, numbers (T, I) with a tag a step. It reads a word by its vector and by its characters, so that
    capitals, endings and unknown words tell something, from both directions, and a CRF chooses the tags together.

    Args:
        cell: name in `ostinato.cells.CELLS`: lstm, gru, rnn_tanh, rnn_relu, rnn_identity, lstm_peephole,
            gru_reset_before or gru_simple.
        hidden_size: H, units of a layer and direction.
        num_layers: L, layers.
        bidirectional: whether a second direction reads each sentence from its end.
        crf: whether a CRF chooses the tags of a sentence together; else each token's best is taken.
        tokenizer: what X is made of where it is no numbers: word for lists of tokens, char for texts with a tag a
            letter, dna for letters A, C, G, T and the ambiguity codes (N, R, Y, ...), each read as the shares of the
            four bases.
        embedding_size: features of a word's vector, or of a letter's.
        embedding: word vectors to begin with: a text file of them (GloVe, word2vec), or a dict of word to (E,) vector.
        pretrained: a fitted `LanguageModel` of words, or its folder: what it makes of each word and all before stands
            beside the word's vector, which is its own too (TagLM); it thaws from the top down while the tagger learns.
        freeze_embedding: whether the vectors of `embedding` stay as they are.
        characters: how words are read by their characters: convolution, recurrent, or none for not at all.
        character_size: features of a character.
        character_features: features of a word that come from its characters.
        scheme: what entities are written in: iob1, iob2, bioes or bilou; auto finds out, none takes tags as labels.
        inner_scheme: what they are learned in: iob1, iob2, bioes or bilou.
        lowercase: fold capitals of words; their characters keep them.
        fold_digits: read all digits of a word that has no vector as 0; its characters keep them.
        max_vocabulary: words of the vocabulary, the most frequent ones; none for all.
        dropout: probability of dropping a feature between layers and before the last one, at all steps alike.
        input_dropout: probability of dropping a feature of a token, at all steps of a sentence alike; none for 0.3 of
            words and 0 of letters and numbers.
        embedding_dropout: probability of dropping a word's vector wherever it stands in a batch.
        word_dropout: a word seen n times is read as unknown with probability a / (a + n); this is a, 0 for never.
        case_dropout: probability of reading a word's characters in lower case, so that names are found where capitals
            are missing.
        recurrent_dropout: probability of dropping a state's feature before the recurrent product, at all steps alike.
        weight_drop: probability of dropping a recurrent weight.
        zoneout: probability that a state keeps its old value.
        layer_norm: normalise the products in the cell.
        convolutions: layers of convolution in front of the recurrent ones, for letters and signals; 0 for none.
        convolution_size: features of each.
        kernel_size: steps that each reads at once, odd.
        bias: one bias vector a gate (single, as Keras) or two (double, as torch).
        init: first weights: orthogonal (Saxe et al. 2014) or torch's.
        forget_bias: first bias of the forget gate, in cells that have one.
        epochs: passes over the training part at most; none for 12, or more where the rows are few, until 1,500 batches
            were seen.
        batch_size: sentences a batch.
        max_tokens: draw batches of at most this many tokens instead of `batch_size` sentences.
        optimizer: adam, adamw, sgd or rmsprop.
        lr: learning rate.
        weight_decay: decay of the matrices.
        clip_norm: greatest norm of the gradients; none for no limit.
        schedule: of the learning rate: cosine, linear, step, plateau or one_cycle; none for a constant one.
        warmup: share of the steps over which the learning rate grows from 0.
        average: moving average of the weights, by its decay (0.999); none for none.
        patience: epochs without a better held-out F1 before training stops; none trains all epochs.
        validation_fraction: share of the sentences held out, to stop early and to keep the best epoch; 0 or none trains
            on all of them for all epochs.
        truncate: steps that gradients reach back; none for all.
        random_state: seed of everything drawn; none draws a fresh one, kept as `seed_`.
        device: where to train, as torch names it.
        n_threads: threads to compute with; none leaves torch's setting.
        backend: of `ostinato.kernels.BACKENDS`, to demand one; none takes the best that can run.
        verbose: 1 shows progress.
        log: path of a metrics.jsonl, a line an epoch.
        checkpoint: folder that keeps the state of training after each epoch and on Ctrl-C.
        resume: go on from the checkpoint; with the same rows and arguments the result is as if never interrupted.

    Attributes:
        classes_: (C,) tags it decides between, in `inner_scheme_`.
        scheme_: what `fit` was given and `predict` writes; `None` for plain labels.
        history_: the epochs' records.
        network_: the `TaggerNetwork`.
        input_: "words", "letters", "dna" or "numeric", what `fit` was given.
        encoder_: turns rows into what the network reads.
        lexicon_: the words and characters it knows; not of DNA and numbers.
        embedding_coverage_: with `embedding`, the share of the training text's words that began with their vector.
        metrics_: rows, tokens, tags repaired, share of tokens with a ready vector, seconds, the best epoch's numbers.

    Source: Lample et al. 2016 and Ma and Hovy 2016, with the dropout of Gal and Ghahramani 2016. `pretrained`: Peters
        et al. 2017, "Semi-supervised sequence tagging with bidirectional language models", here with one direction.

    Example:
        >>> sentences = [["Kelly", "sleeps"], ["Paris", "sleeps"], ["she", "saw", "Kelly"], ["she", "saw", "Paris"]] * 4
        >>> tags = [["B-PER", "O"], ["B-LOC", "O"], ["O", "O", "B-PER"], ["O", "O", "B-LOC"]] * 4
        >>> model = SequenceTagger(hidden_size=8, epochs=20, lr=0.02, validation_fraction=None, random_state=0)
        >>> model = model.fit(sentences, tags)
        >>> [(entity.text, entity.type) for entity in model.entities("Kelly saw Paris")]
        [('Kelly', 'PER'), ('Paris', 'LOC')]
        >>> settings = {"hidden_size": 8, "epochs": 20, "lr": 0.02, "validation_fraction": None, "random_state": 0}
        >>> model = SequenceTagger(tokenizer="dna", **settings)
        >>> model = model.fit(["ACGTGT", "CCTTAC"] * 10, ["wsswsw", "sswwws"] * 10)  # a tag a letter
        >>> "".join(model.predict(["CATGS"])[0])
        'swwss'
    """

    task = "tag"
    input_: StepKind

    def __init__(
        self,
        *,
        cell: str = "lstm",
        hidden_size: int = 160,
        num_layers: int = 1,
        bidirectional: bool = True,
        crf: bool = True,
        tokenizer: Literal["word", "char", "dna"] = "word",
        embedding_size: int = 100,
        embedding: "str | Mapping[str, Any] | None" = None,
        pretrained: "str | LanguageModel | None" = None,
        freeze_embedding: bool = False,
        characters: Literal["convolution", "recurrent"] | None = "convolution",
        character_size: int = 25,
        character_features: int = 50,
        scheme: SchemeName = "auto",
        inner_scheme: Literal["iob1", "iob2", "bioes", "bilou"] = "bioes",
        lowercase: bool = True,
        fold_digits: bool = True,
        max_vocabulary: int | None = None,
        dropout: float = 0.5,
        input_dropout: float | None = None,
        embedding_dropout: float = 0.0,
        word_dropout: float = 1.0,
        case_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        zoneout: float = 0.0,
        layer_norm: bool = False,
        convolutions: int = 0,
        convolution_size: int = 64,
        kernel_size: int = 5,
        bias: Literal["double", "single"] = "single",
        init: Literal["orthogonal", "torch"] = "orthogonal",
        forget_bias: float | None = 1.0,
        epochs: int | None = None,
        batch_size: int = 16,
        max_tokens: int | None = None,
        optimizer: str = "adam",
        lr: float = 3e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: str | None = "one_cycle",
        warmup: float = 0.0,
        average: float | None = None,
        patience: int | None = None,
        validation_fraction: float | None = 0.1,
        truncate: int | None = None,
        random_state: Any = None,
        device: str = "cpu",
        n_threads: int | None = None,
        backend: str | None = None,
        verbose: int = 0,
        log: str | None = None,
        checkpoint: str | None = None,
        resume: bool = False,
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.crf = crf
        self.tokenizer = tokenizer
        self.embedding_size = embedding_size
        self.embedding = embedding
        self.pretrained = pretrained
        self.freeze_embedding = freeze_embedding
        self.characters = characters
        self.character_size = character_size
        self.character_features = character_features
        self.scheme = scheme
        self.inner_scheme = inner_scheme
        self.lowercase = lowercase
        self.fold_digits = fold_digits
        self.max_vocabulary = max_vocabulary
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.embedding_dropout = embedding_dropout
        self.word_dropout = word_dropout
        self.case_dropout = case_dropout
        self.recurrent_dropout = recurrent_dropout
        self.weight_drop = weight_drop
        self.zoneout = zoneout
        self.layer_norm = layer_norm
        self.convolutions = convolutions
        self.convolution_size = convolution_size
        self.kernel_size = kernel_size
        self.bias = bias
        self.init = init
        self.forget_bias = forget_bias
        self.epochs = epochs
        self.batch_size = batch_size
        self.max_tokens = max_tokens
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.schedule = schedule
        self.warmup = warmup
        self.average = average
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.truncate = truncate
        self.random_state = random_state
        self.device = device
        self.n_threads = n_threads
        self.backend = backend
        self.verbose = verbose
        self.log = log
        self.checkpoint = checkpoint
        self.resume = resume

    @property
    def parameters_(self) -> int:
        """Number of weights and biases."""
        return sum(parameter.numel() for parameter in self.network_.parameters())

    @property
    def lexicon_(self) -> Lexicon:
        """The words and characters it knows; only a tagger of words or letters has one."""
        lexicon = self.__dict__.get("encoder_")
        if not isinstance(lexicon, Lexicon):
            raise AttributeError("lexicon_: expected a tagger fitted on words or letters; fit it on some")
        return lexicon

    @property
    def unit_(self) -> str:
        """What has a tag: token, letter or step."""
        return {"words": "token", "numeric": "step"}.get(self.input_, "letter")

    def _read(self, X: Any, name: str = "X", *, empty: bool = False, first: bool = False) -> list[Any]:
        kind = kind_of(X, self.tokenizer) if first else self.input_
        rows = read_rows(X, kind, name, empty)
        self.input_ = kind
        return rows

    def _first_seed(self) -> int:
        seed = fitting.resumed_seed(self.checkpoint) if self.resume else None
        return self._seed() if seed is None else seed

    def _fit(self, train: Part, valid: Part | None) -> dict[str, Any]:
        if not (isinstance(self.word_dropout, int | float) and self.word_dropout >= 0):
            raise InputError(f"word_dropout={self.word_dropout!r}, expected a number from 0 up; 0 turns it off")
        if self.max_vocabulary is not None and self.max_vocabulary < 1:
            raise InputError(f"max_vocabulary={self.max_vocabulary!r}, expected a number from 1 up or None; correct it")
        if valid is None:
            kept, held = hold_out(np.zeros(len(train), np.int64), share(self.validation_fraction), self.seed_)
            if len(held):
                train, valid = train.take(kept), train.take(held)
        lender = None if self.pretrained is None else opened(self.pretrained)
        if lender is not None and self.embedding is not None:
            raise InputError("embedding and pretrained are both given, expected one of them; leave one out")
        vectors = word_vectors(self.embedding) if lender is None else lent_words(lender)
        lowercase = self.lowercase if lender is None else lender.tokenizer_.lowercase
        self.encoder_ = fit_step_encoder(self, train.tokens, vectors, lowercase)
        if vectors is not None:
            self.embedding_coverage_ = self.lexicon_.covered(vectors)
        self.network_ = tagger_fitting.first_network(self, self.encoder_, vectors, lender)
        self.history_ = tagger_fitting.train(self, self.network_, self.encoder_, train, valid)
        kept_epoch = [record for record in self.history_ if record.get("epoch") == self.history_.best_epoch]
        names = ("train_loss", "valid_loss", "valid_accuracy", "valid_f1")
        return {
            "train_rows": len(train),
            "valid_rows": 0 if valid is None else len(valid),
            "vector_coverage": None if vectors is None else self.lexicon_.coverage(train.tokens, vectors),
            "best_epoch": self.history_.best_epoch,
            **{name: kept_epoch[0][name] for name in names if kept_epoch and name in kept_epoch[0]},
            "history": list(self.history_),
        }

    def _best(self, tokens: list[Any]) -> list[np.ndarray]:
        return [row.numpy() for row in self._applied(tokens, lambda network, emissions: network.decide(emissions))]

    def _chances(self, tokens: list[Any]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        def both(network: Any, emissions: Any) -> Any:  # side by side in float64, which holds a tag's number exactly
            best, chance = network.decide(emissions), network.probabilities(emissions)
            return best._replace(data=torch.cat([best.data[:, None].double(), chance.data.double()], dim=1))

        rows = [row.numpy() for row in self._applied(tokens, both)]
        chances = [row[:, 1:] / row[:, 1:].sum(axis=1, keepdims=True) for row in rows]
        return [row[:, 0].astype(np.int64) for row in rows], chances

    def _applied(self, tokens: list[Any], answer: Callable[[Any, Any], Any]) -> list[torch.Tensor]:
        """An answer from the emissions of each sentence, (T, ...)."""
        batches = AlignedBatches(end_to_end(self.encoder_, tokens), batch_size=max(self.batch_size, 64), shuffle=False)

        def of_batch(network: Any, batch: Any) -> Any:
            return answer(network, network(batch.inputs, batch.letters, batch.form))

        with threads(self.n_threads):
            return cast(list[torch.Tensor], predict(self.network_, batches, of_batch))

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        state = {f"network.{name}": value.cpu().numpy() for name, value in self.network_.state_dict().items()}
        encoder = self.encoder_
        stored, arrays, text = ({}, {}, encoder.to_json()) if isinstance(encoder, Lexicon) else encoder.stored()
        learned = {"input": self.input_, "encoding": stored, "network": self.network_.settings}
        return learned, {**state, **arrays}, text

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.input_ = learned.get("input", "words")  # models of older versions know nothing else
        self.encoder_ = restore_step_encoder(self.input_, learned.get("encoding", {}), tensors, tokenizer)
        with seeded(0):  # the weights drawn are replaced at once; the caller's generator stays as it is
            self.network_ = TaggerNetwork(**learned["network"]).eval()
        prefix = "network."
        state = {name[len(prefix) :]: torch.from_numpy(v) for name, v in tensors.items() if name.startswith(prefix)}
        self.network_.load_state_dict(state)
        self.network_.settings = learned["network"]
        self.history_ = History(self.metrics_.get("history", []))
        self.history_.best_epoch = self.metrics_.get("best_epoch")
