import { askDns, type DnsAnswer, type DnsRecord } from '../util/dns-client.ts';
import { messageOf, Transient } from '../util/errors.ts';
import type { Server } from './wanted.ts';

/** As many as the C library asks (resolv.conf(5)). */
const MAX_RESOLVERS = 3;

/** Asks the first resolver that knows; what one does not answer, the next is asked. */
export type Resolve = (
  name: string,
  type: DnsRecord['type'],
) => Promise<{ server: string; answer: DnsAnswer }>;

/** @returns a function that throws Transient, with what each resolver said, where none knows. */
export function resolverOf(servers: Server[], timeout: number): Resolve {
  let order = servers.slice(0, MAX_RESOLVERS);
  return async (name, type) => {
    const failures: string[] = [];
    for (const server of order) {
      const { address, port } = server;
      try {
        const answer = await askDns({ server: address, port, name, type, recursion: true, timeout });
        if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') {
          // The next question goes to one that answers.
          order = [server, ...order.filter((other) => other !== server)];
          return { server: address, answer };
        }
        failures.push(`${address} says ${answer.rcode} for ${name || '.'} ${type}`);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    throw new Transient(failures.join('\n') || 'no resolver is known here');
  };
}
