import type { Fault } from './errors.ts';

/*
 * The one rule for passwords that people choose (NIST SP 800-63B-4 section 3.1.1.2): long, any sign of Unicode, counted
 * in code points after NFC; nothing is asked of which signs it is made of. What is refused beside short ones is what
 * is guessed first: the name, one thing said again and again, signs in their order.
 */

/** Characters. A password may be all that keeps a stranger out: no code is asked for besides. */
export const SHORTEST_PASSWORD = 15;
/** More than anybody types. */
export const LONGEST_PASSWORD = 256;

/** For people, where they choose one. */
export const passwordHint = `${SHORTEST_PASSWORD} characters or more; four words that do not belong together are good`;

/** In their order on paper and on keyboards, twice: a sequence may go on from the start. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '1234567890',
  '0123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
];
/** Characters that are not of the name. */
const BESIDE_THE_NAME = 8;

/** What keeps a password from being taken; undefined where it is good. The fault never holds it. */
export function passwordFault(password: string, name: string): Fault | undefined {
  const got = problemOf(password.normalize('NFC'), name);
  if (!got) return undefined;
  const message = `expected ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters without line breaks, hard to guess; got ${got}; try four words that do not belong together`;
  return { where: 'password', message };
}

function problemOf(password: string, name: string): string | undefined {
  const { length } = [...password];
  if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) return `a length of ${length}`;
  if (/\p{Cc}/u.test(password)) return 'a control character';
  const bare = [...password.toLowerCase().replaceAll(/[\s\p{P}]/gu, '')].join('');
  const rest = name === '' ? bare : bare.replaceAll(name.replaceAll(/[._-]/g, ''), '');
  if (rest !== bare && [...rest].length < BESIDE_THE_NAME) return 'little but the name';
  if (isRepeated(rest)) return 'one thing again and again';
  return isSequence(rest) ? 'signs in their order' : undefined;
}

/** Whether a text is its beginning said twice or more, the last time maybe in part. */
function isRepeated(text: string): boolean {
  const signs = [...text];
  for (let period = 1; period * 2 <= signs.length; period++)
    if (signs.every((sign, at) => at < period || sign === signs[at - period])) return true;
  return signs.length < 2;
}

function isSequence(text: string): boolean {
  const backwards = [...text].toReversed().join('');
  return ROWS.some((row) => {
    const endless = row.repeat(Math.ceil(text.length / row.length) + 1);
    return endless.includes(text) || endless.includes(backwards);
  });
}
