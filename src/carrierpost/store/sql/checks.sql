-- What must never be. Each query finds the ids of what breaks the rule that its name tells.

-- items_of_another_account_than_their_collection: An item belongs to the account of its collection.
SELECT items.id FROM items JOIN collections ON collections.id = collection_id
WHERE items.account_id != collections.account_id;

-- items_of_another_class_than_their_collection: A collection holds items of its class only.
SELECT items.id FROM items JOIN collections ON collections.id = collection_id
WHERE items.content_class IS DISTINCT FROM collections.content_class;

-- bodies_without_item: A body goes with its item.
SELECT item_id FROM bodies WHERE item_id NOT IN (SELECT id FROM items);

-- bodies_of_no_kind_or_two: A body is either text or octets.
SELECT item_id FROM bodies WHERE (text IS NULL) = (octets IS NULL);

-- attachments_without_item: An attachment's description goes with its item.
SELECT item_id FROM attachments WHERE item_id NOT IN (SELECT id FROM items);

-- items_waiting_for_the_index_that_are_gone: What waits for the index is held.
SELECT item_id FROM to_index WHERE item_id NOT IN (SELECT id FROM items);

-- complete_collections_with_items_and_no_key: Whoever is complete has a key.
SELECT id FROM collections WHERE sync_key = '0' AND progress = 'complete'
AND id IN (SELECT collection_id FROM items);

-- complete_collections_with_unconfirmed_items: At the end of a resynchronisation nothing is in doubt but what a person is asked about.
SELECT collections.id FROM collections JOIN items ON items.collection_id = collections.id
WHERE progress = 'complete' AND unconfirmed = 1 AND doubt = '';

-- accounts_with_gaps_in_the_feed: The numbers of a feed run from its horizon to the account's position.
SELECT accounts.id FROM accounts LEFT JOIN feed ON feed.account_id = accounts.id
GROUP BY accounts.id, feed_position, feed_horizon
HAVING COUNT(number) != feed_position - feed_horizon OR COALESCE(MAX(number), feed_horizon) != feed_position;

-- changes_below_the_horizon: What was forgotten is gone.
SELECT number FROM feed JOIN accounts ON accounts.id = account_id WHERE number <= feed_horizon;

-- items_told_to_be_gone_that_are_held: What was told to be gone is gone, and its id is never used again.
SELECT items.id FROM items JOIN feed ON feed.item_id = items.id WHERE kind IN ('item-removed', 'item-left');

-- items_never_told_to_be_added: What is held was told, as far as the feed goes back.
SELECT items.id FROM items JOIN accounts ON accounts.id = account_id
WHERE feed_horizon = 0 AND items.id NOT IN (SELECT item_id FROM feed WHERE kind = 'item-added');

-- items_told_to_be_added_twice: Nothing is told to be new twice.
SELECT item_id FROM feed WHERE kind = 'item-added' GROUP BY item_id HAVING COUNT(*) > 1;

-- items_beyond_the_counter: No id is held that is still to be given.
SELECT items.id FROM items JOIN counters ON name = 'item' WHERE items.id > value;

-- items_that_the_server_is_never_told_of: Without server id an item is in doubt, or something in the outbox is about it.
SELECT id FROM items WHERE server_id IS NULL AND unconfirmed = 0
AND id NOT IN (SELECT item_id FROM outbox WHERE item_id IS NOT NULL);

-- outbox_entries_about_items_of_another_account: Who writes is whose item it is.
SELECT outbox.id FROM outbox JOIN items ON items.id = item_id WHERE items.account_id != outbox.account_id;

-- devices_without_life_or_settings: Of every device it is known where it is in its life, and what was set on it.
SELECT id FROM devices
WHERE id NOT IN (SELECT device_id FROM device_life) OR id NOT IN (SELECT device_id FROM device_settings);

-- sessions_bound_to_a_device_of_another_account: A browser is a device of the account that it shows.
SELECT session_id FROM session_accounts JOIN devices ON devices.id = device_id
WHERE devices.account_id != session_accounts.account_id;

-- devices_of_wiped_accounts: After a wipe nobody is told of the account any more.
SELECT devices.id FROM devices JOIN accounts ON accounts.id = account_id WHERE accounts.data LIKE '%"state":"wiped"%';
