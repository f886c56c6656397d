"""G-11: killed at any instant, a tenant's directory is the one before or the one after a whole run.

    ROLLCALL_KILLS=200 ROLLCALL_KILL_SEED=1 pytest tests/e2e/test_crash.py      the long version
"""

import os
import random
import shutil
import sqlite3
import time

from verify_directory import User, after_sweep, differences, local_day, read_user

KILLS = int(os.environ.get("ROLLCALL_KILLS", "25"))
SEED = int(os.environ.get("ROLLCALL_KILL_SEED", "1"))
COLUMNS = ("external_id", "email", "first_name", "last_name", "job_title", "location", "department", "company",
           "manager_id", "avatar", "start_date", "leaving_date")
# How often a person was missed depends on how many whole runs there were, which a crash may repeat.
IGNORED = ("missing",)


def users_on_disk(world, folder):
    """What is durable, read from a copy of the files as the crash left them: the daemon had no chance to mend."""
    copy = folder / "after-crash"
    shutil.copytree(world.daemon.data_dir, copy, ignore=shutil.ignore_patterns("ballast", "*.key", "*.lock"))
    db = sqlite3.connect(copy / "rollcall.db")
    names = dict(db.execute("SELECT tenant, name FROM tenants"))
    found = {name: [] for name in names.values()}
    for tenant, state, managed, missing, *values in db.execute(
            f"SELECT tenant, state, managed, missing, {', '.join(COLUMNS)} FROM users"):
        shown = dict(zip(("id", *COLUMNS[1:]), values))
        found[names[tenant]].append(read_user({**shown, "state": state, "managed": bool(managed), "missing": missing,
                                               "uid": None}))
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    shutil.rmtree(copy)
    return found


def state_of(world, tenant, before, truth, observed, settings, today):
    """Which of the allowed directories `observed` is, by the number of whole runs since `before`."""
    allowed = [before]
    for _ in range(3):
        allowed.append(after_sweep(allowed[-1], truth, settings, today).users)
    for runs, users in enumerate(allowed):
        if not differences(users, observed, ignore=IGNORED):
            return runs
    told = [f"after {n} runs: {differences(u, observed, ignore=IGNORED)[:3]}" for n, u in enumerate(allowed[:2])]
    raise AssertionError(f"{tenant} is half-way. " + " | ".join(told))


# A run that waits for a person in part is neither before nor after: that is test_desk's matter.
NO_LIMITS = {f"limit_{kind}": "off" for kind in ("create", "email", "id", "manager", "clearing", "blanking", "move",
                                                "deactivation", "scope", "team_removal", "invitation")}


class Churn:
    """A fleet that changes while it is swept, and what is known of it."""

    def __init__(self, world):
        self.world = world
        self.names = world.names()
        self.settings = {n: world.tenant(n)["settings"] for n in self.names}
        self.today = local_day(world.tenant(self.names[0])["progress"]["last_success"], self.settings[self.names[0]])
        self.before = {n: self.observe(n) for n in self.names}
        self.truth = {}

    def observe(self, tenant) -> list[User]:
        return [read_user(u) for u in self.world.daemon.control.users(tenant)]

    def change(self, seed):
        self.world.sim.admin.post("/churn", {"count": 6, "seed": seed})
        self.truth = {n: self.world.truth(n) for n in self.names}

    def check(self, tenant, observed):
        return state_of(self.world, tenant, self.before[tenant], self.truth[tenant], observed, self.settings[tenant],
                        self.today)


def test_killed_at_any_instant_no_run_is_half_done(make_world, folder):
    world = make_world(tenants=6, employees=40, latency_ms=1, daemon={"sync": {"concurrent_runs_max": 3}})
    for i, name in enumerate(world.names()):
        world.add(name, verify=False, profile="wethrive" if i % 3 == 2 else "learnamp", email_fallback=i % 2 == 0, **NO_LIMITS)
        world.sync(name)
    chance = random.Random(SEED)
    churn = Churn(world)
    sweep_seconds = 0.15
    seen = {0: 0, 1: 0}
    for kill in range(KILLS):
        churn.change(seed=SEED * 1000 + kill)
        for name in churn.names:
            world.daemon.control.post(f"/v1/tenants/{name}/sync", {})
        time.sleep(chance.random() * sweep_seconds)
        world.daemon.kill()
        on_disk = users_on_disk(world, folder)
        states = [min(1, churn.check(name, on_disk[name])) for name in churn.names]
        for state in states:
            seen[state] += 1
        # Aim at the middle: where all are done, kill sooner; where none is, later.
        sweep_seconds *= 0.8 if sum(states) > len(states) / 2 else 1.25
        if chance.random() < 0.2:  # and killed again while it comes up
            world.daemon.start(wait=False)
            time.sleep(chance.random() * 0.1)
            world.daemon.kill()
        world.daemon.start()
        for name in churn.names:
            churn.check(name, churn.observe(name))
        for name in churn.names:  # one more sweep: the truth
            world.sync(name)
            observed = churn.observe(name)
            assert churn.check(name, observed) >= 1 or not differences(
                after_sweep(churn.before[name], churn.truth[name], churn.settings[name], churn.today).users, observed,
                ignore=IGNORED)
            churn.before[name] = observed
    assert world.daemon.cli("doctor").returncode == 0
    print(f"{KILLS} kills with seed {SEED}: {seen[0]} tenants before their run, {seen[1]} after it")
    if KILLS >= 20:
        assert min(seen.values()) > 0, f"the kills were all too early or too late: {seen}"
