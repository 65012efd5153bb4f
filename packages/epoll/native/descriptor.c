#include "addon.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { VECTOR_MAX = 64, ENDED = 1, OPEN = 2 };

/* What this thread owns: word i is descriptor i's. A worker that is terminated runs no more JavaScript,
 * from one call to the next, so that the words are written here and what is left is closed here. */
static _Thread_local arg owned;

static atomic_int *word_of(arg *ledger, size_t i) {
  return i < ledger->length ? (atomic_int *)ledger->data + i : NULL;
}

int64_t own(int64_t fd) {
  if (fd >= 0 && word_of(&owned, fd)) *word_of(&owned, fd) = OPEN;
  return fd;
}

int64_t own_both(const int *fds, int64_t n) { return n < 0 ? n : (own(fds[0]), own(fds[1]), n); }

int64_t sys_close(call *c) {
  if (FD(c) >= 0 && word_of(&owned, FD(c))) *word_of(&owned, FD(c)) = 0;
  return close(FD(c));
}

/* Another thread may be using a descriptor at this moment, and then the last one to do so closes it. */
static void close_rest(void *ledger) {
  arg *l = ledger;
  if (l->i == 0) owned.length = 0;
  for (size_t i = 0; i < l->length; i++) {
    atomic_int *word = word_of(l, i);
    if (*word && atomic_fetch_or(word, ENDED) == OPEN) close(l->i + (int32_t)i);
  }
  free(l);
}

int64_t sys_read(call *c) { return read(FD(c), BYTES(c, 1)); }
int64_t sys_write(call *c) { return write(FD(c), BYTES(c, 1)); }
int64_t sys_pipe2(call *c) {
  return own_both(c->a[0].data, pipe2(c->a[0].data, O_NONBLOCK | O_CLOEXEC));
}

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
  return c->refused ? 0 : readv(FD(c), part, count);
}

int64_t sys_writev(call *c) {
  struct iovec part[VECTOR_MAX];
  int count = take_vector(c, part);
  if (c->refused) return 0;
  struct msghdr m = {.msg_iov = part, .msg_iovlen = count};
  ssize_t n = sendmsg(FD(c), &m, MSG_NOSIGNAL); /* writev(2) on a socket could raise SIGPIPE */
  return n < 0 && errno == ENOTSOCK ? writev(FD(c), part, count) : n;
}

/* The other commands take a pointer. */
int64_t sys_fcntl(call *c) {
  int n = c->a[1].i;
  bool plain = n == F_DUPFD_CLOEXEC || n == F_GETFD || n == F_SETFD || n == F_GETFL ||
               n == F_SETFL || n == F_GETPIPE_SZ || n == F_SETPIPE_SZ;
  return DEMAND(c, plain, "not a command with an integer") ? fcntl(FD(c), n, c->a[2].i) : 0;
}

/* The other requests write who knows how much. */
int64_t sys_ioctl(call *c) {
  uint32_t n = c->a[1].u;
  bool plain = n == FIONREAD || n == TIOCOUTQ; /* SIOCINQ and SIOCOUTQ: tcp(7) */
  return DEMAND(c, plain, "not a request for an int") ? ioctl(FD(c), n, c->a[2].data) : 0;
}

/* The reference keeps the memory. It must be shared, so that nothing can detach it. */
static bool keep(call *c, napi_value array) {
  bool detachable = true;
  napi_value buffer = NULL;
  napi_ref kept;
  napi_get_typedarray_info(c->env, array, NULL, NULL, NULL, &buffer, NULL);
  napi_is_arraybuffer(c->env, buffer, &detachable);
  if (!DEMAND_TYPE(c, !detachable, "a shared array is expected")) return false;
  if (napi_create_reference(c->env, array, 1, &kept) != napi_ok) abort();
  return true;
}

int64_t sys_share(call *c) {
  instance *own;
  napi_get_instance_data(c->env, (void **)&own);
  if (!DEMAND(c, c->a[0].length * sizeof(int32_t) >= sizeof(shared), "the array is too short") ||
      !keep(c, c->js[0]))
    return 0;
  own->words = c->a[0].data;
  memset(own->pins, 0, sizeof own->pins); /* the new words have not counted them */
  return 0;
}

int64_t sys_closeAtExit(call *c) {
  if (!keep(c, c->js[1])) return 0;
  arg *l = malloc(sizeof *l);
  if (!l) abort();
  *l = c->a[1];
  l->i = c->a[0].i;
  if (l->i == 0) owned = *l;
  return napi_add_env_cleanup_hook(c->env, close_rest, l);
}
