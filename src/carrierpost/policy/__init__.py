"""
What may be done with a mailbox here: the server's device policy, judged. Pure.
"""

from carrierpost.policy.device import Capabilities, Judgement, Verdict, compliance, judge, judge_stored

__all__ = ["Capabilities", "Judgement", "Verdict", "compliance", "judge", "judge_stored"]
