// Sends `rate` datagrams a second through a relay to a socket of its own, each client in runs that
// the kernel cuts, as QUIC stacks do (UDP_SEGMENT), with ECT(0). The receiving socket takes joined
// datagrams (UDP_GRO), so that cutting them is not put on the relay's account, and answers every
// tenth. It first sends "SERV" to the relay, which answers that and forwards to it from then on.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif
#define RUN 10
#define ANSWER_EACH 10
#define INTERVAL 500000u
#define ROOM 65536
#define QUIET 300 // ms without a datagram: none is under way any more

static const struct options *options;
static uint8_t *in, *run;
static uint64_t sent, received, answered;

static int open_server(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, size = 4 << 20;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0) fail("bind: %s", strerror(errno));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  at.sin_port = htons((uint16_t)port);
  for (int i = 0; i < 50; i++) {
    if (sendto(fd, "SERV", 4, 0, (struct sockaddr *)&at, sizeof at) != 4) fail("sendto: %s", strerror(errno));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 200) != 1) continue;
    while (recv(fd, in, ROOM, 0) >= 0) continue;
    return fd;
  }
  fail("the relay does not answer");
}

static void receive(int fd, struct measure *m) {
  for (;;) {
    struct sockaddr_in from;
    struct iovec part = {in, ROOM};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_name = &from, .msg_namelen = sizeof from};
    ssize_t n = recvmsg(fd, &message, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) fail("recvmsg: %s", strerror(errno));
    size_t length = (size_t)n, size = options->size;
    // All datagrams are alike, so that joined ones are whole multiples.
    if (length == 0 || length % size != 0) fail("a datagram of %zd bytes", n);
    for (size_t at = 0; at < length; at += size) {
      if (memcmp(in + at, run, size) != 0) fail("a datagram is wrong");
    }
    received += length / size;
    measure_add(m, now_ns(), 0, length / size, length);
    for (; answered + ANSWER_EACH <= received; answered += ANSWER_EACH) {
      sendto(fd, run, 64, 0, (struct sockaddr *)&from, sizeof from);
    }
  }
}

static unsigned send_run(int fd, uint64_t due) {
  size_t count = due < RUN ? (size_t)due : RUN;
  if (send(fd, run, count * options->size, 0) >= 0) return (unsigned)count;
  if (errno != EAGAIN && errno != ENOBUFS && errno != ECONNREFUSED) fail("send: %s", strerror(errno));
  return 0;
}

static void wait_until(uint64_t ns, int server, const int *clients, int count, struct measure *m) {
  static struct pollfd p[256];
  p[0] = (struct pollfd){.fd = server, .events = POLLIN};
  for (int i = 0; i < count; i++) p[i + 1] = (struct pollfd){.fd = clients[i], .events = POLLIN};
  for (uint64_t now = now_ns(); now < ns; now = now_ns()) {
    struct timespec left = {0, (long)(ns - now)};
    if (ppoll(p, (nfds_t)count + 1, &left, NULL) <= 0) continue;
    if (p[0].revents) receive(server, m);
    for (int i = 0; i < count; i++) {
      while (p[i + 1].revents && recv(clients[i], in, ROOM, 0) >= 0) continue;
    }
  }
}

void udp_relay(const struct options *o, struct measure *m) {
  options = o;
  if (o->connections > 255 || o->size * RUN >= ROOM) fail("--connections or --size: too many");
  in = malloc(ROOM);
  run = malloc(RUN * o->size);
  for (size_t i = 0; i < RUN; i++) memcpy(run + i * o->size, payload(0, 0), o->size);
  int server = open_server(o->port), ecn = 2, size = (int)o->size;
  int *clients = calloc((size_t)o->connections, sizeof *clients);
  for (int i = 0; i < o->connections; i++) {
    clients[i] = connect_datagram(o->port);
    setsockopt(clients[i], IPPROTO_IP, IP_TOS, &ecn, sizeof ecn);
    if (setsockopt(clients[i], IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) != 0) {
      fail("UDP_SEGMENT: %s", strerror(errno));
    }
  }
  uint64_t started = now_ns(), next = started;
  int turn = 0;
  measure_start(m, o);
  while (m->phase != DONE) {
    next += INTERVAL;
    wait_until(next, server, clients, o->connections, m);
    uint64_t due = (uint64_t)((double)(now_ns() - started) * o->rate / 1e9) - sent;
    while (due > 0) {
      unsigned n = send_run(clients[turn++ % o->connections], due);
      if (n == 0) break;
      sent += n;
      due -= n;
    }
    measure_tick(m, now_ns());
  }
  // What is still under way is not lost.
  struct measure rest = {.phase = DONE};
  for (uint64_t before = received + 1; before != received;) {
    before = received;
    for (int i = 0; i < QUIET; i++) wait_until(now_ns() + 1000000, server, clients, o->connections, &rest);
  }
  m->sent = sent;
  m->lost = sent > received ? sent - received : 0;
  if (received > sent) fail("more datagrams arrived than were sent");
}
