"""
From an exception to the sentence that a person reads.

Whatever our rooms raise on purpose already speaks in sentences. Anything else is a defect, and keeps its
traceback.
"""

from __future__ import annotations

__all__ = ["explain", "is_unread"]


def is_unread(error: BaseException) -> bool:
    """
    Tell whether all that went wrong is that nobody reads our output any more, as with `| head`.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_unread, error.exceptions))
    return isinstance(error, BrokenPipeError)


def explain(error: Exception) -> str | None:
    """
    Give the sentence for an expected failure.

    Args:
        error: what reached the command line.

    Returns:
        The sentence, or `None` when the exception is none that we raise on purpose.

    """
    from carrierpost.bootstrap import SetupError
    from carrierpost.client.errors import ClientError
    from carrierpost.delivery.errors import DeliveryError
    from carrierpost.engine import EngineError
    from carrierpost.policy.errors import PolicyError
    from carrierpost.protocol.errors import ProtocolError
    from carrierpost.store.errors import StoreError
    from carrierpost.wbxml import WBXMLError

    if isinstance(
        error, (ClientError, DeliveryError, EngineError, PolicyError, ProtocolError, SetupError, StoreError, WBXMLError)
    ):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    if isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        return explain(error.exceptions[0])
    return None
