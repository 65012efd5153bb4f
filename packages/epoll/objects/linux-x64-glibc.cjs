// CommonJS, because bundlers follow a static `require` of a native object nowhere else.
try {
  exports.epoll = require('../prebuilds/linux-x64/epoll.glibc.node');
} catch (error) {
  exports.error = error;
}
Object.defineProperty(exports, 'watch', {
  get: () => require('../prebuilds/linux-x64/watch/watch.glibc.node'),
});
