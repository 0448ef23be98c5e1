"""
Items as the HTTP interface shows them: plain values, worded for a screen. Pure.
"""

from carrierpost.web.views.calendar import OccurrenceView, occurrence_views
from carrierpost.web.views.contacts import ContactLine, contact_line
from carrierpost.web.views.folders import FolderKind, FolderView, folder_view
from carrierpost.web.views.mail import AttachmentView, InvitationView, MailLine, PersonView, invitation_view, mail_line
from carrierpost.web.views.telling import (
    ForecastView,
    ItemTraceView,
    ToldView,
    forecast_view,
    item_trace_view,
    told_view,
)

__all__ = [
    "AttachmentView",
    "ContactLine",
    "FolderKind",
    "FolderView",
    "ForecastView",
    "InvitationView",
    "ItemTraceView",
    "MailLine",
    "OccurrenceView",
    "PersonView",
    "ToldView",
    "contact_line",
    "folder_view",
    "forecast_view",
    "invitation_view",
    "item_trace_view",
    "mail_line",
    "occurrence_views",
    "told_view",
]
