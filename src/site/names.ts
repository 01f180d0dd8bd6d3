import { isIP } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import { type Checked, ok, refuse } from './checked.ts';
import { editDistance } from './nearest.ts';

const DOMAIN = 'a domain such as example.org';
const SHORT = 'of at most 253 characters (RFC 1035)';

/**
 * The site's domain as lower-case A-labels without the trailing dot. Takes U-labels (UTS 46, as
 * browsers do) and one trailing dot. Limits: RFC 1035 section 2.3.4, letters: RFC 1123 section 2.1.
 */
export function checkDomain(text: string): Checked<string> {
  const name = checkName(text, DOMAIN);
  if ('refused' in name) {
    const { expected, hint } = name.refused;
    // what is a good label may be no good domain
    return hint && !/[. ]/.test(hint) ? refuse(expected) : name;
  }
  if (!name.ok.includes('.'))
    return refuse(
      `${DOMAIN}, of two labels or more`,
      'a domain of yours, or allod.localhost to try things out',
    );
  return name;
}

/** A label or a full name, as {@link checkDomain} writes it; a single label stays one. */
export function checkHost(text: string): Checked<string> {
  return checkName(text, 'a label or full host name');
}

/** As {@link checkHost}, for the name of any record: underscores, and a wildcard as the whole first label (RFC 4592). */
export function checkRecordName(text: string): Checked<string> {
  const expected = 'a label or full name';
  const isWild = /^\*(\.|$)/.test(text);
  const rest = isWild ? text.slice(2) : text;
  if (rest.includes('*')) return refuse(`${expected}; a wildcard is the whole first label`, '*.example.org');
  if (isWild && rest === '') return ok('*');
  const checked = checkName(rest, expected, NO_RECORD);
  return isWild && 'ok' in checked ? ok(`*.${checked.ok}`) : checked;
}

/** The full name of a host that is a label, the domain itself or a name below it. */
export function qualifyHost(host: string, domain: string): Checked<string> {
  const name = host.includes('.') ? host : `${host}.${domain}`;
  if (name !== domain && !name.endsWith(`.${domain}`))
    return refuse(`a name in the site's domain ${domain}`, suggestHost(host, domain));
  if (name.length > 253)
    return refuse(`a name of at most 253 characters together with the domain`, 'a shorter label');
  return ok(name);
}

/** `chat.exmaple.org` becomes `chat.example.org`; of a name of another domain the first label stays, or all. */
export function suggestHost(host: string, domain: string, keepAll = false): string {
  const labels = host.split('.');
  const depth = domain.split('.').length;
  const ending = labels.slice(-depth).join('.');
  const close = editDistance(ending, domain) <= Math.ceil(domain.length / 4);
  const front = close ? labels.slice(0, -depth) : labels.slice(0, keepAll ? undefined : 1);
  return [...front, domain].join('.');
}

/** ASCII characters that no host name has (RFC 1123 section 2.1), and that no name of a record has. */
const NO_HOST = /[^a-z0-9.-]/i;
const NO_RECORD = /[^a-z0-9._-]/i;

/** `foreign`: which ASCII characters may not stand in it. */
function checkName(text: string, expected: string, foreign = NO_HOST): Checked<string> {
  if (text === '') return refuse(expected);
  if (text.length > 1000) return refuse(`${expected}, ${SHORT}`, 'a shorter name');
  if (/[\p{C}\p{Default_Ignorable_Code_Point}]/u.test(text))
    return refuse(`${expected}, without invisible characters`, 'typing it anew');
  if (isIP(text.replace(/^\[(.*)\]$/, '$1'))) return refuse(`${expected}, not an IP address`);
  const bare = text.replace(/\.$/, '');
  if (bare.split('.').includes(''))
    return refuse(`${expected}; a label may not be empty`, cleaned(text, foreign));
  const wrong = wrongCharacter(bare, foreign);
  if (wrong) return refuse(`${expected}; ${nameOf(wrong)} may not stand in it`, cleaned(text, foreign));

  const ascii = /^\p{ASCII}*$/u.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
  if (ascii === '') return refuse(`${expected} that has an A-label form (UTS 46)`, 'letters of one script');
  const labels = ascii.split('.');
  for (const label of labels) {
    const fault = checkLabel(label, foreign);
    const hint = fault?.includes('hyphen') ? cleaned(text, foreign) : undefined;
    if (fault) return refuse(`${expected}; ${fault}`, hint);
  }
  if (ascii.length > 253) return refuse(`${expected}, ${SHORT}`, 'a shorter name');
  if (isIP(ascii) || /^\d+$/.test(labels.at(-1) ?? ''))
    return refuse(`${expected}, whose last label is not a number`);
  return ok(ascii);
}

/** What is wrong with a label in A-form, if anything is. */
function checkLabel(label: string, foreign: RegExp): string | undefined {
  if (label === '') return 'a label may not be empty';
  if (label.length > 63)
    return `a label has at most 63 characters (RFC 1035), ${label.slice(0, 12)}… has ${label.length}`;
  const shown = label.startsWith('xn--') ? domainToUnicode(label) : label;
  if (shown.startsWith('xn--') || (shown !== label && domainToASCII(shown) !== label))
    return `${label} is no valid A-label (RFC 5890)`;
  if (/^-|-$/.test(shown)) return 'a label may not begin or end with a hyphen';
  const wrong = wrongCharacter(shown, foreign);
  return wrong && `${nameOf(wrong)} may not stand in it`;
}

function wrongCharacter(text: string, foreign: RegExp): string | undefined {
  return foreign.exec(text.replace(/\P{ASCII}/gu, ''))?.[0];
}

function nameOf(character: string): string {
  if (character === '_') return 'an underscore';
  if (character === ' ') return 'a space';
  if (character === '*') return 'a wildcard';
  return JSON.stringify(character);
}

function cleaned(text: string, foreign: RegExp): string | undefined {
  const name = text
    .replace(/^(\w+:\/\/|.*@)/, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^\*\./, '')
    .replace(/[\s_]+/g, (gap) => (foreign === NO_RECORD && gap.includes('_') ? '_' : '-'))
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '')
    .split(/\.+/)
    .map((label) => label.replace(/^-+|-+$/g, ''))
    .filter((label) => label !== '')
    .join('.');
  return name === '' || name === text ? undefined : name;
}

/** Labels that mix scripts, as look-alike names do; worth a warning, not a refusal. */
export function mixedScriptLabels(name: string): string[] {
  return name
    .split('.')
    .filter((label) => label.startsWith('xn--'))
    .map((label) => domainToUnicode(label))
    .filter((label) => scripts.filter((script) => script.test(label)).length > 1);
}

const scripts = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Hebrew}/u,
  /\p{Script=Arabic}/u,
];
