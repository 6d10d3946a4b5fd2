#!/usr/bin/python

# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_config
short_description: Install the configuration of Postfix or Dovecot as one proven unit
version_added: 0.1.0
description:
  - Takes all files of a daemon's configuration in one call, and lets the daemon load them only
    after they were proven.
  - The files are staged beside the live ones and judged there. The daemon's own checker reads
    them, with its warnings as errors; certificates and keys are loaded and must fit; lookup
    tables must exist. Then the daemon is rehearsed. It is really started with the staged files,
    in namespaces of its own where nobody can reach it (see C(namespaces(7\))), and must greet,
    shake TLS hands and answer lookups on every socket in O(listeners).
  - Only then the directory is swapped in one step, the daemon reloaded, or restarted where a
    changed setting is read at its start only, and proven once more on its live sockets. If that
    fails, the previous configuration is put back.
  - Files that an earlier call installed and that are no longer handed over are removed. Other
    files in the directory, such as the distribution's, are left alone.
  - A daemon that does not run is started, and one that is not enabled is enabled.
  - A certificate or key file in O(certificates) whose content changed since the daemon last read
    it makes the daemon reload.
  - With O(rollout), the configuration that a change replaces is kept, and O(state=restored) puts it
    back when a later step of the same rollout fails.
extends_documentation_fragment:
  - assurmer.mail._attributes
attributes:
  check_mode:
    details: >-
      In check mode the daemon's checker reads the new files, if the daemon is installed. It is
      not rehearsed.
options:
  service:
    description: The daemon.
    type: str
    required: true
    choices: [postfix, dovecot]
  state:
    description:
      - V(present) installs O(files).
      - >-
        V(restored) puts back the configuration that was in force before the first change of
        O(rollout), reloads the daemon, and proves the sockets and lookups that belong to it. It does
        so once. A daemon whose configuration that rollout did not change is left as it is, and so is
        one that had no configuration of this module before.
      - Certificates and the directory stay as they are.
    type: str
    default: present
    choices: [present, restored]
  rollout:
    description:
      - A name for the rollout that this call is part of, different for each.
      - What its first change replaces is kept in C(/etc/.assurmer.mail), which only root may read, until
        the next change. Without a name nothing is kept.
      - Needed with O(state=restored).
    type: str
  files:
    description:
      - The whole configuration. Needed with O(state=present).
      - The diff shows the content of a file only where O(files[].mode) lets everybody read it.
      - Their time of change is the time of the call, for Postfix three seconds earlier, since its
        programs pause until a V(main.cf) is older than two seconds.
    type: list
    elements: dict
    suboptions:
      path:
        description: Path relative to V(/etc/postfix) or V(/etc/dovecot), without V(..) in it.
        type: str
        required: true
      content:
        description: The content, as UTF-8.
        type: str
        required: true
      mode:
        description: The permissions as an octal number in quotes, V(0000) to V(0777).
        type: str
        default: '0644'
      owner:
        description: The user that owns the file; it must exist.
        type: str
        default: root
      group:
        description: The group that owns the file; it must exist.
        type: str
        default: root
  secrets:
    description:
      - The passwords in the files, by their names. Where a file's content has V(<secret:NAME>), it
        gets the value of that name as it is. So they don't get into logs with the rest of it.
      - Such a file must not be readable by everybody.
    type: dict
    default: {}
  certificates:
    description: The certificates that the configuration names.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: A PEM file with the certificate first, then its chain.
        type: path
        required: true
      key:
        description: >-
          The PEM file with the key. The default is the file in O(certificates[].path), which then
          holds both.
        type: path
  listeners:
    description:
      - The sockets that the configuration opens. Each one must answer, in the rehearsal and live.
      - A configuration that opens a TCP port which is not listed here is refused.
    type: list
    elements: dict
    default: []
    suboptions:
      protocol:
        description:
          - What is spoken there.
          - V(auth) is Dovecot's authentication protocol, V(policy) the one of Postfix's
            C(check_policy_service).
          - V(tcp) only connects, for a socket on which something else is spoken.
        type: str
        required: true
        choices: [smtp, lmtp, imap, sieve, auth, policy, tcp]
      tls:
        description: >-
          V(implicit) shakes hands before the greeting, V(starttls) after it (RFC 3207, RFC 9051,
          RFC 5804).
        type: str
        default: none
        choices: [none, starttls, implicit]
      address:
        description: The address to connect to.
        type: str
        default: 127.0.0.1
      port:
        description: >-
          The TCP port, V(1) to V(65535). Exactly one of this and O(listeners[].socket) is needed.
        type: int
      socket:
        description: The path of a Unix stream socket.
        type: path
      certificate:
        description: A PEM file. The certificate served must be the first one in it.
        type: path
      rsa_certificate:
        description:
          - A PEM file. The certificate served to a client that knows RSA alone must be the first one
            in it.
          - It is asked for with TLS 1.2, because Python can't ask so in TLS 1.3 before 3.15.
        type: path
      client_certificate:
        description: >-
          A PEM file with key, certificate and chain, for a server that wants one of its clients.
        type: path
      sni:
        description:
          - Names that clients ask for in the TLS handshake (RFC 6066), each with the certificate that
            must be served for it.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: A host name, or C(*) and a domain for the hosts in it.
            type: str
            required: true
          certificate:
            description: A PEM file. The certificate served must be the first one in it.
            type: path
            required: true
          rsa_certificate:
            description: The same for a client that knows RSA alone, as O(listeners[].rsa_certificate).
            type: path
  lookups:
    description:
      - Questions that the running daemon must answer as expected.
      - Every SQL and LDAP table of Postfix is asked for an unknown address in any case.
    type: list
    elements: dict
    default: []
    suboptions:
      table:
        description: >-
          For Postfix a table as C(postmap -q) takes it, for Dovecot V(userdb) or V(passdb).
        type: str
        required: true
      key:
        description: What to look up, such as an address.
        type: str
        required: true
      expect:
        description: What the answer must be.
        type: str
        required: true
        choices: [found, absent]
  servers:
    description:
      - The TCP servers that the lookups need, such as those of a database.
      - In the rehearsal the daemon reaches these, and nobody else.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: The server's name or address, as it stands in the configuration.
        type: str
        required: true
      port:
        description: The TCP port, V(1) to V(65535).
        type: int
        required: true
  timeout:
    description: >-
      How many seconds the listeners may take to answer, all together, in the rehearsal and again
      live, V(1) to V(300).
    type: int
    default: 20
requirements:
  - Debian 12 or later; systemd.
  - The right to make namespaces. In a container that takes the capabilities C(SYS_ADMIN) and
    C(NET_ADMIN).
author:
  - The assurmer.mail authors (@assurmer)
"""

EXAMPLES = r"""
- name: Install a small Postfix
  assurmer.mail.service_config:
    service: postfix
    files:
      - path: main.cf
        content: |
          compatibility_level = 3.6
          inet_interfaces = loopback-only
          mydestination =
      - path: master.cf
        content: "{{ lookup('ansible.builtin.template', 'master.cf.j2') }}"
    listeners:
      - protocol: smtp
        port: 25

- name: Put back what this rollout replaced
  assurmer.mail.service_config:
    service: postfix
    state: restored
    rollout: "{{ mail_rollout_id }}"
"""

RETURN = r"""
action:
  description: What was done to the daemon, or would be. V(none) where nothing had to be.
  type: str
  returned: success
  sample: reloaded
files:
  description: >-
    The paths of the files that were written or removed, relative to the configuration directory.
  type: list
  elements: str
  returned: success
  sample: [main.cf]
proof:
  description: What each listener answered on its live socket. Empty where nothing was done.
  type: list
  elements: dict
  returned: success
  contains:
    listener:
      description: The protocol and the place.
      type: str
      sample: smtp on port 25
    answer:
      description: The server's greeting.
      type: str
      sample: 220 mail.example.org ESMTP Postfix
    milliseconds:
      description: How long the handshake took.
      type: float
      sample: 7.2
listener:
  description: The listener that did not answer well.
  type: str
  returned: failure, when a listener is the reason
  sample: smtp on port 587
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.assurmer.mail.plugins.module_utils import _module
from ansible_collections.assurmer.mail.plugins.module_utils._errors import InvalidOption
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.argspec import (
    ARGUMENTS,
    REQUIRED_IF,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.dovecot import Dovecot
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.ensure import Installer
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.model import (
    Configuration,
    from_options,
)
from ansible_collections.assurmer.mail.plugins.module_utils._service_config.postfix import Postfix

DAEMONS = {"postfix": Postfix, "dovecot": Dovecot}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True
    )

    def body() -> _module.Result:
        seconds = module.params["timeout"]
        if not 1 <= seconds <= 300:
            raise InvalidOption("timeout", seconds, "is not between 1 and 300 seconds")
        restored = module.params["state"] == "restored"
        if module.params["rollout"] == "" and restored:
            raise InvalidOption("rollout", "", "names no rollout")
        installer = Installer(
            daemon=DAEMONS[module.params["service"]](),
            configuration=Configuration(files={}) if restored else from_options(module.params),
            seconds=seconds,
            rollout=module.params["rollout"] or "",
        )
        step = installer.restore if restored else installer.ensure
        return step(check_mode=module.check_mode)

    _module.run(module, body)


if __name__ == "__main__":
    main()
