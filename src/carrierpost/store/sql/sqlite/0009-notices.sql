-- What devices are told: the queue, the trace, how far the feed was decided on, and what people set about it.

CREATE TABLE notify_positions (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    number INTEGER NOT NULL
);
-- What came before anybody could be told is no news.
INSERT INTO notify_positions (account_id, number) SELECT id, feed_position FROM accounts;

CREATE TABLE notice_settings (
    device_id INTEGER PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    data TEXT NOT NULL
);

CREATE TABLE vips (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    PRIMARY KEY (account_id, address)
) WITHOUT ROWID;

CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    "key" TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    text TEXT,
    item_id INTEGER,
    collection_id INTEGER,
    urgency TEXT NOT NULL,
    collapse TEXT NOT NULL,
    reason TEXT NOT NULL,
    about TEXT NOT NULL,
    news_at TEXT,
    attempts INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    settled_at TEXT NOT NULL,
    sent_at TEXT,
    silent INTEGER NOT NULL,
    joined TEXT NOT NULL,
    remark TEXT NOT NULL,
    UNIQUE ("key", device_id)
);
CREATE INDEX notices_waiting ON notices (device_id, due_at) WHERE state = 'waiting';
CREATE INDEX notices_due ON notices (due_at) WHERE state = 'waiting';
CREATE INDEX notices_handed ON notices (id) WHERE state = 'handed';
CREATE INDEX notices_by_item ON notices (item_id);
CREATE INDEX notices_by_account ON notices (account_id, id);
CREATE INDEX notices_silent ON notices (device_id, sent_at) WHERE silent = 1;
CREATE INDEX notices_joined ON notices (joined) WHERE joined != '';
CREATE INDEX notices_settled ON notices (settled_at);

CREATE TABLE trace (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    item_id INTEGER,
    device_id INTEGER REFERENCES devices (id) ON DELETE CASCADE,
    notice TEXT NOT NULL,
    step TEXT NOT NULL,
    at TEXT NOT NULL,
    told INTEGER NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX trace_by_item ON trace (item_id, id);
CREATE INDEX trace_by_device ON trace (device_id, id);
CREATE INDEX trace_by_account ON trace (account_id, id);
CREATE INDEX trace_by_notice ON trace (notice) WHERE notice != '';
CREATE INDEX trace_by_time ON trace (at);
