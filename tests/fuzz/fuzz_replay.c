/*
 * fuzz_replay.c - plays the inputs of a corpus back to a harness (fuzz.h), so
 * that `make check' runs what the fuzzers found under every compiler.
 *
 *     fuzz_header CORPUS...
 *         Plays each input and prints how many there were; none at all is a
 *         failure.  CORPUS is a file *.txt with an input a line (corpus.h), a
 *         directory with an input a file, or a file that is an input.
 *     fuzz_header --pack CORPUS...
 *         Prints the inputs as lines: what goes into a file *.txt.
 *     fuzz_header --unpack DIRECTORY CORPUS...
 *         Writes each input to a file of its own: what libFuzzer reads.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "corpus.h"
#include "fuzz.h"

#define INPUT_MAX ((size_t)1 << 20)

/* A harness without one is not asked to prepare anything. */
#pragma weak LLVMFuzzerInitialize

static unsigned long inputs;
static const char *directory_out;

/* --- what is done with an input ------------------------------------------ */

/* Plays it from memory of its exact size. */
static bool
play(const void *data, size_t size)
{
    uint8_t *exact = malloc(size);

    MUST(exact != NULL || size == 0);
    if (size > 0)
        memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

static bool
pack(const void *data, size_t size)
{
    corpus_print(stdout, data, size);
    return true;
}

/* The files' order is that of the inputs. */
static bool
unpack(const void *data, size_t size)
{
    char name[PATH_MAX];
    FILE *file;
    bool done;

    snprintf(name, sizeof(name), "%s/%06lu", directory_out, inputs);
    file = fopen(name, "wbx");
    if (file == NULL) {
        perror(name);
        return false;
    }
    done = fwrite(data, 1, size, file) == size;
    return fclose(file) == 0 && done;
}

static bool (*handle)(const void *data, size_t size) = play;

static bool
take(const void *data, size_t size)
{
    inputs++;
    return handle(data, size);
}

/* --- where inputs come from ---------------------------------------------- */

/* A file that is an input. */
static bool
take_file(FILE *file, const char *path)
{
    static uint8_t room[INPUT_MAX];
    size_t size = fread(room, 1, sizeof(room), file);

    if (!ferror(file) && size < sizeof(room))
        return take(room, size);
    fprintf(stderr, "%s: it cannot be read, or is too large\n", path);
    return false;
}

/* A file with an input a line. */
static bool
take_lines(FILE *file, const char *path)
{
    unsigned long number = 0;
    char *line = NULL;
    size_t room = 0, size;
    ssize_t len;
    bool done = true;

    while (done && (len = getline(&line, &room, file)) > 0) {
        number++;
        done = line[len - 1] == '\n' &&
               corpus_read(line, (size_t)len - 1, &size);
        if (!done)
            fprintf(stderr, "%s:%lu: not a line of a corpus\n", path, number);
        else
            done = take(line, size);
    }
    free(line);
    return done && !ferror(file);
}

static bool
take_path(const char *path)
{
    const size_t len = strlen(path);
    FILE *file = fopen(path, "rb");
    bool done;

    if (file == NULL) {
        perror(path);
        return false;
    }
    done = len > 4 && strcmp(path + len - 4, ".txt") == 0
           ? take_lines(file, path) : take_file(file, path);
    fclose(file);
    return done;
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* A directory with an input a file, in the order of their names. */
static bool
take_directory(const char *path)
{
    struct dirent **entries;
    char name[PATH_MAX];
    const int count = scandir(path, &entries, is_visible, alphasort);
    bool done = count >= 0;

    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        done = done && take_path(name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return done;
}

static bool
take_corpus(const char *path)
{
    DIR *directory = opendir(path);

    if (directory == NULL)
        return take_path(path);
    closedir(directory);
    return take_directory(path);
}

int
main(int argc, char **argv)
{
    int at = 1;

    if (argc > 1 && strcmp(argv[1], "--pack") == 0) {
        handle = pack;
        at = 2;
    } else if (argc > 2 && strcmp(argv[1], "--unpack") == 0) {
        handle = unpack;
        directory_out = argv[2];
        at = 3;
    } else if (LLVMFuzzerInitialize != NULL &&
               LLVMFuzzerInitialize(&argc, &argv) != 0) {
        return 1;
    }
    for (; at < argc; at++) {
        if (!take_corpus(argv[at]))
            return 1;
    }
    if (handle != pack)
        printf("%lu inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
