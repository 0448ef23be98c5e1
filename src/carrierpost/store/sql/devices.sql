-- Devices, their subscriptions, and who may come in.

-- add_device: Begin a device and give its id.
INSERT INTO devices (account_id, name, platform, time_zone, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- devices: All devices in order.
SELECT * FROM devices ORDER BY id;

-- devices_of: An account's devices in order.
SELECT * FROM devices WHERE account_id = $1 ORDER BY id;

-- device: One device.
SELECT * FROM devices WHERE id = $1;

-- update_device: Replace what a person may set of a device.
UPDATE devices SET name = $1, platform = $2, time_zone = $3 WHERE id = $4;

-- delete_device: Forget a device; everything of it goes with it.
DELETE FROM devices WHERE id = $1;

-- delete_devices: Forget an account's devices.
DELETE FROM devices WHERE account_id = $1;

-- put_device_life: Replace what a device says of its life.
INSERT INTO device_life (device_id, data) VALUES ($1, $2) ON CONFLICT (device_id) DO UPDATE SET data = excluded.data;

-- device_life: What a device said of its life, and the newest of its channels that is in use.
SELECT data, (
    SELECT channel FROM subscriptions WHERE subscriptions.device_id = device_life.device_id AND failed = ''
    ORDER BY id DESC LIMIT 1
) FROM device_life WHERE device_id = $1;

-- put_device_settings: Replace what a person set on a device.
INSERT INTO device_settings (device_id, data) VALUES ($1, $2)
ON CONFLICT (device_id) DO UPDATE SET data = excluded.data;

-- device_settings: What a person set on a device.
SELECT data FROM device_settings WHERE device_id = $1;

-- known_devices: All that is known of an account's devices, in order.
SELECT devices.*, device_life.data, (
    SELECT channel FROM subscriptions WHERE subscriptions.device_id = devices.id AND failed = '' ORDER BY id DESC LIMIT 1
), device_settings.data
FROM devices JOIN device_life ON device_life.device_id = devices.id
JOIN device_settings ON device_settings.device_id = devices.id
WHERE account_id = $1 ORDER BY devices.id;

-- put_subscription: Keep where a device can be notified; the same place again replaces it.
INSERT INTO subscriptions (device_id, channel, place, address, secret, created_at) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING *;

-- delete_subscription_at: Forget what is held of a place, before it is kept anew.
DELETE FROM subscriptions WHERE device_id = $1 AND place = $2;

-- delete_failed_subscriptions: Forget a device's subscriptions of a channel that are used no more.
DELETE FROM subscriptions WHERE device_id = $1 AND channel = $2 AND failed != '';

-- subscriptions: A device's subscriptions, the oldest first.
SELECT * FROM subscriptions WHERE device_id = $1 ORDER BY id;

-- subscription: One subscription.
SELECT * FROM subscriptions WHERE id = $1;

-- verify_subscription: Note that a notice came by a subscription.
UPDATE subscriptions SET verified_at = $1 WHERE id = $2 AND failed = '' RETURNING id;

-- fail_subscription: Note why a subscription is used no more.
UPDATE subscriptions SET failed = $1 WHERE id = $2 AND failed = '' RETURNING device_id;

-- delete_subscription: Forget a subscription.
DELETE FROM subscriptions WHERE id = $1 RETURNING device_id;

-- add_device_token: Keep the hash of a token.
INSERT INTO device_tokens (device_id, hash, name, created_at, expires_at, purpose) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id;

-- device_tokens: A device's tokens, the oldest first.
SELECT id, device_id, name, created_at, used_at, expires_at, purpose FROM device_tokens WHERE device_id = $1 ORDER BY id;

-- device_token: The token with a hash for a purpose, unless its time is over.
SELECT id, device_id, name, created_at, used_at, expires_at, purpose FROM device_tokens
WHERE hash = $1 AND purpose = $2 AND (expires_at IS NULL OR expires_at > $3);

-- use_device_token: Note when a token was used.
UPDATE device_tokens SET used_at = $1 WHERE id = $2;

-- delete_device_token: Forget a token.
DELETE FROM device_tokens WHERE id = $1 AND device_id = $2 RETURNING id;

-- add_session: Begin a session and give its id.
INSERT INTO sessions (hash, name, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4) RETURNING id;

-- session: The session with a hash, unless its time is over.
SELECT id, name, created_at, seen_at, expires_at FROM sessions WHERE hash = $1 AND expires_at > $2;

-- session_by_id: One session, unless its time is over.
SELECT id, name, created_at, seen_at, expires_at FROM sessions WHERE id = $1 AND expires_at > $2;

-- session_accounts: What a session may work on, the first that signed in first.
SELECT account_id, proved_at, device_id FROM session_accounts WHERE session_id = $1 ORDER BY proved_at, account_id;

-- sessions_of: An account's sessions that still run, the oldest first.
SELECT sessions.id, name, created_at, seen_at, expires_at
FROM sessions JOIN session_accounts ON session_id = sessions.id
WHERE account_id = $1 AND expires_at > $2 ORDER BY sessions.id;

-- see_session: Note when a session was used.
UPDATE sessions SET seen_at = $1 WHERE id = $2;

-- sign_in: Let a session work on an account, whose login was just proved.
INSERT INTO session_accounts (session_id, account_id, proved_at, device_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (session_id, account_id) DO UPDATE SET proved_at = excluded.proved_at,
    device_id = COALESCE(excluded.device_id, session_accounts.device_id);

-- bind_session: Note which device a session's browser is for an account.
UPDATE session_accounts SET device_id = $1 WHERE session_id = $2 AND account_id = $3 RETURNING session_id;

-- move_sign_ins: Let another session work on what this one does.
UPDATE session_accounts SET session_id = $1 WHERE session_id = $2;

-- sign_out: Take an account away from a session.
DELETE FROM session_accounts WHERE session_id = $1 AND account_id = $2;

-- sign_out_everywhere: Take an account away from all sessions, perhaps but one.
DELETE FROM session_accounts WHERE account_id = $1 AND ($2 IS NULL OR session_id != $2);

-- delete_session: End a session.
DELETE FROM sessions WHERE id = $1;

-- delete_idle_sessions: End the sessions that may work on nothing.
DELETE FROM sessions WHERE id NOT IN (SELECT session_id FROM session_accounts);

-- delete_expired_sessions: End the sessions whose time is over.
DELETE FROM sessions WHERE expires_at <= $1;

-- delete_expired_tokens: Forget the tokens whose time is over.
DELETE FROM device_tokens WHERE expires_at <= $1;

-- put_ticket: Keep the hash of a ticket.
INSERT INTO tickets (hash, purpose, expires_at, account_id, data) VALUES ($1, $2, $3, $4, $5);

-- take_ticket: Give a ticket and forget it.
DELETE FROM tickets WHERE hash = $1 AND purpose = $2 RETURNING purpose, expires_at, account_id, data;

-- delete_tickets: Forget an account's tickets.
DELETE FROM tickets WHERE account_id = $1;

-- delete_expired_tickets: Forget the tickets whose time is over.
DELETE FROM tickets WHERE expires_at <= $1;

-- begin_answer: Note that a request is being worked on, unless one of its key was seen.
INSERT INTO answered (account_id, key, digest, status, body, at) VALUES ($1, $2, $3, 0, $4, $5)
ON CONFLICT (account_id, key) DO NOTHING RETURNING key;

-- answered: What is known of a request.
SELECT digest, status, body FROM answered WHERE account_id = $1 AND key = $2;

-- put_answer: Keep what a request was answered.
UPDATE answered SET status = $1, body = $2 WHERE account_id = $3 AND key = $4;

-- delete_answer: Forget a request that came to nothing.
DELETE FROM answered WHERE account_id = $1 AND key = $2;

-- delete_answers: Forget an account's answers.
DELETE FROM answered WHERE account_id = $1;

-- delete_old_answers: Forget the answers that nobody asks for any more.
DELETE FROM answered WHERE at <= $1;

-- bucket: When a bucket is full again.
SELECT full_at FROM buckets WHERE name = $1;

-- put_bucket: Note when a bucket is full again.
INSERT INTO buckets (name, full_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET full_at = excluded.full_at;

-- delete_full_buckets: Forget the buckets that are full: one that is not there is full, too.
DELETE FROM buckets WHERE full_at <= $1;
