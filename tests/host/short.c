/* SPDX-License-Identifier: Apache-2.0
 * Linked into a copy of the program (--wrap): the allocation that COWALK_SHORT names, counted from
 * 1 among those of csim/, fails; with a "+" behind it, all later ones, too. When it has failed, the
 * file COWALK_SHORT_FILE is created, so that the test knows when it is through. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static unsigned long at, count;
static int all, known;

static int fails(void) {
  if (!known) {
    const char *text = getenv("COWALK_SHORT");
    known = 1;
    at = text != NULL ? strtoul(text, NULL, 10) : 0;
    all = text != NULL && strchr(text, '+') != NULL;
  }
  count++;
  if (at == 0 || count < at || (count > at && !all)) return 0;
  if (count == at) {
    const char *name = getenv("COWALK_SHORT_FILE");
    int fd = name != NULL ? open(name, O_CREAT | O_WRONLY, 0600) : -1;
    if (fd >= 0) (void)close(fd);
  }
  errno = ENOMEM;
  return 1;
}

void *__wrap_malloc(size_t n) {
  return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size) {
  return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n) {
  return fails() ? NULL : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s) {
  return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n) {
  return fails() ? NULL : __real_strndup(s, n);
}
