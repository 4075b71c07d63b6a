"""What is compared: networks, their sizes, and a text to train them on."""

import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Case:
    """A language model of LSTM layers: tokens, an embedding or one-hot rows, LSTMs, softmax.

    Letters as everywhere: T steps of a window, B sequences side by side, H units, V vocabulary.
    """

    layers: int
    units: int
    batch: int
    steps: int
    words: int = 0
    """Size of a vocabulary of words; 0 for characters."""
    embedding: int = 0
    """Width of an embedding; 0 for one-hot rows."""

    @property
    def name(self):
        kind = f"words {self.words}" if self.words else "letters"
        return f"{kind} {self.layers}x{self.units} B{self.batch} T{self.steps}"

    @property
    def tokens(self):
        """Tokens of one training step."""
        return self.batch * self.steps

    def spec(self, text, maximum_steps, epochs=1_000, precision="float32"):
        """The case as netrun reads it."""
        layers = {"table": {"type": "embedding", "units": self.embedding}} if self.embedding else {}
        for index in range(1, self.layers + 1):
            layers[f"lstm{index}"] = {"type": "lstm", "units": self.units}
        layers["next"] = {"type": "output"}
        data = {
            "type": "text",
            "path": str(text),
            "tokens": "words" if self.words else "characters",
            "sequence_length": self.steps,
            "batch_size": self.batch,
            "split": {"train": 1, "validation": 0, "test": 0},
        }
        if self.words:
            data["vocabulary_size"] = self.words
        training = {
            "epochs": epochs,
            "precision": precision,
            "optimizer": {"type": "adam", "learning_rate": LEARNING_RATE},
            "clip": {"norm": CLIP_NORM},
        }
        if maximum_steps:
            training["maximum_steps"] = maximum_steps
        return {
            "spec": 1,
            "name": "peer",
            "data": data,
            "network": {"layers": layers},
            "training": training,
            "generate": {"length": 0},
        }


LEARNING_RATE = 2e-3
CLIP_NORM = 5.0

TRAINING = [
    Case(2, 128, 32, 50),
    Case(2, 256, 32, 50),
    Case(2, 512, 64, 50),
    Case(3, 512, 64, 100),
    Case(2, 200, 20, 20, words=10_000, embedding=200),
]

STEP_UNITS = [128, 256, 512]


def made_text(size):
    """A text of about `size` characters: made-up words, as rare and as common as in a language.

    It has some 70 different characters and, from a megabyte on, more than 10,000 words.
    """
    source = random.Random(1)
    starts = ["", "b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "qu", "r", "s"]
    starts += ["st", "t", "th", "v", "w", "x", "y", "z", "j"]
    vowels = ["a", "e", "i", "o", "u", "ai", "ee", "ou"]
    ends = ["", "", "n", "r", "s", "t", "l", "nd"]
    known = {}
    while len(known) < 20_000:
        syllables = [
            source.choice(starts) + source.choice(vowels) + source.choice(ends)
            for _ in range(source.randint(1, 4))
        ]
        known["".join(syllables)] = None
    # The short ones are the common ones.
    words = sorted(known, key=len)
    total, bounds = 0.0, []
    for rank in range(len(words)):
        total += 1 / (rank + 2.7)
        bounds.append(total)
    pieces, written = [], 0
    while written < size:
        sentence = source.choices(words, cum_weights=bounds, k=source.randint(4, 16))
        sentence[0] = sentence[0].capitalize()
        if source.random() < 0.2:
            sentence.insert(2, str(source.randint(0, 2_000)))
        line = " ".join(sentence) + source.choice([".", ".", ".", "?", "!", ";", ":"])
        line += source.choice([" ", " ", " ", "\n"])
        pieces.append(line)
        written += len(line)
    return "".join(pieces)
