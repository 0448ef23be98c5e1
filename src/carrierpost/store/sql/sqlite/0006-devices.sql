-- People's devices, and who may come in. Whatever is shown at the door is kept as a hash only.

CREATE TABLE devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX devices_by_account ON devices (account_id);

CREATE TABLE device_life (
    device_id INTEGER PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    data TEXT NOT NULL
);

CREATE TABLE device_settings (
    device_id INTEGER PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    data TEXT NOT NULL
);

CREATE TABLE device_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    used_at TEXT,
    expires_at TEXT
);
CREATE INDEX device_tokens_by_device ON device_tokens (device_id);

CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    place TEXT NOT NULL,
    address TEXT NOT NULL,
    secret TEXT,
    created_at TEXT NOT NULL,
    verified_at TEXT,
    failed TEXT NOT NULL DEFAULT '',
    UNIQUE (device_id, place)
);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE TABLE session_accounts (
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device_id INTEGER REFERENCES devices (id) ON DELETE CASCADE,
    proved_at TEXT NOT NULL,
    PRIMARY KEY (session_id, account_id)
);
CREATE INDEX session_accounts_by_account ON session_accounts (account_id);
CREATE INDEX session_accounts_by_device ON session_accounts (device_id);

CREATE TABLE tickets (
    hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    data TEXT NOT NULL
);

CREATE INDEX tickets_by_account ON tickets (account_id);

CREATE TABLE answered (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
);

CREATE TABLE buckets (
    name TEXT PRIMARY KEY,
    full_at TEXT NOT NULL
);

ALTER TABLE feed ADD COLUMN device_id INTEGER;
