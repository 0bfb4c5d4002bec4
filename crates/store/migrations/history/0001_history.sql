-- Figures over time. Why the rows look like this: docs/decisions/0016-history-in-blocks.md.
--
-- A row's id is (block << 24) | series: rows of one time lie side by side and are appended at the end of the table, and
-- the rows of one series and time are found by their id. Times are counted from the Unix epoch in UTC.

CREATE TABLE series (
    number INTEGER PRIMARY KEY,            -- below 2^24; never reused
    key    TEXT NOT NULL UNIQUE            -- `vault ETH-001` or `price 1 WETH`
) STRICT;

-- The newest points, one row each, until their hour is sealed. The block is the minute.
CREATE TABLE fresh (
    id    INTEGER PRIMARY KEY,
    point BLOB NOT NULL
) STRICT;

-- One row for an hour of one series, a point a minute.
CREATE TABLE minutes (
    id     INTEGER PRIMARY KEY,
    points BLOB NOT NULL
) STRICT;

-- One row for a day of one series, a point for five minutes.
CREATE TABLE fives (
    id     INTEGER PRIMARY KEY,
    points BLOB NOT NULL
) STRICT;

-- One row for a week of one series, a point an hour.
CREATE TABLE hours (
    id     INTEGER PRIMARY KEY,
    points BLOB NOT NULL
) STRICT;

-- Up to which block, exclusively, a table was filled from the finer one.
CREATE TABLE rolled (
    tier  TEXT PRIMARY KEY,                -- fives | hours
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
