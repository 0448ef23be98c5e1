"""
The hub's web face: what a browser, a phone and a native host ask over HTTP.
"""
