#include "addon.h"
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCH_MAX = 1024, RIGHTS_MAX = 253 /* unix(7) */, PIDFD = 4 /* SCM_PIDFD */ };
enum { NAME_ROOM = NAME_STRIDE - NAME_HEADER };

/* Too large for a stack that may be near V8's limit. Thread-local memory of a loaded object is
 * allocated when the thread first uses it, and freed with the thread. */
typedef struct {
  struct mmsghdr header[BATCH_MAX];
  struct iovec part[BATCH_MAX];
  _Alignas(struct cmsghdr) char control[BATCH_MAX][64];
} messages;

static _Thread_local messages batch;
/* To receive into: `prepared` of them are, for `room`. Most calls have the arrays of the one before
 * and receive few of the many that they have room for, and would spend most time on preparing. */
static _Thread_local messages incoming;
static _Thread_local size_t prepared;
static _Thread_local struct {
  uint8_t *slots, *names;
  uint32_t slot;
} room;
/* Credentials may come before the descriptors. */
static _Thread_local _Alignas(struct cmsghdr) char
    rights[CMSG_SPACE(RIGHTS_MAX * sizeof(int)) + 256];

static struct msghdr *prepare_in(messages *to, size_t i, void *data, size_t length, void *name,
                                 socklen_t size) {
  struct msghdr *m = &to->header[i].msg_hdr;
  to->part[i] = (struct iovec){data, length};
  *m = (struct msghdr){.msg_name = name, .msg_namelen = size, .msg_iovlen = 1};
  m->msg_iov = &to->part[i];
  m->msg_control = to->control[i];
  m->msg_controllen = sizeof to->control[i];
  return m;
}

static struct msghdr *prepare(size_t i, void *data, size_t length, void *name, socklen_t size) {
  return prepare_in(&batch, i, data, length, name, size);
}

/* The control data of a message to send. */
static void attach(struct msghdr *m, int level, int type, const void *value, size_t size) {
  struct cmsghdr *h = m->msg_control;
  m->msg_controllen = size ? CMSG_SPACE(size) : 0;
  *h = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(size)};
  if (size) memcpy(CMSG_DATA(h), value, size);
}

static bool attach_segment(call *c, struct msghdr *m, uint32_t segment) {
  uint16_t size = (uint16_t)segment;
  attach(m, IPPROTO_UDP, UDP_SEGMENT, &size, segment ? sizeof size : 0);
  return DEMAND(c, size == segment, "a segment has at most 65535 bytes");
}

/* Descriptors that came with a message are ours to close, asked for or not. Keeps those for which
 * there is room. */
static size_t keep_rights(struct msghdr *m, int32_t *fds, size_t room) {
  size_t kept = 0;
  for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
    if (h->cmsg_level != SOL_SOCKET || (h->cmsg_type != SCM_RIGHTS && h->cmsg_type != PIDFD))
      continue;
    for (unsigned char *at = CMSG_DATA(h); at < (unsigned char *)h + h->cmsg_len; at += 4) {
      int fd = (int)read_once(at);
      if (kept < room && h->cmsg_type == SCM_RIGHTS) {
        fds[kept++] = fd;
      } else {
        close(fd);
        m->msg_flags |= MSG_CTRUNC;
      }
    }
  }
  return kept;
}

/* The words of a received message. */
static void describe(struct msghdr *m, size_t got, uint32_t *meta) {
  size_t room = m->msg_iov->iov_len;
  keep_rights(m, NULL, 0);
  memset(meta, 0, META_STRIDE * sizeof *meta);
  meta[0] = (uint32_t)(got < room ? got : room);        /* MSG_TRUNC gives the real size */
  meta[1] = (uint32_t)m->msg_flags & ~MSG_CMSG_CLOEXEC; /* the kernel gives it back */
  for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
    if (h->cmsg_level == IPPROTO_UDP && h->cmsg_type == UDP_GRO) meta[2] = read_once(CMSG_DATA(h));
    if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SO_RXQ_OVFL) {
      meta[3] = read_once(CMSG_DATA(h));
      meta[4] = 1;
    }
  }
}

int64_t sys_sendmsg(call *c) {
  struct msghdr *m = prepare(0, BYTES(c, 1), BYTES(c, 2));
  return attach_segment(c, m, c->a[3].u) ? sendmsg(FD(c), m, c->a[4].i | MSG_NOSIGNAL) : 0;
}

/* The parts of a batch, and which of its messages are meant. */
typedef struct {
  uint8_t *names, *slots;
  uint32_t *meta, slot, first, count;
  uint64_t size; /* of all slots */
} layout;

static bool lay_out(call *c, layout *l) {
  uint8_t *at = c->a[1].data;
  size_t length = c->a[1].length, header = 2 * sizeof(uint32_t);
  bool begun = length >= header && (uintptr_t)at % sizeof(uint32_t) == 0;
  if (!DEMAND(c, begun, "a batch begins with two aligned words")) return false;
  uint64_t capacity = read_once(at);
  *l = (layout){.slot = read_once(at + sizeof(uint32_t)), .first = c->a[2].u, .count = c->a[3].u};
  uint64_t each = META_STRIDE * sizeof(uint32_t) + NAME_STRIDE + (uint64_t)l->slot;
  if (!DEMAND(c, capacity <= BATCH_MAX, "more messages than 1024") ||
      !DEMAND(c, capacity * each <= length - header, "more than the memory holds") ||
      !DEMAND(c, l->first <= capacity && l->count <= capacity - l->first, "no such messages"))
    return false;
  l->meta = (uint32_t *)(at + header);
  l->names = (uint8_t *)(l->meta + capacity * META_STRIDE);
  l->slots = l->names + capacity * NAME_STRIDE;
  l->size = capacity * l->slot;
  return true;
}

int64_t sys_recvmmsg(call *c) {
  layout l;
  if (!lay_out(c, &l)) return 0;
  if (room.slots != l.slots || room.names != l.names || room.slot != l.slot) prepared = 0;
  room.slots = l.slots, room.names = l.names, room.slot = l.slot;
  for (size_t i; (i = prepared) < l.first + l.count; prepared++)
    prepare_in(&incoming, i, l.slots + i * l.slot, l.slot, l.names + i * NAME_STRIDE + NAME_HEADER,
               NAME_ROOM);
  struct mmsghdr *header = incoming.header + l.first;
  int n = recvmmsg(FD(c), header, l.count, c->a[4].i | MSG_CMSG_CLOEXEC, NULL);
  for (int i = 0; i < n; i++) {
    struct msghdr *m = &header[i].msg_hdr;
    memcpy(l.names + (l.first + i) * NAME_STRIDE, &m->msg_namelen, NAME_HEADER);
    describe(m, header[i].msg_len, l.meta + (l.first + i) * META_STRIDE);
    m->msg_namelen = NAME_ROOM; /* the kernel has written both: recvmsg(2) */
    m->msg_controllen = sizeof incoming.control[0];
  }
  return n;
}

int64_t sys_sendmmsg(call *c) {
  layout l;
  if (!lay_out(c, &l)) return 0;
  for (size_t i = 0; i < l.count; i++) {
    const volatile uint32_t *meta = l.meta + (l.first + i) * META_STRIDE;
    uint64_t offset = meta[0], length = meta[1], size = 0;
    uint8_t *name = NULL;
    if (!DEMAND(c, offset + length <= l.size, "a message leaves the slots")) return 0;
    if (meta[2]) {
      name = l.names + (l.first + i) * NAME_STRIDE;
      size = read_once(name);
      name += NAME_HEADER;
    }
    struct msghdr *m = prepare(i, l.slots + offset, length, name, size);
    if (!DEMAND(c, size <= NAME_ROOM, "an address leaves its name") ||
        !attach_segment(c, m, meta[3]))
      return 0;
  }
  return sendmmsg(FD(c), batch.header, l.count, c->a[4].i | MSG_NOSIGNAL);
}

int64_t sys_sendmsgFds(call *c) {
  struct msghdr *m = prepare(0, BYTES(c, 1), NULL, 0);
  if (!DEMAND(c, c->a[2].length <= RIGHTS_MAX, "more descriptors than 253")) return 0;
  m->msg_control = rights;
  attach(m, SOL_SOCKET, SCM_RIGHTS, c->a[2].data, c->a[2].length * sizeof(int32_t));
  return sendmsg(FD(c), m, c->a[3].i | MSG_NOSIGNAL);
}

int64_t sys_recvmsgFds(call *c) {
  uint32_t *meta = c->a[3].data;
  struct msghdr *m = prepare(0, BYTES(c, 1), NULL, 0);
  if (!DEMAND(c, c->a[3].length >= 2, "meta is too short")) return 0;
  m->msg_control = rights;
  m->msg_controllen = sizeof rights;
  ssize_t n = recvmsg(FD(c), m, c->a[4].i | MSG_CMSG_CLOEXEC);
  if (n >= 0) {
    meta[0] = (uint32_t)keep_rights(m, c->a[2].data, c->a[2].length);
    meta[1] = (uint32_t)m->msg_flags & ~MSG_CMSG_CLOEXEC; /* the kernel gives it back */
  }
  return n;
}
