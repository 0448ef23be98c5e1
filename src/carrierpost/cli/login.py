"""
How a person says at a terminal how to log in: the options, the questions, and a login in the browser.

What has to be read by a person goes to standard error, so that `--json` stays a document.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from carrierpost.cli.output import local_time
from carrierpost.client.login.kept import Authority, CertificateLogin, Kept, LoginFacts, TokenLogin
from carrierpost.client.login.wishes import PasswordWish, TokenWish, Wish
from carrierpost.protocol.secret import Secret

if TYPE_CHECKING:
    from carrierpost.client.login.flows import DeviceCode

__all__ = ["LoginOptions", "facts_of", "in_words", "login_options", "shortly", "wish_of"]

F = TypeVar("F", bound=Callable[..., Any])

_PASSWORDS = ("basic", "ntlm", "negotiate")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "--password-file",
        type=click.File("r"),
        help="Read the password, or that of the certificate's key, from a file; - is standard input.",
    ),
    click.option(
        "--auth",
        type=click.Choice(_PASSWORDS),
        help="How the password is proved; the strongest way that the server offers unless given.",
    ),
    click.option("--certificate", type=_FILE, help="Log in with this client certificate: PEM or PKCS#12."),
    click.option("--key", type=_FILE, help="The certificate's key (PEM), if it has a file of its own."),
    click.option(
        "--oauth-client-id",
        metavar="ID",
        help="Log in at your organization (OAuth 2), as the application that its administrator registered.",
    ),
    click.option("--oauth-authority", metavar="URL", help="Where to log in, when the server does not say so."),
    click.option("--oauth-scope", metavar="SCOPE", help="What to ask for; ActiveSync at this server unless given."),
    click.option("--oauth-secret-file", type=click.File("r"), help="The application's secret, if it has one."),
    click.option("--oauth-token-url", metavar="URL", help="With an authority that has no discovery document."),
    click.option("--oauth-authorize-url", metavar="URL", help="Likewise: its page to log in at."),
    click.option("--oauth-device-url", metavar="URL", help="Likewise: where it gives device codes."),
    click.option("--browser", is_flag=True, help="With OAuth: use the browser of this machine, not a device code."),
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LoginOptions:
    """
    What a person said about the login; the names are those of the options.
    """

    password_file: TextIO | None
    auth: str | None
    certificate: Path | None
    key: Path | None
    oauth_client_id: str | None
    oauth_authority: str | None
    oauth_scope: str | None
    oauth_secret_file: TextIO | None
    oauth_token_url: str | None
    oauth_authorize_url: str | None
    oauth_device_url: str | None
    browser: bool

    @property
    def by_token(self) -> bool:
        """
        Whether an option was given that only a login by OAuth has.
        """
        names = [one.name for one in dataclasses.fields(self) if one.name.startswith("oauth_")]
        return self.browser or any(getattr(self, name) is not None for name in names)

    def check(self, *, client_known: bool = False) -> None:
        """
        Look whether the options fit together.

        Raises:
            click.UsageError: they do not.
        """
        if self.certificate is not None and (self.by_token or self.auth):
            raise click.UsageError("--certificate is a login of its own; leave --auth and --oauth-... out")
        if self.key is not None and self.certificate is None:
            raise click.UsageError("--key needs --certificate")
        if self.by_token and self.auth:
            raise click.UsageError("--auth is about passwords; leave it out with --oauth-...")
        if self.by_token and not self.oauth_client_id and not client_known:
            raise click.UsageError("a login by OAuth needs --oauth-client-id; ask your administrator for it")
        if (self.oauth_authorize_url or self.oauth_device_url) and not self.oauth_token_url:
            raise click.UsageError("name --oauth-token-url as well, or --oauth-authority alone")


def login_options(command: F) -> F:
    """
    Give a command the options about logins, passed together as `given`.
    """

    @functools.wraps(command)
    def together(**values: Any) -> Any:
        names = [one.name for one in dataclasses.fields(LoginOptions)]
        given = LoginOptions(**{name: values.pop(name) for name in names})
        return command(**values, given=given)

    wrapped: Any = together
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    result: F = wrapped
    return result


def _secret(source: TextIO | None, question: str) -> Secret:
    """
    Take a secret from a file, the environment or a prompt, in this order.
    """
    if source is not None:
        text = source.readline().rstrip("\r\n")
    elif "CARRIERPOST_PASSWORD" in os.environ:
        text = os.environ["CARRIERPOST_PASSWORD"]
    else:
        text = click.prompt(question, hide_input=True, err=True)
    if not text:
        raise click.UsageError("the password is empty")
    return Secret(text)


def wish_of(given: LoginOptions, address: str, *, now: dt.datetime, kept: Kept | None = None) -> Wish:
    """
    Turn what a person said into a wish, and ask for what is missing.

    Args:
        given: the options.
        address: the mail address.
        now: the time.
        kept: the login so far, from which is taken what was not said.

    Raises:
        click.UsageError: the options do not fit together, or a password is empty.
        BadCertificate: the certificate cannot be used.
    """
    before = kept if isinstance(kept, TokenLogin) else None
    given.check(client_known=before is not None)
    if given.certificate is not None:
        return _certificate(given, given.certificate, now)
    if given.by_token or (before is not None and given.password_file is None and given.auth is None):
        return _token(given, before)
    if isinstance(kept, CertificateLogin) and given.password_file is None and given.auth is None:
        raise click.UsageError("the login is by a certificate; give the new one with --certificate FILE")
    return PasswordWish(password=_secret(given.password_file, f"Password of {address}"), scheme=given.auth)


def _certificate(given: LoginOptions, file: Path, now: dt.datetime) -> CertificateLogin:
    from carrierpost.client.login.certificate import needs_password, read_certificate

    password = None
    if needs_password(file, given.key):
        password = _secret(given.password_file, f"Password of the key in {given.key or file}")
    return read_certificate(file, given.key, password, now=now)


def _token(given: LoginOptions, before: TokenLogin | None) -> TokenWish:
    doors = before.authority if before is not None and given.oauth_authority is None else None
    if given.oauth_token_url is not None:
        doors = Authority(
            name=given.oauth_authority or given.oauth_token_url,
            token_url=given.oauth_token_url,
            authorize_url=given.oauth_authorize_url or "",
            device_url=given.oauth_device_url or "",
        )
    secret = before.client_secret if before is not None else Secret("")
    if given.oauth_secret_file is not None:
        secret = Secret(given.oauth_secret_file.readline().rstrip("\r\n"))
    return TokenWish(
        client_id=given.oauth_client_id or (before.client_id if before is not None else ""),
        client_secret=secret,
        authority=given.oauth_authority,
        doors=doors,
        scope=given.oauth_scope or (before.scope if before is not None else None),
        claims=before.claims if before is not None else "",
        show_code=_show_code,
        show_page=_show_page if given.browser else None,
    )


def _show_code(code: DeviceCode) -> None:
    click.echo(f"Open {code.url} on any device, and type the code:", err=True)
    click.secho(f"\n    {code.user_code}\n", bold=True, err=True)
    if code.complete_url:
        click.echo(f"Or open {code.complete_url}", err=True)
    click.echo(f"It is good for {code.seconds / 60:.0f} minutes. Waiting for you; Ctrl-C gives up.", err=True)


def _show_page(url: str) -> None:
    click.echo(f"Log in with the browser of this machine, at\n\n    {url}\n", err=True)
    click.echo("Waiting for you; Ctrl-C gives up.", err=True)
    click.launch(url)


def facts_of(facts: LoginFacts | None, password_expires: str | None = None) -> dict[str, Any] | None:
    """
    Give what may be shown of a login, for JSON.

    Args:
        facts: of the login.
        password_expires: the day on which a password ends, where the server has said so.
    """
    if facts is None:
        return None
    shown = {name: getattr(facts, name) or None for name in facts.__struct_fields__}
    return shown | ({"expires": password_expires} if facts.kind in _PASSWORDS else {})


def in_words(facts: LoginFacts | None) -> str:
    """
    Say in a few words how an account logs in.
    """
    if facts is None:
        return "none"
    match facts.kind:
        case "oauth":
            words = f"at {facts.authority}" + (f" as {facts.who}" if facts.who else "")
        case "certificate":
            words = f"certificate of {facts.who}"
        case kind:
            words = f"password by {'NTLM' if kind == 'ntlm' else kind.capitalize()}"
    return words + (f", until {local_time(facts.expires)}" if facts.expires is not None else "")


def shortly(facts: LoginFacts | None) -> str:
    """
    Name an account's kind of login, for a table; with its last day where a person has to know it.
    """
    if facts is None:
        return "none"
    kind = {"ntlm": "NTLM", "oauth": "OAuth", "certificate": "certificate"}.get(facts.kind, facts.kind.capitalize())
    return kind if facts.expires is None else f"{kind} {facts.expires.astimezone():%Y-%m-%d}"
