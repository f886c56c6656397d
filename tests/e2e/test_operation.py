"""What an operator does and meets: configuration, signals, backups, damage, full disks."""

import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import suppress

import pytest
from local_fleet import Daemon, DidNotStart
from verify_directory import differences, read_user

DATED = re.compile(r" of \d+$")


def database_of(daemon):
    """The database of a daemon that is down."""
    assert not daemon.running
    return sqlite3.connect(daemon.data_dir / "rollcall.db")


def log_events(daemon):
    return [json.loads(line) for line in daemon.log.read_text().splitlines()]


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
    return found


# ---- configuration --------------------------------------------------------------------------------------


def test_every_error_of_a_configuration_is_reported_with_its_line(build, folder):
    path = folder / "rollcalld.toml"
    path.write_text('stop_grace_seconds = "soon"\n[log]\nlevle = "info"\n[sync]\ncalls_per_minute = 0\n')
    for words in (["--check-config"], []):
        done = subprocess.run([build / "src/rollcalld", "--config", path, *words], capture_output=True, text=True)
        assert done.returncode == 78
        for place in (f"{path}:1:", f"{path}:3:", f"{path}:5:"):
            assert place in done.stderr
        assert '"level"' in done.stderr or "level" in done.stderr


def test_shipped_configuration_is_good_and_complete(build):
    shipped = os.path.join(os.path.dirname(__file__), "../../config/rollcalld.toml")
    subprocess.run([build / "src/rollcalld", "--config", shipped, "--check-config"], check=True, capture_output=True)
    printed = subprocess.run([build / "src/rollcalld", "--print-default-config"], check=True, capture_output=True,
                             text=True)
    assert printed.stdout == open(shipped).read()


def test_hangup_takes_what_may_change_and_keeps_the_old_where_the_file_is_broken(make_world):
    world = make_world()
    daemon = world.daemon
    daemon.write_config({"sync": {"calls_per_minute": 777}, "log": {"level": "debug"}})
    daemon.signal(signal.SIGHUP)
    limit = lambda: daemon.control.get("/v1/status")["calls"]["addresses"][0]["calls_per_minute"]  # noqa: E731
    wait_for(lambda: limit() == 777)
    daemon.config.write_text("this is = = not TOML\n")
    daemon.signal(signal.SIGHUP)
    wait_for(lambda: "config.reload_refused" in daemon.log.read_text())
    assert limit() == 777 and daemon.running


# ---- start and stop -------------------------------------------------------------------------------------


def test_second_daemon_on_the_same_directory_is_refused(make_world, build, folder):
    world = make_world()
    with pytest.raises(DidNotStart) as refused:
        Daemon(build, folder, {"data_dir": str(world.daemon.data_dir)})
    assert "in use" in str(refused.value) and str(world.daemon.pid) in str(refused.value)
    assert world.daemon.control.get("/v1/status")


def test_second_daemon_on_the_same_socket_is_refused(make_world, build, folder):
    world = make_world()
    with pytest.raises(DidNotStart):
        second = Daemon(build, folder, {"control": {"socket": str(world.daemon.socket)}}, wait=False)
        assert second.wait() == 1
        raise DidNotStart(second.said())
    assert world.daemon.control.get("/v1/status")


def test_termination_lets_a_run_finish_and_its_caller_hear_of_it(make_world):
    world = make_world(latency_ms=600)
    world.add()
    world.sweep_and_check()
    world.admin("churn", count=10)
    command = [world.daemon.build / "src/rollcall", "--json", "--socket", world.daemon.socket, "sync", "t00001",
               "--wait"]
    calls = world.sim.admin.get("/counters")["calls"]
    waiting = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: world.sim.admin.get("/counters")["calls"] > calls)
    world.daemon.signal(signal.SIGTERM)
    said, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert json.loads(said.splitlines()[-1])["run"]["result"] == "applied"
    assert world.daemon.wait() == 0
    world.daemon.start()
    world.known["t00001"] = world.predict()
    world.check()


def test_health_is_told_on_the_observe_listener(make_world):
    world = make_world()
    world.add()
    world.sweep_and_check()
    assert world.daemon.observed("/healthz")[0] == 200
    assert world.daemon.observed("/readyz")[0] == 200
    status, text = world.daemon.observed("/metrics")
    assert status == 200 and "# TYPE rollcall_" in text


def test_control_socket_is_for_owner_and_group_only(make_world):
    world = make_world()
    assert world.daemon.socket.stat().st_mode & 0o777 == 0o660
    assert world.daemon.data_dir.stat().st_mode & 0o777 == 0o700
    world.daemon.control.get("/v1/status")


# ---- the database ---------------------------------------------------------------------------------------


def test_restart_brings_back_every_user(make_world):
    world = make_world(tenants=4)
    world.add_all()
    for name in world.names():
        world.sweep_and_check(name)
    world.daemon.stop()
    world.daemon.start()
    for name in world.names():
        world.check(name)
        _, run = world.sync(name)
        assert run["result"] == "unchanged"


def test_backup_restores_into_a_new_directory(make_world, build, folder):
    world = make_world(tenants=2)
    world.add_all()
    for name in world.names():
        world.sweep_and_check(name)
    copy = world.folder / "copy.db"
    world.daemon.cli("backup", copy)
    assert copy.stat().st_mode & 0o077 == 0
    assert world.daemon.cli("backup", copy, check=False).returncode != 0  # never over an older one
    world.admin("churn", "t00001", count=10)
    world.sync("t00001")
    world.daemon.stop()

    data = folder / "data"
    data.mkdir(mode=0o700)
    shutil.copy(copy, data / "rollcall.db")
    shutil.copy(world.daemon.data_dir / "rollcall.key", data / "rollcall.key")
    world.daemon = Daemon(build, folder, {"sync": {"calls_per_minute": 1_000_000}})
    for name in world.names():
        world.check(name)  # the directory of the backup's day
    world.sweep_and_check("t00001")


def test_database_of_a_newer_version_is_refused(make_world):
    world = make_world()
    world.daemon.stop()
    with database_of(world.daemon) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(DidNotStart) as refused:
        world.daemon.start()
    assert "99" in str(refused.value) and "newer" in str(refused.value)


def test_corrupt_row_is_left_out_and_told_and_stops_its_tenant_only(make_world):
    world = make_world(tenants=2)
    world.add_all()
    for name in world.names():
        world.sweep_and_check(name)
    victim = world.somebody()["employee_id"]
    world.daemon.stop()
    with database_of(world.daemon) as db:
        changed = db.execute("UPDATE users SET first_name = 'Mallory' WHERE tenant = 1 AND external_id = ?", (victim,))
    db.close()
    assert changed.rowcount == 1
    world.daemon.start()
    assert world.daemon.control.get("/v1/status")["storage"]["corrupt_rows"] == 1
    assert "Mallory" not in json.dumps(world.daemon.control.users("t00001"))
    assert world.daemon.cli("user", "show", "t00001", "--id", victim, check=False).returncode == 4
    world.known["t00001"] = [u for u in world.known["t00001"] if u.values["id"] != victim]
    world.check("t00001")  # all others are there
    assert world.tenant()["stopped"]["code"] == "corrupt"
    done = world.daemon.cli("sync", "t00001", check=False)
    assert done.returncode != 0 and "checksum" in done.stderr and "backup" in done.stderr
    doctor = world.daemon.cli("doctor", check=False)
    assert doctor.returncode == 1 and "t00001" in doctor.stdout
    world.sweep_and_check("t00002")

    world.daemon.cli("tenant", "remove", "t00001", "--yes")  # one of the two remedies that it names
    world.known["t00001"] = []
    world.add("t00001")
    world.sweep_and_check("t00001")
    assert world.daemon.cli("doctor").returncode == 0


def test_file_that_is_not_a_database_is_refused(make_world):
    world = make_world()
    world.daemon.stop()
    path = world.daemon.data_dir / "rollcall.db"
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(DidNotStart):
        world.daemon.start()
    assert path.read_bytes().startswith(b"not a database")  # nothing was "repaired"


# ---- disks ----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(folder):
    place = folder / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a small tmpfs cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_full_disk_refuses_new_work_and_keeps_serving_reads(make_world, small_disk):
    world = make_world(tenants=1, employees=100, daemon={"data_dir": str(small_disk / "data")})
    world.add()
    world.sweep_and_check()
    filler = small_disk / "filler"
    with open(filler, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    world.admin("churn", count=300, seed=1)
    code, run = world.sync(check=False)
    assert run["code"] in ("storage_full", "held"), run
    while run["code"] == "held":  # so much life in one day has to be seen twice (G-2)
        code, run = world.sync(check=False)
    assert (code, run["code"]) == (6, "storage_full")
    world.check()
    status = world.daemon.control.get("/v1/status")
    assert status["storage"]["full"] and not status["storage"]["failed"]
    assert world.daemon.observed("/healthz")[0] == 503
    filler.unlink()
    world.sweep_and_check()
    assert not world.daemon.control.get("/v1/status")["storage"]["full"]


def test_write_error_ends_the_daemon_and_a_restart_recovers(make_world):
    """A file that may not grow is an I/O error to SQLite: nothing may be acknowledged any more."""
    world = make_world(employees=400)
    world.add()
    world.sweep_and_check()
    world.daemon.stop()
    largest = (world.daemon.data_dir / "rollcall.db").stat().st_size

    def no_growth():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    world.daemon.write_config({"log": {"file": ""}, "sync": {"calls_per_minute": 1_000_000}})
    world.daemon.start(prepare=no_growth)
    ended = None
    for year in range(40):
        # Everybody moves, which no gate minds: as many locations as before.
        for name in {p["location"] for p in world.truth() if p["location"]}:
            world.admin("rename-value", list="location", **{"from": name, "to": DATED.sub("", name) + f" of {year}"})
        after = world.predict()
        with suppress(subprocess.TimeoutExpired):
            code, _ = world.sync(check=False)
            if code == 0:
                world.known["t00001"] = after
        with suppress(subprocess.TimeoutExpired):
            ended = world.daemon.wait(0.3)
            break
    assert ended == 70
    world.daemon.start()
    found = [read_user(u) for u in world.daemon.control.users("t00001")]
    # What was acknowledged is there; what was not is there whole or not at all.
    assert not differences(world.known["t00001"], found) or not differences(after, found)
    assert world.daemon.cli("doctor").returncode == 0
    world.sweep_and_check()
