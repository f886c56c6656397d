-- Schema version 4, from version 3: webhooks from PeopleHR (LA-1, LA-47).

-- The tokens in the addresses of webhooks: two live ones at most, and never the token itself.
CREATE TABLE webhook_tokens (
    tenant    INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    mark      BLOB NOT NULL,     -- BLAKE2b-256 of the token under a key of the key file
    since_ms  INTEGER NOT NULL,
    until_ms  INTEGER NOT NULL,  -- 0: until it is replaced
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, mark)
) STRICT, WITHOUT ROWID;

-- Who is to be read again because a webhook named them. Durable before the webhook is acknowledged;
-- removed lazily after a read that began later, so that a crash repeats a read and loses none.
CREATE TABLE hints (
    tenant       INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    employee_id  TEXT NOT NULL,     -- of PeopleHR, as sent; '': read everybody
    number       INTEGER NOT NULL,  -- ascending over all tenants
    at_ms        INTEGER NOT NULL,
    action       INTEGER NOT NULL,  -- 1 New Starter Added, 2 Employee Detail Updated,
                                    -- 3 Marked Leaver, 18 Employee Deleted
    checksum     INTEGER NOT NULL,
    PRIMARY KEY (tenant, employee_id)
) STRICT, WITHOUT ROWID;

-- What is known of how well a tenant's webhooks announce changes. Written with progress.
CREATE TABLE announcements (
    tenant    INTEGER PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    counts    TEXT NOT NULL,     -- announcements.cpp has the form; `rollcall tenant webhook show`
    checksum  INTEGER NOT NULL
) STRICT;

-- Webhooks with a token that nobody has: counted as durably as hints are kept.
INSERT INTO counters VALUES ('stranger', 0);
