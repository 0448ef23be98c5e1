"""
The text formats of the outside world, to and from this house's typed items: mail (MIME), HTML for display, iCalendar,
invitations, vCard, S/MIME.

Everything here is pure. What comes from outside is taken for hostile: it is read as far as it goes, and what is wrong
with it is part of the result. What cannot be said in the other form is held back with a reason, never changed in
meaning.
"""
