import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createRoot, issue } from '../../src/secrets/authority.ts';
import type { IssuedCertificate } from '../../src/secrets/pem.ts';

/** Faults to be played, by the names of Pebble's own settings. */
export interface PebbleOptions {
  /** Name server it asks: `[2001:db8::53]:53`. */
  resolver: string;
  /** Per cent of good nonces it refuses. */
  nonceReject?: number;
  /** Seconds it waits at most before it asks for the answer to a challenge; none unless given. */
  sleep?: number;
}

export interface Pebble {
  directory: string;
  /** PEM file with the root of its own web server and the one it signs with. */
  ca: string;
  /** PEM file with the root of its web server alone. */
  webRoot: string;
  stop(): Promise<void>;
}

/** Pebble, a small real CA for tests of ACME (github.com/letsencrypt/pebble), on loopback. It forgets all at its end. */
export async function startPebble(folder: string, port: number, options: PebbleOptions): Promise<Pebble> {
  mkdirSync(folder, { recursive: true });
  const root = await createRoot('pebble.example.org');
  const webRoot = join(folder, 'web-root.pem');
  writeFileSync(webRoot, root.certificate);
  const server = await issue(root, { names: ['localhost'], addresses: ['127.0.0.1'] }, 86_400_000, folder);
  const child = run(folder, port, server, options);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ca = join(folder, 'ca.pem');
  for (let attempt = 0; ; attempt++) {
    const issuing = await get(port + 1, '/roots/0', root.certificate).catch(() => undefined);
    if (issuing) {
      writeFileSync(ca, root.certificate + issuing);
      break;
    }
    if (attempt > 100 || child.exitCode !== null) throw new Error(`pebble does not answer: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    ca,
    webRoot,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function run(
  folder: string,
  port: number,
  server: IssuedCertificate,
  { resolver, nonceReject = 0, sleep }: PebbleOptions,
): ChildProcess {
  const [certificate, privateKey, config] = ['server.pem', 'server.key', 'pebble.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(certificate, server.certificate);
  writeFileSync(privateKey, server.key, { mode: 0o600 });
  const pebble = {
    ...{ listenAddress: `127.0.0.1:${port}`, managementListenAddress: `127.0.0.1:${port + 1}` },
    ...{ certificate, privateKey, httpPort: 5002, tlsPort: 5001 },
  };
  writeFileSync(config, JSON.stringify({ pebble }));
  return spawn('pebble', ['-config', config, '-dnsserver', resolver], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(sleep === undefined ? { PEBBLE_VA_NOSLEEP: '1' } : { PEBBLE_VA_SLEEPTIME: String(sleep) }),
      PEBBLE_WFE_NONCEREJECT: String(nonceReject),
      PEBBLE_AUTHZREUSE: '0',
    },
  });
}

function get(port: number, path: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, ca, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body));
    });
    asked.on('error', reject).end();
  });
}
