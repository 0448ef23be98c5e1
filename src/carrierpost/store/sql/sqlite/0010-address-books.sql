-- Passwords of a device for its address book and its calendar, and what the programs there wrote into the former.

ALTER TABLE device_tokens ADD COLUMN purpose TEXT NOT NULL DEFAULT 'app';

CREATE TABLE card_names (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    uid TEXT NOT NULL,
    item_id INTEGER NOT NULL,
    PRIMARY KEY (account_id, name)
);

CREATE TABLE cards_put_back (
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (device_id, name)
);
