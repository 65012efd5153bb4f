import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, type Peer, startPeer, temporaryFolder } from './peer.ts';

/**
 * Starts Mosquitto, a broker of MQTT, which asks for no password.
 *
 * @param port where it listens. Default: a free port.
 */
export async function startMosquitto(port?: number): Promise<Peer> {
  const chosen = port ?? (await freePort());
  const file = join(temporaryFolder(), 'mosquitto.conf');
  const { username } = userInfo();
  writeFileSync(file, `listener ${chosen} 127.0.0.1\nallow_anonymous true\nuser ${username}\n`);
  return startPeer(['mosquitto', '-c', file, '-v'], /mosquitto version \S+ running/, chosen);
}
