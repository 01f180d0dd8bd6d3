import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Tried } from '../../model/rehearsal.ts';
import { askDns } from '../../util/dns-client.ts';
import type { Target } from './target.ts';

/** Milliseconds in which an address has to answer. */
const PATIENCE = 5000;

export type Seen = Pick<Tried, 'certificate' | 'content'>;

/** Asks one address of a target on a connection of its own. Rejects where it does not serve. `ca`: PEM of who is believed. */
export async function askTarget(
  target: Target,
  address: string,
  signal: AbortSignal,
  ca: string,
): Promise<Seen> {
  const late = AbortSignal.timeout(PATIENCE);
  const either = AbortSignal.any([signal, late]);
  try {
    if (target.how === 'dns' || target.how === 'dns-tcp') return await soa(target, address);
    if (target.how === 'connect') return await connection(target, address, either);
    return await page(target, address, either, ca);
  } catch (error) {
    throw late.aborted ? new Error(`silence for ${PATIENCE / 1000} s`) : error;
  }
}

async function connection({ port }: Target, host: string, signal: AbortSignal): Promise<Seen> {
  const socket = connect({ host, port, signal });
  await once(socket, 'connect').finally(() => socket.destroy());
  return {};
}

async function page({ how, host, port, path }: Target, address: string, signal: AbortSignal, ca: string) {
  const options = { host: address, port, path, headers: { host }, agent: false, signal };
  const request = how === 'https' ? tlsRequest({ ...options, servername: host, ca }) : plainRequest(options);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const certificate = how === 'https' ? (response.socket as TLSSocket).getPeerCertificate() : undefined;
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk as Buffer);
  const { statusCode = 0 } = response;
  if (statusCode >= 500) throw new Error(`status ${statusCode}`);
  return {
    content: `${statusCode} ${hash.digest('hex')}`,
    ...(certificate ? { certificate: certificate.fingerprint256 } : {}),
  };
}

/** The name server has to have the zone it is in. */
async function soa({ how, host }: Target, server: string): Promise<Seen> {
  const name = host.replace(/^[^.]+\./, '');
  const answer = await askDns({ server, name, type: 'SOA', tcp: how === 'dns-tcp', timeout: PATIENCE });
  if (!answer.authoritative) throw new Error(`${answer.rcode}, not authoritative`);
  return {};
}
