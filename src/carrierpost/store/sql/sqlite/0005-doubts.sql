-- What a person says about a folder of which the server says that everything in it is gone.
ALTER TABLE collections ADD COLUMN doubt TEXT NOT NULL DEFAULT '';
