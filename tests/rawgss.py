#!/usr/bin/env python3
"""The calls of GSS-API's naming extensions (RFC 6680) that no SASL program
makes, by ctypes: set an attribute of an initiator, import a composite name.

As a command it prints, in base64, a first message of GS2-KRB5 for
imap@localhost by a user who asserts an attribute, or one whose token is not
bound to the header:

    rawgss.py USER NAME VALUE
    rawgss.py unbound
"""

import base64
import ctypes
import sys

__all__ = ['composite_attributes', 'asserting_message', 'unbound_message']

COMPLETE = 0
CONTINUE = 1
MUTUAL_AND_SEQUENCE = 2 | 8
INITIATE = 1
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


class Bindings(ctypes.Structure):
    """struct gss_channel_bindings_struct"""
    _fields_ = [('initiator_addrtype', ctypes.c_uint32),
                ('initiator_address', Buffer),
                ('acceptor_addrtype', ctypes.c_uint32),
                ('acceptor_address', Buffer),
                ('application_data', Buffer)]


GSS = ctypes.CDLL('libgssapi_krb5.so.2')
MINOR = ctypes.c_uint32()
NOTHING = ctypes.c_void_p()


def constant(name):
    """An OID of the library."""
    return ctypes.c_void_p.in_dll(GSS, name)


def call(name, *args, good=(COMPLETE,)):
    """One GSS call; raises where its status is not a good one."""
    major = ctypes.c_uint32(
        getattr(GSS, name)(ctypes.byref(MINOR), *args)).value
    if major not in good:
        raise OSError(f'{name}: major {major:#x}, minor {MINOR.value}')
    return major


def import_name(octets, kind):
    """A name handle."""
    name = ctypes.c_void_p()
    call('gss_import_name', ctypes.byref(Buffer.of(octets)), constant(kind),
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


def composite_attributes(token):
    """Imports an exported composite name; its attributes as a dict."""
    name = import_name(token, 'GSS_C_NT_COMPOSITE_EXPORT')
    return {a: attribute_values(name, a) for a in attribute_names(name)}


def without_framing(token):
    """A token without what RFC 2743 section 3.1 puts around it."""
    at = 2 + (token[1] & 0x7f if token[1] & 0x80 else 0)
    return token[at + 2 + token[at + 1]:]


def bind(header):
    """Channel bindings of a header without a binding."""
    bindings = Bindings()
    bindings.kept = Buffer.of(header)
    bindings.application_data.length = bindings.kept.length
    bindings.application_data.value = bindings.kept.value
    return bindings


def first_token(cred, bindings):
    """krb5's first token for imap@localhost, without its framing."""
    context, token = ctypes.c_void_p(), Buffer()
    call('gss_init_sec_context', cred, ctypes.byref(context),
         import_name(b'imap@localhost', 'GSS_C_NT_HOSTBASED_SERVICE'),
         ctypes.c_void_p.in_dll(GSS, 'gss_mech_krb5'), MUTUAL_AND_SEQUENCE, 0,
         ctypes.byref(bindings) if bindings else None, None, None,
         ctypes.byref(token), None, None, good=(CONTINUE,))
    return without_framing(token.octets())


def asserting_message(user, attribute, value):
    """A first message by a user who asserts an attribute."""
    name = import_name(user.encode(), 'GSS_C_NT_USER_NAME')
    krb5 = ctypes.c_void_p.in_dll(GSS, 'gss_mech_krb5')
    mine = ctypes.c_void_p()
    # A set attribute belongs to a mechanism's name.
    call('gss_canonicalize_name', name, krb5, ctypes.byref(mine))
    call('gss_set_name_attribute', mine, 0,
         ctypes.byref(Buffer.of(attribute.encode())),
         ctypes.byref(Buffer.of(value.encode())))
    cred = ctypes.c_void_p()
    call('gss_acquire_cred', mine, 0, None, INITIATE, ctypes.byref(cred),
         None, None)
    return HEADER + first_token(cred, bind(HEADER))


def unbound_message():
    """A first message whose token was made without channel bindings."""
    return HEADER + first_token(None, None)


if __name__ == '__main__':
    MESSAGE = (unbound_message() if sys.argv[1:] == ['unbound']
               else asserting_message(*sys.argv[1:4]))
    print(base64.b64encode(MESSAGE).decode())
