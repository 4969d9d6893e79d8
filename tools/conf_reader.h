/*
 * conf_reader.h - which files of a configuration the server's user can read.
 * libsasl takes a file that it cannot open for one that is not there, and says
 * nothing; Cyrus does not start without its own.
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include "conf_file.h"

/*
 * Leaves in conf, which was read with the caller's rights, what the server has
 * of it; nothing is done where conf is not the server's own file.  A file that
 * its user cannot read has unread, and cure; libsasl's has no lines then.  Where
 * that cannot be told, the file has unsure.
 *
 * A child finds out what another user can read, as only root can.  For others a
 * file can be told that everybody can read, and what they can read themselves,
 * where they are the server's user.
 */
void conf_reader_apply(struct conf_file *conf);

#endif
