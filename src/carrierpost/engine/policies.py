"""
Policies in an administrator's hands: read, changed, undone, each change with its author and reason.

What they say is decided in `carrierpost.policy`; here they are brought together with the store, so that a change is in
the feeds of all whom it concerns the moment that it holds.
"""

from __future__ import annotations

import msgspec

from carrierpost.model import NewPolicyVersion, Platform, Policies, PolicyVersion
from carrierpost.policy import EffectivePolicy, PolicyOutdated, effective_policy
from carrierpost.policy.changes import differences
from carrierpost.policy.document import check_policies, load_policies, save_policies
from carrierpost.policy.sets import concerned
from carrierpost.store.contract import Store
from carrierpost.store.errors import StaleCommit

__all__ = ["PolicyDesk", "Revision"]


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """
    A version of the policies.

    Attributes:
        version: its number, author, time and reason.
        policies: what it says.
        changes: what it made different, in words.
    """

    version: PolicyVersion
    policies: Policies
    changes: tuple[str, ...] = ()


class PolicyDesk:
    """
    The policies of a store.

    Args:
        store: where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def current(self) -> Revision:
        """
        Give the policies that hold.
        """
        version = await self._store.policy_version()
        return Revision(version=version, policies=load_policies(version.policies))

    async def effective(
        self, address: str, *, platform: Platform | None = None, groups: tuple[str, ...] = ()
    ) -> EffectivePolicy:
        """
        Give what holds for a person now, or for one device of a person; see `effective_policy`.
        """
        policies = (await self.current()).policies
        return effective_policy(policies, address=address, groups=groups, platform=platform)

    async def replace(self, policies: Policies, *, after: int, by: str, why: str = "") -> Revision:
        """
        Let other policies hold from now on.

        Args:
            policies: all of them.
            after: the number of the version that the change was made from.
            by: who makes the change.
            why: the reason.

        Returns:
            The new version; or the one that holds, when nothing is different.

        Raises:
            PolicyInvalid: they say something that cannot be.
            PolicyOutdated: somebody else changed them in between.
        """
        check_policies(policies)
        held = await self.current()
        if held.version.number != after:
            raise PolicyOutdated(after, held.version.number, held.version.by)
        changes = differences(held.policies, policies)
        if not changes:
            return held
        people = {one.id: one.address for one in await self._store.accounts()}
        new = NewPolicyVersion(
            after=after,
            policies=save_policies(policies),
            by=by,
            why=why,
            concerned=concerned(held.policies, policies, people),
        )
        try:
            version = await self._store.commit_policies(new)
        except StaleCommit:
            now = (await self.current()).version
            raise PolicyOutdated(after, now.number, now.by) from None
        return Revision(version=version, policies=policies, changes=changes)

    async def undo(self, *, by: str, why: str = "", to: int | None = None) -> Revision:
        """
        Let an earlier version hold again; the history goes on, and the undoing can be undone.

        Args:
            by: who does it.
            why: the reason.
            to: the version's number; the one before the present one unless given. 0 is before any policy was set.

        Raises:
            NotHeld: there is no such version.
            PolicyOutdated: somebody else changed them in between.
        """
        held = (await self._store.policy_version()).number
        wanted = max(held - 1, 0) if to is None else to
        policies = Policies() if wanted == 0 else load_policies((await self._store.policy_version(wanted)).policies)
        return await self.replace(policies, after=held, by=by, why=why or f"back to version {wanted}")

    async def history(self, limit: int = 20) -> tuple[Revision, ...]:
        """
        List the newest versions, newest first, each with what it made different.
        """
        versions = await self._store.policy_versions(limit + 1)
        read = [load_policies(one.policies) for one in versions] + [Policies()]
        return tuple(
            Revision(version=one, policies=read[place], changes=differences(read[place + 1], read[place]))
            for place, one in enumerate(versions[:limit])
        )
