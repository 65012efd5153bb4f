// The services on libuv: libuv SERVICE. Writes at once with uv_try_write from the one buffer that
// all reads share, and copies only what finds no room; datagrams come by recvmmsg.
#define _GNU_SOURCE
#include "peer.h"

#include <string.h>
#include <uv.h>

struct connection {
  uv_tcp_t tcp; // first, so that the handle is the connection
  struct connection *previous, *next;
  char *line;
  size_t length;
};

struct pending {
  uv_write_t request; // first, likewise
  char bytes[];
};

static uv_loop_t *loop;
static struct connection *first;
static bool broadcast, answers, bursts;
static uint8_t burst[BURST * BURST_SIZE];
static unsigned long long count, bytes;

static void on_closed(uv_handle_t *handle) {
  struct connection *c = (struct connection *)handle;
  free(c->line);
  free(c);
}

static void close_connection(struct connection *c) {
  if (uv_is_closing((uv_handle_t *)c)) return;
  if (c->previous != NULL) c->previous->next = c->next;
  else first = c->next;
  if (c->next != NULL) c->next->previous = c->previous;
  uv_close((uv_handle_t *)c, on_closed);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
  static char shared[BUFFER * 32]; // so that recvmmsg gets several slots
  (void)size;
  size_t length = handle->type == UV_UDP ? sizeof shared : BUFFER;
  *buffer = uv_buf_init(shared, (unsigned)length);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);

static void on_written(uv_write_t *request, int status) {
  struct connection *c = (struct connection *)request->handle;
  free(request);
  if (status != 0) close_connection(c);
  else if (!uv_is_closing((uv_handle_t *)c)) uv_read_start((uv_stream_t *)c, on_alloc, on_read);
}

static void echo(struct connection *c, char *data, size_t length) {
  uv_buf_t part = uv_buf_init(data, (unsigned)length);
  int sent = uv_try_write((uv_stream_t *)c, &part, 1);
  if (sent < 0 && sent != UV_EAGAIN) return close_connection(c);
  if (sent == (int)length) return;
  size_t rest = length - (size_t)(sent > 0 ? sent : 0);
  struct pending *p = malloc(sizeof *p + rest);
  if (p == NULL) die("malloc");
  memcpy(p->bytes, data + length - rest, rest);
  part = uv_buf_init(p->bytes, (unsigned)rest);
  uv_read_stop((uv_stream_t *)c);
  uv_write(&p->request, (uv_stream_t *)c, &part, 1, on_written);
}

static void send_to_others(struct connection *from, char *data, size_t length) {
  uv_buf_t part = uv_buf_init(data, (unsigned)length);
  for (struct connection *c = first, *next; c != NULL; c = next) {
    next = c->next;
    if (c == from) continue;
    // A client that has no room for a line is too slow.
    if (uv_try_write((uv_stream_t *)c, &part, 1) != (int)length) close_connection(c);
  }
}

static void keep(struct connection *c, const char *data, size_t length) {
  c->line = realloc(c->line, c->length + length);
  if (c->line == NULL) die("realloc");
  memcpy(c->line + c->length, data, length);
  c->length += length;
}

static void relay(struct connection *c, char *data, size_t length) {
  char *last = memrchr(data, '\n', length);
  if (last == NULL) {
    if (c->length > LONGEST_LINE) return close_connection(c);
    return keep(c, data, length);
  }
  size_t whole = (size_t)(last + 1 - data);
  if (c->length == 0) {
    send_to_others(c, data, whole);
  } else {
    keep(c, data, whole);
    send_to_others(c, c->line, c->length);
    c->length = 0;
  }
  if (whole < length) keep(c, data + whole, length - whole);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer) {
  struct connection *c = (struct connection *)stream;
  if (n == 0) return;
  if (n < 0) return close_connection(c);
  if (broadcast) relay(c, buffer->base, (size_t)n);
  else echo(c, buffer->base, (size_t)n);
}

static void on_connection(uv_stream_t *listener, int status) {
  if (status != 0) return;
  struct connection *c = calloc(1, sizeof *c);
  if (c == NULL) die("calloc");
  uv_tcp_init(loop, &c->tcp);
  c->next = first;
  if (first != NULL) first->previous = c;
  first = c;
  if (uv_accept(listener, (uv_stream_t *)c) != 0) return close_connection(c);
  if (broadcast) uv_tcp_nodelay(&c->tcp, 1);
  uv_read_start((uv_stream_t *)c, on_alloc, on_read);
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags) {
  if (n < 0 || from == NULL || (flags & UV_UDP_MMSG_FREE)) return;
  for (int i = 0; bursts && i < BURST; i++) {
    uv_buf_t each = uv_buf_init((char *)burst + i * BURST_SIZE, BURST_SIZE);
    uv_udp_try_send(udp, &each, 1, from);
  }
  if (bursts) return;
  uv_buf_t part = uv_buf_init(buffer->base, (unsigned)n);
  char text[64];
  if (!answers) {
    if (n != 4 || memcmp(buffer->base, "STAT", 4) != 0) {
      count++;
      bytes += (unsigned long long)n;
      return;
    }
    part = uv_buf_init(text, (unsigned)snprintf(text, sizeof text, "%llu %llu", count, bytes));
  }
  uv_udp_try_send(udp, &part, 1, from); // what finds no room is dropped, as datagrams are
}

static void serve_streams(void) {
  static uv_tcp_t listener;
  struct sockaddr_in address = loopback();
  uv_tcp_init(loop, &listener);
  if (uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) != 0) die("bind");
  if (uv_listen((uv_stream_t *)&listener, 511, on_connection) != 0) die("listen");
  int length = sizeof address;
  uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length);
  print_port(&address);
}

static void serve_datagrams(void) {
  static uv_udp_t udp;
  struct sockaddr_in address = loopback();
  uv_udp_init_ex(loop, &udp, AF_INET | UV_UDP_RECVMMSG);
  if (uv_udp_bind(&udp, (struct sockaddr *)&address, 0) != 0) die("bind");
  uv_udp_recv_start(&udp, on_alloc, on_datagram);
  int length = sizeof address;
  uv_udp_getsockname(&udp, (struct sockaddr *)&address, &length);
  print_port(&address);
}

int main(int argc, char **argv) {
  const char *service = argc > 1 ? argv[1] : "";
  raise_file_limit();
  loop = uv_default_loop();
  broadcast = strcmp(service, "broadcast") == 0;
  answers = strcmp(service, "udp-echo") == 0;
  bursts = strcmp(service, "udp-send") == 0;
  fill_burst(burst);
  if (broadcast || strcmp(service, "tcp-echo") == 0) serve_streams();
  else if (answers || bursts || strcmp(service, "udp-receive") == 0) serve_datagrams();
  else return 2;
  return uv_run(loop, UV_RUN_DEFAULT);
}
