/*
 * sasl-peer-groups.c - which Unix groups a user has in this process, as a
 * server that decides by them asks libc (Cyrus IMAP's auth_unix).
 */
#include "sasl-peer.h"

#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUPS_MAX 256

struct question {
    const char *at, *in, *user;
};

static void
ask(const struct question *q)
{
    const struct passwd *account = getpwnam(q->user);
    const gid_t primary = account != NULL ? account->pw_gid : (gid_t)-1;
    gid_t gids[GROUPS_MAX];
    int count = GROUPS_MAX;
    const struct group *group;

    if (getgrouplist(q->user, primary, gids, &count) < 0)
        count = 0;
    trace_begin("groups");
    trace_word("at", q->at);
    trace_word("in", q->in);
    trace_string("user", q->user);
    for (int i = 0; i < count; i++) {
        if (gids[i] == (gid_t)-1)
            continue;
        group = getgrgid(gids[i]);
        trace_string("value", group != NULL ? group->gr_name : "?");
    }
    trace_end();
}

static void *
in_thread(void *question)
{
    ask(question);
    return NULL;
}

static void
in_child(const struct question *q)
{
    const pid_t child = fork();

    if (child == 0) {
        ask(q);
        _exit(0);
    }
    (void)waitpid(child, NULL, 0);
}

void
trace_groups(const char *at, const struct peer_options *options)
{
    struct question q = { .at = at };
    pthread_t thread;

    for (size_t i = 0; i < options->nusers; i++) {
        q.user = options->users[i];
        q.in = "here";
        ask(&q);
        q.in = "thread";
        if (pthread_create(&thread, NULL, in_thread, &q) == 0)
            pthread_join(thread, NULL);
        q.in = "child";
        in_child(&q);
    }
}
