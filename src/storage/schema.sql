-- The database of one Rollcall node: rollcall.db in the data directory. Schema version 2; what came
-- later is in schema_3.sql, schema_4.sql and so on.
--
-- Read it from a backup (`rollcall backup FILE`), never from the live file: README.md says how, and
-- has the query that answers who was changed, when, and why.
--
-- Every table but counters and audit ends with a checksum: XXH3-64 over the table's name and all
-- other columns in their order (row.hpp has the exact bytes). A row that does not match is left out
-- at load, reported and left in place.
--
-- Times are milliseconds since 1970-01-01T00:00Z (suffix _ms; 0 is never), dates are 'yyyy-mm-dd'
-- (NULL is none), unset texts are ''. Words such as 'active' or 'sweep' are the names that the
-- program uses everywhere (vocabulary.hpp).

-- The highest numbers ever given, so that none is given twice after what bore it is gone.
CREATE TABLE counters (
    name   TEXT PRIMARY KEY NOT NULL,  -- 'tenant', 'run' or 'notice'
    value  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('tenant', 0), ('run', 0), ('notice', 0);

-- A tenant: changes by an operator's verb, or by a run that gives it numbers or stops it.
CREATE TABLE tenants (
    tenant          INTEGER PRIMARY KEY,   -- our number, from 1, never used again
    name            TEXT NOT NULL UNIQUE,  -- the operator's name for it
    settings        TEXT NOT NULL,         -- JSON; `rollcall tenant show` explains each member
    sealed_api_key  BLOB NOT NULL,         -- XChaCha20-Poly1305, bound to the tenant (key_vault.hpp)
    next_uid        INTEGER NOT NULL,      -- the uid that the next new user gets
    next_team       INTEGER NOT NULL,      -- the number that the next new team gets
    imported        INTEGER NOT NULL,      -- 1: a first snapshot was applied
    live            INTEGER NOT NULL,      -- 1: the first import's invitations may go
    erasure_salt    BLOB NOT NULL,         -- under which erased_marks are hashed
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
    breakers         TEXT NOT NULL,     -- what was applied in the last week (G-5), its own text
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
    manager_id         TEXT NOT NULL,     -- the PeopleHR id of who is wanted as manager
    manager_name       TEXT NOT NULL,     -- their name, where the source has no id
    avatar             TEXT NOT NULL,     -- hash of the image's content
    attributes         TEXT NOT NULL,     -- extra fields: a JSON object, or ''
    start_date         TEXT,
    leaving_date       TEXT,
    state              TEXT NOT NULL,     -- 'active' or 'inactive'
    created_by_us      INTEGER NOT NULL,  -- 0: an existing user that was matched
    deactivated_by_us  INTEGER NOT NULL,
    managed            INTEGER NOT NULL,  -- 0: out of the company scope, kept as it is
    missing            INTEGER NOT NULL,  -- complete snapshots in a row without this person
    role               TEXT NOT NULL,     -- 'member' or 'owner'
    manager            INTEGER NOT NULL,  -- uid of the override manager; 0: none
    ownership          TEXT NOT NULL,     -- a letter for each of the 14 fields, external_id to
                                          -- leaving_date: n never set, o ours, m by hand
    fingerprint        INTEGER NOT NULL,  -- of the source record last applied; 0: look again
    checksum           INTEGER NOT NULL,
    PRIMARY KEY (tenant, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE teams (
    tenant    INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    team      INTEGER NOT NULL,  -- our number, per tenant, from 1, never used again
    name      TEXT NOT NULL,
    key       TEXT NOT NULL,     -- folded name of the department it stands for; '': of none
    owned     INTEGER NOT NULL,  -- 1: added by the sync, which alone may remove it
    parent    INTEGER NOT NULL,  -- another team, set by hand; 0: none
    manager   INTEGER NOT NULL,  -- uid; 0: none
    absent    INTEGER NOT NULL,  -- complete snapshots in a row without a member
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, team)
) STRICT, WITHOUT ROWID;

-- Secondary members, by hand. The primary team of a user is that of the department.
CREATE TABLE team_members (
    tenant    INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    team      INTEGER NOT NULL,
    uid       INTEGER NOT NULL,
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, team, uid)
) STRICT, WITHOUT ROWID;

-- The invitations ledger: who is to be invited, when, and who was.
CREATE TABLE invitations (
    tenant      INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    uid         INTEGER NOT NULL,
    state       TEXT NOT NULL,     -- 'not_invited', 'scheduled', 'sent', 'cancelled', 'confirmed'
    automatic   INTEGER NOT NULL,  -- 1: may be sent without being asked for
    first_load  INTEGER NOT NULL,  -- 1: of the first import, waits until the tenant is live
    due_ms      INTEGER NOT NULL,
    sent_ms     INTEGER NOT NULL,
    checksum    INTEGER NOT NULL,
    PRIMARY KEY (tenant, uid)
) STRICT, WITHOUT ROWID;

-- What waits for a person: at most one hold for each tenant, in sections by kind of change.
CREATE TABLE holds (
    tenant    INTEGER PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    digest    TEXT NOT NULL,     -- by which it is approved or rejected
    run       INTEGER NOT NULL,  -- that planned it first
    since_ms  INTEGER NOT NULL,
    checksum  INTEGER NOT NULL
) STRICT;
CREATE TABLE hold_sections (
    tenant    INTEGER NOT NULL REFERENCES holds ON DELETE CASCADE,
    position  INTEGER NOT NULL,  -- from 0
    guard     TEXT NOT NULL,     -- 'deactivation', …
    reason    TEXT NOT NULL,
    steps     BLOB NOT NULL,     -- `rollcall hold show` lists them; step_pack.hpp has the bytes
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, position)
) STRICT, WITHOUT ROWID;

-- Steps that a person rejected, for as long as they are still planned.
CREATE TABLE rejected_steps (
    tenant    INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    position  INTEGER NOT NULL,  -- from 0
    digest    BLOB NOT NULL,     -- of the step's content
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, position)
) STRICT, WITHOUT ROWID;

-- How a person resolved conflicts.
CREATE TABLE decisions (
    tenant       INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    position     INTEGER NOT NULL,  -- from 0
    kind         TEXT NOT NULL,     -- of the issue: 'email_taken', …
    external_id  TEXT NOT NULL,     -- of its record
    ruling       TEXT NOT NULL,     -- 'link', 'ignore', …
    uid          INTEGER NOT NULL,  -- of the user it was about; 0: none
    at_ms        INTEGER NOT NULL,
    checksum     INTEGER NOT NULL,
    PRIMARY KEY (tenant, position)
) STRICT, WITHOUT ROWID;

-- Who was erased by request and must not come back: keyed hashes of PeopleHR ids and e-mails.
CREATE TABLE erased_marks (
    tenant    INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    mark      BLOB NOT NULL,
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, mark)
) STRICT, WITHOUT ROWID;

-- The last complete snapshot that was applied: mapped fields only.
CREATE TABLE snapshots (
    tenant    INTEGER PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    taken_ms  INTEGER NOT NULL,
    digest    INTEGER NOT NULL,  -- of the rows, whatever their order
    bytes     INTEGER NOT NULL,  -- of the packed rows before compression
    rows      BLOB NOT NULL,     -- packed rows (sync/row_pack.hpp), in zlib's format
    checksum  INTEGER NOT NULL
) STRICT;

-- What is to be told to people outside and is not with its receiver yet.
CREATE TABLE notices (
    tenant       INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    number       INTEGER PRIMARY KEY,  -- ascending over all tenants: the idempotency key
    kind         TEXT NOT NULL,        -- 'invitation' or 'update'
    uid          INTEGER NOT NULL,
    run          INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    tenant_name  TEXT NOT NULL,
    external_id  TEXT NOT NULL,
    email        TEXT NOT NULL,
    name         TEXT NOT NULL,
    fields       TEXT NOT NULL,
    checksum     INTEGER NOT NULL
) STRICT;

-- The runs that did something or failed; the newest of each tenant, 100 by default. What they
-- changed is in the audit, and stays there.
CREATE TABLE runs (
    tenant                  INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    run                     INTEGER NOT NULL,  -- ascending over all tenants
    cause                   TEXT NOT NULL,     -- 'first_load', 'sweep', 'on_demand', …
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
    held                    INTEGER NOT NULL,  -- steps that wait for a person
    dropped                 INTEGER NOT NULL,  -- steps whose precondition had moved
    invited                 INTEGER NOT NULL,
    first_entry             INTEGER NOT NULL,  -- its steps in the audit, by number; 0: it has none
    last_entry              INTEGER NOT NULL,
    checksum                INTEGER NOT NULL,
    PRIMARY KEY (tenant, run)
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

-- The issues that each tenant has now. They stay when the run that found them is pruned.
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

-- Every step that was ever applied: a chain in which each entry's hash covers the one before
-- (audit_chain.hpp). What the step did is sealed under a key of the person, so that whoever is
-- erased can be made unreadable without breaking the chain.
CREATE TABLE audit (
    tenant  INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    number  INTEGER NOT NULL,  -- per tenant, from 1, without gaps
    run     INTEGER NOT NULL,
    cause   TEXT NOT NULL,     -- of the run
    at_ms   INTEGER NOT NULL,
    kind    TEXT NOT NULL,     -- 'create', 'deactivate', …
    uid     INTEGER NOT NULL,  -- of the user; 0: a step of a team
    team    INTEGER NOT NULL,  -- of the team; 0: a step of a user
    sealed  BLOB NOT NULL,     -- XChaCha20-Poly1305 of label, attributes, old and new values, rules
    hash    BLOB NOT NULL,     -- BLAKE2b-256 over the hash before and all other columns
    PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;
-- Both end with the number, as every index of such a table ends with its primary key.
CREATE INDEX audit_of_person ON audit (tenant, uid);
CREATE INDEX audit_of_run ON audit (tenant, run);

-- The last entry of each chain.
CREATE TABLE audit_heads (
    tenant    INTEGER PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    hash      BLOB NOT NULL,
    checksum  INTEGER NOT NULL
) STRICT;

-- The keys under which the audit keeps people; uid 0 is that of the teams. Erasing a person
-- destroys theirs.
CREATE TABLE person_keys (
    tenant    INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    uid       INTEGER NOT NULL,
    key       BLOB NOT NULL,
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, uid)
) STRICT, WITHOUT ROWID;
