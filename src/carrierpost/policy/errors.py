"""
What can be wrong with policies.

    PolicyError
    ├── PolicyInvalid   they say something that cannot be
    └── PolicyOutdated  somebody else changed them in between
"""

from __future__ import annotations

__all__ = ["PolicyError", "PolicyInvalid", "PolicyOutdated"]


class PolicyError(Exception):
    """
    The base of what this room raises; its text is a sentence for a person.
    """


class PolicyInvalid(PolicyError):
    """
    Policies cannot be taken as they are.

    Attributes:
        faults: a sentence for each thing that is wrong, beginning with where it stands.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


class PolicyOutdated(PolicyError):
    """
    The policies were changed by somebody else since they were read.

    Attributes:
        expected: the version that the change was made from.
        number: the version that is there now.
        by: who made that.
    """

    def __init__(self, expected: int, number: int, by: str) -> None:
        super().__init__(expected, number, by)
        self.expected = expected
        self.number = number
        self.by = by

    def __str__(self) -> str:
        return (
            f"your change was made from version {self.expected} of the policies, and there is version {self.number} by "
            f"{self.by} now; look at it and make the change again"
        )
