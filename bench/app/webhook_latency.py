#!/usr/bin/python3
"""How long a webhook takes to be acknowledged, and what slow senders do to the control socket.

Webhooks about known and unknown employees come at a fixed pace over kept connections, as from a proxy; each answer
is timed from when its webhook was due, so that a stall counts for all that it delays. Each is durable before its
202: the data directory is on a disk whose syncs count (--folder). Then so many clients each open a connection to the
same listener and send a byte now and then, while the control socket is asked at a pace. Last, the time from a
webhook to the directory, less PeopleHR's own: one change after the other.
"""
import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import Daemon, Simulator, ahead_of_others, figure, quantile, report

HOST = "127.0.0.1"


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def webhook(path, employee):
    body = json.dumps({"ActionId": 2, "Action": "Employee Detail Updated", "EmployeeId": employee}).encode()
    return (f"POST {path} HTTP/1.1\r\nHost: hooks\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


async def read_status(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    return int(head.split()[1])


async def send_at_a_pace(port, paths, employees, rate, seconds, connections):
    """Seconds from when each webhook was due to its answer."""
    taken = []
    count = int(rate * seconds)
    begin = time.perf_counter() + 0.1

    async def one(number):
        reader, writer = await asyncio.open_connection(HOST, port)
        for i in range(number, count, connections):
            due = begin + i / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            writer.write(webhook(paths[i % len(paths)], employees[i % len(employees)]))
            status = await read_status(reader)
            if status != 202:
                raise RuntimeError(f"answered {status}")
            taken.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(one(n) for n in range(connections)))
    return taken


class SlowClients(threading.Thread):
    """So many senders of a byte every half second, which begin again when they are given up."""

    def __init__(self, port, count):
        super().__init__(daemon=True)
        self.port, self.count, self.ended = port, count, threading.Event()

    def open(self):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex((HOST, self.port))
        return s

    def run(self):
        clients = [self.open() for _ in range(self.count)]
        text = b"POST /h/slow HTTP/1.1\r\nHost: hooks\r\nX-Slow: " + b"x" * 10_000
        at = 0
        while not self.ended.wait(0.05):
            for i in range(at % 10, self.count, 10):
                try:
                    clients[i].send(text[at // 10 % len(text):][:1])
                    with contextlib.suppress(BlockingIOError):
                        if not clients[i].recv(1000):
                            raise ConnectionResetError
                except BlockingIOError:
                    pass
                except OSError:
                    clients[i].close()
                    clients[i] = self.open()
            at += 1
        for each in clients:
            each.close()


def ask_at_a_pace(connection, count, pace=0.005):
    taken = []
    due = time.perf_counter()
    for _ in range(count):
        if (wait := due - time.perf_counter()) > 0:
            time.sleep(wait)
        connection.ask("GET", "/v1/tenants?view=names")
        taken.append(time.perf_counter() - due)
        due += pace
    return taken


def to_the_directory(connection, simulator, tenant, people, rounds):
    """Seconds from a change in PeopleHR, which is told at once, until the directory has it."""
    taken = []
    for i in range(rounds):
        id = people[i % len(people)]
        role = f"Role {i}"
        began = time.perf_counter()
        simulator.admin("POST", "/change", {"tenant": tenant, "id": id, "set": {"job_role": role}})
        while connection.ask("GET", f"/v1/tenants/{tenant}/users/{id}")["job_title"] != role:
            if time.perf_counter() - began > 60:
                raise RuntimeError(f"a change did not arrive: {connection.ask('GET', f'/v1/tenants/{tenant}')}")
            time.sleep(0.002)
        taken.append(time.perf_counter() - began)
    return taken


def allow(connection, names, calls_per_minute):
    for name in names:
        connection.ask("PATCH", f"/v1/tenants/{name}", {"settings": {"calls_per_minute": calls_per_minute}})


def measure(stack, chosen):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rollcall-bench-", dir=chosen.folder))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    ahead_of_others()  # the times are on the wall, so what else runs gives way
    simulator = Simulator(stack, "--tenants", str(chosen.tenants), "--employees", "50", "--sizes", "fixed")
    port = free_port()
    daemon = Daemon(stack, folder, f'''
[hooks]
listen = "{HOST}:{port}"
connections_max = 1024
token_burst = 1000000
token_events_per_minute = 1000000
sender_burst = 10000000
sender_events_per_minute = 10000000
''')
    connection = daemon.connect()
    daemon.add_tenants(connection, simulator)
    daemon.wait_for_rows(connection, sum(t["current"] + t["left"] for t in simulator.tenants))
    names = [t["tenant"] for t in simulator.tenants]
    paths = [connection.ask("POST", f"/v1/tenants/{name}/webhook/rotate", {})["path"] for name in names]
    out = {}
    allow(connection, names, 25)  # as PeopleHR does: what webhooks ask for waits
    out["known"] = asyncio.run(send_at_a_pace(port, paths, [f"PW{i}" for i in range(1, 40)], chosen.rate,
                                              chosen.seconds, 32))
    out["unknown"] = asyncio.run(send_at_a_pace(port, [p[:-8] + "AAAAAAAA" for p in paths], ["PW1"], chosen.rate,
                                                chosen.seconds, 32))
    connection = daemon.connect()  # one that was silent for a minute is closed
    out["control_idle"] = ask_at_a_pace(connection, 1000)
    slow = SlowClients(port, chosen.slow)
    slow.start()
    time.sleep(1)
    out["control_slow"] = ask_at_a_pace(connection, 2000)
    slow.ended.set()
    slow.join()
    time.sleep(12)  # the last of them are given up
    connection = daemon.connect()
    allow(connection, names, 60_000)
    while connection.ask("GET", "/v1/status")["webhooks"]["waiting"]:
        time.sleep(0.1)
    people = [p["employee_id"] for p in simulator.admin("GET", f"/truth/{names[0]}")["people"]
              if p["status"] == "1" and p["email"].strip()]
    users = {u["id"] for u in connection.ask("GET", f"/v1/tenants/{names[0]}/users?limit=500")["users"]}
    simulator.admin("POST", "/webhook", {"tenant": names[0], "url": f"http://{HOST}:{port}{paths[0]}"})
    out["directory"] = to_the_directory(connection, simulator, names[0], [p for p in people if p in users],
                                        chosen.rounds)
    return out


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=500, help="webhooks a second")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--slow", type=int, default=2000, help="slow clients")
    options.add_argument("--tenants", type=int, default=50)
    options.add_argument("--rounds", type=int, default=100, help="changes that are followed to the directory")
    options.add_argument("--folder", default=os.environ.get("TMPDIR", "/var/tmp"), help="where the data is written")
    options.add_argument("--json", help="file for the figures")
    chosen = options.parse_args()
    with contextlib.ExitStack() as stack:
        taken = measure(stack, chosen)
    ms = lambda name, q: quantile(taken[name], q) * 1e3
    report([
        figure(f"webhook to 202, p99 at {chosen.rate:g}/s", ms("known", 0.99), 10, "ms", at_least=False),
        figure("  p50", ms("known", 0.5), None, "ms"),
        figure("  unknown token, p50", ms("unknown", 0.5), None, "ms"),
        figure("  unknown token, p99", ms("unknown", 0.99), None, "ms"),
        figure(f"control socket p99 beside {chosen.slow} slow clients", ms("control_slow", 0.99), 50, "ms",
               at_least=False),
        figure("  without them", ms("control_idle", 0.99), None, "ms"),
        figure("webhook to directory, p99", ms("directory", 0.99), 2000, "ms", at_least=False),
        figure("  p50", ms("directory", 0.5), None, "ms"),
    ], chosen.json)


main()
