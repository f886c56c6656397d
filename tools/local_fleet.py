"""Runs the simulator and the daemon on this machine, for the demo and the end-to-end tests.

    with Simulator(build, tenants=5) as sim, Daemon(build, folder, sim.url) as daemon:
        daemon.cli("sync", "t00001", "--wait")
        daemon.control.get("/v1/status")

Every process is a child of this one, is ended through its handle and dies with this process. Ports are
picked by the system. Only the standard library is used.
"""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path


class Refused(Exception):
    """An answer that is not 2xx: `status`, and `problem`, its body as JSON or {}."""

    def __init__(self, method, path, status, body):
        try:
            self.problem = json.loads(body)
        except ValueError:
            self.problem = {}
        self.status = status
        super().__init__(f"{method} {path}: {status} {self.problem.get('detail', body[:200])}")


def free_port():
    """A port of loopback that is free now, which is all one can ask."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class JsonApi:
    """JSON over one kept HTTP connection, opened again after it was lost."""

    def __init__(self, connect):
        self._connect = connect
        self._connection = None

    def raw(self, method, path, body=None):
        """(status, body as bytes)"""
        payload = None if body is None else json.dumps(body)
        for last_try in (False, True):
            fresh = self._connection is None
            if fresh:
                self._connection = self._connect()
            try:
                self._connection.request(method, path, payload, {"Content-Type": "application/json"} if payload else {})
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                # A kept connection may have been closed meanwhile; a timeout is not that.
                if fresh or last_try or isinstance(error, TimeoutError):
                    raise

    def request(self, method, path, body=None):
        status, answer = self.raw(method, path, body)
        if not 200 <= status < 300:
            raise Refused(method, path, status, answer.decode(errors="replace"))
        return json.loads(answer) if answer.strip() else None

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body):
        return self.request("POST", path, body)

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Control(JsonApi):
    """The daemon's control socket."""

    def __init__(self, path, timeout=60):
        super().__init__(lambda: UnixConnection(path, timeout))

    def pages(self, path, member):
        after = None
        while True:
            page = self.get(path if after is None else f"{path}&after={after}")
            yield from page[member]
            after = page["next"]
            if after is None:
                return

    def users(self, tenant):
        return list(self.pages(f"/v1/tenants/{tenant}/users?limit=500", "users"))

    def tenants(self):
        return list(self.pages("/v1/tenants?limit=500", "tenants"))


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Child:
    """A process of ours; `output` is the file that takes what it says, `prepare` runs in it before its program."""

    def __init__(self, command, output, prepare=None, **options):
        def begin():
            _die_with_parent()
            if prepare:
                prepare()

        self.command = [str(word) for word in command]
        self.output = Path(output)
        # A group of its own: Ctrl-C is for the parent, which ends its children in order.
        with open(self.output, "ab") as said:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stderr=said, start_new_session=True,
                preexec_fn=begin, **{"stdout": said, **options})

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=30):
        return self.process.wait(seconds)

    def stop(self, seconds=30):
        """Ends it, kindly at first; gives its exit code."""
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def said(self, bytes_max=4000):
        return self.output.read_bytes()[-bytes_max:].decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class DidNotStart(Exception):
    pass


class Simulator(Child):
    """peoplehr-sim, ready for calls. `options` are those of its command line, as names with _ for -."""

    def __init__(self, build, folder, *, tls=False, **options):
        listen = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0"}
        if tls:
            listen["listen_tls"] = "127.0.0.1:0"
        command = [Path(build) / "tools/peoplehr-sim/peoplehr-sim"]
        for name, value in {**listen, **options}.items():
            option = "--" + name.replace("_", "-")
            command += [option] if value is True else [option, str(value)]
        super().__init__(command, Path(folder) / "peoplehr-sim.log", stdout=subprocess.PIPE, text=True)
        try:
            line = self.process.stdout.readline()
        except BaseException:  # whoever interrupts us has no object to end it with
            super().stop()
            raise
        if not line:
            self.process.wait()
            raise DidNotStart(f"peoplehr-sim did not start:\n{self.said()}")
        self.bound = json.loads(line)
        self.url = "http://" + self.bound["http"]
        host, port = self.bound["admin"].rsplit(":", 1)
        self.admin = JsonApi(lambda: http.client.HTTPConnection(host, int(port), timeout=120))

    def tenants(self):
        return self.admin.get("/tenants")["tenants"]

    def key_of(self, tenant):
        return next(t["api_key"] for t in self.tenants() if t["tenant"] == tenant)

    def stop(self, seconds=10):
        self.admin.close()
        code = super().stop(seconds)
        if self.process.stdout:
            self.process.stdout.close()
        return code


def toml(settings):
    """Tables of plain values as TOML; JSON's texts, numbers, booleans and lists are TOML's."""
    plain = {k: v for k, v in settings.items() if not isinstance(v, dict)}
    lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in plain.items()]
    for name, table in settings.items():
        if isinstance(table, dict):
            lines += [f"\n[{name}]"] + [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in table.items()]
    return "\n".join(lines) + "\n"


class Daemon(Child):
    """rollcalld with all its files in `folder`; call start() again after its end.

    `settings` are tables of its configuration, over those that a test on loopback needs."""

    def __init__(self, build, folder, settings=None, *, wait=True):
        self.build = Path(build)
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data_dir = self.folder / "data"
        self.socket = self.folder / "control.sock"
        self.config = self.folder / "rollcalld.toml"
        self.log = self.folder / "rollcalld.log"
        self.control = Control(self.socket)
        self.write_config(settings or {})
        self.start(wait=wait)

    def write_config(self, settings):
        port = free_port()
        merged = {
            "data_dir": str(self.data_dir),
            "control": {"socket": str(self.socket)},
            "observe": {"listen": f"127.0.0.1:{port}"},
            "log": {"file": str(self.log)},
            "storage": {"ballast_bytes": 1 << 20},
        }
        # A minute of silence after each restart is right against a limit of calls, and only slow here.
        merged["sync"] = {"quiet_after_restart_seconds": 0}
        for name, value in settings.items():
            merged[name] = {**merged.get(name, {}), **value} if isinstance(value, dict) else value
        self.observe = merged["observe"]["listen"]
        self.config.write_text(toml(merged))

    def start(self, wait=True, prepare=None):
        Child.__init__(self, [self.build / "src/rollcalld", "--config", self.config],
                       self.folder / "rollcalld.out", prepare)
        if wait:
            try:
                self.wait_ready()
            except BaseException:
                self.stop()
                raise

    def wait_ready(self, seconds=60):
        until = time.monotonic() + seconds
        while True:
            try:
                return self.control.get("/v1/status")
            except (OSError, http.client.HTTPException, Refused):
                self.control.close()
                if not self.running:
                    raise DidNotStart(f"rollcalld ended with {self.process.returncode}:\n{self.said()}") from None
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def stop(self, seconds=40):
        self.control.close()
        return super().stop(seconds)

    def kill(self):
        code = super().kill()
        self.control.close()
        return code

    def cli(self, *words, check=True, stdin=None, timeout=120):
        """Runs `rollcall`; its CompletedProcess. With check a wrong exit code is an error."""
        command = [str(self.build / "src/rollcall"), "--socket", str(self.socket), *map(str, words)]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def json(self, *words):
        return json.loads(self.cli("--json", *words).stdout)

    def observed(self, path):
        host, port = self.observe.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def write_secret(path, text):
    """A file that only we can read; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def write_tenant_file(path, tenants, defaults):
    """`tenants`: name -> (API key, settings). Keys go to files beside it, as an operator would keep them."""
    path = Path(path)
    keys = path.parent / "keys"
    parts = ["# Tenants as code: rollcall apply " + path.name, "", "[defaults]"]
    parts += [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in defaults.items()]
    for name, (key, settings) in tenants.items():
        write_secret(keys / name, key + "\n")
        parts += ["", "[[tenant]]", f'name = "{name}"', f'api_key_file = "keys/{name}"']
        parts += [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in settings.items()]
    path.write_text("\n".join(parts) + "\n")
