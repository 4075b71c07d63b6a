"""Whole training steps: data, forward, loss, backward, clipping, Adam."""

import dataclasses
import statistics
import sys

import cases
from peers import peer
from strata import WARM_UP
from table import Ratio, Table

COLUMNS = [
    ("tokens/s", 26),
    ("to torch", 18),
    ("to torch bf16", 18),
    ("memory", 18),
    ("netrun", 8),
    ("of peak", 7),
    ("torch", 8),
    ("bf16", 8),
    ("netrun MiB", 10),
    ("torch MiB", 9),
]


def compare(netrun, text, found, options):
    """All cases; the results of each, also round by round."""
    precisions = []
    if "torch" in found:
        precisions.append("float32")
        task = {"work": "bfloat16", "threads": 1}
        if peer("peer_torch.py", task)["is_supported"]:
            precisions.append("bfloat16")
        else:
            print("torch has no LSTM in bfloat16 for this processor: left out", file=sys.stderr)
    table = Table(
        f"Whole training steps, {options.threads} threads, float32; ratios above 1: netrun is "
        "faster, or smaller",
        COLUMNS,
        not options.json,
    )
    return [_compare(case, netrun, text, precisions, options, table) for case in cases.TRAINING]


def _compare(case, netrun, text, precisions, options, table):
    flops, peak = netrun.flops(case, text), netrun.peak(options.threads)
    # As long as `seconds` at two thirds of the peak, which is all that netrun is told.
    steps = WARM_UP + max(10, int(options.seconds * 0.67 * peak / flops))
    rounds = {subject: [] for subject in ["netrun", *precisions]}
    for _ in range(options.rounds):
        for subject, results in rounds.items():
            if subject == "netrun":
                results.append(netrun.train(case, text, options.threads, steps))
            else:
                results.append(peer("peer_torch.py", _task(case, text, subject, options)))
    return _report(case, rounds, flops, peak, table)


def _task(case, text, precision, options):
    return {
        "work": "train",
        "case": dataclasses.asdict(case),
        "text": str(text),
        "precision": precision,
        "threads": options.threads,
        "seconds": options.seconds,
        "warm_up": WARM_UP,
        "learning_rate": cases.LEARNING_RATE,
        "clip_norm": cases.CLIP_NORM,
    }


def _report(case, rounds, flops, peak, table):
    def all_of(subject, key):
        return [result[key] for result in rounds[subject]]

    def middle(subject, key):
        return statistics.median(all_of(subject, key))

    def rate(subject):
        return case.tokens / middle(subject, "seconds")

    share = flops / middle("netrun", "seconds") / peak
    ratios = {
        precision: Ratio.of(all_of(precision, "seconds"), all_of("netrun", "seconds"))
        for precision in rounds
        if precision != "netrun"
    }
    if "float32" in rounds:
        ratios["memory"] = Ratio.of(all_of("float32", "peak_mib"), all_of("netrun", "peak_mib"))
    row = [str(ratios.get(name, "-")) for name in ["float32", "bfloat16", "memory"]]
    row += [f"{rate('netrun'):.0f}", f"{share:.0%}"]
    row += [f"{rate(name):.0f}" if name in rounds else "-" for name in ["float32", "bfloat16"]]
    row += [
        f"{middle(name, 'peak_mib'):.0f}" if name in rounds else "-"
        for name in ["netrun", "float32"]
    ]
    table.row(case.name, *row)
    return {
        "case": case.name,
        "flops": flops,
        "peak": peak,
        "share_of_peak": share,
        "ratios": {name: dataclasses.asdict(ratio) for name, ratio in ratios.items()},
        "rounds": rounds,
    }
