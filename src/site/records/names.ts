import { type Checked, ok, refuse } from '../checked.ts';
import { checkHost, checkRecordName, suggestHost } from '../names.ts';
import type { RecordType } from './types.ts';

/**
 * The full name of a record. `text`: `@` for the domain, a label, labels of which the last has an underscore (as in
 * `_sip._tcp`, which cannot be meant as a whole name), or a full name in the domain.
 */
export function checkOwner(text: string, domain: string): Checked<string> {
  if (text === '@') return ok(domain);
  const checked = checkRecordName(text);
  if ('refused' in checked) return checked;
  const name = checked.ok;
  const isRelative = /(^|\._)[^.]*$/.test(name);
  const full = isRelative ? `${name}.${domain}` : name;
  if (full !== domain && !full.endsWith(`.${domain}`))
    return refuse(`a label, or a full name in the site's domain ${domain}`, suggestHost(name, domain, true));
  if (full.length > 253)
    return refuse('a name of at most 253 characters together with the domain', 'a shorter one');
  return ok(full);
}

/** What the name of a set has to be like by its type; undefined where all is well. `name`: full, in the domain. */
export function ownerFault(name: string, type: RecordType, domain: string): [string, string] | undefined {
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.');
  const [first = '', second = ''] = labels;
  const isWild = first === '*';
  if (HOSTS.includes(type) && labels.some((label) => label.includes('_')))
    return [
      `a host name without underscores for ${type}`,
      name.replaceAll(/(^|\.)_/g, '$1').replaceAll('_', '-'),
    ];
  if (isWild && (type === 'NS' || type === 'DS'))
    return [`a name without wildcard for ${type} (RFC 4592 section 4.2)`, name.slice(2)];
  if (name === domain) {
    const own = APEX[type];
    if (own) return own;
  }
  const pattern = SHAPES[type];
  if (pattern && !pattern.shape.test([first, second].join('.'))) return [pattern.expected, pattern.hint];
  return undefined;
}

/** The name a value points to, with trailing dot: `@`, a label under the domain, or a full name anywhere. */
export function checkTarget(text: string, domain: string, isHost = true): Checked<string> {
  if (text === '@') return ok(`${domain}.`);
  const checked = isHost ? checkHost(text) : checkRecordName(text);
  if ('refused' in checked) return checked;
  const name = checked.ok;
  if (name.startsWith('*')) return refuse('a name without wildcard', name.slice(2));
  const full = name.includes('.') ? name : `${name}.${domain}`;
  return full.length > 253 ? refuse('a name of at most 253 characters', 'a shorter one') : ok(`${full}.`);
}

/** Types whose names are those of hosts (RFC 1123 section 2.1). */
const HOSTS: RecordType[] = ['A', 'AAAA', 'CAA', 'MX', 'SSHFP'];

/** What the domain itself cannot have, and what to write in its place. */
const APEX: Partial<Record<RecordType, [string, string]>> = {
  CNAME: ['a name below the domain, which has other records itself (RFC 1034 section 3.6.2)', 'A and AAAA'],
  NS: ['a name below the domain, whose own name servers the site keeps', 'removing it'],
  DS: ['a name below the domain', 'giving it to whom the domain is registered with'],
};

const SHAPES: Partial<Record<RecordType, { shape: RegExp; expected: string; hint: string }>> = {
  SRV: {
    shape: /^(_[^.]+|\*)\._[^.]+$/,
    expected: 'a name that begins with service and protocol (RFC 2782)',
    hint: 'a name such as _sip._tcp',
  },
  TLSA: {
    shape: /^(_\d{1,5}|\*)\._(tcp|udp|sctp)$/,
    expected: 'a name that begins with port and protocol (RFC 6698 section 3)',
    hint: 'a name such as _443._tcp',
  },
  OPENPGPKEY: {
    shape: /^[0-9a-f]{56}\._openpgpkey$/,
    expected: 'a name that begins with 56 digits of a hash and _openpgpkey (RFC 7929 section 3)',
    hint: 'gpg --export-options export-dane, which prints it',
  },
  SMIMEA: {
    shape: /^[0-9a-f]{56}\._smimecert$/,
    expected: 'a name that begins with 56 digits of a hash and _smimecert (RFC 8162 section 3)',
    hint: 'the first 28 bytes of the SHA-256 of what stands before the @',
  },
};
