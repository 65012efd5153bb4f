/* What a native function takes, as letters, and what it may see of it. */
#ifndef EVLOOP_LETTERS_H
#define EVLOOP_LETTERS_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { MAX_ARGUMENTS = 8, NAME_STRIDE = 32 };

typedef struct {
  union {
    int32_t i;
    uint32_t u;
    socklen_t size; /* of a name to write: the room, then what the kernel says */
    napi_value js;
  };
  void *data;
  size_t length;
} arg;

typedef struct {
  napi_env env;
  uint32_t taken; /* how many of the values are arguments */
  bool refused;   /* an exception is pending */
} call;

/* Functions see the first member, and of the arguments what their letters give. */
typedef struct {
  call call;
  napi_value js[MAX_ARGUMENTS];
  arg a[MAX_ARGUMENTS];
} frame;

/* One letter an argument: i int32, u uint32, f flags of a send, h handle, k cork, c function, j any
 * value, b Uint8Array, w Uint32Array, 0 1 2 Int32Array of at least so many, s buffer and offset and
 * length, n name to read, R name to write, m the words of a message. I is an int32 whose call may
 * get its buffer alone: s or buu follow, then perhaps i or f, then perhaps n or R, then perhaps m.
 * E and O are as I, with another pin. */
typedef struct {
  const char *name;
  const char *takes;
  int64_t (*run)(call *c, void *a); /* as a system call: -1 is a failure, and errno says which */
} function;

/* The members of an argument that its letter sets. The others are not initialized, and a function
 * that asks for one of them, or for an argument that its row does not have, does not compile. */
#define GIVES(letter, ...)                                                                         \
  typedef union {                                                                                  \
    struct {                                                                                       \
      SKIPPED SKIPPED SKIPPED                                                                      \
    };                                                                                             \
    struct {                                                                                       \
      __VA_ARGS__                                                                                  \
    };                                                                                             \
  } arg_##letter;
#define NUMBER int32_t i;
#define VALUE napi_value js;
#define SKIPPED uintptr_t : 8 * sizeof(napi_value);
#define MEMORY void *data;
#define LENGTH size_t length;
GIVES(i, NUMBER) GIVES(f, NUMBER) GIVES(I, NUMBER) GIVES(O, NUMBER) GIVES(E, NUMBER)
GIVES(u, uint32_t u;) GIVES(c, VALUE) GIVES(j, VALUE)
GIVES(h, NUMBER MEMORY) GIVES(k, NUMBER MEMORY)
GIVES(0, VALUE MEMORY LENGTH) GIVES(1, VALUE MEMORY LENGTH) GIVES(2, VALUE MEMORY LENGTH)
GIVES(b, SKIPPED MEMORY LENGTH) GIVES(w, SKIPPED MEMORY LENGTH)
GIVES(s, SKIPPED MEMORY LENGTH) GIVES(n, SKIPPED MEMORY LENGTH)
GIVES(R, socklen_t size; MEMORY) GIVES(m, SKIPPED MEMORY)
_Static_assert(offsetof(arg_h, data) == offsetof(arg, data) &&
               offsetof(arg_R, data) == offsetof(arg, data) &&
               offsetof(arg_m, data) == offsetof(arg, data) &&
               offsetof(arg_b, length) == offsetof(arg, length) &&
               sizeof(arg_b) == sizeof(arg) && sizeof(arg_i) == sizeof(arg),
               "the members are where invoke writes them");

/* A row of a table is a name and letters: CALLS(X) is X(recv, I, s, i) and so on. */
#define PICK(_0, _1, _2, _3, _4, _5, _6, chosen, ...) chosen
#define L1(a) #a
#define L2(a, ...) #a L1(__VA_ARGS__)
#define L3(a, ...) #a L2(__VA_ARGS__)
#define L4(a, ...) #a L3(__VA_ARGS__)
#define L5(a, ...) #a L4(__VA_ARGS__)
#define L6(a, ...) #a L5(__VA_ARGS__)
#define LETTERS(...) "" PICK(0, ##__VA_ARGS__, L6, L5, L4, L3, L2, L1, NONE)(__VA_ARGS__)
#define NONE(...)
#define M1(a) arg_##a a0;
#define M2(a, b) M1(a) arg_##b a1;
#define M3(a, b, c) M2(a, b) arg_##c a2;
#define M4(a, b, c, d) M3(a, b, c) arg_##d a3;
#define M5(a, b, c, d, e) M4(a, b, c, d) arg_##e a4;
#define M6(a, b, c, d, e, f) M5(a, b, c, d, e) arg_##f a5;
#define MEMBERS(...) PICK(0, ##__VA_ARGS__, M6, M5, M4, M3, M2, M1, NONE)(__VA_ARGS__)
#define ENTRY(name, ...) {#name, LETTERS(__VA_ARGS__), sys_##name},
#define DECLARE(name, ...)                                                                         \
  typedef struct __attribute__((may_alias)) {                                                      \
    MEMBERS(__VA_ARGS__)                                                                           \
  } args_##name;                                                                                   \
  int64_t sys_##name(call *c, void *a);

/* Defines the function of a row: `a` has the arguments that its letters give. */
#define CALL(name)                                                                                 \
  static int64_t run_##name(call *c, args_##name *a);                                              \
  int64_t sys_##name(call *c, void *a) { return run_##name(c, a); }                                \
  static int64_t run_##name(__attribute__((unused)) call *c, __attribute__((unused)) args_##name *a)

/* The arguments of a system call in arguments of ours. */
#define FD a->a0.i
#define BYTES(k) a->a##k.data, a->a##k.length
#define ROOM(k) a->a##k.data, &a->a##k.size

#endif
