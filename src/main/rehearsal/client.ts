import { createInterface } from 'node:readline';
import type { Tried } from '../../model/rehearsal.ts';
import { askDns } from '../../util/dns-client.ts';
import { messageOf } from '../../util/errors.ts';
import { askTarget } from './ask.ts';
import { byTurns, firstOf } from './first-of.ts';
import { type AddressType, type Answered, createStub } from './stub.ts';
import type { Target } from './target.ts';

/** A line of standard input. With the first one the client begins, with the end of it the client ends. */
export interface Order {
  /** Addresses of the name servers. */
  servers: string[];
  targets?: Target[];
  /** PEM. */
  ca?: string;
}

/** Milliseconds from one request to the next of the same target. */
const PACE = 200;
/** Milliseconds for which a name server is waited. */
const DNS_PATIENCE = 800;

const stub = createStub({ ask: askServer, now: Date.now });
let ca = '';

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  stub.delegate(order.servers);
  ca = order.ca ?? ca;
  for (const target of order.targets ?? []) keepAsking(target);
}
process.exit();

function keepAsking(target: Target): void {
  let n = 0;
  setInterval(() => void report(target, n++ % 2 === 0), PACE);
}

/** One request, and a line of standard output about it. */
async function report(target: Target, ipv6First: boolean): Promise<void> {
  const at = Date.now();
  const resolved: string[] = [];
  const outcome = await tryOnce(target, ipv6First, resolved).catch((error) => ({ error: messageOf(error) }));
  const tried: Tried = { target: target.name, at, ms: Date.now() - at, resolved, ...outcome };
  process.stdout.write(`${JSON.stringify(tried)}\n`);
}

async function tryOnce(target: Target, ipv6First: boolean, resolved: string[]) {
  const types: AddressType[] = ipv6First ? ['AAAA', 'A'] : ['A', 'AAAA'];
  const found = await Promise.all(types.map((type) => stub.resolve(target.host, type)));
  const addresses = byTurns(found[0] ?? [], found[1] ?? []);
  resolved.push(...addresses);
  return await firstOf(addresses, (address, signal) => askTarget(target, address, signal, ca));
}

async function askServer(server: string, name: string, type: AddressType): Promise<Answered> {
  const { rcode, answers, authorities } = await askDns({ server, name, type, timeout: DNS_PATIENCE });
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') throw new Error(`${server} answers ${rcode}`);
  const found = answers.filter((record) => record.type === type);
  const addresses = found.map((record) => String(record.data));
  if (addresses.length > 0) return { addresses, ttl: Math.min(...found.map(({ ttl }) => ttl)) };
  // That there is none may be remembered as well: RFC 2308 section 5.
  const soa = authorities.find((record) => record.type === 'SOA');
  const minimum = soa?.type === 'SOA' ? (soa.data.minimum ?? 0) : 0;
  return { addresses, ttl: Math.min(soa?.ttl ?? 0, minimum) };
}
