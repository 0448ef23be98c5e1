-- Notices and their traces; rules as in queries.sql.

-- notify_position: How far the feed of an account was decided on.
SELECT number FROM notify_positions WHERE account_id = $1;

-- put_notify_position: Note how far the feed of an account was decided on.
INSERT INTO notify_positions (account_id, number) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET number = excluded.number;

-- notify_positions: How far the feed of each account was decided on.
SELECT account_id, number FROM notify_positions;

-- put_notice_settings: Replace what a person set about notices on a device.
INSERT INTO notice_settings (device_id, data) VALUES ($1, $2)
ON CONFLICT (device_id) DO UPDATE SET data = excluded.data;

-- notice_settings: What a person set about notices on a device.
SELECT data FROM notice_settings WHERE device_id = $1;

-- vips: The very important people of an account.
SELECT address FROM vips WHERE account_id = $1 ORDER BY address;

-- add_vip: Somebody is very important.
INSERT INTO vips (account_id, address) VALUES ($1, $2) ON CONFLICT (account_id, address) DO NOTHING;

-- delete_vips: Nobody is.
DELETE FROM vips WHERE account_id = $1;

-- add_notice: Put a notice into the queue, unless its device was told the same before.
INSERT INTO notices (token, device_id, account_id, kind, "key", state, due_at, expires_at, text, item_id, collection_id,
    urgency, collapse, reason, about, news_at, attempts, made_at, settled_at, sent_at, silent, joined, remark)
VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, $16, NULL, 0, '', '')
ON CONFLICT DO NOTHING RETURNING *;

-- notice: The notice of a token.
SELECT * FROM notices WHERE token = $1;

-- notices_of_item: What was to be told of an item, in order.
SELECT * FROM notices WHERE item_id = $1 ORDER BY id;

-- notices_of_account: The newest notices of an account, perhaps of one device only.
SELECT * FROM notices WHERE account_id = $1 AND ($2 IS NULL OR device_id = $2) AND made_at >= $3
ORDER BY id DESC LIMIT $4;

-- due_devices: Devices that are to be told something by now, and since when, those that wait longest first.
SELECT device_id, MIN(due_at) FROM notices WHERE state = 'waiting' AND due_at <= $1
GROUP BY device_id ORDER BY MIN(due_at), device_id LIMIT $2;

-- next_due: When the next notice after a time is due.
SELECT MIN(due_at) FROM notices WHERE state = 'waiting' AND due_at > $1;

-- due_notices: What a device is to be told by now, in order, with what was tried before and merely waits for another try.
SELECT * FROM notices WHERE device_id = $1 AND state = 'waiting' AND (due_at <= $2 OR attempts > 0)
AND EXISTS (SELECT 1 FROM notices AS due WHERE due.device_id = $1 AND due.state = 'waiting' AND due.due_at <= $2)
ORDER BY id LIMIT $3;

-- hand_notice: Note that a notice is with a channel, if it still waits.
UPDATE notices SET state = 'handed', attempts = attempts + 1, sent_at = $1, settled_at = $1, silent = $2, joined = $3
WHERE id = $4 AND state = 'waiting' RETURNING *;

-- requeue_notice: Let a notice wait again, unless somebody took it away meanwhile.
UPDATE notices SET state = 'waiting', due_at = COALESCE($1, due_at), settled_at = $2, remark = $3, silent = 0, joined = ''
WHERE id = $4 AND state IN ('handed', 'waiting') RETURNING *;

-- settle_notice: Note what became of a notice; its words are not needed any more.
UPDATE notices SET state = $1, settled_at = $2, remark = $3, text = NULL
WHERE id = $4 AND state IN ('handed', 'waiting') RETURNING *;

-- withdraw_notice: Note that a notice need not be told any more, or is being taken away.
UPDATE notices SET state = 'withdrawn', settled_at = $1, remark = $2, text = NULL WHERE id = $3;

-- forget_notice: Forget a notice that is made anew.
DELETE FROM notices WHERE id = $1;

-- spoken_for: How many of the notices that one message spoke for are still to be seen.
SELECT COUNT(*) FROM notices
WHERE (token = $1 OR joined = $1) AND state IN ('handed', 'accepted', 'received', 'shown');

-- acknowledge_notice: Note that a device has got a notice, or shown it, and those for which it spoke.
UPDATE notices SET state = CASE WHEN state = 'shown' OR state = 'withdrawn' THEN state ELSE $1 END, settled_at = $2, text = NULL
WHERE device_id = $3 AND (token = $4 OR joined = $4) RETURNING *;

-- requeue_handed: Let wait again what was with a channel when the hub ended.
UPDATE notices SET state = 'waiting', due_at = $1, settled_at = $1, remark = $2, silent = 0, joined = ''
WHERE state = 'handed' RETURNING id;

-- silent_since: When a device was last woken without showing anything, the first first.
SELECT sent_at FROM notices WHERE device_id = $1 AND silent = 1 AND joined = '' AND sent_at > $2 ORDER BY sent_at;

-- delete_notices: Forget an account's notices.
DELETE FROM notices WHERE account_id = $1;

-- add_step: Add to the trace.
INSERT INTO trace (account_id, item_id, device_id, notice, step, at, told, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- trace_of_item: What happened on the way of an item, in order.
SELECT account_id, item_id, device_id, notice, step, at, told, detail FROM trace WHERE item_id = $1 ORDER BY id;

-- trace_of_device: The newest steps that a device's notices took.
SELECT account_id, item_id, device_id, notice, step, at, told, detail FROM trace
WHERE device_id = $1 ORDER BY id DESC LIMIT $2;

-- trace_of_account: The newest steps of an account.
SELECT account_id, item_id, device_id, notice, step, at, told, detail FROM trace
WHERE account_id = $1 ORDER BY id DESC LIMIT $2;

-- trace_of_notice: The steps that one notice took, in order.
SELECT account_id, item_id, device_id, notice, step, at, told, detail FROM trace
WHERE notice = $1 AND notice != '' ORDER BY id;

-- delete_trace: Forget an account's traces.
DELETE FROM trace WHERE account_id = $1;

-- delete_old_steps: Forget what happened long ago.
DELETE FROM trace WHERE at < $1 RETURNING id;

-- step_beyond: The last step that is one too many.
SELECT id FROM trace ORDER BY id DESC LIMIT 1 OFFSET $1;

-- delete_steps: Forget the first steps up to one.
DELETE FROM trace WHERE id <= $1 RETURNING id;

-- delete_old_notices: Forget what became of notices long ago.
DELETE FROM notices WHERE settled_at < $1 AND state NOT IN ('waiting', 'handed') RETURNING id;

-- notice_beyond: The last notice that is one too many.
SELECT id FROM notices ORDER BY id DESC LIMIT 1 OFFSET $1;

-- delete_notices_up_to: Forget what became of the first notices.
DELETE FROM notices WHERE id <= $1 AND state NOT IN ('waiting', 'handed') RETURNING id;
