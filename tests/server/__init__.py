"""
The in-process server does what its manual says.
"""
