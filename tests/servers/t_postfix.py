#!/usr/bin/env python3
"""Postfix with our plugin: its smtpd takes mail from nobody who has not logged
in with GS2-KRB5, and its smtp client relays mail through such a server: two
instances, with the lines of doc/servers.md. A login that a rule refuses brings
no mail in either.
"""

import os

import saslclient
import servers
import setups
import sources
import submission
import tap
import wire
from postfix_relay import RECIPIENT, SENDER, World, arrives

TOLD = '5.7.8 Error: authentication failed: authorization failure'
DENIED = 'Access denied'
LOGGED = 'detail="not met: gs2:realm=OTHER.TEST'
# A record of TLS 1.3 with an alert in it: two octets, its type, and a tag.
ALERT_OCTETS = 19


class Home(servers.Home, sources.Sources):
    """A place for Postfix, and tickets of a foreign realm."""


def relayed(rows, world):
    """Mail comes in through the instance that logs in."""
    with wire.Relay(world.server.port) as cable:
        relay = world.relay('relay', cable.port)
        line, mail = world.deliver(relay, 'in the clear')
        relay.stop()
        trips = wire.round_trips(cable.take(), b'AUTH GS2-KRB5', b'^235 ')
    rows.add(arrives(line, mail) and trips == 3, 'smtp, smtpd',
             'GS2-KRB5', 'no', 'no', trips, 'mail from alice arrives',
             (line, mail, trips, world.server.log()))


def records(connections):
    """How many TLS records of data a client sent: each is a line, or lines,
    after which it waits. What each side says under TLS, and when, cannot be
    seen; this can, and no delay on a busy machine alters it. A last one that
    is as long as an alert is TLS's goodbye, which need not arrive any more
    (QUIT is longer)."""
    octets = b''.join(data for said in connections for side, data in said
                      if side == wire.CLIENT)
    at, lengths = octets.index(b'\x16\x03'), []
    while at < len(octets):
        length = int.from_bytes(octets[at + 3:at + 5], 'big')
        if octets[at] == 23:
            lengths.append(length)
        at += 5 + length
    return len(lengths) - (lengths[-1:] == [ALERT_OCTETS])


def delivery(world, cable, name, **options):
    """One delivery under TLS: its records, the line and the mail."""
    relay = world.relay(name, cable.port, tls='secure', **options)
    line, mail = world.deliver(relay, name)
    said = cable.take() # waits for the end: it may not have said QUIT yet
    relay.stop()
    return records(said), line, mail


def relayed_under_tls(rows, world):
    """The same after STARTTLS, next to PLAIN, which takes one round trip. (A
    first message of GS2-KRB5 is too long for Postfix to send it with AUTH.)"""
    world.serve(mechs='GS2-KRB5 PLAIN')
    with wire.Relay(world.server.port) as cable:
        ours, line, mail = delivery(world, cable, 'tls')
        theirs, plain, _ = delivery(world, cable, 'tls-plain', mech='PLAIN',
                                    login='carol:carol.secret.1')
    trips = ours - theirs + 1
    rows.add(arrives(line, mail, 'using TLSv1.3') and 'status=sent' in plain
             and trips == 3, 'smtp, smtpd', 'GS2-KRB5', 'STARTTLS 1.3', 'no',
             trips, 'mail from alice arrives',
             (ours, line, mail, theirs, plain, world.server.log()))


def refused(t, rows, world):
    """A rule that is false, for smtp: the mail stays where it is."""
    world.serve(realm_name='OTHER.TEST')
    before = len(world.mails())
    with wire.Relay(world.server.port) as cable:
        relay = world.relay('refused', cable.port)
        line, mail = world.deliver(relay, 'refused')
        relay.stop()
        trips = wire.round_trips(cable.take(), b'AUTH GS2-KRB5', b'^535 ')
    rows.add('status=deferred' in line and not mail and trips == 3,
             'smtp, gs2_require not met, smtpd', 'GS2-KRB5', 'no',
             'no', trips, 'refused', (line, mail, trips, world.server.log()))
    t.contains(line, TOLD, 'the one that relays is told why')
    t.contains(world.server.log(), LOGGED, 'the server logs why')
    t.equal(len(world.mails()), before, 'bob got no mail')


def local_domain(t, world):
    """smtpd_sasl_local_domain is appended to our own carol's name: the carol of
    a foreign realm of that name must not be her."""
    for domain, status in (('OTHER.TEST', 535), ('other.test', 535),
                           ('EXAMPLE.TEST', 235)):
        world.server.stop()
        world.server.configure(
            f'{world.main_cf}smtpd_sasl_local_domain = {domain}\n',
            f'mech_list: GS2-KRB5\nsasldb_path: {world.home.sasldb}\n')
        world.server.start()
        for who, ticket, wanted in (
                ('our own', world.home.ticket('timestamp', 'carol'), 235),
                ('the foreign', world.home.foreigner('carol'), status)):
            os.environ.update(ticket)
            with submission.Conversation(world.server.port) as smtp:
                code, text = smtp.log_in()
            t.equal(code, wanted, f'smtpd_sasl_local_domain = {domain}: '
                    f'{who} carol')
            if code == 535:
                t.contains(world.server.log(), 'of a foreign realm',
                           f'{domain}: smtpd logs why')


def in_one_connection(t, world):
    """What smtpd takes on a connection before, without and after a login."""
    with submission.Conversation(world.server.port) as smtp:
        t.equal(smtp.offer_mail(SENDER, RECIPIENT)[0], 554, 'without a login: mail is refused')
        code, text = smtp.log_in()
        t.equal(code, 535, 'a rule not met: the login is refused')
        t.contains(text, TOLD, 'a rule not met: the client is told why')
        code, text = smtp.offer_mail(SENDER, RECIPIENT)
        t.equal(code, 554, 'a rule not met: mail is refused')
        t.contains(text, DENIED, 'a rule not met: smtpd says why')
    world.serve()
    with submission.Conversation(world.server.port) as smtp:
        t.equal(smtp.offer_mail(SENDER, RECIPIENT)[0], 554, 'before the login: mail is refused')
        t.equal(smtp.log_in()[0], 235, 'the login is accepted')
        t.equal(smtp.offer_mail(SENDER, RECIPIENT)[0], 250, 'after the login: mail is accepted')


def main(t):
    """All of it, or the reason why not."""
    if os.geteuid() != 0:
        t.skip('Postfix with GS2-KRB5', "only root can start Postfix's master")
        return
    rows = servers.Rows(t, 'postfix')
    with Home() as home:
        world = World(home)
        saslclient.load(home.environment('ours'))
        world.serve()
        relayed(rows, world)
        relayed_under_tls(rows, world)
        refused(t, rows, world)
        in_one_connection(t, world)
        local_domain(t, world)
    rows.show()


if __name__ == '__main__':
    tap.run(main)
