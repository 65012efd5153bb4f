export { findProgram } from './find-program.mjs';
export { needs, type ProgramName } from './needs.ts';
export { startMosquitto } from './peers/mosquitto.ts';
export { startNginx } from './peers/nginx.ts';
export { freePort, type Peer, startPeer, temporaryFolder } from './peers/peer.ts';
export { type PostgresOptions, startPostgres } from './peers/postgres.ts';
export { startRedis } from './peers/redis.ts';
export { type SshPeer, startSshd } from './peers/sshd.ts';
export { type Device, PrivateNetwork } from './private-network.ts';
