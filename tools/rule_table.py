#!/usr/bin/env python3
"""The table rule -> settings -> tests of src/sync/README.md.

    tools/rule_table.py            print it
    tools/rule_table.py --write    put it into the page, between its markers
    tools/rule_table.py --check    exit 1 if the page has another one, or if a rule has no test

Rules are read from src/sync/rules.cpp. A test says which rules it proves:

    tests/scenarios/*.toml        rules = ["LA-13", "G-5"] of each [[scenario]]
    tests/**/*_test.cpp           TEST(La13, X), TEST(Planner, LA13X), TEST(Planner, LA14G4X);
                                  or its first comment names them: then the whole file is meant
    tests/e2e/test_*.py           a docstring or comment of a test, or of the module, names them
"""
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "src/sync/README.md"
BEGIN = "<!-- rule table: tools/rule_table.py --write -->"
END = "<!-- end of the rule table -->"
CHAPTERS = {"G": 14, "LA": 50, "WT": 13, "T": 3, "B": 6}
SHOWN = 4  # tests of one rule; more would say nothing more

# Rules that no test of this tree has to prove, and why.
ELSEWHERE = {
    "LA-2": "not this layer: `src/peoplehr` knows these two calls and no other",
    "WT-12": "left out on purpose: optional, and not on the product's page",
}

RULE_ID = re.compile(r"\b(G|LA|WT|T|B)-(\d+)\b")
RANGE = re.compile(r"\b(G|LA|WT|T|B)-(\d+) to (G|LA|WT|T|B)-(\d+)\b")
STRINGS = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Fault(Exception):
    """What a person has to mend before there can be a table."""


def known(chapter, number):
    return 1 <= number <= CHAPTERS[chapter]


def read_rules():
    """[(id, text, settings)] of rules.cpp, in its order, which has to be that of CHAPTERS."""
    source = (ROOT / "src/sync/rules.cpp").read_text()
    literal = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
    entry = re.compile(r"\{\s*" + literal + r",\s*" + literal + r",\s*" + literal + r"\}")
    join = lambda part: "".join(STRINGS.findall(part))  # adjacent literals are one
    rules = [tuple(map(join, match.groups())) for match in entry.finditer(source)]
    wanted = [f"{c}-{n}" for c, count in CHAPTERS.items() for n in range(1, count + 1)]
    if [rule[0] for rule in rules] != wanted:
        raise Fault("src/sync/rules.cpp: the rules are not complete and in order")
    return rules


def rules_in_text(text):
    """Ids that prose names; "LA-21 to LA-27" names all between."""
    found = {f"{c}-{n}" for c, n in RULE_ID.findall(text) if known(c, int(n))}
    for chapter, first, other, last in RANGE.findall(text):
        if chapter == other:
            found |= {f"{chapter}-{n}" for n in range(int(first), int(last) + 1)
                      if known(chapter, n)}
    return found


def rules_in_name(name):
    """Ids at the beginning of a test's name: La13, LA14G4NeitherOfTwo, T2ThePhaseIsFixed."""
    found = set()
    while match := re.match(r"(LA|La|WT|Wt|G|T|B)(\d+)", name):
        chapter, number = match[1].upper(), int(match[2])
        if not known(chapter, number):
            break
        found.add(f"{chapter}-{number}")
        name = name[match.end():]
    return found


def from_scenarios():
    for path in sorted((ROOT / "tests/scenarios").glob("*.toml")):
        for scenario in tomllib.loads(path.read_text()).get("scenario", []):
            for rule in scenario.get("rules", []):
                match = RULE_ID.fullmatch(rule)
                if not match or not known(match[1], int(match[2])):
                    raise Fault(f"{path.relative_to(ROOT)}: '{scenario['name']}' names {rule}, "
                                "which is no rule")
                yield rule, f"{path.stem}: {scenario['name']}"


def from_gtests():
    test = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
    for path in sorted((ROOT / "tests").rglob("*_test.cpp")):
        source = path.read_text()
        for suite, name in test.findall(source):
            for rule in rules_in_name(suite) | rules_in_name(name):
                yield rule, f"`{suite}.{name}`"
        head = re.match(r"(?://[^\n]*\n)+", source)
        for rule in rules_in_text(head[0].replace("\n//", "")) if head else ():
            yield rule, f"`{path.relative_to(ROOT)}`"


def from_end_to_end():
    for path in sorted((ROOT / "tests/e2e").glob("test_*.py")):
        module, *functions = re.split(r"^(?=def )", path.read_text(), flags=re.MULTILINE)
        docstring = re.match(r'"""(.*?)"""', module, re.DOTALL)
        for rule in rules_in_text(docstring[1]) if docstring else ():
            yield rule, f"`{path.relative_to(ROOT)}`"
        for function in functions:
            name = re.match(r"def (\w+)", function)[1]
            if name.startswith("test_"):
                for rule in rules_in_text(function):
                    yield rule, f"`{path.name}::{name}`"


def tests_by_rule():
    tests = {}
    # Scenarios first: they are written to be read.
    for source in (from_scenarios, from_gtests, from_end_to_end):
        for rule, test in sorted(source()):
            tests.setdefault(rule, [])
            if test not in tests[rule]:
                tests[rule].append(test)
    return tests


def table(rules, tests):
    lines = ["| rule | what it says | settings | tests |", "|---|---|---|---|"]
    for rule, text, settings in rules:
        names = ", ".join(f"`{name}`" for name in settings.split(", ") if name)
        proofs = tests.get(rule, [])
        cell = "; ".join(proofs[:SHOWN]) + (" and more" if len(proofs) > SHOWN else "")
        if rule in ELSEWHERE:
            cell = ELSEWHERE[rule] + (f": {cell}" if cell else "")
        lines.append(f"| {rule} | {text} | {names} | {cell} |")
    return "\n".join(lines)


def split_page():
    """The page before the table, the table, and the page after it."""
    page = PAGE.read_text()
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise Fault(f"{PAGE.relative_to(ROOT)}: the markers of the table are not there")
    head, rest = page.split(BEGIN)
    present, tail = rest.split(END)
    return head, present.strip(), tail


def main(arguments):
    if arguments not in ([], ["--write"], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    rules, tests = read_rules(), tests_by_rule()
    made = table(rules, tests)
    if not arguments:
        print(made)
        return 0
    head, present, tail = split_page()
    if arguments == ["--write"]:
        PAGE.write_text(f"{head}{BEGIN}\n\n{made}\n\n{END}{tail}")
        return 0
    untested = [rule for rule, _, _ in rules if rule not in tests and rule not in ELSEWHERE]
    for rule in untested:
        print(f"{rule}: no test names it")
    if made != present:
        print(f"{PAGE.relative_to(ROOT)}: the table is not the present one; "
              "tools/rule_table.py --write")
    return 1 if untested or made != present else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Fault, OSError, tomllib.TOMLDecodeError) as fault:
        print(f"rule_table: {fault}", file=sys.stderr)
        sys.exit(1)
