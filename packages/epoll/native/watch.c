/* Waiting with Node: the epoll descriptor, which is itself pollable, as one libuv watcher. */
#include "addon.h"

/* As in uv.h, which Node does not ship everywhere; these names are part of libuv's stable ABI. */
typedef struct uv_handle uv_handle;
enum { UV_POLL = 8, UV_READABLE = 1 };
size_t uv_handle_size(int type);
void *uv_handle_get_data(const uv_handle *);
void uv_handle_set_data(uv_handle *, void *);
int uv_poll_init(struct uv_loop_s *, uv_handle *, int fd);
int uv_poll_start(uv_handle *, int events, void (*)(uv_handle *, int status, int events));
int uv_poll_stop(uv_handle *);
void uv_close(uv_handle *, void (*)(uv_handle *));
void uv_ref(uv_handle *), uv_unref(uv_handle *);

typedef struct {
  handle handle;
  napi_env env;
  uv_handle *poll;
  napi_ref flag, callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  bool active, closing;
} watcher;

/* The array is looked up each time: it may have been detached, and is no memory to hold on to. */
static bool parked(watcher *w) {
  napi_value array = NULL;
  napi_typedarray_type type;
  size_t length = 0;
  int32_t *flag = NULL;
  napi_get_reference_value(w->env, w->flag, &array);
  napi_get_typedarray_info(w->env, array, &type, &length, (void **)&flag, NULL, NULL);
  return length > 0 && *flag != 0;
}

static void pause_watcher(watcher *w) {
  if (w->active) uv_poll_stop(w->poll);
  w->active = false;
}

/* A napi_make_callback runs the microtasks and ticks before it returns: by then the program has
 * usually parked its next poll. */
static void call_back(watcher *w) {
  napi_value self, callback, error;
  if (napi_get_global(w->env, &self) != napi_ok ||
      napi_get_reference_value(w->env, w->callback, &callback) != napi_ok)
    return;
  if (napi_make_callback(w->env, w->context, self, callback, 0, NULL, NULL) ==
          napi_pending_exception &&
      napi_get_and_clear_last_exception(w->env, &error) == napi_ok)
    napi_fatal_exception(w->env, error);
}

static void on_poll(uv_handle *poll, int status, int events) {
  watcher *w = uv_handle_get_data(poll);
  napi_handle_scope scope;
  (void)events;
  if (status < 0) w->active = false; /* libuv stopped it */
  napi_open_handle_scope(w->env, &scope);
  if (parked(w)) call_back(w);
  /* The descriptor may still be ready, and libuv is level-triggered: with nobody parked it would
   * spin, and keep the process alive. */
  if (!w->closing && !parked(w)) pause_watcher(w);
  napi_close_handle_scope(w->env, scope);
}

static void on_close(uv_handle *poll) {
  watcher *w = uv_handle_get_data(poll);
  napi_async_cleanup_hook_handle hook = w->hook;
  napi_delete_reference(w->env, w->flag);
  napi_delete_reference(w->env, w->callback);
  napi_async_destroy(w->env, w->context);
  free(w);
  napi_remove_async_cleanup_hook(hook); /* last: it may be what keeps the environment */
}

static void dispose(watcher *w) {
  if (!w->closing) uv_close(w->poll, on_close);
  w->closing = true;
}

/* Node runs the loop until every hook is removed, so on_close comes before the loop goes. */
static void on_exit_environment(napi_async_cleanup_hook_handle hook, void *arg) {
  (void)hook;
  dispose(arg);
}

#define WATCHER_CALLS(X)                                                                          \
  X(create, i, 1, c) X(start, h) X(stop, h) X(ref, h) X(unref, h) X(close, h)
WATCHER_CALLS(DECLARE)

/* Of a letter h, which invoke has found. */
#define OF ((watcher *)a->a0.data)

CALL(create) {
  struct uv_loop_s *loop;
  napi_value name = NULL;
  watcher *w = calloc(1, sizeof *w + uv_handle_size(UV_POLL));
  if (!w || napi_get_uv_event_loop(c->env, &loop) != napi_ok) abort();
  w->poll = (uv_handle *)(w + 1);
  int error = uv_poll_init(loop, w->poll, a->a0.i);
  if (error) {
    free(w);
    return fail(-error);
  }
  w->env = c->env;
  uv_handle_set_data(w->poll, w);
  napi_create_string_utf8(c->env, "evloop", NAPI_AUTO_LENGTH, &name);
  napi_async_init(c->env, NULL, name, &w->context);
  napi_create_reference(c->env, a->a1.js, 1, &w->flag);
  napi_create_reference(c->env, a->a2.js, 1, &w->callback);
  napi_add_async_cleanup_hook(c->env, on_exit_environment, w, &w->hook);
  return add_handle(c, &w->handle, 'h');
}

CALL(start) {
  watcher *w = OF;
  int error = w->active ? 0 : uv_poll_start(w->poll, UV_READABLE, on_poll);
  w->active = error == 0;
  return error ? fail(-error) : 0;
}

CALL(stop) { return pause_watcher(OF), 0; }
CALL(ref) { return uv_ref(OF->poll), 0; }
CALL(unref) { return uv_unref(OF->poll), 0; }
CALL(close) { return dispose(remove_handle(c, a->a0.i)), 0; }

static const function functions[] = {WATCHER_CALLS(ENTRY)};

NAPI_MODULE_INIT() { return define(env, exports, functions, sizeof functions / sizeof *functions); }
