"""Runs the programs of a release build beside each other, for the benches that need real processes.

Everything lives in one temporary folder and on loopback, and ends with the `with` block. Only the
standard library. Costs are processor seconds (schedstat), because time on the wall belongs to whatever
else the machine does.
"""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("ROLLCALL_BUILD", ROOT / "build" / "release"))


def program(name):
    """The path of a built program."""
    found = [p for p in BUILD.rglob(name) if p.is_file() and os.access(p, os.X_OK)]
    if not found:
        sys.exit(f"{name} is not built in {BUILD}; tools/bench builds it")
    return str(found[0])


@contextlib.contextmanager
def temporary_folder():
    path = tempfile.mkdtemp(prefix="rollcall-bench-")
    try:
        yield pathlib.Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(arguments, nice=0, **how):
    """A child process, ended by SIGTERM."""
    child = subprocess.Popen(arguments, preexec_fn=(lambda: os.nice(nice)) if nice else None, **how)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def ahead_of_others(priority=1):
    """Runs this process, and what it starts from now on, before all else on the machine, where it may.

    For times on the wall: one that another program's slice of the processor causes says nothing.
    """
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(priority))


def cpu_seconds(pid):
    """Processor time of all threads of a process, in nanosecond steps."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def memory_bytes(pid):
    """The memory that belongs to a process alone, without its pages of programs and libraries."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no RssAnon in /proc")


class UnixConnection(http.client.HTTPConnection):
    """A keep-alive HTTP connection over a UNIX socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=300)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(300)
        self.sock.connect(self.path)

    def ask(self, method, target, body=None):
        """The JSON of an answer with status 2xx; anything else ends the bench."""
        self.request(method, target, json.dumps(body) if body is not None else None)
        answer = self.getresponse()
        text = answer.read()
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{method} {target}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else None


class Simulator:
    """peoplehr-sim without limits and without gzip; its tenants with their keys."""

    def __init__(self, stack, *options, nice=0):
        child = stack.enter_context(running(
            [program("peoplehr-sim"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--listen-tls", "",
             "--limit-scope", "none", "--no-gzip", "--latency-ms", "0", *options],
            nice, stdout=subprocess.PIPE, text=True))
        ready = json.loads(child.stdout.readline())
        self.pid = child.pid
        self.base_url = "http://" + ready["http"]
        self.admin_address = ready["admin"]
        self.tenants = self.admin("GET", "/tenants")["tenants"]

    def admin(self, method, target, body=None):
        connection = http.client.HTTPConnection(self.admin_address, timeout=300)
        connection.request(method, target, json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{target}: {answer.status} {text[:300]!r}")
        return json.loads(text)


class Daemon:
    """rollcalld on a data directory, with limits out of the way."""

    def __init__(self, stack, folder, settings=""):
        self.socket = folder / "control.sock"
        config = folder / "rollcalld.toml"
        config.write_text(f'''
data_dir = "{folder / "data"}"
[control]
socket = "{self.socket}"
[observe]
listen = ""
[log]
file = "{folder / "log"}"
[peoplehr]
gzip = false
[sync]
calls_per_minute = 1000000
{settings}
''')
        self.process = stack.enter_context(running([program("rollcalld"), "--config", str(config)]))
        self.pid = self.process.pid

    def connect(self):
        """A connection, once the daemon has bound its socket; it answers when it has loaded."""
        while True:
            connection = UnixConnection(self.socket)
            try:
                connection.connect()
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                if self.process.poll() is not None:
                    sys.exit("rollcalld did not start")
                time.sleep(0.001)

    def add_tenants(self, connection, simulator):
        """Applies the simulator's tenants; each begins its first load at once."""
        tenants = [{"name": t["tenant"], "api_key": t["api_key"],
                    "settings": {"profile": "learnamp", "base_url": simulator.base_url, "calls_per_minute": 60000}}
                   for t in simulator.tenants]
        for first in range(0, len(tenants), 500):
            answer = connection.ask("POST", "/v1/apply", {"tenants": tenants[first:first + 500]})
            if answer["failed"]:
                raise RuntimeError(str(answer)[:500])

    def wait_for_rows(self, connection, rows, seconds_max=600):
        """Until so many rows were read and no run is under way."""
        until = time.monotonic() + seconds_max
        while time.monotonic() < until:
            status = connection.ask("GET", "/v1/status")
            busy = sum(status["tenants"]["by_state"].get(s, 0) for s in ("queued", "running"))
            if status["rows_read"] >= rows and not busy:
                return status
            time.sleep(0.02)
        raise RuntimeError(f"not ready after {seconds_max} s: {status}")


def quantile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def figure(name, measured, goal, unit="", at_least=True):
    """One line of the table that tools/bench prints."""
    met = None if goal is None else (measured >= goal if at_least else measured <= goal)
    return {"figure": name, "measured": measured, "goal": goal, "unit": unit, "at_least": at_least, "met": met}


def report(figures, path=None):
    """Prints figures for a person; writes them for tools/bench where a path is given."""
    for one in figures:
        goal = "" if one["goal"] is None else f'  (goal {">=" if one["at_least"] else "<="} {one["goal"]:g})'
        print(f'{one["figure"]}: {one["measured"]:.4g} {one["unit"]}{goal}')
    if path:
        pathlib.Path(path).write_text(json.dumps(figures, indent=1))
