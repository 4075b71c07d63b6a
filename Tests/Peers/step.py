"""One step of one sequence on one thread, as when a text is generated: a token, two LSTM layers,
the scores of the next token. netrun's time has the choice of the likeliest token in it.
"""

import dataclasses
import statistics

import cases
from peers import peer
from table import Ratio, Table

COLUMNS = [
    ("microseconds, 2 layers of", 26),
    ("f32 to ORT", 18),
    ("bf16 weights to ORT", 19),
    ("int8 weights to ORT", 19),
    ("f32 to torch", 19),
    ("netrun f32", 10),
    ("netrun bf16", 11),
    ("netrun int8", 11),
    ("ORT", 8),
    ("torch", 8),
]


def compare(netrun, text, found, options):
    """All sizes; the results of each, round by round, in seconds."""
    table = Table(
        "One step, batch 1, one thread; ratios above 1: netrun is faster", COLUMNS, not options.json
    )
    return [_compare(units, netrun, text, found, options, table) for units in cases.STEP_UNITS]


def _compare(units, netrun, text, found, options, table):
    case = cases.Case(2, units, 1, 50)
    vocabulary = netrun.run(case, text, 1, maximum_steps=1)[0][0][1]["vocabulary"]
    repetitions = (500_000 if options.quick else 2_000_000) // units
    task = {
        "work": "step",
        "layers": 2,
        "units": units,
        "vocabulary": vocabulary,
        "threads": 1,
        "repetitions": repetitions // 4,
    }
    rounds = {"float32": [], "bfloat16": [], "int8": []}
    if {"onnx", "onnxruntime", "numpy"} <= found.keys():
        rounds["onnxruntime"] = []
    if "torch" in found:
        rounds["torch"] = []
    for _ in range(options.rounds):
        for subject, results in rounds.items():
            if subject == "onnxruntime":
                results.append(peer("peer_onnx.py", task)["seconds"])
            elif subject == "torch":
                results.append(peer("peer_torch.py", task)["seconds"])
            else:
                results.append(netrun.step(repetitions, weights=subject))
    return _report(units, rounds, table)


def _report(units, rounds, table):
    ratios = {}
    for theirs, ours in [
        ("onnxruntime", "float32"),
        ("onnxruntime", "bfloat16"),
        ("onnxruntime", "int8"),
        ("torch", "float32"),
    ]:
        if theirs in rounds:
            ratios[f"{ours} to {theirs}"] = Ratio.of(rounds[theirs], rounds[ours])
    names = [f"{ours} to onnxruntime" for ours in ["float32", "bfloat16", "int8"]]
    names.append("float32 to torch")
    row = [str(ratios.get(name, "-")) for name in names]
    for subject in ["float32", "bfloat16", "int8", "onnxruntime", "torch"]:
        times = rounds.get(subject)
        row.append(f"{1e6 * statistics.median(times):.1f}" if times else "-")
    table.row(str(units), *row)
    return {
        "units": units,
        "ratios": {name: dataclasses.asdict(ratio) for name, ratio in ratios.items()},
        "rounds": rounds,
    }
