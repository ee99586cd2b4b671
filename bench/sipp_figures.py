"""Read what SIPp writes down about a run: its statistics, and each call's answer time. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Sequence


def counters(statistics: str) -> dict[str, int]:
    """Return the last line of a -trace_stat file: name of a cumulative counter (without its "(C)") -> value."""
    rows = [row for row in csv.reader(io.StringIO(statistics), delimiter=";") if row]
    if len(rows) < 2:
        return {}
    pairs = zip(rows[0], rows[-1], strict=False)
    return {name.removesuffix("(C)"): int(value) for name, value in pairs if value.isdecimal() and "(P)" not in name}


def failures(counted: dict[str, int]) -> Counter[str]:
    """Return what did not go as its scenario says, by SIPp's name of the reason."""
    return Counter({name: n for name, n in counted.items() if name.startswith("Failed") and name != "FailedCall" and n})


def answer_times(response_times: str) -> list[float]:
    """Return the milliseconds from INVITE to 200 OK of a -trace_rtt file."""
    rows = list(csv.reader(io.StringIO(response_times), delimiter=";"))[1:]
    return [float(row[1]) for row in rows if len(row) > 1]


def percentile(times: Sequence[float], share: float) -> float:
    """Return the time within which this share (0 to 1) of the sorted times lies; nan of none."""
    return times[min(len(times) - 1, int(len(times) * share))] if times else float("nan")
