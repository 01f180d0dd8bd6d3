import { dnskeyText, publicKeyOf } from '../../util/dnssec.ts';
import type { CryptoKey, Zone, ZoneApi } from './api.ts';

/** No salt and no further rounds, which cost more than they hide (RFC 9276 section 3.1). */
export const NSEC3 = '1 0 0 -';

/** Begins what is reported of a zone that keys besides the site's sign as well. */
const STRANGERS = 'drifted: signed as well by a key that is not of the store: ';

export function isStrangers(observed: string | undefined): boolean {
  return observed?.startsWith(STRANGERS) ?? false;
}

/** What keeps a zone from being signed as it should be; undefined where nothing does. `privateKey`: the store's. */
export function signingDrift(zone: Zone, keys: CryptoKey[], privateKey: string): string | undefined {
  const { ours } = sort(keys, privateKey);
  if (!zone.dnssec || !ours?.active || !ours.published) return 'drifted: not signed by the key of the store';
  if (zone.nsec3param !== NSEC3 || zone.nsec3narrow || !zone.api_rectify)
    return 'drifted: the proofs that names do not exist are other ones';
  return undefined;
}

/** That there are other keys; undefined where there are none. */
export function strangersAmong(keys: CryptoKey[], privateKey: string): string | undefined {
  const { strangers } = sort(keys, privateKey);
  if (strangers.length === 0) return undefined;
  return STRANGERS + strangers.map(({ dnskey }) => dnskey.split(' ').slice(0, 3).join(' ')).join(', ');
}

/**
 * Has the zone signed by the store's key. Other keys stay beside it, because the parent may know only them, and as long as
 * both sign, either digest leads to good answers (RFC 6781 section 4.1.2). `alone`: they go.
 */
export async function sign(
  api: ZoneApi,
  zone: Zone | undefined,
  privateKey: string,
  alone: boolean,
): Promise<void> {
  const { ours, strangers } = sort(await api.keys(), privateKey);
  if (!ours) await api.importKey(privateKey);
  else if (!ours.active || !ours.published) await api.activateKey(ours.id);
  if (ours && alone) for (const { id } of strangers) await api.deleteKey(id);
  const asIs = zone?.dnssec && zone.nsec3param === NSEC3 && !zone.nsec3narrow && zone.api_rectify;
  if (!asIs || !ours) await api.update({ api_rectify: true, nsec3param: NSEC3 });
}

function sort(keys: CryptoKey[], privateKey: string): { ours?: CryptoKey; strangers: CryptoKey[] } {
  const text = dnskeyText(publicKeyOf(privateKey));
  const ours = keys.find(({ dnskey }) => dnskey === text);
  return { ...(ours ? { ours } : {}), strangers: keys.filter((key) => key !== ours) };
}
