-- Every query has a name and one sentence. Parameters are numbered in the order in which they first appear, so that
-- SQLite and PostgreSQL both take them from a list.

-- add_account: Begin an account and give its id.
INSERT INTO accounts (address, data) VALUES ($1, $2) RETURNING id;

-- accounts: All accounts in order.
SELECT id, data, feed_position, feed_horizon FROM accounts ORDER BY id;

-- account: One account.
SELECT id, data, feed_position, feed_horizon FROM accounts WHERE id = $1;

-- update_account: Replace an account's values.
UPDATE accounts SET data = $1 WHERE id = $2;

-- delete_account: Forget an account; everything of it goes with it.
DELETE FROM accounts WHERE id = $1;

-- advance_feed: Take the account's next feed numbers and give the last of them.
UPDATE accounts SET feed_position = feed_position + $1 WHERE id = $2 RETURNING feed_position;

-- feed_positions: How far each account's feed has come.
SELECT id, feed_position FROM accounts;

-- feed_horizon: Up to which number an account's feed was forgotten.
SELECT feed_horizon FROM accounts WHERE id = $1;

-- put_secret: Keep a secret, replacing an older one of the name.
INSERT INTO secrets (account_id, name, secret) VALUES ($1, $2, $3)
ON CONFLICT (account_id, name) DO UPDATE SET secret = excluded.secret;

-- secret: One secret.
SELECT secret FROM secrets WHERE account_id = $1 AND name = $2;

-- delete_secrets: Forget an account's secrets.
DELETE FROM secrets WHERE account_id = $1;

-- collections: An account's collections in order.
SELECT * FROM collections WHERE account_id = $1 ORDER BY id;

-- collection: One collection.
SELECT * FROM collections WHERE id = $1;

-- add_collection: Begin a collection and give its id.
INSERT INTO collections (account_id, server_id, parent_id, display_name, type, content_class, minutes)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- rename_collection: Take over a collection's place, name and type from the server.
UPDATE collections SET parent_id = $1, display_name = $2, type = $3, content_class = $4 WHERE id = $5;

-- set_collection: Set what a person or the hub may set.
UPDATE collections SET "window" = $1, minutes = $2, note = $3, doubt = $4 WHERE id = $5;

-- advance_collection: Write the new key and all that belongs to it.
UPDATE collections SET sync_key = $1, progress = $2, window_applied = $3, note = $4, doubt = $5 WHERE id = $6;

-- delete_collection: Forget a collection with its items.
DELETE FROM collections WHERE id = $1;

-- delete_collections: Forget an account's collections with their items.
DELETE FROM collections WHERE account_id = $1;

-- take_item_ids: Take ids for new items and give the last of them; they are never used again.
UPDATE counters SET value = value + $1 WHERE name = 'item' RETURNING value;

-- add_item: Keep a new item.
INSERT INTO items (id, account_id, collection_id, server_id, content_class, data, identity, moment, title, unread, thread)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- update_item: Give an item new properties, unless somebody changed it in between, or took its server id.
UPDATE items SET data = $1, identity = $2, moment = $3, title = $4, unread = $5, thread = $6,
    server_id = COALESCE($7, server_id), unconfirmed = 0, revision = revision + 1
WHERE id = $8 AND revision = $9 AND collection_id = $10 AND COALESCE($7, server_id) IS NOT NULL RETURNING id;

-- confirm_item: Note that the server still has an item, unless somebody changed it in between, or took its server id.
UPDATE items SET server_id = COALESCE($1, server_id), unconfirmed = 0
WHERE id = $2 AND revision = $3 AND collection_id = $4 AND COALESCE($1, server_id) IS NOT NULL RETURNING id;

-- edit_item: Give an item new properties that a person chose, unless somebody changed it in between.
UPDATE items SET data = $1, identity = $2, moment = $3, title = $4, unread = $5, thread = $6, revision = revision + 1
WHERE id = $7 AND revision = $8 RETURNING id;

-- move_item: Put an item into another folder, under the server id that it has there, if any yet.
UPDATE items SET collection_id = $1, server_id = $2, unconfirmed = 0, revision = revision + 1 WHERE id = $3;

-- assign_server_id: Note under which id the server has come to know an item.
UPDATE items SET server_id = $1 WHERE id = $2;

-- item_by_server_id: The item of a collection that has a server id.
SELECT id FROM items WHERE collection_id = $1 AND server_id = $2;

-- release_server_id: Let a doubted item go without server id, because another item has it now.
UPDATE items SET server_id = NULL WHERE collection_id = $1 AND server_id = $2 AND unconfirmed = 1 AND id IS DISTINCT FROM $3;

-- unconfirm_items: Doubt every item of a collection, and let go of nothing.
UPDATE items SET unconfirmed = 1 WHERE collection_id = $1 AND server_id IS NOT NULL;

-- unconfirmed_ids: The items that are still doubted.
SELECT id FROM items WHERE collection_id = $1 AND unconfirmed = 1 ORDER BY id;

-- collection_item_ids: All items of a collection.
SELECT id FROM items WHERE collection_id = $1 ORDER BY id;

-- delete_item: Forget an item.
DELETE FROM items WHERE id = $1 AND collection_id = $2 RETURNING id;

-- item: One item.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed FROM items WHERE id = $1;

-- items_of_account: Items of an account behind a place in the list: class by class, each in its order.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed FROM items
WHERE account_id = $1 AND (content_class, place, title, id) > ($2, $3, $4, $5) AND unread >= $6
ORDER BY content_class, place, title, id LIMIT $7;

-- items_of_class: Items of one class behind a place in the list: mail newest first, events by start, others by name.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed FROM items
WHERE account_id = $1 AND content_class = $2 AND (place, title, id) > ($3, $4, $5) AND unread >= $6
ORDER BY place, title, id LIMIT $7;

-- items_of_collection: Items of a folder, which are of one class, behind a place in the list.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed FROM items
WHERE account_id = $1 AND collection_id = $2 AND (place, title, id) > ($3, $4, $5) AND unread >= $6
ORDER BY place, title, id LIMIT $7;

-- threads_of_account: The newest mail of each conversation of an account, behind a place in the list of mail.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed, thread FROM items
WHERE account_id = $1 AND content_class = 'Email' AND (place, title, id) > ($2, $3, $4)
AND NOT EXISTS (
    SELECT 1 FROM items AS newer WHERE newer.account_id = $1 AND newer.thread = items.thread
    AND (newer.place, newer.title, newer.id) < (items.place, items.title, items.id)
)
ORDER BY place, title, id LIMIT $5;

-- threads_of_collection: The newest mail in a folder of each conversation there, behind a place in its list.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed, thread FROM items
WHERE account_id = $1 AND collection_id = $2 AND content_class = 'Email' AND (place, title, id) > ($3, $4, $5)
AND NOT EXISTS (
    SELECT 1 FROM items AS newer WHERE newer.account_id = $1 AND newer.thread = items.thread
    AND newer.collection_id = $2 AND (newer.place, newer.title, newer.id) < (items.place, items.title, items.id)
)
ORDER BY place, title, id LIMIT $6;

-- count_thread: How many mails a conversation has in all folders, and how many of them are unread.
SELECT COUNT(*), SUM(unread) FROM items WHERE account_id = $1 AND thread = $2;

-- thread_of_item: The conversation of an item, if it has one.
SELECT account_id, thread FROM items WHERE id = $1;

-- items_of_thread: A conversation's mail in all folders, oldest first.
SELECT id, account_id, collection_id, server_id, content_class, data, revision, unconfirmed FROM items
WHERE account_id = $1 AND thread = $2 ORDER BY place DESC, title DESC, id DESC;

-- all_data: The properties of all items, to see whether they can be read.
SELECT id, content_class, data FROM items;

-- count: Items of an account by class.
SELECT content_class, COUNT(*) FROM items
WHERE account_id = $1 AND ($2 IS NULL OR collection_id = $2) AND unread >= $3 AND unconfirmed >= $4
GROUP BY content_class;

-- put_body: Keep a body, replacing an older one.
INSERT INTO bodies (item_id, type, text, octets, truncated, estimated_size) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (item_id) DO UPDATE SET type = excluded.type, text = excluded.text, octets = excluded.octets,
    truncated = excluded.truncated, estimated_size = excluded.estimated_size;

-- body: One body.
SELECT item_id, type, text, octets, truncated, estimated_size FROM bodies WHERE item_id = $1;

-- delete_body: Forget a body.
DELETE FROM bodies WHERE item_id = $1;

-- add_attachment: Keep an attachment's description.
INSERT INTO attachments (item_id, place, display_name, file_reference, estimated_size, content_id, is_inline)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- delete_attachments: Forget the descriptions of an item's attachments.
DELETE FROM attachments WHERE item_id = $1;

-- put_set_aside: Set an item aside, or count one more attempt.
INSERT INTO set_aside (account_id, collection_id, server_id, reason, attempts, first_at, next_at)
VALUES ($1, $2, $3, $4, 1, $5, $6)
ON CONFLICT (collection_id, server_id) DO UPDATE SET reason = excluded.reason, attempts = set_aside.attempts + 1,
    next_at = excluded.next_at;

-- set_aside: What an account has set aside, oldest first.
SELECT account_id, collection_id, server_id, reason, attempts, first_at, next_at FROM set_aside
WHERE account_id = $1 ORDER BY first_at, collection_id, server_id;

-- is_set_aside: Whether an item is set aside.
SELECT 1 FROM set_aside WHERE collection_id = $1 AND server_id = $2;

-- delete_set_aside: An item is set aside no more.
DELETE FROM set_aside WHERE collection_id = $1 AND server_id = $2;

-- queue: Keep something that the server has to be told.
INSERT INTO outbox (account_id, kind, client_id, collection_id, item_id, payload, state, reason, attempts, queued_at)
VALUES ($1, $2, $3, $4, $5, $6, 'queued', '', 0, $7) RETURNING *;

-- outbox: An account's outbox in order.
SELECT * FROM outbox WHERE account_id = $1 ORDER BY id;

-- mark_outbox: Note what is known of an entry's fate.
UPDATE outbox SET state = $1, reason = $2, attempts = attempts + $3 WHERE id = $4 RETURNING *;

-- mark_sending: Note that an entry is on its way, if it may be.
UPDATE outbox SET state = 'sending', reason = '', attempts = attempts + 1
WHERE id = $1 AND state IN ('queued', 'sending') RETURNING *;

-- outbox_entry: One entry of the outbox.
SELECT * FROM outbox WHERE id = $1;

-- outbox_of_item: What the server has still to be told about an item, in order.
SELECT * FROM outbox WHERE account_id = $1 AND item_id = $2 ORDER BY id;

-- unnamed_entries: What a person did with an item after it was first to be told, in order.
SELECT * FROM outbox WHERE account_id = $1 AND item_id = $2 AND kind IN ('move', 'delete') AND state = 'queued' ORDER BY id;

-- rewrite_entry: Give an entry another intent and fate.
UPDATE outbox SET payload = $1, state = $2, reason = $3, client_id = $4, collection_id = $5, attempts = $6
WHERE id = $7 RETURNING *;

-- settle: Forget an outbox entry.
DELETE FROM outbox WHERE id = $1;

-- delete_outbox: Forget an account's outbox.
DELETE FROM outbox WHERE account_id = $1;

-- told: What the attendees of a meeting were last told.
SELECT uid, sequence, digest FROM invitations WHERE account_id = $1 AND uid = $2;

-- put_told: Note what the attendees of a meeting are told.
INSERT INTO invitations (account_id, uid, sequence, digest) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, uid) DO UPDATE SET sequence = excluded.sequence, digest = excluded.digest;

-- delete_told: Forget what attendees were told.
DELETE FROM invitations WHERE account_id = $1;

-- add_change: Add to the feed.
INSERT INTO feed (account_id, number, kind, origin, at, collection_id, item_id, announce, fields, detail, passage,
    device_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- feed: An account's changes after a number.
SELECT * FROM feed WHERE account_id = $1 AND number > $2 ORDER BY number LIMIT $3;

-- old_changes: For some accounts, the last of their first changes that is older than a time and than the newest ones.
SELECT accounts.id, MAX(number) FROM accounts JOIN feed ON feed.account_id = accounts.id
WHERE feed_position - feed_horizon > $1 AND number <= feed_position - $1 AND number <= feed_horizon + $2 AND at < $3
GROUP BY accounts.id LIMIT $4;

-- forget_changes: Forget an account's changes up to a number.
DELETE FROM feed WHERE account_id = $1 AND number <= $2;

-- advance_horizon: Note up to which number an account's feed was forgotten.
UPDATE accounts SET feed_horizon = $1 WHERE id = $2 AND feed_horizon < $1;

-- forget_details: Take what the feed of an account tells in words out of it; its numbers stay.
UPDATE feed SET detail = '' WHERE account_id = $1;

-- want_index: Put an item on the list of those that wait to be indexed.
INSERT INTO to_index (item_id) VALUES ($1) ON CONFLICT (item_id) DO NOTHING;

-- waiting_for_index: Items that wait to be indexed, newest first.
SELECT to_index.item_id, items.content_class, items.data, bodies.type, bodies.text, bodies.octets
FROM to_index LEFT JOIN items ON items.id = to_index.item_id LEFT JOIN bodies ON bodies.item_id = to_index.item_id
ORDER BY to_index.item_id DESC LIMIT $1;

-- indexed: An item waits no more.
DELETE FROM to_index WHERE item_id = $1;

-- add_policy_version: Keep a version of the policies.
INSERT INTO policy_versions (number, policies, at, by_whom, why) VALUES ($1, $2, $3, $4, $5);

-- newest_policy_version: The policies that hold.
SELECT number, policies, at, by_whom, why FROM policy_versions ORDER BY number DESC LIMIT 1;

-- policy_version: One version of the policies.
SELECT number, policies, at, by_whom, why FROM policy_versions WHERE number = $1;

-- policy_versions: The newest versions of the policies, newest first.
SELECT number, policies, at, by_whom, why FROM policy_versions ORDER BY number DESC LIMIT $1;

-- add_audit_entry: Add a line to the audit log.
INSERT INTO audit (number, at, who, what, subject, detail, chain) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- audit_entries: Lines of the audit log after a number.
SELECT number, at, who, what, subject, detail, chain FROM audit WHERE number > $1 ORDER BY number LIMIT $2;

-- audit_end: Where the audit log ends.
SELECT number, chain FROM audit_end;

-- set_audit_end: Note where the audit log ends.
UPDATE audit_end SET number = $1, chain = $2;
