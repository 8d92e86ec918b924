"""Measure ours against DiffSync and against the least possible by hand, in one run.

    python -m pip install -e '.[bench]'
    python benchmarks/run.py --sizes 10000,100000 --repeat 3 --json results.json

Every measurement is a process of its own, the contenders take turns, and the median counts.
Memory is the peak of the process above what it had before the work began. Times depend on
the machine; the ratios of one run are what to look at.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from contenders import CONTENDERS

BASELINES = {
    "ours": ("DiffSync", "by hand"),
    "ours, SQLite ledger": ("DiffSync", "by hand"),
    "SQLite, ours": ("SQLite, by hand",),
    "SQLite, ours, SQLite ledger": ("SQLite, by hand",),
}

Result = dict[str, float]


def measure(contender: str, count: int) -> Result:
    """Do the work in this process; seconds a phase, and the peak in MB."""
    phases = CONTENDERS[contender](count)
    next(phases)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result, last = {}, time.perf_counter()
    for phase in phases:
        now = time.perf_counter()
        result[phase] = now - last
        if phase in {"apply", "mirror"}:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            result["peak MB"] = (peak - before) / 1024
        last = time.perf_counter()
    return result


def measure_apart(contender: str, count: int) -> Result:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--measure", contender, "--sizes", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: Result = json.loads(done.stdout)
    return result


def medians(results: list[Result]) -> Result:
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def summed(result: Result) -> float:
    """The time that counts: plan and apply, or the mirror."""
    return result.get("plan", 0) + result.get("apply", 0) or result["mirror"]


def print_table(count: int, results: dict[str, Result]) -> None:
    columns = sorted({key for result in results.values() for key in result}, key=_column_order)
    print(f"\n{count:,} records")
    print(f"{'':28}" + "".join(f"{column:>12}" for column in columns))
    for contender, result in results.items():
        cells = [_cell(column, result.get(column)) for column in columns]
        print(f"{contender:28}" + "".join(f"{cell:>12}" for cell in cells))
    for contender, others in BASELINES.items():
        for other in others:
            if contender in results and other in results:
                ratio = summed(results[other]) / summed(results[contender])
                words = (
                    f"{ratio:.1f} times as fast as {other}"
                    if ratio >= 1
                    else f"takes {1 / ratio:.1f} times as long as {other}"
                )
                print(f"  {contender}: {words}")


def print_growth(figures: dict[int, dict[str, Result]]) -> None:
    """How much more a record costs among many: 1 is linear."""
    few, many = min(figures), max(figures)
    if few < many:
        print(f"\nTime per record at {many:,}, in terms of that at {few:,}")
        for name in figures[many]:
            growth = (summed(figures[many][name]) / many) / (summed(figures[few][name]) / few)
            print(f"  {name}: {growth:.2f}")


def _column_order(column: str) -> int:
    order = ["load", "plan", "apply", "one change", "plan again", "mirror", "run again", "peak MB"]
    return order.index(column)


def _cell(column: str, value: float | None) -> str:
    if value is None:
        return ""
    if column == "peak MB":
        return f"{value:.0f}"
    return f"{value * 1e3:.2f} ms" if value < 0.1 else f"{value:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10000,100000", help="numbers of records")
    parser.add_argument("--repeat", type=int, default=3, help="measurements of each")
    parser.add_argument("--only", help="contenders whose names have this in them")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    if options.measure:
        print(json.dumps(measure(options.measure, sizes[0])))
        return
    chosen = [name for name in CONTENDERS if not options.only or options.only in name]
    try:
        version("diffsync")
    except PackageNotFoundError:
        print("DiffSync is not installed (pip install -e '.[bench]'): measured without it")
        chosen = [name for name in chosen if name != "DiffSync"]
    figures = {}
    for count in sizes:
        runs: dict[str, list[Result]] = {name: [] for name in chosen}
        for _ in range(options.repeat):
            for name in chosen:
                runs[name].append(measure_apart(name, count))
        figures[count] = {name: medians(results) for name, results in runs.items()}
        print_table(count, figures[count])
    print_growth(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
