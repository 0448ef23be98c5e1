"""
What leaves for the phone's address book and for files: how far it may, and in which form.
"""
