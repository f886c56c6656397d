"""A simulated PeopleHR, a daemon, and what the directory has to be according to the rules."""

import json
from contextlib import suppress

from local_fleet import Daemon, Simulator, write_secret
from verify_directory import after_sweep, differences, local_day, read_user

FAST = {"sync": {"calls_per_minute": 1_000_000}}


class World:
    """`sim` and `daemon`, and for each tenant `known`: the users that are expected to be there.

    Limits are out of the way unless a test asks for them, and PeopleHR answers at once."""

    def __init__(self, build, folder, *, daemon=None, tls=False, base_url=None, **sim):
        self.folder = folder
        self.known = {}
        options = {"tenants": 1, "employees": 30, "sizes": "fixed", "latency_ms": 0, "latency_per_row_us": 0,
                   "limit_scope": "none", "seed": 7, **sim}
        self.daemon = None
        self.sim = Simulator(build, folder, tls=tls, **options)
        try:
            self.base_url = base_url(self.sim) if base_url else self.sim.url
            settings = {**FAST, **(daemon or {})}
            settings["sync"] = {**FAST["sync"], **settings["sync"]}
            self.daemon = Daemon(build, folder / "daemon", settings)
        except BaseException:
            self.close()
            raise

    def close(self):
        with suppress(Exception):
            if self.daemon:
                self.daemon.stop()
        self.sim.stop()

    # ---- tenants ----

    def names(self):
        return [t["tenant"] for t in self.sim.tenants()]

    def key_file(self, tenant):
        path = self.folder / "keys" / tenant
        write_secret(path, self.sim.key_of(tenant))
        return path

    def add(self, tenant="t00001", verify=True, check=True, **settings):
        settings = {"base_url": self.base_url, "calls_per_minute": 60_000, **settings}
        texts = {name: json.dumps(v) if isinstance(v, bool) else v for name, v in settings.items()}
        words = [f"--{name.replace('_', '-')}={text}" for name, text in texts.items()]
        if not verify:
            words.append("--no-verify")
        done = self.daemon.cli("tenant", "add", tenant, "--api-key-file", self.key_file(tenant), *words, check=check)
        self.known.setdefault(tenant, [])
        return done

    def add_all(self, **settings):
        for name in self.names():
            self.add(name, verify=False, **settings)

    def tenant(self, name="t00001"):
        return self.daemon.control.get(f"/v1/tenants/{name}")

    def truth(self, tenant="t00001"):
        return self.sim.admin.get(f"/truth/{tenant}")["people"]

    def user(self, id, tenant="t00001"):
        return self.daemon.json("user", "show", tenant, "--id", id)

    def admin(self, verb, tenant="t00001", **arguments):
        return self.sim.admin.post("/" + verb, {"tenant": tenant, **arguments})

    def somebody(self, tenant="t00001", skip=0, **wanted):
        """An employed person of the truth with an e-mail of their own, by order."""
        people = self.truth(tenant)
        emails = [p["email"].strip().casefold() for p in people]
        fit = [p for p in people
               if p["status"] == "1" and not p["leaving_date"] and p["email"].isascii()
               and p["email"].strip() and emails.count(p["email"].strip().casefold()) == 1
               and p["first_name"].strip() and p["last_name"].strip()
               and all(p[k] == v for k, v in wanted.items())]
        return fit[skip]

    # ---- runs ----

    def sync(self, tenant="t00001", *words, check=True):
        """`rollcall sync --wait`: (exit code, the run as JSON or None)."""
        done = self.daemon.cli("--json", "sync", tenant, "--wait", *words, check=check)
        run = None
        for line in done.stdout.splitlines():
            with suppress(ValueError):
                run = json.loads(line).get("run", run)
        return done.returncode, run

    def predict(self, tenant="t00001", before=None):
        shown = self.tenant(tenant)
        when = shown["progress"]["last_success"] or shown["created"]
        return after_sweep(self.known[tenant] if before is None else before, self.truth(tenant), shown["settings"],
                           local_day(when, shown["settings"])).users

    def held(self, tenant="t00001"):
        """What waits for a person: the digest, and the steps by kind."""
        shown = self.daemon.json("hold", "show", tenant)
        return shown["digest"], {s["guard"]: s["count"] for s in shown["sections"]}

    def sweep_and_check(self, tenant="t00001"):
        """Syncs, approves what waits for a person, and compares the directory with the rules applied to the
        truth. Gives the run."""
        code, run = self.sync(tenant, check=False)
        digest, kinds = self.held(tenant)
        assert code == 0 or kinds, run
        if kinds:
            self.daemon.cli("hold", "approve", tenant, digest, "--yes")
        self.known[tenant] = self.predict(tenant)
        self.check(tenant)
        return run

    def check(self, tenant="t00001", ignore=()):
        """The directory is what it is known to be."""
        shown = self.daemon.control.users(tenant)
        wrong = differences(self.known[tenant], [read_user(u) for u in shown], self.tenant(tenant)["settings"], shown,
                            ignore)
        assert not wrong, "\n".join(wrong[:20])
