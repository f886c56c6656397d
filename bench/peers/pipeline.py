#!/usr/bin/python3
"""The peer of an unchanged resync: what a careful engineer writes in Python in an afternoon.

Fetches every tenant over one keep-alive connection, parses with the standard library, maps the fields
that Rollcall maps, and compares each employee with the one of the round before. No store, no gate, no
retries, no logging: it does less than any real pipeline, which flatters it.

Reads {"base_url", "tenants": [api key, ...]} as the first line of stdin, and does a round for it and for
each line after it. Prints a JSON line for each round: employees, and the processor seconds that they took.
"""
import http.client
import itertools
import json
import resource
import sys
import unicodedata
import urllib.parse

WRAPPED = (("email", "EmailId"), ("last_name", "LastName"), ("job_title", "JobRole"), ("location", "Location"),
           ("department", "Department"), ("company", "Company"), ("manager_id", "ReportsToEmployeeId"),
           ("first_name", "FirstName"), ("start_date", "StartDate"))


def text(value):
    """Trimmed and normalised; None and missing are blank."""
    if not value:
        return ""
    value = value.strip()
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def shown(row, key):
    wrapper = row.get(key)
    return text(wrapper.get("DisplayValue")) if wrapper else ""


def mapped(row):
    person = {name: shown(row, key) for name, key in WRAPPED}
    person["folded_email"] = person["email"].casefold()
    person["leaving_date"] = text(row.get("LeavingDate"))
    person["avatar"] = text(row.get("EmployeeImage"))
    person["left"] = shown(row, "EmployeeStatus") in ("3", "4")
    return person


def fetch(connection, key):
    connection.request("POST", "/Employee",
                       json.dumps({"APIKey": key, "Action": "GetAllEmployeeDetail", "IncludeLeavers": "true"}),
                       {"Content-Type": "application/json", "User-Agent": "pipeline/1"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"HTTP {response.status}")
    answer = json.loads(body)
    if answer["isError"] or answer["Status"] != 0:
        raise RuntimeError(answer["Message"])
    return answer["Result"]


def sweep(connection, keys, known):
    rows = changed = 0
    for key in keys:
        people = known.setdefault(key, {})
        for row in fetch(connection, key):
            rows += 1
            employee_id = shown(row, "EmployeeId")
            person = mapped(row)
            if people.get(employee_id) != person:
                people[employee_id] = person
                changed += 1
    return rows, changed


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    work = json.loads(sys.stdin.readline())
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(work["base_url"]).netloc)
    known = {}
    for line in itertools.chain([""], sys.stdin):
        began = cpu_seconds()
        rows, changed = sweep(connection, work["tenants"], known)
        if line and changed:
            raise RuntimeError(f"{changed} employees changed in a round where none did")
        print(json.dumps({"employees": rows, "cpu_seconds": cpu_seconds() - began}), flush=True)


main()
