-- The logs of all tenants. A place is `tenant << 48 | offset`: rows of one tenant lie together and in order, and the
-- primary key needs no index of its own.
CREATE TABLE tenants (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 32767),
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    -- The newest offset ever given away.
    head INTEGER NOT NULL DEFAULT 0,
    -- `kept` holds every value as of here or newer.
    folded INTEGER NOT NULL DEFAULT 0,
    -- Of what came up to here, something was removed.
    trimmed INTEGER NOT NULL DEFAULT 0,
    -- Of the events removed up to here, nobody knows how many they were.
    forgotten INTEGER NOT NULL DEFAULT 0,
    state_bytes INTEGER NOT NULL DEFAULT 0,
    event_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE messages (
    place INTEGER PRIMARY KEY,
    -- When it was stored, Unix milliseconds.
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    -- Of a state message, whose key is the type unless it says otherwise. NULL is an event.
    part TEXT,
    key TEXT,
    text TEXT NOT NULL
) STRICT;

CREATE INDEX events ON messages (place) WHERE part IS NULL;
CREATE INDEX states ON messages (place) WHERE part IS NOT NULL;

-- The ids published within the de-duplication time.
CREATE TABLE ids (
    tenant INTEGER NOT NULL,
    id TEXT NOT NULL,
    offset INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ids_by_age ON ids (tenant, at);

-- Values that outlive the messages they came from.
CREATE TABLE kept (
    tenant INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

-- The last events that were removed.
CREATE TABLE gone (
    place INTEGER PRIMARY KEY,
    type TEXT NOT NULL
) STRICT;
