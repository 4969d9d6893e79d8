#!/usr/bin/env python3
"""The calls of GSS-API that no SASL program makes, by ctypes: set an attribute
of an initiator, import a composite name (RFC 6680), initiate without channel
bindings, accept without SASL.

As a command it prints, in base64, a first message of GS2-KRB5 for
imap@localhost by a user who asserts an attribute, or one for a service whose
token is not bound to the header, or is:

    rawgss.py USER NAME VALUE
    rawgss.py unbound [SERVICE]
    rawgss.py bound SERVICE

GSS_LIBRARY in its environment names another GSS-API than MIT Kerberos'.
"""

import base64
import ctypes
import os
import sys

__all__ = ['composite_attributes', 'asserting_message', 'krb5_message',
           'without_framing', 'with_framing', 'KRB5', 'Oid', 'Initiator', 'Acceptor', 'mechanisms',
           'mech_attributes', 'attribute_named', 'display_name', 'saslname',
           'wrap', 'unwrap', 'mic', 'with_flags_as_asked', 'MUTUAL']

COMPLETE = 0
CONTINUE = 1
MUTUAL = 2
MUTUAL_AND_SEQUENCE = MUTUAL | 8
INITIATE = 1
ACCEPT = 2
HEADER = b'n,,'


class Buffer(ctypes.Structure):
    """gss_buffer_desc"""
    _fields_ = [('length', ctypes.c_size_t), ('value', ctypes.c_void_p)]

    @classmethod
    def of(cls, octets):
        """A buffer with these octets; it keeps them alive."""
        buffer = cls(len(octets))
        buffer.kept = ctypes.create_string_buffer(octets, len(octets))
        buffer.value = ctypes.cast(buffer.kept, ctypes.c_void_p)
        return buffer

    def octets(self):
        """Its octets."""
        return ctypes.string_at(self.value, self.length) if self.value else b''


class BufferSet(ctypes.Structure):
    """gss_buffer_set_desc"""
    _fields_ = [('count', ctypes.c_size_t),
                ('elements', ctypes.POINTER(Buffer))]


class Oid(ctypes.Structure):
    """gss_OID_desc"""
    _fields_ = [('length', ctypes.c_uint32), ('elements', ctypes.c_void_p)]

    @classmethod
    def of(cls, dotted):
        """An OID from its text; it keeps its octets alive."""
        first, second, *rest = map(int, dotted.split('.'))
        octets = bytes([40 * first + second])
        for arc in rest:
            part = bytes([arc & 0x7f])
            while arc := arc >> 7:
                part = bytes([arc & 0x7f | 0x80]) + part
            octets += part
        oid = cls(len(octets))
        oid.kept = ctypes.create_string_buffer(octets, len(octets))
        oid.elements = ctypes.cast(oid.kept, ctypes.c_void_p)
        return oid

    def octets(self):
        """What it is made of."""
        return ctypes.string_at(self.elements, self.length)


class OidSet(ctypes.Structure):
    """gss_OID_set_desc"""
    _fields_ = [('count', ctypes.c_size_t),
                ('elements', ctypes.POINTER(Oid))]

    def octets(self):
        """Its members."""
        return {self.elements[i].octets() for i in range(self.count)}


class Bindings(ctypes.Structure):
    """struct gss_channel_bindings_struct"""
    _fields_ = [('initiator_addrtype', ctypes.c_uint32),
                ('initiator_address', Buffer),
                ('acceptor_addrtype', ctypes.c_uint32),
                ('acceptor_address', Buffer),
                ('application_data', Buffer)]


GSS = ctypes.CDLL(os.environ.get('GSS_LIBRARY', 'libgssapi_krb5.so.2'))
MINOR = ctypes.c_uint32()
NOTHING = ctypes.c_void_p()
KRB5 = Oid.of('1.2.840.113554.1.2.2')
HOSTBASED_SERVICE = Oid.of('1.2.840.113554.1.2.1.4')


def constant(name):
    """An OID of MIT Kerberos' library."""
    return ctypes.c_void_p.in_dll(GSS, name)


def call(name, *args, good=(COMPLETE,)):
    """One GSS call; raises where its status is not a good one."""
    major = ctypes.c_uint32(
        getattr(GSS, name)(ctypes.byref(MINOR), *args)).value
    if major not in good:
        raise OSError(f'{name}: major {major:#x}, minor {MINOR.value}')
    return major


def import_name(octets, kind):
    """A name handle; kind is an OID, or what MIT Kerberos' library calls it."""
    name = ctypes.c_void_p()
    call('gss_import_name', ctypes.byref(Buffer.of(octets)),
         constant(kind) if isinstance(kind, str) else ctypes.byref(kind),
         ctypes.byref(name))
    return name


def attribute_names(name):
    """What gss_inquire_name() lists."""
    found = ctypes.POINTER(BufferSet)()
    call('gss_inquire_name', name, None, None, ctypes.byref(found))
    if not found:
        return []
    return [found[0].elements[i].octets() for i in range(found[0].count)]


def attribute_values(name, attribute):
    """The values of an attribute, and whether each is authenticated."""
    more, seen = ctypes.c_int(-1), []
    while more.value:
        authenticated, complete = ctypes.c_int(), ctypes.c_int()
        value, display = Buffer(), Buffer()
        call('gss_get_name_attribute', name,
             ctypes.byref(Buffer.of(attribute)), ctypes.byref(authenticated),
             ctypes.byref(complete), ctypes.byref(value),
             ctypes.byref(display), ctypes.byref(more))
        seen.append((value.octets(), bool(authenticated.value)))
    return seen


def is_authenticated(attribute):
    """Whether an acceptor for imap@localhost sees a value of an attribute by
    the ticket that is here, which is authenticated."""
    acceptor = Acceptor(KRB5)
    acceptor.step(Initiator(ctypes.byref(KRB5)).step())
    try:
        return any(good for _, good in
                   attribute_values(acceptor.name, attribute))
    except OSError:
        return False


def composite_attributes(token):
    """Imports an exported composite name; its attributes as a dict."""
    name = import_name(token, 'GSS_C_NT_COMPOSITE_EXPORT')
    return {a: attribute_values(name, a) for a in attribute_names(name)}


def without_framing(token):
    """A token without what RFC 2743 section 3.1 puts around it."""
    at = 2 + (token[1] & 0x7f if token[1] & 0x80 else 0)
    return token[at + 2 + token[at + 1]:]


def with_framing(token, mech):
    """A token with that around it."""
    octets = mech.octets()
    inner = bytes([6, len(octets)]) + octets + token
    size = len(inner).to_bytes(4, 'big')
    return b'\x60\x84' + size + inner


def bindings_of(octets):
    """Channel bindings with this application data; None: no bindings."""
    if octets is None:
        return None
    bindings = Bindings()
    bindings.kept = Buffer.of(octets)
    bindings.application_data.length = bindings.kept.length
    bindings.application_data.value = bindings.kept.value
    return ctypes.byref(bindings)


class Initiator:
    """A raw initiator to a service, bound to octets or to nothing."""

    def __init__(self, mech, bound=None, cred=None, service='imap',
                 flags=MUTUAL_AND_SEQUENCE):
        self.mech = mech
        self.flags = flags
        self.ret_flags = ctypes.c_uint32()
        self.bindings = bindings_of(bound)
        self.cred = cred
        self.context = ctypes.c_void_p()
        self.target = import_name(f'{service}@localhost'.encode(),
                                  HOSTBASED_SERVICE)
        self.done = False

    def step(self, token=b''):
        """The next token."""
        out = Buffer()
        given = ctypes.byref(Buffer.of(token)) if token else None
        major = call('gss_init_sec_context', self.cred,
                     ctypes.byref(self.context), self.target, self.mech,
                     self.flags, 0, self.bindings, given, None,
                     ctypes.byref(out), ctypes.byref(self.ret_flags), None,
                     good=(COMPLETE, CONTINUE))
        self.done = major == COMPLETE
        return out.octets()


def with_flags_as_asked(mech):
    """A credential of the user's for Initiator(), whose contexts have INTEG and
    CONF only where these are asked for."""
    cred = ctypes.c_void_p()
    call('gss_acquire_cred', None, 0, ctypes.byref(OidSet(
        1, ctypes.pointer(mech))), INITIATE, ctypes.byref(cred), None, None)
    call('gss_set_cred_option', ctypes.byref(cred),
         constant('GSS_KRB5_CRED_NO_CI_FLAGS_X'), ctypes.byref(Buffer()))
    return cred


def wrap(context, octets, sealed=False):
    """A wrapped message."""
    out = Buffer()
    call('gss_wrap', context, ctypes.c_int(sealed), ctypes.c_uint32(0),
         ctypes.byref(Buffer.of(octets)), None, ctypes.byref(out))
    return out.octets()


def unwrap(context, token):
    """What is in a wrapped message."""
    out = Buffer()
    call('gss_unwrap', context, ctypes.byref(Buffer.of(token)),
         ctypes.byref(out), None, None)
    return out.octets()


def mic(context, octets):
    """A token that signs a message and does not carry it."""
    out = Buffer()
    call('gss_get_mic', context, ctypes.c_uint32(0),
         ctypes.byref(Buffer.of(octets)), ctypes.byref(out))
    return out.octets()


class Acceptor:
    """A raw acceptor of a mechanism, for any service, bound to octets or to
    nothing."""

    def __init__(self, mech, bound=None):
        self.bindings = bindings_of(bound)
        self.cred = ctypes.c_void_p()
        self.context = ctypes.c_void_p()
        self.name = ctypes.c_void_p()
        self.flags = ctypes.c_uint32()
        self.done = False
        call('gss_acquire_cred', None, 0, ctypes.byref(OidSet(
            1, ctypes.pointer(mech))), ACCEPT, ctypes.byref(self.cred), None,
             None)

    def step(self, token):
        """Takes a token, gives the next."""
        out = Buffer()
        major = call('gss_accept_sec_context', ctypes.byref(self.context),
                     self.cred, ctypes.byref(Buffer.of(token)), self.bindings,
                     ctypes.byref(self.name), None, ctypes.byref(out),
                     ctypes.byref(self.flags), None, None,
                     good=(COMPLETE, CONTINUE))
        self.done = major == COMPLETE
        return out.octets()


def mechanisms():
    """The OIDs of the mechanisms that there are."""
    found = ctypes.POINTER(OidSet)()
    call('gss_indicate_mechs', ctypes.byref(found))
    return found[0].octets()


def mech_attributes(mech):
    """The attributes of a mechanism (RFC 5587), as OIDs."""
    found = ctypes.POINTER(OidSet)()
    call('gss_inquire_attrs_for_mech', ctypes.byref(mech),
         ctypes.byref(found), None)
    return found[0].octets()


def attribute_named(name):
    """The OID of an attribute of mechanisms that the library names."""
    return ctypes.POINTER(Oid).in_dll(GSS, name)[0].octets()


def display_name(name):
    """A name as it is shown."""
    shown = Buffer()
    call('gss_display_name', name, ctypes.byref(shown), None)
    return shown.octets()


def saslname(mech):
    """What the mechanism is called in SASL."""
    name, unused, unused_too = Buffer(), Buffer(), Buffer()
    # That of NTLM writes to all three, whether they are there or not.
    call('gss_inquire_saslname_for_mech', ctypes.byref(mech),
         ctypes.byref(name), ctypes.byref(unused), ctypes.byref(unused_too))
    return name.octets().decode()


def asserting_message(user, attribute, value):
    """A first message by a user who asserts an attribute."""
    name = import_name(user.encode(), 'GSS_C_NT_USER_NAME')
    krb5 = constant('gss_mech_krb5')
    mine = ctypes.c_void_p()
    # A set attribute belongs to a mechanism's name.
    call('gss_canonicalize_name', name, krb5, ctypes.byref(mine))
    call('gss_set_name_attribute', mine, 0,
         ctypes.byref(Buffer.of(attribute.encode())),
         ctypes.byref(Buffer.of(value.encode())))
    cred = ctypes.c_void_p()
    call('gss_acquire_cred', mine, 0, None, INITIATE, ctypes.byref(cred),
         None, None)
    return HEADER + without_framing(Initiator(krb5, HEADER, cred).step())


def krb5_message(bound, service='imap'):
    """A first message whose token is bound to these octets; None: made without
    channel bindings."""
    return HEADER + without_framing(
        Initiator(constant('gss_mech_krb5'), bound, service=service).step())


if __name__ == '__main__':
    if sys.argv[1] == 'authenticated':
        print(is_authenticated(sys.argv[2].encode()))
        sys.exit()
    BOUND = {'unbound': None, 'bound': HEADER}
    MESSAGE = (krb5_message(BOUND[sys.argv[1]], *sys.argv[2:])
               if sys.argv[1] in BOUND else asserting_message(*sys.argv[1:4]))
    print(base64.b64encode(MESSAGE).decode())
