import { isIPv4 } from 'node:net';
import { canonical } from '../../model/fingerprint.ts';
import type { SourceRoute } from '../../model/route.ts';

/** The parts of libnftables-json(5) that are read here. */
interface Listing {
  nftables: { chain?: { name: string; hook?: string; prio?: number }; rule?: { expr: unknown } }[];
}

const CHAIN = 'answers';
const HOOK = { type: 'filter', hook: 'prerouting', prio: -150, policy: 'accept' };

/**
 * Gives answers of connections that were forwarded to a pod from one of this machine's addresses the mark of that
 * address: libnftables-json(5), to be applied in one piece. Only later, when it has been routed, an answer gets that
 * address as its source.
 */
export function marksOf(table: string, routes: SourceRoute[], tables: Map<string, number>): unknown {
  const place = { family: 'ip', table };
  const rules = expressions(routes, tables).map((expr) => ({
    add: { rule: { ...place, chain: CHAIN, expr } },
  }));
  const chain = { add: { chain: { ...place, name: CHAIN, ...HOOK } } };
  const made = rules.length > 0 ? [{ add: tableOf(table) }, chain, ...rules] : [];
  return { nftables: [{ add: tableOf(table) }, { delete: tableOf(table) }, ...made] };
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
  const hooked = chains.join() === `${CHAIN} ${HOOK.hook} ${HOOK.prio}`;
  return hooked && canonical(rules) === canonical(wanted);
}

function expressions(routes: SourceRoute[], tables: Map<string, number>): unknown[] {
  const sources = routes.map(({ source }) => source).filter((source) => isIPv4(source));
  return sources.map((source) => [
    equal({ ct: { key: 'direction' } }, 'reply'),
    equal({ ct: { key: 'ip daddr', dir: 'original' } }, source),
    { mangle: { key: { meta: { key: 'mark' } }, value: tables.get(source) } },
  ]);
}

function equal(left: unknown, right: string): unknown {
  return { match: { op: '==', left, right } };
}

function tableOf(table: string): unknown {
  return { table: { family: 'ip', name: table } };
}
