"""Watching: `rollcall top` on a terminal, `rollcall events`, and the streams behind them."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from local_fleet import Control

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"


class Terminal:
    """A program on a terminal of its own; `frame()` is the last whole picture as lines."""

    def __init__(self, command, rows=24, columns=80, environment=None):
        self.said = b""
        self.code = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(environment or {})
            # The size is there before the program looks.
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.write(1, b"ready\n")
            os.read(0, 1)
            os.execv(command[0], command)
        self.read_until(lambda: b"ready" in self.said)
        self.before = termios.tcgetattr(self.fd)
        os.write(self.fd, b"\n")

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.fd, keys)

    def signal(self, number):
        os.kill(self.pid, number)

    def read_some(self, seconds):
        if select.select([self.fd], [], [], seconds)[0]:
            with suppress(OSError):  # EIO: the other end is closed
                data = os.read(self.fd, 65536)
                self.said += data
                return bool(data)
            return False
        return True

    def read_until(self, condition, seconds=30):
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, self.said[-3000:].decode(errors="replace")
            if not self.read_some(0.1) and not condition():
                raise AssertionError("it ended: " + self.said[-3000:].decode(errors="replace"))

    def frame(self):
        end = self.said.rfind(b"\x1b[J")
        begin = self.said.rfind(b"\x1b[H", 0, end)
        if end < 0 or begin < 0:
            return []
        text = self.said[begin:end].decode()
        return re.split(r"\r+\n", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text))

    def see(self, text, seconds=30):
        """Waits until a picture has the text; gives its lines."""
        self.read_until(lambda: any(text in line for line in self.frame()), seconds)
        return self.frame()

    def end(self, seconds=20):
        """The exit code (negative: the signal) once it has ended."""
        until = time.monotonic() + seconds
        while self.code is None:
            assert time.monotonic() < until, "it does not end"
            self.read_some(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        while select.select([self.fd], [], [], 0.2)[0] and self.read_some(0):
            pass
        return self.code

    def is_sane(self):
        """As it was before: modes, cursor, wrapping, main screen."""
        assert termios.tcgetattr(self.fd) == self.before
        assert self.said.rstrip().endswith(LEAVE), self.said[-200:]
        for on in (b"\x1b[?25h", b"\x1b[?7h"):
            assert on in self.said[self.said.rfind(b"\x1b[J"):]

    def close(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def columns_of(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.fixture(scope="module")
def world(make_shared_world):
    world = make_shared_world(tenants=4)
    world.add_all()
    for name in world.names():
        world.sync(name)
    return world


@pytest.fixture
def top(world):
    made = []

    def start(*words, **options):
        command = [str(world.daemon.build / "src/rollcall"), "--socket", str(world.daemon.socket), "top",
                   "--interval", "1", *words]
        made.append(Terminal(command, **options))
        return made[-1]

    yield start
    for each in made:
        each.close()


def test_top_draws_resizes_and_leaves_the_terminal_as_it_was(world, top):
    screen = top()
    lines = screen.see("STALEST")
    assert ENTER in screen.said
    assert len(lines) == 24 and all(columns_of(line) == 80 for line in lines)
    assert any("t00001" in line for line in lines)
    modes = termios.tcgetattr(screen.fd)
    assert not modes[3] & (termios.ECHO | termios.ICANON), "keys are not shown"
    screen.resize(60, 200)
    screen.read_until(lambda: len(screen.frame()) == 60)
    assert all(columns_of(line) == 200 for line in screen.frame())
    screen.resize(5, 30)
    screen.read_until(lambda: len(screen.frame()) == 5)
    assert all(columns_of(line) == 30 for line in screen.frame())
    screen.press(b"q")
    assert screen.end() == 0
    screen.is_sane()


def test_top_obeys_its_keys(world, top):
    screen = top()
    screen.see("STALEST")
    screen.press(b"s")
    screen.see("SLOWEST")
    screen.press(b"s")
    screen.see("STALEST")
    screen.press(b"p")
    frozen = screen.see("p go on")[0]
    assert "PAUSED" in frozen
    for _ in range(15):
        screen.read_some(0.1)
    assert screen.frame()[0] == frozen, "a paused picture stays"
    screen.press(b"p")
    screen.see("p pause")
    assert "PAUSED" not in screen.frame()[0]
    screen.press(b"\x03")  # Ctrl-C
    assert screen.end() == 0
    screen.is_sane()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGSEGV, signal.SIGABRT])
def test_top_gives_the_terminal_back_however_it_ends(world, top, number):
    screen = top()
    screen.see("STALEST")
    screen.signal(number)
    assert screen.end() == -number
    screen.is_sane()


def test_top_stops_and_goes_on_like_any_program(world, top):
    screen = top()
    screen.see("STALEST")
    screen.press(b"\x1a")  # Ctrl-Z
    screen.read_until(lambda: screen.said.endswith(LEAVE))
    assert termios.tcgetattr(screen.fd) == screen.before
    seen = len(screen.said)
    screen.signal(signal.SIGCONT)
    screen.read_until(lambda: ENTER in screen.said[seen:] and screen.said.endswith(b"\x1b[J"))
    screen.press(b"q")
    assert screen.end() == 0
    screen.is_sane()


def test_top_writes_each_picture_over_the_last_one_and_without_colour_where_none_is_wanted(world, top):
    screen = top(environment={"NO_COLOR": "1"})
    screen.see("STALEST")
    seen = len(screen.said)
    screen.read_until(lambda: screen.said[seen:].count(b"\x1b[H") >= 2)
    said = screen.said
    assert said.count(b"\x1b[2J") == 1, "the screen is cleared once, before the first picture"
    assert not re.search(rb"\x1b\[[0-9;]*3[0-9]m", said)
    screen.press(b"q")
    assert screen.end() == 0


def test_top_keeps_the_last_picture_while_there_is_no_daemon(world, top):
    screen = top()
    screen.see("STALEST")
    world.daemon.kill()
    lines = screen.see("NO DAEMON")
    assert any("t00001" in line for line in lines), "the last picture is still there"
    screen.press(b"s")
    screen.see("SLOWEST")
    world.daemon.start()
    screen.read_until(lambda: "NO DAEMON" not in "".join(screen.frame()))
    screen.press(b"q")
    assert screen.end() == 0
    screen.is_sane()


def test_top_without_a_terminal_prints_one_picture(world):
    done = world.daemon.cli("top")
    assert "\x1b" not in done.stdout and "STALEST" in done.stdout
    assert all(columns_of(line) <= 80 for line in done.stdout.splitlines())
    assert world.daemon.json("top")["tenants"]["total"] == 4
    nowhere = subprocess.run([world.daemon.build / "src/rollcall", "--socket", "/nowhere/x.sock", "top"],
                             capture_output=True, text=True)
    assert nowhere.returncode == 3


class Follower:
    """`rollcall events --follow`, read as it speaks."""

    def __init__(self, world, *words):
        self.lines, self.told = [], []
        self.process = subprocess.Popen(
            [world.daemon.build / "src/rollcall", "--socket", world.daemon.socket, "--json", "events", "--follow",
             *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.readers = [threading.Thread(target=self.read, args=(stream, to), daemon=True)
                        for stream, to in ((self.process.stdout, self.lines), (self.process.stderr, self.told))]
        for each in self.readers:
            each.start()

    @staticmethod
    def read(stream, to):
        for line in stream:
            to.append(line)

    def events(self):
        return [json.loads(line) for line in list(self.lines)]

    def wait_for(self, condition, seconds=30):
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, (self.lines[-5:], self.told)
            time.sleep(0.02)

    def close(self):
        self.process.kill()
        self.process.wait()
        for each in self.readers:
            each.join()


def test_events_follow_the_fleet_over_a_restart_of_the_daemon(world):
    follower = Follower(world, "--all")
    try:
        def runs():
            return [e for e in follower.events() if e["kind"] == "run.finished" and e["cause"] == "on_demand"]

        world.sync("t00002")
        follower.wait_for(lambda: any(e["tenant"] == "t00002" for e in runs()))
        ids = [e["id"] for e in follower.events()]
        assert len(ids) == len(set(ids))
        world.daemon.stop()
        follower.wait_for(lambda: any("waiting for it" in line for line in follower.told))
        assert follower.events()[-1]["kind"] == "fleet.draining"
        world.daemon.start()
        world.sync("t00003")
        follower.wait_for(lambda: any(e["tenant"] == "t00003" for e in runs()))
        assert any("is back" in line for line in follower.told)
        after = [e["kind"] for e in follower.events()]
        assert after[after.index("fleet.draining") + 1:][:2] == ["missed", "fleet.started"]
        ids = [e["id"] for e in follower.events() if e["kind"] != "missed"]
        assert len(ids) == len(set(ids)), "nothing is told twice"
    finally:
        follower.close()


def test_events_without_follow_end_and_take_filters(world):
    world.sync("t00001")
    events = [json.loads(line)
              for line in world.daemon.cli("--json", "events", "--tenant", "t00001").stdout.splitlines()]
    assert events and {e["tenant"] for e in events} == {"t00001"}
    text = world.daemon.cli("events", "--kind", "run.finished").stdout
    assert re.search(r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ  run\.finished +t00001  run=\d+", text, re.M)
    wrong = world.daemon.cli("events", "--kind", "nonsense", check=False)
    assert wrong.returncode == 2 and "run.finished" in wrong.stderr


def resident_bytes(daemon):
    with open(f"/proc/{daemon.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_reader_that_does_not_read_costs_nothing_and_is_told_what_it_missed(world):
    with socket.socket(socket.AF_UNIX) as slow:
        slow.settimeout(30)
        slow.connect(str(world.daemon.socket))
        slow.sendall(b"GET /v1/events?follow=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b""
        while b": following" not in said:
            said += slow.recv(4096)

        began = time.monotonic()

        def change(tenant, times):
            control = Control(world.daemon.socket)
            made = 0
            # A connection without progress is closed after a minute, and that is not what is looked at here.
            while made < times and time.monotonic() - began < 45:
                settings = {"calls_per_minute": 60_000 - made % 2}
                control.request("PATCH", f"/v1/tenants/{tenant}", {"settings": settings})
                made += 1
            control.close()
            return made

        change("t00001", 200)
        before = resident_bytes(world.daemon)
        with ThreadPoolExecutor(4) as pool:  # more than the ring and the socket hold together
            made = sum(pool.map(lambda name: change(name, 1800), world.names()))
        if made < 6500:
            pytest.skip(f"only {made} events in 45 s: too slow a machine to lose any")
        assert resident_bytes(world.daemon) - before < 16 << 20
        began = time.monotonic()
        world.daemon.control.get("/v1/status")
        assert time.monotonic() - began < 5, "others are served"
        while b"event: missed" not in said and len(said) < 8 << 20:
            said += slow.recv(65536)
        missed = re.search(rb'event: missed\ndata: \{"count":(\d+)', said)
        assert missed and int(missed.group(1)) > 100


def test_metrics_have_the_histogram_of_ages(world):
    def buckets():
        text = world.daemon.observed("/metrics")[1]
        return {le: float(n) for le, n in re.findall(r'rollcall_truth_age_seconds_bucket\{le="([^"]+)"\} (\S+)', text)}

    world.daemon.stop()
    world.daemon.start()
    counts = buckets()
    assert counts["+Inf"] == 4 and counts["900"] == 4
    in_order = [counts[le] for le in sorted(counts, key=float)]
    assert in_order == sorted(in_order)
