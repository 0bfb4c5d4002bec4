-- What the alert engine must still know after a restart, written together with the notifications it led to.

CREATE TABLE engine_memory (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL                    -- the engine's own notation
) STRICT, WITHOUT ROWID;
