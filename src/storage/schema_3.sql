-- Schema version 3, from version 2 (schema.sql).

-- Who was invited and then deleted by hand, and is not invited again by itself (LA-26): keyed hashes
-- of PeopleHR ids and e-mails, as in erased_marks.
CREATE TABLE invited_marks (
    tenant    INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
    mark      BLOB NOT NULL,
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (tenant, mark)
) STRICT, WITHOUT ROWID;
