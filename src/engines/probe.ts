import { Resolver } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { Pod } from '../model/pod.ts';
import { messageOf, Transient } from '../util/errors.ts';

/** Milliseconds one probe may take. */
const TIMEOUT = 3000;

/** Asks a pod, from outside it, whether it serves. Undefined when it does, else what it answered. */
export async function probe(pod: Pod, ca: string | undefined): Promise<string | undefined> {
  try {
    const answer = await ask(pod, ca);
    return answer;
  } catch (error) {
    return messageOf(error);
  }
}

/** Probes until the pod serves or its start time is over. */
export async function waitUntilServing(pod: Pod, ca: () => string | undefined): Promise<void> {
  const deadline = Date.now() + pod.startSeconds * 1000;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 500)) {
    const answer = await probe(pod, ca());
    if (answer === undefined) return;
    if (Date.now() > deadline)
      throw new Transient(`no good answer in ${pod.startSeconds} s; the last one: ${answer}`);
    await sleep(pause);
  }
}

function ask(pod: Pod, ca: string | undefined): Promise<string | undefined> {
  const { probe, ipv6 } = pod;
  switch (probe.kind) {
    case 'https':
      return askHttps(ipv6, probe.host, probe.path, probe.status, ca);
    case 'exchange':
      return askBytes(ipv6, probe.port, probe.tls, probe.send, new RegExp(probe.expect), ca);
    case 'dns':
      return askDns(ipv6, probe.port, probe.name);
    case 'tcp':
      return askBytes(ipv6, probe.port, undefined, '', /^/, ca);
  }
}

function askHttps(
  address: string,
  host: string,
  path: string,
  wanted: number[],
  ca: string | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = {
      host: address,
      servername: host,
      path,
      headers: { host },
      timeout: TIMEOUT,
      agent: false,
    };
    const req = request({ ...options, ...(ca ? { ca } : {}) }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(wanted.includes(status) ? undefined : `HTTP status ${status}`);
    });
    req.on('timeout', () => req.destroy(new Error('no answer in time')));
    req.on('error', reject);
    req.end();
  });
}

function askBytes(
  address: string,
  port: number,
  tls: string | undefined,
  send: string,
  expect: RegExp,
  ca: string | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket: Socket =
      tls === undefined
        ? connect({ host: address, port })
        : connectTls({ host: address, port, servername: tls, ...(ca ? { ca } : {}) });
    let received = '';
    function end(answer?: string): void {
      socket.destroy();
      resolve(answer);
    }
    socket.setTimeout(TIMEOUT, () => end(`no good answer in time; got ${received || 'nothing'}`));
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => {
      if (send === '') return end();
      socket.write(Buffer.from(send, 'hex'));
    });
    socket.on('data', (chunk) => {
      received += chunk.toString('hex');
      if (expect.test(received)) end();
    });
    socket.on('end', () => end(`connection closed; got ${received || 'nothing'}`));
    socket.on('error', (error) => {
      socket.destroy();
      reject(error);
    });
  });
}

async function askDns(address: string, port: number, name: string): Promise<string | undefined> {
  const resolver = new Resolver({ timeout: TIMEOUT / 3, tries: 2 });
  resolver.setServers([`[${address}]:${port}`]);
  await resolver.resolveSoa(name);
  return undefined;
}
