"""Starts a peer's process."""

import json
import pathlib
import sys

from strata import measured

FOLDER = pathlib.Path(__file__).resolve().parent


def peer(script, task):
    """The result of a task, with the peak of memory of the process."""
    threads = str(task["threads"])
    environment = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    finished = measured([sys.executable, FOLDER / script, json.dumps(task)], environment)
    return {**json.loads(finished.lines[-1][1]), "peak_mib": finished.peak_mib}
