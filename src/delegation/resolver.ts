import { askDns, type DnsAnswer, type DnsQuestion, type DnsRecord } from '../util/dns-client.ts';
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
        const question = { server: address, port, recursion: true, timeout };
        const answer = await askDns({ ...question, name, type });
        if (isPositive(answer) || (isNegative(answer) && (await isBelieved(answer, question)))) {
          // The next question goes to one that answers.
          order = [server, ...order.filter((other) => other !== server)];
          return { server: address, answer };
        }
        const what = isNegative(answer) ? 'nothing, not even of the root,' : answer.rcode;
        failures.push(`${address} says ${what} for ${name || '.'} ${type}`);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    throw new Transient(failures.join('\n') || 'no resolver is known here');
  };
}

function isPositive({ rcode, answers }: DnsAnswer): boolean {
  return rcode === 'NOERROR' && answers.length > 0;
}

function isNegative({ rcode, answers }: DnsAnswer): boolean {
  return rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && answers.length === 0);
}

/**
 * A resolver that is cut off may say that there is no such name, of any. Most that know say by the SOA whose word that is
 * (RFC 2308 section 3); some leave it out, but they know the servers of the root.
 */
async function isBelieved(
  { authorities }: DnsAnswer,
  question: Omit<DnsQuestion, 'name' | 'type'>,
): Promise<boolean> {
  if (authorities.some(({ type }) => type === 'SOA')) return true;
  return isPositive(await askDns({ ...question, name: '', type: 'NS' }));
}
