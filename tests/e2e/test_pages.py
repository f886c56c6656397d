"""Reading in pages with real processes: each page is a call, and nothing is acted on before all of them go together."""

import pytest

PAGED = "GetAllEmployeeDetailPaginated"
ROWS = 20


@pytest.fixture
def world(make_world):
    world = make_world(employees=60, daemon={"sync": {"confirm_after_minutes": 60}})
    world.add(paged_reading=True, page_rows=ROWS)
    world.sweep_and_check()
    return world


def calls(world):
    return world.sim.admin.get("/counters")["calls"]


def reading(world):
    shown = world.daemon.cli("tenant", "show", "t00001").stdout
    return next(line for line in shown.splitlines() if line.startswith("reads everybody"))


def test_pages_are_one_snapshot_and_a_call_each(world):
    assert reading(world).endswith(f"in pages of {ROWS} employees")
    world.admin("churn", count=5, seed=1)
    before = calls(world)
    world.sweep_and_check()
    people = len(world.truth())
    assert people > 2 * ROWS
    assert calls(world) - before == -(-people // ROWS)


@pytest.mark.parametrize("fault, word", [
    ({"kind": "total_moves", "page": 2}, "page 2 counts"),
    ({"kind": "duplicate_id", "page": 2}, "page 2 has 21 employees"),
    ({"kind": "repeated_page", "page": 3}, "twice"),
    ({"kind": "pages_move"}, "them twice"),
])
def test_pages_that_do_not_go_together_change_nothing(world, fault, word):
    world.admin("churn", count=5, seed=2)
    world.admin("break", **fault)
    code, run = world.sync(check=False)
    assert code != 0 and run["code"] == "held" and word in run["detail"], run
    world.check()
    assert "in a row" in reading(world)
    world.admin("clear")
    world.sweep_and_check()
    assert reading(world).endswith("employees")


def test_a_page_that_is_cut_short_is_made_up_for_by_the_next(world):
    world.admin("churn", count=5, seed=5)
    world.admin("break", kind="short_page", page=1, amount=3)
    world.sweep_and_check()


def test_after_three_doubts_everybody_is_read_at_once(world):
    somebody = world.somebody()
    world.admin("change", id=somebody["employee_id"], set={"job_role": "Read at once"})
    world.admin("break", kind="total_moves", page=2)
    for _ in range(2):
        assert world.sync(check=False)[1]["code"] == "held"
    world.sweep_and_check()
    assert "; at once on " in reading(world) and "page 2 counts" in reading(world)
    assert world.user(somebody["employee_id"])["job_title"] == "Read at once"


def test_refused_pages_are_remembered_over_a_restart(world):
    world.admin("churn", count=5, seed=3)
    world.admin("break", kind="access_denied", action=PAGED)
    before = calls(world)
    world.sweep_and_check()
    assert calls(world) - before == 2
    assert "PeopleHR refused pages to this key" in reading(world)
    world.daemon.stop()
    world.daemon.start()
    before = calls(world)
    world.sweep_and_check()
    assert calls(world) - before == 1
    world.admin("clear")
    world.daemon.cli("tenant", "set", "t00001", "page_rows=10")
    assert reading(world).endswith("in pages of 10 employees")
    world.sweep_and_check()


def test_a_page_that_is_throttled_fails_nobody(world):
    """Nothing of a part is applied while the read waits for its minute."""
    world.admin("churn", count=5, seed=4)
    world.admin("break", kind="throttle_silent", page=1, calls=1)
    code, run = world.sync(check=False)
    assert code != 0 and run["code"] == "throttled", run
    world.check()
