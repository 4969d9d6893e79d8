/*
 * served.c - which files of this machine's libsasl serve GSSAPI (see served.h).
 *
 * libsasl itself says which files it would load, and asks whether it may.
 */
#include "served.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sasl/sasl.h>

#include "common/gss/mechs.h"
#include "common/mark.h"

#define PROC(function) ((int (*)(void))(void (*)(void))(function))

/* A file in memory. */
struct image {
    const unsigned char *octets;
    size_t size;
};

/* What the files that libsasl would load say of a mechanism. */
struct search {
    char name[GS2_NAME_MAX + 2]; /* with its NUL, which is looked for as well */
    bool ours, others;
};

static bool
open_image(const char *path, struct image *image_out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    void *octets = MAP_FAILED;

    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size > 0)
        octets = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd,
                      0);
    (void)close(fd);
    if (octets == MAP_FAILED)
        return false;
    *image_out = (struct image){ octets, (size_t)status.st_size };
    return true;
}

static void
close_image(struct image *image)
{
    (void)munmap((void *)(size_t)image->octets, image->size);
}

/* The len octets at this place of a file; NULL where it has not so many. */
static const unsigned char *
part(const struct image *image, uint64_t at, uint64_t len)
{
    return at <= image->size && len <= image->size - at ? image->octets + at
                                                        : NULL;
}

/* Whether a file of this machine's kind has this mark of ours. */
static bool
has_mark(const struct image *image, enum gs2_mark mark)
{
    const unsigned char *at = part(image, 0, sizeof(ElfW(Ehdr)));
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;

    if (at == NULL)
        return false;
    memcpy(&header, at, sizeof(header));
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_phentsize != sizeof(segment))
        return false;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        if (header.e_phoff > image->size)
            return false;
        at = part(image, header.e_phoff + (uint64_t)i * sizeof(segment),
                  sizeof(segment));
        if (at == NULL)
            return false;
        memcpy(&segment, at, sizeof(segment));
        at = part(image, segment.p_offset, segment.p_filesz);
        if (segment.p_type == PT_NOTE && at != NULL &&
            segment.p_align == GS2_MARK_ALIGN &&
            gs2_mark_is_in(at, segment.p_filesz, mark))
            return true;
    }
    return false;
}

/* Of SASL_CB_VERIFYFILE: looks at a file that libsasl would load, and says that
 * it must not. */
static int
look_at_file(void *context, const char *path, sasl_verify_type_t type)
{
    struct search *search = context;
    struct image image;

    if (type != SASL_VRFY_PLUGIN)
        return SASL_CONTINUE;
    /* A server may be able to load what we cannot read. */
    errno = 0;
    if (!open_image(path, &image)) {
        search->others = search->others || errno != ENOENT;
        return SASL_CONTINUE;
    }
    if (has_mark(&image, GS2_MARK_GSSAPI))
        search->ours = true;
    else if (!has_mark(&image, GS2_MARK_PLUGIN) &&
             memmem(image.octets, image.size, search->name,
                    strlen(search->name) + 1) != NULL)
        search->others = true;
    close_image(&image);
    return SASL_CONTINUE;
}

bool
served_by_us(const char *name)
{
    static const char *const names[] = { "GSSAPI", "GSS-SPNEGO" };
    struct search search = { "", false, false };
    const sasl_callback_t callbacks[] = {
        { SASL_CB_VERIFYFILE, PROC(look_at_file), &search },
        { SASL_CB_LIST_END, NULL, NULL },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (gs2_mechs_named(name, names[i]))
            (void)stpcpy(search.name, names[i]);
    }
    if (search.name[0] == '\0' ||
        sasl_server_init(callbacks, "gs2-inspect") != SASL_OK)
        return false;
    sasl_server_done();
    return search.ours && !search.others;
}
