"""Ratios over rounds, and tables."""

import dataclasses
import statistics


@dataclasses.dataclass
class Ratio:
    """How many times better netrun is: the median over rounds, the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, theirs, ours):
        """Of what each took, round by round."""
        rounds = [a / b for a, b in zip(theirs, ours)]
        return cls(statistics.median(rounds), min(rounds), max(rounds))

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


class Table:
    """Rows that are printed as soon as they are known, unless nobody wants to see them."""

    def __init__(self, title, columns, is_shown):
        self.widths = [max(width, len(name)) for name, width in columns]
        self.is_shown = is_shown
        if is_shown:
            print(f"\n{title}")
            self.row(*(name for name, _ in columns))

    def row(self, first, *others):
        if not self.is_shown:
            return
        cells = [first.ljust(self.widths[0])]
        cells += [text.rjust(width) for text, width in zip(others, self.widths[1:])]
        print("  ".join(cells).rstrip(), flush=True)
