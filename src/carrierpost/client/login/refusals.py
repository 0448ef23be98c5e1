"""
What an authority's refusal means, and who can do something about it. Pure.

Microsoft's numbers (AADSTS...) are in the text of `error_description`; the answer's `error` alone says too little
[RFC 6749] 5.2. The authority's own words are always shown as well, for an administrator may search for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from carrierpost.client.errors import AuthorityRefused

__all__ = ["PENDING", "TRANSIENT", "refusal_of"]

PENDING = frozenset({"authorization_pending", "slow_down"})
TRANSIENT = frozenset({"temporarily_unavailable", "server_error", "too_many_requests"})

_CONSENT = "an administrator has to allow this application for your organization, at {consent}"
_DEVICE = "your organization lets only devices in that it manages, and this is none of them; ask your administrator"
_AGAIN = "log in again"
_MEANINGS: dict[int, str] = {
    16000: "the account is not known to this organization; log in with another one",
    50011: "the application is registered without the redirect http://localhost; the administrator adds it",
    50020: "the account belongs to another organization; name yours with --oauth-authority",
    50034: "the account does not exist there; check the address and --oauth-authority",
    50053: "the account is locked after too many attempts, or the address of this machine is blocked; wait, or ask "
    "your administrator",
    50055: "the password has expired; change it, then log in again",
    50057: "the account is disabled; ask your administrator",
    50058: _AGAIN,
    50059: "it cannot tell which organization is meant; name yours with --oauth-authority",
    50074: "a second proof is needed; log in again",
    50076: "a second proof is needed; log in again",
    50079: "a second proof has to be set up; log in again, and follow what the page says",
    50105: "the administrator has not assigned this application to you",
    50126: "name or password are wrong",
    50132: "the password was changed, or the login withdrawn; log in again",
    50133: "the password was changed, or the login withdrawn; log in again",
    50158: "a further proof is needed that only the login page can ask for; log in again",
    50173: "the password was changed, or the login withdrawn; log in again",
    53000: _DEVICE,
    53001: _DEVICE,
    53002: "your organization allows approved applications only; ask your administrator",
    53003: "a rule of your organization (conditional access) forbids this login; ask your administrator",
    53004: "a second proof has to be set up first; do that on the organization's page, then log in again",
    65001: "nobody has allowed this application to read the mailbox yet: log in again and agree; where that is not "
    "offered, " + _CONSENT,
    65004: "you did not agree that the application reads the mailbox; log in again to agree",
    65005: "the application is registered without the permission for Exchange ActiveSync (EAS.AccessAsUser.All); the "
    "administrator adds it",
    70008: "the login has expired; log in again",
    70011: "the scope is not known there; check --oauth-scope",
    70043: "the login has expired by a rule of your organization; log in again",
    90002: "there is no such organization; check --oauth-authority",
    90008: "the application is registered without the permission for Exchange ActiveSync (EAS.AccessAsUser.All); the "
    "administrator adds it",
    90094: _CONSENT,
    90095: _CONSENT,
    90093: _CONSENT,
    500011: "this server is not known to your organization as a place to log in to; check --oauth-scope, or ask your "
    "administrator whether hybrid modern authentication is set up",
    530003: _DEVICE,
    530031: "a rule of your organization (conditional access) forbids this login; ask your administrator",
    650052: "your organization has not subscribed to Exchange Online, or not allowed it; ask your administrator",
    650057: "the application is registered without the permission for Exchange ActiveSync (EAS.AccessAsUser.All); the "
    "administrator adds it",
    700003: "the device was removed from your organization; log in again",
    700016: "the application is not registered in your organization; check --oauth-client-id and --oauth-authority",
    700082: "the login has expired because it was not used for a long time; log in again",
    700084: "the login has expired; log in again",
    7000112: "the administrator has disabled this application",
    7000215: "the application's secret is wrong; check --oauth-secret-file",
    7000218: "the application is registered as a confidential one; the administrator allows public client flows for "
    "it, or gives you its secret for --oauth-secret-file",
    7000222: "the application's secret has expired; the administrator makes a new one",
}
"""What Microsoft's numbers mean for a person."""

_PLAIN: dict[str, str] = {
    "access_denied": "the login was declined",
    "authorization_declined": "the login was declined",
    "bad_verification_code": "the code is not known; begin again",
    "consent_required": _CONSENT,
    "expired_token": "the code was not used in time; begin again",
    "interaction_required": _AGAIN,
    "invalid_client": "the application is not known there, or its secret is wrong; check --oauth-client-id",
    "invalid_grant": "the login has expired, was withdrawn, or was used elsewhere; log in again",
    "invalid_scope": "the scope is not known there; check --oauth-scope",
    "login_required": _AGAIN,
    "unauthorized_client": "the application is not allowed to log in this way; ask your administrator",
    "unsupported_grant_type": "it does not know this way to log in; try with or without --browser",
}
"""What the errors of the specifications mean, where there is no number."""

_NUMBER = re.compile(r"\bAADSTS(\d{5,8})\b")
_MOST_WORDS = 300


def refusal_of(body: Mapping[str, Any], *, host: str, authority: str, client_id: str) -> AuthorityRefused:
    """
    Explain an authority's refusal.

    Args:
        body: its answer's values: `error`, `error_description`, `error_codes`.
        host: its name.
        authority: its address, for links.
        client_id: the application.
    """
    code = str(body.get("error") or "error")
    words = str(body.get("error_description") or "").splitlines()
    said = words[0].strip() if words else ""
    numbers = [int(one) for one in _NUMBER.findall(said)]
    listed = body.get("error_codes")
    numbers += [one for one in listed if isinstance(one, int)] if isinstance(listed, list) else []
    meaning = next((_MEANINGS[one] for one in numbers if one in _MEANINGS), None) or _PLAIN.get(code)
    link = consent_link(authority, client_id) if numbers else authority
    advice = meaning.format(consent=link) if meaning is not None else "ask your administrator"
    claims = body.get("claims")
    return AuthorityRefused(
        host, advice, code=code, number=numbers[0] if numbers else 0,
        said=said[:_MOST_WORDS] or code, claims=claims if isinstance(claims, str) else "",
    )  # fmt: skip


def consent_link(authority: str, client_id: str) -> str:
    """
    Give the page where an administrator allows an application for the whole organization.
    """
    parts = urlsplit(authority)
    tenant = parts.path.strip("/").split("/")[0] or "organizations"
    # "common" stands for private accounts too, and those have no administrator.
    tenant = "organizations" if tenant == "common" else tenant
    return f"{parts.scheme}://{parts.netloc}/{tenant}/adminconsent?client_id={quote(client_id, safe='')}"
