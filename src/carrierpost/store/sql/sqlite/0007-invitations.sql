-- What the attendees of a person's own meetings were last told by mail.

CREATE TABLE invitations (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (account_id, uid)
) WITHOUT ROWID;
