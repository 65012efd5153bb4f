import { freePort, type Peer, startPeer, temporaryFolder } from './peer.ts';

/** Starts Redis, which keeps nothing on disk. */
export async function startRedis(): Promise<Peer> {
  const port = await freePort();
  const settings = ['--bind', '127.0.0.1', '--dir', temporaryFolder(), '--save', ''];
  const command = ['redis-server', '--port', `${port}`, ...settings];
  return startPeer(command, /Ready to accept connections/, port);
}
