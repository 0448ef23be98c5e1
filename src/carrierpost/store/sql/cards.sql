-- What programs with an address book wrote.

-- card_names: The names that programs gave to cards.
SELECT name, uid, item_id FROM card_names WHERE account_id = $1;

-- put_card_name: Keep the name that a program gave to a card; a later card of that name takes it over.
INSERT INTO card_names (account_id, name, uid, item_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, name) DO UPDATE SET uid = excluded.uid, item_id = excluded.item_id;

-- delete_lost_card_names: Forget the names of cards that are long gone, but the newest of them.
DELETE FROM card_names WHERE account_id = $1 AND name IN (
    SELECT name FROM card_names WHERE account_id = $1 AND item_id NOT IN (SELECT id FROM items WHERE account_id = $1)
    ORDER BY item_id DESC LIMIT -1 OFFSET $2
);

-- delete_card_names: Forget an account's names of cards.
DELETE FROM card_names WHERE account_id = $1;

-- cards_put_back: What is to be put back on a device, the oldest first.
SELECT name, number FROM cards_put_back WHERE device_id = $1 ORDER BY number;

-- put_card_back: Note that a card is to be put back on a device.
INSERT INTO cards_put_back (device_id, name, number)
VALUES ($1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM cards_put_back WHERE device_id = $1))
ON CONFLICT (device_id, name) DO UPDATE SET number = excluded.number;

-- delete_old_cards_put_back: Keep the newest only.
DELETE FROM cards_put_back WHERE device_id = $1 AND name IN (
    SELECT name FROM cards_put_back WHERE device_id = $1 ORDER BY number DESC LIMIT -1 OFFSET $2
);
