-- The database of one Rollcall node: rollcall.db in the data directory. Schema version 1.
--
-- Read it from a backup (`rollcall backup FILE`), never from the live file: README.md says how, and
-- has the query that answers who changed, at which tenant, and what.
--
-- Every table but counters ends with a checksum: XXH3-64 over the table's name and all other columns
-- in their order (row.hpp has the exact bytes). A row that does not match is left out at load,
-- reported and left in place.
--
-- Times are milliseconds since 1970-01-01T00:00Z (suffix _ms; 0 is never), dates are 'yyyy-mm-dd'
-- (NULL is none), unset texts are ''. Words such as 'active' or 'sweep' are listed in vocabulary.cpp.

-- The highest numbers ever given, so that none is given twice after what bore it is gone.
CREATE TABLE counters (
    name   TEXT PRIMARY KEY NOT NULL,  -- 'tenant' or 'run'
    value  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('tenant', 0), ('run', 0);

-- A tenant: changes by an operator's verb, or by a run that stops it.
CREATE TABLE tenants (
    tenant          INTEGER PRIMARY KEY,   -- our number, from 1, never used again
    name            TEXT NOT NULL UNIQUE,  -- the operator's name for it
    settings        TEXT NOT NULL,         -- JSON; `rollcall tenant show` explains each member
    sealed_api_key  BLOB NOT NULL,         -- XChaCha20-Poly1305, bound to the tenant (key_vault.hpp)
    next_uid        INTEGER NOT NULL,      -- the uid that the next new user gets
    stopped         TEXT NOT NULL,         -- 'ok', or why nothing is synced until a person acts
    stopped_detail  TEXT NOT NULL,
    created_ms      INTEGER NOT NULL,
    checksum        INTEGER NOT NULL
) STRICT;

-- How far a tenant's sync is. Written lazily: a crash may lose the last minute of it.
CREATE TABLE progress (
    tenant           INTEGER PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    last_success_ms  INTEGER NOT NULL,
    last_attempt_ms  INTEGER NOT NULL,
    failures         INTEGER NOT NULL,  -- in a row
    last_error       TEXT NOT NULL,     -- 'ok' or the name of the error
    last_detail      TEXT NOT NULL,
    sweeps           INTEGER NOT NULL,  -- complete snapshots so far
    gate             TEXT NOT NULL,     -- what the snapshot gate remembers (G-2), its own text
    checksum         INTEGER NOT NULL
) STRICT;

-- The users. Clustered by tenant, so that a start reads them in one pass and a tenant's users are
-- neighbours.
CREATE TABLE users (
    tenant             INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    uid                INTEGER NOT NULL,  -- our number, per tenant, from 1, never used again
    external_id        TEXT NOT NULL,     -- the PeopleHR id that links the user
    email              TEXT NOT NULL,     -- in the source's letters
    first_name         TEXT NOT NULL,
    last_name          TEXT NOT NULL,
    job_title          TEXT NOT NULL,
    location           TEXT NOT NULL,
    department         TEXT NOT NULL,
    company            TEXT NOT NULL,
    manager_id         TEXT NOT NULL,     -- the PeopleHR id of the manager
    avatar             TEXT NOT NULL,     -- hash of the image's content
    start_date         TEXT,
    leaving_date       TEXT,
    state              TEXT NOT NULL,     -- 'active' or 'inactive'
    created_by_us      INTEGER NOT NULL,  -- 0: an existing user that was matched
    deactivated_by_us  INTEGER NOT NULL,
    managed            INTEGER NOT NULL,  -- 0: out of the company scope, kept as it is
    missing            INTEGER NOT NULL,  -- complete snapshots in a row without this person
    ownership          TEXT NOT NULL,     -- a letter for each of the 12 fields, external_id to
                                          -- leaving_date: n never set, o ours, m by hand
    fingerprint        INTEGER NOT NULL,  -- of the source record last applied
    checksum           INTEGER NOT NULL,
    PRIMARY KEY (tenant, uid)
) STRICT, WITHOUT ROWID;

-- The runs that did something or failed; the newest of each tenant, 100 by default.
CREATE TABLE runs (
    tenant                  INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    run                     INTEGER NOT NULL,  -- ascending over all tenants
    cause                   TEXT NOT NULL,     -- 'first_load', 'sweep', 'on_demand', 'confirm', 'retry'
    result                  TEXT NOT NULL,     -- 'unchanged', 'applied', 'held', 'failed'
    code                    TEXT NOT NULL,     -- 'ok' or the name of the error
    detail                  TEXT NOT NULL,     -- why it failed or is held
    employee_id             TEXT NOT NULL,     -- of a run for one employee; '' for a whole snapshot
    started_ms              INTEGER NOT NULL,
    finished_ms             INTEGER NOT NULL,
    rows                    INTEGER NOT NULL,  -- employees in the snapshot
    in_scope                INTEGER NOT NULL,
    unchanged               INTEGER NOT NULL,
    created                 INTEGER NOT NULL,
    updated                 INTEGER NOT NULL,
    relinked                INTEGER NOT NULL,
    deactivated             INTEGER NOT NULL,
    reactivated             INTEGER NOT NULL,
    unmanaged               INTEGER NOT NULL,
    rejected                INTEGER NOT NULL,  -- rows that an issue kept from being applied
    missing                 INTEGER NOT NULL,
    left_before_first_seen  INTEGER NOT NULL,
    checksum                INTEGER NOT NULL,
    PRIMARY KEY (tenant, run)
) STRICT, WITHOUT ROWID;

-- What each run changed: one row for each field of each person, in the order of application.
CREATE TABLE changes (
    tenant       INTEGER NOT NULL,
    run          INTEGER NOT NULL,
    position     INTEGER NOT NULL,  -- from 0
    uid          INTEGER NOT NULL,
    kind         TEXT NOT NULL,     -- 'create', 'update', 'deactivate', …
    external_id  TEXT NOT NULL,
    field        TEXT NOT NULL,     -- a column of users
    old_value    TEXT NOT NULL,
    new_value    TEXT NOT NULL,
    rule         TEXT NOT NULL,     -- the rule of the behaviour page that decided: 'LA-13'
    checksum     INTEGER NOT NULL,
    PRIMARY KEY (tenant, run, position),
    FOREIGN KEY (tenant, run) REFERENCES runs ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The issues that a run found.
CREATE TABLE run_issues (
    tenant             INTEGER NOT NULL,
    run                INTEGER NOT NULL,
    position           INTEGER NOT NULL,  -- from 0
    kind               TEXT NOT NULL,     -- 'duplicate_id', 'required_blank', …
    external_id        TEXT NOT NULL,
    other_external_id  TEXT NOT NULL,     -- the second record of a conflict
    field              TEXT NOT NULL,
    rule               TEXT NOT NULL,
    checksum           INTEGER NOT NULL,
    PRIMARY KEY (tenant, run, position),
    FOREIGN KEY (tenant, run) REFERENCES runs ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The issues that each tenant has now: those of the last run that changed the set. They stay when
-- that run is pruned.
CREATE TABLE issues (
    tenant             INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    position           INTEGER NOT NULL,  -- from 0
    kind               TEXT NOT NULL,
    external_id        TEXT NOT NULL,
    other_external_id  TEXT NOT NULL,
    field              TEXT NOT NULL,
    rule               TEXT NOT NULL,
    checksum           INTEGER NOT NULL,
    PRIMARY KEY (tenant, position)
) STRICT, WITHOUT ROWID;
