// The floor: what a C programmer writes on epoll and nothing else. epoll SERVICE, where SERVICE is
// tcp-echo, broadcast, udp-echo, udp-receive or udp-send; prints its port. Level-triggered, so that
// one recv and one send serve a message.
#define _GNU_SOURCE
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

struct connection {
  bool open;
  uint8_t *rest; // what could not be written yet, or the beginning of a line
  size_t offset, length;
};

static struct connection connections[CONNECTIONS]; // by descriptor
static uint8_t buffer[BUFFER];
static int epoll, highest;
static bool broadcast;

static void watch(int op, int fd, uint32_t events) {
  struct epoll_event e = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll, op, fd, &e) != 0) die("epoll_ctl");
}

static void close_connection(int fd) {
  free(connections[fd].rest);
  connections[fd] = (struct connection){0};
  close(fd);
}

static void keep(struct connection *c, const uint8_t *bytes, size_t length) {
  c->rest = realloc(c->rest, c->length + length);
  if (c->rest == NULL) die("realloc");
  memcpy(c->rest + c->length, bytes, length);
  c->length += length;
}

static void forget(struct connection *c) {
  free(c->rest);
  c->rest = NULL;
  c->offset = c->length = 0;
}

static void echo(int fd) {
  ssize_t n = recv(fd, buffer, sizeof buffer, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return close_connection(fd);
  ssize_t sent = send(fd, buffer, (size_t)n, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return close_connection(fd);
  if (sent == n) return;
  if (sent < 0) sent = 0;
  keep(&connections[fd], buffer + sent, (size_t)(n - sent));
  watch(EPOLL_CTL_MOD, fd, EPOLLOUT); // and does not read until it is gone
}

static void flush(int fd) {
  struct connection *c = &connections[fd];
  ssize_t sent = send(fd, c->rest + c->offset, c->length - c->offset, MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return;
  if (sent < 0) return close_connection(fd);
  c->offset += (size_t)sent;
  if (c->offset < c->length) return;
  forget(c);
  watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

static void send_to_others(int from, const uint8_t *bytes, size_t length) {
  for (int fd = 0; fd <= highest; fd++) {
    if (!connections[fd].open || fd == from) continue;
    // A client that has no room for a line is too slow.
    if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) close_connection(fd);
  }
}

static void relay(int fd) {
  struct connection *c = &connections[fd];
  ssize_t n = recv(fd, buffer, sizeof buffer, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return close_connection(fd);
  uint8_t *last = memrchr(buffer, '\n', (size_t)n);
  if (last == NULL) {
    if (c->length > LONGEST_LINE) return close_connection(fd);
    return keep(c, buffer, (size_t)n);
  }
  size_t whole = (size_t)(last + 1 - buffer);
  if (c->length == 0) {
    send_to_others(fd, buffer, whole);
  } else {
    keep(c, buffer, whole);
    send_to_others(fd, c->rest, c->length);
    forget(c);
  }
  if (whole < (size_t)n) keep(c, buffer + whole, (size_t)n - whole);
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == ECONNABORTED || errno == EINTR)) continue;
    if (fd < 0 && errno != EAGAIN) die("accept4");
    if (fd < 0) return;
    if (fd >= CONNECTIONS) die("too many connections");
    connections[fd].open = true;
    if (fd > highest) highest = fd;
    if (broadcast) no_delay(fd);
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
  }
}

static void serve_streams(void) {
  int listener = listen_stream();
  epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  struct epoll_event events[1024];
  for (;;) {
    int n = epoll_wait(epoll, events, 1024, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(listener);
      else if (!connections[fd].open) continue;
      else if (broadcast) relay(fd);
      else if (connections[fd].length > 0) flush(fd);
      else echo(fd);
    }
  }
}

// Waits in recvmmsg itself: a server with one socket needs no epoll.
static void serve_datagrams(bool answers) {
  static uint8_t data[BATCH][2048];
  static struct sockaddr_storage names[BATCH];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  unsigned long long count = 0, bytes = 0;
  int fd = bind_datagram();
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i] = (struct iovec){data[i], sizeof data[i]};
      messages[i].msg_hdr = (struct msghdr){
          .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) die("recvmmsg");
    for (int i = 0; i < n; i++) {
      size_t length = messages[i].msg_len;
      parts[i].iov_len = length;
      if (answers) continue;
      if (length == 4 && memcmp(data[i], "STAT", 4) == 0) {
        int size = snprintf((char *)data[i], sizeof data[i], "%llu %llu", count, bytes);
        sendto(fd, data[i], (size_t)size, 0, (struct sockaddr *)&names[i],
               messages[i].msg_hdr.msg_namelen);
        continue;
      }
      count++;
      bytes += length;
    }
    // What finds no room is dropped, as datagrams are.
    for (int sent = 0; answers && sent < n;) {
      int done = sendmmsg(fd, messages + sent, (unsigned)(n - sent), 0);
      sent += done > 0 ? done : 1;
    }
  }
}

// One call for all: the kernel cuts them as late as it can.
static void serve_bursts(void) {
  static uint8_t burst[BURST * BURST_SIZE];
  fill_burst(burst);
  int fd = bind_datagram();
  for (;;) {
    struct sockaddr_storage name;
    struct iovec part = {burst, sizeof burst};
    union {
      struct cmsghdr header;
      char space[CMSG_SPACE(sizeof(uint16_t))];
    } control = {0};
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(uint16_t)), .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT};
    memcpy(CMSG_DATA(&control.header), &(uint16_t){BURST_SIZE}, sizeof(uint16_t));
    struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &part, .msg_iovlen = 1,
                             .msg_control = &control, .msg_controllen = sizeof control};
    if (recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&name, &message.msg_namelen) < 0) continue;
    sendmsg(fd, &message, 0);
  }
}

int main(int argc, char **argv) {
  const char *service = argc > 1 ? argv[1] : "";
  raise_file_limit();
  if (strcmp(service, "tcp-echo") == 0) serve_streams();
  broadcast = strcmp(service, "broadcast") == 0;
  if (broadcast) serve_streams();
  if (strcmp(service, "udp-echo") == 0) serve_datagrams(true);
  if (strcmp(service, "udp-receive") == 0) serve_datagrams(false);
  if (strcmp(service, "udp-send") == 0) serve_bursts();
  fprintf(stderr, "no service is called %s\n", service);
  return 2;
}
