"""The judge is judged: the rules in Python by hand-made cases, and that it sees what is wrong."""

import copy
from datetime import date

import pytest
from verify_directory import after_sweep, differences, folded, is_email

TODAY = date(2026, 11, 21)
SETTINGS = {"profile": "learnamp", "company": "", "known_as": False, "email_fallback": False,
            "team_from_department": True, "manager_from_reports_to": True, "out_of_scope": "keep",
            "missing_after": 3, "missing_policy": "report"}


def row(id, **values):
    return {"employee_id": id, "first_name": "Ada", "last_name": "King", "known_as": "Countess",
            "email": f"{id}@example.com", "status": "1", "job_role": "Fitter", "location": "Leeds",
            "department": "Works", "company": "Acme", "reports_to_id": "", "start_date": "2020-01-01",
            "leaving_date": "", "image": "", **values}


def sweep(rows, before=(), **settings):
    return after_sweep(list(before), rows, {**SETTINGS, **settings}, TODAY)


def by_id(found):
    return {u.values["id"]: u for u in found.users}


def test_complete_employees_are_created_trimmed_and_normalised():
    found = by_id(sweep([row("1", first_name=" Zoe\u0308\u00a0", department="Works ")]))
    assert (found["1"].values["first_name"], found["1"].values["department"]) == ("Zo\u00eb", "Works")


@pytest.mark.parametrize("values, reason", [
    ({"email": " "}, "blank_email"), ({"email": "no at sign"}, "invalid_email"),
    ({"last_name": ""}, "blank_last_name")])
def test_unfit_records_are_rejected_and_leave_their_user_alone(values, reason):
    first = sweep([row("1")])
    assert sweep([row("1", **values)]).rejected == {reason: 1}
    assert not differences(first.users, sweep([row("1", **values, job_role="New")], first.users).users)


def test_leavers_are_not_created_but_deactivated():
    gone = row("1", status="3", email="", leaving_date="2026-01-31")
    assert sweep([gone]).users == [] and sweep([gone]).left_before_first_seen == 1
    user = by_id(sweep([gone], sweep([row("1")]).users))["1"]
    assert (user.active, user.values["email"]) == (False, "1@example.com")


@pytest.mark.parametrize("leaving, active", [("2026-11-20", False), ("2026-11-21", True), ("2026-11-22", True)])
def test_leaver_stays_until_the_day_has_ended(leaving, active):
    user = by_id(sweep([row("1", status="2", leaving_date=leaving)], sweep([row("1")]).users))["1"]
    assert user.active is active


def test_shared_email_goes_to_neither_newcomer_and_stays_with_its_holder():
    both = [row("1", email="A@example.com"), row("2", email="a@EXAMPLE.com ")]
    assert sweep(both).rejected == {"shared_email": 2}
    assert set(by_id(sweep(both, sweep(both[:1]).users))) == {"1"}


def test_exchange_and_ring_of_emails_are_followed():
    before = sweep([row("1"), row("2"), row("3")]).users
    ring = [row("1", email="2@example.com"), row("2", email="3@example.com"), row("3", email="1@example.com")]
    found = by_id(sweep(ring, before))
    assert [found[i].values["email"] for i in "123"] == ["2@example.com", "3@example.com", "1@example.com"]


def test_chain_of_emails_breaks_where_its_last_holder_stays():
    before = sweep([row("1"), row("2"), row("3")]).users
    found = by_id(sweep([row("1", email="2@example.com"), row("2", email="3@example.com"), row("3")], before))
    assert [found[i].values["email"] for i in "123"] == ["1@example.com", "2@example.com", "3@example.com"]


@pytest.mark.parametrize("fallback, ids", [(True, {"NEW"}), (False, {"1"})])
def test_new_id_with_a_known_email_depends_on_the_fallback(fallback, ids):
    before = sweep([row("1")]).users
    assert set(by_id(sweep([row("NEW", email="1@example.com")], before, email_fallback=fallback))) == ids


def test_same_id_twice_is_applied_for_neither():
    found = sweep([row("1"), row("1", first_name="Other"), row("2")])
    assert set(by_id(found)) == {"2"} and found.rejected["duplicate_id"] == 2


def test_company_filter_is_folded_and_leaving_its_scope_stops_the_sync_of_a_user():
    before = sweep([row("1"), row("2", company="Other")], company="ACME ").users
    assert set(u.values["id"] for u in before) == {"1"}
    user = by_id(sweep([row("1", company="Other", job_role="New")], before, company="ACME"))["1"]
    assert (user.managed, user.active, user.values["job_title"]) == (False, True, "Fitter")


def test_missing_is_counted_and_not_left():
    users = sweep([row("1"), row("2")]).users
    for count in (1, 2, 3, 3):
        users = sweep([row("2")], users).users
        assert [(u.missing, u.active) for u in users if u.values["id"] == "1"] == [(count, True)]


def test_differences_sees_missing_extra_and_each_wrong_field():
    expected = sweep([row("1"), row("2")]).users
    assert differences(expected, copy.deepcopy(expected)) == []
    assert differences(expected, expected[:1]) == ["2: is missing from the directory"]
    assert differences(expected[:1], expected) == ["2: is in the directory and should not be"]
    for name in expected[0].values:
        if name != "id":
            wrong = copy.deepcopy(expected)
            wrong[0].values[name] = "changed"
            assert any(name in sentence for sentence in differences(expected, wrong)), name


def test_emails_are_judged_by_their_form():
    for good in ("a@b", "a.b+c@example.co.uk", "zo\u00eb@example.com"):
        assert is_email(good)
    for bad in ("", "a", "@b", "a@", "a@@b", "a b@c", "a@b..c", "a@-b", "A <a@b.c>", "a@b,c@d", "a" * 65 + "@b.c"):
        assert not is_email(bad)
    assert folded(" STRA\u00dfE@X ") == folded("strasse@x")
