// The conformance suite as it is run on each runtime: of each backend in each way of waiting. Net's
// has the sockets of @evloop/udp. All from dist.
const moduleOf = (name) => new URL(`../../../packages/${name}/dist/index.js`, import.meta.url);

function suite(name, mode) {
  return async (test, patienceMs) => {
    const { conformance } = await import(moduleOf('conformance'));
    const module = moduleOf(name);
    const backend = await import(module);
    conformance({ test, backend, mode, module, timing: { patienceMs } });
    return { [name]: backend.supports };
  };
}

/** Each adds its tests to `test`, and answers what the backend supports, by its name. */
export const SUITES = {
  net: suite('net', 'async'),
  'epoll, poll': suite('epoll', 'async'),
  'epoll, pollSync': suite('epoll', 'sync'),
};
