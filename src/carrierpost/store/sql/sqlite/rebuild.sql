-- What is written when a damaged store is rebuilt.

-- keep_account: Begin an account under the id that it had; its feed goes on above all numbers that it may have had.
INSERT INTO accounts (id, address, data, feed_position, feed_horizon) VALUES ($1, $2, $3, $4, $4);

-- keep_outbox_entry: Keep an entry, and forget which of the old items it was about.
INSERT INTO outbox (account_id, kind, client_id, payload, state, reason, attempts, queued_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- keep_counter: Go on counting where the old store was.
UPDATE counters SET value = $1 WHERE name = 'item' AND value < $1;
