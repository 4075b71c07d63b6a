"""How long netrun takes until it trains, and its memory, for ever larger texts."""

import statistics

import cases
from table import Table


def compare(netrun, text, found, options):
    """Seconds until a run is ready to train, and its peak of memory, for ever larger texts."""
    table = Table(
        "Start-up with a text of", [("", 26), ("seconds", 9), ("peak MiB", 12)], not options.json
    )
    case = cases.Case(1, 64, 32, 50)
    content = text.read_bytes()
    part = netrun.folder / "part.txt"
    records = []
    for megabytes in [1, 10, 100] if options.quick else [1, 10, 100, 1_000]:
        write_text(part, content, megabytes)
        starts = []
        for _ in range(options.rounds):
            events, finished = netrun.run(case, part, options.threads, maximum_steps=1)
            starts.append(events[0][0])
        record = {"megabytes": megabytes, "seconds": statistics.median(starts)}
        record["peak_mib"] = finished.peak_mib
        table.row(f"{megabytes} MB", f"{record['seconds']:.3f}", f"{record['peak_mib']:.0f}")
        records.append(record)
    part.unlink()
    return records


def write_text(path, content, megabytes):
    """A text of so many megabytes: the content, as often as it takes."""
    with open(path, "wb") as file:
        rest = megabytes * 1_000_000
        while rest >= len(content):
            rest -= file.write(content)
        # Cut between characters.
        file.write(content[:rest].decode("utf-8", errors="ignore").encode())
