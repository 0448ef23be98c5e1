-- Lists in order without sorting, page by page, and the conversation that a mail belongs to.

ALTER TABLE items ADD COLUMN thread TEXT;

-- What comes first within a class: the newest mail, the earliest event; the others go by their titles alone.
ALTER TABLE items ADD COLUMN place INTEGER NOT NULL GENERATED ALWAYS AS
    (CASE content_class WHEN 'Email' THEN -moment WHEN 'Calendar' THEN moment ELSE 0 END) VIRTUAL;

DROP INDEX items_by_moment;
CREATE INDEX items_of_class ON items (account_id, content_class, place, title, id);
CREATE INDEX items_of_collection ON items (collection_id, place, title, id);
CREATE INDEX items_of_thread ON items (account_id, thread, place, title, id) WHERE thread IS NOT NULL;

UPDATE items SET thread = thread_of(content_class, data) WHERE content_class = 'Email';
