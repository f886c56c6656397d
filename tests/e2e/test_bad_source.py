"""PeopleHR as it should not be: nothing is applied, and the reason is told where one looks for it."""

import time

import pytest

MIB = 1 << 20

# kind of fault -> the code that run and tenant show, and a word of the reason
REFUSED = [
    ({"kind": "html", "amount": 503}, "upstream_failed", "503"),
    ({"kind": "html", "amount": 403}, "wrong_address", "403"),
    ({"kind": "not_json"}, "bad_response", "HTML"),
    ({"kind": "empty_body"}, "bad_response", "empty"),
    ({"kind": "truncated"}, "bad_response", ""),
    ({"kind": "truncated", "amount": -1}, "bad_response", ""),
    ({"kind": "truncated", "amount": 1}, "bad_response", ""),
    ({"kind": "null_result"}, "bad_response", ""),
    ({"kind": "wrong_result"}, "bad_response", ""),
    ({"kind": "pseudo_row"}, "upstream_failed", "query"),
    ({"kind": "deep_nesting"}, "bad_response", "nested"),
    ({"kind": "invalid_utf8"}, "bad_response", "UTF-8"),
    ({"kind": "duplicate_key"}, "bad_response", "twice"),
    ({"kind": "missing_key", "field": "EmployeeId"}, "bad_response", ""),
    ({"kind": "status", "amount": 6}, "upstream_failed", ""),
    ({"kind": "status", "amount": 9}, "request_rejected", ""),
    ({"kind": "empty_list"}, "held", "empty"),
    ({"kind": "shrunk", "fraction": 0.9}, "held", "went from"),
    ({"kind": "reset"}, "connection_failed", ""),
    ({"kind": "cut"}, "connection_failed", ""),
    ({"kind": "stall"}, "deadline_exceeded", ""),
    ({"kind": "drip"}, "deadline_exceeded", ""),
    ({"kind": "slow", "delay_ms": 20_000}, "deadline_exceeded", ""),
]
# What a tolerant reader takes, with the people unharmed.
TOLERATED = [
    {"kind": "byte_order_mark"},
    {"kind": "unknown_keys"},
    {"kind": "huge", "amount": 35 * MIB},
    {"kind": "missing_key", "field": "APIColumn3"},
]


def name_of(value):
    return "-".join(str(v) for v in value.values()) if isinstance(value, dict) else None


@pytest.fixture(scope="module")
def world(make_shared_world):
    patience = {"connect_seconds": 3, "first_byte_seconds": 3, "total_seconds": 6}
    world = make_shared_world(employees=60, daemon={"peoplehr": patience})
    world.add()
    world.sweep_and_check()
    return world


@pytest.fixture(autouse=True)
def mended(request):
    """After each test PeopleHR is whole again, and so is the directory."""
    yield
    if "world" in request.fixturenames:
        world = request.getfixturevalue("world")
        world.sim.admin.post("/clear", {})
        world.sweep_and_check()


@pytest.mark.parametrize("fault, code, word", REFUSED, ids=[name_of(r[0]) for r in REFUSED])
def test_nothing_of_a_bad_answer_is_applied(world, fault, code, word):
    world.admin("churn", count=3, seed=len(str(fault)))
    world.admin("break", **fault)
    ended, run = world.sync(check=False)
    assert ended in (1, 5)
    assert run["result"] == ("held" if code == "held" else "failed"), run
    assert run["detail"] and word in run["detail"], run
    assert run["code"] == code
    world.check()  # as before
    progress = world.tenant()["progress"]
    assert (progress["last_error"], progress["last_detail"]) == (run["code"], run["detail"])
    shown = world.daemon.cli("tenant", "show", "t00001").stdout
    assert run["detail"] in shown
    stored = world.daemon.json("run", "show", "t00001", run["id"])
    assert (stored["code"], stored["changes"]) == (run["code"], [])


@pytest.mark.parametrize("fault", TOLERATED, ids=name_of)
def test_harmless_oddities_are_taken(world, fault):
    world.admin("churn", count=3, seed=5)
    world.admin("break", **fault)
    world.sweep_and_check()


def test_id_that_occurs_twice_is_applied_for_neither(world):
    row = world.truth()[0]
    world.admin("change", id=row["employee_id"], set={"job_role": "Twin"})
    world.admin("break", kind="duplicate_id", row=0)
    _, run = world.sync()
    world.check()
    assert ("duplicate_id", row["employee_id"]) in {(i["kind"], i["id"]) for i in world.tenant()["issues"]}


@pytest.mark.parametrize("field", ["EmailId", "StartDate", "Department", "EmployeeStatus", "LeavingDate",
                                   "ReportsToEmployeeId", "Company"])
def test_wrong_type_in_a_field_harms_nobody_else_and_deactivates_nobody(world, field):
    before = {u["id"]: u for u in world.daemon.control.users("t00001")}
    victim = world.somebody()["employee_id"]
    row = [p["employee_id"] for p in world.truth()].index(victim)
    for text in ("7", "[1]", "{}", "null", "true", '{"DisplayValue":[]}', '{"DisplayValue":{"a":1}}'):
        world.admin("break", kind="wrong_type", field=field, text=text, row=row, calls=1)
        world.sync(check=False)
        after = {u["id"]: u for u in world.daemon.control.users("t00001")}
        assert after.pop(victim)["state"] == "active", text
        assert after == {i: u for i, u in before.items() if i != victim}, text


def test_wrong_base_url_is_told_as_such(make_world):
    world = make_world(base_url=lambda sim: sim.url + "/api/v9")
    done = world.add(check=False)
    assert done.returncode != 0 and "404" in done.stderr and "base_url" in done.stderr
    world.add(verify=False)
    code, run = world.sync(check=False)
    assert (code, run["code"]) == (1, "wrong_address")
    world.daemon.cli("tenant", "set", "t00001", f"base_url={world.sim.url}", "--yes")
    world.sweep_and_check()


def test_nobody_listening_is_told_as_such(make_world):
    world = make_world(base_url=lambda sim: "http://127.0.0.1:1")
    world.add(verify=False)
    code, run = world.sync(check=False)
    assert (code, run["code"]) == (1, "connection_failed")


def test_body_over_the_limit_is_refused(make_world):
    world = make_world(daemon={"peoplehr": {"body_bytes_max": 8 * MIB}})
    world.add()
    world.sweep_and_check()
    world.admin("break", kind="huge", amount=35 * MIB)
    code, run = world.sync(check=False)
    assert (code, run["code"]) == (1, "response_too_large")
    world.check()


@pytest.mark.parametrize("style", ["throttle_status_5", "throttle_silent", "throttle_http_429"])
def test_throttle_pauses_the_address_and_changes_nothing(make_world, style):
    world = make_world(tenants=2)
    world.add("t00001")
    world.add("t00002")
    for name in world.names():
        world.sweep_and_check(name)
    world.admin("churn", count=5)
    world.admin("break", kind=style, calls=1)
    code, run = world.sync(check=False)
    assert (run["result"], run["code"]) == ("failed", "throttled")
    world.check()
    status = world.daemon.control.get("/v1/status")
    assert status["calls"]["throttled"] == 1
    assert status["calls"]["addresses"][0]["paused"]
    # The other tenant waits as well: whose limit it was is not known (B-2).
    ticket = world.daemon.control.post("/v1/tenants/t00002/sync", {})
    assert 50 < ticket["estimated_start_seconds"] < 90


def test_revoked_key_in_mid_sweep_stops_its_tenants_only(make_world):
    world = make_world(tenants=24, latency_ms=300,
                       daemon={"sync": {"backoff_base_seconds": 1, "backoff_max_seconds": 1}})
    names = world.names()
    refused = names[12::2]
    for name in names:  # without the detour of a process for each, which takes longer than the sweep
        settings = {"base_url": world.base_url, "calls_per_minute": 60_000}
        world.daemon.control.post("/v1/tenants", {"name": name, "api_key": world.sim.key_of(name), "settings": settings,
                                                  "verify": False})
        world.known[name] = []
    for name in refused:
        world.admin("revoke-key", name)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        states = {name: world.tenant(name) for name in names}
        if all(states[n]["state"] == "stopped" or states[n]["progress"]["last_success"] for n in refused) and all(
                states[n]["progress"]["last_success"] for n in names if n not in refused):
            break
        time.sleep(0.1)
    for name in names:
        if states[name]["state"] == "stopped":
            assert name in refused and states[name]["stopped"]["code"] == "key_refused"
            assert world.daemon.control.users(name) == []
        else:  # it came before its key was gone
            world.known[name] = world.predict(name)
            world.check(name)
    assert any(s["state"] == "stopped" for s in states.values()), "no key was revoked in time"

    name = next(n for n in refused if states[n]["state"] == "stopped")
    assert world.daemon.cli("sync", name, check=False).returncode == 5
    world.admin("restore-key", name)
    world.daemon.cli("tenant", "set", name, "--api-key-file", world.key_file(name))
    world.sweep_and_check(name)


def test_key_refused_in_mid_life_leaves_the_directory(make_world):
    world = make_world(daemon={"sync": {"refusals_until_stopped": 1}})
    world.add()
    world.sweep_and_check()
    world.admin("churn", count=5)
    world.admin("revoke-key")
    code, run = world.sync(check=False)
    assert (run["result"], run["code"]) == ("failed", "key_refused")
    world.check()
    assert world.tenant()["state"] == "stopped"


def test_published_limit_is_never_exceeded(make_world):
    """More tenants than a minute's calls, at PeopleHR's own limit; takes a little more than that minute."""
    world = make_world(tenants=32, employees=10, limit=30, limit_scope="address",
                       daemon={"sync": {"calls_per_minute": 25}})
    world.add_all()
    until = time.monotonic() + 100
    while world.daemon.control.get("/v1/status")["tenants"]["never_synced"] and time.monotonic() < until:
        time.sleep(0.5)
    counters = world.sim.admin.get("/counters")
    assert counters["calls"] == 32
    assert counters["throttled"] == 0
    assert counters["busiest_minute_of_an_address"] <= 25
    for name in world.names():
        world.known[name] = world.predict(name)
        world.check(name)
