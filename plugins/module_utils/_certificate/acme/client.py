# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CA that speaks ACME (RFC 8555), through the library `acme` of Certbot's authors.

PRIVATE to the collection. It can have breaking changes at any time.

This file is imported when there is something to ask a CA for: the library takes a third of a second.
The library does the protocol: signatures, nonces, polling. What is here is the order of steps, and
one sentence for what can go wrong. It serves the library's versions from 2.1 (Debian 12) on.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator
from datetime import datetime, timedelta

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import (
    Proof,
    Solver,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.model import (
    Registration,
    Server,
)
from ansible_collections.assurmer.mail.plugins.module_utils._certificate.providers.base import (
    Unavailable,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption, MailError

with contextlib.suppress(ImportError):  # library.missing() tells
    import josepy
    import requests
    from acme import client, errors, messages

if t.TYPE_CHECKING:
    from cryptography import x509

# RFC 5280, 5.3.1
_KEY_COMPROMISE = 1
# Seconds for one request.
_REQUEST = 30
_AGENT = "assurmer.mail"
_NEEDED = ("newNonce", "newAccount", "newOrder", "revokeCert")
_ATTEMPTS = 4
_UNKNOWN_ACCOUNT = "accountDoesNotExist"


class Client:
    """An account at a CA. `account_uri` is its URL where it is known; a new key makes a new one."""

    def __init__(
        self,
        server: Server,
        account_key: bytes,
        account_uri: str | None,
        registration: Registration,
    ) -> None:
        self._server = server
        self._registration = registration
        self._key = josepy.JWK.load(account_key)
        network: t.Any = client.ClientNetwork(
            self._key,
            alg=_algorithm(self._key),
            verify_ssl=t.cast("bool", server.ca_path or True),
            user_agent=_AGENT,
            timeout=_REQUEST,
        )
        network.post = _patient(network.post)
        with self._in_words():
            directory = client.ClientV2.get_directory(server.url, network)
        if any(name not in directory.to_partial_json() for name in _NEEDED):
            raise InvalidOption("acme_url", server.url, "leads to no directory of an ACME server")
        self._client = client.ClientV2(directory, network)
        if account_uri is not None:
            self._use(account_uri)

    @property
    def account_uri(self) -> str | None:
        """The account's URL as far as it is known."""
        account = self._client.net.account
        return None if account is None else str(account.uri)

    def register(self) -> None:
        """Find the account of this key, or make one."""
        self._client.net.account = None
        with self._in_words():
            try:
                self._client.new_account(
                    messages.NewRegistration.from_data(
                        email=self._registration.email,
                        terms_of_service_agreed=self._agreed(),
                        external_account_binding=self._binding(),
                    )
                )
            except errors.ConflictError as known:
                self._use(known.location)

    def order(self, csr: bytes, solver: Solver) -> bytes:
        """Return the certificate for a signing request, and its issuers, as PEM."""
        deadline = datetime.now() + timedelta(seconds=self._server.patience)
        with self._in_words():
            order = self._with_account(lambda: self._client.new_order(csr))
            proofs, answers = self._challenges(order, solver)
        with solver.shown(proofs), self._in_words():
            for body, response in answers:
                self._client.answer_challenge(body, response)
            order = self._client.poll_authorizations(order, deadline)
        with self._in_words():
            order = self._client.finalize_order(order, deadline)
        return order.fullchain_pem.encode()

    def revoke(self, certificate: x509.Certificate) -> None:
        """Have the CA tell that a certificate's key is in wrong hands (RFC 8555, 7.6)."""
        with self._in_words():
            try:
                self._with_account(
                    lambda: self._client.revoke(_wrapped(certificate), _KEY_COMPROMISE)
                )
            except messages.Error as error:
                if error.code != "alreadyRevoked":
                    raise

    def _challenges(
        self, order: messages.OrderResource, solver: Solver
    ) -> tuple[tuple[Proof, ...], list[tuple[t.Any, t.Any]]]:
        """Return what is to be shown, and what the CA is told when it can be seen."""
        proofs, answers = [], []
        for authorization in order.authorizations:
            # What was proven a while ago is not asked again.
            if authorization.body.status == messages.STATUS_VALID:
                continue
            name = authorization.body.identifier.value
            offered = {body.chall.typ: body for body in authorization.body.challenges}
            body = offered.get(solver.challenge)
            if body is None:
                raise Unavailable(
                    f"acme_challenge: {self._server.url} does not offer {solver.challenge} for"
                    f" {name}, but {', '.join(sorted(offered))}."
                )
            response, validation = body.response_and_validation(self._key)
            proofs.append(_proof(name, body.chall, validation))
            answers.append((body, response))
        return tuple(proofs), answers

    def _with_account(self, act: t.Callable[[], t.Any]) -> t.Any:
        """Act as the account; one that the CA has lost is made anew."""
        if self._client.net.account is None:
            self.register()
        try:
            return act()
        except messages.Error as error:
            if error.code != _UNKNOWN_ACCOUNT:
                raise
        self.register()
        return act()

    def _agreed(self) -> bool:
        terms = getattr(self._client.directory.meta, "terms_of_service", None)
        if terms and not self._registration.terms_agreed:
            raise InvalidOption(
                "acme_terms_agreed", False, f"has to be true; read the CA's terms at {terms}"
            )
        return True

    def _binding(self) -> dict[str, t.Any] | None:
        wanted = self._registration
        if wanted.eab_kid is None or wanted.eab_hmac_key is None:
            if self._client.external_account_required():
                raise MailError(
                    f"acme_eab_kid: {self._server.url} takes no account without an external"
                    " account binding; give acme_eab_kid and acme_eab_hmac_key."
                )
            return None
        return messages.ExternalAccountBinding.from_data(
            account_public_key=self._key.public_key(),
            kid=wanted.eab_kid,
            hmac_key=wanted.eab_hmac_key,
            directory=self._client.directory,
        )

    def _use(self, account_uri: str) -> None:
        body = messages.Registration()
        self._client.net.account = messages.RegistrationResource(body=body, uri=account_uri)

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        url = self._server.url
        try:
            yield
        except MailError:
            raise
        except errors.ValidationError as error:
            raise Unavailable(f"The CA at {url} was not convinced: {_failures(error)}.") from error
        except errors.TimeoutError as error:
            raise Unavailable(
                f"The CA at {url} did not decide within {self._server.patience:g} s."
            ) from error
        except errors.IssuanceError as error:
            raise Unavailable(f"The CA at {url} refused: {_detail(error.error)}.") from error
        except messages.Error as error:
            raise Unavailable(f"The CA at {url} refused: {_detail(error)}.") from error
        except (errors.Error, josepy.Error) as error:
            raise Unavailable(
                f"{url} does not answer as an ACME server: {_innermost(error)}."
            ) from error
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(f"The CA at {url} can't be reached: {_innermost(error)}.") from error


def _patient(post: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Return the same, with more tries where a nonce was used up (RFC 8555, 6.5).

    The library tries twice, which a CA of several servers, or Pebble, makes too few.
    """

    def post_again(*arguments: t.Any, **named: t.Any) -> t.Any:
        for _attempt in range(_ATTEMPTS - 1):
            try:
                return post(*arguments, **named)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return post(*arguments, **named)

    return post_again


def _algorithm(key: t.Any) -> t.Any:
    if isinstance(key, josepy.JWKRSA):
        return josepy.RS256
    sizes = {256: josepy.ES256, 384: josepy.ES384, 521: josepy.ES512}
    return sizes[key.key.curve.key_size]


def _proof(name: str, challenge: t.Any, validation: str) -> Proof:
    is_http = challenge.typ == "http-01"
    return Proof(
        name=name,
        path=challenge.path if is_http else "",
        content=validation if is_http else "",
        record="" if is_http else validation,
        challenge=challenge,
    )


def _wrapped(certificate: x509.Certificate) -> t.Any:
    """Return a certificate as this version of the library takes it."""
    wrapper = getattr(josepy, "ComparableX509", None)
    if wrapper is None:
        return certificate
    from OpenSSL import crypto  # noqa: PLC0415 - newer versions do without

    return wrapper(crypto.X509.from_cryptography(certificate))


def _failures(error: errors.ValidationError) -> str:
    return "; ".join(
        f"{authorization.body.identifier.value}: {_detail(challenge.error)}"
        for authorization in error.failed_authzrs
        for challenge in authorization.body.challenges
        if challenge.error is not None
    )


def _detail(problem: messages.Error) -> str:
    """Return a problem document (RFC 7807) in short."""
    code = problem.code or problem.typ
    return f"{problem.detail or problem.description or 'no reason given'} ({code})".replace(
        "\n", " "
    )


def _innermost(error: BaseException) -> str:
    """Return the words of what began it: the libraries wrap them several times."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = t.cast("BaseException", cause.__cause__ or cause.__context__)
    return str(cause).strip().rstrip(".") or type(cause).__name__
