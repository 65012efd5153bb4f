// Each connection sends a message, waits until all of it has come back, checks it, and sends the
// next.
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct client {
  int fd;
  bool full; // waits for room to send
  size_t sent, received;
  uint64_t sequence, started;
};

static const struct options *options;
static int epoll;

static void flush(struct client *c, uint32_t id) {
  const uint8_t *message = payload(id, c->sequence);
  while (c->sent < options->size) {
    ssize_t n = send(c->fd, message + c->sent, options->size - c->sent, 0);
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) fail("send: %s", strerror(errno));
    c->sent += (size_t)n;
  }
  bool full = c->sent < options->size;
  if (full != c->full) {
    watch(epoll, EPOLL_CTL_MOD, c->fd, full ? EPOLLIN | EPOLLOUT : EPOLLIN, id);
    c->full = full;
  }
}

static void begin(struct client *c, uint32_t id, uint64_t now) {
  c->sent = c->received = 0;
  c->sequence++;
  c->started = now;
  flush(c, id);
}

static void receive(struct client *c, uint32_t id, struct measure *m) {
  static uint8_t buffer[1 << 16];
  size_t want = c->sent - c->received;
  ssize_t n = recv(c->fd, buffer, want < sizeof buffer ? want + 1 : sizeof buffer, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) fail("recv: %s", n == 0 ? "the server closed the connection" : strerror(errno));
  if ((size_t)n > want || memcmp(buffer, payload(id, c->sequence) + c->received, (size_t)n) != 0) {
    fail("connection %u, message %llu: the echo is wrong", id, (unsigned long long)c->sequence);
  }
  c->received += (size_t)n;
  if (c->received < options->size) return;
  uint64_t now = now_ns();
  measure_add(m, now, now - c->started, 1, options->size);
  if (m->phase != DONE) begin(c, id, now);
}

static void connect_idle(int count) {
  int *fds = calloc((size_t)count + 1, sizeof *fds);
  for (int done = 0; done < count;) { // a few at a time: a backlog that overflows costs seconds
    int batch = count - done < 64 ? count - done : 64;
    for (int i = 0; i < batch; i++) fds[done + i] = connect_stream(options->port);
    wait_connected(fds + done, batch);
    // The server has accepted the whole batch when it echoes on the last of it.
    char byte = 'x';
    int last = fds[done + batch - 1];
    if (send(last, &byte, 1, 0) != 1) fail("send: %s", strerror(errno));
    watch(epoll, EPOLL_CTL_ADD, last, EPOLLIN, 0);
    struct epoll_event e;
    if (wait_events(epoll, &e, 1, 10000) != 1 || recv(last, &byte, 1, 0) != 1) {
      fail("idle connection %d: no echo in 10 s", done + batch);
    }
    watch(epoll, EPOLL_CTL_DEL, last, 0, 0);
    done += batch;
  }
}

void tcp_echo(const struct options *o, struct measure *m) {
  options = o;
  epoll = make_epoll();
  if (o->idle > 0) connect_idle(o->idle);
  struct client *clients = calloc((size_t)o->connections, sizeof *clients);
  for (int i = 0; i < o->connections; i++) {
    clients[i].fd = connect_stream(o->port);
    if (i % 64 == 63 || i == o->connections - 1) {
      wait_connected(&clients[i].fd, 1);
    }
    watch(epoll, EPOLL_CTL_ADD, clients[i].fd, EPOLLIN, (uint32_t)i);
  }
  for (int i = 0; i < o->connections; i++) wait_connected(&clients[i].fd, 1);

  measure_start(m, o);
  for (int i = 0; i < o->connections; i++) begin(&clients[i], (uint32_t)i, now_ns());
  struct epoll_event events[256];
  while (m->phase != DONE) {
    int n = wait_events(epoll, events, 256, 10000);
    if (n == 0) fail("no echo in 10 s");
    for (int i = 0; i < n && m->phase != DONE; i++) {
      uint32_t id = events[i].data.u32;
      if (events[i].events & EPOLLOUT) flush(&clients[id], id);
      if (events[i].events & ~(uint32_t)EPOLLOUT) receive(&clients[id], id, m);
    }
  }
}
