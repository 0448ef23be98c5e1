-- What each database says in its own way: full-text search, and looking for any of several values.

-- items_by_server_id: The held ones among the server ids of a JSON list.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed FROM items
WHERE collection_id = $1 AND server_id IN (SELECT value FROM json_each($2));

-- items_by_identity: Those of a collection among the identities of a JSON list.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed, identity FROM items
WHERE collection_id = $1 AND identity IN (SELECT value FROM json_each($2)) ORDER BY id;

-- unconfirmed_by_identity: The doubted ones among the identities of a JSON list.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed, identity FROM items
WHERE collection_id = $1 AND unconfirmed = 1 AND identity IN (SELECT value FROM json_each($2)) ORDER BY id;

-- delete_words: Forget an item's words.
DELETE FROM words WHERE rowid = $1;

-- add_words: Keep an item's words.
INSERT INTO words (rowid, title, people, text) VALUES ($1, $2, $3, $4);

-- purge_words: Rewrite the index without the words of what is gone, which it otherwise drops little by little.
INSERT INTO words (words) VALUES ('optimize');

-- search: Items of an account that match, newest first.
SELECT items.id, account_id, collection_id, server_id, content_class, items.data, revision, unconfirmed,
    bodies.type, bodies.text, bodies.octets
FROM words JOIN items ON items.id = words.rowid LEFT JOIN bodies ON bodies.item_id = items.id
WHERE words MATCH $1 AND account_id = $2 ORDER BY moment DESC, items.id DESC LIMIT $3;

-- words_without_item: Words whose item is gone.
SELECT rowid FROM words WHERE rowid NOT IN (SELECT id FROM items);

-- items_without_words: Items that are neither indexed nor waiting for it.
SELECT id FROM items WHERE id NOT IN (SELECT rowid FROM words) AND id NOT IN (SELECT item_id FROM to_index);

-- notified: For which devices of an account there are notices already, among the keys of a JSON list.
SELECT device_id, "key" FROM notices WHERE account_id = $1 AND "key" IN (SELECT value FROM json_each($2));
