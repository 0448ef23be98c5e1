-- Who has a mailbox, and what the global address list says of them.
SET client_min_messages = warning;

CREATE TABLE IF NOT EXISTS accounts (
  uid text PRIMARY KEY,
  password text NOT NULL,
  cn text NOT NULL,
  mail text UNIQUE NOT NULL,
  givenname text,
  sn text,
  title text,
  o text,
  l text,
  telephonenumber text,
  homephone text,
  mobile text
);

-- SOGo logs people in by the columns with the prefix; its answer to a search of the address list shows only
-- those without it. So a column that matters for both stands here twice.
CREATE OR REPLACE VIEW sogo_users AS
SELECT
  uid AS c_uid, uid AS c_name, password AS c_password, cn AS c_cn, mail, cn AS displayname,
  givenname, sn, title, o, l, telephonenumber, homephone, mobile,
  givenname AS c_givenname, sn AS c_sn, o AS c_o, l AS c_l, telephonenumber AS c_telephonenumber
FROM accounts;

ALTER TABLE accounts OWNER TO sogo;
ALTER VIEW sogo_users OWNER TO sogo;
