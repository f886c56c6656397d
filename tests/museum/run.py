#!/usr/bin/env python3
"""Plants each fault of this museum into the program, and requires that the test it names fails.

    tests/museum/run.py [--build build/release] [NAME...]

A fault is a *.patch: a sentence that says what goes wrong, `Caught by: FILTER` (of the tests of
`scenarios`), and a unified diff against one source of src/. The source is compiled with the fault beside
the build, which is not touched, and linked in front of the libraries. A fault that no longer applies or
compiles is an error too: a museum of what cannot happen any more proves nothing.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = "tests/scenarios"
HANGS_AFTER = 60  # seconds; the tests of one fault take milliseconds


class Fault(Exception):
    """What a person has to mend."""


class Exhibit:
    def __init__(self, path):
        text = path.read_text()
        self.path = path
        self.name = path.stem
        self.about = text.splitlines()[0]
        caught_by = re.search(r"^Caught by: (\S+)$", text, re.M)
        source = re.findall(r"^\+\+\+ b/(\S+)$", text, re.M)
        if not caught_by or len(source) != 1:
            raise Fault(f"{path.name}: needs 'Caught by: FILTER' and a diff of one source")
        self.filter = "*." + caught_by[1]
        self.source = source[0]


class Workshop:
    """Compiles and links as the build does, elsewhere."""

    def __init__(self, build):
        self.build = build
        commands = json.loads((build / "compile_commands.json").read_text())
        self.compile = {each["file"]: each for each in commands}
        listed = subprocess.run(["ninja", "-C", build, "-t", "commands", PROGRAM], check=True,
                                capture_output=True, text=True).stdout
        self.link = listed.splitlines()[-1].removeprefix(": && ").removesuffix(" && :")

    def compile_with(self, exhibit, folder):
        entry = self.compile.get(str(ROOT / exhibit.source))
        if entry is None:
            raise Fault(f"{exhibit.source} is no source of the build")
        changed = folder / exhibit.source
        changed.parent.mkdir(parents=True)
        shutil.copy(ROOT / exhibit.source, changed)
        patched = subprocess.run(["patch", "-p1", "-s", "-N", "-d", folder, "-i", exhibit.path],
                                 capture_output=True, text=True)
        if patched.returncode != 0:
            raise Fault("does not apply any more: " + patched.stdout.strip())
        words = shlex.split(entry["command"])
        made = folder / "changed.o"
        for flag in ("-MD",):
            words = [w for w in words if w != flag]
        for flag in ("-MT", "-MF", "-o", "-c"):
            while flag in words:
                del words[words.index(flag):words.index(flag) + 2]
        words += ["-O1", "-g0", "-w", "-I", str((ROOT / exhibit.source).parent),
                  "-o", str(made), "-c", str(changed)]
        done = subprocess.run(words, cwd=entry["directory"], capture_output=True, text=True)
        if done.returncode != 0:
            raise Fault("does not compile any more:\n" + done.stderr[-2000:])
        return made

    def link_with(self, made, folder):
        words = shlex.split(self.link)
        program = folder / "scenarios"
        words[words.index("-o") + 1] = str(program)
        # Before the libraries: what it defines is not looked for in them.
        words.insert(words.index("-o"), str(made))
        done = subprocess.run(words, cwd=self.build, capture_output=True, text=True)
        if done.returncode != 0:
            raise Fault("does not link: " + done.stderr[-2000:])
        return program


def failing(program, wanted):
    """Names of the tests that fail, or None where there is no such test."""
    try:
        done = subprocess.run([program, "--gtest_filter=" + wanted, "--gtest_brief=1"],
                              cwd=ROOT / "tests", capture_output=True, text=True,
                              timeout=HANGS_AFTER)
    except subprocess.TimeoutExpired:
        return ["(hangs)"]
    if done.returncode < 0:
        return [f"(dies of signal {-done.returncode})"]
    if "0 tests from 0 test suites ran" in done.stdout:
        return None
    return sorted(set(re.findall(r"^\[  FAILED  \] (\S+)", done.stdout, re.M)))


def visit(workshop, exhibit):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        program = workshop.link_with(workshop.compile_with(exhibit, folder), folder)
        return failing(program, exhibit.filter)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*", help="only these faults")
    args = parser.parse_args()
    exhibits = [Exhibit(path) for path in sorted(HERE.glob("*.patch"))]
    if args.names:
        exhibits = [each for each in exhibits if each.name in args.names]
    if not exhibits:
        raise Fault("there is no such fault")
    build = args.build.resolve()
    workshop = Workshop(build)

    passed = failed = 0
    for each in exhibits:
        sound = failing(build / PROGRAM, each.filter)
        if sound is None or sound:
            raise Fault(f"{each.name}: {each.filter} " +
                        ("is no test" if sound is None else "fails without the fault"))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        visits = [(each, pool.submit(visit, workshop, each)) for each in exhibits]
        for exhibit, running in visits:
            try:
                caught = running.result()
            except Fault as why:
                caught, about = [], str(why)
            else:
                about = exhibit.about
            passed += bool(caught)
            failed += not caught
            print(f"{'caught' if caught else 'MISSED':7} {exhibit.name:32} {about}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Fault as fault:
        sys.exit(f"museum: {fault}")
