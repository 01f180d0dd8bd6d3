import { askDns, type DnsAnswer, type DnsQuestion, type DnsRecord } from '../util/dns-client.ts';
import { messageOf, Transient } from '../util/errors.ts';
import type { Server } from './wanted.ts';

/** As many as the C library asks (resolv.conf(5)). */
const MAX_RESOLVERS = 3;
/** One that was silent so many times in a row is not asked again: a thousand questions would take too long. */
const MAX_SILENCES = 3;

/** Asks the first resolver that knows; what one does not answer, the next is asked. */
export type Resolve = (
  name: string,
  type: DnsRecord['type'],
) => Promise<{ server: string; answer: DnsAnswer }>;

interface Known extends Server {
  /** In a row. */
  silences: number;
  /** Why there was no answer the last time. */
  failure: string;
}

/** @returns a function that throws Transient, with what each resolver said, where none knows. */
export function resolverOf(servers: Server[], timeout: number): Resolve {
  const known = servers
    .slice(0, MAX_RESOLVERS)
    .map((server): Known => ({ ...server, silences: 0, failure: '' }));
  return async (name, type) => {
    const failures: string[] = [];
    // Who has answered is asked first.
    for (const server of known.toSorted((a, b) => a.silences - b.silences)) {
      const answer = await askOne(server, { name, type, timeout });
      if (typeof answer !== 'string') return { server: server.address, answer };
      failures.push(answer);
    }
    throw new Transient(failures.join('\n') || 'no resolver is known here');
  };
}

/** What a resolver knows, or why that is nothing. */
async function askOne(
  known: Known,
  { name, type, timeout }: Pick<DnsQuestion, 'name' | 'type' | 'timeout'>,
): Promise<DnsAnswer | string> {
  const { address: server, port } = known;
  if (known.silences >= MAX_SILENCES) return known.failure;
  const question = { server, port, recursion: true, ...(timeout ? { timeout } : {}) };
  try {
    const answer = await askDns({ ...question, name, type });
    known.silences = 0;
    if (isPositive(answer) || (isNegative(answer) && (await isBelieved(answer, question)))) return answer;
    const what = isNegative(answer) ? 'nothing, not even of the root,' : answer.rcode;
    return `${server} says ${what} for ${name || '.'} ${type}`;
  } catch (error) {
    known.silences += 1;
    known.failure = messageOf(error);
    return known.failure;
  }
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
