import type { StatusFinding } from '../../model/status.ts';
import { askDns, type DnsRecord } from '../../util/dns-client.ts';
import { keyTag, type PublicKey } from '../../util/dnssec.ts';

/** What a server shows of how a zone is signed. */
export interface Served {
  /** Of its SOA. */
  signatures: { keyTag: number /** ms since 1970. */; expires: number }[];
  keys: PublicKey[];
}

const HOUR = 3_600_000;
/**
 * The server signs anew every Thursday, for three weeks from a week before; so a week is left when it does, and an answer
 * that it remembers is a little older.
 */
const LEAST = 7 * 24 * HOUR - HOUR;

/** Asks the server itself, as anybody would. Throws Transient. */
export async function askServed(server: string, zone: string): Promise<Served> {
  const ask = async (type: 'SOA' | 'DNSKEY') => {
    return (await askDns({ server, name: zone, type, dnssec: true })).answers;
  };
  const [soa, keys] = await Promise.all([ask('SOA'), ask('DNSKEY')]);
  return { signatures: soa.flatMap(signatureOf), keys: keys.flatMap(keyOf) };
}

/** What will keep validators from believing a zone, now or soon. `key`: the one of the store; `now`: ms since 1970. */
export function judgeServed(zone: string, served: Served, key: PublicKey, now: number): StatusFinding[] {
  const remedy = './allod up, and ./allod logs dns where it stays so';
  const shown = served.keys.some(({ algorithm, key: bytes }) => {
    return algorithm === key.algorithm && key.key.equals(bytes);
  });
  if (!shown)
    return [
      {
        id: `dns-key ${zone}`,
        text: `${zone} is served without the key that the store holds for it`,
        remedy,
      },
    ];
  const ours = served.signatures.filter((signature) => signature.keyTag === keyTag(key));
  if (ours.length === 0)
    return [{ id: `dns-unsigned ${zone}`, text: `${zone} is served without a signature by its key`, remedy }];
  const ends = Math.min(...ours.map(({ expires }) => expires));
  if (ends - now >= LEAST) return [];
  return [
    {
      id: `dns-signature ${zone}`,
      text: `the signature of ${zone} ends ${new Date(ends).toISOString().slice(0, 16)}Z and was not renewed`,
      remedy: 'to set the clock, if it is wrong; ./allod logs dns',
    },
  ];
}

function signatureOf(record: DnsRecord): Served['signatures'] {
  if (record.type !== 'RRSIG') return [];
  const { keyTag, expiration } = record.data;
  return [{ keyTag, expires: expiration * 1000 }];
}

function keyOf(record: DnsRecord): PublicKey[] {
  return record.type === 'DNSKEY' ? [record.data] : [];
}
