"""Tickets that a test makes for itself, and a KDC whose clock is off."""

import contextlib

import realm

__all__ = ['kdc_at', 'ticket']


def ticket(stage, name, args=()):
    """A new ticket of alice's in a cache of this name; its environment."""
    env = {'KRB5CCNAME': 'FILE:' + stage.path(name)}
    stage.realm.kinit('alice', realm.Realm.password('alice'), env=env,
                      args=args)
    return env


@contextlib.contextmanager
def kdc_at(stage, offset):
    """The KDC's clock is off, and with it that of whoever believes it."""
    fake = stage.fake_time(offset)
    stage.realm.stop_kdc()
    right = dict(stage.realm.env)
    stage.realm.env.update(fake)
    stage.realm.start_kdc()
    stage.realm.env = right
    yield
    stage.realm.stop_kdc()
    stage.realm.start_kdc()
