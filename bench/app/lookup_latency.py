#!/usr/bin/python3
"""Look-ups through the control socket while a 5,000-employee tenant is synced and applied.

One client asks for users of another tenant at a fixed pace, and each answer is timed from when its question
was due, so that a stall counts for all the questions that it delays. In turns: while a company in which all
departments and locations were renamed is read, planned, committed and applied; and as many questions of an
idle daemon. Each figure is the median over these rounds, so that a round in which the machine itself stood
still does not decide it.
"""
import argparse
import contextlib
import json
import pathlib
import re
import select
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import Daemon, Simulator, ahead_of_others, figure, quantile, report, temporary_folder

PACE_SECONDS = 0.002


class Company:
    """The large tenant: changed as a whole in the simulator, then synced over its own connection."""

    def __init__(self, simulator, daemon):
        self.simulator = simulator
        self.name = simulator.tenants[0]["tenant"]
        self.connection = daemon.connect()
        self.round = 0

    def change_everybody(self):
        """Renames all departments and locations, which are two fields of nearly everybody."""
        self.round += 1
        people = self.simulator.admin("GET", f"/truth/{self.name}")["people"]
        for field in ("department", "location"):
            for old in {p[field] for p in people} - {""}:
                # Blanks around a name stay there: the snapshot gate counts departments without them.
                new = re.sub(r"( #\d+)?(\s*)$", rf" #{self.round}\2", old, count=1)
                self.simulator.admin("POST", "/rename-value",
                                     {"tenant": self.name, "list": field, "from": old, "to": new})

    def begin_sync(self):
        self.connection.request("POST", f"/v1/tenants/{self.name}/sync", json.dumps({"wait": True}))
        self.answer = self.connection.getresponse()
        self.lines = [json.loads(self.answer.readline())]

    def still_syncing(self):
        """Looks without waiting whether the run has ended."""
        while select.select([self.connection.sock], [], [], 0)[0]:
            self.lines.append(json.loads(self.answer.readline()))
            if self.lines[-1]["done"]:
                self.answer.read()
                return False
        return True


def ask_at_a_pace(connection, targets, go_on):
    """Seconds from when each question was due to its answer, while go_on()."""
    taken = []
    due = time.perf_counter()
    while go_on():
        now = time.perf_counter()
        if now < due:
            time.sleep(due - now)
        connection.ask("GET", targets[len(taken) % len(targets)])
        taken.append(time.perf_counter() - due)
        due += PACE_SECONDS
    return taken


def measure(stack, employees, rounds):
    folder = stack.enter_context(temporary_folder())
    # The simulator gives way to the client, whose delays would be taken for the daemon's.
    simulator = Simulator(stack, "--tenants", "2", "--employees", str(employees), "--sizes", "fixed", nice=19)
    ahead_of_others()
    daemon = Daemon(stack, folder)
    ahead_of_others(2)  # the daemon's two threads fill two processors
    connection = daemon.connect()
    daemon.add_tenants(connection, simulator)
    rows = sum(t["current"] + t["left"] for t in simulator.tenants)
    daemon.wait_for_rows(connection, rows)
    other = simulator.tenants[1]["tenant"]
    users = connection.ask("GET", f"/v1/tenants/{other}/users?limit=500")["users"]
    targets = [f"/v1/tenants/{other}/users/{u['id']}" for u in users]

    company = Company(simulator, daemon)
    idle, busy = [], []
    for _ in range(rounds + 1):
        company.change_everybody()
        company.begin_sync()
        busy.append(ask_at_a_pace(connection, targets, company.still_syncing))
        counts = company.lines[-1]["run"]["counts"]
        if counts["updated"] < employees * 0.75:  # who has no e-mail is rejected
            raise RuntimeError(f"not everybody changed: {company.lines[-1]}")
        left = iter(range(len(busy[-1])))
        idle.append(ask_at_a_pace(connection, targets, lambda: next(left, None) is not None))
    return idle[1:], busy[1:]  # in the first, buffers grow


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--employees", type=int, default=5000)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--json", help="file for the figures")
    chosen = options.parse_args()
    with contextlib.ExitStack() as stack:
        idle, busy = measure(stack, chosen.employees, chosen.rounds)
    lines = []
    at = {}
    for name, rounds in (("idle", idle), ("busy", busy)):
        for which, q in (("p50", 0.5), ("p99", 0.99), ("max", 1)):
            at[name, which] = statistics.median(quantile(taken, q) for taken in rounds) * 1e3
            lines.append(figure(f"  {name} {which}", at[name, which], None, "ms"))
    lines.append(figure("  questions of a round", statistics.median(map(len, busy)), None))
    lines.insert(0, figure(f"look-up p99 while {chosen.employees} people are applied / idle p99",
                           at["busy", "p99"] / at["idle", "p99"], 10, "x", at_least=False))
    report(lines, chosen.json)


main()
