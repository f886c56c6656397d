"""The main job: sweeps, syncs on demand, and the life of people and companies."""

import subprocess

import pytest
from verify_directory import verify_tenant


def make_certificates(build, folder, *names):
    command = [build / "tools/peoplehr-sim/peoplehr-sim", "--make-cert", folder]
    subprocess.run([*command, "--cert-names", ",".join(names)] if names else command, check=True, capture_output=True)
    return {"tls_cert": folder / "server.pem", "tls_key": folder / "server-key.pem"}, folder / "ca.pem"


def over_tls(sim):
    return "https://" + sim.bound["https"]


def test_first_sweep_over_https_gives_the_whole_truth(make_world, build, folder):
    server, authority = make_certificates(build, folder)
    world = make_world(tenants=6, employees=40, tls=True, base_url=over_tls, **server,
                       daemon={"peoplehr": {"ca_file": str(authority)}})
    world.add("t00001", profile="learnamp", known_as=True)
    world.add("t00002", profile="wethrive")
    company = world.somebody("t00003")["company"]
    world.add("t00003", company=company.strip().upper())
    world.add("t00004", email_fallback=True, time_zone="Australia/Melbourne")
    world.add("t00005", team_from_department=False, manager_from_reports_to=False)
    world.add("t00006", profile="wethrive", time_zone="America/New_York")
    for name in world.names():
        world.sweep_and_check(name)
        assert verify_tenant(world.daemon.control, world.sim.admin, name).wrong == []
    for name in world.names():
        code, run = world.sync(name)
        assert (code, run["result"]) == (0, "unchanged")  # G-9
    answer = world.daemon.control.users("t00003")
    assert answer and {u["company"].casefold() for u in answer} == {company.strip().casefold()}


def test_certificate_for_another_name_is_refused(make_world, build, folder):
    server, authority = make_certificates(build, folder, "DNS:wrong.example")
    world = make_world(tls=True, base_url=over_tls, **server, daemon={"peoplehr": {"ca_file": str(authority)}})
    assert world.add(check=False).returncode != 0
    world.add(verify=False)
    code, run = world.sync(check=False)
    assert code == 1 and run["result"] == "failed"
    assert "certificate" in run["detail"] or "TLS" in run["detail"], run["detail"]
    assert world.daemon.control.users("t00001") == []
    assert world.sim.admin.get("/counters")["calls"] == 0  # the key never left


def test_certificate_of_an_unknown_authority_is_refused(make_world, build, folder):
    server, _ = make_certificates(build, folder)
    world = make_world(tls=True, base_url=over_tls, **server)
    world.add(verify=False)
    code, run = world.sync(check=False)
    assert code == 1 and run["result"] == "failed"
    assert world.sim.admin.get("/counters")["calls"] == 0


def test_adding_a_tenant_with_a_wrong_key_stores_nothing(make_world):
    world = make_world()
    world.admin("revoke-key")
    done = world.add(check=False)
    assert done.returncode == 5  # LA-4, WT-1: refused, with PeopleHR's reason
    assert "API key" in done.stderr, done.stderr
    assert world.daemon.control.tenants() == []


@pytest.fixture(scope="module")
def life(make_shared_world):
    world = make_shared_world(tenants=12, employees=30, seed=3)
    return world


def test_sync_of_one_user_changes_only_that_user(life):
    tenant = "t00001"
    life.add(tenant)
    life.sweep_and_check(tenant)
    one, other = life.somebody(tenant), life.somebody(tenant, skip=1)
    for person in (one, other):
        life.admin("change", tenant, id=person["employee_id"], set={"job_role": "Astronaut"})
    life.sync(tenant, "--user", one["employee_id"])
    assert life.user(one["employee_id"], tenant)["job_title"] == "Astronaut"
    assert life.user(other["employee_id"], tenant)["job_title"] != "Astronaut"
    life.sweep_and_check(tenant)
    assert life.user(other["employee_id"], tenant)["job_title"] == "Astronaut"


def test_changed_id_is_followed_with_fallback_and_a_conflict_without(life):
    for tenant, fallback in (("t00002", True), ("t00003", False)):
        life.add(tenant, email_fallback=fallback)
        life.sweep_and_check(tenant)
        person = life.somebody(tenant)
        before = life.user(person["employee_id"], tenant)
        life.admin("change-id", tenant, id=person["employee_id"], new_id="NEW-1")
        life.sweep_and_check(tenant)
        issues = {(i["kind"], i["id"], i["other_id"]) for i in life.tenant(tenant)["issues"]}
        conflict = ("email_taken", "NEW-1", person["employee_id"])
        if fallback:  # LA-11
            assert life.user("NEW-1", tenant)["uid"] == before["uid"]
            assert conflict not in issues
        else:  # LA-10
            assert life.daemon.cli("user", "show", tenant, "--id", "NEW-1", check=False).returncode == 4
            assert conflict in issues


def test_two_people_exchange_their_emails_in_one_run(life):
    tenant = "t00004"
    life.add(tenant)
    life.sweep_and_check(tenant)
    a, b = life.somebody(tenant), life.somebody(tenant, skip=1)
    life.admin("swap-emails", tenant, id=a["employee_id"], other=b["employee_id"])
    run = life.sweep_and_check(tenant)
    assert (run["result"], run["counts"]["updated"]) == ("applied", 2)
    assert life.user(a["employee_id"], tenant)["email"] == b["email"].strip()
    found = life.daemon.json("user", "show", tenant, "--email", a["email"].upper())
    assert found["id"] == b["employee_id"]


@pytest.mark.parametrize("tenant, profile", [("t00005", "learnamp"), ("t00006", "wethrive")])
def test_who_leaves_is_deactivated_and_who_returns_is_reactivated(life, tenant, profile):
    life.add(tenant, profile=profile)
    life.sweep_and_check(tenant)
    person, later = life.somebody(tenant), life.somebody(tenant, skip=1)
    before = life.user(person["employee_id"], tenant)
    life.admin("leave", tenant, id=person["employee_id"], date="2020-01-31", immediately=True, clear_email=True)
    life.admin("leave", tenant, id=later["employee_id"], date="2199-01-31")
    run = life.sweep_and_check(tenant)
    assert run["counts"]["deactivated"] == 1
    gone = life.user(person["employee_id"], tenant)
    assert (gone["state"], gone["email"]) == ("inactive", before["email"])
    assert life.user(later["employee_id"], tenant)["state"] == "active"

    life.admin("rehire", tenant, id=person["employee_id"], date="2026-01-01")
    life.admin("change", tenant, id=person["employee_id"], set={"email": person["email"]})
    run = life.sweep_and_check(tenant)
    assert run["counts"]["reactivated"] == 1
    back = life.user(person["employee_id"], tenant)
    assert (back["state"], back["uid"]) == ("active", before["uid"])  # LA-17, WT-9


def test_renamed_department_reaches_everybody_in_it(life):
    tenant = "t00007"
    life.add(tenant)
    life.sweep_and_check(tenant)
    old = life.somebody(tenant)["department"]
    life.admin("rename-value", tenant, list="department", **{"from": old, "to": "Department of Works"})
    life.sweep_and_check(tenant)
    names = {u["department"] for u in life.daemon.control.users(tenant)}
    assert "Department of Works" in names


def test_deleted_people_are_missing_and_not_left(life):
    tenant = "t00008"
    life.add(tenant, missing_after=2)
    life.sweep_and_check(tenant)
    person = life.somebody(tenant)
    life.admin("delete", tenant, id=person["employee_id"])
    for sweeps in (1, 2, 3):
        life.sweep_and_check(tenant)
        user = life.user(person["employee_id"], tenant)
        assert (user["state"], user["missing"]) == ("active", min(sweeps, 2))  # G-3
    assert ("missing_person", person["employee_id"]) in {(i["kind"], i["id"]) for i in life.tenant(tenant)["issues"]}


def test_changed_settings_reach_unchanged_people(life):
    tenant = "t00009"
    life.add(tenant, known_as=False)
    life.sweep_and_check(tenant)
    life.daemon.cli("tenant", "set", tenant, "known_as=true", "--yes")
    life.sweep_and_check(tenant)


@pytest.mark.parametrize("tenant, settings", [
    ("t00010", {"profile": "learnamp", "email_fallback": True}),
    ("t00011", {"profile": "learnamp", "email_fallback": False, "known_as": True}),
    ("t00012", {"profile": "wethrive"})])
def test_directory_follows_the_rules_through_months_of_random_life(life, tenant, settings):
    life.add(tenant, **settings)
    life.sweep_and_check(tenant)
    for month in range(12):
        life.admin("churn", tenant, count=12, seed=100 + month)
        life.sweep_and_check(tenant)


def test_run_tells_what_it_did_by_person_and_field(life):
    tenant = "t00001"
    person = life.somebody(tenant, skip=3)
    life.admin("change", tenant, id=person["employee_id"], set={"location": "Atlantis"})
    run = life.sweep_and_check(tenant)
    shown = life.daemon.json("run", "show", tenant, str(run["id"]))
    mine = [c for c in shown["changes"] if c["id"] == person["employee_id"]]
    assert [(c["field"], c["new"]) for c in mine] == [("location", "Atlantis")]
    listed = life.daemon.json("run", "list", tenant)
    assert run["id"] in [r["id"] for r in listed["runs"]]
