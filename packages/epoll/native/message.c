#include "calls.h"
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_MAX = 1024, RIGHTS_MAX = 253 /* unix(7) */, PIDFD = 4 /* SCM_PIDFD */ };
enum { NAME_ROOM = NAME_STRIDE - NAME_HEADER, ERROR_SIZE = ERROR_WORDS * sizeof(uint32_t) };
/*
 * The control data of fixed size that all options of IPv4 and IPv6 together deliver is 744 bytes.
 */
enum { CONTROL_ROOM = 1024 };
enum { HAS_DROPS = 1, HAS_TOS = 2, HAS_TTL = 4, HAS_PLACE = 8, HAS_TIME = 16, HAS_ERROR = 32 };

/* Too large for a stack that may be near V8's limit, and for thread-local memory, all of which a
 * thread touches when it first uses some. */
typedef struct {
  struct mmsghdr header[BATCH_MAX];
  struct iovec part[BATCH_MAX];
  _Alignas(struct cmsghdr) char control[BATCH_MAX][CONTROL_ROOM];
} messages;

static _Thread_local messages *batch;
/* To receive into: `prepared` of them are, for `room`. Most calls have the arrays of the one before
 * and receive few of the many that they have room for, and would spend most time on preparing. */
static _Thread_local messages *incoming;
static _Thread_local size_t prepared;
static _Thread_local struct {
  uint8_t *slots, *names;
  uint32_t slot;
} room;
/* Credentials may come before the descriptors. */
static _Thread_local _Alignas(struct cmsghdr) char
    rights[CMSG_SPACE(RIGHTS_MAX * sizeof(int)) + 256];

static void release(void *memory) {
  free(memory);
  batch = incoming = NULL;
  prepared = 0;
}

/* Allocates the memory of the thread when it first needs it: the environment's end frees it. */
static bool allocate(call *c) {
  if (batch) return true;
  if (!(batch = calloc(2, sizeof *batch))) return fail(ENOMEM), false;
  incoming = batch + 1;
  napi_add_env_cleanup_hook(c->env, release, batch);
  return true;
}

static struct msghdr *prepare(messages *to, size_t i, void *data, size_t length, void *name,
                              socklen_t size) {
  struct msghdr *m = &to->header[i].msg_hdr;
  to->part[i] = (struct iovec){data, length};
  *m = (struct msghdr){.msg_name = name, .msg_namelen = size, .msg_iovlen = 1};
  m->msg_iov = &to->part[i];
  m->msg_control = to->control[i];
  m->msg_controllen = CONTROL_ROOM;
  return m;
}

/* Adds to the control data of a message to send. */
static void attach(struct msghdr *m, int level, int type, const void *value, size_t size) {
  struct cmsghdr *h = (void *)((char *)m->msg_control + m->msg_controllen);
  m->msg_controllen += CMSG_SPACE(size);
  *h = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(size)};
  memcpy(CMSG_DATA(h), value, size);
}

/* The control data that the words of a message ask for. IPv4 ignores what is for IPv6, and IPv6
 * what is for IPv4, unless it sends through IPv4. */
static bool attach_all(call *c, struct msghdr *m, const uint32_t *words) {
  uint32_t w[META_STRIDE];
  for (size_t i = 3; i < META_STRIDE; i++) w[i] = read_once(words + i);
  uint16_t segment = (uint16_t)w[3];
  bool mapped = !w[8] && !w[9] && (w[10] == htonl(0xffff) || !(w[10] | w[11]));
  sa_family_t family = AF_UNSPEC;
  if (m->msg_namelen >= sizeof family) memcpy(&family, m->msg_name, sizeof family);
  bool four = family == AF_INET;
  m->msg_controllen = 0;
  if (segment) attach(m, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
  if (w[4] & HAS_TOS) {
    attach(m, IPPROTO_IP, IP_TOS, w + 5, sizeof *w);
    if (!four) attach(m, IPPROTO_IPV6, IPV6_TCLASS, w + 5, sizeof *w);
  }
  if (w[4] & HAS_TTL) {
    attach(m, IPPROTO_IP, IP_TTL, w + 6, sizeof *w);
    if (!four) attach(m, IPPROTO_IPV6, IPV6_HOPLIMIT, w + 6, sizeof *w);
  }
  if (w[4] & HAS_PLACE) {
    struct in_pktinfo place = {.ipi_ifindex = (int)w[7], .ipi_spec_dst = {w[11]}};
    struct in6_pktinfo six = {.ipi6_ifindex = w[7]};
    memcpy(&six.ipi6_addr, w + 8, sizeof six.ipi6_addr);
    if (mapped) attach(m, IPPROTO_IP, IP_PKTINFO, &place, sizeof place);
    if (!four) attach(m, IPPROTO_IPV6, IPV6_PKTINFO, &six, sizeof six);
  }
  uint64_t time = (uint64_t)w[14] << 32 | w[13];
  if (w[4] & HAS_TIME) attach(m, SOL_SOCKET, SCM_TXTIME, &time, sizeof time);
  return DEMAND(c, segment == w[3], "a segment has at most 65535 bytes");
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

#define KIND(level, type) ((level) << 16 | (type))

/* Writes what a control message says to the words. One that was cut, which is the last, says
 * nothing. */
static void describe_one(const struct cmsghdr *h, uint32_t *w) {
  const void *at = CMSG_DATA(h);
  size_t n = h->cmsg_len - CMSG_LEN(0);
  const struct in_pktinfo *four = at;
  const struct in6_pktinfo *six = at;
  struct timespec time;
  switch (KIND(h->cmsg_level, h->cmsg_type)) {
  case KIND(IPPROTO_UDP, UDP_GRO):
    if (n >= sizeof *w) w[2] = read_once(at);
    return;
  case KIND(SOL_SOCKET, SO_RXQ_OVFL):
    if (n >= sizeof *w) w[3] = read_once(at), w[4] |= HAS_DROPS;
    return;
  case KIND(IPPROTO_IP, IP_TOS):
    if (n >= 1) w[5] = *(const uint8_t *)at, w[4] |= HAS_TOS;
    return;
  case KIND(IPPROTO_IPV6, IPV6_TCLASS):
    if (n >= sizeof *w) w[5] = read_once(at), w[4] |= HAS_TOS;
    return;
  case KIND(IPPROTO_IP, IP_TTL):
  case KIND(IPPROTO_IPV6, IPV6_HOPLIMIT):
    if (n >= sizeof *w) w[6] = read_once(at), w[4] |= HAS_TTL;
    return;
  case KIND(IPPROTO_IP, IP_PKTINFO): /* on an IPv6 socket both come, and say the same */
    if (n < sizeof *four) return;
    w[7] = (uint32_t)four->ipi_ifindex, w[10] = htonl(0xffff), w[11] = four->ipi_addr.s_addr;
    w[12] = four->ipi_spec_dst.s_addr, w[4] |= HAS_PLACE;
    return;
  case KIND(IPPROTO_IPV6, IPV6_PKTINFO):
    if (n < sizeof *six) return;
    w[7] = six->ipi6_ifindex, w[4] |= HAS_PLACE;
    memcpy(w + 8, &six->ipi6_addr, sizeof six->ipi6_addr);
    return;
  case KIND(SOL_SOCKET, SCM_TIMESTAMPING): /* the first of three is the software's */
    if (n < sizeof time) return;
    memcpy(&time, at, sizeof time);
    uint64_t ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    w[13] = (uint32_t)ns, w[14] = (uint32_t)(ns >> 32), w[4] |= ns ? HAS_TIME : 0;
  }
}

/* The words of a received message. */
static void describe(struct msghdr *m, size_t got, uint32_t *meta) {
  size_t room = m->msg_iov->iov_len;
  keep_rights(m, NULL, 0);
  memset(meta, 0, META_STRIDE * sizeof *meta);
  meta[0] = (uint32_t)(got < room ? got : room);        /* MSG_TRUNC gives the real size */
  meta[1] = (uint32_t)m->msg_flags & ~MSG_CMSG_CLOEXEC; /* the kernel gives it back */
  for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) describe_one(h, meta);
}

CALL(sendmsg) {
  if (!allocate(c)) return -1;
  struct msghdr *m = prepare(batch, 0, BYTES(1), BYTES(3));
  return attach_all(c, m, a->a4.data) ? sendmsg(FD, m, a->a2.i | MSG_NOSIGNAL) : 0;
}

/* Receives one message; and with MSG_ERRQUEUE what the error queue says of one that was sent, the
 * bytes of which follow the words: struct sock_extended_err, then who reported it. */
CALL(recvmsg) {
  if (!allocate(c)) return -1;
  struct msghdr *m = prepare(batch, 0, BYTES(1), a->a3.data, a->a3.size);
  uint32_t *words = a->a4.data;
  ssize_t n = recvmsg(FD, m, a->a2.i | MSG_CMSG_CLOEXEC);
  if (n < 0) return n;
  a->a3.size = m->msg_namelen;
  describe(m, (size_t)n, words);
  memset(words + META_STRIDE, 0, ERROR_SIZE);
  for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
    int kind = KIND(h->cmsg_level, h->cmsg_type);
    if (kind != KIND(IPPROTO_IP, IP_RECVERR) && kind != KIND(IPPROTO_IPV6, IPV6_RECVERR)) continue;
    size_t size = h->cmsg_len - CMSG_LEN(0);
    memcpy(words + META_STRIDE, CMSG_DATA(h), size < ERROR_SIZE ? size : ERROR_SIZE);
    words[4] |= HAS_ERROR;
  }
  return keep_name(&a->a3, n);
}

/* The parts of a batch, and which of its messages are meant. */
typedef struct {
  uint8_t *names, *slots;
  uint32_t *meta, slot, first, count;
  uint64_t size; /* of all slots */
} layout;

static bool lay_out(call *c, layout *l, uint8_t *at, size_t length, uint32_t first,
                    uint32_t count) {
  size_t header = 2 * sizeof(uint32_t);
  bool begun = length >= header && (uintptr_t)at % sizeof(uint32_t) == 0;
  if (!DEMAND(c, begun, "a batch begins with two aligned words")) return false;
  uint64_t capacity = read_once(at);
  *l = (layout){.slot = read_once(at + sizeof(uint32_t)), .first = first, .count = count};
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

CALL(recvmmsg) {
  layout l;
  if (!lay_out(c, &l, BYTES(1), a->a2.u, a->a3.u)) return 0;
  if (!allocate(c)) return -1;
  if (room.slots != l.slots || room.names != l.names || room.slot != l.slot) prepared = 0;
  room.slots = l.slots, room.names = l.names, room.slot = l.slot;
  for (size_t i; (i = prepared) < l.first + l.count; prepared++)
    prepare(incoming, i, l.slots + i * l.slot, l.slot, l.names + i * NAME_STRIDE + NAME_HEADER,
            NAME_ROOM);
  struct mmsghdr *header = incoming->header + l.first;
  int n = recvmmsg(FD, header, l.count, a->a4.i | MSG_CMSG_CLOEXEC, NULL);
  for (int i = 0; i < n; i++) {
    struct msghdr *m = &header[i].msg_hdr;
    memcpy(l.names + (l.first + i) * NAME_STRIDE, &m->msg_namelen, NAME_HEADER);
    describe(m, header[i].msg_len, l.meta + (l.first + i) * META_STRIDE);
    m->msg_namelen = NAME_ROOM; /* the kernel has written both: recvmsg(2) */
    m->msg_controllen = CONTROL_ROOM;
  }
  return n;
}

CALL(sendmmsg) {
  layout l;
  if (!lay_out(c, &l, BYTES(1), a->a2.u, a->a3.u)) return 0;
  if (!allocate(c)) return -1;
  for (size_t i = 0; i < l.count; i++) {
    const uint32_t *meta = l.meta + (l.first + i) * META_STRIDE;
    uint64_t offset = read_once(meta), length = read_once(meta + 1), size = 0;
    uint8_t *name = NULL;
    if (!DEMAND(c, offset + length <= l.size, "a message leaves the slots")) return 0;
    if (read_once(meta + 2)) {
      name = l.names + (l.first + i) * NAME_STRIDE;
      size = read_once(name);
      name += NAME_HEADER;
    }
    struct msghdr *m = prepare(batch, i, l.slots + offset, length, name, size);
    if (!DEMAND(c, size <= NAME_ROOM, "an address leaves its name") || !attach_all(c, m, meta))
      return 0;
  }
  return sendmmsg(FD, batch->header, l.count, a->a4.i | MSG_NOSIGNAL);
}

CALL(sendmsgFds) {
  if (!allocate(c)) return -1;
  struct msghdr *m = prepare(batch, 0, BYTES(1), NULL, 0);
  if (!DEMAND(c, a->a2.length <= RIGHTS_MAX, "more descriptors than 253")) return 0;
  m->msg_control = rights;
  m->msg_controllen = 0;
  size_t size = a->a2.length * sizeof(int32_t);
  if (size) attach(m, SOL_SOCKET, SCM_RIGHTS, a->a2.data, size);
  return sendmsg(FD, m, a->a3.i | MSG_NOSIGNAL);
}

CALL(recvmsgFds) {
  uint32_t *meta = a->a3.data;
  if (!allocate(c)) return -1;
  struct msghdr *m = prepare(batch, 0, BYTES(1), NULL, 0);
  if (!DEMAND(c, a->a3.length >= 2, "meta is too short")) return 0;
  m->msg_control = rights;
  m->msg_controllen = sizeof rights;
  ssize_t n = recvmsg(FD, m, a->a4.i | MSG_CMSG_CLOEXEC);
  if (n >= 0) {
    meta[0] = (uint32_t)keep_rights(m, a->a2.data, a->a2.length);
    meta[1] = (uint32_t)m->msg_flags & ~MSG_CMSG_CLOEXEC; /* the kernel gives it back */
  }
  return n;
}
