"""Properties of users in sasldb, libsasl's own database, stored by libsasl
itself: the tools that come with it know passwords alone.
"""

import ctypes
import os

import scenario

__all__ = ['store']


def store(stage, name, values):
    """Gives a property of this name to users: values has what each has."""
    stage.configure({})
    folder = stage.path('sasldb-alone')
    os.mkdir(folder)
    os.symlink(scenario.system_plugin('libsasldb.so'),
               os.path.join(folder, 'libsasldb.so'))
    variables = scenario.with_new_names({
        'SASL_PATH': folder, 'SASL_CONF_PATH': stage.path('conf')})
    os.environ.update(variables)
    sasl = ctypes.CDLL('libsasl2.so.2')
    conn = ctypes.c_void_p()
    sasl.prop_new.restype = ctypes.c_void_p
    names = (ctypes.c_char_p * 2)(name.encode(), None)

    def must(function, *args):
        code = getattr(sasl, function)(*args)
        if code != 0:
            raise scenario.ScenarioError(f'{function}: SASL code {code}')

    must('sasl_server_init', None, b'sasl-peer')
    must('sasl_server_new', b'imap', b'localhost', None, None, None, None, 0,
         ctypes.byref(conn))
    for user, value in values.items():
        context = ctypes.c_void_p(sasl.prop_new(1024))
        must('prop_request', context, names)
        must('prop_set', context, names[0], value.encode(), 0)
        must('sasl_auxprop_store', conn, context, user.encode())
        sasl.prop_dispose(ctypes.byref(context))
    sasl.sasl_dispose(ctypes.byref(conn))
    sasl.sasl_done()
    for variable in variables:
        del os.environ[variable]
