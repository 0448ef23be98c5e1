"""
Whose mails are synchronized; apart from the server, so that the hub's process does not load that too.
"""

__all__ = ["ADDRESS", "PASSWORD"]

ADDRESS = "ada@larch.example"
PASSWORD = "correct horse"
