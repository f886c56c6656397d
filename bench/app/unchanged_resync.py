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
from harness import ROOT, Daemon, Simulator, cpu_seconds, figure, report, temporary_folder


def resync(daemon, connection, names, rounds):
    """Employees per CPU-second of each round."""
    rates = []
    for _ in range(rounds):
        rows = connection.ask("GET", "/v1/status")["rows_read"]
        began = cpu_seconds(daemon.pid)
        for name in names:
            connection.ask("POST", f"/v1/tenants/{name}/sync", {})
        status = daemon.wait_for_rows(connection, rows + daemon.rows_of_a_sweep)
        used = cpu_seconds(daemon.pid) - began
        rates.append((status["rows_read"] - rows) / used)
    return rates


def measure(stack, tenants, employees, rounds):
    folder = stack.enter_context(temporary_folder())
    simulator = Simulator(stack, "--tenants", str(tenants), "--employees", str(employees), "--sizes", "fixed")
    work = {"base_url": simulator.base_url, "rounds": 1, "tenants": [t["api_key"] for t in simulator.tenants]}
    peer = json.loads(subprocess.run([sys.executable, str(ROOT / "bench/peers/pipeline.py")], check=True,
                                     input=json.dumps(work), capture_output=True, text=True).stdout)
    daemon = Daemon(stack, folder)
    connection = daemon.connect()
    daemon.add_tenants(connection, simulator)
    daemon.rows_of_a_sweep = peer["employees"]
    before = daemon.wait_for_rows(connection, daemon.rows_of_a_sweep)
    rates = resync(daemon, connection, [t["name"] for t in simulator.tenants], rounds)
    after = connection.ask("GET", "/v1/status")
    if after["runs"]["applied"] != before["runs"]["applied"] or after["runs"]["failed"]:
        raise RuntimeError(f"a sweep was not unchanged: {after['runs']}")
    return statistics.median(rates), peer["employees"] / peer["cpu_seconds"]


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
