"""The demo, as README says it: it ends by itself with --once and agrees with the simulator's truth."""

import json
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def demo(build, *words):
    done = subprocess.run([sys.executable, TOOLS / "demo_fleet.py", "--build", build, "--once", "--json", *words],
                          capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_the_first_sweep_is_the_simulators_truth(build):
    figures = demo(build, "--tenants", "4", "--employees", "30")
    assert figures["verified"] == figures["of"] > 0
    assert figures["calls_throttled"] == 0


def test_a_fleet_at_work_keeps_the_limit_and_ends_with_the_truth(build):
    figures = demo(build, "--fleet", "--tenants", "40", "--employees", "30", "--seconds", "8")
    assert figures["verified"] == figures["of"] > 0
    assert figures["faults"] == []
    assert figures["buttons"] > 0 and figures["webhooks_received"]["accepted"] > 0
    assert figures["changes_announced"] > 0
    assert figures["calls_throttled"] == 0 and figures["busiest_minute"] <= figures["calls_per_minute_allowed"]
