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

/* More is not read. */
#define FILE_OCTETS_MAX ((size_t)64 << 20)

/* A plugin of GS2 has no list of its mechanisms: GSS names them (RFC 5801
 * section 10). */
#define GS2_CALL "gss_inquire_saslname_for_mech"

/* A file that libsasl would load. */
struct file {
    char *path;
    unsigned char *octets;
    size_t size;
    const char *why; /* "which ...": why nothing is known of it; or NULL */
};

struct files {
    struct file *list;
    size_t count;
    ElfW(Ehdr) own; /* of this program; zeros where that is not known */
    bool known;
};

/* --- reading -------------------------------------------------------------- */

/* Takes what there is, whatever size the file had when it was opened: another
 * may be writing to it. */
static void
read_octets(int fd, struct file *file)
{
    size_t room = 0;
    ssize_t n;

    do {
        if (file->size == room) {
            room = room > 0 ? 2 * room : 1 << 16;
            file->octets = need(realloc(file->octets, room));
        }
        n = read(fd, file->octets + file->size, room - file->size);
        file->size += n > 0 ? (size_t)n : 0;
    } while ((n > 0 && file->size <= FILE_OCTETS_MAX) ||
             (n < 0 && errno == EINTR));
    if (n > 0)
        file->why = "which has more than 64 MiB";
    if (n >= 0)
        return;
    file->why = "which cannot be read";
    free(file->octets);
    file->octets = NULL;
}

/* Opens what can be a plugin.  -1 with errno; 0 there: it is none. */
static int
open_file(const char *path)
{
    struct stat status;
    int fd;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        /* Nobody can: it is gone, a socket, or behind a link to nowhere. */
        if (errno == ENOENT || errno == ENXIO || errno == ELOOP ||
            errno == ENOTDIR)
            errno = 0;
    } else if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
        (void)close(fd);
        errno = 0;
        fd = -1;
    }
    return fd;
}

/* False where it is nothing that can be loaded. */
static bool
read_file(const char *path, struct file *file_out)
{
    const int fd = open_file(path);

    memset(file_out, 0, sizeof(*file_out));
    if (fd < 0 && errno == 0)
        return false;
    if (fd < 0) {
        file_out->why = "which cannot be read";
    } else {
        read_octets(fd, file_out);
        (void)close(fd);
    }
    file_out->path = need(strdup(path));
    return true;
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

static bool
get_segment(const struct file *file, const ElfW(Ehdr) *header, unsigned n,
            ElfW(Phdr) *segment_out)
{
    const unsigned char *at = NULL;

    if (header->e_phoff <= file->size)
        at = part(file, header->e_phoff + (uint64_t)n * sizeof(*segment_out),
                  sizeof(*segment_out));
    if (at != NULL)
        memcpy(segment_out, at, sizeof(*segment_out));
    return at != NULL;
}

/* False where the loader refuses the file for what its headers say.  A file
 * without some octets that they speak of may be loaded or not, or end the
 * server. */
static bool
look_at_segments(struct file *file, const ElfW(Ehdr) *header)
{
    const ElfW(Addr) page = (ElfW(Addr))sysconf(_SC_PAGESIZE);
    bool has_code = false, has_names = false;
    ElfW(Phdr) segment;

    for (unsigned n = 0; n < header->e_phnum; n++) {
        if (!get_segment(file, header, n, &segment))
            return false;
        has_names |= segment.p_type == PT_DYNAMIC;
        if (segment.p_type != PT_LOAD)
            continue;
        has_code = true;
        if (((segment.p_vaddr - segment.p_offset) & (page - 1)) != 0)
            return false;
        if (part(file, segment.p_offset, segment.p_filesz) == NULL)
            file->why = "which is cut short";
    }
    return has_code && has_names && header->e_type == ET_DYN;
}

/* False where no server of this program's kind can load it. */
static bool
is_loadable(struct file *file, const ElfW(Ehdr) *own)
{
    static const size_t kind = offsetof(ElfW(Ehdr), e_ident[EI_OSABI]);
    ElfW(Ehdr) header;

    return get_header(file, &header) &&
           (own->e_machine == EM_NONE ||
            (memcmp(header.e_ident, own->e_ident, kind) == 0 &&
             header.e_machine == own->e_machine)) &&
           (file->why != NULL || look_at_segments(file, &header));
}

static bool
has_mark(const struct file *file, enum gs2_mark mark)
{
    const unsigned char *at;
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;

    if (!get_header(file, &header))
        return false;
    for (unsigned n = 0; n < header.e_phnum; n++) {
        if (!get_segment(file, &header, n, &segment))
            return false;
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

    if (file->why != NULL)
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
    if (own.why != NULL || !get_header(&own, &files->own))
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
    served_out->why = NULL;
    served_out->path[0] = '\0';
    for (size_t i = 0; i < files->count; i++) {
        by = look_for(&files->list[i], bare);
        if (by <= served_out->by)
            continue;
        served_out->by = by;
        served_out->why = files->list[i].why;
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
