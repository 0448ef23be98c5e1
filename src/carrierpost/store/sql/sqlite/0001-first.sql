-- The first schema. All times are text in ISO 8601, UTC; JSON columns hold what msgspec makes of the typed values.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);
INSERT INTO counters (name, value) VALUES ('item', 0);

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE COLLATE NOCASE,
    data TEXT NOT NULL,
    feed_position INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE secrets (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    PRIMARY KEY (account_id, name)
);

CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    server_id TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    type INTEGER NOT NULL,
    content_class TEXT,
    sync_key TEXT NOT NULL DEFAULT '0',
    progress TEXT NOT NULL DEFAULT 'new',
    "window" INTEGER NOT NULL DEFAULT 0,
    window_applied INTEGER,
    minutes INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (account_id, server_id)
);

CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    server_id TEXT,
    content_class TEXT NOT NULL,
    data TEXT NOT NULL,
    identity TEXT,
    revision INTEGER NOT NULL DEFAULT 1,
    unconfirmed INTEGER NOT NULL DEFAULT 0,
    moment INTEGER NOT NULL,
    title TEXT NOT NULL,
    unread INTEGER NOT NULL,
    UNIQUE (collection_id, server_id)
);
CREATE INDEX items_by_moment ON items (account_id, content_class, moment);
CREATE INDEX items_unconfirmed ON items (collection_id, identity) WHERE unconfirmed = 1;

CREATE TABLE bodies (
    item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    type INTEGER NOT NULL,
    text TEXT,
    octets BLOB,
    truncated INTEGER NOT NULL,
    estimated_size INTEGER NOT NULL
);

CREATE TABLE attachments (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    file_reference TEXT NOT NULL,
    estimated_size INTEGER NOT NULL,
    content_id TEXT,
    is_inline INTEGER NOT NULL,
    PRIMARY KEY (item_id, place)
) WITHOUT ROWID;

CREATE TABLE set_aside (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    server_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    next_at TEXT,
    PRIMARY KEY (collection_id, server_id)
);
CREATE INDEX set_aside_by_account ON set_aside (account_id);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    client_id TEXT NOT NULL,
    collection_id INTEGER,
    item_id INTEGER,
    payload BLOB NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    queued_at TEXT NOT NULL,
    UNIQUE (account_id, client_id)
);

CREATE TABLE feed (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    at TEXT NOT NULL,
    collection_id INTEGER,
    item_id INTEGER,
    announce INTEGER NOT NULL,
    fields TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (account_id, number)
) WITHOUT ROWID;

CREATE TABLE to_index (
    item_id INTEGER PRIMARY KEY
);

CREATE VIRTUAL TABLE words USING fts5 (
    title, people, text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
