"""
A device's life, and how mail reaches it: decided here, purely, and carried out by others.
"""

from carrierpost.delivery.cadence import Factor, Habits, NextRefresh, RefreshMemory, next_refresh
from carrierpost.delivery.decision import RULES, Delivery, Rule, Way, decide
from carrierpost.delivery.errors import DeliveryError, EventNotPossible, StoryError
from carrierpost.delivery.habit import Weekly
from carrierpost.delivery.host import Engine, NativeHost, Refreshed
from carrierpost.delivery.lifecycle import TRANSITIONS, LifeEvent, Transition, after, lived, possible
from carrierpost.delivery.settings import DeliveryPolicy, RefreshPolicy
from carrierpost.delivery.together import HubPlan, Known, Turn, plan_account

__all__ = [
    "RULES",
    "TRANSITIONS",
    "Delivery",
    "DeliveryError",
    "DeliveryPolicy",
    "Engine",
    "EventNotPossible",
    "Factor",
    "Habits",
    "HubPlan",
    "Known",
    "LifeEvent",
    "NativeHost",
    "NextRefresh",
    "RefreshMemory",
    "RefreshPolicy",
    "Refreshed",
    "Rule",
    "StoryError",
    "Transition",
    "Turn",
    "Way",
    "Weekly",
    "after",
    "decide",
    "lived",
    "next_refresh",
    "plan_account",
    "possible",
]
