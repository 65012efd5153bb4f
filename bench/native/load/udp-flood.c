// Sends `rate` datagrams a second in a burst every half a millisecond, and asks the server how many
// arrived: a datagram "STAT" is answered by the number of all others so far, and of their bytes.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BURST 256
#define INTERVAL 500000u

static uint64_t ask(int fd, uint64_t *bytes) {
  for (int i = 0; i < 50; i++) {
    if (send(fd, "STAT", 4, 0) != 4 && errno != EAGAIN) fail("send: %s", strerror(errno));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 200) != 1) continue;
    char text[64] = {0};
    unsigned long long count, sum;
    if (recv(fd, text, sizeof text - 1, 0) > 0 && sscanf(text, "%llu %llu", &count, &sum) == 2) {
      // answers to earlier questions
      while (recv(fd, text, sizeof text, MSG_DONTWAIT) > 0) continue;
      *bytes = sum;
      return count;
    }
  }
  fail("the server does not say how many it received");
}

static void sleep_until(uint64_t ns) {
  struct timespec t = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

void udp_flood(const struct options *o, struct measure *m) {
  int fd = connect_datagram(o->port), control = connect_datagram(o->port);
  struct iovec part = {(void *)(uintptr_t)payload(0, 0), o->size};
  struct mmsghdr messages[BURST];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BURST; i++) {
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
  }
  uint64_t bytes_before, bytes, before = ask(control, &bytes_before);
  uint64_t sent = 0, sent_before = 0, started = now_ns();
  bool measuring = false;
  measure_start(m, o);
  for (uint64_t tick = 1; m->phase != DONE; tick++) {
    sleep_until(started + tick * INTERVAL);
    uint64_t due = (uint64_t)((double)(now_ns() - started) * o->rate / 1e9) - sent;
    while (due > 0) {
      int n = sendmmsg(fd, messages, due < BURST ? (unsigned)due : BURST, 0);
      if (n < 0 && errno != EAGAIN && errno != ENOBUFS) fail("sendmmsg: %s", strerror(errno));
      if (n <= 0) break;
      sent += (uint64_t)n;
      due -= (uint64_t)n;
    }
    if (!measuring && (double)(now_ns() - started) >= o->warmup * 1e9) {
      before = ask(control, &bytes_before);
      sent_before = sent;
      started = now_ns() - (uint64_t)((double)sent * 1e9 / o->rate); // the pause is not caught up
      tick = (now_ns() - started) / INTERVAL;
      measuring = true;
    }
    measure_tick(m, now_ns());
  }
  m->sent = sent - sent_before;
  m->messages = ask(control, &bytes) - before;
  m->bytes = bytes - bytes_before;
  m->lost = m->sent > m->messages ? m->sent - m->messages : 0;
  if (m->bytes != m->messages * o->size) fail("the server received other bytes than were sent");
}
