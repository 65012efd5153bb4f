// Clients take turns at sending a line; the server sends it to all others. When the last of them
// has it, the next one follows. A message is one delivery: `connections - 1` for each line.
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct options *options;
static int epoll, *fds;
static uint8_t *line, *buffer;

// A line of letters, another one each time.
static void write_line(uint32_t sender, uint64_t sequence) {
  const uint8_t *bytes = payload(sender, sequence);
  for (size_t i = 0; i + 1 < options->size; i++) line[i] = 'a' + bytes[i] % 26;
  line[options->size - 1] = '\n';
}

static void send_line(int fd) {
  if (send(fd, line, options->size, 0) != (ssize_t)options->size) fail("send: %s", strerror(errno));
}

// The server may not have accepted all clients yet: sends lines until everybody has had one, then
// reads what is left.
static void settle(struct epoll_event *events) {
  bool *met = calloc((size_t)options->connections, sizeof *met);
  int missing = options->connections - 1;
  uint64_t deadline = now_ns() + 10000000000u;
  write_line(0, 0);
  for (bool quiet = false; missing > 0 || !quiet;) {
    if (now_ns() > deadline) fail("%d clients were not reached in 10 s", missing);
    if (missing > 0) send_line(fds[0]);
    int n = wait_events(epoll, events, 256, 50);
    quiet = n == 0;
    for (int i = 0; i < n; i++) {
      uint32_t id = events[i].data.u32;
      if (recv(fds[id], buffer, options->size * 64, 0) <= 0) fail("recv: %s", strerror(errno));
      if (id != 0 && !met[id]) missing--;
      met[id] = true;
    }
  }
  free(met);
}

void broadcast(const struct options *o, struct measure *m) {
  options = o;
  if (o->connections < 2) fail("--connections: at least 2 in this mode");
  epoll = make_epoll();
  fds = calloc((size_t)o->connections, sizeof *fds);
  line = malloc(o->size);
  buffer = malloc(o->size * 64);
  for (int i = 0; i < o->connections; i++) {
    fds[i] = connect_stream(o->port);
    wait_connected(&fds[i], 1);
    watch(epoll, EPOLL_CTL_ADD, fds[i], EPOLLIN, (uint32_t)i);
  }
  struct epoll_event events[256];
  settle(events);

  size_t *received = calloc((size_t)o->connections, sizeof *received);
  measure_start(m, o);
  for (uint64_t sequence = 1; m->phase != DONE; sequence++) {
    uint32_t sender = (uint32_t)(sequence % (uint64_t)o->connections);
    int missing = o->connections - 1;
    memset(received, 0, (size_t)o->connections * sizeof *received);
    write_line(sender, sequence);
    uint64_t started = now_ns();
    send_line(fds[sender]);
    while (missing > 0) {
      int n = wait_events(epoll, events, 256, 10000);
      if (n == 0) fail("%d clients did not get the line in 10 s", missing);
      for (int i = 0; i < n; i++) {
        uint32_t id = events[i].data.u32;
        ssize_t got = recv(fds[id], buffer, o->size + 1, 0);
        if (got <= 0) fail("recv: %s", got == 0 ? "closed by the server" : strerror(errno));
        if (id == sender || received[id] + (size_t)got > o->size ||
            memcmp(buffer, line + received[id], (size_t)got) != 0) {
          fail("client %u: not the line that was sent", id);
        }
        received[id] += (size_t)got;
        if (received[id] == o->size) missing--;
      }
    }
    uint64_t now = now_ns();
    uint64_t deliveries = (uint64_t)o->connections - 1;
    measure_add(m, now, now - started, deliveries, deliveries * o->size);
  }
}
