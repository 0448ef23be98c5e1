"""
Telling devices: what they are told and why, by which channel, and what became of it.
"""
