-- How far each stream was read. In this file, not in the outbox's: a position and the notifications that its messages
-- raised are committed together.

CREATE TABLE positions (
    stream   TEXT PRIMARY KEY,             -- realtime::persistence::StreamKey
    epoch    TEXT NOT NULL,                -- opaque; another one is another log
    "offset" TEXT NOT NULL                 -- u64 in decimal: SQLite's integers end at 2^63
) STRICT, WITHOUT ROWID;
