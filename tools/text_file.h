/*
 * text_file.h - a short text file, such as the configuration of a server, and a
 * value in one.
 */
#ifndef GS2_TEXT_FILE_H
#define GS2_TEXT_FILE_H

/*
 * The text of the file at path, which has fewer than 1,000,000 octets and no
 * NUL; the caller frees it.  NULL where it cannot be had, with errno: ENOENT
 * where there is no such file, EFBIG and EINVAL for more octets and for a NUL or
 * what is no regular file.
 */
char *text_file_read(const char *path);

/* The value behind a word at the start of a line of the file at path, up to white
 * space, without "=" and quotes around it.  Gives; NULL for none. */
char *text_file_value(const char *path, const char *word);

#endif
