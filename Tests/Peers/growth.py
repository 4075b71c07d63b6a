"""What becomes of netrun's time as windows, batches and data grow."""

import dataclasses
import statistics

import cases
from start import write_text
from table import Table

COLUMNS = [("", 26), ("of linear", 9), ("netrun", 12)]


def compare(netrun, text, found, options):
    """Time per token as T and B grow, and time per megabyte as the data do."""
    return {
        "steps": _windows(netrun, text, options, "T", "steps", [25, 50, 100, 200, 400]),
        "batch": _windows(netrun, text, options, "B", "batch", [8, 16, 32, 64, 128]),
        "data": _data(netrun, text, options),
    }


def _windows(netrun, text, options, letter, field, sizes):
    """Microseconds a token of a training step, 2 layers of 128 units, T 50 and B 32 otherwise."""
    table = Table(
        f"Microseconds per token as {letter} grows, to that of the size before",
        COLUMNS,
        not options.json,
    )
    base = cases.Case(2, 128, 32, 50)
    sized = {size: dataclasses.replace(base, **{field: size}) for size in sizes}
    rounds = {size: [] for size in sizes}
    for _ in range(options.rounds):
        for size, case in sized.items():
            steps = max(10, int(options.seconds * 100_000 / case.tokens))
            seconds = netrun.train(case, text, options.threads, steps)["seconds"]
            rounds[size].append(1e6 * seconds / case.tokens)
    return _rows(table, {f"{letter} {size}": times for size, times in rounds.items()}, "us")


def _data(netrun, text, options):
    """Seconds a megabyte of whole runs of one epoch, start and checkpoint included."""
    table = Table("Milliseconds per megabyte of text, one epoch", COLUMNS, not options.json)
    case = cases.Case(1, 64, 32, 50)
    content = text.read_bytes()
    rounds = {}
    part = netrun.folder / "part.txt"
    for _ in range(options.rounds):
        for megabytes in [1, 2, 4] if options.quick else [1, 2, 4, 8]:
            write_text(part, content, megabytes)
            seconds = netrun.run(case, part, options.threads, epochs=1)[1].seconds
            rounds.setdefault(megabytes, []).append(1e3 * seconds / megabytes)
    part.unlink()
    return _rows(table, {f"{size} MB": times for size, times in rounds.items()}, "ms")


def _rows(table, rounds, unit):
    records, last = [], None
    for name, times in rounds.items():
        middle = statistics.median(times)
        share = middle / (last or middle)
        table.row(name, f"{share:.2f}", f"{middle:.2f} {unit}")
        records.append({"size": name, "to_the_size_before": share, unit: middle, "rounds": times})
        last = middle
    return records
