"""The demo's second half (tools/demo is the first): simulator, daemon, first sweep, summary, verification."""

import argparse
import json
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from demo_live import Fleet  # noqa: E402
from local_fleet import Daemon, DidNotStart, Simulator, write_tenant_file  # noqa: E402
from verify_directory import normal, verify_tenant  # noqa: E402

PUBLISHED_LIMIT, OWN_LIMIT = 30, 25  # B-1: PeopleHR's per address, and what the daemon allows itself
RAISED_LIMIT, RAISED_TENANT_LIMIT = 1_000_000, 60_000
SHOWN_DIFFERENCES = 20
ZONES = ("Europe/London", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Melbourne")

# Why records were not applied, for people; the codes are those of `rollcall tenant show`.
REASONS = {
    "required_blank: email": "the e-mail is blank (LA-18, WT-3)",
    "required_blank: first_name": "the first name is blank (LA-18)",
    "required_blank: last_name": "the last name is blank (LA-18)",
    "invalid_email": "the e-mail is not one (LA-18, WT-3)",
    "shared_email": "another employee has the same e-mail (LA-12, WT-3)",
    "duplicate_id": "the id occurs twice (LA-14)",
}


class Interrupted(Exception):
    """The first signal that asks us to end."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Progress:
    """One line that is written anew on a terminal; now and then a line of its own elsewhere."""

    def __init__(self):
        self.terminal = sys.stderr.isatty()
        self.last = (0.0, "")

    def show(self, text, final=False):
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1  # a wrapped line cannot be written anew
            sys.stderr.write("\r\033[K" + ("  " + text)[:width] + ("\n" if final else ""))
            sys.stderr.flush()
        elif (final or time.monotonic() - self.last[0] > 2) and text != self.last[1]:
            say("  " + text)
            self.last = (time.monotonic(), text)


def settings_of(index, tenant, admin):
    """Tenants differ as a fleet's do: both profiles, and each option somewhere."""
    settings = {"time_zone": ZONES[index % len(ZONES)]}
    if index % 5 in (1, 3):
        settings["profile"] = "wethrive"
        return settings
    settings |= {"known_as": index % 3 == 0, "email_fallback": index % 2 == 0}
    if index % 11 == 5:
        settings["team_from_department"] = False
    if index % 13 == 7:
        settings["manager_from_reports_to"] = False
    if index % 7 == 2:
        people = admin.get(f"/truth/{tenant}")["people"]
        companies = Counter(normal(p["company"]) for p in people if normal(p["company"]))
        if companies:  # in other letters than PeopleHR's: LA-6 compares folded
            settings["company"] = companies.most_common(1)[0][0].upper()
    return settings


def prepare_tenants(sim, folder, real_limits):
    defaults = {"base_url": sim.url, "calls_per_minute": OWN_LIMIT if real_limits else RAISED_TENANT_LIMIT}
    tenants = {t["tenant"]: (t["api_key"], settings_of(i, t["tenant"], sim.admin)) for i, t in enumerate(sim.tenants())}
    path = folder / "tenants.toml"
    write_tenant_file(path, tenants, defaults)
    return path, Counter(s.get("profile", "learnamp") for _, s in tenants.values())


def watch_first_sweep(daemon, progress):
    began = time.monotonic()
    while True:
        status = daemon.control.get("/v1/status")
        tenants, waiting = status["tenants"], status["tenants"]["never_synced"]
        seconds = time.monotonic() - began
        progress.show(
            f"{tenants['total'] - waiting:,} of {tenants['total']:,} tenants · {status['rows_read']:,} employees read"
            f" · {status['users']['total']:,} users · {status['calls']['made']:,} calls · {seconds:.0f} s",
            final=waiting == 0)
        states = tenants["by_state"]
        # Whoever is held or stopped will not come by waiting.
        if waiting == 0 or not any(states.get(s) for s in ("queued", "running", "backing_off", "waiting")):
            return status
        if not daemon.running:
            raise DidNotStart(f"rollcalld ended with {daemon.process.returncode}:\n{daemon.said()}")
        time.sleep(0.1)


def first_loads(control, names):
    """Sums over the first run of each tenant, and why records were rejected."""
    sums, reasons = Counter(), Counter()
    for name in names:
        runs = control.get(f"/v1/tenants/{name}/runs?limit=500")["runs"]
        if runs:
            sums.update(runs[-1]["counts"])
        for issue in control.get(f"/v1/tenants/{name}")["issues"]:
            reasons[issue["kind"] + (f": {issue['field']}" if issue["kind"] == "required_blank" else "")] += 1
    return sums, reasons


def resident_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def summary(daemon, sim, profiles, status, seconds):
    names = [t["tenant"] for t in sim.tenants()]
    sums, reasons = first_loads(daemon.control, names)
    counters = sim.admin.get("/counters")
    users = max(1, status["users"]["total"])
    return {
        "tenants": status["tenants"]["total"],
        "profiles": dict(profiles),
        "employees": sums["rows"],
        "users_created": status["users_created"],
        "rejected": sums["rejected"],
        "issues": dict(reasons.most_common()),
        "left_before_first_seen": sums["left_before_first_seen"],
        "calls": status["calls"]["made"],
        "calls_throttled": counters["throttled"],
        "busiest_minute": counters["busiest_minute_of_an_address"],
        "calls_per_minute_allowed": status["calls"]["addresses"][0]["calls_per_minute"],
        "seconds": round(seconds, 3),
        "employees_per_second": round(sums["rows"] / seconds),
        "sync_busy_seconds": status["sync_busy_seconds"],
        "directory_bytes_per_user": round(status["directory_bytes"] / users, 1),
        "mapped_text_bytes_per_user": round(status["mapped_text_bytes"] / users, 1),
        "resident_bytes": resident_bytes(daemon.pid),
    }


def line(title, text):
    print(f"  {title:<16} {text}")


def print_summary(figures):
    f = figures
    others = f["employees"] - f["users_created"] - f["rejected"] - f["left_before_first_seen"]
    print()
    line("tenants", f"{f['tenants']:,} ({', '.join(f'{n:,} {p}' for p, n in sorted(f['profiles'].items()))})")
    line("employees", f"{f['employees']:,} read")
    line("users created", f"{f['users_created']:,}")
    line("not created", f"{f['left_before_first_seen']:,} had left before (LA-8),"
                        f" {others:,} belong to another company (LA-5)")
    line("rejected", f"{f['rejected']:,}")
    for reason, count in f["issues"].items():
        line("", f"{count:>7,}  {REASONS.get(reason, reason)}")
    line("calls", f"{f['calls']:,}, {f['calls_throttled']:,} of them throttled; busiest minute {f['busiest_minute']:,}"
                  f" of {f['calls_per_minute_allowed']:,} allowed")
    line("speed", f"{f['employees_per_second']:,} employees/s over {f['seconds']:.1f} s;"
                  f" {f['sync_busy_seconds']:.1f} s of them were the daemon's work")
    line("memory per user", f"{f['directory_bytes_per_user']:.0f} bytes with both indexes, for"
                            f" {f['mapped_text_bytes_per_user']:.0f} bytes of text;"
                            f" the process takes {f['resident_bytes'] / 2**20:.0f} MiB")


def verify(daemon, sim, progress, before):
    """(people who agree, people, sentences about the others)"""
    names = [t["tenant"] for t in sim.tenants()]
    agreeing = people = 0
    wrong = []
    for done, name in enumerate(names, 1):
        verdict = verify_tenant(daemon.control, sim.admin, name, before.get(name, ()))
        people += verdict.people
        agreeing += verdict.people - min(verdict.people, len({w.split(":")[0] for w in verdict.wrong}))
        wrong += [f"{name} {w}" for w in verdict.wrong]
        progress.show(f"verified {agreeing:,} of {people:,} employees in {done:,} of {len(names):,} tenants",
                      final=done == len(names))
    extra = set(names) ^ {t["name"] for t in daemon.control.tenants()}
    wrong += [f"{name}: is a tenant on one side only" for name in sorted(extra)]
    return agreeing, people, wrong


def print_next(daemon, sim, build):
    name = sim.tenants()[0]["tenant"]
    some = daemon.control.get(f"/v1/tenants/{name}/users?limit=1")["users"]
    program = f"{build / 'src/rollcall'} --socket {shlex.quote(str(daemon.socket))}"
    churn, body = f"http://{sim.bound['admin']}/churn", json.dumps({"tenant": name, "count": 10})
    change = f"curl -s {churn} -d {shlex.quote(body)}"
    if not shutil.which("curl"):
        script = f"import urllib.request as r; print(r.urlopen({churn!r}, {body.encode()!r}).read().decode())"
        change = "python3 -c " + shlex.quote(script)
    print("\nTo try next, in another terminal:")
    if some:
        print(f"  {program} user show {name} --email {shlex.quote(some[0]['email'])}")
    print(f"  {change}; {program} sync {name} --wait")
    print(f"  {program} run list {name}")
    print("\nCtrl-C ends the demo and removes its files.", flush=True)


def introduce(options, real):
    if real:
        minutes = (options.tenants - 1) // OWN_LIMIT  # the first minute's calls are free at once
        say(f"PeopleHR's own limit: {PUBLISHED_LIMIT} calls a minute from one address, {OWN_LIMIT} of which the"
            f" daemon uses. {options.tenants:,} tenants take {f'about {minutes:,} min' if minutes else 'seconds'}.")
    else:
        say("The call limits of both sides are raised, so that the sweep takes seconds: PeopleHR allows"
            f" {PUBLISHED_LIMIT} calls a minute (--real-limits keeps to that).")


def demonstrate(options, folder):
    real = options.real_limits
    fleet = Fleet(options, say, Progress()) if options.fleet else None
    if fleet:
        fleet.introduce()
        limits, settings = fleet.simulator_options(), fleet.daemon_settings()
    else:
        introduce(options, real)
        limits = {"limit": PUBLISHED_LIMIT if real else RAISED_LIMIT}
        settings = {"sync": {"calls_per_minute": OWN_LIMIT if real else RAISED_LIMIT}}
    with Simulator(options.build, folder, tenants=options.tenants, employees=options.employees, seed=options.seed,
                   **limits) as sim, Daemon(options.build, folder, settings) as daemon:
        return sweep(options, folder, sim, daemon, fleet)


def sweep(options, folder, sim, daemon, fleet):
    tenant_file, profiles = prepare_tenants(sim, folder, options.real_limits)
    say(f"peoplehr-sim at {sim.url} with {sim.bound['employees']:,} current employees; rollcalld at {daemon.socket}")
    say(f"rollcall apply {tenant_file.name}: {options.tenants:,} tenants")
    began = time.monotonic()
    daemon.cli("apply", tenant_file, "--yes", timeout=900)
    names = [t["tenant"] for t in sim.tenants()]
    told = fleet.subscribe(daemon, sim, names) if fleet else []
    progress = Progress()
    status = watch_first_sweep(daemon, progress)
    figures = summary(daemon, sim, profiles, status, time.monotonic() - began)
    if not options.json:
        print_summary(figures)
    before = {}
    if fleet:
        figures |= fleet.live(daemon, sim, names)
        if options.once:
            before = fleet.settle(daemon, sim, names)
        figures |= fleet.found(daemon, sim, told)
        if not options.json:
            fleet.print(line, figures)
        for fault in figures["faults"]:
            say("  wrong: " + fault)

    code = 0 if status["tenants"]["never_synced"] == 0 and not figures.get("faults") else 1
    if options.once:
        say("\nComparing the directory with the simulator's truth, field by field:")
        agreeing, people, wrong = verify(daemon, sim, progress, before)
        figures |= {"verified": agreeing, "of": people}
        for sentence in wrong[:SHOWN_DIFFERENCES]:
            say("  " + sentence)
        if len(wrong) > SHOWN_DIFFERENCES:
            say(f"  and {len(wrong) - SHOWN_DIFFERENCES:,} more")
        code = 1 if wrong or agreeing != people else code
    if options.json:
        print(json.dumps(figures, indent=2), flush=True)
    if options.once:
        print(f"verified {figures['verified']:,} of {figures['of']:,}".replace(",", ""),
              file=sys.stderr if options.json else sys.stdout, flush=True)
        return code
    if not options.json:
        print_next(daemon, sim, options.build)
    while daemon.running and sim.running:
        time.sleep(0.2)
    say("demo: rollcalld ended by itself" if sim.running else "demo: peoplehr-sim ended by itself")
    return 1


def main():
    parser = argparse.ArgumentParser(prog="tools/demo", allow_abbrev=False)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--tenants", type=int)
    parser.add_argument("--employees", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=60)
    for flag in ("--fleet", "--once", "--json", "--real-limits"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    options.tenants = options.tenants or (1000 if options.fleet else 50)
    options.employees = options.employees or (60 if options.fleet else 100)
    options.watch = options.fleet and not options.once and not options.json and sys.stdout.isatty()
    if options.tenants > 20_000:
        parser.error("--tenants: a daemon takes 20000 by default")

    def interrupt(*_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # we are ending: once is enough
        raise Interrupted

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    folder = Path(tempfile.mkdtemp(prefix="rollcall-demo-"))
    try:
        return demonstrate(options, folder)
    except Interrupted:
        say("\ndemo: ended")
        return 130 if options.once else 0
    except (DidNotStart, OSError, AssertionError) as error:
        say(f"demo: {error}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
