"""
Real servers for tests and measurements, on loopback, without systemd and without touching /etc.

`python -m scripts.real up` starts SOGo, the one free server of ActiveSync that Debian ships, with all that it
needs: PostgreSQL, memcached, Dovecot, something that takes SMTP, and nginx in front. Everything lives below one
state directory and is found again by the process ids in it, so starting twice changes nothing and stopping leaves
nothing behind. What SOGo needs of its neighbours, and why, is said beside each setting in `templates/`.

Each daemon has a module of its own; `daemon` says what they have in common, `stack` in which order they go.
`imap_peer` is another Dovecot, for measurements against IMAP clients.
"""
