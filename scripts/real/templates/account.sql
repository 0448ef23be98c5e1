-- One person; a changed password or name replaces the old.
INSERT INTO accounts (uid, password, cn, mail, givenname, sn)
VALUES (:'name', :'password', :'full', :'mail', split_part(:'full', ' ', 1), split_part(:'full', ' ', 2))
ON CONFLICT (uid) DO UPDATE SET password = EXCLUDED.password, cn = EXCLUDED.cn, mail = EXCLUDED.mail;
