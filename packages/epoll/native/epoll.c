#include "addon.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

int64_t sys_epollCreate1(call *c) { return own(c, epoll_create1(EPOLL_CLOEXEC)); }

int64_t sys_epollCtl(call *c) {
  struct epoll_event event = {.events = c->a[3].u};
  event.data.u64 = (uint64_t)c->a[5].u << 32 | c->a[4].u;
  return epoll_ctl(c->a[0].i, c->a[1].i, c->a[2].i, &event);
}

int64_t sys_epollWait(call *c) {
  size_t room = c->a[1].length / sizeof(struct epoll_event);
  size_t limit = INT32_MAX / sizeof(struct epoll_event); /* more is EINVAL: epoll_wait(2) */
  return epoll_wait(c->a[0].i, c->a[1].data, room < limit ? room : limit, c->a[2].i);
}

int64_t sys_eventfd(call *c) { return own(c, eventfd(c->a[0].u, EFD_NONBLOCK | EFD_CLOEXEC)); }

int64_t sys_timerfdCreate(call *c) {
  return own(c, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
}

int64_t sys_timerfdSettime(call *c) {
  struct itimerspec once = {.it_value = {.tv_sec = c->a[1].u, .tv_nsec = c->a[2].u}};
  return timerfd_settime(c->a[0].i, 0, &once, NULL);
}

int64_t sys_poll(call *c) {
  struct pollfd p = {.fd = FD(c), .events = (short)c->a[1].i};
  int n = poll(&p, 1, 0);
  return n < 0 ? n : p.revents;
}
