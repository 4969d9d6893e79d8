/*
 * t_config_file.c - a libsasl that does not let its configuration file be asked,
 * and a server whose getopt knows no option of ours: there may be a rule, so
 * nobody gets in (login/config_file.h).
 *
 * The getopt is this program's, so the plugin finds no libsasl that has
 * sasl_config_getstring().
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "login/config_cache.h"
#include "tests/lib/suite.h"

#define REFUSED "GS2: the application does not know all gs2_ options, and " \
                "this libsasl does not say what its configuration file has; " \
                "use one that exports sasl_config_getstring(); no GS2 " \
                "mechanism is offered\n"

static char logged[4096];
static sasl_utils_t utils;
static struct gs2_config_cache configs;

static void
log_line(sasl_conn_t *conn, int level, const char *format, ...)
{
    char line[1024];
    va_list rest;

    (void)conn;
    (void)level;
    va_start(rest, format);
    vsnprintf(line, sizeof(line), format, rest);
    va_end(rest);
    strncat(logged, line, sizeof(logged) - strlen(logged) - 2);
    strcat(logged, "\n");
}

/* 389-ds's: it knows every option, and none has a value. */
static int
silent(void *context, const char *plugin, const char *option,
       const char **text_out, unsigned *len_out)
{
    (void)context;
    (void)plugin;
    (void)option;
    (void)len_out;
    *text_out = NULL;
    return SASL_OK;
}

/* The same, but for gs2_require. */
static int
knows_require(void *context, const char *plugin, const char *option,
              const char **text_out, unsigned *len_out)
{
    (void)silent(context, plugin, option, text_out, len_out);
    if (strcmp(option, "gs2_require") == 0)
        *text_out = "gs2:realm=EXAMPLE.TEST";
    return SASL_OK;
}

static int
honest(void *context, const char *plugin, const char *option,
       const char **text_out, unsigned *len_out)
{
    (void)silent(context, plugin, option, text_out, len_out);
    return SASL_FAIL;
}

static void
begin(void)
{
    logged[0] = '\0';
    memset(&utils, 0, sizeof(utils));
    utils.log = log_line;
    memset(&configs, 0, sizeof(configs));
    configs.family = "GS2";
    gs2_cache_init(&configs.cache, &gs2_config_cache_kind);
}

static void
end(void)
{
    gs2_cache_clear(&configs.cache);
}

static gs2_status
hold(sasl_getopt_t *getopt, struct gs2_error *err)
{
    const struct gs2_config *config;
    gs2_status status;

    utils.getopt = getopt;
    status = gs2_config_cache_hold(&configs, &utils, &config, err);
    ck_assert((config != NULL) == (status == GS2_OK));
    gs2_config_cache_drop(&configs, config);
    return status;
}

START_TEST(nobody_gets_in)
{
    sasl_getopt_t *const getopts[] = { silent, knows_require };
    struct gs2_error err;

    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(hold(getopts[_i], &err), GS2_BADCONFIG);
        ck_assert_ptr_nonnull(strstr(err.detail, "does not know all gs2_"));
        ck_assert_ptr_null(strstr(err.text, "gs2_require"));
    }
    ck_assert_str_eq(logged, REFUSED);
}
END_TEST

START_TEST(known_again)
{
    struct gs2_error err;

    ck_assert_int_eq(hold(silent, &err), GS2_BADCONFIG);
    logged[0] = '\0';
    ck_assert_int_eq(hold(honest, &err), GS2_OK);
    ck_assert_ptr_nonnull(strstr(logged, "gs2_require is not set\n"));
    ck_assert_int_eq(hold(silent, &err), GS2_BADCONFIG);
}
END_TEST

SUITE("a file that cannot be asked",
      FIXTURE(begin, end),
      TIMES(nobody_gets_in, 2),
      TEST(known_again))
