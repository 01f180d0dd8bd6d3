import { dsOf } from '../../delegation/ds.ts';
import { judge } from '../../delegation/judge.ts';
import { look } from '../../delegation/look.ts';
import type { Server } from '../../delegation/wanted.ts';
import { askDns, type DnsRecord } from '../../util/dns-client.ts';
import { messageOf } from '../../util/errors.ts';
import type { Check, Context, Finding } from '../check.ts';
import { findingsOf } from '../remarks.ts';

const DAY = 86_400;

/** Whether the zone is signed for long enough, its key is vouched for, and a resolver that validates agrees. */
export const dnssec: Check = {
  id: 'dnssec',
  title: 'DNSSEC',
  needs: ['clock'],
  async run({ names, nameServer, resolvers, bridge }) {
    if (!nameServer || (await bridge()) === undefined)
      return [{ state: 'ok', text: 'there is no name server yet' }];
    const findings = await Promise.all(
      names.zones.map((zone) => examine(zone.name, { nameServer, resolvers, zones: [zone] })),
    );
    return findings.flat();
  },
};

type Asking = { nameServer: Server; zones: Context['names']['zones'] } & Pick<Context, 'resolvers'>;

async function examine(name: string, { nameServer, zones, resolvers }: Asking): Promise<Finding[]> {
  const served = await askServed(name, nameServer);
  if ('state' in served) return [served];
  const ds = dsOf(name, served.keys);
  const wanted = { zones: zones.map((zone) => ({ ...zone, ds })), pointers: [] };
  const seen = await look(wanted, { resolvers });
  const chain = findingsOf(judge(wanted, seen), ['ds'], '');
  const isVouched = seen.zones.some(({ servers }) => servers.some((server) => server.ds.length > 0));
  return [
    ...judgeSignature(name, ds.length > 0, served.signature, Date.now() / 1000),
    ...chain,
    // Where the chain is seen to be broken, nobody has to be asked.
    ...(isVouched && chain.every(({ state }) => state !== 'fault')
      ? await askValidating(name, resolvers)
      : []),
  ];
}

interface Served {
  keys: Extract<DnsRecord, { type: 'DNSKEY' }>['data'][];
  /** Of the SOA, which every resolver checks; seconds since 1970. */
  signature?: Signature;
}

interface Signature {
  inception: number;
  expiration: number;
}

async function askServed(name: string, { address: server, port }: Server): Promise<Served | Finding> {
  try {
    const question = { server, port, name, dnssec: true };
    const keys = await askDns({ ...question, type: 'DNSKEY' });
    if (!keys.authoritative)
      return unserved(name, 'does not have it', `; ${server}, ${name}. DNSKEY, status: ${keys.rcode}`);
    const soa = await askDns({ ...question, type: 'SOA' });
    const [signature] = soa.answers.flatMap((record) =>
      record.type === 'RRSIG' && record.data.typeCovered === 'SOA' ? record.data : [],
    );
    return {
      keys: keys.answers.flatMap((record) => (record.type === 'DNSKEY' ? record.data : [])),
      ...(signature ? { signature } : {}),
    };
  } catch (error) {
    return unserved(name, 'gives no answer', messageOf(error));
  }
}

function unserved(name: string, how: string, evidence: string): Finding {
  return {
    state: 'warning',
    text: `whether ${name} is signed could not be found out: its own name server ${how}`,
    evidence,
    remedy: './allod status says why; ./allod up mends it',
  };
}

/** `now`: seconds since 1970. PowerDNS signs anew every Thursday, when at least a week is left of three. */
export function judgeSignature(
  name: string,
  isSigned: boolean,
  signature: Signature | undefined,
  now: number,
): Finding[] {
  const remedy = './allod up has the name server sign anew; ./allod logs dns says why it did not';
  if (!signature)
    return isSigned
      ? [{ state: 'fault', text: `${name} has a key, and what it serves is not signed`, remedy }]
      : [{ state: 'ok', text: `${name} is not signed` }];
  const { inception, expiration } = signature;
  const life = `the signature of ${name} lives from ${date(inception)} to ${date(expiration)}`;
  if (now < inception || now >= expiration)
    return [{ state: 'fault', text: `${life}, which is not now: resolvers refuse it`, remedy }];
  if (expiration - now < 3 * DAY) return [{ state: 'warning', text: `${life}, and was not renewed`, remedy }];
  return [{ state: 'ok', text: life }];
}

/** A resolver that validates sets AD. One that does not, says nothing against the zone. */
export async function askValidating(name: string, resolvers: Server[]): Promise<Finding[]> {
  for (const { address: server, port } of resolvers) {
    const question = { server, port, name, type: 'SOA', dnssec: true, recursion: true } as const;
    const answer = await askDns(question).catch(() => undefined);
    if (answer?.authentic) return [{ state: 'ok', text: `${server} validates ${name}` }];
    if (answer?.rcode === 'SERVFAIL')
      return [
        {
          state: 'warning',
          text: `${server} does not resolve ${name}, as a resolver does that finds its signatures wrong`,
          evidence: `; ${server}, ${name}. SOA, status: SERVFAIL`,
          remedy: `delv @${server} ${name} SOA +vtrace shows which link of the chain does not hold`,
        },
      ];
  }
  return [{ state: 'ok', text: `no resolver of this machine validates, so none vouches for ${name}` }];
}

function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
