/* Preloaded, it refuses sockets as a service manager's filter does: those of the families whose
 * numbers are in REFUSED_FAMILIES, with the error REFUSED_ERRNO. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refuses(int domain) {
  const char *at = getenv("REFUSED_FAMILIES");
  char *end;
  for (; at && *at; at = *end ? end + 1 : end)
    if (strtol(at, &end, 10) == domain) return 1;
  return 0;
}

int socket(int domain, int type, int protocol) {
  if (!refuses(domain)) return (int)syscall(SYS_socket, domain, type, protocol);
  errno = atoi(getenv("REFUSED_ERRNO"));
  return -1;
}
