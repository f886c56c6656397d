"""`rollcall capacity`: its predictions against a real run, its report in a browser, and its profile."""

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

TENANTS, EMPLOYEES, LIMIT = 30, 40, 600

FLEET = f"""
name = "small"
tenants = {TENANTS}
years = 0
[size]
list = [[{TENANTS}, {EMPLOYEES}]]
leavers_listed = 0.25
[changes]
joiners = 0
leavers = 0
details = 0
[limits]
calls_per_minute = {LIMIT}
calls_per_minute_theirs = {LIMIT}
failing = 0
[answers]
latency_median_ms = 0
latency_p99_ms = 0
latency_per_row_us = 0
tls = false
[settings]
quiet_after_restart_s = 0
"""


def rollcall(build, *words, check=True):
    return subprocess.run([build / "src/rollcall", *map(str, words)], capture_output=True, text=True, check=check,
                          timeout=120)


def plan(build, folder, *words, check=True):
    path = folder / "fleet.toml"
    path.write_text(FLEET)
    done = rollcall(build, "--json", "capacity", "plan", path, *words, check=check)
    return json.loads(done.stdout)


def resident_memory(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def database_bytes(daemon):
    return sum(p.stat().st_size for p in daemon.data_dir.iterdir() if p.name == "rollcall.db")


def test_predictions_hold_in_a_small_run(build, folder, make_world, capsys):
    """Calls are counted and bytes weighed; nothing is timed. The errors are printed: pytest -s, or -rP."""
    profile = folder / "machine.json"
    rollcall(build, "capacity", "measure", "--quick", "--data-dir", folder, "--out", profile)
    figures = plan(build, folder, "--machine", profile)["figures"]
    likely = {name: each["likely"] for name, each in figures.items()}
    high = {name: each["high"] for name, each in figures.items()}

    world = make_world(tenants=TENANTS, employees=EMPLOYEES, limit=LIMIT, limit_scope="address",
                       daemon={"sync": {"calls_per_minute": LIMIT}})
    world.daemon.stop()  # the schema is in the file, and not in the log
    database_empty = database_bytes(world.daemon)
    world.daemon.start()
    world.add_all()
    for name in world.names():
        world.sync(name)
    before, spent = world.sim.admin.get("/counters"), processor_seconds(world.daemon.pid)
    for name in world.names():
        world.sync(name)
    after, spent = world.sim.admin.get("/counters"), processor_seconds(world.daemon.pid) - spent
    people = sum(len([p for p in world.truth(n) if p["status"] == "1"]) for n in world.names())
    users = sum(len(world.daemon.control.users(n)) for n in world.names())
    memory = resident_memory(world.daemon.pid)
    assert after["throttled"] == 0
    assert world.daemon.stop() == 0  # the log is copied back
    stored = database_bytes(world.daemon) - database_empty

    rows = [
        ("employees", likely["machine.employees"], people),
        ("records of a sweep", likely["machine.records_read"], after["rows"] - before["rows"]),
        ("users", likely["machine.users"], users),
        ("calls of a sweep", likely["calls.sweep_day"], after["calls"] - before["calls"]),
        ("database bytes", likely["machine.database_bytes"], stored),
    ]
    # Told and not held to: of so small a fleet they are the program's own, and the control socket's.
    told = [
        ("memory of the daemon", likely["machine.memory_bytes"], memory),
        ("processor ms of a sweep", likely["machine.cpu_day"] * 86_400e3, spent * 1e3),
    ]
    with capsys.disabled():
        print(f"\n{'figure':<24}{'predicted':>14}{'measured':>14}{'error':>9}")
        for name, predicted, measured in rows + told:
            print(f"{name:<24}{predicted:>14,.0f}{measured:>14,.0f}{predicted / max(measured, 1) - 1:>9.0%}")
    for name, predicted, measured in rows:
        assert measured / 2 <= predicted <= measured * 2, name
    assert memory < high["machine.memory_bytes"]


def test_a_floor_of_calls_is_the_limit(build, folder):
    """Two sweeps of all need twice the calls of one, and the limit sets how long that takes."""
    figures = plan(build, folder)["figures"]
    assert figures["calls.address_calls_min"]["likely"] == LIMIT
    assert figures["calls.round_s"]["likely"] == pytest.approx(TENANTS / LIMIT * 60)


def test_contradictions_are_named_with_key_and_line(build, folder):
    path = folder / "bad.toml"
    path.write_text("tenants = 3\n[webhooks]\ntenants = 5\n[size]\nmedian = 10\np99 = 5\n")
    done = rollcall(build, "capacity", "plan", path, check=False)
    assert done.returncode == 2
    assert f"{path}:3:1: webhooks.tenants is 5, more than the 3 tenants" in done.stderr
    assert f"{path}:6:1: size.p99 is 5, less than size.median, 10" in done.stderr


def test_what_is_not_met_is_exit_code_1(build, folder):
    path = folder / "large.toml"
    path.write_text("tenants = 100000\n")
    done = rollcall(build, "capacity", "plan", path, check=False)
    assert done.returncode == 1
    assert "not met:" in done.stdout


def test_the_report_is_well_formed_and_needs_nothing_else(build, folder):
    page = folder / "report.html"
    example = folder / "example.toml"
    example.write_text(rollcall(build, "capacity", "example").stdout)
    rollcall(build, "capacity", "plan", example, "--compare", example, "--html", page)
    text = page.read_text()
    root = ElementTree.fromstring(text.split("\n", 1)[1])
    plots = [s for s in root.iter("svg") if s.get("role") == "img"]
    assert len(plots) == 10
    for plot in plots:
        assert plot.find("title").text and plot.find("desc").text
    assert "http" not in text and "<script" not in text


BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")


@pytest.mark.skipif(not BROWSER, reason="no Chromium: tools/setup --browser installs it")
@pytest.mark.parametrize("width", [360, 1280])
def test_the_report_opens_in_a_browser(build, folder, width):
    page, picture = folder / "report.html", folder / "report.png"
    example = folder / "example.toml"
    example.write_text(rollcall(build, "capacity", "example").stdout)
    rollcall(build, "capacity", "plan", example, "--html", page)
    common = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
              f"--user-data-dir={folder / 'browser'}", f"--window-size={width},2400"]
    done = subprocess.run([*common, "--enable-logging=stderr", "--v=0", f"--screenshot={picture}", page.as_uri()],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "CONSOLE" not in done.stderr, done.stderr[-2000:]
    # A page without a mark on it packs to a few thousand bytes.
    assert picture.stat().st_size > 60_000
