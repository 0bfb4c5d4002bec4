-- The notification center and a few settings.

CREATE TABLE notifications (
    id          INTEGER PRIMARY KEY,       -- given by the application; rises, never reused
    condition   TEXT    NOT NULL,          -- what it is about, as `alerts::Condition` writes it
    view        TEXT    NOT NULL,          -- JSON of domain::view::NotificationView
    severity    INTEGER NOT NULL,          -- 0 low .. 3 critical, for retention
    read        INTEGER NOT NULL,          -- 0 | 1
    open        INTEGER NOT NULL,          -- 1 while the condition holds
    updated     INTEGER NOT NULL,          -- Unix milliseconds
    delivery    TEXT    NOT NULL           -- not_wanted | wanted | done
) STRICT;

CREATE INDEX notifications_by_age ON notifications (updated);

-- Also holds the last id given, so that none is reused after the newest notification was dismissed.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
