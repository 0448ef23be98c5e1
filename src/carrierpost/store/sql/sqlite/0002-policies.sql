-- What administrators set, in versions, and the log of what they did.

CREATE TABLE policy_versions (
    number INTEGER PRIMARY KEY,
    policies TEXT NOT NULL,
    at TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    why TEXT NOT NULL
);

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    chain TEXT NOT NULL
);

-- Where the log ends: lines that are missing there would not show in the chain of those that are left.
CREATE TABLE audit_end (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    chain TEXT NOT NULL
);
INSERT INTO audit_end (one, number, chain) VALUES (1, 0, '');

CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE (ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_as_it_was BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER policy_versions_stay BEFORE DELETE ON policy_versions
BEGIN SELECT RAISE (ABORT, 'versions of the policies are only added to'); END;
CREATE TRIGGER policy_versions_are_as_they_were BEFORE UPDATE ON policy_versions
BEGIN SELECT RAISE (ABORT, 'versions of the policies are only added to'); END;
