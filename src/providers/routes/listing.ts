import { type Family, firstTable, type Line, PROTOCOL } from './wanted.ts';

/** Numbers of linux/rtnetlink.h. */
const RT_TABLE_MAIN = '254';
const RTN_UNREACHABLE = '7';

/** A rule as `ip -N -json rule` shows it. */
export interface Rule {
  priority: number;
  /** `all`, or an address. */
  src?: string;
  srclen?: number;
  /** Hexadecimal. */
  fwmark?: string;
  fwmask?: string;
  table?: string;
  suppress_prefixlen?: number;
  protocol?: string;
}

/** A route as `ip -N -json route show table all` shows it. */
export interface Route {
  type?: string;
  dst: string;
  gateway?: string;
  dev?: string;
  /** Absent in table main. */
  table?: string;
  metric?: number;
  protocol?: string;
}

/**
 * Rules of a site, as lines: those that lead to its tables, and those of the same selectors, or of `selectors`, that look
 * into table main first.
 */
export function ruleLines(family: Family, rules: Rule[], domain: string, selectors: string[]): Line[] {
  const ours = rules.filter(({ protocol }) => protocol === PROTOCOL);
  const leading = ours.filter(({ table }) => isOfSite(table, domain));
  const known = new Set([...selectors, ...leading.map(selectorOf)]);
  const before = ours.filter((rule) => rule.table === RT_TABLE_MAIN && known.has(selectorOf(rule)));
  return [...before, ...leading].map((rule): Line => `${family} rule ${ruleText(rule)}`);
}

/** Everything in the tables of a site, as lines. */
export function routeLines(family: Family, routes: Route[], domain: string): Line[] {
  const ours = routes.filter(({ table }) => isOfSite(table, domain));
  return ours.map((route): Line => `${family} route ${routeText(route)}`);
}

/** Rules of somebody else that use a table or a mark of the site. */
export function foreignRules(rules: Rule[], domain: string): Rule[] {
  const others = rules.filter(({ protocol }) => protocol !== PROTOCOL);
  return others.filter(({ table, fwmark }) => isOfSite(table, domain) || isOfSite(fwmark, domain));
}

/** What a rule chooses packets by: `from 2001:db8:a:10::/64`, `fwmark 1627389952`, empty for all. */
function selectorOf({ src = 'all', srclen, fwmark, fwmask }: Rule): string {
  const from = src === 'all' ? [] : [`from ${src}${srclen === undefined ? '' : `/${srclen}`}`];
  const mark = fwmark === undefined ? [] : [`fwmark ${Number(fwmark)}${fwmask ? `/${fwmask}` : ''}`];
  return [...from, ...mark].join(' ');
}

function ruleText(rule: Rule): string {
  const { priority, table, suppress_prefixlen: suppressed } = rule;
  const lookup = table === RT_TABLE_MAIN ? 'main' : table;
  const main = suppressed === undefined ? '' : ` suppress_prefixlength ${suppressed}`;
  return `priority ${priority} ${selectorOf(rule)} lookup ${lookup}${main} protocol ${rule.protocol}`;
}

function routeText({ type, dst, gateway, dev, metric, table, protocol }: Route): string {
  const way = [
    ...(gateway === undefined ? [] : [`via ${gateway}`]),
    ...(dev === undefined || type === RTN_UNREACHABLE ? [] : [`dev ${dev}`]),
    ...(metric === undefined ? [] : [`metric ${metric}`]),
  ];
  const target = type === undefined ? dst : `${type === RTN_UNREACHABLE ? 'unreachable' : type} ${dst}`;
  const origin = protocol === undefined ? '' : ` protocol ${protocol}`; // it is left out where it is `boot`
  return `${[target, ...way].join(' ')} table ${table}${origin}`;
}

function isOfSite(number: string | undefined, domain: string): boolean {
  const offset = Number(number) - firstTable(domain);
  return offset >= 0 && offset < 256;
}
