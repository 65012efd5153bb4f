/* How a native function takes its arguments and gives its result: shared by both objects. */
#ifndef EVLOOP_ADDON_H
#define EVLOOP_ADDON_H

#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "instance.h"
#include "letters.h"

/*
 * The descriptors that a call made are the environment's: see descriptor.c. They pass the result
 * on.
 */
int64_t own(call *c, int64_t fd);
int64_t own_both(call *c, const int *fds, int64_t n);
int64_t close_owned(int fd);
bool keep(call *c, napi_value array, napi_ref *kept);

static inline int64_t fail(int error) {
  errno = error;
  return -1;
}

/* The first refusal counts. Returns whether there has been none. */
static inline bool demand(call *c, bool holds, bool of_type, const char *why) {
  char text[96];
  if (!holds && !c->refused) {
    c->refused = true;
    snprintf(text, sizeof text, "argument %u: %s", c->taken, why);
    (of_type ? napi_throw_type_error : napi_throw_range_error)(c->env, NULL, text);
  }
  return !c->refused;
}

#define DEMAND_TYPE(c, holds, why) demand(c, holds, true, why)
#define DEMAND(c, holds, why) demand(c, holds, false, why)

/* Reads a double, because napi_get_value_int32 wraps what does not fit. */
static inline int64_t take_number(frame *f, int64_t min, int64_t max, const char *why) {
  double d = 0;
  napi_status status = napi_get_value_double(f->call.env, f->js[f->call.taken++], &d);
  DEMAND_TYPE(&f->call, status == napi_ok, "a number is expected");
  bool fits = d >= (double)min && d <= (double)max && d == (double)(int64_t)d;
  return DEMAND(&f->call, fits, why) ? (int64_t)d : 0;
}

static inline int32_t take_int32(frame *f) {
  return (int32_t)take_number(f, INT32_MIN, INT32_MAX, "an int32 is expected");
}

static inline uint32_t take_uint32(frame *f) {
  return (uint32_t)take_number(f, 0, UINT32_MAX, "a uint32 is expected");
}

/*
 * Of bytes: an array may have more than 2^32. No transfer returns more than an int32 holds, since
 * the kernel moves at most 0x7ffff000 bytes (write(2)).
 */
static inline size_t take_size(frame *f) {
  return (size_t)take_number(f, 0, 1LL << 53, "an integer from 0 to 2^53 is expected");
}

/* Resizable and shared arrays are fine: the former shrink only by JavaScript on this thread, which
 * does not run during a call, and the latter never. But another thread may write to a shared one,
 * so a value that is checked is read once. */
static inline arg array_of(call *c, napi_value js, napi_typedarray_type wanted, size_t at_least) {
  arg a = {.length = 0};
  napi_typedarray_type type;
  napi_value buffer;
  bool gone = false;
  napi_status status = napi_get_typedarray_info(c->env, js, &type, &a.length, &a.data, NULL, NULL);
  if (!DEMAND_TYPE(c, status == napi_ok && type == wanted, "another kind of array is expected"))
    return (arg){.length = 0};
  if (a.length == 0) {
    napi_get_typedarray_info(c->env, js, NULL, NULL, NULL, &buffer, NULL);
    napi_is_detached_arraybuffer(c->env, buffer, &gone);
  }
  DEMAND_TYPE(c, !gone, "its buffer is detached");
  DEMAND(c, a.length >= at_least, "the array is too short");
  return a;
}

static inline arg take_array(frame *f, napi_typedarray_type wanted, size_t at_least) {
  return array_of(&f->call, f->js[f->call.taken++], wanted, at_least);
}

static inline arg slice_of(call *c, arg a, size_t offset, size_t length) {
  DEMAND(c, offset <= a.length && length <= a.length - offset, "outside the array");
  a.data = offset && !c->refused ? (uint8_t *)a.data + offset : a.data;
  a.length = length;
  return a;
}

static inline arg take_slice(frame *f) {
  arg a = take_array(f, napi_uint8_array, 0);
  size_t offset = take_size(f), length = take_size(f);
  return slice_of(&f->call, a, offset, length);
}

/* Not read again where the compiler would find that cheaper. */
static inline uint32_t read_once(const void *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  volatile uint32_t kept = value;
  return kept;
}

static inline arg name_of(call *c, uint8_t *name, size_t size) {
  uint32_t length = size < NAME_HEADER ? UINT32_MAX : read_once(name);
  DEMAND(c, length <= size - NAME_HEADER && length <= sizeof(struct sockaddr_storage),
         "the address is longer than its name");
  return (arg){.data = length ? name + NAME_HEADER : NULL, .length = length};
}

static inline arg take_name(frame *f) {
  arg a = take_array(f, napi_uint8_array, 0);
  bool none = f->call.refused || a.length == 0;
  return none ? (arg){.length = 0} : name_of(&f->call, a.data, a.length);
}

static inline arg room_of(uint8_t *name) {
  return (arg){.data = name + NAME_HEADER, .size = sizeof(struct sockaddr_storage)};
}

static inline arg take_room(frame *f) {
  arg a = take_array(f, napi_uint8_array, NAME_HEADER + sizeof(struct sockaddr_storage));
  return f->call.refused ? (arg){.length = 0} : room_of(a.data);
}

/* The kernel has written the address: its length goes before it. */
static inline int64_t keep_name(const arg_R *a, int64_t n) {
  if (n >= 0 && a->data) memcpy((uint8_t *)a->data - NAME_HEADER, &a->size, sizeof a->size);
  return n;
}

static inline int32_t add_handle(call *c, handle *h, char kind) {
  h->kind = kind;
  instance *own;
  *find_handle(c->env, 0, &own) = h; /* 0 is nobody's, so this is the end */
  return h->id = own->last_id = own->last_id == INT32_MAX ? 1 : own->last_id + 1;
}

static inline void *remove_handle(call *c, int32_t id) {
  instance *own;
  handle **link = find_handle(c->env, id, &own), *h = *link;
  *link = h->next;
  return h;
}

static inline bool demand_copies(call *c, int32_t flags) { /* the array would be read after the call */
  return DEMAND(c, !(flags & MSG_ZEROCOPY), "MSG_ZEROCOPY is not possible");
}

static inline arg take_argument(frame *f, char kind) {
  call *c = &f->call;
  napi_value js = f->js[c->taken];
  napi_valuetype type = napi_undefined;
  arg a = {.length = 0};
  switch (kind) {
  case 'u': a.u = take_uint32(f); return a;
  case 'b': return take_array(f, napi_uint8_array, 0);
  case 'w': return take_array(f, napi_uint32_array, 0);
  case 'm': return take_array(f, napi_uint32_array, META_STRIDE + ERROR_WORDS);
  case '0' ... '2':
    a = take_array(f, napi_int32_array, kind - '0');
    a.js = js;
    return a;
  case 's': return take_slice(f);
  case 'n': return take_name(f);
  case 'R': return take_room(f);
  case 'c': napi_typeof(c->env, js, &type); /* fall through */
  case 'j':
    a.js = js;
    c->taken++;
    DEMAND_TYPE(c, kind == 'j' || type == napi_function, "a function is expected");
    return a;
  }
  a.i = take_int32(f);
  if (kind == 'h' || kind == 'k') a.data = handle_of(c->env, a.i, kind);
  if (kind == 'f') demand_copies(c, a.i);
  return a;
}

/* The pin of a call that may do without arguments, or -1. */
static inline int pin_of(const char *takes) {
  return *takes == 'E' ? 0 : *takes == 'I' ? 1 : *takes == 'O' ? 2 : -1;
}

/* Takes the buffer, or the pinned one, and the rest from the words. */
static inline shared *take_shared(frame *f, const char *takes, bool given) {
  call *c = &f->call;
  arg *a = f->a;
  instance *own;
  napi_get_instance_data(c->env, (void **)&own);
  shared *w = own->words;
  pin *p = &own->pins[pin_of(takes)];
  if (given) a[1] = take_array(f, napi_uint8_array, 0);
  if (!DEMAND(c, w, "nothing is shared")) return NULL;
  if (given) {
    *p = (pin){a[1].data, a[1].length};
    w->pins[pin_of(takes)]++;
  } else {
    a[1] = (arg){.data = p->data, .length = p->length};
  }
  size_t next = 2;
  a[0].i = (int32_t)read_once(&w->fd);
  if (takes[1] == 's') {
    a[1] = slice_of(c, a[1], read_once(&w->offset), read_once(&w->length));
  } else {
    a[next++].u = read_once(&w->offset);
    a[next++].u = read_once(&w->length);
  }
  if (!takes[next]) return w;
  a[next].i = (int32_t)read_once(&w->flags);
  if (takes[next] == 'f') demand_copies(c, a[next].i);
  if (takes[++next] == 'R') a[next] = room_of(w->name);
  else if (takes[next] == 'n') a[next] = name_of(c, w->name, sizeof w->name);
  if (takes[next] && takes[next + 1] == 'm') a[next + 1].data = w->meta;
  return w;
}

static inline napi_value invoke(napi_env env, napi_callback_info info) {
  frame c; /* not zeroed, which would be 270 bytes a call: what is not taken is not looked at */
  c.call = (call){.env = env};
  size_t count = MAX_ARGUMENTS;
  void *entry;
  napi_value value = NULL;
  napi_get_cb_info(env, info, &count, c.js, NULL, &entry);
  const function *f = entry;
  shared *words = NULL;
  if (count < 2 && pin_of(f->takes) >= 0) words = take_shared(&c, f->takes, count == 1);
  else
    for (size_t i = 0; f->takes[i] && !c.call.refused; i++) c.a[i] = take_argument(&c, f->takes[i]);
  if (c.call.refused) return NULL;
  bool handled = f->takes[0] == 'h' || f->takes[0] == 'k';
  int64_t n = handled && !c.a[0].data ? fail(EBADF) : f->run(&c.call, c.a);
  int32_t result = n < 0 ? -errno : (int32_t)n;
  if (count == 0 && words) words->result = result;
  else if (!c.call.refused) napi_create_int32(env, result, &value);
  return value;
}

static inline void free_instance(napi_env env, void *own, void *hint) {
  (void)env, (void)hint;
  free(own);
}

static inline napi_value define(napi_env env, napi_value exports, const function *f, size_t count) {
  instance *own = calloc(1, sizeof *own);
  if (!own || napi_set_instance_data(env, own, free_instance, NULL) != napi_ok) abort();
  for (; count--; f++) {
    napi_value value = NULL; /* stays NULL in a worker that is being terminated */
    napi_create_function(env, f->name, NAPI_AUTO_LENGTH, invoke, (void *)f, &value);
    napi_set_named_property(env, exports, f->name, value);
  }
  return exports;
}

#endif
