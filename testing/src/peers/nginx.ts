import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Peer, startPeer, temporaryFolder } from './peer.ts';

/** Starts nginx as a proxy in front of an HTTP server, to which it keeps connections. */
export async function startNginx(upstream: number): Promise<Peer> {
  const port = await freePort();
  const folder = temporaryFolder();
  const file = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${folder}/pid;
error_log stderr notice;
events { worker_connections 1000; }
http {
  access_log off;
  client_max_body_size 0;
  ${paths.map((path) => `${path}_temp_path ${folder}/${path};`).join(' ')}
  upstream evloop { server 127.0.0.1:${upstream}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://evloop;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_buffering off;
    }
  }
}
`,
  );
  return startPeer(['nginx', '-p', folder, '-e', 'stderr', '-c', file], /start|using/, port);
}
