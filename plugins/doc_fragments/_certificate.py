# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of each provider of certificates, and of the files that are written.

PRIVATE to the collection. It can have breaking changes at any time.
"""

from __future__ import annotations


class ModuleDocFragment:
    OWNCA = r"""
options:
  ownca_path:
    description:
      - File with the authority's certificate, then those above it if there are any. It may hold
        the authority's key, too. Servers send all of them but the root.
    type: path
  ownca_content:
    description: Content of such a file instead.
    type: str
  ownca_key_path:
    description:
      - File with the authority's private key when it is not in O(ownca_path). Others must not be
        able to read it.
    type: path
  ownca_key_content:
    description: Content of such a file instead.
    type: str
  ownca_key_passphrase:
    description:
      - Passphrase of the authority's private key. With O(ownca_create) new keys are encrypted with
        it, those of roots, too.
    type: str
  ownca_create:
    description:
      - Whether to make an authority at O(ownca_path) when there is no file, and to keep it. It is
        a root, whose key is in C(root.pem) beside O(ownca_path), and an intermediate in
        O(ownca_path), with its key and both certificates. Both files have mode 0600 and hold an
        ECDSA P-384 key.
      - The root is valid for ten years. The intermediate is valid for three, signs for servers
        only, and is replaced before it would cut a certificate short.
      - The root's key is needed for new intermediates alone. Its file may be kept elsewhere
        meanwhile. A run that can do without says what it has put off, one that can't fails.
      - A root is only ever replaced by O(ownca_rollover). A file that can't be used is left as it
        is. Where O(ca_path) beside O(ownca_path) is all that is left, the module fails rather
        than make a root that no client knows.
      - An authority of one certificate that signs itself, as the first release made it, goes on
        signing for hosts until O(ownca_rollover) replaces it.
    type: bool
    default: false
  ownca_common_name:
    description:
      - Name of the root that O(ownca_create) makes, as people see it on their devices. The next
        root gets the same name with a number. 1 to 64 characters.
    type: str
    default: Mail CA
  ownca_permitted_names:
    description:
      - Domains, each with all names below it, and IP addresses or networks such as
        V(192.0.2.0/24) that certificates may be for, at most 100. Others are refused.
      - With O(ownca_create) these are name constraints of the intermediate (RFC 5280, 4.2.1.10,
        critical), so that clients refuse what somebody with its key would sign beyond. The root
        has none, so that a domain that is added needs a new intermediate and no new root.
      - A new intermediate is made when a certificate needs a name that the present one does not
        permit. It permits what the present one did, besides, since other hosts may need that.
        What the former one has signed is good as long as before, and is not issued again.
      - An empty list permits all names. It lifts no limits of an intermediate that is there until
        a certificate needs it, nor does a list limit one that has none.
    type: list
    elements: str
    default: []
  ownca_rollover:
    description:
      - Last day on which the present root is trusted, such as V(2027-06-30), in UTC. It needs
        O(ownca_create).
      - A day to come has a second root made. Until that day O(ca_path) holds both, and
        certificates are good for clients that trust one of them, whichever it is. They end at most
        90 days after it. The first run after it leaves the present root, makes an intermediate
        below the new one, and issues anew.
      - Another day brings the change forward or puts it off. A day after the present root's end
        is refused. A day in the past alone begins nothing. Without the option a change that has
        begun goes on to the day that was set.
      - The present root's key is not needed for it. The new root's is in a file
        C(root-<eight digits>.pem) beside O(ownca_path).
    type: str
"""

    ACME = r"""
options:
  acme_url:
    description: URL of the CA's directory (RFC 8555, 7.1.1). Another one brings a new certificate.
    type: str
    default: https://acme-v02.api.letsencrypt.org/directory
  acme_ca_path:
    description:
      - File with the certificates that the CA's web server is trusted by, for a private CA. By
        default those that the host trusts.
    type: path
  acme_terms_agreed:
    description: Whether you agree to the CA's terms of service. Where it has some, it has to be true.
    type: bool
    default: false
  acme_email:
    description: Mail address for the CA's notices, given when the account is made.
    type: str
  acme_account_path:
    description:
      - File of the account's private key, mode 0600. Without it a new key, ECDSA P-256, makes a new
        account. The account's URL, where each certificate is from, and what is still to be revoked
        are kept beside it.
    type: path
    default: /var/lib/assurmer.mail/acme/account.pem
  acme_account_content:
    description:
      - The private key of an account that exists, RSA or ECDSA P-256, P-384 or P-521, not encrypted.
        It is kept in O(acme_account_path). With it several hosts have one account, as CAA records
        with C(accounturi) (RFC 8657) want.
    type: str
  acme_eab_kid:
    description:
      - Identifier of the key with which a new account is bound to a customer of the CA (RFC 8555,
        7.3.4).
    type: str
  acme_eab_hmac_key:
    description: That key, in Base64url.
    type: str
  acme_challenge:
    description:
      - How names are proven. V(http-01) is a file on port 80 of each name. V(dns-01) is a TXT record
        of each name, C(_acme-challenge.<name>), and the only one for wildcards.
    type: str
    choices: [http-01, dns-01]
    default: http-01
  acme_http_port:
    description:
      - Port, 1 to 65535, of the web server that runs while the CA looks, on all addresses. The CA
        asks port 80; another one needs something that forwards to it.
    type: int
    default: 80
  acme_webroot:
    description: Directory of a web server that has port 80 already, for all of the names.
    type: path
  acme_dns_hook:
    description:
      - Program that sets a TXT record and takes it away. It is called with V(present) or
        V(cleanup), the record's name with a dot at the end, and the content, and returns when
        name servers have it. Those written for lego's provider C(exec) fit.
    type: path
  acme_dns_server:
    description:
      - Name or address of the zone's primary name server, which takes dynamic updates (RFC 2136).
        All name servers of the zone that can be found have to have the record within
        O(acme_timeout).
    type: str
  acme_dns_port:
    description: Its port, 1 to 65535, for TCP.
    type: int
    default: 53
  acme_dns_key_name:
    description: Name of the key that signs the updates (TSIG, RFC 8945).
    type: str
  acme_dns_key_secret:
    description: That key, in Base64.
    type: str
  acme_dns_key_algorithm:
    description: Algorithm of the signature.
    type: str
    choices: [hmac-sha256, hmac-sha384, hmac-sha512]
    default: hmac-sha256
  acme_timeout:
    description: Seconds that an order may take, 10 to 3600.
    type: int
    default: 120
"""

    LISTENERS = r"""
options:
  listeners:
    description: Ports on which the certificates are to be served.
    type: list
    elements: dict
    default: []
    suboptions:
      port:
        description: The port, 1 to 65535.
        type: int
        required: true
      protocol:
        description: What is spoken there.
        type: str
        choices: [smtp, imap, sieve]
        required: true
      tls:
        description: Whether TLS starts by a command of the protocol, or with the connection.
        type: str
        choices: [starttls, implicit]
        required: true
      address:
        description: The host's IP address or name.
        type: str
        default: 127.0.0.1
"""

    FILES = r"""
options:
  source_path:
    description:
      - File with the certificate, then its issuers. It may hold the key, too.
      - In check mode a source that is not there is taken for one that an earlier task would have
        made.
    type: path
  source_content:
    description: Content of such a file instead.
    type: str
  source_chain_path:
    description: File with the certificate's issuers when they are not in O(source_path).
    type: path
  source_chain_content:
    description: Content of such a file instead.
    type: str
  source_key_path:
    description:
      - File with the private key, not encrypted, when it is not in O(source_path).
      - A file with a key that others than its owner and group can read, or others than its owner
        can write, is refused.
    type: path
  source_key_content:
    description: Content of such a file instead.
    type: str
  source_ca_path:
    description:
      - File with the certificate of the authority that clients have to trust, for O(ca_path). It is
        also for O(provider=acme) with a private CA.
    type: path
  source_ca_content:
    description: Content of such a file instead.
    type: str
  source_follow:
    description: Whether a source may be a symbolic link, as in Certbot's C(live) directories.
    type: bool
    default: false
"""

    ACCESS = r"""
options:
  certificate_path:
    description: File for a copy of certificate and chain without the key, mode 0644.
    type: path
  ca_path:
    description:
      - File for the certificate that clients have to trust, mode 0644. That is the topmost of
        O(ownca_path), during O(ownca_rollover) those of both roots, the certificate itself with
        O(provider=selfsigned), and O(source_ca_path) with O(provider=files) and O(provider=acme).
      - It is removed when none is known.
    type: path
  owner:
    description:
      - Owner of the files, a name or a number. Without it a file keeps its owner, and a new one
        belongs to the user of the task.
    type: str
  group:
    description: Group of the files, likewise.
    type: str
  mode:
    description: Mode of the bundle in octal, one of V(0400), V(0440), V(0600) and V(0640).
    type: str
    default: "0600"
"""
