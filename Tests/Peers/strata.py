"""Runs netrun and measures it from outside."""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

WARM_UP = 3
"""Steps at the beginning that do not count, here and in the peers."""


class PeerError(Exception):
    """A process that was to be measured failed."""


@dataclasses.dataclass
class Finished:
    """What a process printed, line by line with the seconds at which it did, and what it took."""

    lines: list
    seconds: float
    peak_mib: float


def measured(command, environment=None):
    """Runs a command to its end.

    The peak of memory is the kernel's own count for this process. It cannot be below that of this
    script (some 20 MiB), which Linux takes for the beginning of the child's.
    """
    with tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **(environment or {})},
        )
        lines = [(time.perf_counter() - begin, line) for line in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if process.returncode:
            errors.seek(0)
            tail = errors.read().decode(errors="replace").strip()[-1_000:]
            name = pathlib.Path(command[0]).name
            raise PeerError(f"{name} ended with {process.returncode}: {tail}")
    scale = 1 if sys.platform == "darwin" else 1_024
    return Finished(lines, seconds, usage.ru_maxrss * scale / 2**20)


class Netrun:
    """The program under comparison, with a folder for its files."""

    name = "netrun"

    def __init__(self, path, folder):
        self.path = path
        self.folder = pathlib.Path(folder)
        version = measured([path, "--version"]).lines[0][1].decode()
        self.version = version.removeprefix("netrun").strip()

    def _write(self, case, text, maximum_steps, epochs=1_000, precision="float32"):
        path = self.folder / "peer.yaml"
        # JSON is YAML, too.
        path.write_text(json.dumps(case.spec(text, maximum_steps, epochs, precision)))
        return path

    def peaks(self, threads):
        """Multiply-adds that all threads reach at once, in operations a second, by precision.

        Only of the precisions that the processor is fast at.
        """
        rows = measured(
            [self.path, "bench", "--json", "--threads", threads, "--repetitions", 1]
            + ["--layers", "lstm", "--units", 16, "--batch", 1, "--steps", 1]
        ).lines
        rows = [json.loads(row) for _, row in rows]
        return {row["precision"]: row["peak_gflops"] * 1e9 for row in rows}

    def flops(self, case, text):
        """Operations of one training step, as the plan counts them."""
        spec = self._write(case, text, 1)
        plan = b"".join(line for _, line in measured([self.path, "plan", spec, "--json"]).lines)
        return json.loads(plan)["flops"]

    def run(self, case, text, threads, maximum_steps=0, epochs=1_000, precision="float32"):
        """A training run: its events, each with the seconds since the start, and what it took."""
        spec = self._write(case, text, maximum_steps, epochs, precision)
        run = self.folder / "run"
        finished = measured(
            [self.path, "run", spec, "--run", run, "--threads", threads, "--fresh", "--json"]
        )
        return [(when, json.loads(line)) for when, line in finished.lines], finished

    def train(self, case, text, threads, maximum_steps, precision="float32"):
        """Training steps: the median time of one, the peak of memory, the vocabulary."""
        events, finished = self.run(case, text, threads, maximum_steps, precision=precision)
        intervals, last = [], None
        for when, event in events:
            is_step = event["event"] == "step"
            if is_step and last is not None and event["step"] > WARM_UP:
                intervals.append(when - last)
            # What lies between two steps of different epochs is not part of a step.
            last = when if is_step else None
        if not intervals:
            raise PeerError("the text is too short for a few training steps")
        used = next(event["threads"] for _, event in events if event["event"] == "ready")
        if used != threads:
            print(f"{case.name}: netrun took {used} of {threads} threads", file=sys.stderr)
        return {
            "seconds": statistics.median(intervals),
            "peak_mib": finished.peak_mib,
            "vocabulary": events[0][1]["vocabulary"],
        }

    def step(self, length, weights):
        """Seconds of one generated token on one thread, with the network of the last `run`.

        Two runs of different lengths; their difference is free of what happens once.
        """
        command = [self.path, "generate", self.folder / "run", "--json", "--temperature", 0]
        command += ["--threads", 1, "--weights", weights, "--length"]
        times = []
        for count in [length // 10, length + length // 10]:
            finished = measured(command + [count])
            if json.loads(b"".join(line for _, line in finished.lines))["tokens"] != count:
                raise PeerError(f"netrun generated fewer than {count} tokens")
            times.append(finished.seconds)
        return (times[1] - times[0]) / length
