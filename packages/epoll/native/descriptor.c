#include "calls.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { VECTOR_MAX = 64, ENDED = 1, OPEN = 2 };

/*
 * What the environments of this thread own: word i is the number of the environment that owns
 * descriptor i, or 0. The object has one for each thread, however often a thread loads it: two
 * copies of the package do, and two names (hard links) are two environments. A worker that is
 * terminated runs no more JavaScript, from one call to the next, so the words are written here, and
 * what an environment still owns when it ends is closed here.
 */
typedef struct {
  int32_t *owner;
  size_t length;
  uint32_t environments;
  int32_t last; /* number given */
} ledger;

static _Thread_local ledger *of_thread;

/* One environment's part of a ledger. */
typedef struct {
  ledger *ledger;
  int32_t number;
} claim;

static void close_rest(void *arg) {
  claim *mine = arg;
  ledger *l = mine->ledger;
  for (size_t fd = 0; fd < l->length; fd++) {
    if (l->owner[fd] != mine->number) continue;
    l->owner[fd] = 0;
    close((int)fd);
  }
  free(mine);
  if (--l->environments > 0) return;
  if (of_thread == l) of_thread = NULL;
  free(l->owner);
  free(l);
}

/* At load, so that everything that uses a descriptor has a later hook, and so ends before. */
void open_ledger(napi_env env) {
  instance *self;
  claim *mine = malloc(sizeof *mine);
  if (!of_thread) of_thread = calloc(1, sizeof *of_thread);
  if (!mine || !of_thread) abort();
  napi_get_instance_data(env, (void **)&self);
  of_thread->environments++;
  self->number = ++of_thread->last;
  *mine = (claim){of_thread, self->number};
  napi_add_env_cleanup_hook(env, close_rest, mine);
}

/* NULL where there is no memory: then the descriptor stays open when its environment ends. */
static int32_t *owner_of(int64_t fd) {
  ledger *l = of_thread;
  if (!l || fd < 0) return NULL;
  if ((size_t)fd >= l->length) {
    size_t length = l->length ? l->length : 256;
    while (length <= (size_t)fd) length *= 2;
    int32_t *owner = realloc(l->owner, length * sizeof *owner);
    if (!owner) return NULL;
    memset(owner + l->length, 0, (length - l->length) * sizeof *owner);
    l->owner = owner;
    l->length = length;
  }
  return l->owner + fd;
}

int64_t own(call *c, int64_t fd) {
  int32_t *owner = owner_of(fd);
  instance *self;
  napi_get_instance_data(c->env, (void **)&self);
  if (owner) *owner = self->number;
  return fd;
}

int64_t own_both(call *c, const int *fds, int64_t n) {
  return n < 0 ? n : (own(c, fds[0]), own(c, fds[1]), n);
}

static bool disown(int fd) {
  ledger *l = of_thread;
  if (!l || fd < 0 || (size_t)fd >= l->length || l->owner[fd] == 0) return false;
  l->owner[fd] = 0;
  return true;
}

CALL(own) { return fcntl(FD, F_GETFD) < 0 ? -1 : (own(c, FD), 0); }
CALL(disown) { return disown(FD) ? 0 : fail(EBADF); }

int64_t close_owned(int fd) {
  disown(fd);
  return close(fd);
}

CALL(close) {
  return close_owned(FD);
}

CALL(read) { return read(FD, BYTES(1)); }
CALL(write) { return write(FD, BYTES(1)); }
CALL(pipe2) {
  return own_both(c, a->a0.data, pipe2(a->a0.data, O_NONBLOCK | O_CLOEXEC));
}

/* Two passes, because an element may be a getter, and what it does must not reach an array whose
 * memory is already noted. */
static int take_vector(call *c, napi_value array, struct iovec *part) {
  napi_value item[VECTOR_MAX];
  uint32_t count = 0;
  napi_status status = napi_get_array_length(c->env, array, &count);
  DEMAND_TYPE(c, status == napi_ok, "an array of Uint8Array is expected");
  count = count < VECTOR_MAX ? count : VECTOR_MAX;
  for (uint32_t i = 0; i < count && !c->refused; i++)
    c->refused = napi_get_element(c->env, array, i, &item[i]) != napi_ok; /* a getter threw */
  for (uint32_t i = 0; i < count && !c->refused; i++) {
    arg a = array_of(c, item[i], napi_uint8_array, 0);
    part[i] = (struct iovec){a.data, a.length};
  }
  return (int)count;
}

CALL(readv) {
  struct iovec part[VECTOR_MAX];
  int count = take_vector(c, a->a1.js, part);
  return c->refused ? 0 : readv(FD, part, count);
}

CALL(writev) {
  struct iovec part[VECTOR_MAX];
  int count = take_vector(c, a->a1.js, part);
  if (c->refused) return 0;
  struct msghdr m = {.msg_iov = part, .msg_iovlen = count};
  ssize_t n = sendmsg(FD, &m, MSG_NOSIGNAL); /* writev(2) on a socket could raise SIGPIPE */
  return n < 0 && errno == ENOTSOCK ? writev(FD, part, count) : n;
}

/* The other commands take a pointer. */
CALL(fcntl) {
  int n = a->a1.i;
  bool plain = n == F_DUPFD_CLOEXEC || n == F_GETFD || n == F_SETFD || n == F_GETFL ||
               n == F_SETFL || n == F_GETPIPE_SZ || n == F_SETPIPE_SZ;
  return DEMAND(c, plain, "not a command with an integer") ? fcntl(FD, n, a->a2.i) : 0;
}

/* The other requests write who knows how much. */
CALL(ioctl) {
  uint32_t n = a->a1.u;
  bool plain = n == FIONREAD || n == TIOCOUTQ; /* SIOCINQ and SIOCOUTQ: tcp(7) */
  return DEMAND(c, plain, "not a request for an int") ? ioctl(FD, n, a->a2.data) : 0;
}

/* The reference keeps the memory. It must be shared, so that nothing can detach it. */
bool keep(call *c, napi_value array, napi_ref *kept) {
  bool detachable = true;
  napi_value buffer = NULL;
  napi_get_typedarray_info(c->env, array, NULL, NULL, NULL, &buffer, NULL);
  napi_is_arraybuffer(c->env, buffer, &detachable);
  if (!DEMAND_TYPE(c, !detachable, "a shared array is expected")) return false;
  if (napi_create_reference(c->env, array, 1, kept) != napi_ok) abort();
  return true;
}

CALL(share) {
  instance *own;
  napi_ref kept;
  napi_get_instance_data(c->env, (void **)&own);
  if (!DEMAND(c, a->a0.length * sizeof(int32_t) >= sizeof(shared), "the array is too short") ||
      !keep(c, a->a0.js, &kept))
    return 0;
  own->words = a->a0.data;
  memset(own->pins, 0, sizeof own->pins); /* the new words have not counted them */
  return 0;
}

/* A descriptor that other threads use by its number. */
typedef struct {
  atomic_int *word;
  int fd;
} lent;

/*
 * Another thread may be using the descriptor at this moment, and then the last one to do so closes
 * it.
 */
static void close_lent(void *arg) {
  lent *l = arg;
  if (atomic_fetch_or(l->word, ENDED) == OPEN) close(l->fd);
  free(l);
}

/* From the ledger to the word, in one call, so that no termination comes between. */
CALL(closeAtExit) {
  napi_ref kept;
  if (!keep(c, a->a1.js, &kept)) return 0;
  if (!disown(FD)) return fail(EBADF);
  lent *l = malloc(sizeof *l);
  if (!l) abort();
  *l = (lent){a->a1.data, FD};
  atomic_store(l->word, OPEN);
  return napi_add_env_cleanup_hook(c->env, close_lent, l);
}
