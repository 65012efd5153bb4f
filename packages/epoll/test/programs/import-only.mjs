// Imports the package and says how it failed.
try {
  await import('@evloop/epoll');
  console.log('{}');
} catch ({ name, code, message }) {
  console.log(JSON.stringify({ name, code, message }));
}
