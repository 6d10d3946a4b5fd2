# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sslyze sees of some ports. Runs in the Python of .cache/sslyze.

On standard input a JSON object with `ca`, a file, and `ports`, a list of objects with the `name`
of the host, the `address` and `port` to connect to, and `starttls`, which is SMTP, IMAP or null.
Prints a list in the same order.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from nassl import _nassl
from nassl.ephemeral_key_info import OpenSslEvpPkeyEnum
from nassl.ssl_client import OpenSslDigestNidEnum
from sslyze import (
    CertificateInfoExtraArgument,
    ProtocolWithOpportunisticTlsEnum,
    ScanCommand,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
    TlsVersionEnum,
)
from sslyze.errors import ConnectionToServerFailed
from sslyze.server_connectivity import ServerConnectivityInfo

# sslyze makes a connection for every suite that there is. Of an old version one is enough.
VERSIONS = {
    "TLSv1.2": ScanCommand.TLS_1_2_CIPHER_SUITES,
    "TLSv1.3": ScanCommand.TLS_1_3_CIPHER_SUITES,
}
OLD_VERSIONS = {
    "SSLv2": TlsVersionEnum.SSL_2_0,
    "SSLv3": TlsVersionEnum.SSL_3_0,
    "TLSv1.0": TlsVersionEnum.TLS_1_0,
    "TLSv1.1": TlsVersionEnum.TLS_1_1,
}
OTHERS = {
    ScanCommand.CERTIFICATE_INFO,
    ScanCommand.ELLIPTIC_CURVES,
    ScanCommand.HEARTBLEED,
    ScanCommand.OPENSSL_CCS_INJECTION,
    ScanCommand.ROBOT,
    ScanCommand.SESSION_RENEGOTIATION,
    ScanCommand.TLS_COMPRESSION,
    ScanCommand.TLS_EXTENDED_MASTER_SECRET,
    ScanCommand.TLS_FALLBACK_SCSV,
}
OLD_HASHES = ("SHA1", "SHA224")
REFUSED = (ConnectionToServerFailed, _nassl.OpenSSLError)
# Names in TLS 1.2 of two suites that every server of ours has, with both kinds of keys.
TWO_SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
)


def main() -> None:
    order = json.load(sys.stdin)
    requests = [_request(order["ca"], **port) for port in order["ports"]]
    scanner = Scanner(per_server_concurrent_connections_limit=4, concurrent_server_scans_limit=4)
    scanner.queue_scans(requests)
    seen = {result.uuid: _facts(result) for result in scanner.get_results()}
    json.dump([seen[request.uuid] for request in requests], sys.stdout)


def _request(
    ca: str, *, name: str, address: str, port: int, starttls: str | None
) -> ServerScanRequest:
    return ServerScanRequest(
        server_location=ServerNetworkLocation(hostname=name, ip_address=address, port=port),
        network_configuration=ServerNetworkConfiguration(
            tls_server_name_indication=name,
            tls_opportunistic_encryption=starttls and ProtocolWithOpportunisticTlsEnum[starttls],
            smtp_ehlo_hostname="client.example" if starttls == "SMTP" else None,
            network_timeout=30,
        ),
        scan_commands={*VERSIONS.values(), *OTHERS},
        scan_commands_extra_arguments=ScanCommandsExtraArguments(
            certificate_info=CertificateInfoExtraArgument(custom_ca_file=Path(ca))
        ),
    )


def _facts(result: t.Any) -> dict[str, t.Any]:
    if result.scan_result is None:
        return {"error": "".join(result.connectivity_error_trace.format())}
    for command in (*VERSIONS.values(), *OTHERS):
        attempt = getattr(result.scan_result, command.value)
        if attempt.result is None:
            return {"error": f"{command.value}: {''.join(attempt.error_trace.format())}"}
    answers = {
        command: getattr(result.scan_result, command.value).result
        for command in (*VERSIONS.values(), *OTHERS)
    }
    certificates = answers[ScanCommand.CERTIFICATE_INFO].certificate_deployments
    renegotiation = answers[ScanCommand.SESSION_RENEGOTIATION]
    info = ServerConnectivityInfo(
        server_location=result.server_location,
        network_configuration=result.network_configuration,
        tls_probing_result=result.connectivity_result,
    )
    return {
        "suites": {
            version: [suite.cipher_suite.name for suite in answers[command].accepted_cipher_suites]
            for version, command in VERSIONS.items()
        }
        | {
            name: [suite] if (suite := _suite(info, version, legacy=True)) else []
            for name, version in OLD_VERSIONS.items()
        },
        "groups": [
            curve.name for curve in answers[ScanCommand.ELLIPTIC_CURVES].supported_curves or []
        ],
        "old_hashes": [digest for digest in OLD_HASHES if _signs_with(info, digest)],
        "client_chooses": _client_chooses(info),
        "compression": answers[ScanCommand.TLS_COMPRESSION].supports_compression,
        "secure_renegotiation": renegotiation.supports_secure_renegotiation,
        "early_data": _early_data(info),
        "extended_master_secret": answers[
            ScanCommand.TLS_EXTENDED_MASTER_SECRET
        ].supports_ems_extension,
        "chains": [
            [
                certificate.public_bytes(Encoding.PEM).decode()
                for certificate in deployment.received_certificate_chain
            ]
            for deployment in certificates
        ],
        "trusted": all(
            any(
                validation.was_validation_successful and validation.trust_store.name.startswith("S")
                for validation in deployment.path_validation_results
            )
            for deployment in certificates
        ),
        "vulnerable": _vulnerable(answers),
    }


def _vulnerable(answers: dict[ScanCommand, t.Any]) -> list[str]:
    judged = {
        "Heartbleed": answers[ScanCommand.HEARTBLEED].is_vulnerable_to_heartbleed,
        "CCS injection": answers[ScanCommand.OPENSSL_CCS_INJECTION].is_vulnerable_to_ccs_injection,
        "ROBOT": not answers[ScanCommand.ROBOT].robot_result.name.startswith("NOT_VULNERABLE"),
        "downgrade (no fallback SCSV)": not answers[
            ScanCommand.TLS_FALLBACK_SCSV
        ].supports_fallback_scsv,
    }
    return [name for name, vulnerable in judged.items() if vulnerable]


def _signs_with(info: ServerConnectivityInfo, digest: str) -> bool:
    """Whether a key exchange of TLS 1.2 is signed with the hash, when the client takes no other."""
    connection = info.get_preconfigured_tls_connection(
        TlsVersionEnum.TLS_1_2, should_use_legacy_openssl=False
    )
    wanted = OpenSslDigestNidEnum[digest]
    keys = (OpenSslEvpPkeyEnum.EC, OpenSslEvpPkeyEnum.RSA)
    connection.ssl_client.set_signature_algorithms([(wanted, key) for key in keys])
    try:
        connection.connect()
        return connection.ssl_client.get_peer_signature_nid() == wanted
    except (*REFUSED, ValueError):
        return False
    finally:
        connection.close()


def _client_chooses(info: ServerConnectivityInfo) -> bool | None:
    """Whether the client's first suite of TLS 1.2 is taken, or None where there is no choice."""
    chosen = [
        _suite(info, TlsVersionEnum.TLS_1_2, ":".join(suites))
        for suites in (TWO_SUITES, TWO_SUITES[::-1])
    ]
    return None if None in chosen else chosen[0] != chosen[1]


def _suite(
    info: ServerConnectivityInfo, version: TlsVersionEnum, suites: str = "", legacy: bool = False
) -> str | None:
    """Return the suite that a handshake ends with, by OpenSSL's name, or None."""
    connection = info.get_preconfigured_tls_connection(version, should_use_legacy_openssl=legacy)
    connection.ssl_client.set_cipher_list(suites or "ALL:COMPLEMENTOFALL")
    try:
        connection.connect()
        return connection.ssl_client.get_current_cipher_name()
    except REFUSED:
        return None
    finally:
        connection.close()


def _early_data(info: ServerConnectivityInfo) -> int:
    """How many bytes the server's ticket allows to be sent before the handshake is over.

    sslyze's own test speaks HTTP.
    """
    connection = info.get_preconfigured_tls_connection(TlsVersionEnum.TLS_1_3)
    try:
        connection.connect()
        # Tickets come before the answer.
        connection.ssl_client.write(b"a NOOP\r\n")
        connection.ssl_client.read(2048)
        return connection.ssl_client.get_session().get_max_early_data()
    except REFUSED:
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    main()
