"""
A device's life, and how mail reaches it: decided here, purely, and carried out by others.
"""

from carrierpost.delivery.decision import RULES, Delivery, Rule, Way, decide
from carrierpost.delivery.errors import DeliveryError, EventNotPossible, StoryError
from carrierpost.delivery.lifecycle import TRANSITIONS, LifeEvent, Transition, after, lived, possible
from carrierpost.delivery.settings import DeliveryPolicy, RefreshPolicy
from carrierpost.delivery.together import HubPlan, Known, Turn, plan_account

__all__ = [
    "RULES",
    "TRANSITIONS",
    "Delivery",
    "DeliveryError",
    "DeliveryPolicy",
    "EventNotPossible",
    "HubPlan",
    "Known",
    "LifeEvent",
    "RefreshPolicy",
    "Rule",
    "StoryError",
    "Transition",
    "Turn",
    "Way",
    "after",
    "decide",
    "lived",
    "plan_account",
    "possible",
]
