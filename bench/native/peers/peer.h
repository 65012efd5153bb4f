// What both C servers need before they serve.
#ifndef PEER_H
#define PEER_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BUFFER (1 << 16)
#define BATCH 64
#define CONNECTIONS 65536
#define LONGEST_LINE (1 << 16)
#define BURST 50
#define BURST_SIZE 1200

_Noreturn static inline void die(const char *what) {
  perror(what);
  exit(1);
}

static inline void raise_file_limit(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

static inline struct sockaddr_in loopback(void) {
  struct sockaddr_in a = {.sin_family = AF_INET};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

static inline void print_port(const struct sockaddr_in *address) {
  printf("listening %d\n", ntohs(address->sin_port));
  fflush(stdout);
}

static inline void print_port_of(int fd) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) die("getsockname");
  print_port(&address);
}

// A line must not wait until the one before is acknowledged, by a client that has nothing to say.
static inline void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// What udp-send sends: datagram i begins with the byte i.
static inline void fill_burst(uint8_t *bytes) {
  for (int i = 0; i < BURST * BURST_SIZE; i++) bytes[i] = i % BURST_SIZE == 0 ? (uint8_t)(i / BURST_SIZE) : 'Z';
}

static inline int listen_stream(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = loopback();
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  if (listen(fd, 511) != 0) die("listen");
  print_port_of(fd);
  return fd;
}

static inline int bind_datagram(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = loopback();
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  print_port_of(fd);
  return fd;
}

#endif
