/*
 * fuzz_replay.c - plays the inputs of a corpus back to a harness (fuzz.h), so
 * that `make check' runs what the fuzzers found under every compiler.
 *
 *     fuzz_header FILE-OR-DIRECTORY...
 *
 * Prints how many inputs there were; none at all is a failure.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX ((size_t)1 << 20)

/* A harness without one is not asked to prepare anything. */
#pragma weak LLVMFuzzerInitialize

static unsigned long inputs;

/* Plays one file from memory of its exact size. */
static int
play_file(const char *path)
{
    static uint8_t room[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    uint8_t *exact;
    size_t size;

    if (file == NULL)
        return -1;
    size = fread(room, 1, sizeof(room), file);
    if (ferror(file) || size == sizeof(room)) {
        fclose(file);
        errno = EFBIG;
        return -1;
    }
    fclose(file);
    exact = malloc(size);
    MUST(exact != NULL || size == 0);
    if (size > 0)
        memcpy(exact, room, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    inputs++;
    return 0;
}

static int
play_directory(DIR *directory, const char *path)
{
    const struct dirent *entry;
    char name[PATH_MAX];
    int result = 0;

    while (result == 0 && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        result = play_file(name);
        if (result != 0)
            perror(name);
    }
    return result;
}

static int
play(const char *path)
{
    DIR *directory = opendir(path);
    int result;

    if (directory == NULL && errno != ENOTDIR) {
        perror(path);
        return -1;
    }
    if (directory == NULL) {
        result = play_file(path);
        if (result != 0)
            perror(path);
        return result;
    }
    result = play_directory(directory, path);
    closedir(directory);
    return result;
}

int
main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize != NULL &&
        LLVMFuzzerInitialize(&argc, &argv) != 0)
        return 1;
    for (int i = 1; i < argc; i++) {
        if (play(argv[i]) != 0)
            return 1;
    }
    printf("%lu inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
