/**
 * Commands that these tests do not run as they are printed, each with the place that does, or the
 * reason why none can.
 */
export const NOT_RUN: Record<string, string> = {
  "tshark -r chat.pcapng -N n -t r -Y 'tcp.stream==0 && tcp.len>0'":
    'docs/test/find-the-bug.foreign.test.ts runs it where tshark is installed',
  'npm test': 'it is what runs this; the gate (.ci/run) calls it',
};

/** Documents whose commands tests of their own run. */
export const TESTED_ELSEWHERE: Record<string, string> = {
  'docs/packaging.md': 'npm run check:packaging follows each recipe',
  'examples/README.md': 'examples/test',
  'bench/README.md':
    'the benchmark takes minutes and wants the machine for itself; bench/test covers its options, and the numbers in docs/performance.md come from these commands',
};
