import { createConnection, createServer } from 'node:net';

/*
 * Connections of one network handed on to another, in a network namespace: `relay.ts FROM TO [FROM TO]…`, each a port on
 * 127.0.0.1, `[::1]:443` or the path of a socket. Says `ready` when it listens.
 */
const places = process.argv.slice(2);

function placeOf(text: string) {
  const [, host, port] = /^\[(.+)\]:(\d+)$/.exec(text) ?? [];
  if (host) return { host, port: Number(port) };
  return /^\d+$/.test(text) ? { host: '127.0.0.1', port: Number(text) } : { path: text };
}

for (let i = 0; i < places.length; i += 2) {
  const [from = '', to = ''] = places.slice(i);
  const server = createServer((incoming) => {
    const outgoing = createConnection(placeOf(to));
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(placeOf(from), () => process.stdout.write('ready\n'));
}
