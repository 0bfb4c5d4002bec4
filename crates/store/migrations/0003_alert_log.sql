-- Everything that ever became of an alert: written once, read by people and exports, removed by age alone.

CREATE TABLE alert_log (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order; never reused
    at           INTEGER NOT NULL,         -- Unix milliseconds
    notification INTEGER NOT NULL,         -- the alert's notification; it may be gone by now
    incident     INTEGER,                  -- the notification of the incident it belongs to
    vault        TEXT,                     -- NULL: the platform as a whole, or the feed
    condition    TEXT    NOT NULL,         -- what it is about, as `alerts::Condition` writes it
    severity     INTEGER NOT NULL,         -- 0 low .. 3 critical
    title        TEXT    NOT NULL,         -- the words as they were shown then
    message      TEXT    NOT NULL,
    change       TEXT    NOT NULL,         -- raised | worsened | updated | …
    party        TEXT,                     -- by whom, or through which channel
    until        INTEGER,                  -- of a snooze
    cause        TEXT,                     -- why it was not delivered
    evidence     TEXT                      -- JSON: the figures, as decimal strings
) STRICT;

CREATE INDEX alert_log_by_age ON alert_log (at);
-- For one alert's course, and for how long ago it was last updated.
CREATE INDEX alert_log_by_notification ON alert_log (notification, seq);

CREATE TRIGGER alert_log_is_append_only BEFORE UPDATE ON alert_log
BEGIN
    SELECT RAISE(ABORT, 'the alert log is append-only');
END;
