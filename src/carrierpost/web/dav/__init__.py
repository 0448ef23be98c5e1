"""
The address book over CardDAV, for the contacts app of a phone or a desktop.

    xml         what was asked, read with limits
    multistatus what is answered, written piece by piece
    door        who comes in: a device, by a password of its own
    places      what is where
    properties  what can be asked of each place
    reports     many cards at once, what changed, who fits
    filters     whom a question fits
    writing     what comes back from the device
    handler     joins them to an ASGI application

It obeys RFC 6352 (CardDAV), RFC 4918 (WebDAV), RFC 3744 (the part about privileges that programs ask for), RFC 5397,
RFC 6578 (collection synchronization) and RFC 6764 (finding it).
"""

from carrierpost.web.dav.handler import dav_routes

__all__ = ["dav_routes"]
