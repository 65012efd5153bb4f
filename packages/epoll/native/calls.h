/* The table of system calls: a name, and a letter an argument (addon.h). */
#ifndef EVLOOP_CALLS_H
#define EVLOOP_CALLS_H

#include "addon.h"

/* clang-format off */
#define SYSCALLS(X)                                                                               \
  X(epollCreate1) X(epollCtl, i, i, i, u, u, u) X(epollWait, E, s, i) X(eventfd, u)               \
  X(timerfdCreate) X(timerfdSettime, i, u, u) X(socket, i, i, i) X(socketpair, i, i, i, 2)        \
  X(bind, i, n) X(connect, i, n) X(listen, i, i) X(accept4, i, R) X(getsockname, i, R)            \
  X(getpeername, i, R) X(shutdown, i, i) X(getsockopt, i, i, i, b) X(setsockopt, i, i, i, b)      \
  X(recv, I, s, i) X(recvfrom, I, s, i, R) X(recvmmsg, I, b, u, u, i)                             \
  X(recvmsgFds, i, s, 0, w, i) X(recvmsg, I, s, i, R, m) X(poll, i, i) X(ifNametoindex, i, b)     \
  X(attachReuseport, i, b) X(send, O, s, f) X(sendto, O, s, f, n) X(sendmsg, O, s, f, n, m)       \
  X(sendmmsg, O, b, u, u, f) X(sendmsgFds, i, s, 0, f) X(read, I, s) X(write, O, s)               \
  X(readv, i, j) X(writev, i, j) X(close, i) X(pipe2, 2) X(fcntl, i, i, i) X(ioctl, i, u, 1)      \
  X(own, i) X(disown, i) X(closeAtExit, i, 1) X(share, 0) X(threadWaitCreate, i, c)               \
  X(threadWaitArm, h) X(threadWaitRef, h) X(threadWaitUnref, h) X(threadWaitClose, h)             \
  X(ioUringProbe) X(corkCreate, i, 0, i) X(corkFlush, k) X(corkWait, E, s, i)                     \
  X(corkCopy, O, s, i) X(corkClose, k)
/* clang-format on */

SYSCALLS(DECLARE)

#endif
