"""The control socket and the command line, as a careless or hostile client meets them."""

import json
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest


@pytest.fixture(scope="module")
def world(make_shared_world):
    world = make_shared_world(tenants=3)
    world.add()
    world.sweep_and_check()
    return world


def talk(world, data, seconds=20):
    """What the daemon says to raw bytes, until it closes."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(seconds)
        client.connect(str(world.daemon.socket))
        said = b""
        with suppress(BrokenPipeError):  # who is refused in mid-request still has an answer to read
            client.sendall(data)
        with suppress(ConnectionResetError):
            while chunk := client.recv(65536):
                said += chunk
        return said


def status_and_problem(said):
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body), head


def post(path, body):
    return b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (path, len(body), body)


MALFORMED = {
    "not_http": (b"\x00\x01\x02 hello\r\n\r\n", 400),
    "no_host": (b"GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "bad_version": (b"GET /v1/status HTTP/3.7\r\nHost: x\r\n\r\n", 505),
    "two_lengths": (b"POST /v1/doctor HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", 400),
    "bad_escape": (b"GET /v1/tenants/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
    "huge_header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", 431),
    "huge_body": (post(b"/v1/apply", b" " * 2_000_000), 413),
    "not_json": (post(b"/v1/tenants", b"{nope"), 400),
    "not_an_object": (post(b"/v1/tenants", b"[1,2]"), 400),
    "deep_json": (post(b"/v1/tenants", b'{"name":' + b"[" * 20_000 + b"]" * 20_000 + b"}"), 400),
    "unknown_path": (b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "wrong_method": (b"DELETE /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_request_gets_a_problem_and_hurts_nobody(world, name):
    data, expected = MALFORMED[name]
    status, problem, head = status_and_problem(talk(world, data))
    assert status == expected
    assert b"application/problem+json" in head
    assert problem["status"] == expected and problem["detail"]
    world.check()


def test_slow_request_is_ended_and_others_are_served_meanwhile(world):
    with ThreadPoolExecutor(8) as pool:
        slow = [pool.submit(talk, world, b"GET /v1/status HTTP/1.1\r\nHo") for _ in range(8)]
        began = time.monotonic()
        for _ in range(20):
            world.daemon.control.get("/v1/status")
        assert time.monotonic() - began < 5
        for each in slow:
            assert status_and_problem(each.result())[0] == 408


def test_every_fault_of_a_body_is_named(world):
    body = b'{"name":"BAD NAME","settings":{"compny":"x","known_as":"maybe"},"api_key":7,"color":"red"}'
    status, problem, _ = status_and_problem(talk(world, post(b"/v1/tenants", body)))
    assert status == 400
    told = json.dumps(problem)
    for word in ("compny", "company", "known_as", "api_key", "color"):
        assert word in told, problem


def test_unknown_tenant_user_and_run_are_not_found_with_a_hint(world):
    done = world.daemon.cli("tenant", "show", "t00011", check=False)
    assert done.returncode == 4 and "t00001" in done.stderr
    assert world.daemon.cli("user", "show", "t00001", "--id", "nobody", check=False).returncode == 4
    assert world.daemon.cli("run", "show", "t00001", "999999", check=False).returncode == 4


def test_exit_codes_are_those_of_the_help(world):
    cli = world.daemon.cli
    assert cli("status").returncode == 0
    assert cli("nonsense", check=False).returncode == 2
    nowhere = subprocess.run([world.daemon.build / "src/rollcall", "--socket", "/nowhere/control.sock", "status"],
                             capture_output=True, text=True)
    assert nowhere.returncode == 3 and "/nowhere/control.sock" in nowhere.stderr
    again = world.add(check=False)
    assert again.returncode == 5 and "already" in again.stderr


def test_json_is_json_on_every_verb(world):
    for words in (["status"], ["tenant", "list"], ["tenant", "show", "t00001"], ["user", "list", "t00001"],
                  ["run", "list", "t00001"], ["doctor"]):
        assert isinstance(world.daemon.json(*words), (dict, list)), words


def test_completion_scripts_are_accepted_by_their_shell(world):
    script = world.daemon.cli("completion", "bash").stdout
    assert "tenant" in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_tenant_file_reports_all_three_errors_with_their_lines_and_changes_nothing(world):
    path = world.folder / "three-errors.toml"
    path.write_text('''[defaults]
time_zone = "Europe/Lundon"

[[tenant]]
name = "acme"
api_key_file = "keys/t00001"
emial_fallback = true

[[tenant]]
name = "other"
api_key_file = "keys/t00001"
gate_floor_people = "many"
''')
    done = world.daemon.cli("apply", path, "--yes", check=False)
    assert done.returncode == 2
    lines = {int(n) for n in re.findall(rf"{re.escape(str(path))}:(\d+):\d+: ", done.stderr)}
    assert lines == {2, 7, 12}, done.stderr
    assert "email_fallback" in done.stderr
    assert [t["name"] for t in world.daemon.control.tenants()] == ["t00001"]


def test_apply_shows_the_difference_then_makes_it_so_and_is_idempotent(world):
    world.key_file("t00002")
    path = world.folder / "tenants.toml"
    text = f'''[defaults]
base_url = "{world.sim.url}"
calls_per_minute = 60000
[[tenant]]
name = "t00001"
api_key_file = "keys/t00001"
known_as = true
[[tenant]]
name = "t00002"
api_key_file = "keys/t00002"
profile = "wethrive"
'''
    path.write_text(text)
    planned = world.daemon.cli("apply", path, "--dry-run")
    assert "known_as" in planned.stdout and "t00002" in planned.stdout
    assert len(world.daemon.control.tenants()) == 1
    assert world.daemon.cli("apply", path, check=False).returncode == 2  # nobody to ask, no --yes
    world.daemon.cli("apply", path, "--yes")
    assert world.tenant()["settings"]["known_as"] is True
    again = world.daemon.cli("apply", path, "--yes")
    assert "2 unchanged" in again.stdout
    world.known["t00002"] = []
    world.sweep_and_check("t00002")
    world.sweep_and_check("t00001")
    world.daemon.cli("tenant", "remove", "t00002", "--yes")
    assert len(world.daemon.control.tenants()) == 1


def test_two_requests_for_a_waiting_run_are_one_run(make_world):
    world = make_world(latency_ms=400)
    world.add()
    world.sweep_and_check()
    first = world.daemon.control.post("/v1/tenants/t00001/sync", {})
    tickets = [world.daemon.control.post("/v1/tenants/t00001/sync", {}) for _ in range(5)]
    assert not first["joined"]
    waiting = {t["ticket"] for t in tickets}
    assert len(waiting | {first["ticket"]}) <= 2 and any(t["joined"] for t in tickets)
