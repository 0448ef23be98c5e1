"""
Provision as a server does it: the policy in two phases, and wipes ([MS-ASPROV]).
"""

from __future__ import annotations

from carrierpost.protocol.commands.provision import (
    POLICY_TYPE,
    Compliance,
    Policy,
    ProvisionRequest,
    ProvisionResponse,
)
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.commands.context import Context
from carrierpost.server.device import WipeState

__all__ = ["provision"]


async def provision(context: Context) -> Payload:
    """
    Offer the policy, take the acknowledgement, or order a wipe.
    """
    request = context.read(ProvisionRequest.decode, may_be_empty=True)
    device, version = context.device, context.version
    if device.wipe is WipeState.ORDERED:
        return _wipe(context, request).encode(version)
    if request.policy is None or not request.policy.type:
        return ProvisionResponse(status=2).encode(version)  # also a wipe acknowledged that nobody ordered
    if request.policy.key:
        return _acknowledge(context, request.policy).encode(version)
    return _offer(context, request, request.policy).encode(version)


def _wipe(context: Context, request: ProvisionRequest) -> ProvisionResponse:
    """
    Order a wipe until the device says that it is done; one that failed is ordered again.
    """
    device = context.device
    if request.wipe is device.wipe_kind and request.wiped:
        device.wipe = WipeState.DONE
        return ProvisionResponse()
    return ProvisionResponse(wipe=device.wipe_kind)


def _offer(context: Context, request: ProvisionRequest, asked: Policy) -> ProvisionResponse:
    """
    Phase one: the policy with a temporary key. From 14.1 on the device says here what it is, before that in Settings.
    """
    device = context.device
    if context.version >= Version.V14_1 and request.device is None:
        return ProvisionResponse(status=165)
    if context.version < Version.V14_1 and request.device is not None:
        return ProvisionResponse(status=2)
    if request.device is not None:
        device.information = request.device
    taken = 1 if request.device is not None else None
    if asked.type != POLICY_TYPE:
        policy = Policy(type=asked.type, status=3)
    elif context.server.policy is None:
        device.provisioned = True
        policy = Policy(status=2)
    else:
        device.temporary_key = context.server.new_policy_key()
        policy = Policy(status=1, key=device.temporary_key, document=context.server.policy)
    return ProvisionResponse(device_information_status=taken, policy=policy)


def _acknowledge(context: Context, said: Policy) -> ProvisionResponse:
    """
    Phase two: the permanent key, for a device that follows the policy well enough.
    """
    device, server = context.device, context.server
    if said.status is None:
        return ProvisionResponse(status=2)
    if said.key != device.temporary_key:
        return ProvisionResponse(policy=Policy(status=5))
    if server.strict and said.status == Compliance.EXTERNALLY_MANAGED:
        return ProvisionResponse(status=145)
    if server.strict and said.status != Compliance.APPLIED:
        return ProvisionResponse(status=139)
    device.policy_key = server.new_policy_key()
    device.temporary_key = ""
    device.provisioned = True
    return ProvisionResponse(policy=Policy(status=1, key=device.policy_key))
