// The conformance suite as it runs on each runtime: each backend in each way of waiting, from dist.
// Net includes the sockets of @evloop/udp.
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

/** Each adds its tests to `test`, and returns what the backend supports, by its name. */
export const SUITES = {
  net: suite('net', 'async'),
  'epoll, poll': suite('epoll', 'async'),
  'epoll, pollSync': suite('epoll', 'sync'),
};
