import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface TlsFront {
  port: number;
  /** SHA-256 of the certificate's key, base64: what a browser is told to trust. */
  spki: string;
  close(): void;
}

/**
 * TLS before the portal, at the place of nginx in its pod, for any name: requests to `host` go to the portal, every other
 * host answers with its own name and path.
 */
export async function tlsFront(folder: string, host: string, portal: number): Promise<TlsFront> {
  const [key, cert] = [join(folder, 'front.key'), join(folder, 'front.pem')];
  const names = ['-subj', `/CN=${host}`, '-addext', 'subjectAltName=DNS:*.example.org'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-nodes', '-days', '2', ...curve, ...names, '-keyout', key, '-out', cert],
    {
      stdio: 'pipe',
    },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (incoming, answer) => {
    if (incoming.headers.host !== host) {
      answer.setHeader('content-type', 'text/html');
      answer.end(`<title>there</title><h1>${incoming.headers.host}</h1>`);
      return;
    }
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https', 'x-real-ip': '198.51.100.7' };
    const { method = 'GET', url = '/' } = incoming;
    const onward = request({ host: '127.0.0.1', port: portal, method, path: url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const spkiOf = new X509Certificate(readFileSync(cert)).publicKey.export({ type: 'spki', format: 'der' });
  return {
    port: (server.address() as AddressInfo).port,
    spki: createHash('sha256').update(spkiOf).digest('base64'),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
