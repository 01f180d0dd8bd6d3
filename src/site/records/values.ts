import { type Checked, ok, refuse } from '../checked.ts';
import { nearest } from '../nearest.ts';
import { checkA, checkAaaa } from './addresses.ts';
import { checkDigest, checkOpenpgpkey } from './digests.ts';
import { isNumber, isPlain, quoted, unquoted, words } from './fields.ts';
import { checkTarget } from './names.ts';
import { checkServiceBinding } from './service-binding.ts';
import { checkTxt } from './text.ts';
import type { RecordType } from './types.ts';

/** Where a value stands, both names full. */
export interface Place {
  name: string;
  domain: string;
}

/** A value in presentation format, as PowerDNS writes it, so that what is asked for and what is served are equal. */
export function checkValue(type: RecordType, value: string, { name, domain }: Place): Checked<string> {
  if (type === 'TXT') return checkTxt(value, name);
  if (ASCII.includes(type) && !isPlain(value)) return refuse('letters of ASCII', 'typing it anew');
  return checks[type](value.trim(), domain);
}

/** Types whose values hold text that is no name; names come in any script. */
const ASCII: RecordType[] = ['CAA', 'NAPTR', 'URI'];

const checks: Record<Exclude<RecordType, 'TXT'>, (value: string, domain: string) => Checked<string>> = {
  A: checkA,
  AAAA: checkAaaa,
  CAA: checkCaa,
  CNAME: (value, domain) => checkTarget(value, domain, false),
  DS: checkDigest('DS'),
  HTTPS: checkServiceBinding,
  MX: checkMx,
  NAPTR: checkNaptr,
  NS: checkTarget,
  OPENPGPKEY: checkOpenpgpkey,
  PTR: (value, domain) => checkTarget(value, domain, false),
  SMIMEA: checkDigest('SMIMEA'),
  SRV: checkSrv,
  SSHFP: checkDigest('SSHFP'),
  SVCB: checkServiceBinding,
  TLSA: checkDigest('TLSA'),
  URI: checkUri,
};

/** `.` in the place of a host says that there is none (RFC 7505, RFC 2782). */
function hostOrNone(text: string, domain: string): Checked<string> {
  return text === '.' ? ok('.') : checkTarget(text, domain);
}

function checkMx(value: string, domain: string): Checked<string> {
  const [preference, host, ...more] = value.split(/\s+/);
  if (!isNumber(preference, 65_535) || host === undefined || more.length > 0)
    return refuse('"PREFERENCE HOST"', '10 mail.example.org.');
  const target = hostOrNone(host, domain);
  if ('refused' in target) return target;
  return target.ok === '.' ? ok('0 .') : ok(`${preference} ${target.ok}`);
}

function checkSrv(value: string, domain: string): Checked<string> {
  const [priority, weight, port, host, ...more] = value.split(/\s+/);
  const numbers = [priority, weight, port];
  if (!numbers.every((field) => isNumber(field, 65_535)) || host === undefined || more.length > 0)
    return refuse('"PRIORITY WEIGHT PORT HOST" (RFC 2782)', '0 5 5061 sip.example.org.');
  const target = hostOrNone(host, domain);
  return 'refused' in target ? target : ok([...numbers, target.ok].join(' '));
}

const CAA_TAGS = ['issue', 'issuewild', 'issuemail', 'issuevmc', 'iodef', 'contactemail', 'contactphone'];

/** RFC 8659 section 4. */
function checkCaa(value: string): Checked<string> {
  const [, flags, tag = '', rest = ''] = /^(\S+)\s+(\S+)\s+(.*)$/s.exec(value) ?? [];
  const text = unquoted(rest);
  if (flags === undefined) return refuse('"FLAGS TAG VALUE" (RFC 8659)', '0 issue "ca.example.net"');
  if (flags !== '0' && flags !== '128')
    return refuse('the flags 0, or 128 for critical (RFC 8659 section 4.1)', '0');
  const known = CAA_TAGS.find((each) => each === tag.toLowerCase());
  if (!known) return refuse(`a tag of ${CAA_TAGS.join(', ')}`, nearest(tag, CAA_TAGS) ?? 'issue');
  const fault = caaFault(known, text);
  return fault ? refuse(...fault) : ok(`${flags} ${known} ${quoted(text)}`);
}

function caaFault(tag: string, text: string): [expected: string, hint: string] | undefined {
  if (tag === 'iodef')
    return /^(mailto:[^@\s"]+@[^@\s"]+|https?:\/\/[^\s"]+)$/.test(text)
      ? undefined
      : ['mailto: or an URL with iodef (RFC 8659 section 4.4)', '0 iodef "mailto:alice@example.org"'];
  if (!tag.startsWith('issue'))
    return /^[^"\\\\]+$/.test(text) ? undefined : ['a value without quotes inside', 'alice@example.org'];
  const issuer = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)?\s*(;[^"]*)?$/i;
  return issuer.test(text) && text !== ''
    ? undefined
    : [
        'the domain of a certificate authority, or ";" for none (RFC 8659 section 4.2)',
        `0 ${tag} "ca.example.net"`,
      ];
}

/** RFC 3403 section 4.1. */
function checkNaptr(value: string, domain: string): Checked<string> {
  const fields = [...value.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/gs)].map(([field]) => field);
  const [order, preference, flags = '', service = '', expression = '', replacement] = fields;
  const strings = [flags, service, expression];
  if (
    !(isNumber(order, 65_535) && isNumber(preference, 65_535)) ||
    !strings.every((field) => /^"([^"\\]|\\["\\])*"$/.test(field)) ||
    !/^"[a-z0-9]*"$/i.test(flags) ||
    fields.length !== 6
  )
    return refuse(
      '"ORDER PREFERENCE "FLAGS" "SERVICE" "REGEXP" REPLACEMENT" (RFC 3403)',
      '100 10 "s" "SIP+D2U" "" _sip._udp.example.org.',
    );
  const substitution = unquoted(expression);
  if (substitution !== '' && !isSubstitution(substitution))
    return refuse(
      'an expression and what replaces it (RFC 3402 section 3.2)',
      '"!^.*$!sip:alice@example.org!"',
    );
  const target = replacement === '.' ? ok('.') : checkTarget(replacement ?? '', domain, false);
  if ('refused' in target) return target;
  if ((expression !== '""') === (target.ok !== '.'))
    return refuse('either an expression or a replacement (RFC 3403 section 4.1)', '"" or "." for the other');
  return ok([order, preference, ...strings, target.ok].join(' '));
}

/**
 * `!expression!replacement!` with any delimiter (RFC 3402 section 3.2), the expression an extended one of POSIX. Answers
 * with another thing there are thrown away by resolvers.
 */
function isSubstitution(text: string): boolean {
  const [delimiter = ''] = text;
  const [before, expression = '', replacement = '', flags, ...more] = text.split(delimiter);
  const isForeign = /\(\?|\\[a-z0-9]|[*+?}][*+?{]/i.test(expression);
  if (
    /[\\0-9i]/.test(delimiter) ||
    before !== '' ||
    !/^i?$/.test(flags ?? '-') ||
    more.length > 0 ||
    isForeign
  )
    return false;
  try {
    const groups = (new RegExp(`${expression}|`, 'u').exec('')?.length ?? 0) - 1;
    return [...replacement.matchAll(/\\(.?)/g)].every(
      ([, digit]) => /^[1-9]$/.test(digit ?? '') && Number(digit) <= groups,
    );
  } catch {
    return false;
  }
}

/** RFC 7553 section 4.5. */
function checkUri(value: string): Checked<string> {
  const [priority, weight, target = '', ...more] = words(value);
  if (
    !isNumber(priority, 65_535) ||
    !isNumber(weight, 65_535) ||
    more.length > 0 ||
    !/^[a-z][a-z0-9+.-]*:[^\s"\\]+$/i.test(target)
  )
    return refuse('"PRIORITY WEIGHT URI" (RFC 7553)', '10 1 "https://www.example.org/"');
  return ok(`${priority} ${weight} ${quoted(target)}`);
}
