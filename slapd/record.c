/*
 * record.c - who is logged in on a connection, and with which roles (see
 * record.h).
 *
 * slapd evaluates access rules while a Bind of the same connection, which the
 * client sent without waiting, frees the connection's DN and SASL context:
 * there is no lock that a module could take.  So the thread of a Bind copies
 * what a rule needs when the Bind is done, and a rule reads the copy.  The
 * pointer to it, in the connection's extensions, stays the same while the
 * connection lives.
 */
#include "record.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"

/* A login, in one piece of memory. */
struct login {
    time_t end;
    size_t count;
    char roles[GS2_SLAPD_ROLES_MAX][GS2_SLAPD_ROLE_MAX + 1];
    char dn[];
};

struct record {
    pthread_mutex_t lock; /* for login */
    struct login *login;  /* NULL: nobody */
};

/* What slapd calls our extension; set once, before there is a connection. */
static int object_type, handle = -1;

/* slapd's constructor; NULL, which is no record, where there is no memory. */
static void *
make(void *object, void *parent)
{
    struct record *record = calloc(1, sizeof(*record));

    (void)object;
    (void)parent;
    if (record != NULL && pthread_mutex_init(&record->lock, NULL) != 0) {
        free(record);
        record = NULL;
    }
    return record;
}

static void
destroy(void *extension, void *object, void *parent)
{
    struct record *record = extension;

    (void)object;
    (void)parent;
    (void)pthread_mutex_destroy(&record->lock);
    free(record->login);
    free(record);
}

bool
gs2_slapd_records_begin(void)
{
    if (handle < 0 &&
        slapi_register_object_extension("gs2", SLAPI_EXT_CONNECTION, make,
                                        destroy, &object_type, &handle) != 0)
        handle = -1;
    return handle >= 0;
}

static struct record *
find(Slapi_Connection *connection)
{
    if (connection == NULL || handle < 0)
        return NULL;
    return slapi_get_object_extension(object_type, connection, handle);
}

/* The record says login, which it owns from now on, or nobody where that is
 * NULL. */
static void
replace(struct record *record, struct login *login)
{
    struct login *old;

    (void)pthread_mutex_lock(&record->lock);
    old = record->login;
    record->login = login;
    (void)pthread_mutex_unlock(&record->lock);
    free(old);
}

void
gs2_slapd_record_empty(Slapi_Connection *connection)
{
    struct record *const record = find(connection);

    if (record != NULL)
        replace(record, NULL);
}

/* A login, freed with free(); NULL where there is no memory, or what could not
 * be a role. */
static struct login *
copy(const char *dn, const char *const *roles, size_t count, time_t end)
{
    const size_t size = strlen(dn) + 1;
    struct login *login;

    if (count > GS2_SLAPD_ROLES_MAX)
        return NULL;
    login = calloc(1, sizeof(*login) + size);
    if (login == NULL)
        return NULL;
    for (; login->count < count; login->count++) {
        const char *const role = roles[login->count];
        const size_t len = strlen(role);

        if (!gs2_slapd_is_role(role, len)) {
            free(login);
            return NULL;
        }
        memcpy(login->roles[login->count], role, len + 1);
    }
    memcpy(login->dn, dn, size);
    login->end = end;
    return login;
}

bool
gs2_slapd_record_fill(Slapi_Connection *connection, const char *dn,
                      const char *const *roles, size_t count, time_t end)
{
    struct record *const record = find(connection);
    struct login *login;

    if (record == NULL)
        return false;
    login = copy(dn, roles, count, end);
    replace(record, login);
    return login != NULL;
}

static bool
has(const struct login *login, const char *dn, const char *role)
{
    if (login == NULL || time(NULL) >= login->end ||
        strcmp(login->dn, dn) != 0)
        return false;
    for (size_t i = 0; i < login->count; i++) {
        if (strcmp(login->roles[i], role) == 0)
            return true;
    }
    return false;
}

bool
gs2_slapd_record_has(Slapi_Connection *connection, const char *dn,
                     const char *role)
{
    struct record *const record = find(connection);
    bool yes;

    if (record == NULL)
        return false;
    (void)pthread_mutex_lock(&record->lock);
    yes = has(record->login, dn, role);
    (void)pthread_mutex_unlock(&record->lock);
    return yes;
}
