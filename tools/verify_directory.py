"""Compares a directory with the truth of the simulator, person by person and field by field.

Written from the rules (LA-8 to LA-19, WT-2 to WT-8, G-3, G-4, G-12, G-13 and the field table) and not
from the daemon's code, in another language, so that a mistake has to be made twice to go unseen.

    after_sweep(before, truth, settings, today)   the users that one complete sweep leaves behind
    differences(expected, observed)               what a reader has to be told, empty if nothing
    verify_tenant(control, admin, tenant)         the same for a tenant of a running daemon, read fresh

`before` is {} for a first sweep. Only the standard library is used.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

# Unicode's White_Space property; str.strip() would also take U+001C to U+001F, which do not have it.
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
NOT_IN_EMAILS = re.compile(r"[\s\x00-\x1f\x7f-\x9f()<>\[\]:;,\\\"]")
# What the directory keeps of a person, in the words of the control socket.
TEXTS = ("email", "first_name", "last_name", "job_title", "location", "department", "company", "manager_id", "avatar")
DATES = ("start_date", "leaving_date")
REQUIRED = ("email", "first_name", "last_name")


def normal(text):
    """G-12: trimmed, NFC; None and white space are the same nothing."""
    return unicodedata.normalize("NFC", (text or "").strip(WHITE_SPACE))


def folded(text):
    """G-13: how e-mails and companies are compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", normal(text)).casefold())


def is_email(text):
    """LA-18, WT-3: one @, RFC 5321 lengths in bytes, nothing that betrays a list or a display name."""
    local, at, domain = text.partition("@")
    if not at or "@" in domain or NOT_IN_EMAILS.search(text) or len(text.encode()) > 254:
        return False
    labels = [label.encode() for label in domain.split(".")]
    good = all(0 < len(x) <= 63 and not x.startswith(b"-") and not x.endswith(b"-") for x in labels)
    return good and 0 < len(local.encode()) <= 64


def day(text):
    """An ISO date, or None for unset, for what stands for unset, and for what is no date."""
    match = re.fullmatch(r"(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ].*)?", normal(text))
    if not match:
        return None
    try:
        found = date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None
    return None if found in (date(1, 1, 1), date(1900, 1, 1)) else found


@dataclass
class Person:
    """A row of the source after the field table."""

    values: dict
    left: bool
    in_scope: bool
    unfit: tuple  # the required fields that are blank or not valid (LA-18)

    @property
    def id(self):
        return self.values["id"]

    @property
    def email(self):
        return "" if "email" in self.unfit else folded(self.values["email"])


@dataclass
class User:
    """A record of the directory."""

    values: dict
    active: bool = True
    managed: bool = True
    missing: int = 0
    uid: int | None = None  # of observed users only


@dataclass
class Sweep:
    """What after_sweep found besides the users."""

    users: list
    rejected: Counter = field(default_factory=Counter)  # reason -> rows that were kept out
    left_before_first_seen: int = 0
    created: int = 0


def read_person(row, settings, today):
    learnamp = settings["profile"] == "learnamp"
    values = {
        "id": normal(row.get("employee_id")),
        "email": normal(row.get("email")),
        "first_name": normal(row.get("first_name")),
        "last_name": normal(row.get("last_name")),
        "job_title": normal(row.get("job_role")),
        "location": normal(row.get("location")),
        "department": normal(row.get("department")),
        "company": normal(row.get("company")),
        "manager_id": normal(row.get("reports_to_id")),
        "avatar": "",
        "start_date": day(row.get("start_date")),
        "leaving_date": day(row.get("leaving_date")),
    }
    if learnamp:
        if settings["known_as"] and normal(row.get("known_as")):
            values["first_name"] = normal(row["known_as"])
        if not settings["team_from_department"]:
            values["department"] = ""
        if not settings["manager_from_reports_to"]:
            values["manager_id"] = ""
        picture = (row.get("image") or "").strip(WHITE_SPACE)
        if picture:
            values["avatar"] = hashlib.blake2b(picture.encode(), digest_size=16).hexdigest()
    unfit = tuple(f for f in REQUIRED if not values[f] or (f == "email" and not is_email(values[f])))
    wanted = folded(settings["company"])
    return Person(values, has_left(row, values, today), not wanted or folded(values["company"]) == wanted, unfit)


def has_left(row, values, today):
    """LA-43, WT-8: gone by status, or by a leaving date whose day has ended; a date before the start
    date ended an earlier employment."""
    if normal(row.get("status")) in ("3", "4"):
        return True
    leaving, start = values["leaving_date"], values["start_date"]
    return leaving is not None and leaving < today and (start is None or start <= leaving)


class Matching:
    """Who is who in one snapshot (LA-9 to LA-14, LA-17, WT-3, WT-4 with link_key = id)."""

    def __init__(self, before, people, settings):
        self.people = people
        self.fallback = settings["email_fallback"]
        self.user_of = {}  # id of the row -> the user it updates
        self.by_id = {u.values["id"]: u for u in before if u.values["id"]}
        self.by_email = {folded(u.values["email"]): u for u in before if u.values["email"]}
        self.row_of = {}  # id() of a user -> the row of its id
        self.news = {}  # id of the row -> the row: to be created, if its e-mail is to be had
        self.reasons = {}  # id of the row -> why it is neither
        self.keeps_email = set()  # ids of rows whose user keeps the address it has
        self.place_rows()
        self.give_addresses()

    def place_rows(self):
        for person in self.people:
            known = self.by_id.get(person.id)
            unfit = bool(person.unfit) and not person.left
            if known is not None:
                self.row_of[id(known)] = person
                if not unfit or not person.in_scope:
                    self.user_of[person.id] = known
                else:
                    self.reasons[person.id] = reason_of(person)
            elif person.in_scope and not person.left:
                if unfit:
                    self.reasons[person.id] = reason_of(person)
                else:
                    self.news[person.id] = person

    def applied(self):
        return [p for p in self.people if p.id in self.user_of or p.id in self.news]

    def give_addresses(self):
        asking, wanted = [], defaultdict(list)
        for person in self.applied():
            if not person.email:
                continue
            if not person.left:
                wanted[person.email].append(person)
            user = self.user_of.get(person.id)
            if user is None or folded(user.values["email"]) != person.email:
                asking.append(person)
        # LA-12, WT-3: an address that two people have or want goes to neither who asks for it, and
        # nobody who has left takes one from somebody who is here.
        given = {p.id for p in asking if len(wanted[p.email]) == (0 if p.left else 1)}
        while True:
            denied = {p.id for p in asking if p.id in given and not self.free_for(p, given)}
            if not denied:
                break
            given -= denied
        for person in asking:
            if person.id not in given:
                self.refuse(person, wanted)

    def free_for(self, person, given):
        """LA-13: nobody has the address, or who has it gets another one in this snapshot."""
        holder = self.by_email.get(person.email)
        if holder is None:
            return True
        row = self.row_of.get(id(holder))
        return row is not None and row.id in given and self.user_of.get(row.id) is holder

    def refuse(self, person, wanted):
        if person.id in self.user_of:
            self.keeps_email.add(person.id)
            return
        del self.news[person.id]
        holder = self.by_email.get(person.email)
        rivals = len(wanted[person.email]) > 1
        row = self.row_of.get(id(holder)) if holder is not None else None
        holder_is_here = row is not None and not row.left
        if rivals or holder is None:
            self.reasons[person.id] = "shared_email"
        elif self.fallback and not holder_is_here:
            # LA-11, LA-17: the same person under a new id; the row of the old id is history.
            if row is not None:
                self.user_of.pop(row.id, None)
            self.user_of[person.id] = holder
        else:
            self.reasons[person.id] = "shared_email" if holder_is_here else "email_taken"


def reason_of(person):
    first = person.unfit[0]
    return f"blank_{first}" if not person.values[first] else f"invalid_{first}"


def after_sweep(before, rows, settings, today):
    """The users after one complete sweep of `rows` (the people of a truth) over the users `before`."""
    seen = [read_person(row, settings, today) for row in rows]
    twice = {i for i, n in Counter(p.id for p in seen).items() if n > 1}
    people = [p for p in seen if p.id not in twice]  # G-4, LA-14
    found = Matching(before, people, settings)
    out = Sweep([])
    present = {p.id for p in seen}
    row_of_user = {id(user): i for i, user in found.user_of.items()}
    by_id = {p.id: p for p in people}
    for user in before:
        if id(user) in row_of_user:
            person = by_id[row_of_user[id(user)]]
            out.users.append(updated(user, person, person.id in found.keeps_email, settings))
        else:
            out.users.append(not_updated(user, present, settings))
    for person in found.news.values():
        out.users.append(User(dict(person.values)))
        out.created += 1
    out.rejected.update(found.reasons.values())
    out.rejected["duplicate_id"] += sum(1 for p in seen if p.id in twice)
    out.rejected = +out.rejected
    known = {u.values["id"] for u in before}
    out.left_before_first_seen = sum(1 for p in people if p.left and p.id not in known)
    return out


def updated(user, person, keep_email, settings):
    if not person.in_scope:  # LA-7: no longer managed, and left as they are
        inactive = person.left or settings["out_of_scope"] == "deactivate"
        return replace(user, managed=False, missing=0, active=user.active and not inactive)
    values = dict(user.values)
    for name, value in person.values.items():
        if name == "email" and (keep_email or person.unfit and "email" in person.unfit):
            continue
        if name in REQUIRED and not value:  # LA-18
            continue
        if settings["profile"] == "learnamp" and name == "department" and not settings["team_from_department"]:
            continue
        if settings["profile"] == "learnamp" and name == "department" and not value and not settings.get(
                "clear_blank_department", False):  # LA-34
            continue
        values[name] = value
    return User(values, active=not person.left)


def not_updated(user, present, settings):
    if user.values["id"] in present:
        return replace(user, missing=0)
    if not user.managed or not user.active or not user.values["id"]:
        return user
    missing = min(user.missing + 1, settings["missing_after"])  # G-3
    gone = missing >= settings["missing_after"] and settings["missing_policy"] == "deactivate"
    return replace(user, missing=missing, active=not gone)


# ---- the directory as the control socket shows it -------------------------------------------------------


def read_user(shown):
    values = {name: shown[name] or "" for name in ("id", *TEXTS)}
    values |= {name: date.fromisoformat(shown[name]) if shown[name] else None for name in DATES}
    return User(values, shown["state"] == "active", shown["managed"], shown["missing"], shown["uid"])


def why_no_manager(user, users, overrides):
    """Why whom Reports To names is not the manager, in one word; None if there is no reason (LA-39 to LA-41,
    WT-11). `overrides` are the managers that the directory has, by id."""
    wanted = user.values["manager_id"]
    if not wanted:
        return "blank"
    if wanted == user.values["id"]:
        return "self"
    if wanted not in users:
        return "unknown"
    if not users[wanted].active:
        return "inactive"
    at, seen = wanted, set()
    while at and at not in seen:  # setting it would close a circle
        if at == user.values["id"]:
            return "circle"
        seen.add(at)
        at = overrides.get(at)
    return None


def manager_faults(users, overrides):
    """Sentences about managers who are not whom the rules make them."""
    out = []
    for i, user in sorted(users.items()):
        wanted, has = user.values["manager_id"] or None, overrides.get(i)
        reason = why_no_manager(user, users, overrides)
        if has is None and reason is None:
            out.append(f"{i}: has no manager and should have {wanted!r}")
        # LA-41: one who left is not set, and whoever is there stays until there is another one.
        if reason != "inactive" and has is not None and (has != wanted or reason not in (None, "circle")):
            out.append(f"{i}: has the manager {has!r} and should have {wanted!r} ({reason})")
        at, seen = overrides.get(i), {i}
        while at and at not in seen:
            seen.add(at)
            at = overrides.get(at)
        if at == i:
            out.append(f"{i}: manages themselves by a circle (LA-40)")
    return out


def profile_fields(user, emails, settings, manager=None):
    """The user in the names of the profile's field table (sections 1 and 2 of the behaviour). `manager` is the
    id of whoever it is, which manager_faults looks at."""
    v = {name: value or None for name, value in user.values.items()}
    full = " ".join(x for x in (v["first_name"], v["last_name"]) if x) or None
    iso = {name: v[name].isoformat() if v[name] else None for name in DATES}
    if settings["profile"] == "wethrive":
        return {
            "email": v["email"], "name": full, "team": v["job_title"], "location": v["location"],
            "department": v["department"], "manager": emails.get(manager),
        }
    out = {
        "external_id": v["id"] or "", "first_name": v["first_name"], "last_name": v["last_name"],
        "full_name": full, "email": v["email"], "job_title": v["job_title"], "location": v["location"],
        "hire_date": iso["start_date"], "leave_date": iso["leaving_date"], "avatar": v["avatar"],
    }
    if settings["team_from_department"]:
        out["primary_team"] = v["department"]
    if settings["manager_from_reports_to"]:
        out["override_manager"] = manager
    return out


def differences(expected, observed, settings=None, shown=None, ignore=()):
    """Sentences, one for each person who is missing, extra or different. The id names the person; with
    `shown`, the raw users of the control socket, the profile's own field names are compared as well."""
    wanted = {u.values["id"]: u for u in expected if u.values["id"]}
    got = {u.values["id"]: u for u in observed if u.values["id"]}
    out = [f"{i}: is missing from the directory" for i in sorted(wanted.keys() - got.keys())]
    out += [f"{i}: is in the directory and should not be" for i in sorted(got.keys() - wanted.keys())]
    if len(got) != sum(1 for u in observed if u.values["id"]):
        out.append("an id occurs twice in the directory")
    raw = {u["id"]: u for u in shown or []}
    emails = {i: u.values["email"] for i, u in wanted.items() if u.values["email"]}
    overrides = {i: u["manager"]["id"] for i, u in raw.items() if u.get("manager")}
    if raw and "manager" not in ignore:
        out += manager_faults(got, overrides)
    for i in sorted(wanted.keys() & got.keys()):
        a, b = wanted[i], got[i]
        pairs = [(n, a.values[n], b.values[n]) for n in (*TEXTS, *DATES)]
        pairs += [(n, getattr(a, n), getattr(b, n)) for n in ("active", "managed", "missing")]
        if i in raw:
            pairs += [("full_name", profile_fields(a, emails, {**settings, "profile": "wethrive"})["name"],
                       raw[i]["full_name"])]
            pairs += [("fields", profile_fields(a, emails, settings, overrides.get(i)), raw[i]["fields"])]
        out += [f"{i}: {n} is {y!r} and should be {x!r}" for n, x, y in pairs if x != y and n not in ignore]
    return out


def local_day(instant, settings):
    """T-1: the day that an instant (as the control socket writes it) falls on in the tenant's zone."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(settings["time_zone"])).date()


@dataclass
class Verdict:
    tenant: str
    people: int  # rows of the truth, everyone looked at
    users: int
    created: int
    rejected: Counter
    left_before_first_seen: int
    wrong: list  # sentences


def verify_tenant(control, admin, tenant, before=()):
    """Reads truth and directory of one tenant and compares them, both ways."""
    shown_tenant = control.get(f"/v1/tenants/{tenant}")
    settings, swept = shown_tenant["settings"], shown_tenant["progress"]["last_success"]
    if swept is None:
        return Verdict(tenant, 0, 0, 0, Counter(), 0, [f"{tenant}: was never synced"])
    people = admin.get(f"/truth/{tenant}")["people"]
    shown = control.users(tenant)
    sweep = after_sweep(list(before), people, settings, local_day(swept, settings))
    wrong = differences(sweep.users, [read_user(u) for u in shown], settings, shown)
    return Verdict(tenant, len(people), len(shown), sweep.created, sweep.rejected,
                   sweep.left_before_first_seen, wrong)
