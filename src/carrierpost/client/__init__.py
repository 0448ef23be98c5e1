"""
The protocol's IO face: connections, login, Autodiscover, traces.
"""
