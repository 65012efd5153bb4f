#include "calls.h"
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

enum { NEW = SOCK_NONBLOCK | SOCK_CLOEXEC, AO_GET_KEYS = 41 /* linux/tcp.h */ };

CALL(socket) { return own(c, socket(a->a0.i, a->a1.i | NEW, a->a2.i)); }
CALL(bind) { return bind(FD, BYTES(1)); }
CALL(connect) { return connect(FD, BYTES(1)); }
CALL(listen) { return listen(FD, a->a1.i); }
CALL(shutdown) { return shutdown(FD, a->a1.i); }
CALL(recv) { return recv(FD, BYTES(1), a->a2.i); }
CALL(send) { return send(FD, BYTES(1), a->a2.i | MSG_NOSIGNAL); }

CALL(sendto) {
  return sendto(FD, BYTES(1), a->a2.i | MSG_NOSIGNAL, BYTES(3));
}

CALL(socketpair) {
  int *pair = a->a3.data;
  return own_both(c, pair, socketpair(a->a0.i, a->a1.i | NEW, a->a2.i, pair));
}

CALL(accept4) {
  return own(c, keep_name(&a->a1, accept4(FD, ROOM(1), NEW)));
}
CALL(getsockname) { return keep_name(&a->a1, getsockname(FD, ROOM(1))); }
CALL(getpeername) { return keep_name(&a->a1, getpeername(FD, ROOM(1))); }

CALL(recvfrom) {
  return keep_name(&a->a3, recvfrom(FD, BYTES(1), a->a2.i, ROOM(3)));
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

static int64_t option(call *c, bool set, int fd, int level, int name, void *value, size_t size) {
  socklen_t length = size < INT32_MAX ? size : INT32_MAX;
  if (!DEMAND(c, is_plain(level, name), "an option that could leave the array")) return 0;
  if (set) return setsockopt(fd, level, name, value, length);
  return getsockopt(fd, level, name, value, &length) < 0 ? -1 : (int64_t)length;
}

CALL(getsockopt) { return option(c, false, FD, a->a1.i, a->a2.i, BYTES(3)); }
CALL(setsockopt) { return option(c, true, FD, a->a1.i, a->a2.i, BYTES(3)); }

/* A classic BPF program, which the kernel checks: struct sock_fprog of socket(7). */
CALL(attachReuseport) {
  struct {
    unsigned short count;
    void *instructions;
  } program = {(unsigned short)(a->a1.length / 8), a->a1.data};
  if (!DEMAND(c, a->a1.length <= 4096 * 8, "more instructions than 4096")) return 0;
  return setsockopt(FD, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

/* In the network namespace of the socket, or without one (-1) in that of this thread: netdevice(7).
 * A socket that was inherited may be in another one. */
CALL(ifNametoindex) {
  struct ifreq request = {.ifr_ifindex = 0};
  if (a->a1.length >= sizeof request.ifr_name) return fail(ENODEV);
  if (a->a1.length) memcpy(request.ifr_name, a->a1.data, a->a1.length);
  if (FD != -1) return ioctl(FD, SIOCGIFINDEX, &request) < 0 ? -1 : request.ifr_ifindex;
  unsigned index = if_nametoindex(request.ifr_name);
  return index ? (int64_t)index : -1;
}
