/*
 * served.c - which file of this machine's libsasl serves a mechanism (see
 * served.h).
 *
 * libsasl itself says which files it would load, and asks whether it may.
 */
#include "served.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sasl/sasl.h>

#include "common/mark.h"
#include "mech_name.h"
#include "print.h"

#define PROC(function) ((int (*)(void))(void (*)(void))(function))

/* A plugin of GS2 has no list of its mechanisms: GSS names them (RFC 5801
 * section 10). */
#define GS2_CALL "gss_inquire_saslname_for_mech"

/* A file that libsasl would load. */
struct file {
    char *path;
    unsigned char *octets; /* NULL: it cannot be read */
    size_t size;
};

struct files {
    struct file *list;
    size_t count;
    ElfW(Ehdr) own; /* of this program; zeros where that is not known */
    bool known;
};

/* --- reading -------------------------------------------------------------- */

/* Takes what there is, whatever size the file had when it was opened: another
 * may be writing to it.  Gives; NULL where it cannot be read. */
static unsigned char *
read_octets(int fd, size_t *size_out)
{
    unsigned char *octets = NULL;
    size_t size = 0, room = 0;
    ssize_t n;

    do {
        if (size == room) {
            room = room > 0 ? 2 * room : 1 << 16;
            octets = need(realloc(octets, room));
        }
        n = read(fd, octets + size, room - size);
        size += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    *size_out = size;
    if (n == 0)
        return octets;
    free(octets);
    return NULL;
}

/* False where it is nothing that can be loaded: gone, a directory, a pipe. */
static bool
read_file(const char *path, struct file *file_out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    bool good = true;

    memset(file_out, 0, sizeof(*file_out));
    if (fd < 0) {
        good = errno != ENOENT;
    } else {
        good = fstat(fd, &status) != 0 || S_ISREG(status.st_mode);
        if (good)
            file_out->octets = read_octets(fd, &file_out->size);
        (void)close(fd);
    }
    if (good)
        file_out->path = need(strdup(path));
    return good;
}

/* --- what is in a file ---------------------------------------------------- */

/* The len octets at this place of a file; NULL where it has not so many. */
static const unsigned char *
part(const struct file *file, uint64_t at, uint64_t len)
{
    return at <= file->size && len <= file->size - at ? file->octets + at
                                                      : NULL;
}

/* False where it is no file of ELF of this machine's size of words. */
static bool
get_header(const struct file *file, ElfW(Ehdr) *header_out)
{
    const unsigned char *at = part(file, 0, sizeof(*header_out));

    if (at == NULL)
        return false;
    memcpy(header_out, at, sizeof(*header_out));
    return memcmp(header_out->e_ident, ELFMAG, SELFMAG) == 0 &&
           header_out->e_phentsize == sizeof(ElfW(Phdr));
}

/* False where no server of this program's kind can load it. */
static bool
is_loadable(const struct file *file, const ElfW(Ehdr) *own)
{
    static const size_t kind = offsetof(ElfW(Ehdr), e_ident[EI_OSABI]);
    ElfW(Ehdr) header;

    return get_header(file, &header) &&
           (own->e_machine == EM_NONE ||
            (memcmp(header.e_ident, own->e_ident, kind) == 0 &&
             header.e_machine == own->e_machine));
}

static bool
has_mark(const struct file *file, enum gs2_mark mark)
{
    const unsigned char *at;
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;

    if (!get_header(file, &header) || header.e_phoff > file->size)
        return false;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        at = part(file, header.e_phoff + (uint64_t)i * sizeof(segment),
                  sizeof(segment));
        if (at == NULL)
            return false;
        memcpy(&segment, at, sizeof(segment));
        at = part(file, segment.p_offset, segment.p_filesz);
        if (segment.p_type == PT_NOTE && at != NULL &&
            segment.p_align == GS2_MARK_ALIGN &&
            gs2_mark_is_in(at, segment.p_filesz, mark))
            return true;
    }
    return false;
}

static bool
has_text(const struct file *file, const char *text)
{
    return memmem(file->octets, file->size, text, strlen(text) + 1) != NULL;
}

/* Who serves the mechanism as far as this file goes. */
static enum served_by
look_for(const struct file *file, const char *name)
{
    const bool is_gs2 = mech_name_is_gs2(name, strlen(name));
    const bool is_gssapi = strcmp(name, "GSSAPI") == 0 ||
                           strcmp(name, "GSS-SPNEGO") == 0;

    if (file->octets == NULL)
        return SERVED_UNKNOWN;
    if (has_mark(file, GS2_MARK_GSSAPI))
        return is_gssapi ? SERVED_BY_US : SERVED_BY_NONE;
    if (has_mark(file, GS2_MARK_PLUGIN))
        return is_gs2 ? SERVED_BY_US : SERVED_BY_NONE;
    return has_text(file, name) || (is_gs2 && has_text(file, GS2_CALL))
           ? SERVED_BY_OTHER : SERVED_BY_NONE;
}

/* --- all of them ---------------------------------------------------------- */

static void
drop(struct file *file)
{
    free(file->octets);
    free(file->path);
}

/* Of SASL_CB_VERIFYFILE: takes a file that libsasl would load, and says that it
 * must not.  It asks once for each kind of plugin. */
static int
take_file(void *context, const char *path, sasl_verify_type_t type)
{
    struct files *files = context;
    struct file file;

    if (type != SASL_VRFY_PLUGIN)
        return SASL_CONTINUE;
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->list[i].path, path) == 0)
            return SASL_CONTINUE;
    }
    if (!read_file(path, &file))
        return SASL_CONTINUE;
    if (file.octets != NULL && !is_loadable(&file, &files->own)) {
        drop(&file);
        return SASL_CONTINUE;
    }
    files->list = need(reallocarray(files->list, files->count + 1,
                                    sizeof(file)));
    files->list[files->count++] = file;
    return SASL_CONTINUE;
}

static void
read_own_header(struct files *files)
{
    struct file own;

    if (!read_file("/proc/self/exe", &own))
        return;
    if (own.octets == NULL || !get_header(&own, &files->own))
        files->own.e_machine = EM_NONE;
    drop(&own);
}

/* Borrows; kept until the process ends. */
static const struct files *
all_files(void)
{
    static struct files files;
    const sasl_callback_t callbacks[] = {
        { SASL_CB_VERIFYFILE, PROC(take_file), &files },
        { SASL_CB_LIST_END, NULL, NULL },
    };

    if (!files.known) {
        read_own_header(&files);
        (void)sasl_server_init(callbacks, "gs2-inspect");
        sasl_server_done();
    }
    files.known = true;
    return &files;
}

/* The name as plugins write it: in capitals, without -PLUS. */
static void
make_bare(const char *name, char bare_out[SASL_MECHNAMEMAX + 1])
{
    static const char plus[] = "-PLUS";
    size_t len = 0;

    for (; len < SASL_MECHNAMEMAX && name[len] != '\0'; len++)
        bare_out[len] = (char)toupper((unsigned char)name[len]);
    bare_out[len] = '\0';
    if (len > strlen(plus) && strcmp(bare_out + len - strlen(plus), plus) == 0)
        bare_out[len - strlen(plus)] = '\0';
}

void
served_find(const char *name, struct served *served_out)
{
    const struct files *files = all_files();
    char bare[SASL_MECHNAMEMAX + 1];
    enum served_by by;

    make_bare(name, bare);
    served_out->by = SERVED_BY_NONE;
    served_out->path[0] = '\0';
    for (size_t i = 0; i < files->count; i++) {
        by = look_for(&files->list[i], bare);
        if (by <= served_out->by)
            continue;
        served_out->by = by;
        (void)snprintf(served_out->path, sizeof(served_out->path), "%s",
                       files->list[i].path);
    }
}

bool
served_by_us(const char *name)
{
    struct served served;

    served_find(name, &served);
    return served.by == SERVED_BY_US;
}
