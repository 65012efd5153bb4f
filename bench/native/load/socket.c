#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

void fail(const char *format, ...) {
  va_list list;
  va_start(list, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, list);
  fputc('\n', stderr);
  exit(1);
}

static struct sockaddr_in loopback(uint32_t host, int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  a.sin_addr.s_addr = htonl(0x7f000000u + host);
  return a;
}

int connect_stream(int port) {
  static uint32_t next;
  if (next == 0) next = (uint32_t)getpid() * 64;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct sockaddr_in local = loopback(2 + next++ / 4096 % 4000000, 0), peer = loopback(1, port);
  if (bind(fd, (struct sockaddr *)&local, sizeof local) != 0) fail("bind: %s", strerror(errno));
  if (connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0 && errno != EINPROGRESS) {
    fail("connect: %s", strerror(errno));
  }
  return fd;
}

int connect_datagram(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in peer = loopback(1, port);
  if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0) {
    fail("datagram socket: %s", strerror(errno));
  }
  int size = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return fd;
}

int make_epoll(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) fail("epoll_create1: %s", strerror(errno));
  return fd;
}

void watch(int epoll, int op, int fd, uint32_t events, uint32_t data) {
  struct epoll_event e = {.events = events, .data.u32 = data};
  if (epoll_ctl(epoll, op, fd, &e) != 0) fail("epoll_ctl: %s", strerror(errno));
}

int wait_events(int epoll, struct epoll_event *events, int capacity, int ms) {
  int n;
  do n = epoll_wait(epoll, events, capacity, ms);
  while (n < 0 && errno == EINTR);
  if (n < 0) fail("epoll_wait: %s", strerror(errno));
  return n;
}

void wait_connected(const int *fds, int count) {
  for (int i = 0; i < count; i++) {
    struct pollfd p = {.fd = fds[i], .events = POLLOUT};
    if (poll(&p, 1, 10000) != 1) fail("connection %d of %d was not accepted in 10 s", i, count);
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) fail("connect: %s", strerror(error));
  }
}
