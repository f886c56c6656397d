"""G-12: what the mapping does not need, and every API key, is never stored, logged or told."""

import json
import urllib.request

import pytest
from leaks import CANARY, Finder, dresses, dresses_of_key

KEY = "0d3f9a52-7c41-4b86-9e0d-5a1b2c3d4e5f"


@pytest.mark.parametrize("form", sorted(dresses(CANARY) | dresses_of_key(KEY)))
def test_finder_finds_a_planted_secret_in_every_dress(form):
    planted = b"harmless \x00\xff text" + form + b" and more of it"
    assert Finder([KEY]).hits(planted)


def test_finder_is_quiet_about_harmless_text():
    assert Finder([KEY]).hits(b"canary birds, 2026-11-21, 1999-01-01, 0d3f9a52") == []


def wire_answer(world, key):
    """What PeopleHR really sends."""
    body = json.dumps({"APIKey": key, "Action": "GetAllEmployeeDetail", "IncludeLeavers": "true"}).encode()
    request = urllib.request.Request(world.sim.url + "/Employee", body, {"User-Agent": "test"})
    return urllib.request.urlopen(request).read()


def live_through_everything(world):
    """Every way in which a body or a key could get somewhere; gives all that was told on the way."""
    told = []
    daemon = world.daemon

    def hear(*words):
        done = daemon.cli(*words, check=False)
        told.append((done.stdout + done.stderr).encode())

    for name in world.names():
        profile = "wethrive" if name[-1] in "24" else "learnamp"
        told.append(world.add(name, check=False, profile=profile).stdout.encode())
    told.append(world.add("t00001", check=False).stderr.encode())  # twice
    for round in range(3):
        world.sim.admin.post("/churn", {"count": 6, "seed": round})
        for name in world.names():
            hear("sync", name, "--wait")
            hear("--json", "sync", name, "--wait", "--user", world.truth(name)[0]["employee_id"])
    faults = ["truncated", "not_json", "wrong_result", "null_result", "pseudo_row", "deep_nesting",
              "duplicate_key", "invalid_utf8", "duplicate_id", "wrong_type", "html", "cut", "status"]
    for kind in faults:
        world.admin("break", "t00002", kind=kind, amount=2000 if kind in ("truncated", "cut", "deep_nesting") else 0)
        hear("--json", "sync", "t00002", "--wait")
        world.admin("clear", "t00002")
    world.admin("revoke-key", "t00003")
    for _ in range(3):
        hear("sync", "t00003", "--wait")
    hear("tenant", "set", "t00003", "--api-key-file", world.key_file("t00003"))  # refused: still revoked
    told_raw = [("GET", "/v1/status"), ("GET", "/v1/settings"), ("GET", "/v1/tenants"), ("POST", "/v1/doctor")]
    for name in world.names():
        key = world.sim.key_of(name)
        told_raw += [("GET", f"/v1/tenants/{name}"), ("GET", f"/v1/tenants/{name}/users?limit=500"),
                     ("GET", f"/v1/tenants/{name}/runs?limit=500")]
        told_raw += [("GET", f"/v1/tenants/{name}/runs/{r['id']}") for r in daemon.json("run", "list", name)["runs"]]
        # Mistakes with a key in hand.
        for body in ({"name": name, "api_key": key}, {"name": "x", "api_key": key, "colour": 1},
                     {"name": "x", "api_key": key, "settings": {"company": 7}}, {"api_key": [key]}):
            told.append(daemon.control.raw("POST", "/v1/tenants", body)[1])
        told.append(daemon.control.raw("PATCH", f"/v1/tenants/{name}", {"api_key": key, "settings": {"nope": 1}})[1])
        for body in ({"tenants": [{"name": name, "api_key": key, "x": 1}]},
                     {"tenants": [{"name": name, "api_key": key}], "dry_run": True}):
            told.append(daemon.control.raw("POST", "/v1/apply", body)[1])
    told += [daemon.control.raw(*each)[1] for each in told_raw]
    for words in (["status"], ["tenant", "list"], ["tenant", "show", "t00002"], ["user", "list", "t00001"], ["doctor"]):
        hear(*words)
    told += [daemon.observed(path)[1].encode() for path in ("/metrics", "/healthz", "/readyz")]
    hear("backup", world.folder / "copy.db")
    return told


def test_no_canary_and_no_key_is_stored_logged_or_told(make_world):
    world = make_world(tenants=4, employees=25, daemon={"log": {"level": "debug"}, "sync": {"backoff_base_seconds": 1}})
    keys = [t["api_key"] for t in world.sim.tenants()]
    finder = Finder(keys)
    on_the_wire = {what for _, what in finder.hits(wire_answer(world, keys[0]))}
    assert on_the_wire >= {"a canary", "a date that is not mapped"}  # there is something to leak

    told = live_through_everything(world)
    files = {}

    def read_files(when):
        places = [*world.daemon.folder.rglob("*"), world.folder / "copy.db"]
        for path in places:
            if path.is_file():
                files[f"{path.relative_to(world.folder)} {when}"] = path.read_bytes()

    read_files("while it runs")
    world.daemon.kill()  # the log of the database as a crash leaves it
    read_files("after a crash")
    world.daemon.start()
    world.daemon.stop()
    read_files("after an orderly end")
    names = " ".join(files)
    assert "rollcall.db " in names and "rollcall.db-wal" in names and "copy.db" in names and "rollcalld.log" in names
    assert sum(map(len, files.values())) > 100_000 and sum(map(len, told)) > 100_000

    leaks = {name: finder.hits(data)[:5] for name, data in files.items() if finder.hits(data)}
    leaks |= {f"answer {i}": finder.hits(data)[:5] for i, data in enumerate(told) if finder.hits(data)}
    assert leaks == {}
    # The same look finds what is planted in the same places.
    for name, data in files.items():
        middle = len(data) // 2
        assert finder.hits(data[:middle] + keys[1].encode() + data[middle:])


def memory_of(process):
    """The readable memory of a process, mapping by mapping; root may look even into one that is not dumpable."""
    with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
        for line in open(f"/proc/{process.pid}/maps"):
            place, rights = line.split()[:2]
            begin, end = (int(x, 16) for x in place.split("-"))
            if rights[0] != "r" or "[v" in line:
                continue
            try:
                memory.seek(begin)
                yield memory.read(end - begin)
            except OSError:
                continue  # a guard page, or locked away


def test_bodies_and_keys_are_wiped_from_memory_after_use(make_world):
    world = make_world(tenants=3, employees=100)
    for name in world.names():
        world.add(name)
        world.sweep_and_check(name)
    email = world.somebody()["email"].encode()
    try:
        memory = list(memory_of(world.daemon))
    except PermissionError:
        pytest.skip("the memory of a process that cannot be dumped is for root to read")
    assert any(email in part for part in memory)  # the look finds what is there
    finder = Finder(t["api_key"] for t in world.sim.tenants())
    plain = [form for form, what in finder.forms.items() if what == "an API key" and len(form) < 40] + [CANARY]
    assert [form[:7] for form in plain if any(form in part for part in memory)] == []
