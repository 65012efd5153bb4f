// Binds to the oldest version of each symbol that glibc 2.32 and 2.34 moved from libpthread to
// libc, so that an object that was linked on a new system loads on an old one. Node itself has
// libpthread loaded.
#if defined __x86_64__
#define OLDEST "GLIBC_2.2.5"
#elif defined __aarch64__
#define OLDEST "GLIBC_2.17"
#endif
__asm__(".symver pthread_create,pthread_create@" OLDEST);
__asm__(".symver pthread_join,pthread_join@" OLDEST);
__asm__(".symver pthread_sigmask,pthread_sigmask@" OLDEST);
