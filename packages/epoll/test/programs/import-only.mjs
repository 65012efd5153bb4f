// Imports the package, and says how making a poll failed.
const { Poll } = await import('@evloop/epoll');
try {
  new Poll().close();
  console.log('{}');
} catch ({ name, code, message }) {
  console.log(JSON.stringify({ name, code, message }));
}
