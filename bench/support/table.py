#!/usr/bin/python3
"""Prints the figures of a folder of results as one table: tools/bench's last step.

Takes X.figures.json as the scripts of bench/app write them, and of Google Benchmark's JSON the counters that
FIGURES names. What was not run is left out.
"""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import figure

# (program, benchmark, counter, figure, goal, whether larger is better, unit)
FIGURES = (
    ("unchanged_bench", "unchanged/500/", "ratio_map", "decode + map / raw simdjson, 500 people", 0.80, True, ""),
    ("unchanged_bench", "unchanged/500/", "ratio_path", "unchanged path / raw simdjson, 500 people", 0.72, True, ""),
    ("unchanged_bench", "unchanged/5000/", "ratio_map", "decode + map / raw simdjson, 5,000 people", 0.80, True, ""),
    ("unchanged_bench", "unchanged/5000/", "ratio_path", "unchanged path / raw simdjson, 5,000 people", 0.72, True, ""),
    ("unchanged_bench", "unchanged/500/", "path_ns", "  unchanged path, 500 people", None, False, "ns/employee"),
    ("unchanged_bench", "unchanged/5000/", "allocations_per_employee",
     "heap allocations per unchanged employee, of 5,000", 0.01, False, ""),
    ("unchanged_bench", "unchanged/5000/", "allocations_path", "  of a whole sweep", None, False, ""),
    ("decode_bench", "longest_slice/5000", "longest_slice_us", "  longest slice of decoding 5,000 people", None, False, "us"),
    ("directory_bench", r"build/mean:100/users:1000000/", "ratio",
     "directory memory / mapped text, 1,000,000 users of 10,000 tenants", 1.35, False, ""),
    ("directory_bench", r"change_everybody<put_all>/mean:100/users:1000000/", "ratio",
     "  after ten sweeps that change everybody", 1.35, False, ""),
    ("directory_bench", r"change_everybody<put_all>/mean:50/", "ratio",
     "directory memory / mapped text, tenants of 50, ten such sweeps", 1.35, False, ""),
    ("wheel_bench", "wheel_against_asio", "schedule_cancel_ratio",
     "Asio's timer / wheel, schedule + cancel, 1,000,000 timers", 10, True, "x"),
    ("wheel_bench", "wheel_against_asio", "fire_ratio", "Asio's timer / wheel, fire", 4, True, "x"),
    ("wheel_bench", "idle_tenant_memory", "ratio", "idle tenant's waiting / coroutine on a timer, memory", 0.25, False, ""),
    ("storage_bench", "load", "ratio_to_scan", "  load of 1,000,000 users / bare SQLite scan", None, False, "x"),
    ("audit_bench", "audit_of_person/rows:10000000/", "warm_p99_ms",
     "audit of a person among 10,000,000 entries, p99", 20, False, "ms"),
    ("audit_bench", "audit_of_person/rows:10000000/", "cold_p99_ms",
     "  with nothing of the file in the kernel's cache", None, False, "ms"),
    ("audit_bench", "store_created/", "people/s", "  commit of 5,000 created people", None, True, "/s"),
    ("storage_bench", "durable_changes/500", "changes/s", "  durable changes, 500 writers", None, True, "/s"),
)


def google_figures(folder):
    for program, benchmark, counter, name, goal, at_least, unit in FIGURES:
        path = folder / f"{program}.json"
        if not path.exists():
            continue
        for run in json.loads(path.read_text())["benchmarks"]:
            if re.match(benchmark, run["name"]) and counter in run:
                yield figure(name, run[counter], goal, unit, at_least)
                break


def row(one):
    goal = "" if one["goal"] is None else f'{">=" if one["at_least"] else "<="} {one["goal"]:g}'
    met = {True: "yes", False: "NO", None: ""}[one["met"]]
    value = one["measured"]
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return [one["figure"], f'{text} {one["unit"]}'.strip(), goal, met]


def main():
    folder = pathlib.Path(sys.argv[1])
    figures = list(google_figures(folder))
    for path in sorted(folder.glob("*.figures.json")):
        figures += json.loads(path.read_text())
    if not figures:
        sys.exit("no figures")
    (folder / "table.json").write_text(json.dumps(figures, indent=1))
    table = [["figure", "measured", "goal", "met"], *map(row, figures)]
    widths = [max(len(r[i]) for r in table) for i in range(4)]
    for r in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(r, widths)).rstrip())


main()
