/* What JavaScript and the calls of a thread share, so that a call need not pass it. */
#ifndef EVLOOP_SHARED_H
#define EVLOOP_SHARED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { NAME_HEADER = 4 }; /* the length before an address */
enum { META_STRIDE = 15, ERROR_WORDS = 11 /* sock_extended_err, sockaddr_in6 */ };

/* Memory that JavaScript gave to a call last. Calls without arguments use it again: the caller
 * keeps the array alive and checks that it still covers the range (src/native/message-calls.ts). */
enum { PINS = 3 }; /* events, read into, written from */
typedef struct {
  void *data;
  size_t length;
} pin;

/*
 * What JavaScript shares with the calls of a thread: the arguments of those that get their buffer
 * alone or nothing. Node-API takes longer to pass four integers and a name than to pass a buffer.
 */
typedef struct {
  int32_t fd;
  uint32_t offset, length;
  int32_t flags, result; /* the result of a call without arguments */
  uint32_t pins[PINS];   /* how often each pin was set: tells a module whether it is still its own */
  uint8_t name[NAME_HEADER + sizeof(struct sockaddr_storage)];
  uint32_t meta[META_STRIDE + ERROR_WORDS]; /* of a message */
} shared;

#endif
