"""Finds what must never be kept or told (G-12): canaries of the simulator, and API keys, in any usual dress."""

import base64
import re
import urllib.parse

CANARY = b"CANARY-"
# Dates cannot carry a canary: every date that the directory does not map lies in these years.
FORBIDDEN_DATE = re.compile(rb"19[34]\d-[01]\d-[0-3]\d")


def dresses(secret):
    """The bytes that betray `secret`: plain, either letter case, hex, URL-encoded, UTF-16, and base64 at each
    of the three places where it may begin."""
    forms = {secret, secret.lower(), secret.upper()}
    forms |= {secret.hex().encode(), secret.hex().upper().encode()}
    forms |= {b"".join(b"%%%02X" % c for c in secret), b"".join(b"%%%02x" % c for c in secret)}
    forms |= {urllib.parse.quote(secret, safe="").encode(), secret.decode().encode("utf-16-le")}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            whole = encode(b"\0" * shift + secret)
            # Without the letters that depend on what stands before and after.
            first = (shift * 8 + 5) // 6
            forms.add(whole[first:len(whole.rstrip(b"=")) - 1])
    return forms


def dresses_of_key(key):
    return dresses(key.encode()) | dresses(key.replace("-", "").encode())


class Finder:
    def __init__(self, keys):
        self.forms = {form: "a canary" for form in dresses(CANARY)}
        for key in keys:
            self.forms |= {form: "an API key" for form in dresses_of_key(key)}
        self.pattern = re.compile(b"|".join(re.escape(f) for f in sorted(self.forms, key=len, reverse=True)))

    def hits(self, data):
        """What was found, and where; never the secret itself."""
        found = [(m.start(), self.forms[m.group()]) for m in self.pattern.finditer(data)]
        return found + [(m.start(), "a date that is not mapped") for m in FORBIDDEN_DATE.finditer(data)]
