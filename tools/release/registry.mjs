// A registry of our own, on loopback and a port that the system chooses, which it sends to the
// process that has forked this one:
//
//   registry.mjs <folder of verdaccio> <folder for what is stored> <the registry for everything
//   else>
//
// Our own packages are never asked for elsewhere, so a version that is published elsewhere cannot
// be mistaken for ours.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [verdaccio, storage, upstream] = process.argv.slice(2);
const { runServer } = createRequire(join(verdaccio, 'package.json'))('verdaccio');
const own = { access: '$all', publish: '$all' };
const server = await runServer({
  storage,
  self_path: storage,
  auth: { htpasswd: { file: join(storage, 'htpasswd') } },
  uplinks: { upstream: { url: upstream } },
  packages: {
    '@evloop/*': own,
    evloop: own,
    'create-evloop': own,
    '**': { access: '$all', proxy: 'upstream' },
  },
  web: { enable: false },
  log: { type: 'stdout', format: 'pretty', level: 'fatal' },
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
// Ends with its parent process.
process.on('disconnect', () => process.exit());
