// Each socket keeps `window` datagrams in flight, checks each echo, and sends another for it. One
// that does not come back within a fifth of a second counts as lost and is replaced.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define WINDOW 64
#define PATIENCE 200000000u
#define HEADER 8 // the sequence number; the rest is payload

struct flight {
  uint64_t sequence, started; // sequence 0: free
};

struct client {
  int fd;
  uint64_t next;
  struct flight flights[WINDOW];
};

static const struct options *options;
static uint8_t *out, *in; // WINDOW datagrams each
static struct mmsghdr out_messages[WINDOW], in_messages[WINDOW];
static struct iovec out_parts[WINDOW], in_parts[WINDOW];

static void prepare(void) {
  size_t slot = options->size + 1; // one more, to see an echo that is too long
  out = calloc(WINDOW, slot);
  in = calloc(WINDOW, slot);
  for (size_t i = 0; i < WINDOW; i++) {
    out_parts[i] = (struct iovec){out + i * slot, options->size};
    in_parts[i] = (struct iovec){in + i * slot, slot};
    out_messages[i].msg_hdr = (struct msghdr){.msg_iov = &out_parts[i], .msg_iovlen = 1};
    in_messages[i].msg_hdr = (struct msghdr){.msg_iov = &in_parts[i], .msg_iovlen = 1};
  }
}

// Sends a datagram for each free place of the window, at most `count`.
static void fill(struct client *c, uint32_t id, unsigned count, uint64_t now) {
  unsigned n = 0;
  for (int i = 0; i < options->window && n < count; i++) {
    struct flight *f = &c->flights[i];
    if (f->sequence != 0) continue;
    // Congruent to the place, so that the echo finds it again.
    *f = (struct flight){++c->next * WINDOW + (unsigned)i, now};
    uint8_t *data = out_parts[n++].iov_base;
    memcpy(data, &f->sequence, HEADER);
    memcpy(data + HEADER, payload(id, f->sequence), options->size - HEADER);
  }
  for (unsigned sent = 0; sent < n;) {
    int done = sendmmsg(c->fd, out_messages + sent, n - sent, 0);
    // lost, and found out by patience
    if (done < 0 && (errno == EAGAIN || errno == ENOBUFS)) return;
    if (done < 0) fail("sendmmsg: %s", strerror(errno));
    sent += (unsigned)done;
  }
}

static unsigned receive(struct client *c, uint32_t id, struct measure *m, uint64_t *now) {
  int n = recvmmsg(c->fd, in_messages, (unsigned)options->window, 0, NULL);
  if (n < 0 && errno == EAGAIN) return 0;
  if (n < 0) fail("recvmmsg: %s", strerror(errno));
  *now = now_ns();
  unsigned fresh = 0;
  for (int i = 0; i < n; i++) {
    const uint8_t *data = in_parts[i].iov_base;
    uint64_t sequence;
    memcpy(&sequence, data, HEADER);
    if (in_messages[i].msg_len != options->size ||
        memcmp(data + HEADER, payload(id, sequence), options->size - HEADER) != 0) {
      fail("socket %u: the echo is wrong", id);
    }
    struct flight *f = &c->flights[sequence % WINDOW];
    if (f->sequence != sequence) {
      if (sequence / WINDOW > c->next) fail("socket %u: an echo of nothing", id);
      continue; // given up before
    }
    f->sequence = 0;
    fresh++;
    measure_add(m, *now, *now - f->started, 1, options->size);
  }
  return fresh;
}

static void give_up(struct client *c, uint32_t id, struct measure *m, uint64_t now) {
  unsigned lost = 0;
  for (int i = 0; i < options->window; i++) {
    struct flight *f = &c->flights[i];
    if (f->sequence == 0 || now - f->started < PATIENCE) continue;
    f->sequence = 0;
    lost++;
  }
  m->lost += lost;
  if (lost > 0) fill(c, id, lost, now);
}

void udp_echo(const struct options *o, struct measure *m) {
  options = o;
  prepare();
  int epoll = make_epoll();
  struct client *clients = calloc((size_t)o->connections, sizeof *clients);
  measure_start(m, o);
  for (int i = 0; i < o->connections; i++) {
    clients[i].fd = connect_datagram(o->port);
    watch(epoll, EPOLL_CTL_ADD, clients[i].fd, EPOLLIN, (uint32_t)i);
    fill(&clients[i], (uint32_t)i, WINDOW, now_ns());
  }
  struct epoll_event events[256];
  uint64_t now = now_ns(), checked = now, heard = now;
  while (m->phase != DONE) {
    int n = wait_events(epoll, events, 256, 50);
    for (int i = 0; i < n; i++) {
      uint32_t id = events[i].data.u32;
      unsigned fresh = receive(&clients[id], id, m, &now);
      if (fresh > 0) heard = now;
      if (m->phase != DONE) fill(&clients[id], id, fresh, now);
    }
    now = now_ns();
    if (now - heard > 10000000000u) fail("no echo in 10 s");
    if (now - checked < PATIENCE / 4) continue;
    checked = now;
    measure_tick(m, now);
    for (int i = 0; i < o->connections; i++) give_up(&clients[i], (uint32_t)i, m, now);
  }
}
