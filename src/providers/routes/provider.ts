import { fingerprint } from '../../model/fingerprint.ts';
import type { Provider } from '../../model/provider.ts';
import type { RouteSpec, SourceRoute } from '../../model/route.ts';
import type { Gateway } from '../../model/site.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { ExecError, exec } from '../../util/exec.ts';
import { foreignRules, type Route, type Rule, routeLines, ruleLines } from './listing.ts';
import { holdsMarks, markRules } from './marks.ts';
import { type Family, type Line, linesOf, selectorsOf, tablesOf } from './wanted.ts';

export interface RoutesOptions {
  domain: string;
  /** Name of the nftables(8) table for the marks, in family `ip`; unique on the host. */
  table: string;
}

const KEY = 'route/uplinks';
const FAMILIES: Family[] = ['6', '4'];

/** Policy routes of the site: one resource, `route/uplinks`. */
export function routes({ domain, table }: RoutesOptions): Provider {
  return {
    kinds: ['route'],

    async observe(desired) {
      const spec = desired.find(({ kind }) => kind === 'route')?.spec as RouteSpec | undefined;
      const wanted = spec?.routes ?? [];
      const [lines, marks] = await Promise.all([linesInForce(domain, wanted), listMarks(table)]);
      if (lines.length === 0 && marks === undefined) return {};
      const drift = await differenceOf(domain, wanted, lines, marks);
      return { [KEY]: { fingerprint: drift ? `drifted: ${drift}` : fingerprint(spec) } };
    },

    async apply({ action, spec }) {
      const wanted = action === 'delete' ? [] : (spec as RouteSpec).routes;
      await setRoutes(domain, table, wanted);
    },
  };
}

/** Takes the policy routes of a site away, where there are any. */
export async function removeRoutes({ domain, table }: RoutesOptions): Promise<void> {
  await setRoutes(domain, table, []);
}

async function setRoutes(domain: string, table: string, wanted: SourceRoute[]): Promise<void> {
  if (wanted.length > 0) await assertNotTaken(domain);
  const tables = tablesOf(domain, wanted);
  const lines = await linesWanted(wanted, tables);
  await batch('add', without(lines, await linesInForce(domain, wanted)));
  await exec(['nft', '-f', '-'], { input: markRules(table, wanted, tables) });
  await batch('del', without(await linesInForce(domain, wanted), lines));
}

/** How what is there differs from what is wanted, in the words of ip(8); undefined where it does not. */
async function differenceOf(
  domain: string,
  wanted: SourceRoute[],
  lines: Line[],
  marks: string | undefined,
): Promise<string | undefined> {
  const tables = tablesOf(domain, wanted);
  if (!holdsMarks(marks, wanted, tables)) return 'the marks of IPv4 answers are others';
  const should = await linesWanted(wanted, tables);
  const [missing] = without(should, lines);
  if (missing) return `without ${missing}`;
  const [extra] = without(lines, should);
  return extra && `with ${extra}`;
}

async function linesWanted(wanted: SourceRoute[], tables: Map<string, number>): Promise<Line[]> {
  const lines: Line[] = [];
  for (const route of wanted)
    lines.push(...linesOf(route, tables.get(route.source) ?? 0, await deviceOf(route.gateway)));
  return lines;
}

/** The interface a router is on; throws Transient where it is on none now. */
async function deviceOf({ address, interface: named }: Gateway): Promise<string> {
  if (named !== undefined) return named;
  const json = await exec(['ip', '-json', 'route', 'get', address]).catch(() => '[]');
  const [route] = JSON.parse(json) as { dev: string; gateway?: string }[];
  if (!route || route.gateway !== undefined)
    throw new Transient(`routes: expected the router ${address} on a network of this machine; found none`);
  return route.dev;
}

/** What is there of the site. */
async function linesInForce(domain: string, wanted: SourceRoute[]): Promise<Line[]> {
  const selectors = [...tablesOf(domain, wanted)].flatMap(([source, table]) => selectorsOf(source, table));
  const found = FAMILIES.map(async (family) => {
    const rules = await list<Rule>(family, 'rule');
    const known = await list<Route>(family, 'route', 'show', 'table', 'all');
    return [...routeLines(family, known, domain), ...ruleLines(family, rules, domain, selectors)];
  });
  return (await Promise.all(found)).flat();
}

/** Throws PersonFault where somebody else uses the numbers of the site. */
async function assertNotTaken(domain: string): Promise<void> {
  for (const family of FAMILIES) {
    const [foreign] = foreignRules(await list<Rule>(family, 'rule'), domain);
    if (!foreign) continue;
    const where = `ip -${family} rule`;
    const found = `got rule ${foreign.priority} of another program`;
    const message = `expected the tables and marks of this site to be used by nobody else; ${found}; try other numbers there`;
    throw new PersonFault({ where, message });
  }
}

async function list<T>(family: Family, ...command: string[]): Promise<T[]> {
  return JSON.parse((await exec(['ip', '-N', '-json', `-${family}`, ...command])) || '[]') as T[];
}

async function listMarks(table: string): Promise<string | undefined> {
  try {
    return await exec(['nft', '-j', 'list', 'table', 'ip', table]);
  } catch (error) {
    if (error instanceof ExecError && error.stderr.includes('No such file or directory')) return undefined;
    throw error;
  }
}

/** Adds lines, taking the place of a route with the same target and metric; or deletes them, the last one first. */
async function batch(action: 'add' | 'del', lines: Line[]): Promise<void> {
  for (const family of FAMILIES) {
    const own = lines.filter((line) => line.startsWith(family)).map((line) => line.slice(2));
    const ordered = action === 'add' ? own : own.toReversed();
    const commands = ordered.map((line) => line.replace(' ', ` ${verbOf(action, line)} `));
    if (commands.length > 0)
      await exec(['ip', `-${family}`, '-batch', '-'], { input: `${commands.join('\n')}\n` });
  }
}

function verbOf(action: 'add' | 'del', line: string): string {
  return action === 'add' && line.startsWith('route') ? 'replace' : action;
}

function without(lines: Line[], others: Line[]): Line[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}
