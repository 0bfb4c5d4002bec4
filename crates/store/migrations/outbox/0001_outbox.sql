-- Messages that were promised to be sent and are not settled yet.

CREATE TABLE outbox (
    seq       INTEGER PRIMARY KEY,         -- the order
    id        TEXT    NOT NULL,            -- made by the client: the idempotency key. One of a kind, which its one
                                           -- writer sees to: an index of random ids would be most of a commit
    stream    TEXT    NOT NULL,            -- realtime::persistence::StreamKey: where it is to be sent
    type      TEXT    NOT NULL,            -- the envelope, as it goes on the wire
    data      TEXT    NOT NULL,            -- JSON, digit for digit
    timestamp INTEGER NOT NULL,            -- Unix milliseconds, as all moments here
    bytes     INTEGER NOT NULL,            -- what it weighs against the outbox's bounds
    queued    INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    sent      INTEGER,                     -- first written to a socket; NULL: never
    code      TEXT,                        -- why it is parked, for programs; NULL: it is not
    reason    TEXT,                        -- the same, for people
    parked    INTEGER,                     -- since when
    CHECK ((code IS NULL) = (reason IS NULL) AND (code IS NULL) = (parked IS NULL))
) STRICT;
