"""Calls that cannot leave from one of the egress addresses (203.0.113.7 is nobody's, RFC 5737)."""

import time

DEAD = "203.0.113.7"


def all_read(world, seconds=30):
    until = time.monotonic() + seconds
    while not all(world.tenant(name)["progress"]["last_success"] for name in world.names()):
        assert time.monotonic() < until, [world.tenant(name)["progress"] for name in world.names()]
        time.sleep(0.05)


def test_a_dead_address_is_named_and_the_others_read_everybody(make_world):
    world = make_world(tenants=8, daemon={"sync": {"egress_addresses": ["127.0.0.1", "127.0.0.2", DEAD]}})
    world.add_all()
    all_read(world)
    assert all(world.tenant(name)["progress"]["failures"] == 0 for name in world.names())
    calls = world.daemon.control.get("/v1/status")["calls"]
    by_address = {a["address"]: a for a in calls["addresses"]}
    assert by_address[DEAD]["paused"] and DEAD in by_address[DEAD]["fault"]
    assert not by_address["127.0.0.2"]["paused"] and by_address["127.0.0.2"]["fault"] is None
    assert all(host["state"] == "up" for host in calls["hosts"])
    shown = world.daemon.cli("status").stdout
    assert f"no call leaves from the egress address {DEAD}" in shown
    assert "egress.unusable" in world.daemon.log.read_text()


def test_an_address_of_the_wrong_family_is_passed_over(make_world):
    world = make_world(daemon={"sync": {"egress_addresses": ["::1", "127.0.0.1"]}})
    world.add()
    assert world.sync()[0] == 0
    addresses = world.daemon.control.get("/v1/status")["calls"]["addresses"]
    assert "IPv6" in addresses[0]["fault"]


def test_where_every_address_is_dead_the_error_says_so(make_world):
    world = make_world(daemon={"sync": {"egress_addresses": [DEAD, "203.0.113.8"]}})
    done = world.add(check=False)
    assert done.returncode != 0
    assert "none of the egress addresses can be used" in done.stderr and "sync.egress_addresses" in done.stderr
