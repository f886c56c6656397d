#!/usr/bin/python3
"""Restart of rollcalld with 1,000,000 users of 10,000 tenants, to the first answered query.

The clock runs from the start of the process until `GET /v1/tenants/T/users/ID` is answered over the control
socket. The file is in the page cache (warm). Beside each restart runs a bare scan of the same file: SELECT *
FROM users on one thread, in C, every column taken. Also states what the daemon takes per user.
"""
import argparse
import contextlib
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import Daemon, ahead_of_others, cpu_seconds, figure, memory_bytes, program, report, temporary_folder

USERS = 1_000_000
TENANTS = 10_000


def restart(folder):
    """Seconds on the wall and of the processor to the first answer, and memory after it."""
    with contextlib.ExitStack() as stack:
        began = time.monotonic()
        daemon = Daemon(stack, folder)
        connection = daemon.connect()
        user = connection.ask("GET", f"/v1/tenants/tenant-{TENANTS}/users/PW50")
        taken = time.monotonic() - began
        used = cpu_seconds(daemon.pid)
        memory = memory_bytes(daemon.pid)
        status = connection.ask("GET", "/v1/status")
        if user["id"] != "PW50" or status["users"]["total"] != USERS or status["tenants"]["total"] != TENANTS:
            raise RuntimeError(f"loaded {status['users']}, {status['tenants']}")
        connection.close()
    return {"wall": taken, "cpu": used, "memory": memory,
            "directory": status["directory_bytes"], "text": status["mapped_text_bytes"]}


def scan(folder):
    return float(subprocess.run([program("fleet_store"), "scan", str(folder / "data")],
                                check=True, capture_output=True, text=True).stdout)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", help="file for the figures")
    chosen = options.parse_args()
    with temporary_folder() as folder:
        subprocess.run([program("fleet_store"), "fill", str(folder / "data")], check=True)
        scan(folder)
        ahead_of_others()
        rounds = [(restart(folder), scan(folder)) for _ in range(chosen.rounds)]
    def median_of(key):
        return statistics.median(r[key] for r, _ in rounds)
    wall = median_of("wall")
    bare = statistics.median(s for _, s in rounds)
    report([figure("restart, 1,000,000 users of 10,000 tenants, to the first answer", wall, 1.5, "s", at_least=False),
            figure("  of it processor time, both threads", median_of("cpu"), None, "s"),
            figure("  bare SQLite scan of the same file", bare, None, "s"),
            figure("  restart / bare scan", wall / bare, None, "x"),
            figure("memory held with them / mapped text (anonymous RSS)",
                   median_of("memory") / median_of("text"), None, "x"),
            figure("  anonymous RSS per user", median_of("memory") / USERS, None, "bytes"),
            figure("  directory per user", median_of("directory") / USERS, None, "bytes"),
            figure("  mapped text per user", median_of("text") / USERS, None, "bytes")], chosen.json)


main()
