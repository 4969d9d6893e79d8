/*
 * mechanism.c - which file serves a mechanism of libsasl (see mechanism.h).
 *
 * The name does not tell: Cyrus SASL's own files have GSSAPI and GS2-KRB5 as
 * well, and what their logins leave in the properties may be from anywhere.
 * So the mark is looked for in the file, as it is in memory, that has the code
 * of the mechanism.
 */
#include "mechanism.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/mark.h"

struct file {
    uintptr_t address; /* of its code */
    bool marked;
};

struct answer {
    size_t files;
    bool all_marked;
};

/* True where all of these octets are of a segment of the file. */
static bool
is_loaded(const struct dl_phdr_info *info, uintptr_t address, size_t size)
{
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + segment->p_vaddr;

        if (segment->p_type == PT_LOAD && address >= start &&
            address - start <= segment->p_memsz &&
            size <= segment->p_memsz - (address - start))
            return true;
    }
    return false;
}

static bool
has_mark(const struct dl_phdr_info *info)
{
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + segment->p_vaddr;

        if (segment->p_type == PT_NOTE &&
            segment->p_align == GS2_MARK_ALIGN &&
            is_loaded(info, start, segment->p_memsz) &&
            gs2_mark_is_in((const void *)start, segment->p_memsz,
                           GS2_MARK_PLUGIN))
            return true;
    }
    return false;
}

/* Of dl_iterate_phdr(): ends at the file that has the address. */
static int
look_at_file(struct dl_phdr_info *info, size_t size, void *context)
{
    struct file *file = context;

    (void)size;
    if (!is_loaded(info, file->address, 1))
        return 0;
    file->marked = has_mark(info);
    return 1;
}

/* Of sasl_server_plugin_info(): each that serves the mechanism. */
static void
look_at_plugin(server_sasl_mechanism_t *mech, sasl_info_callback_stage_t stage,
               void *context)
{
    struct answer *answer = context;
    struct file file = { 0, false };

    if (stage != SASL_INFO_LIST_MECH || mech == NULL)
        return;
    file.address = (uintptr_t)mech->plug->mech_step;
    (void)dl_iterate_phdr(look_at_file, &file);
    answer->files++;
    answer->all_marked = answer->all_marked && file.marked;
}

bool
gs2_slapd_mechanism_is_ours(const char *name)
{
    struct answer answer = { 0, true };

    return sasl_server_plugin_info(name, look_at_plugin, &answer) == SASL_OK &&
           answer.files > 0 && answer.all_marked;
}
