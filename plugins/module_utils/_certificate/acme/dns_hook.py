# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS-01 (RFC 8555, 8.4): a TXT record, set by a program of the host.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.assurmer.mail.plugins.module_utils._certificate.acme.challenge import (
    Proof,
    Solver,
)
from ansible_collections.assurmer.mail.plugins.module_utils._errors import MailError


@dataclass(frozen=True, slots=True)
class Hook(Solver):
    """A program that is called with `present` or `cleanup`, the record's name and its content.

    These are the arguments that lego's provider `exec` gives, so that its programs serve here.
    """

    challenge = "dns-01"

    program: str
    # Seconds; it returns when the record can be seen.
    patience: float

    @contextlib.contextmanager
    def shown(self, proofs: tuple[Proof, ...]) -> Iterator[None]:
        set_by_now: list[Proof] = []
        try:
            for proof in proofs:
                set_by_now.append(proof)
                self._call("present", proof)
            yield
        finally:
            for proof in set_by_now:
                # What brought us here matters more than a record that stays.
                with contextlib.suppress(MailError):
                    self._call("cleanup", proof)

    def _call(self, action: str, proof: Proof) -> None:
        arguments = [self.program, action, f"{proof.record_name}.", proof.record]
        try:
            done = subprocess.run(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self.patience,
                check=False,
            )
        except OSError as error:
            raise MailError(
                f"acme_dns_hook: {self.program} can't be run: {error.strerror}."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise MailError(
                f"acme_dns_hook: {self.program} {action} did not end within {self.patience:g} s."
            ) from error
        if done.returncode != 0:
            words = done.stdout.decode("utf-8", "replace").strip() or "it said nothing"
            raise MailError(
                f"acme_dns_hook: {self.program} {action} {proof.record_name} ended with"
                f" {done.returncode}: {words[-500:]}"
            )
