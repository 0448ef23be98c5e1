-- What an administrator set for the hub as a whole.

-- put_hub_setting: Set, replacing what was set before.
INSERT INTO hub_settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- hub_setting: One setting.
SELECT value FROM hub_settings WHERE name = $1;

-- hub_settings: All settings, in the order of their names.
SELECT name, value FROM hub_settings ORDER BY name;

-- delete_hub_setting: Forget one, and tell whether there was one.
DELETE FROM hub_settings WHERE name = $1 RETURNING name;
