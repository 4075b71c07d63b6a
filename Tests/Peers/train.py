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
    ("memory", 18),
    ("netrun", 8),
    ("of peak", 7),
    ("torch", 8),
    ("netrun MiB", 10),
    ("torch MiB", 9),
]


def compare(netrun, text, found, options):
    """All cases in each precision that the processor is fast at, also round by round."""
    results = []
    for precision, peak in netrun.peaks(options.threads).items():
        table = Table(
            f"Whole training steps, {options.threads} threads, {precision}; ratios above 1: netrun "
            "is faster, or smaller",
            COLUMNS,
            not options.json,
        )
        subjects = ["netrun", "torch"] if _torch_has(precision, found) else ["netrun"]
        for case in cases.TRAINING:
            rounds, flops = _measure(case, netrun, text, precision, peak, subjects, options)
            results.append(_report(case, precision, rounds, flops, peak, table))
    return results


def _torch_has(precision, found):
    if "torch" not in found:
        return False
    task = {"work": precision, "threads": 1}
    if precision == "float32" or peer("peer_torch.py", task)["is_supported"]:
        return True
    print(f"torch has no LSTM in {precision} for this processor: left out", file=sys.stderr)
    return False


def _measure(case, netrun, text, precision, peak, subjects, options):
    flops = netrun.flops(case, text)
    # As long as `seconds` at two thirds of the peak, which is all that netrun is told.
    steps = WARM_UP + max(10, int(options.seconds * 0.67 * peak / flops))
    rounds = {subject: [] for subject in subjects}
    for _ in range(options.rounds):
        for subject, results in rounds.items():
            if subject == "netrun":
                results.append(netrun.train(case, text, options.threads, steps, precision))
            else:
                results.append(peer("peer_torch.py", _task(case, text, precision, options)))
    return rounds, flops


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


def _report(case, precision, rounds, flops, peak, table):
    def all_of(subject, key):
        return [result[key] for result in rounds[subject]]

    def middle(subject, key):
        return statistics.median(all_of(subject, key))

    def rate(subject):
        return case.tokens / middle(subject, "seconds")

    share = flops / middle("netrun", "seconds") / peak
    has_torch = "torch" in rounds
    ratios = {
        key: Ratio.of(all_of("torch", key), all_of("netrun", key))
        for key in (["seconds", "peak_mib"] if has_torch else [])
    }
    row = [str(ratios.get(key, "-")) for key in ["seconds", "peak_mib"]]
    row += [f"{rate('netrun'):.0f}", f"{share:.0%}"]
    row += [f"{rate('torch'):.0f}" if has_torch else "-", f"{middle('netrun', 'peak_mib'):.0f}"]
    row += [f"{middle('torch', 'peak_mib'):.0f}" if has_torch else "-"]
    table.row(case.name, *row)
    return {
        "case": case.name,
        "precision": precision,
        "flops": flops,
        "peak": peak,
        "share_of_peak": share,
        "ratios": {key: dataclasses.asdict(ratio) for key, ratio in ratios.items()},
        "rounds": rounds,
    }
