-- What an administrator set for the hub as a whole, keys among it.

CREATE TABLE hub_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
