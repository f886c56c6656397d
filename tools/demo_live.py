"""The demo of a fleet at work (tools/demo --fleet): several addresses with real limits scaled up, webhooks of which some
get lost, changes, and people who press the button; watched in `rollcall top` where there is a terminal."""

import http.client
import random
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from local_fleet import Control, JsonApi, Refused, free_port
from verify_directory import read_user

ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]  # each is an address of its own to PeopleHR's limit
SPED_UP = 12  # the day's work of the fleet is seen in minutes: twelve times PeopleHR's limits
LOSS = 0.03  # of the webhooks
WITH_WEBHOOKS = 0.8  # of the tenants
CHANGES_A_SECOND, BUTTONS_A_SECOND = 4.0, 1.0
SETTLING_SECONDS = 120


class Life(threading.Thread):
    """What customers do: people change in PeopleHR, and buttons are pressed. Chance comes from the seed."""

    def __init__(self, daemon, sim, names, seed):
        super().__init__(daemon=True)
        self.names, self.random, self.ended = names, random.Random(seed), threading.Event()
        self.socket = daemon.socket
        host, port = sim.bound["admin"].rsplit(":", 1)
        self.admin = JsonApi(lambda: http.client.HTTPConnection(host, int(port), timeout=60))
        self.changed, self.pressed, self.refused = 0, [], 0
        self.faults = []

    def run(self):
        began, changes, buttons = time.monotonic(), 0, 0
        with ThreadPoolExecutor(8) as people:
            while not self.ended.wait(0.1):
                so_far = time.monotonic() - began
                for _ in range(int(so_far * CHANGES_A_SECOND) - changes):
                    changes += 1
                    self.change()
                for _ in range(int(so_far * BUTTONS_A_SECOND) - buttons):
                    buttons += 1
                    people.submit(self.press, self.random.choice(self.names))

    def change(self):
        try:
            self.admin.post("/churn", {"tenant": self.random.choice(self.names), "count": 1,
                                       "seed": self.random.randrange(1 << 31)})
            self.changed += 1
        except (OSError, http.client.HTTPException, Refused) as error:
            self.faults.append(f"a change: {error}")

    def press(self, name):
        if self.ended.is_set():
            return
        control = Control(self.socket)
        began = time.monotonic()
        try:
            status, answer = control.raw("POST", f"/v1/tenants/{name}/sync", {"wait": True})
            if status == 200 and b'"throttled"' not in answer:
                self.pressed.append(time.monotonic() - began)
            else:
                self.refused += 1
        except (OSError, http.client.HTTPException) as error:
            if not self.ended.is_set():
                self.faults.append(f"a button of {name}: {error}")
        finally:
            control.close()

    def stop(self):
        self.ended.set()
        self.join(60)
        self.admin.close()


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def lag_of_webhooks(metrics, part):
    """The bound of the histogram's bucket within which so large a part of the changes came that a webhook told of."""
    buckets = [(float(bound), int(count)) for bound, count in re.findall(
        r'^rollcall_change_lag_seconds_bucket\{[^}]*cause="webhook"[^}]*le="([^"]+)"[^}]*\} (\d+)$', metrics, re.M)]
    total = max((count for _, count in buckets), default=0)
    return next((bound for bound, count in sorted(buckets) if total and count >= part * total), 0.0)


class Fleet:
    """The settings of both sides, and what is done with them once they run."""

    def __init__(self, options, say, progress):
        self.options, self.say, self.progress = options, say, progress
        speed = 1 if options.real_limits else SPED_UP
        self.limit, self.own = 30 * speed, 25 * speed
        self.revoked = []
        self.hooks = f"127.0.0.1:{free_port()}"

    def simulator_options(self):
        return {"limit": self.limit}

    def daemon_settings(self):
        return {"sync": {"calls_per_minute": self.own, "egress_addresses": ADDRESSES, "concurrent_runs_max": 16},
                "hooks": {"listen": self.hooks, "public_url": f"http://{self.hooks}"}}

    def introduce(self):
        options = self.options
        minutes = options.tenants / (self.own * len(ADDRESSES))
        self.say(f"PeopleHR allows {self.limit} calls a minute of each address"
                 + (", as it does" if options.real_limits else f", {SPED_UP} times what it does (--real-limits: 30)")
                 + f"; the daemon makes {self.own} from each of {len(ADDRESSES)}."
                   f" {options.tenants:,} first loads take about {max(1, round(minutes)):,} min.")

    def subscribe(self, daemon, sim, names):
        """Most tenants have a webhook; every seventh of these forgot to subscribe to new starters."""
        told = names[:int(len(names) * WITH_WEBHOOKS)]
        for number, name in enumerate(told):
            url = daemon.control.post(f"/v1/tenants/{name}/webhook/rotate", {})["url"]
            what = {"tenant": name, "url": url, "format": ("json", "form", "lines")[number % 3], "delay_ms": 100,
                    "jitter_ms": 900, "loss": LOSS, "duplicates": 0.02, "unrelated": 0.3}
            if number % 7 == 3:
                what["actions"] = [2, 3, 18]
            sim.admin.post("/webhook", what)
        self.say(f"{len(told):,} tenants have a webhook; {LOSS:.0%} of the webhooks get lost, and some are doubled,"
                 " late or about something else")
        return told

    def trouble(self, sim, names):
        """Two tenants whose keys are taken away, and one that a seventh of its people leave, which is more than the
        limit of a day (G-5)."""
        large = max(sim.tenants(), key=lambda t: t["current"])["tenant"]
        others = [name for name in names if name != large]
        picked = [large, *random.Random(self.options.seed).sample(others, min(2, len(others)))]
        self.revoked = picked[1:]
        for name in self.revoked:
            sim.admin.post("/revoke-key", {"tenant": name})
        here = [p for p in sim.admin.get(f"/truth/{picked[0]}")["people"] if p["status"] == "1"]
        for person in here[: len(here) * 15 // 100]:
            sim.admin.post("/leave", {"tenant": picked[0], "id": person["employee_id"], "date": "2020-01-01",
                                      "immediately": True})
        return picked

    def live(self, daemon, sim, names):
        """Runs until the watcher ends, or for --seconds; the figures of what people saw."""
        life = Life(daemon, sim, names, self.options.seed)
        began = time.monotonic()
        life.start()
        try:
            for name in self.trouble(sim, names):  # somebody looks whether it works
                daemon.control.post(f"/v1/tenants/{name}/sync", {})
            if self.options.watch:
                subprocess.run([daemon.build / "src/rollcall", "--socket", daemon.socket, "top", "--interval", "1"],
                               check=False)
            else:
                self.watch_lines(daemon, began)
        finally:
            life.stop()
        return {
            "live_seconds": round(time.monotonic() - began, 1),
            "changes": life.changed,
            "buttons": len(life.pressed),
            "buttons_put_off": life.refused,
            "button_to_done_p50_seconds": round(quantile(life.pressed, 0.5), 3),
            "button_to_done_p99_seconds": round(quantile(life.pressed, 0.99), 3),
            "faults": life.faults[:20],
        }

    def watch_lines(self, daemon, began):
        while (now := time.monotonic() - began) < self.options.seconds and daemon.running:
            top = daemon.control.get("/v1/top?rows=1")
            waiting = sum(q["ready"] for q in top["queues"])
            used = " ".join(f"{a['used']}/{a['limit']}" for a in top["addresses"])
            self.progress.show(f"{now:.0f} s · calls of the last minute {used} · {len(top['running'])} running,"
                               f" {waiting} waiting · oldest truth {top['freshness']['max_seconds'] or 0:.0f} s")
            time.sleep(0.5)

    def settle(self, daemon, sim, names):
        """Until all that was announced is read; then everybody is read once more, which finds what got lost. Gives
        the users before that, by tenant: what is right depends on them (LA-8, LA-34)."""
        for name in self.revoked:
            sim.admin.post("/restore-key", {"tenant": name})
            # A tenant that was stopped goes on once its key is entered again.
            daemon.control.request("PATCH", f"/v1/tenants/{name}", {"api_key": sim.key_of(name)})
        time.sleep(2)  # the latest webhooks are still on their way
        until = time.monotonic() + SETTLING_SECONDS
        while time.monotonic() < until and daemon.control.get("/v1/status")["webhooks"]["waiting"]:
            time.sleep(0.2)
        users = {name: [read_user(u) for u in daemon.control.users(name)] for name in names}
        before = daemon.control.get("/v1/status")["calls"]["made"]
        for name in names:
            daemon.control.post(f"/v1/tenants/{name}/sync", {})
        until = time.monotonic() + SETTLING_SECONDS + 90 * len(names) / (self.own * len(ADDRESSES))
        while time.monotonic() < until:
            top = daemon.control.get("/v1/top?rows=1")
            open_runs = sum(q["ready"] + q["running"] for q in top["queues"])
            read = daemon.control.get("/v1/status")["calls"]["made"] - before
            self.progress.show(f"reading everybody once more: {read:,} calls, {open_runs:,} tenants to go",
                               final=open_runs == 0)
            if open_runs == 0:
                self.approve(daemon)
                return users
            time.sleep(0.5)
        raise AssertionError("not everybody was read in time")

    def approve(self, daemon):
        """As an operator who has looked: what chance held is right, because the simulator's truth is."""
        for hold in daemon.control.get("/v1/holds")["holds"]:
            daemon.cli("hold", "approve", hold["tenant"], hold["digest"], "--yes")

    def found(self, daemon, sim, told):
        """The figures of the webhooks, and of the calls until now."""
        posts, counters = sim.admin.get("/webhooks"), sim.admin.get("/counters")
        metrics = daemon.observed("/metrics")[1]
        shown = [daemon.control.get(f"/v1/tenants/{name}/webhook") for name in told]
        return {
            "webhooks_sent": posts["posts"],
            "webhooks_lost": posts["lost"],
            "webhooks_not_subscribed": posts["not_subscribed"],
            "webhooks_received": daemon.control.get("/v1/status")["webhooks"]["received"],
            "webhook_to_directory_p50_seconds_at_most": lag_of_webhooks(metrics, 0.5),
            "webhook_to_directory_p99_seconds_at_most": lag_of_webhooks(metrics, 0.99),
            "changes_announced": sum(s["week"]["announced"] for s in shown),
            "changes_found_unannounced": sum(s["week"]["lost"] for s in shown),
            "tenants_read_more_often": sum(1 for s in shown if s["wanted_interval_seconds"] < 24 * 3600),
            "calls": counters["calls"],
            "calls_throttled": counters["throttled"],
            "busiest_minute": counters["busiest_minute_of_an_address"],
        }

    @staticmethod
    def print(line, f):
        print()
        line("buttons", f"{f['buttons']:,} pressed; from the press to the end of the run"
                        f" p50 {f['button_to_done_p50_seconds']:.2f} s, p99 {f['button_to_done_p99_seconds']:.2f} s")
        line("webhooks", f"{f['webhooks_sent']:,} sent of {f['changes']:,} changes, {f['webhooks_lost']:,} lost on the way,"
                         f" {f['webhooks_not_subscribed']:,} not subscribed to")
        line("", f"to the directory: p50 within {f['webhook_to_directory_p50_seconds_at_most']:g} s,"
                 f" p99 within {f['webhook_to_directory_p99_seconds_at_most']:g} s (a bucket's bound)")
        line("loss", f"{f['changes_found_unannounced']:,} changes were found that nobody had announced;"
                     f" {f['tenants_read_more_often']:,} tenants are read more often for it")
        line("calls", f"{f['calls']:,}, {f['calls_throttled']:,} of them throttled; busiest minute of an address"
                      f" {f['busiest_minute']:,} of {f['calls_per_minute_allowed']:,} allowed")
