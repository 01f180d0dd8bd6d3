import { isIPv4, isIPv6 } from 'node:net';
import { refuse } from '../checked.ts';
import { nearest } from '../nearest.ts';

/** Which mail servers may send for a domain (RFC 7208). */

const LOOKUPS = ['include', 'a', 'mx', 'ptr', 'exists', 'redirect'];
const OTHERS = ['all', 'ip4', 'ip6', 'exp'];
/** Terms that make a receiver ask the DNS (section 4.6.4). */
const MOST_LOOKUPS = 10;

export function isSpf(text: string): boolean {
  return /^v=spf1( |$)/i.test(text);
}

/** As {@link isSpf}, of a value of TXT in presentation format. */
export function isSpfValue(value: string): boolean {
  return isSpf(value.slice(1, -1));
}

/** Undefined where the record is sound. */
export function checkSpf(text: string): ReturnType<typeof refuse> | undefined {
  let lookups = 0;
  for (const term of text.split(/ +/).slice(1).filter(Boolean)) {
    const [, name = '', mark = '', value = ''] = /^[-+?~]?([\w.-]*)([:=/]?)(.*)$/s.exec(term) ?? [];
    const word = name.toLowerCase();
    if (LOOKUPS.includes(word)) lookups++;
    else if (!OTHERS.includes(word) && mark !== '=') {
      const like = nearest(word, [...LOOKUPS, ...OTHERS]);
      return refuse(
        'terms that SPF knows (RFC 7208 section 5)',
        like ? `${like} in place of ${term}` : 'removing it',
      );
    }
    if (/^(include|exists|redirect)$/.test(word) && value === '')
      return refuse(
        `a name after ${word} (RFC 7208)`,
        `${word}${word === 'redirect' ? '=' : ':'}example.net`,
      );
    if (/^ip[46]$/.test(word) && !isNetwork(value, word === 'ip4'))
      return refuse(
        `an address after ${word}: (RFC 7208 section 5.6)`,
        word === 'ip4' ? 'ip4:203.0.113.0/24' : 'ip6:2001:db8::/32',
      );
  }
  if (lookups <= MOST_LOOKUPS) return undefined;
  return refuse(
    `at most ${MOST_LOOKUPS} terms that need a lookup (RFC 7208 section 4.6.4), not ${lookups}: receivers refuse the mail`,
    'ip4: and ip6: in their place, or fewer',
  );
}

function isNetwork(text: string, isV4: boolean): boolean {
  const [address = '', length, ...more] = text.split('/');
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (isV4 ? 32 : 128));
  return more.length === 0 && fits && (isV4 ? isIPv4(address) : isIPv6(address) && !address.includes('%'));
}
