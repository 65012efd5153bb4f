#include "addon.h"
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { VECTOR_MAX = 64 };

int64_t sys_read(call *c) { return read(c->a[0].i, c->a[1].data, c->a[1].length); }
int64_t sys_write(call *c) { return write(c->a[0].i, c->a[1].data, c->a[1].length); }
int64_t sys_close(call *c) { return close(c->a[0].i); }
int64_t sys_pipe2(call *c) { return pipe2(c->a[0].data, O_NONBLOCK | O_CLOEXEC); }

/* Two passes, because an element may be a getter, and what it does must not reach an array whose
 * memory is already noted. */
static int take_vector(call *c, struct iovec *part) {
  napi_value item[VECTOR_MAX];
  uint32_t count = 0;
  napi_status status = napi_get_array_length(c->env, c->a[1].js, &count);
  DEMAND_TYPE(c, status == napi_ok, "an array of Uint8Array is expected");
  count = count < VECTOR_MAX ? count : VECTOR_MAX;
  for (uint32_t i = 0; i < count && !c->refused; i++)
    c->refused = napi_get_element(c->env, c->a[1].js, i, &item[i]) != napi_ok; /* a getter threw */
  for (uint32_t i = 0; i < count && !c->refused; i++) {
    arg a = array_of(c, item[i], napi_uint8_array, 0);
    part[i] = (struct iovec){a.data, a.length};
  }
  return (int)count;
}

int64_t sys_readv(call *c) {
  struct iovec part[VECTOR_MAX];
  int count = take_vector(c, part);
  return c->refused ? 0 : readv(c->a[0].i, part, count);
}

int64_t sys_writev(call *c) {
  struct iovec part[VECTOR_MAX];
  int count = take_vector(c, part);
  if (c->refused) return 0;
  struct msghdr m = {.msg_iov = part, .msg_iovlen = count};
  ssize_t n = sendmsg(c->a[0].i, &m, MSG_NOSIGNAL); /* writev(2) on a socket could raise SIGPIPE */
  return n < 0 && errno == ENOTSOCK ? writev(c->a[0].i, part, count) : n;
}

/* The other commands take a pointer. */
int64_t sys_fcntl(call *c) {
  int n = c->a[1].i;
  bool plain = n == F_DUPFD_CLOEXEC || n == F_GETFD || n == F_SETFD || n == F_GETFL ||
               n == F_SETFL || n == F_GETPIPE_SZ || n == F_SETPIPE_SZ;
  return DEMAND(c, plain, "not a command with an integer") ? fcntl(c->a[0].i, n, c->a[2].i) : 0;
}

/* The other requests write who knows how much. */
int64_t sys_ioctl(call *c) {
  uint32_t n = c->a[1].u;
  bool plain = n == FIONREAD || n == SIOCINQ || n == SIOCOUTQ;
  return DEMAND(c, plain, "not a request for an int") ? ioctl(c->a[0].i, n, c->a[2].data) : 0;
}
