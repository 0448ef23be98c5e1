"""
What may be done with a mailbox here, decided without any IO: what an administrator set (`effective_policy`), and what
the mail server demands of a device (`judge`).
"""

from carrierpost.model.policy import Policies, PolicySet, PolicyTarget, PolicyValues, TargetKind
from carrierpost.policy.device import Capabilities, Judgement, Verdict, compliance, judge, judge_stored
from carrierpost.policy.errors import PolicyError, PolicyInvalid, PolicyOutdated
from carrierpost.policy.sets import EffectivePolicy, effective_policy
from carrierpost.policy.settings import SETTINGS, stricter

__all__ = [
    "SETTINGS",
    "Capabilities",
    "EffectivePolicy",
    "Judgement",
    "Policies",
    "PolicyError",
    "PolicyInvalid",
    "PolicyOutdated",
    "PolicySet",
    "PolicyTarget",
    "PolicyValues",
    "TargetKind",
    "Verdict",
    "compliance",
    "effective_policy",
    "judge",
    "judge_stored",
    "stricter",
]
