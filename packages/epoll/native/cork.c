/* Writes that wait for the next epoll_wait, and are then sent together: see src/cork/cork.ts. */
#include "calls.h"
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/io_uring.h, which not every C library comes with. */
typedef struct {
  uint8_t opcode, flags;
  uint16_t ioprio;
  int32_t fd;
  uint64_t off, addr;
  uint32_t len, msg_flags;
  uint64_t user_data, rest[3];
} submission;

typedef struct {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
} completion;

typedef struct {
  uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, unused[3];
  struct {
    uint32_t head, tail, mask, entries, flags, dropped, array, unused[3];
  } sq;
  struct {
    uint32_t head, tail, mask, entries, overflow, completions, flags, unused[3];
  } cq;
} parameters;

_Static_assert(sizeof(submission) == 64 && sizeof(completion) == 16 && sizeof(parameters) == 120,
               "the layout of linux/io_uring.h");

enum {
  OP_SEND = 26,
  GETEVENTS = 1,
  SUBMIT_ALL = 1 << 7,
  SINGLE_ISSUER = 1 << 12,
  DEFER_TASKRUN = 1 << 13,
  SINGLE_MMAP = 1 << 0,
  FAST_POLL = 1 << 5, /* since 5.7, and so OP_SEND (5.6) */
  SUBMISSIONS_AT = 0x10000000,
  ENTRIES = 256,
  ENTRY_WORDS = 4,
  HEADER_WORDS = 4,
  RING_FROM = 3, /* fewer cost less by send: docs/performance.md */
};

typedef struct {
  int32_t fd;
  uint32_t offset, length;
  int32_t result;
} entry;

/* What JavaScript writes: it fills an entry before it counts it. */
typedef struct {
  uint32_t count, exceptions, unused[2];
  entry entries[ENTRIES];
  uint8_t data[];
} slab;

typedef struct {
  handle handle;
  napi_env env;
  napi_ref kept;
  slab *slab;
  size_t size; /* of the data */
  int epfd, ring;
  char *rings;
  submission *submissions;
  size_t rings_size;
  parameters at;
} cork;

static uint32_t *word(cork *k, uint32_t offset) { return (uint32_t *)(k->rings + offset); }

static void close_ring(cork *k) {
  if (k->submissions) munmap(k->submissions, k->at.sq_entries * sizeof(submission));
  if (k->rings) munmap(k->rings, k->rings_size);
  k->submissions = NULL;
  k->rings = NULL;
  if (k->ring >= 0) close_owned(k->ring);
  k->ring = -1;
}

/* Returns 0, or -errno where the kernel or a filter of system calls does not allow it. */
static int64_t open_ring(call *c, cork *k) {
  static const uint32_t flags[] = {SUBMIT_ALL | SINGLE_ISSUER | DEFER_TASKRUN /* 6.1 */, 0};
  for (size_t i = 0; i < 2; i++) {
    k->at = (parameters){.flags = flags[i]};
    k->ring = (int)own(c, syscall(SYS_io_uring_setup, ENTRIES, &k->at));
    if (k->ring >= 0 || errno != EINVAL) break;
  }
  if (k->ring < 0) return -errno;
  uint32_t wanted = SINGLE_MMAP | FAST_POLL;
  if ((k->at.features & wanted) != wanted) return close_ring(k), -ENOSYS;
  size_t sq = k->at.sq.array + k->at.sq_entries * sizeof(uint32_t);
  size_t cq = k->at.cq.completions + k->at.cq_entries * sizeof(completion);
  k->rings_size = sq > cq ? sq : cq;
  void *rings = mmap(NULL, k->rings_size, PROT_READ | PROT_WRITE, MAP_SHARED, k->ring, 0);
  k->rings = rings == MAP_FAILED ? NULL : rings;
  void *them = mmap(NULL, k->at.sq_entries * sizeof(submission), PROT_READ | PROT_WRITE,
                    MAP_SHARED, k->ring, SUBMISSIONS_AT);
  k->submissions = them == MAP_FAILED ? NULL : them;
  if (!k->rings || !k->submissions) {
    int error = errno;
    return close_ring(k), -error;
  }
  for (uint32_t i = 0; i < k->at.sq_entries; i++) word(k, k->at.sq.array)[i] = i;
  return 0;
}

/* The bytes of an entry, which JavaScript may have filled with anything. */
static uint8_t *bytes_of(const cork *k, const entry *e, uint32_t *length) {
  uint32_t offset = read_once(&e->offset);
  *length = read_once(&e->length);
  return offset <= k->size && *length <= k->size - offset ? k->slab->data + offset : NULL;
}

static void send_each(cork *k, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++) {
    entry *e = &k->slab->entries[i];
    uint32_t length;
    uint8_t *at = bytes_of(k, e, &length);
    ssize_t n = at ? send(e->fd, at, length, MSG_NOSIGNAL | MSG_DONTWAIT) : fail(EFAULT);
    e->result = n < 0 ? -errno : (int32_t)n;
  }
}

/* One system call, since each send completes, or would block, when it is submitted. */
static void send_all(cork *k, uint32_t count) {
  uint32_t tail = *word(k, k->at.sq.tail), mask = *word(k, k->at.sq.mask), submitted = 0, done = 0;
  for (uint32_t i = 0; i < count; i++) {
    entry *e = &k->slab->entries[i];
    uint32_t length;
    uint8_t *at = bytes_of(k, e, &length);
    k->submissions[(tail + i) & mask] = (submission){.opcode = OP_SEND,
                                                     .fd = at ? e->fd : -1,
                                                     .addr = (uintptr_t)at,
                                                     .len = length,
                                                     .msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT,
                                                     .user_data = i};
  }
  atomic_store_explicit((_Atomic uint32_t *)word(k, k->at.sq.tail), tail + count,
                        memory_order_release);
  while (done < count) {
    long n = syscall(SYS_io_uring_enter, k->ring, count - submitted, count - done, GETEVENTS, NULL, 0);
    if (n > 0) submitted += (uint32_t)n;
    _Atomic uint32_t *head = (_Atomic uint32_t *)word(k, k->at.cq.head);
    uint32_t next = *head, end = atomic_load_explicit(
                               (_Atomic uint32_t *)word(k, k->at.cq.tail), memory_order_acquire);
    for (; next != end; next++, done++) {
      const completion *c = (completion *)(k->rings + k->at.cq.completions) +
                            (next & *word(k, k->at.cq.mask));
      if (c->user_data < count) k->slab->entries[c->user_data].result = c->result;
    }
    atomic_store_explicit(head, next, memory_order_release);
    if (n < 0 && errno != EINTR && submitted < count) { /* short of memory: the rest by send */
      atomic_store_explicit((_Atomic uint32_t *)word(k, k->at.sq.tail), tail + submitted,
                            memory_order_release);
      send_each(k, submitted, count);
      count = submitted;
    }
  }
}

/* Sends all entries. Returns how many the kernel did not take whole. */
static uint32_t flush(cork *k) {
  slab *s = k->slab;
  uint32_t count = read_once(&s->count), exceptions = 0;
  if (count > ENTRIES) count = ENTRIES;
  if (k->ring >= 0 && count >= RING_FROM) send_all(k, count);
  else send_each(k, 0, count);
  for (uint32_t i = 0; i < count; i++)
    exceptions += s->entries[i].result != (int32_t)s->entries[i].length;
  s->count = 0;
  return s->exceptions = exceptions;
}

static void dispose(void *arg) {
  cork *k = arg;
  close_ring(k);
  flush(k); /* a worker that is terminated runs no more JavaScript */
  napi_delete_reference(k->env, k->kept);
  free(k);
}

/* With `allowed` 0 each write is sent by send(2). */
CALL(corkCreate) {
  size_t size = a->a1.length * sizeof(int32_t);
  if (!DEMAND(c, size >= sizeof(slab), "the slab is too short")) return 0;
  cork *k = calloc(1, sizeof *k);
  if (!k) abort();
  *k = (cork){.env = c->env, .slab = a->a1.data, .size = size - sizeof(slab), .ring = -1};
  k->epfd = a->a0.i;
  if (!keep(c, a->a1.js, &k->kept)) return free(k), 0;
  if (a->a2.i) open_ring(c, k);
  napi_add_env_cleanup_hook(c->env, dispose, k);
  return add_handle(c, &k->handle, 'k');
}

CALL(corkFlush) { return flush(a->a0.data); }

CALL(corkClose) {
  cork *k = remove_handle(c, a->a0.i);
  napi_remove_env_cleanup_hook(c->env, dispose, k);
  dispose(k);
  return 0;
}

/* Of the letters E and O, which are no handles to invoke. */
static cork *of(call *c, int32_t id) { return (cork *)handle_of(c->env, id, 'k'); }

/* Sends, and waits. What the kernel did not take is JavaScript's to see to before a wait. */
CALL(corkWait) {
  cork *k = of(c, a->a0.i);
  if (!k) return fail(EBADF);
  int timeout = flush(k) ? 0 : a->a2.i;
  return epoll_wait(k->epfd, a->a1.data, a->a1.length / sizeof(struct epoll_event), timeout);
}

/* Copies bytes into the slab, at an offset of its data. */
CALL(corkCopy) {
  cork *k = of(c, a->a0.i);
  if (!k) return fail(EBADF);
  size_t at = (uint32_t)a->a2.i, length = a->a1.length;
  if (!DEMAND(c, at <= k->size && length <= k->size - at, "outside the slab")) return 0;
  if (length) memcpy(k->slab->data + at, a->a1.data, length); /* no data for no bytes */
  return (int64_t)length;
}

/* 0 where io_uring can be used; else -errno says what forbids it. */
CALL(ioUringProbe) {
  cork k = {.ring = -1};
  int64_t result = open_ring(c, &k);
  close_ring(&k);
  return result < 0 ? fail((int)-result) : 0;
}
