-- Of each change how it came from the server (JSON, empty where that is not known), and of each account up to which
-- number its feed was forgotten.

ALTER TABLE feed ADD COLUMN passage TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN feed_horizon INTEGER NOT NULL DEFAULT 0;
