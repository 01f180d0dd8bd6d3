import { isIPv4 } from 'node:net';
import { type Checked, ok, refuse } from '../checked.ts';
import { checkAaaa } from './addresses.ts';
import { isNumber } from './fields.ts';
import { checkTarget } from './names.ts';

/** HTTPS and SVCB (RFC 9460): `PRIORITY TARGET KEY=VALUE …`, with the keys of RFC 9460 section 14.3.2 but `ech`. */

const FORM = '"PRIORITY TARGET KEY=VALUE …" (RFC 9460)';
const EXAMPLE = '1 . alpn=h2';

/** By key in the order of their numbers: the canonical form of a value, undefined where it is none. */
const KEYS: Record<string, (value: string) => string | undefined> = {
  mandatory: (value) =>
    listOf(value, (key) => (key !== 'mandatory' && Object.hasOwn(KEYS, key) ? key : undefined)),
  alpn: (value) => listOf(value, (id) => (/^[a-z0-9._/-]{1,20}$/i.test(id) ? id : undefined)),
  'no-default-alpn': (value) => (value === '' ? '' : undefined),
  port: (value) => (isNumber(value, 65_535) && value !== '0' ? value : undefined),
  ipv4hint: (value) => listOf(value, (address) => (isIPv4(address) ? address : undefined)),
  ipv6hint: (value) =>
    listOf(value, (address) => {
      const checked = checkAaaa(address);
      return 'ok' in checked ? checked.ok : undefined;
    }),
};
const ORDER = Object.keys(KEYS);

export function checkServiceBinding(value: string, domain: string): Checked<string> {
  const [priority, target, ...rest] = value.trim().split(/\s+/);
  if (!isNumber(priority, 65_535) || target === undefined) return refuse(FORM, EXAMPLE);
  const name = target === '.' ? ok('.') : checkTarget(target, domain, false);
  if ('refused' in name) return name;
  if (priority === '0' && rest.length > 0)
    return refuse(
      'no parameters with priority 0, which stands for an alias (RFC 9460 section 2.4.2)',
      `0 ${name.ok}`,
    );
  const parameters = new Map<string, string>();
  for (const word of rest) {
    const [, key = '', text = ''] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const check = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (!check) return refuse(`parameters of ${ORDER.join(', ')}`, EXAMPLE);
    const canonical = check(text.replace(/^"(.*)"$/, '$1'));
    if (canonical === undefined) return refuse(`a value that ${key} can have (RFC 9460 section 7)`, EXAMPLE);
    if (parameters.has(key)) return refuse(`${key} once`, EXAMPLE);
    parameters.set(key, canonical);
  }
  const fault = faultOf(parameters);
  return fault ? refuse(...fault) : ok([priority, name.ok, ...inOrder(parameters)].join(' '));
}

function faultOf(parameters: Map<string, string>): [expected: string, hint: string] | undefined {
  const missing = parameters
    .get('mandatory')
    ?.split(',')
    .find((key) => !parameters.has(key));
  if (missing) return [`the parameter ${missing}, which is said to be mandatory`, `adding ${missing}=`];
  if (parameters.has('no-default-alpn') && !parameters.has('alpn'))
    return ['alpn beside no-default-alpn (RFC 9460 section 7.1.1)', EXAMPLE];
  return undefined;
}

function inOrder(parameters: Map<string, string>): string[] {
  return ORDER.filter((key) => parameters.has(key)).map((key) => {
    const value = parameters.get(key) ?? '';
    if (key === 'mandatory') return `${key}=${value.split(',').sort(byNumber).join(',')}`;
    return value === '' ? key : `${key}=${value}`;
  });
}

function byNumber(a: string, b: string): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}

/** A list without repetition, each entry in its canonical form; undefined where one has none. */
function listOf(value: string, check: (entry: string) => string | undefined): string | undefined {
  const entries = value.split(',').map(check);
  return entries.includes(undefined) || new Set(entries).size < entries.length
    ? undefined
    : entries.join(',');
}
