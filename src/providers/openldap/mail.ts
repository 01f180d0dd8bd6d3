import { domainToASCII, domainToUnicode } from 'node:url';
import type { Fault } from '../../util/errors.ts';
import { shown, textProblems } from './shown-text.ts';

/** RFC 5321 section 4.1.2 without quoted local parts and address literals; no UTF-8 before the `@`. */
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;
const LONGEST = 254;

/** The address as it is kept: a domain with other letters in its A-labels, `xn--bcher-kva.example` (RFC 5890). */
export function keptMail(mail: string): string {
  const at = mail.lastIndexOf('@') + 1;
  return at === 0 || /^\p{ASCII}*$/u.test(mail) ? mail : mail.slice(0, at) + domainToASCII(mail.slice(at));
}

export function mailFault(mail: string): Fault | undefined {
  const problems = mailProblems(mail);
  if (problems.length === 0) return undefined;
  const message = `expected one address such as alice@example.org, in ASCII before the @; got ${shown(mail)}: ${problems.join(', ')}; try the plain address without name, quotes or brackets`;
  return { where: 'mail', message };
}

/** Services tell people apart, and send them mail, by it. Small and large letters are the same to them. */
export function takenMailFault(
  mail: string | undefined,
  name: string,
  others: { name: string; mail?: string }[],
): Fault | undefined {
  if (!mail) return undefined;
  const kept = (address: string) => keptMail(address).toLowerCase();
  const wanted = kept(mail);
  if (!others.some((other) => other.name !== name && other.mail !== undefined && kept(other.mail) === wanted))
    return undefined;
  // Not whose: people set their own address, and need not learn those of others.
  const message = `expected an address that nobody else of this site has; got ${shown(mail)}; try another, or none`;
  return { where: 'mail', message };
}

/** Each in a few words. What is not seen is looked for first: making A-labels would pass over it. */
function mailProblems(mail: string): string[] {
  const unseen = textProblems(mail, LONGEST);
  if (unseen.length > 0) return unseen;
  const [local = '', domain = '', ...more] = mail.split('@');
  const labels = keptMail(mail)
    .slice(local.length + 1)
    .split('.');
  if (more.length > 0 || domain === '') return ['not one @ with something on both sides'];
  return [
    ...(local.length <= 64 && LOCAL_PART.test(local) ? [] : ['no name of a mailbox before the @']),
    ...(isHost(labels) ? [] : ['no domain after the @']),
    ...(keptMail(mail).length > LONGEST ? ['too long a domain'] : []),
  ];
}

/** Of a mail domain: two labels or more, the last one no number, and A-labels that stand for something. */
function isHost(labels: string[]): boolean {
  return labels.length > 1 && labels.every(isLabel) && /[a-z]/i.test(labels.at(-1) ?? '');
}

function isLabel(label: string): boolean {
  if (!LABEL.test(label)) return false;
  const small = label.toLowerCase();
  const letters = domainToUnicode(small);
  return !small.startsWith('xn--') || (!letters.startsWith('xn--') && domainToASCII(letters) === small);
}
