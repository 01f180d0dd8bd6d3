import { Resolver } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { Pod } from '../model/pod.ts';
import { messageOf, Transient } from '../util/errors.ts';

/** Milliseconds one probe may take. */
const TIMEOUT = 3000;
/** Hex digits of an answer that are looked at. */
const ANSWER = 16_384;

/** Asks a pod, from outside it, whether it serves. Undefined when it does, else what it answered. `trust`: whom it believes. */
export async function probe(pod: Pod, trust: SecureContext | undefined): Promise<string | undefined> {
  try {
    const answer = await ask(pod, trust);
    return answer;
  } catch (error) {
    return messageOf(error);
  }
}

/** Probes until the pod serves or its start time is over. */
export async function waitUntilServing(pod: Pod, trust: () => SecureContext | undefined): Promise<void> {
  const deadline = Date.now() + pod.startSeconds * 1000;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 500)) {
    const answer = await probe(pod, trust());
    if (answer === undefined) return;
    if (Date.now() > deadline)
      throw new Transient(`no good answer in ${pod.startSeconds} s; the last one: ${answer}`);
    await sleep(pause);
  }
}

function ask(pod: Pod, trust: SecureContext | undefined): Promise<string | undefined> {
  const { probe, ipv6 } = pod;
  switch (probe.kind) {
    case 'https':
      return askHttps(ipv6, probe.host, probe.path, probe.status, trust);
    case 'exchange':
      return askBytes(ipv6, probe, trust);
    case 'dns':
      return askDns(ipv6, probe.port, probe.name);
    case 'tcp':
      return askBytes(ipv6, { port: probe.port }, trust);
  }
}

function askHttps(
  address: string,
  host: string,
  path: string,
  wanted: number[],
  trust: SecureContext | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: address, servername: host, path, headers: { host }, agent: false };
    const req = request({ ...options, ...(trust ? { secureContext: trust } : {}) }, (response) => {
      response.on('error', () => {}).resume(); // the status is all that is wanted
      response.on('close', () => clearTimeout(timer));
      const status = response.statusCode ?? 0;
      resolve(wanted.includes(status) ? undefined : `HTTP status ${status}`);
    });
    // Not the request's own timeout, which begins anew with every byte.
    const timer = setTimeout(() => req.destroy(new Error('no answer in time')), TIMEOUT);
    req.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    req.end();
  });
}

interface Exchange {
  port: number;
  tls?: string;
  /** Hex. */
  send?: string;
  /** Pattern of the answer as hex; without it, a connection is enough. */
  expect?: string;
}

function askBytes(
  address: string,
  { port, tls, send = '', expect }: Exchange,
  trust: SecureContext | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const pattern = expect === undefined ? undefined : new RegExp(expect);
    const socket: Socket =
      tls === undefined
        ? connect({ host: address, port })
        : connectTls({ host: address, port, servername: tls, ...(trust ? { secureContext: trust } : {}) });
    let received = '';
    const got = () => `got ${received.slice(0, 200) || 'nothing'}`;
    const timer = setTimeout(() => end(`no good answer in time; ${got()}`), TIMEOUT);
    function end(answer?: string): void {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    }
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => {
      if (!pattern) end();
      else if (send !== '') socket.write(Buffer.from(send, 'hex'));
    });
    socket.on('data', (chunk) => {
      received = (received + chunk.toString('hex')).slice(0, ANSWER);
      if (pattern?.test(received)) end();
    });
    socket.on('end', () => end(`connection closed; ${got()}`));
    socket.on('error', (error) => {
      clearTimeout(timer);
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
