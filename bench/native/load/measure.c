// The measured window: when it begins and ends, the processor time of both sides in it, and a
// histogram of latencies.
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct options *options;
static clockid_t server_clock;

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// User and system time of all threads, those that have ended included. Exact, where /proc counts in
// hundredths of a second.
static int64_t cpu_ns(clockid_t clock) {
  struct timespec t;
  if (clock_gettime(clock, &t) != 0) fail("the server is gone");
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sample(struct measure *m, int sign) {
  if (options->pid != 0) m->server_cpu += sign * cpu_ns(server_clock);
  m->load_cpu += sign * cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void measure_start(struct measure *m, const struct options *o) {
  options = o;
  if (o->pid != 0 && clock_getcpuclockid(o->pid, &server_clock) != 0) fail("no process %d", o->pid);
  memset(m, 0, sizeof *m);
  m->begin = now_ns();
}

void measure_tick(struct measure *m, uint64_t now) {
  if (now < m->begin) return; // the rest of a batch that began the window
  if (m->phase == WARMING && now - m->begin >= (uint64_t)(options->warmup * 1e9)) {
    memset(m, 0, sizeof *m);
    m->phase = MEASURING;
    m->begin = now_ns();
    sample(m, -1);
  } else if (m->phase == MEASURING) {
    bool enough = options->limit != 0 && m->messages >= options->limit;
    if (!enough && now - m->begin < (uint64_t)(options->seconds * 1e9)) return;
    sample(m, 1);
    m->end = now_ns();
    m->phase = DONE;
  }
}

// 32 buckets for each power of two: within 3 %.
static unsigned bucket_of(uint64_t ns) {
  if (ns < 32) return (unsigned)ns;
  unsigned shift = 58 - (unsigned)__builtin_clzll(ns); // of the five bits after the leading one
  unsigned bucket = 32 * (shift + 1) + (unsigned)((ns >> shift) & 31);
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static double bucket_us(unsigned bucket) {
  if (bucket < 32) return bucket / 1e3;
  unsigned shift = bucket / 32 - 1;
  return ((double)((uint64_t)(32 + bucket % 32) << shift) + (double)(1ull << shift) / 2) / 1e3;
}

void measure_add(struct measure *m, uint64_t now, uint64_t latency, uint64_t messages,
                 uint64_t bytes) {
  if (m->phase == DONE) return;
  m->messages += messages;
  m->bytes += bytes;
  m->histogram[bucket_of(latency)] += (uint32_t)messages;
  if (latency > m->max) m->max = latency;
  measure_tick(m, now);
}

static double percentile(const struct measure *m, double share) {
  uint64_t seen = 0;
  for (unsigned i = 0; i < BUCKETS; i++) {
    seen += m->histogram[i];
    if (seen > 0 && (double)seen >= share * (double)m->messages) return bucket_us(i);
  }
  return 0;
}

void measure_print(const struct measure *m, const char *mode) {
  printf("{\"mode\":\"%s\",\"messages\":%llu,\"bytes\":%llu,\"sent\":%llu,\"lost\":%llu,", mode,
         (unsigned long long)m->messages, (unsigned long long)m->bytes,
         (unsigned long long)m->sent, (unsigned long long)m->lost);
  printf("\"seconds\":%.6f,\"serverCpuUs\":%.3f,\"loadCpuUs\":%.3f,",
         (double)(m->end - m->begin) / 1e9, (double)m->server_cpu / 1e3, (double)m->load_cpu / 1e3);
  printf("\"latencyUs\":{\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f}}\n",
         percentile(m, .5), percentile(m, .9), percentile(m, .99), percentile(m, .999),
         (double)m->max / 1e3);
}
