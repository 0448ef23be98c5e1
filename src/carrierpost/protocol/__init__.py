"""
ActiveSync without any IO: commands, item classes, exchanges, statuses, HTTP framing, versions.

Everything here turns values into bytes and back, or says what to send next. Client and server stand on it side by side.
"""
