#!/usr/bin/env python3
"""Compares netrun with PyTorch and ONNX Runtime at the same work, in one sitting.

    swift build -c release
    pip install torch onnx onnxruntime numpy
    python3 Tests/Peers/compare.py

Whoever is compared takes turns, each in a process of its own, for several rounds. A ratio is the
median over rounds of the ratio within a round, and above 1 where netrun is better; beside it stand
the lowest and the highest round. A peer that is not installed is left out. Needs Python 3.9.

Parts (--only): `train`, whole training steps and memory; `step`, one step of one sequence on one
thread; and of netrun alone `growth`, what becomes of the time as T, B and the data grow, and
`start`, how long it takes until it trains on ever larger texts, up to 1 GB in a temporary folder.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import sys
import tempfile

import growth
import start
import step
import train
from cases import made_text
from strata import Netrun, PeerError

PARTS = {"train": train, "step": step, "growth": growth, "start": start}
PACKAGE = pathlib.Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, of short runs")
    parser.add_argument("--rounds", type=int, help="default: 5, with --quick 2")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of training steps")
    parser.add_argument("--text", type=pathlib.Path, help="default: made by the script")
    parser.add_argument(
        "--netrun", type=pathlib.Path, default=PACKAGE / ".build" / "release" / "netrun"
    )
    parser.add_argument("--json", action="store_true", help="print one object instead of tables")
    options = parser.parse_args()
    options.rounds = max(1, options.rounds or (2 if options.quick else 5))
    options.seconds = 1.5 if options.quick else 4
    if not options.netrun.exists():
        parser.error(f"there is no {options.netrun}: swift build -c release, or --netrun")
    return options


def versions():
    """The peers that are installed, with their versions."""
    found = {}
    for package in ["torch", "onnxruntime", "onnx", "numpy"]:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            print(f"{package} is not installed: left out (pip install {package})", file=sys.stderr)
    return found


def main():
    options = arguments()
    found = versions()
    with tempfile.TemporaryDirectory() as folder:
        netrun = Netrun(options.netrun.resolve(), folder)
        text = options.text and options.text.resolve()
        if text is None:
            text = pathlib.Path(folder) / "text.txt"
            text.write_text(made_text(2_000_000), encoding="utf-8")
        about = {
            "netrun": netrun.version,
            **found,
            "python": platform.python_version(),
            "machine": platform.machine(),
            "threads": options.threads,
            "rounds": options.rounds,
        }
        if not options.json:
            print(", ".join(f"{name} {value}" for name, value in about.items()))
        results = {"about": about}
        for part in options.only:
            results[part] = PARTS[part].compare(netrun, text, found, options)
    if options.json:
        print(json.dumps(results, indent=2))


if __name__ == "__main__":
    try:
        main()
    except PeerError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
