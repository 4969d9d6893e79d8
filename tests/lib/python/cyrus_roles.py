"""A Cyrus IMAP whose rights decide by roles: the module for Unix groups, and
/etc/group and /etc/nsswitch.conf as doc/servers.md says, which it sees in the
place of the system's.
"""

import os
import shutil

import cyrus
import setups
import tap
import tree

__all__ = ['MAILBOX', 'SHOWN', 'fill', 'start']

MODULE = tree.builddir('nss', '.libs', 'libnss_gs2.so.2')
SHOWN = '/usr/lib/x86_64-linux-gnu/libnss_gs2.so.2'
MAILBOX = 'shared/payroll'

# Beyond what the document says.
BASE = '''\
altnamespace: 0
sasl_gs2_keytab: {keytab}
sasl_mech_list: GS2-KRB5 GSSAPI GSS-SPNEGO PLAIN EXTERNAL
sasl_pwcheck_method: auxprop
sasl_sasldb_path: {home.sasldb}
allowplaintext: 1
sasl_log_level: 4
'''


def start(home, options, group=None, name='cyrus', nsswitch=None,
          plugins='ours'):
    """A Cyrus with these options, and these lines in /etc/group; plugins as
    cyrus.Cyrus has them. tap.Skip for who is not root."""
    tap.find(MODULE, 'libc6-dev, and configure again')
    folder = home.path(f'{name}.lib')
    os.makedirs(folder)
    module = shutil.copy(MODULE, folder)
    with open('/etc/group', encoding='utf-8') as system:
        group = system.read() + (setups.setup('group') if group is None
                                 else group)
    if nsswitch is None:
        nsswitch = setups.setup('nsswitch.conf')
    places = {home.write(f'{name}.group', group): '/etc/group',
              home.write(f'{name}.nsswitch', 'passwd: files\n' + nsswitch):
              '/etc/nsswitch.conf'}
    options = BASE.format(home=home, keytab=home.realm.keytab) + options
    return cyrus.Cyrus(home, options.replace(SHOWN, module), name,
                       env={'LD_LIBRARY_PATH': folder}, places=places,
                       plugins=plugins)


def fill(imap, lines=None):
    """Makes the mailbox and gives the rights of the document, or these, by a
    session of an administrator."""
    for text in (f'CREATE {MAILBOX}',
                 *(lines or setups.setup('cyradm')).splitlines()):
        assert imap.ok(text), text
