import { readFileSync } from 'node:fs';
import { domainToASCII } from 'node:url';

/** Debian's package `publicsuffix`, which comes with curl and wget. */
const LIST = '/usr/share/publicsuffix/public_suffix_list.dat';

/** Whether names are registered below a domain by anybody, as below `co.uk`; no where this machine has no list. */
export function isPublicSuffix(domain: string): boolean {
  try {
    return isSuffixOf(readFileSync(LIST, 'utf8'), domain);
  } catch {
    return false;
  }
}

/**
 * `list`: in the format of https://github.com/publicsuffix/list/wiki/Format. Only its part of registries counts: those
 * who sell names below their own, as its private part lists them, own these.
 */
export function isSuffixOf(list: string, domain: string): boolean {
  const [registries = ''] = list.split('===END ICANN DOMAINS===');
  const wild = `*${domain.slice(domain.indexOf('.'))}`;
  const rules = new Set(
    registries
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('//'))
      .map((rule) => (/^\p{ASCII}*$/u.test(rule) ? rule : domainToASCII(rule))),
  );
  return rules.has(domain) || (rules.has(wild) && !rules.has(`!${domain}`));
}
