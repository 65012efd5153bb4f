// Asks for bursts: a datagram "SEND" is answered by BURST datagrams of `size` bytes, number i of
// which begins with the byte i and goes on with 'Z'. Each socket has one question under way. What
// does not come within a fifth of a second counts as lost. The sockets take joined datagrams
// (UDP_GRO), so that cutting them is not put on the server's account: on loopback the sender does
// it.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#define BURST 50
#define PATIENCE 200000000u
#define ROOM 65536

struct client {
  int fd;
  uint64_t asked;
  unsigned seen; // of this burst
  uint64_t which;
};

static const struct options *options;
static uint8_t *in, *expected;

static void ask(struct client *c, uint64_t now) {
  c->asked = now;
  c->seen = 0;
  c->which = 0;
  if (send(c->fd, "SEND", 4, 0) != 4 && errno != EAGAIN) fail("send: %s", strerror(errno));
}

static size_t segment_of(struct msghdr *message, size_t length) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
    int size;
    if (c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_GRO) continue;
    memcpy(&size, CMSG_DATA(c), sizeof size);
    return (size_t)size;
  }
  return length;
}

static void check(struct client *c, uint32_t id, const uint8_t *data, size_t length) {
  uint64_t bit = 1ull << (data[0] % BURST);
  if (length != options->size || data[0] >= BURST || memcmp(data + 1, expected, length - 1) != 0) {
    fail("socket %u: a datagram is wrong", id);
  }
  if (c->which & bit) fail("socket %u: datagram %u came twice", id, data[0]);
  c->which |= bit;
  c->seen++;
}

static void receive(struct client *c, uint32_t id, struct measure *m) {
  for (;;) {
    char control[64];
    struct iovec part = {in, ROOM};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(c->fd, &message, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) fail("recvmsg: %s", strerror(errno));
    size_t length = (size_t)n, segment = segment_of(&message, length);
    if (length == 0) fail("socket %u: an empty datagram", id);
    for (size_t at = 0; at < length; at += segment) {
      check(c, id, in + at, length - at < segment ? length - at : segment);
    }
    if (c->seen < BURST) continue;
    uint64_t now = now_ns();
    measure_add(m, now, now - c->asked, BURST, BURST * options->size);
    if (m->phase != DONE) ask(c, now);
  }
}

void udp_burst(const struct options *o, struct measure *m) {
  options = o;
  if (o->size * BURST >= ROOM) fail("--size: at most %d here", ROOM / BURST - 1);
  in = malloc(ROOM);
  expected = malloc(o->size);
  memset(expected, 'Z', o->size);
  int epoll = make_epoll(), on = 1;
  struct client *clients = calloc((size_t)o->connections, sizeof *clients);
  measure_start(m, o);
  for (int i = 0; i < o->connections; i++) {
    clients[i].fd = connect_datagram(o->port);
    setsockopt(clients[i].fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on); // older kernels send them cut
    watch(epoll, EPOLL_CTL_ADD, clients[i].fd, EPOLLIN, (uint32_t)i);
    ask(&clients[i], now_ns());
  }
  struct epoll_event events[64];
  uint64_t heard = now_ns(), before = 0;
  while (m->phase != DONE) {
    int n = wait_events(epoll, events, 64, 50);
    for (int i = 0; i < n; i++) receive(&clients[events[i].data.u32], events[i].data.u32, m);
    uint64_t now = now_ns();
    if (m->messages != before) heard = now;
    before = m->messages;
    if (now - heard > 10000000000u) fail("no whole burst in 10 s");
    measure_tick(m, now);
    for (int i = 0; i < o->connections; i++) {
      if (now < clients[i].asked || now - clients[i].asked < PATIENCE) continue;
      m->lost += BURST - clients[i].seen;
      // the rest of the burst that is given up
      while (recv(clients[i].fd, in, ROOM, 0) >= 0) continue;
      ask(&clients[i], now);
    }
  }
}
