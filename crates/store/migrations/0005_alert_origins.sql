-- The message that raised an alert, or made it worse, as the platform sent it. Beside the log instead of in it: it is
-- larger than all else of a record, seldom read, and only so many are kept.

CREATE TABLE alert_origins (
    seq   INTEGER PRIMARY KEY,    -- of the record in alert_log
    text  TEXT    NOT NULL,       -- the envelope, or its beginning
    bytes INTEGER NOT NULL        -- of the whole envelope
) STRICT;

CREATE TRIGGER alert_origins_are_append_only BEFORE UPDATE ON alert_origins
BEGIN
    SELECT RAISE(ABORT, 'the alert log is append-only');
END;

CREATE TRIGGER alert_origins_go_with_their_record AFTER DELETE ON alert_log
BEGIN
    DELETE FROM alert_origins WHERE seq = OLD.seq;
END;
