#!/usr/bin/env python3
"""A front end with constrained delegation (S4U2Proxy), by ctypes: GSS gives an
acceptor whose credential is for both uses a credential that acts as the user,
though the user delegated none.

    frontend.py token SERVICE@HOST      as the user: a token, in base64
    frontend.py accept TOKEN CCACHE     as the front end: takes it, and keeps
                                        the credential in CCACHE

The user's ticket, the front end's keytab and its own ticket are where KRB5_
variables say.
"""

import base64
import ctypes
import sys

import rawgss
from rawgss import Buffer, call, constant

ACCEPT_AND_INITIATE = 0
DELEGATED = 1


class Element(ctypes.Structure):
    """gss_key_value_element_desc"""
    _fields_ = [('key', ctypes.c_char_p), ('value', ctypes.c_char_p)]


class KeyValues(ctypes.Structure):
    """gss_key_value_set_desc"""
    _fields_ = [('count', ctypes.c_uint32),
                ('elements', ctypes.POINTER(Element))]


def token(service):
    """A user's first token, without mutual authentication: the only one."""
    context, out = ctypes.c_void_p(), Buffer()
    call('gss_init_sec_context', None, ctypes.byref(context),
         rawgss.import_name(service.encode(), 'GSS_C_NT_HOSTBASED_SERVICE'),
         constant('gss_mech_krb5'), 0, 0, None, None, None,
         ctypes.byref(out), None, None)
    return out.octets()


def accept(octets, ccache):
    """Takes the token, and keeps the credential that comes of it."""
    cred, context = ctypes.c_void_p(), ctypes.c_void_p()
    delegated, out = ctypes.c_void_p(), Buffer()
    flags = ctypes.c_uint32()
    call('gss_acquire_cred', None, 0, None, ACCEPT_AND_INITIATE,
         ctypes.byref(cred), None, None)
    call('gss_accept_sec_context', ctypes.byref(context), cred,
         ctypes.byref(Buffer.of(octets)), None, None, None,
         ctypes.byref(out), ctypes.byref(flags), None,
         ctypes.byref(delegated))
    if not flags.value & DELEGATED or not delegated:
        raise OSError('no credential came of it')
    element = Element(b'ccache', ccache.encode())
    call('gss_store_cred_into', delegated, 1, constant('gss_mech_krb5'), 1, 1,
         ctypes.byref(KeyValues(1, ctypes.pointer(element))), None, None)


if __name__ == '__main__':
    if sys.argv[1] == 'token':
        print(base64.b64encode(token(sys.argv[2])).decode())
    else:
        accept(base64.b64decode(sys.argv[2]), sys.argv[3])
