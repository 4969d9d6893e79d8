"""A client of libsasl for protocols that a test speaks itself: the exchange
of one login, by ctypes, with the plugin that SASL_PATH names.

    saslclient.load(home.environment('ours'))
    login = saslclient.Login('smtp', 'localhost', 'GS2-KRB5')
    answer = server.say(login.start())
    while answer.wants_more:
        answer = server.say(login.step(answer.data))

libsasl and libkrb5 read their environment when they need it, so load() changes
that of this process.
"""

import ctypes
import os

__all__ = ['Login', 'SaslError', 'load']

OK = 0
CONTINUE = 1
CB_LIST_END = 0
CB_USER = 0x4001
SSF = 1
CHANNEL_BINDING = 21
SEC_PROPS = 101

GetSimple = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
                             ctypes.POINTER(ctypes.c_char_p),
                             ctypes.POINTER(ctypes.c_uint))


class Callback(ctypes.Structure):
    """sasl_callback_t"""
    _fields_ = [('id', ctypes.c_ulong), ('proc', ctypes.c_void_p),
                ('context', ctypes.c_void_p)]


class Binding(ctypes.Structure):
    """sasl_channel_binding_t"""
    _fields_ = [('name', ctypes.c_char_p), ('critical', ctypes.c_int),
                ('len', ctypes.c_ulong), ('data', ctypes.c_char_p)]


class Security(ctypes.Structure):
    """sasl_security_properties_t"""
    _fields_ = [('min_ssf', ctypes.c_uint), ('max_ssf', ctypes.c_uint),
                ('maxbufsize', ctypes.c_uint), ('flags', ctypes.c_uint),
                ('names', ctypes.c_void_p), ('values', ctypes.c_void_p)]


class SaslError(Exception):
    """libsasl says no; the text is its own."""


def library():
    """libsasl2, its functions declared."""
    lib = ctypes.CDLL('libsasl2.so.2')
    text, handle = ctypes.c_char_p, ctypes.c_void_p
    lib.sasl_client_new.argtypes = [text, text, text, text, handle,
                                    ctypes.c_uint, handle]
    lib.sasl_client_start.argtypes = [handle, text, handle, handle, handle,
                                      handle]
    lib.sasl_client_step.argtypes = [handle, text, ctypes.c_uint, handle,
                                     handle, handle]
    lib.sasl_setprop.argtypes = [handle, ctypes.c_int, handle]
    lib.sasl_getprop.argtypes = [handle, ctypes.c_int, handle]
    for function in lib.sasl_encode, lib.sasl_decode:
        function.argtypes = [handle, text, ctypes.c_uint, handle, handle]
    lib.sasl_errdetail.argtypes = [handle]
    lib.sasl_errdetail.restype = text
    lib.sasl_dispose.argtypes = [handle]
    lib.sasl_dispose.restype = None
    return lib


LIB = library()


def load(env):
    """Makes this process a client of libsasl in that environment; once."""
    os.environ.update(env)
    code = LIB.sasl_client_init(None)
    if code != OK:
        raise SaslError(f'sasl_client_init: {code}')


class Login:
    """One attempt to log in; to act as authzid, if it is given; binding is the
    name and the octets of what the channel is bound to; max_ssf is that of the
    layer that is wanted."""

    def __init__(self, service, host, mech, authzid='', binding=None,
                 max_ssf=0):
        self.mech = mech
        self.authzid = authzid.encode()
        self.conn = ctypes.c_void_p()
        self.give = GetSimple(self._give_authzid)
        self.callbacks = (Callback * 2)(
            Callback(CB_USER, ctypes.cast(self.give, ctypes.c_void_p)),
            Callback(CB_LIST_END))
        code = LIB.sasl_client_new(service.encode(), host.encode(), None,
                                   None, self.callbacks, 0,
                                   ctypes.byref(self.conn))
        if code != OK:
            raise SaslError(f'sasl_client_new: {code}')
        if binding:
            name, data = binding
            self.binding = Binding(name, 0, len(data), data)
            LIB.sasl_setprop(self.conn, CHANNEL_BINDING,
                             ctypes.byref(self.binding))

        if max_ssf:
            security = Security(max_ssf=max_ssf, maxbufsize=65536)
            LIB.sasl_setprop(self.conn, SEC_PROPS, ctypes.byref(security))

    def _give_authzid(self, _context, _kind, text, size):
        text[0] = self.authzid
        if size:
            size[0] = len(self.authzid)
        return OK

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        LIB.sasl_dispose(ctypes.byref(self.conn))

    def _call(self, function, *args, last=()):
        out, size = ctypes.c_void_p(), ctypes.c_uint()
        code = function(self.conn, *args, None, ctypes.byref(out),
                        ctypes.byref(size), *last)
        if code not in (OK, CONTINUE):
            detail = LIB.sasl_errdetail(self.conn) or b''
            raise SaslError(f'{code}: {detail.decode("utf-8", "replace")}')
        return ctypes.string_at(out, size.value) if out else b''

    def start(self):
        """The first message."""
        chosen = ctypes.c_char_p()
        return self._call(LIB.sasl_client_start, self.mech.encode(),
                          last=[ctypes.byref(chosen)])

    def step(self, challenge):
        """The answer to a challenge."""
        return self._call(LIB.sasl_client_step, challenge, len(challenge))

    def ssf(self):
        """The strength of the layer, after a login."""
        value = ctypes.POINTER(ctypes.c_uint)()
        LIB.sasl_getprop(self.conn, SSF, ctypes.byref(value))
        return value[0]

    def _through(self, function, data):
        out, size = ctypes.c_void_p(), ctypes.c_uint()
        code = function(self.conn, data, len(data), ctypes.byref(out),
                        ctypes.byref(size))
        if code != OK:
            detail = LIB.sasl_errdetail(self.conn) or b''
            raise SaslError(f'{code}: {detail.decode("utf-8", "replace")}')
        return ctypes.string_at(out, size.value) if out else b''

    def encode(self, data):
        """What goes out through the layer."""
        return self._through(LIB.sasl_encode, data)

    def decode(self, data):
        """What came through it."""
        return self._through(LIB.sasl_decode, data)
