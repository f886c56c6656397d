#!/usr/bin/python3
"""Unchanged resync over loopback, per CPU-second: rollcalld against bench/peers/pipeline.py.

Both fetch the same tenants from the same peoplehr-sim over plain HTTP without gzip, and nobody changes.
rollcalld is asked for each sweep through its control socket, so that its cost holds that too.
"""
import argparse
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import ROOT, Daemon, Simulator, cpu_seconds, figure, report, running, temporary_folder


class Peer:
    """bench/peers/pipeline.py, a round at a time."""

    def __init__(self, stack, simulator):
        self.child = stack.enter_context(running(
            [sys.executable, str(ROOT / "bench/peers/pipeline.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        keys = [t["api_key"] for t in simulator.tenants]
        self.employees = self.round({"base_url": simulator.base_url, "tenants": keys})["employees"]

    def round(self, line):
        self.child.stdin.write(json.dumps(line) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def rate(self):
        """Employees per CPU-second of a round."""
        done = self.round("again")
        return done["employees"] / done["cpu_seconds"]


def rate(daemon, connection, names, employees):
    """The same of rollcalld."""
    rows = connection.ask("GET", "/v1/status")["rows_read"]
    began = cpu_seconds(daemon.pid)
    for name in names:
        connection.ask("POST", f"/v1/tenants/{name}/sync", {})
    status = daemon.wait_for_rows(connection, rows + employees)
    return (status["rows_read"] - rows) / (cpu_seconds(daemon.pid) - began)


def measure(stack, tenants, employees, rounds):
    """The rates of rollcalld and of the peer, round by round in turns."""
    folder = stack.enter_context(temporary_folder())
    simulator = Simulator(stack, "--tenants", str(tenants), "--employees", str(employees), "--sizes", "fixed")
    peer = Peer(stack, simulator)
    # One call at a time, as the peer: the simulator rests while the client works, and neither client
    # shares the caches of a core with it more than the other.
    daemon = Daemon(stack, folder, "concurrent_runs_max = 1")
    connection = daemon.connect()
    daemon.add_tenants(connection, simulator)
    before = daemon.wait_for_rows(connection, peer.employees)
    names = [t["tenant"] for t in simulator.tenants]
    rates = [(rate(daemon, connection, names, peer.employees), peer.rate()) for _ in range(rounds)]
    after = connection.ask("GET", "/v1/status")
    if after["runs"]["applied"] != before["runs"]["applied"] or after["runs"]["failed"]:
        raise RuntimeError(f"a sweep was not unchanged: {after['runs']}")
    return [statistics.median(of_one) for of_one in zip(*rates)]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tenants", type=int, default=40)
    options.add_argument("--employees", type=int, default=500, help="of each tenant; leavers come on top")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", help="file for the figures")
    chosen = options.parse_args()
    with contextlib.ExitStack() as stack:
        ours, peer = measure(stack, chosen.tenants, chosen.employees, chosen.rounds)
    report([figure("unchanged resync over loopback / Python pipeline, per CPU-second", ours / peer, 25, "x"),
            figure("  rollcalld", ours, None, "employees/CPU-s"),
            figure("  bench/peers/pipeline.py", peer, None, "employees/CPU-s")], chosen.json)


main()
