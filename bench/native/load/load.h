// The load generator: what its files share. Each mode drives one server, checks every byte that comes back,
// and leaves its figures in a struct measure.
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct options {
  int port;
  int pid;         // the server, whose processor time is read; 0: nobody's
  int connections; // or sockets, or clients
  int idle;        // further connections that stay silent
  int window;      // datagrams in flight per socket
  int rate;        // datagrams a second
  size_t size;     // bytes of a message
  double warmup;   // seconds
  double seconds;  // of the measured window
  uint64_t limit;  // ends the window after so many messages; 0: never
};

// ---- measure.c: the window that is measured

#define BUCKETS 2048

struct measure {
  uint64_t messages, bytes, lost, sent;
  uint64_t begin, end; // nanoseconds
  int64_t server_cpu, load_cpu;
  uint64_t max;
  uint32_t histogram[BUCKETS];
  enum { WARMING, MEASURING, DONE } phase;
};

uint64_t now_ns(void);

// Starts the warm-up.
void measure_start(struct measure *m, const struct options *o);

// Counts messages of one latency that ended at `now`, and moves from warm-up to window to end.
void measure_add(struct measure *m, uint64_t now, uint64_t latency, uint64_t messages,
                 uint64_t bytes);

// Looks at the clock alone.
void measure_tick(struct measure *m, uint64_t now);

void measure_print(const struct measure *m, const char *mode);

// ---- payload.c: what is sent and expected

// The bytes of message `sequence` of client `client`: they differ from message to message, and cost nothing to make.
const uint8_t *payload(uint32_t client, uint64_t sequence);
void payload_init(size_t size);

// ---- socket.c: descriptors, and the way out

_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Connects to the server without blocking. The local address is one of many, so that ports do not run out.
int connect_stream(int port);
int connect_datagram(int port);
int make_epoll(void);
void watch(int epoll, int op, int fd, uint32_t events, uint32_t data);

// Waits for events, at most `ms`; 0 of them when the time is up.
int wait_events(int epoll, struct epoll_event *events, int capacity, int ms);

// Waits until all `count` connections are established.
void wait_connected(const int *fds, int count);

// ---- the modes

void tcp_echo(const struct options *o, struct measure *m);
void tcp_churn(const struct options *o, struct measure *m);
void broadcast(const struct options *o, struct measure *m);
void udp_echo(const struct options *o, struct measure *m);
void udp_flood(const struct options *o, struct measure *m);
void udp_burst(const struct options *o, struct measure *m);
void udp_relay(const struct options *o, struct measure *m);

#endif
