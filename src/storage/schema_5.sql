-- Schema version 5, from version 4: reading page by page.

-- What is known of how a tenant's pages go: refused, doubted. Written with progress; none: nothing is.
CREATE TABLE page_memory (
    tenant    INTEGER PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    memory    TEXT NOT NULL,     -- page_reading.cpp has the form; `rollcall tenant show` has the rest
    checksum  INTEGER NOT NULL
) STRICT;
