"""One measurement of PyTorch, in a process of its own: reads a task from its argument as JSON and
prints its result as JSON. Needs: pip install torch numpy
"""

import collections
import json
import re
import resource
import statistics
import sys
import time

import torch
from torch.nn import functional


class Network(torch.nn.Module):
    """The language model of a case."""

    def __init__(self, vocabulary, layers, units, embedding):
        super().__init__()
        self.vocabulary = vocabulary
        self.table = torch.nn.Embedding(vocabulary, embedding) if embedding else None
        self.lstm = torch.nn.LSTM(embedding or vocabulary, units, layers)
        self.next = torch.nn.Linear(units, vocabulary)

    def forward(self, tokens, state):
        if self.table is None:
            rows = functional.one_hot(tokens, self.vocabulary).float()
        else:
            rows = self.table(tokens)
        rows, state = self.lstm(rows, state)
        return self.next(rows), state


def streams(case, path):
    """Tokens [time, B] of a text, cut into B streams, and the size of the vocabulary."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    if case["words"]:
        text = re.findall(r"\n|\S+", text)
        kept = {word for word, _ in collections.Counter(text).most_common(case["words"] - 1)}
        text = [word if word in kept else "<unk>" for word in text]
    numbers = {token: number for number, token in enumerate(sorted(set(text)))}
    tokens = torch.tensor([numbers[token] for token in text])
    length = len(tokens) // case["batch"]
    tokens = tokens[: length * case["batch"]].view(case["batch"], length)
    return tokens.t().contiguous(), len(numbers)


def train(task):
    """Whole training steps for `seconds`, but a few at least."""
    case, steps = task["case"], task["case"]["steps"]
    tokens, vocabulary = streams(case, task["text"])
    network = Network(vocabulary, case["layers"], case["units"], case["embedding"])
    adam = torch.optim.Adam(network.parameters(), lr=task["learning_rate"])
    is_bfloat16 = task["precision"] == "bfloat16"
    times, state, start = [], None, 0
    begin = last = time.perf_counter()
    while len(times) < task["warm_up"] + 5 or last - begin < task["seconds"]:
        if start + steps >= len(tokens):
            state, start = None, 0
        x, y = tokens[start : start + steps], tokens[start + 1 : start + steps + 1]
        start += steps
        adam.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_bfloat16):
            scores, state = network(x, state)
        loss = functional.cross_entropy(scores.float().view(-1, vocabulary), y.reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), task["clip_norm"])
        adam.step()
        loss.item()
        state = tuple(part.detach() for part in state)
        now = time.perf_counter()
        times.append(now - last)
        last = now
    return {"seconds": statistics.median(times[task["warm_up"] :]), "vocabulary": vocabulary}


def step(task):
    """One step of one sequence: a one-hot row, LSTMs, the scores of the next token."""
    network = Network(task["vocabulary"], task["layers"], task["units"], 0).eval()
    token, state = torch.tensor([[3]]), None
    times = []
    with torch.inference_mode():
        for _ in range(task["repetitions"]):
            begin = time.perf_counter()
            _, state = network(token, state)
            times.append(time.perf_counter() - begin)
    return {"seconds": statistics.median(times[len(times) // 5 :])}


def bfloat16(task):
    """Whether PyTorch has an LSTM in bfloat16 for this processor."""
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
            torch.nn.LSTM(8, 8)(torch.zeros(2, 1, 8))
    except RuntimeError:
        return {"is_supported": False}
    return {"is_supported": True}


WORK = {"train": train, "step": step, "bfloat16": bfloat16}


def main():
    task = json.loads(sys.argv[1])
    scale = 1 if sys.platform == "darwin" else 1_024
    library_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20
    torch.set_num_threads(task["threads"])
    torch.manual_seed(1)
    result = WORK[task["work"]](task)
    print(json.dumps({**result, "library_mib": library_mib}))


main()
