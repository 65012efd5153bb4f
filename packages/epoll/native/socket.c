#include "addon.h"
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

enum { NEW = SOCK_NONBLOCK | SOCK_CLOEXEC, AO_GET_KEYS = 41 /* linux/tcp.h */ };

int64_t sys_socket(call *c) { return own(c, socket(c->a[0].i, c->a[1].i | NEW, c->a[2].i)); }
int64_t sys_bind(call *c) { return bind(FD(c), BYTES(c, 1)); }
int64_t sys_connect(call *c) { return connect(FD(c), BYTES(c, 1)); }
int64_t sys_listen(call *c) { return listen(FD(c), c->a[1].i); }
int64_t sys_shutdown(call *c) { return shutdown(FD(c), c->a[1].i); }
int64_t sys_recv(call *c) { return recv(FD(c), BYTES(c, 1), c->a[2].i); }
int64_t sys_send(call *c) { return send(FD(c), BYTES(c, 1), c->a[2].i | MSG_NOSIGNAL); }

int64_t sys_sendto(call *c) {
  return sendto(FD(c), BYTES(c, 1), c->a[2].i | MSG_NOSIGNAL, BYTES(c, 3));
}

int64_t sys_socketpair(call *c) {
  int *pair = c->a[3].data;
  return own_both(c, pair, socketpair(c->a[0].i, c->a[1].i | NEW, c->a[2].i, pair));
}

int64_t sys_accept4(call *c) {
  return own(c, keep_name(&c->a[1], accept4(FD(c), ROOM(c, 1), NEW)));
}
int64_t sys_getsockname(call *c) { return keep_name(&c->a[1], getsockname(FD(c), ROOM(c, 1))); }
int64_t sys_getpeername(call *c) { return keep_name(&c->a[1], getpeername(FD(c), ROOM(c, 1))); }

int64_t sys_recvfrom(call *c) {
  return keep_name(&c->a[3], recvfrom(FD(c), BYTES(c, 1), c->a[2].i, ROOM(c, 3)));
}

/* False for options whose value has a pointer, or a count that the kernel takes for the room, or a
 * length that is not in bytes (SO_GET_FILTER, the same as SO_ATTACH_FILTER): the kernel would leave
 * the array. Netfilter's begin at 64. */
static bool is_plain(int level, int option) {
  switch (level) {
  case SOL_SOCKET: return option != SO_ATTACH_FILTER && option != SO_ATTACH_REUSEPORT_CBPF;
  case IPPROTO_IP: return option != IP_MSFILTER && option != MCAST_MSFILTER && option < 64;
  case IPPROTO_IPV6:
    return option != MCAST_MSFILTER && option != 64 && option != 65 && option < 128;
  case IPPROTO_TCP: return option != TCP_ZEROCOPY_RECEIVE && option != AO_GET_KEYS;
  }
  return level == IPPROTO_UDP;
}

static int64_t option(call *c, bool set) {
  int fd = FD(c), level = c->a[1].i, name = c->a[2].i;
  socklen_t length = c->a[3].length < INT32_MAX ? c->a[3].length : INT32_MAX;
  if (!DEMAND(c, is_plain(level, name), "an option that could leave the array")) return 0;
  if (set) return setsockopt(fd, level, name, c->a[3].data, length);
  return getsockopt(fd, level, name, c->a[3].data, &length) < 0 ? -1 : (int64_t)length;
}

int64_t sys_getsockopt(call *c) { return option(c, false); }
int64_t sys_setsockopt(call *c) { return option(c, true); }

/* A classic BPF program, which the kernel checks: struct sock_fprog of socket(7). */
int64_t sys_attachReuseport(call *c) {
  struct {
    unsigned short count;
    void *instructions;
  } program = {(unsigned short)(c->a[1].length / 8), c->a[1].data};
  if (!DEMAND(c, c->a[1].length <= 4096 * 8, "more instructions than 4096")) return 0;
  return setsockopt(FD(c), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

int64_t sys_ifNametoindex(call *c) {
  char name[IF_NAMESIZE] = {0};
  if (c->a[0].length >= sizeof name) return fail(ENODEV);
  if (c->a[0].length) memcpy(name, c->a[0].data, c->a[0].length);
  unsigned index = if_nametoindex(name);
  return index ? (int64_t)index : -1;
}
