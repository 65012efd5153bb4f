// Connect, send one message, check its echo, close; as many at a time as there are `connections`. A
// message is one whole life of a connection.
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct visit {
  int fd;
  bool sent;
  size_t received;
  uint64_t sequence, started;
};

static void begin(struct visit *v, int epoll, int port, uint32_t id) {
  v->sent = false;
  v->received = 0;
  v->sequence++;
  v->started = now_ns();
  v->fd = connect_stream(port);
  watch(epoll, EPOLL_CTL_ADD, v->fd, EPOLLOUT, id);
}

void tcp_churn(const struct options *o, struct measure *m) {
  int epoll = make_epoll();
  struct visit *visits = calloc((size_t)o->connections, sizeof *visits);
  uint8_t buffer[1 << 16];
  if (o->size > 4096) fail("--size: at most 4096 in this mode");

  measure_start(m, o);
  for (int i = 0; i < o->connections; i++) begin(&visits[i], epoll, o->port, (uint32_t)i);
  struct epoll_event events[256];
  while (m->phase != DONE) {
    int n = wait_events(epoll, events, 256, 10000);
    if (n == 0) fail("nothing happened in 10 s");
    for (int i = 0; i < n && m->phase != DONE; i++) {
      uint32_t id = events[i].data.u32;
      struct visit *v = &visits[id];
      const uint8_t *message = payload(id, v->sequence);
      if (!v->sent) {
        if (send(v->fd, message, o->size, 0) != (ssize_t)o->size) fail("send: %s", strerror(errno));
        v->sent = true;
        watch(epoll, EPOLL_CTL_MOD, v->fd, EPOLLIN, id);
        continue;
      }
      ssize_t got = recv(v->fd, buffer, sizeof buffer, 0);
      if (got <= 0) fail("recv: %s", got == 0 ? "closed by the server" : strerror(errno));
      if (v->received + (size_t)got > o->size ||
          memcmp(buffer, message + v->received, (size_t)got) != 0) {
        fail("visit %u: the echo is wrong", id);
      }
      v->received += (size_t)got;
      if (v->received < o->size) continue;
      close(v->fd);
      uint64_t now = now_ns();
      measure_add(m, now, now - v->started, 1, o->size);
      if (m->phase != DONE) begin(v, epoll, o->port, id);
    }
  }
}
