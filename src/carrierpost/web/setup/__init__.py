"""
Setting a device's own contacts app up: links, pictures of them, and Apple's configuration profiles.
"""

from carrierpost.web.setup.pages import setup_routes

__all__ = ["setup_routes"]
