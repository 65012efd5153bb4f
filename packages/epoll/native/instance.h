/* What an environment keeps of this object between calls. */
#ifndef EVLOOP_INSTANCE_H
#define EVLOOP_INSTANCE_H

#include <node_api.h>
#include "shared.h"

/* What outlives a call is known to JavaScript by a number that is never used twice in an
 * environment, so that no value, however wrong, is taken for a pointer. */
typedef struct handle {
  struct handle *next;
  int32_t id;
  char kind; /* the letter of the calls that take it: h, or k for a cork */
} handle;

typedef struct {
  handle *first;
  int32_t last_id;
  shared *words; /* of this environment's JavaScript, which may write other values at any time */
  pin pins[PINS];
  int32_t number; /* in the ledger of the thread */
} instance;

/* The link to the handle of that number, or to NULL. */
static inline handle **find_handle(napi_env env, int32_t id, instance **own) {
  napi_get_instance_data(env, (void **)own);
  handle **link = &(*own)->first;
  while (*link && (*link)->id != id) link = &(*link)->next;
  return link;
}

/* The handle of that number and kind, or NULL. */
static inline handle *handle_of(napi_env env, int32_t id, char kind) {
  instance *own;
  handle *h = *find_handle(env, id, &own);
  return h && h->kind == kind ? h : NULL;
}

#endif
