"""Webhooks with real processes (LA-1, LA-47): from a change in PeopleHR to the directory, and what an open door has
to bear."""

import http.client
import json
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from local_fleet import free_port

TENANT = "t00001"


class Door:
    """The webhook listener of a world's daemon."""

    def __init__(self, make_world, hooks=None, **options):
        self.address = f"127.0.0.1:{free_port()}"
        self.hooks = {"listen": self.address, "public_url": f"http://{self.address}", **(hooks or {})}
        self.world = make_world(daemon={"hooks": self.hooks, **options.pop("daemon", {})}, **options)
        self.daemon = self.world.daemon

    def add(self, tenant=TENANT):
        self.world.add(tenant)
        self.world.sweep_and_check(tenant)
        return self.rotate(tenant)

    def rotate(self, tenant=TENANT, *words):
        done = self.daemon.cli("tenant", "webhook", "rotate", tenant, *words)
        url = done.stdout.strip()
        assert url.startswith(f"http://{self.address}/h/") and len(url.rsplit("/", 1)[1]) == 43, url
        return url

    def connect(self, timeout=30):
        host, port = self.address.rsplit(":", 1)
        return http.client.HTTPConnection(host, int(port), timeout=timeout)

    def post(self, url, body, connection=None, **headers):
        """(status, body, Retry-After)"""
        own = connection or self.connect()
        path = url[url.index("/h/"):]
        own.request("POST", path, body if isinstance(body, (str, bytes)) else json.dumps(body), headers)
        answer = own.getresponse()
        text = answer.read()
        if connection is None:
            own.close()
        return answer.status, text, answer.getheader("Retry-After")

    def received(self):
        return self.daemon.control.get("/v1/status")["webhooks"]["received"]

    def shown(self, tenant=TENANT):
        return self.daemon.json("tenant", "webhook", "show", tenant)


def until(what, seconds=10):
    """The first true value of what(), and how long it took."""
    began = time.monotonic()
    while True:
        got = what()
        if got:
            return got, time.monotonic() - began
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.02)


def update_of(id):
    return {"ActionId": 2, "Action": "Employee Detail Updated", "EmployeeId": id, "FieldName": "Job Role"}


@pytest.mark.parametrize("form", ["json", "form", "lines"])
def test_a_change_in_peoplehr_is_in_the_directory_within_seconds(make_world, form):
    door = Door(make_world)
    url, world = door.add(), door.world
    world.admin("webhook", url=url, format=form, unrelated=1.0, duplicates=1.0)
    one = world.somebody()
    world.admin("change", id=one["employee_id"], set={"job_role": "Keeper of the Keys"})
    until(lambda: world.user(one["employee_id"])["job_title"] == "Keeper of the Keys", 5)
    hired = world.admin("hire", employee={"first_name": "Ada", "last_name": "King", "email": "ada@example.com",
                                          "department": one["department"]})["id"]
    until(lambda: door.daemon.cli("user", "show", TENANT, "--id", hired, check=False).returncode == 0, 5)
    assert world.user(hired)["email"] == "ada@example.com"  # LA-47: an unknown id is a new starter
    world.admin("leave", id=one["employee_id"], date="2020-01-01", immediately=True)
    until(lambda: world.user(one["employee_id"])["state"] == "inactive", 5)
    gone = world.somebody(skip=3)["employee_id"]
    world.admin("delete", id=gone)
    until(lambda: door.received()["accepted"] >= 8)
    until(lambda: door.shown()["waiting"] == 0, 20)
    assert world.user(gone)["state"] == "active"  # G-3, LA-44: event 18 alone deactivates nobody
    assert door.received()["unrelated"] >= 4 and door.received()["malformed"] == 0
    assert door.shown()["week"]["lost"] == 0


def test_both_addresses_are_good_during_an_overlap(make_world):
    door = Door(make_world)
    first = door.add()
    second = door.rotate(TENANT, "--overlap", "1")
    assert first != second
    for url in (first, second):
        assert door.post(url, update_of("PW1"))[0] == 202
    assert door.received()["accepted"] == 2
    assert [t["until"] is None for t in door.shown()["tokens"]] == [True, False]
    third = door.rotate(TENANT, "--overlap", "0")
    for url in (first, second, third):
        assert door.post(url, update_of("PW1"))[0] == 202
    assert door.received()["accepted"] == 3 and door.received()["unknown"] == 2
    door.daemon.cli("tenant", "webhook", "remove", TENANT, "--yes")
    assert door.post(third, update_of("PW1"))[0] == 202
    assert door.received()["unknown"] == 3
    said = door.daemon.cli("tenant", "webhook", "show", TENANT).stdout
    assert "none" in said, said


def test_tokens_are_nowhere_but_in_the_answer_that_made_them(make_world):
    door = Door(make_world)
    url = door.add()
    token = url.rsplit("/", 1)[1]
    door.post(url, update_of("PW1"))
    door.post(url, "nonsense")
    door.post(url + "/more", update_of("PW1"))
    door.daemon.observed("/metrics")
    door.daemon.stop()
    for path in door.daemon.folder.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes(), path


def test_a_known_and_an_unknown_token_cannot_be_told_apart(make_world):
    door = Door(make_world, hooks={"token_burst": 100_000, "sender_burst": 100_000})
    url = door.add()
    wrong = url[:-1] + ("A" if url[-1] != "A" else "B")
    connection = door.connect()
    assert door.post(url, update_of("PW1"), connection)[:2] == door.post(wrong, update_of("PW1"), connection)[:2]
    taken = {url: [], wrong: []}
    for _ in range(400):
        for each, times in taken.items():
            began = time.perf_counter()
            assert door.post(each, update_of("PW1"), connection)[0] == 202
            times.append(time.perf_counter() - began)
    medians = [statistics.median(times) for times in taken.values()]
    assert 0.6 < medians[0] / medians[1] < 1.6, medians
    status = door.daemon.control.get("/v1/status")["webhooks"]["received"]
    assert status["unknown"] == status["accepted"] == 401


def test_bad_and_long_bodies_are_refused(make_world):
    door = Door(make_world)
    url = door.add()
    start = '{"ActionId":2,"EmployeeId":"PW1","NewValue":"'
    whole = start + "x" * (64 * 1024 - len(start) - 2) + '"}'
    assert len(whole) == 64 * 1024
    assert door.post(url, whole)[0] == 202
    assert door.post(url, whole + " ")[0] == 413
    for body in ("", "{", "[]", "null", "a" * 1000, '{"ActionId":2}', b"\xff\xfe\x00", "ActionId=2&EmployeeId=%zz"):
        status, text, _ = door.post(url, body)
        assert status == 400, body
        assert json.loads(text)["type"] == "urn:rollcall:problem:malformed_webhook"
    assert door.post(url, update_of("PW1"), **{"Content-Encoding": "gzip"})[0] == 415
    connection = door.connect()
    connection.request("GET", url[url.index("/h/"):])
    assert connection.getresponse().status == 405
    assert door.received()["accepted"] == 1 and door.received()["malformed"] == 8


def test_forged_ids_cost_reads_and_change_nobody(make_world):
    door = Door(make_world)
    url, world = door.add(), door.world
    for i in range(60):
        assert door.post(url, update_of(f"FORGED-{i}"))[0] == 202
    until(lambda: door.shown()["waiting"] == 0, 20)
    world.check()
    assert world.tenant()["state"] == "waiting"


def test_a_flood_on_one_token_is_limited_and_others_are_not(make_world):
    door = Door(make_world, tenants=2, hooks={"token_events_per_minute": 60, "token_burst": 20})
    url, other = door.add("t00001"), door.add("t00002")
    connection = door.connect()
    answers = [door.post(url, update_of("PW1"), connection) for _ in range(100)]
    statuses = [a[0] for a in answers]
    assert statuses[:20] == [202] * 20 and 75 <= statuses.count(429) <= 80, statuses
    assert all(int(a[2]) >= 1 for a in answers if a[0] == 429)
    assert door.post(other, update_of("PW1"), connection)[0] == 202
    assert door.post(url, {"ActionId": 4}, connection)[0] == 202  # unrelated ones cost nothing


def test_many_webhooks_become_a_few_reads(make_world):
    door = Door(make_world, employees=60)
    url, world = door.add(), door.world
    calls = world.sim.admin.get("/counters")["calls"]
    ids = [p["employee_id"] for p in world.truth() if p["status"] == "1"]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda i: door.post(url, update_of(ids[i % len(ids)]))[0], range(400)))
    assert statuses == [202] * 400
    until(lambda: door.shown()["waiting"] == 0, 20)
    assert world.sim.admin.get("/counters")["calls"] - calls < 100  # B-4


def test_a_hint_that_was_acknowledged_survives_a_kill(make_world):
    door = Door(make_world)
    url, world = door.add(), door.world
    one = world.somebody()["employee_id"]
    world.admin("change", id=one, set={"job_role": "Survivor"})
    # The read that the hint asks for hangs until the kill.
    world.sim.admin.post("/break", {"kind": "stall", "tenant": TENANT})
    assert door.post(url, update_of(one))[0] == 202
    door.daemon.kill()
    world.sim.admin.post("/clear", {})
    door.daemon.start()
    assert door.shown()["tokens"], "the address is still good"
    until(lambda: world.user(one)["job_title"] == "Survivor", 20)
    assert door.post(url, update_of(one))[0] == 202
    assert door.received()["accepted"] == 1


def test_webhooks_are_taken_until_the_end_of_a_drain(make_world):
    door = Door(make_world)
    url, world = door.add(), door.world
    one = world.somebody()["employee_id"]
    world.admin("change", id=one, set={"job_role": "Latecomer"})
    door.daemon.signal(15)
    statuses = []
    try:
        while door.daemon.running:
            statuses.append(door.post(url, update_of(one))[0])
    except OSError:
        pass
    assert set(statuses) <= {202, 503}
    door.daemon.wait()
    door.daemon.start()
    if 202 in statuses:
        until(lambda: world.user(one)["job_title"] == "Latecomer", 20)


def test_slow_clients_do_not_disturb_the_control_socket(make_world):
    door = Door(make_world, hooks={"connections_max": 300, "header_seconds": 2, "body_seconds": 2})
    url = door.add()
    host, port = door.address.rsplit(":", 1)
    slow = []
    for _ in range(400):
        s = socket.socket()
        s.settimeout(5)
        try:
            s.connect((host, int(port)))
            s.sendall(b"POST " + url[url.index("/h/"):].encode() + b" HTTP/1.1\r\nHost: h\r\nContent-Le")
            slow.append(s)
        except OSError:
            s.close()
    taken = []
    for _ in range(200):
        began = time.perf_counter()
        door.daemon.control.get("/v1/tenants?view=names")
        taken.append(time.perf_counter() - began)
    assert sorted(taken)[int(len(taken) * 0.99)] < 0.25, sorted(taken)[-5:]
    # They are given up, and then the door is open again.
    def open_again():
        try:
            return door.post(url, update_of("PW1"))[0] == 202
        except OSError:
            return False
    until(open_again, 15)
    for s in slow:
        s.close()


def test_lost_changes_are_counted_and_the_missing_subscription_is_named(make_world):
    door = Door(make_world)
    url, world = door.add(), door.world
    world.sync()  # from this read on there was a webhook
    world.admin("webhook", url=url, actions=[2, 3, 18])
    one = world.somebody()["employee_id"]
    world.admin("change", id=one, set={"job_role": "Announced"})
    until(lambda: world.user(one)["job_title"] == "Announced", 5)
    world.admin("hire", employee={"first_name": "Ada", "last_name": "King", "email": "ada@example.com"})
    world.sync()
    shown = door.shown()
    assert shown["week"]["lost"] == 1 and shown["week"]["announced"] == 1, shown
    assert shown["probably_not_subscribed"] == ["New Starter Added"]
    assert shown["wanted_interval_seconds"] == 12 * 3600
    said = door.daemon.cli("tenant", "show", TENANT).stdout
    assert "New Starter Added" in said and "50.0 % lost" in said, said
    door.daemon.stop()
    door.daemon.start()
    assert door.shown()["week"] == shown["week"]


def test_a_daemon_without_a_listener_says_so(make_world):
    world = make_world()
    world.add()
    made = world.daemon.cli("tenant", "webhook", "rotate", TENANT)
    assert made.stdout.startswith("/h/") and "hooks.listen" in made.stderr, made


def test_concurrent_floods_leave_a_sound_daemon(make_world):
    door = Door(make_world, hooks={"token_events_per_minute": 1, "token_burst": 10})
    url = door.add()
    bodies = [json.dumps(update_of("PW1")), "{", "x" * 70_000, '{"ActionId":7}', "ActionId=1&EmployeeId=PW2"]
    seen = set()

    def hammer(n):
        for i in range(60):
            try:
                seen.add(door.post(url if i % 2 else url[:-3] + "AAA", bodies[(n + i) % len(bodies)])[0])
            except OSError:
                pass

    threads = [threading.Thread(target=hammer, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {202, 400, 413, 429} <= seen <= {202, 400, 413, 429, 503}, seen
    assert door.daemon.json("doctor")["ok"]
