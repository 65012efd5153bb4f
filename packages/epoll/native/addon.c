/* The table of system calls, and the kernel's constants. What each call takes and gives is written
 * in ../src/native/binding.ts. */
#include "calls.h"
#include <endian.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/un.h>

/* clang-format off */
void open_ledger(napi_env env);
static const function functions[] = {SYSCALLS(ENTRY)};

#define C(name) {#name, name}

static const struct {
  const char *name;
  int64_t value;
} constants[] = {
    C(EPOLL_CTL_ADD), C(EPOLL_CTL_MOD), C(EPOLL_CTL_DEL), C(EPOLLIN), C(EPOLLOUT), C(EPOLLPRI),
    C(EPOLLERR), C(EPOLLHUP), C(EPOLLRDHUP), C(EPOLLET), C(EPOLLONESHOT), C(EPOLLEXCLUSIVE),
    {"EPOLL_EVENT_WORDS", sizeof(struct epoll_event) / 4},
    {"EPOLL_DATA_LOW", offsetof(struct epoll_event, data) / 4 + (BYTE_ORDER == BIG_ENDIAN)},
    {"EPOLL_DATA_HIGH", offsetof(struct epoll_event, data) / 4 + (BYTE_ORDER != BIG_ENDIAN)},
    C(NAME_STRIDE), C(META_STRIDE), C(ERROR_WORDS), C(AF_UNSPEC), C(AF_UNIX), C(AF_INET), C(AF_INET6),
    C(SOCK_STREAM), C(SOCK_DGRAM), C(SHUT_RD), C(SHUT_WR), C(SHUT_RDWR), C(SOL_SOCKET),
    C(IPPROTO_IP), C(IPPROTO_IPV6), C(IPPROTO_TCP), C(IPPROTO_UDP), C(SO_ACCEPTCONN),
    C(SO_BINDTODEVICE), C(SO_BROADCAST), C(SO_BUSY_POLL), C(SO_DOMAIN), C(SO_ERROR),
    C(SO_INCOMING_CPU), C(SO_KEEPALIVE), C(SO_LINGER), C(SO_MARK), C(SO_PEERCRED), C(SO_PRIORITY), C(SO_RCVBUF),
    C(SO_REUSEADDR), C(SO_REUSEPORT), C(SO_RXQ_OVFL), C(SO_SNDBUF), C(SO_TYPE), C(TCP_CORK),
    C(TCP_DEFER_ACCEPT), C(TCP_FASTOPEN), C(TCP_FASTOPEN_CONNECT), C(TCP_INFO), C(TCP_KEEPCNT), C(TCP_KEEPIDLE),
    C(TCP_KEEPINTVL), C(TCP_NODELAY), C(TCP_NOTSENT_LOWAT), C(TCP_QUICKACK), C(TCP_USER_TIMEOUT),
    C(IP_ADD_MEMBERSHIP), C(IP_BIND_ADDRESS_NO_PORT), C(IP_DROP_MEMBERSHIP), C(IP_FREEBIND),
    C(IP_MULTICAST_IF), C(IP_MULTICAST_LOOP), C(IP_MULTICAST_TTL), C(IP_TOS), C(IP_TRANSPARENT),
    C(IP_TTL), C(IPV6_JOIN_GROUP), C(IPV6_LEAVE_GROUP), C(IPV6_MULTICAST_HOPS),
    C(IPV6_MULTICAST_IF), C(IPV6_MULTICAST_LOOP), C(IPV6_TCLASS), C(IPV6_UNICAST_HOPS),
    C(IPV6_V6ONLY), C(UDP_SEGMENT), C(UDP_GRO),
    C(IP_PKTINFO), C(IPV6_RECVPKTINFO), C(IP_RECVTOS), C(IPV6_RECVTCLASS), C(IP_RECVTTL),
    C(IPV6_RECVHOPLIMIT), C(SO_TIMESTAMPING), C(SO_TXTIME), C(IP_RECVERR), C(IPV6_RECVERR),
    C(IP_MTU), C(IPV6_MTU), C(IP_MTU_DISCOVER), C(IPV6_MTU_DISCOVER), C(MCAST_JOIN_SOURCE_GROUP),
    C(MCAST_LEAVE_SOURCE_GROUP), C(IP_ADD_SOURCE_MEMBERSHIP), C(IP_DROP_SOURCE_MEMBERSHIP),
    C(SO_DETACH_REUSEPORT_BPF), C(MSG_CTRUNC), C(MSG_DONTWAIT), C(MSG_ERRQUEUE),
    C(MSG_OOB), C(MSG_PEEK), C(MSG_TRUNC), C(MSG_WAITFORONE), C(F_DUPFD_CLOEXEC), C(F_GETFD),
    C(F_SETFD), C(F_GETFL), C(F_SETFL), C(F_SETPIPE_SZ), C(FD_CLOEXEC), C(O_NONBLOCK), C(FIONREAD),
    {"SIOCINQ", FIONREAD}, {"SIOCOUTQ", TIOCOUTQ},
};

/* clang-format on */

NAPI_MODULE_INIT() {
  napi_value object = NULL, value = NULL;
  napi_create_object(env, &object);
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
    napi_create_int64(env, constants[i].value, &value);
    napi_set_named_property(env, object, constants[i].name, value);
  }
  napi_set_named_property(env, exports, "constants", object);
  define(env, exports, functions, sizeof functions / sizeof *functions);
  open_ledger(env);
  return exports;
}
