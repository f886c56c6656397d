"""Real processes on loopback: each test gets a folder, a simulated PeopleHR and a daemon of its own.

Everything that a fixture starts it ends, whatever the test did. Ports are the system's choice. The build
under test is build/release, or $ROLLCALL_BUILD.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ROLLCALL_BUILD", ROOT / "build/release")).resolve()
sys.path[:0] = [str(ROOT / "tools"), str(Path(__file__).parent)]

from world import World  # noqa: E402


@pytest.fixture(scope="session")
def build():
    for program in ("src/rollcalld", "src/rollcall", "tools/peoplehr-sim/peoplehr-sim"):
        assert (BUILD / program).exists(), f"{BUILD / program} is not built"
    return BUILD


def short_folder():
    # Not pytest's tmp_path: the path of a UNIX socket has at most 107 bytes.
    return Path(tempfile.mkdtemp(prefix="rc-e2e-"))


@pytest.fixture
def folder():
    path = short_folder()
    yield path
    shutil.rmtree(path, ignore_errors=True)


def _worlds(build):
    made, folders = [], []

    def make(**options):
        folders.append(short_folder())
        made.append(World(build, folders[-1], **options))
        return made[-1]

    yield make
    for world in reversed(made):
        world.close()
    for path in folders:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def make_world(build):
    """make_world(tenants=…, …) -> World; closed at the end of the test."""
    yield from _worlds(build)


@pytest.fixture(scope="module")
def make_shared_world(build):
    """As make_world, for worlds that the tests of a file share."""
    yield from _worlds(build)
