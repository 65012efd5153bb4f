#include "calls.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

CALL(epollCreate1) { return own(c, epoll_create1(EPOLL_CLOEXEC)); }

CALL(epollCtl) {
  struct epoll_event event = {.events = a->a3.u};
  event.data.u64 = (uint64_t)a->a5.u << 32 | a->a4.u;
  return epoll_ctl(a->a0.i, a->a1.i, a->a2.i, &event);
}

CALL(epollWait) {
  size_t room = a->a1.length / sizeof(struct epoll_event);
  size_t limit = INT32_MAX / sizeof(struct epoll_event); /* more is EINVAL: epoll_wait(2) */
  return epoll_wait(a->a0.i, a->a1.data, room < limit ? room : limit, a->a2.i);
}

CALL(eventfd) { return own(c, eventfd(a->a0.u, EFD_NONBLOCK | EFD_CLOEXEC)); }

CALL(timerfdCreate) {
  return own(c, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
}

CALL(timerfdSettime) {
  struct itimerspec once = {.it_value = {.tv_sec = a->a1.u, .tv_nsec = a->a2.u}};
  return timerfd_settime(a->a0.i, 0, &once, NULL);
}

CALL(poll) {
  struct pollfd p = {.fd = FD, .events = (short)a->a1.i};
  int n = poll(&p, 1, 0);
  return n < 0 ? n : p.revents;
}
