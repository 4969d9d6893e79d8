/*
 * bench_script.c - what a name with many attributes costs a server that wants
 * them all, against the bare calls that read them (RFC 6680 sections 7.4 and
 * 7.5).  The scripted mechanism does nothing else, so that this is nearly all
 * that a login costs.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/mech/scriptmech.h"

static struct gs2_script_attr *
make_attrs(unsigned attrs, unsigned values)
{
    struct gs2_script_attr *list = calloc(attrs, sizeof(*list));
    struct gs2_script_value *value = calloc(values, sizeof(*value));
    char *names = calloc(attrs, 16);

    if (list == NULL || value == NULL || names == NULL)
        bench_die("out of memory");
    for (unsigned i = 0; i < values; i++)
        value[i] = (struct gs2_script_value){
            .value = GS2_OCTETS("sixteen octets.."),
            .authenticated = true,
            .complete = true,
        };
    for (unsigned i = 0; i < attrs; i++) {
        const int len = snprintf(names + (size_t)i * 16, 16, "attr%u", i);

        list[i].name = (struct gs2_octets){ names + (size_t)i * 16,
                                            (size_t)len };
        list[i].values = value;
        list[i].count = values;
    }
    return list;
}

/* The login of a server that wants all attributes or none. */
static double
measure(const struct gs2_scriptmech *mech, const struct bench_way *way,
        void *state, enum bench_attrs wanted)
{
    struct bench_login login;

    bench_attrs = wanted;
    bench_log_in(way, state, &login);
    mech->forget();
    return login.cost[BENCH_SERVER].cpu;
}

static const struct gs2_scriptmech *
install(unsigned attrs, unsigned values)
{
    static struct gs2_script script;
    static struct gs2_script_name name;
    const struct gs2_scriptmech *mech;

    mech = gs2_scriptmech_open(NULL, GS2_OID_BIT(GS2_OID_A));
    if (mech == NULL)
        bench_die("there is no scripted mechanism");
    gs2_script_honest(&script, 2);
    name = *script.source;
    name.attrs = make_attrs(attrs, values);
    name.attr_count = attrs;
    script.source = &name;
    mech->install(GS2_OID_A, &script);
    bench_mech = gs2_script_oid(GS2_OID_A);
    return mech;
}

void
bench_script(unsigned attrs, unsigned values, unsigned rounds)
{
    enum { BARE_NONE, BARE_ALL, OURS_NONE, OURS_ALL, FIGURES };
    const struct gs2_scriptmech *mech = install(attrs, values);
    const struct bench_way *sasl = bench_sasl("GS2-SCRIPT", NULL);
    double *figures[FIGURES];
    void *bare = bench_floor.open(), *ours = sasl->open();

    for (unsigned f = 0; f < FIGURES; f++) {
        figures[f] = calloc(rounds + 1, sizeof(double));
        if (figures[f] == NULL)
            bench_die("out of memory");
    }
    /* The first round is not counted: things are loaded and made then. */
    for (unsigned i = 0; i <= rounds; i++) {
        const unsigned at = i > 0 ? i - 1 : 0;

        figures[BARE_NONE][at] = measure(mech, &bench_floor, bare,
                                         BENCH_NO_ATTRS);
        figures[BARE_ALL][at] = measure(mech, &bench_floor, bare,
                                        BENCH_ALL_ATTRS);
        figures[OURS_NONE][at] = measure(mech, sasl, ours, BENCH_NO_ATTRS);
        figures[OURS_ALL][at] = measure(mech, sasl, ours, BENCH_ALL_ATTRS);
    }
    printf("attrs=%u values=%u bare_none=%.2f bare_all=%.2f none=%.2f "
           "all=%.2f\n", attrs, values,
           bench_median(figures[BARE_NONE], rounds),
           bench_median(figures[BARE_ALL], rounds),
           bench_median(figures[OURS_NONE], rounds),
           bench_median(figures[OURS_ALL], rounds));
    for (unsigned f = 0; f < FIGURES; f++)
        free(figures[f]);
}
