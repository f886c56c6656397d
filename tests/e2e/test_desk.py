"""What a person decides and asks, with real processes: holds (G-5, G-6), previews (G-7), first invitations (LA-25,
LA-26), edits by hand (LA-3, LA-19), answers and the audit (G-10)."""

import json
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest


def leave(world, *people, tenant="t00001"):
    for id in people:
        world.admin("leave", tenant, id=id, immediately=True, date="2026-01-02")


def ids(world, count, tenant="t00001"):
    return [world.somebody(tenant, skip=i)["employee_id"] for i in range(count)]


def active(world, tenant="t00001"):
    return {u["id"] for u in world.daemon.control.users(tenant) if u["state"] == "active"}


def notices(world):
    path = world.daemon.data_dir / "notices.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def invited(world):
    return Counter((n["tenant"], n["uid"]) for n in notices(world) if n["kind"] == "invitation")


def wait_for(world, count, seconds=10):
    """Until so many invitations are in the file: they leave the daemon after the commit."""
    for _ in range(seconds * 20):
        if sum(invited(world).values()) >= count:
            break
        time.sleep(0.05)
    return invited(world)


def test_half_the_staff_leaving_is_held_understood_approved_and_undone(make_world):
    world = make_world(employees=40)
    world.add(profile="learnamp")
    world.sync()
    before = active(world)
    gone = ids(world, 6)
    leave(world, *gone)
    hired = world.admin("hire", employee={"first_name": "Ada", "last_name": "King", "email": "ada@example.com"})["id"]
    code, run = world.sync(check=False)
    assert (code, run["counts"]["created"], run["counts"]["deactivated"]) == (0, 1, 0)
    assert active(world) == before | {hired}  # a held deactivation keeps no new starter out
    digest, kinds = world.held()
    assert kinds == {"deactivation": 6}
    told = world.daemon.cli("explain", "t00001", gone[0]).stdout
    assert "deactivat" in told and "G-5" in told and "hold" in told
    assert world.daemon.cli("hold", "approve", "t00001", "0" * len(digest), "--yes", check=False).returncode == 5
    assert active(world) == before | {hired}

    world.daemon.kill()  # what waits for a person survives
    world.daemon.start()
    assert world.held() == (digest, kinds)
    world.daemon.cli("hold", "approve", "t00001", digest, "--yes")
    assert active(world) == (before | {hired}) - set(gone)
    assert world.held()[1] == {}
    approved = next(r["id"] for r in world.daemon.json("run", "list", "t00001")["runs"] if r["cause"] == "approval")
    assert gone[0] in world.daemon.cli("diff", "t00001", str(approved)).stdout
    world.daemon.cli("undo", "t00001", str(approved), "--yes")
    assert active(world) == before | {hired}
    assert world.daemon.cli("audit", "verify", "t00001").returncode == 0


def test_a_wrong_company_is_shown_before_it_acts_and_then_changes_nothing(make_world):
    world = make_world(employees=30)
    world.add()
    world.sync()
    before = active(world)
    calls = world.sim.admin.get("/counters")["calls"]
    shown = world.daemon.cli("what-if", "t00001", "--set", "company=No Such Company")
    assert "LA-6" in shown.stdout
    assert world.daemon.cli("tenant", "set", "t00001", "company=No Such Company", check=False).returncode == 2
    assert world.tenant()["settings"]["company"] == ""
    world.daemon.cli("tenant", "set", "t00001", "company=No Such Company", "--yes")
    assert world.sim.admin.get("/counters")["calls"] == calls
    code, run = world.sync(check=False)
    assert (code, run["result"]) == (5, "held") and "No Such Company" in run["detail"]
    assert active(world) == before
    id = world.somebody()["employee_id"]
    for restarted in (False, True):
        # A doubt is told wherever somebody looks for what did not happen, also after a restart.
        assert [d["tenant"] for d in world.daemon.json("hold", "list")["doubted"]] == ["t00001"]
        for verb in (["hold", "list"], ["hold", "show", "t00001"], ["forecast", "t00001"], ["explain", "t00001", id]):
            said = " ".join(world.daemon.cli(*verb).stdout.split())
            assert "not believed" in said and "No Such Company" in said, verb
        if not restarted:
            world.daemon.stop()
            world.daemon.start()


def test_a_renamed_department_is_proposed_and_keeps_its_team(make_world):
    world = make_world(employees=40)
    world.add(profile="learnamp")
    world.sync()
    teams = {t["name"]: t["id"] for t in world.daemon.json("team", "list", "t00001")["teams"]}
    largest = Counter(p["department"] for p in world.truth() if p["status"] == "1" and p["department"]).most_common(1)[0][0]
    world.admin("rename-value", list="department", **{"from": largest, "to": "Renamed Department"})
    _, run = world.sync(check=False)
    assert run["counts"]["held"] > 0
    assert world.held()[1].keys() == {"team_rename"}
    world.daemon.cli("hold", "approve", "t00001", world.held()[0], "--yes")
    after = {t["name"]: t["id"] for t in world.daemon.json("team", "list", "t00001")["teams"]}
    assert after["Renamed Department"] == teams[largest.strip()] and largest.strip() not in after


def test_nobody_is_invited_twice_whatever_is_killed(make_world):
    world = make_world(employees=25, tenants=2)
    for name in world.names():
        world.add(name, profile="learnamp", invite="immediately")
        world.sync(name)
    assert invited(world) == {}  # a first import invites nobody until somebody says go
    world.daemon.cli("invite", "go-live", "t00001", "--yes")
    count = len(active(world))
    wait_for(world, 1)
    world.daemon.kill()
    world.daemon.start()
    assert wait_for(world, count).total() == count
    hired = [world.admin("hire", employee={"first_name": "N", "last_name": f"Ew{i}", "email": f"new{i}@example.com"})
             for i in range(3)]
    for _ in range(3):
        world.daemon.control.post("/v1/tenants/t00001/sync", {})
        world.daemon.kill()
        world.daemon.start()
    world.sync()
    sent = wait_for(world, count + len(hired))
    assert set(sent.values()) == {1} and sent.total() == count + len(hired)
    # LA-15, LA-26: deleted by hand, created again, and not invited again by itself.
    world.daemon.cli("user", "delete", "t00001", hired[0]["id"], "--yes")
    assert world.sync()[1]["counts"]["created"] == 1
    assert "LA-26" in world.daemon.cli("explain", "t00001", hired[0]["id"]).stdout
    assert invited(world) == sent
    assert {n["tenant"] for n in notices(world)} == {"t00001"}
    numbers = [n["number"] for n in notices(world)]
    assert numbers == sorted(set(numbers))


def test_edits_by_hand_follow_the_rules_of_ownership(make_world):
    world = make_world(employees=20)
    world.add(profile="learnamp")
    world.sync()
    person = world.somebody()
    id = person["employee_id"]
    world.admin("change", id=id, set={"job_role": ""})
    world.sync()
    world.daemon.cli("user", "set", "t00001", id, "job_title=By hand", "location=By hand")
    world.sync()
    shown = world.user(id)
    # LA-3: what HR says wins at the next sync; LA-19: where HR says nothing, the person's word stays.
    assert (shown["job_title"], shown["location"]) == ("By hand", person["location"].strip())
    assert world.sync()[1]["result"] == "unchanged"
    world.admin("change", id=id, set={"job_role": "From HR"})
    world.sync()
    assert world.user(id)["job_title"] == "From HR"
    wrong = world.daemon.cli("user", "set", "t00001", id, "salary=1", "start_date=soon", check=False)
    assert wrong.returncode == 2 and "salary" in wrong.stderr and "start_date" in wrong.stderr


def test_a_preview_costs_a_call_and_changes_nothing(make_world):
    world = make_world(employees=20)
    world.add()
    world.sync()
    world.admin("change", id=world.somebody()["employee_id"], set={"job_role": "Previewed"})
    runs = world.daemon.json("run", "list", "t00001")["runs"]
    shown = world.daemon.cli("sync", "t00001", "--preview").stdout
    assert "Previewed" in shown
    assert world.daemon.json("run", "list", "t00001")["runs"] == runs
    assert world.sync()[1]["result"] == "applied"


def test_an_erased_person_is_nowhere_and_the_chain_still_verifies(make_world):
    world = make_world(employees=20)
    world.add()
    world.sync()
    id = world.admin("hire", employee={"first_name": "Quetzalcoatl", "last_name": "Xylophonist",
                                       "email": "quetzal.xylo@example.com", "department": "Zymurgy"})["id"]
    world.sync()
    world.daemon.cli("user", "set", "t00001", id, "job_title=Vexillologist")
    world.daemon.cli("erase", "t00001", id, "--even-active", "--yes")
    world.sync(check=False)
    assert world.daemon.cli("user", "show", "t00001", "--id", id, check=False).returncode == 4
    assert world.daemon.cli("audit", "verify", "t00001").returncode == 0
    world.daemon.stop()
    for path in world.daemon.data_dir.iterdir():
        if path.is_file() and path.name != "notices.jsonl":
            data = path.read_bytes()
            for text in (b"Quetzalcoatl", b"Xylophonist", b"quetzal.xylo", b"Vexillologist"):
                assert text not in data, f"{text} is in {path.name}"


def test_a_changed_audit_is_found(make_world):
    world = make_world(employees=20)
    world.add()
    world.sync()
    world.daemon.stop()
    with sqlite3.connect(world.daemon.data_dir / "rollcall.db") as db:
        db.execute("UPDATE audit SET at_ms = at_ms + 1 WHERE number = 7")
    db.close()
    world.daemon.start()
    found = world.daemon.cli("audit", "verify", "t00001", check=False)
    assert found.returncode == 1 and "7" in found.stdout + found.stderr
    assert world.sync(check=False)[0] == 0  # a damaged audit keeps nobody from being synced


@pytest.mark.parametrize("profile", ["learnamp", "wethrive"])
def test_the_shipped_profile_is_a_tenant_file(make_world, profile):
    world = make_world(employees=20)
    text = (Path(__file__).parents[2] / "config/profiles" / f"{profile}.toml").read_text()
    file = world.folder / "tenants.toml"
    file.write_text(f'{text}\n[[tenant]]\nname = "t00001"\napi_key_file = "{world.key_file("t00001")}"\n'
                    f'base_url = "{world.base_url}"\n')
    world.daemon.cli("apply", file, "--yes")
    assert world.tenant()["settings"]["profile"] == profile
    world.sync()
    assert len(active(world)) > 10
