/* Waiting without libuv, for Bun and Deno: a thread of our own, and a thread-safe function. */
#include "calls.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ARM = 1, STOP = 2 };

typedef struct {
  handle handle;
  int epfd, wake;
  atomic_uint command;
  pthread_t thread;
  napi_threadsafe_function report;
} waiter;

static void *run(void *arg) {
  waiter *w = arg;
  bool armed = false;
  for (;;) {
    struct pollfd fds[] = {{w->wake, POLLIN, 0}, {armed ? w->epfd : -1, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[0].revents) {
      eventfd_t count;
      eventfd_read(w->wake, &count); /* before the command is read, or the next could be lost */
      unsigned command = atomic_exchange(&w->command, 0);
      if (command & STOP) return NULL;
      armed = true;
    } else {
      armed = false;
      napi_call_threadsafe_function(w->report, NULL, napi_tsfn_nonblocking);
    }
  }
}

/* Must not look at the waiter: it may be gone. */
static void report(napi_env env, napi_value callback, void *context, void *data) {
  napi_value self, error;
  (void)context, (void)data;
  if (!env || napi_get_undefined(env, &self) != napi_ok) return;
  if (napi_call_function(env, self, callback, 0, NULL, NULL) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok)
    napi_fatal_exception(env, error);
}

static int64_t order(waiter *w, unsigned command) {
  atomic_fetch_or(&w->command, command);
  return eventfd_write(w->wake, 1);
}

/* Also the cleanup hook of the environment. Hooks run last in, first out, so this one runs before
 * that of the thread-safe function, and the thread never calls one that is gone. */
static void dispose(void *arg) {
  waiter *w = arg;
  order(w, STOP);
  pthread_join(w->thread, NULL);
  napi_release_threadsafe_function(w->report, napi_tsfn_abort);
  close(w->wake);
  free(w);
}

/* Signals are for the runtime's own threads. */
static bool start_thread(waiter *w) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  errno = pthread_create(&w->thread, NULL, run, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return errno == 0;
}

CALL(threadWaitCreate) {
  napi_value name = NULL;
  waiter *w = calloc(1, sizeof *w);
  if (!w) return fail(ENOMEM);
  w->epfd = a->a0.i;
  w->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  napi_create_string_utf8(c->env, "evloop", NAPI_AUTO_LENGTH, &name);
  if (w->wake >= 0 &&
      napi_create_threadsafe_function(c->env, a->a1.js, NULL, name, 0, 1, NULL, NULL, NULL,
                                      report, &w->report) == napi_ok &&
      start_thread(w)) {
    napi_add_env_cleanup_hook(c->env, dispose, w);
    return add_handle(c, &w->handle, 'h');
  }
  int error = errno;
  if (w->report) napi_release_threadsafe_function(w->report, napi_tsfn_abort);
  if (w->wake >= 0) close(w->wake);
  free(w);
  return fail(error);
}

/* Of a letter h, which invoke has found. */
#define OF ((waiter *)a->a0.data)
CALL(threadWaitArm) { return order(OF, ARM); }
CALL(threadWaitRef) { return napi_ref_threadsafe_function(c->env, OF->report); }
CALL(threadWaitUnref) {
  return napi_unref_threadsafe_function(c->env, OF->report);
}

CALL(threadWaitClose) {
  waiter *w = remove_handle(c, a->a0.i);
  napi_remove_env_cleanup_hook(c->env, dispose, w);
  dispose(w);
  return 0;
}
