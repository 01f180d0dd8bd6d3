import type { RehearsalRequest } from '../../model/rehearsal.ts';
import type { SiteNetwork } from '../../model/site.ts';
import { podPrefix } from '../../plan/addresses.ts';
import { checkIpv4, checkPool } from '../../site/addresses.ts';
import type { Checked } from '../../site/checked.ts';
import { type Fault, PersonFault } from '../../util/errors.ts';

/** Documentation space (RFC 3849, RFC 5737), for what nobody named. */
const POOLS = ['2001:db8:a:10::/64', '2001:db8:b:10::/64'];
const ADDRESSES = ['203.0.113.7', '198.51.100.7'];

export interface Networks {
  old: SiteNetwork;
  new: SiteNetwork;
}

/**
 * From which network to which a rehearsal goes: from the one in force, to the one that is named, else to that of the site
 * file where it differs, else to one of documentation space. Throws PersonFault for a named one that is in force.
 */
export function networksOf(inForce: SiteNetwork, wanted: SiteNetwork, request: RehearsalRequest): Networks {
  const [known = '', found = ''] = [inForce.ipv4.address, wanted.ipv4.address];
  // A loopback address has no outside.
  const oldAddress = isLoopback(known) ? other(request.address, ADDRESSES) : known;
  const address = request.address ?? other(oldAddress, isLoopback(found) ? ADDRESSES : [found, ...ADDRESSES]);
  const oldPool = inForce.ipv6?.pool;
  const pool = wanted.ipv6?.pool;
  const newPool = request.pool ?? (oldPool && pool ? other(oldPool, [pool, ...POOLS]) : pool);
  assertOther('--pool', newPool && podPrefix(newPool), oldPool && podPrefix(oldPool));
  assertOther('--address', address, oldAddress);
  return { old: network(oldPool, oldAddress), new: network(newPool, address) };
}

function assertOther(where: string, found: string | undefined, inForce: string | undefined): void {
  if (!found || found !== inForce) return;
  const message = `expected another one than that in force; got ${found}; try one of the new provider`;
  throw new PersonFault({ where, message });
}

function other(than: string | undefined, candidates: string[]): string {
  return candidates.find((candidate) => candidate !== than) ?? '';
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

function network(pool: string | undefined, address: string): SiteNetwork {
  return { ...(pool ? { ipv6: { pool } } : {}), ipv4: { address, listen: address } };
}

/** Throws PersonFault for what is no prefix or address, all of it at once. */
export function checkRequest(options: { pool?: string; address?: string; cut?: boolean }): RehearsalRequest {
  const faults: Fault[] = [];
  function checked(where: string, text: string | undefined, check: (text: string) => Checked<string>) {
    const result = text === undefined ? undefined : check(text);
    if (!result || 'ok' in result) return result?.ok;
    const { expected, hint = '' } = result.refused;
    const advice = hint.startsWith('did you mean ') ? hint : hint && `try ${hint}`;
    faults.push({
      where,
      message: [`expected ${expected}`, `got "${text}"`, advice].filter(Boolean).join('; '),
    });
    return undefined;
  }
  const pool = checked('--pool', options.pool, checkPool);
  const address = checked('--address', options.address, checkIpv4);
  if (faults.length > 0) throw new PersonFault(faults);
  return { ...(pool ? { pool } : {}), ...(address ? { address } : {}), cut: options.cut ?? false };
}
