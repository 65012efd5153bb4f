// load MODE --port N [--pid N] [--connections N] [--idle N] [--window N] [--rate N] [--size BYTES] [--warmup S]
//      [--seconds S] [--limit MESSAGES]
//
// Prints one line of JSON. Exit code 1: the server answered wrongly, stopped answering, or could not be reached.
#include "load.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct {
  const char *name;
  void (*run)(const struct options *o, struct measure *m);
} modes[] = {
    {"tcp-echo", tcp_echo}, {"tcp-churn", tcp_churn}, {"broadcast", broadcast},
    {"udp-echo", udp_echo}, {"udp-flood", udp_flood}, {"udp-burst", udp_burst},
    {"udp-relay", udp_relay},
};

static struct options parse(int argc, char **argv) {
  static const struct option names[] = {
      {"port", 1, 0, 'p'},    {"pid", 1, 0, 'P'},     {"connections", 1, 0, 'c'},
      {"idle", 1, 0, 'i'},    {"window", 1, 0, 'w'},  {"rate", 1, 0, 'r'},
      {"size", 1, 0, 's'},    {"warmup", 1, 0, 'u'},  {"seconds", 1, 0, 't'},
      {"limit", 1, 0, 'l'},   {0, 0, 0, 0},
  };
  struct options o = {.connections = 1, .window = 1, .rate = 10000, .size = 64, .seconds = 1};
  for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
    switch (c) {
      case 'p': o.port = atoi(optarg); break;
      case 'P': o.pid = atoi(optarg); break;
      case 'c': o.connections = atoi(optarg); break;
      case 'i': o.idle = atoi(optarg); break;
      case 'w': o.window = atoi(optarg); break;
      case 'r': o.rate = atoi(optarg); break;
      case 's': o.size = (size_t)atol(optarg); break;
      case 'u': o.warmup = atof(optarg); break;
      case 't': o.seconds = atof(optarg); break;
      case 'l': o.limit = strtoull(optarg, NULL, 10); break;
      default: exit(2);
    }
  }
  if (o.port < 1 || o.port > 65535) fail("--port is missing");
  if (o.connections < 1 || o.connections > 100000) fail("--connections: 1 to 100000");
  if (o.window < 1 || o.window > 64) fail("--window: 1 to 64");
  if (o.size < 16 || o.size > 1 << 20) fail("--size: 16 to 1048576");
  if (o.rate < 1 || o.idle < 0 || o.idle > 100000) fail("--rate or --idle out of range");
  return o;
}

int main(int argc, char **argv) {
  if (argc < 2) fail("which mode?");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  struct options o = parse(argc - 1, argv + 1);
  static struct measure m;
  payload_init(o.size);
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(modes[i].name, argv[1]) != 0) continue;
    modes[i].run(&o, &m);
    measure_print(&m, argv[1]);
    return 0;
  }
  fail("no mode is called %s", argv[1]);
}
