/*
 * t_threads.c - threads, processes, inits and dones: sixteen threads that log
 * in at once, on a mechanism that plays scripts and on a real realm, while the
 * options change and the keytab is replaced; fork() between init and login, as
 * Postfix and Cyrus imapd do; inits and dones in each order, again and again.
 *
 * Runs in a realm of its own (tests/lib/python/realm.py).  t_tsan.sh runs it
 * in a build with ThreadSanitizer.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/dialogue.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

#define THREADS 16
#define LOGINS 40 /* of each */
#define STEPS_MAX 10

/* How to log in. */
static const struct way {
    const char *mech, *service, *host, *user;
} ways[] = {
    { "GS2-SCRIPT", "test", "host.script.test", "scripted@SCRIPT.TEST" },
    { "GS2-KRB5", "imap", "localhost", "alice" },
};

#define WAYS COUNT(ways)

static struct gs2_script script;
static atomic_uint round_number; /* which options are in force */
static atomic_bool over;
static atomic_uint logins;

/* --- the application ----------------------------------------------------- */

static void *
mutex_new(void)
{
    pthread_mutex_t *mutex = malloc(sizeof(*mutex));

    if (mutex != NULL)
        pthread_mutex_init(mutex, NULL);
    return mutex;
}

static int
mutex_lock(void *mutex)
{
    return pthread_mutex_lock(mutex) == 0 ? SASL_OK : SASL_FAIL;
}

static int
mutex_unlock(void *mutex)
{
    return pthread_mutex_unlock(mutex) == 0 ? SASL_OK : SASL_FAIL;
}

static void
mutex_free(void *mutex)
{
    pthread_mutex_destroy(mutex);
    free(mutex);
}

/* More configurations than one, all of which let everybody in. */
static int
get_option(void *context, const char *plugin, const char *name,
           const char **value, unsigned *len)
{
    static const struct {
        const char *name, *texts[5];
    } options[] = {
        { "gs2_require",
          { "gs2:mech=*", "gs2:principal=* or gs2:realm=X", "not gs2:mech=X",
            "gs2:authid=* and gs2:role=known", "gs2:role=*" } },
        { "gs2_roles",
          { "known other", "other known", "known", "known other", "known" } },
        { "gs2_role_known",
          { "gs2:mech=*", "gs2:acceptor=* or gs2:mech=*", "gs2:service=*",
            "gs2:authid=*", "gs2:principal=*" } },
        { "gs2_role_other",
          { "x=1", "gs2:realm=X", "x=2", "gs2:ticket-service=imap", "x=3" } },
    };
    size_t i = 0;

    (void)context;
    (void)plugin;
    while (i < COUNT(options) && strcmp(name, options[i].name) != 0)
        i++;
    if (i == COUNT(options))
        return SASL_FAIL;
    *value = options[i].texts[atomic_load(&round_number) % 5];
    if (len != NULL)
        *len = (unsigned)strlen(*value);
    return SASL_OK;
}

static int
no_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
    return SASL_OK;
}

#define PROC(proc) ((int (*)(void))(void (*)(void))(proc))

static const sasl_callback_t callbacks[] = {
    { SASL_CB_GETOPT, PROC(get_option), NULL },
    { SASL_CB_LOG, PROC(no_log), NULL },
    { SASL_CB_LIST_END, NULL, NULL },
};

static void
begin(void)
{
    sasl_set_mutex(mutex_new, mutex_lock, mutex_unlock, mutex_free);
    ck_assert_int_eq(sasl_client_init(callbacks), SASL_OK);
    ck_assert_int_eq(sasl_server_init(callbacks, "gs2-test"), SASL_OK);
}

static void
end(bool client_first)
{
    if (client_first)
        sasl_client_done();
    sasl_server_done();
    if (!client_first)
        sasl_client_done();
}

/* --- a login ------------------------------------------------------------- */

/* Both sides to their end.  The server's code, or the client's failure. */
static int
exchange(const struct way *way, sasl_conn_t *client, sasl_conn_t *server)
{
    const char *to_server, *to_client = NULL, *mech;
    unsigned to_server_len, to_client_len = 0;
    int code;

    for (unsigned step = 0; step < STEPS_MAX; step++) {
        to_server = NULL;
        to_server_len = 0;
        code = step == 0 ? sasl_client_start(client, way->mech, NULL,
                                             &to_server, &to_server_len, &mech)
                         : sasl_client_step(client, to_client, to_client_len,
                                            NULL, &to_server, &to_server_len);
        if (code != SASL_OK && code != SASL_CONTINUE)
            return code;
        if (to_server == NULL)
            to_server = "";
        code = step == 0 ? sasl_server_start(server, way->mech, to_server,
                                             to_server_len, &to_client,
                                             &to_client_len)
                         : sasl_server_step(server, to_server, to_server_len,
                                            &to_client, &to_client_len);
        if (code != SASL_CONTINUE)
            return code;
    }
    return SASL_CONTINUE;
}

/* NULL, or what is wrong. */
static const char *
log_in(const struct way *way)
{
    static _Thread_local char text[600];
    sasl_conn_t *client = NULL, *server = NULL;
    int code;

    text[0] = '\0';
    code = sasl_client_new(way->service, way->host, NULL, NULL, NULL, 0,
                           &client);
    if (code == SASL_OK)
        code = sasl_server_new(way->service, way->host, NULL, NULL, NULL, NULL,
                               0, &server);
    if (code == SASL_OK)
        code = exchange(way, client, server);
    if (code != SASL_OK)
        snprintf(text, sizeof(text), "%s: %s (client: %.200s; server: %.200s)",
                 way->mech, gs2_dialogue_code(code),
                 client != NULL ? sasl_errdetail(client) : "",
                 server != NULL ? sasl_errdetail(server) : "");
    else if (strcmp(gs2_dialogue_property(server, SASL_USERNAME),
                    way->user) != 0)
        snprintf(text, sizeof(text), "%s: logged in is %s", way->mech,
                 gs2_dialogue_property(server, SASL_USERNAME));
    sasl_dispose(&client);
    sasl_dispose(&server);
    return text[0] != '\0' ? text : NULL;
}

/* --- threads ------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    unsigned number;
    char wrong[600];
};

static void *
work(void *arg)
{
    struct worker *w = arg;
    const char *wrong;

    for (unsigned i = 0; i < LOGINS && w->wrong[0] == '\0'; i++) {
        wrong = log_in(&ways[(w->number + i) % WAYS]);
        if (wrong != NULL)
            snprintf(w->wrong, sizeof(w->wrong), "%s", wrong);
        else
            atomic_fetch_add(&logins, 1);
    }
    return NULL;
}

/* Another file with the same keys in the keytab's place, as ktutil and
 * k5srvutil leave one. */
static bool
replace_keytab(void)
{
    const char *name = getenv("KRB5_KTNAME");
    char path[4096], fresh[4200], buffer[8192];
    size_t len;
    FILE *file;

    if (name == NULL || strncmp(name, "FILE:", 5) != 0)
        return false;
    snprintf(path, sizeof(path), "%s", name + 5);
    snprintf(fresh, sizeof(fresh), "%s.fresh", path);
    if ((file = fopen(path, "rb")) == NULL)
        return false;
    len = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    if (len == sizeof(buffer) || (file = fopen(fresh, "wb")) == NULL)
        return false;
    if (fwrite(buffer, 1, len, file) != len || fclose(file) != 0)
        return false;
    return rename(fresh, path) == 0;
}

/* Options change and the keytab is replaced all the time. */
static void *
disturb(void *arg)
{
    unsigned *replaced = arg;

    while (!atomic_load(&over)) {
        atomic_fetch_add(&round_number, 1);
        if (atomic_load(&round_number) % 10 == 0 && replace_keytab())
            (*replaced)++;
        usleep(1000);
    }
    return NULL;
}

START_TEST(sixteen_threads)
{
    static struct worker workers[THREADS];
    unsigned replaced = 0;
    pthread_t disturber;

    begin();
    ck_assert_int_eq(pthread_create(&disturber, NULL, disturb, &replaced), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work,
                                        &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    atomic_store(&over, true);
    pthread_join(disturber, NULL);
    end(_i == 0);
    printf("# %u logins of %u threads, %u sets of options, %u keytabs\n",
           atomic_load(&logins), THREADS, atomic_load(&round_number),
           replaced);
    fflush(stdout);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_msg(workers[i].wrong[0] == '\0', "thread %u: %s", i,
                      workers[i].wrong);
    ck_assert_uint_eq(atomic_load(&logins), THREADS * LOGINS);
    ck_assert_uint_gt(replaced, 0);
    ck_assert_uint_eq(sm->live().contexts, 0);
    ck_assert_uint_eq(sm->live().creds, 0);
    ck_assert_uint_eq(sm->live().names, 0);
}
END_TEST

/* --- processes ----------------------------------------------------------- */

static void
must_log_in(void)
{
    const char *wrong;

    for (size_t i = 0; i < WAYS; i++) {
        wrong = log_in(&ways[i]);
        ck_assert_msg(wrong == NULL, "%s", wrong);
    }
}

/* A child's exit status: 0 where all went well. */
static int
child_logs_in(void)
{
    const char *wrong = NULL;

    for (size_t i = 0; i < WAYS && wrong == NULL; i++)
        wrong = log_in(&ways[i]);
    if (wrong != NULL)
        printf("# in a child: %s\n", wrong);
    fflush(stdout);
    return wrong != NULL;
}

static void
must_end_well(pid_t child)
{
    int status;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                  "a child's status is 0x%x", (unsigned)status);
}

/* The parent has logged in before (_i == 1), so that its pool is not empty. */
START_TEST(fork_after_init)
{
    pid_t children[4];

    begin();
    if (_i == 1)
        must_log_in();
    for (unsigned i = 0; i < 4; i++) {
        fflush(stdout);
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            int status = child_logs_in();

            end(i % 2 == 0);
            _exit(status);
        }
    }
    must_log_in();
    for (unsigned i = 0; i < 4; i++)
        must_end_well(children[i]);
    must_log_in();
    end(true);
}
END_TEST

/* In processes that run at the same time: libsasl's own inits and dones are
 * not made for threads. */
START_TEST(init_and_done_in_parallel)
{
    pid_t children[4];

    fflush(stdout);
    for (unsigned i = 0; i < 4; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] != 0)
            continue;
        for (unsigned again = 0; again < 5; again++) {
            if (sasl_client_init(callbacks) != SASL_OK ||
                sasl_server_init(callbacks, "gs2-test") != SASL_OK ||
                child_logs_in() != 0)
                _exit(1);
            end((i + again) % 2 == 0);
        }
        _exit(0);
    }
    for (unsigned i = 0; i < 4; i++)
        must_end_well(children[i]);
}
END_TEST

START_TEST(done_in_either_order_and_again)
{
    for (unsigned again = 0; again < 6; again++) {
        begin();
        must_log_in();
        end(again % 2 == 0);
        ck_assert_uint_eq(sm->live().creds, 0);
        ck_assert_uint_eq(sm->live().names, 0);
    }
}
END_TEST

static bool
prepare(void)
{
    if (!scripted_one())
        return false;
    gs2_script_honest(&script, 3);
    sm->install(GS2_OID_A, &script);
    return true;
}

SUITE("threads",
      PREPARE(prepare),
      TIMEOUT(900),
      TIMES(sixteen_threads, 2),
      TIMES(fork_after_init, 2),
      TEST(init_and_done_in_parallel),
      TEST(done_in_either_order_and_again))
