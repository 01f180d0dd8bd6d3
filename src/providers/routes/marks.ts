import { isIPv4 } from 'node:net';
import { canonical } from '../../model/fingerprint.ts';
import type { SourceRoute } from '../../model/route.ts';

/** The parts of libnftables-json(5) that are read here. */
interface Listing {
  nftables: { chain?: { name: string; hook?: string; prio?: number }; rule?: { expr: unknown } }[];
}

const CHAIN = 'answers';
/** Priority `mangle`: before a connection's addresses are put back. */
const PRIORITY = -150;

/**
 * Gives answers of connections that were forwarded to a pod from one of this machine's addresses the mark of that
 * address, in nft(8) syntax. Only later, when it has been routed, an answer gets that address as its source.
 */
export function markRules(table: string, routes: SourceRoute[], tables: Map<string, number>): string {
  const gone = `table ip ${table}\ndelete table ip ${table}\n`;
  const rules = ipv4Of(routes).map(
    (source) => `    ct direction reply ct original ip daddr ${source} meta mark set ${tables.get(source)}\n`,
  );
  if (rules.length === 0) return gone;
  return `${gone}table ip ${table} {
  chain ${CHAIN} {
    type filter hook prerouting priority ${PRIORITY}; policy accept;
${rules.join('')}  }
}
`;
}

/** Whether a listing (`nft -j list table ip …`; undefined where there is no table) holds these marks and nothing else. */
export function holdsMarks(
  json: string | undefined,
  routes: SourceRoute[],
  tables: Map<string, number>,
): boolean {
  const wanted = expressions(routes, tables);
  if (json === undefined || wanted.length === 0) return json === undefined && wanted.length === 0;
  const objects = (JSON.parse(json) as Listing).nftables;
  const chains = objects.flatMap(({ chain }) => (chain ? [`${chain.name} ${chain.hook} ${chain.prio}`] : []));
  const rules = objects.flatMap(({ rule }) => (rule ? [rule.expr] : []));
  const hooked = chains.join() === `${CHAIN} prerouting ${PRIORITY}`;
  return hooked && canonical(rules) === canonical(wanted);
}

/** The rules as they are listed. */
function expressions(routes: SourceRoute[], tables: Map<string, number>): unknown[] {
  return ipv4Of(routes).map((source) => [
    equal({ ct: { key: 'direction' } }, 'reply'),
    equal({ ct: { key: 'ip daddr', dir: 'original' } }, source),
    { mangle: { key: { meta: { key: 'mark' } }, value: tables.get(source) } },
  ]);
}

function equal(left: unknown, right: string): unknown {
  return { match: { op: '==', left, right } };
}

function ipv4Of(routes: SourceRoute[]): string[] {
  return routes.map(({ source }) => source).filter((source) => isIPv4(source));
}
