import type { Why } from './resource.ts';
import type { RecordSpec } from './zone.ts';

/** What a person brings to where the parent of a zone is looked after: a registrar, or an internet provider. */
export interface Delegation {
  zone: string;
  /** `addresses`: the glue records, where the name is in the zone itself (RFC 1034 section 4.2.1). */
  nameServers: { name: string; addresses: string[] }[];
  /** RFC 4034 section 5.1; the digest in hexadecimal. */
  ds: { keyTag: number; algorithm: number; digestType: number; digest: string };
  /** Content of the DNSKEY record, which some registrars want in place of the digest. */
  dnskey: string;
}

/** A record set that a zone has, or should have. */
export interface RecordView extends RecordSpec {
  zone: string;
  state: RecordState;
  /** Absent where the site does not want it. */
  why?: Why;
}

/** `not wanted`: of the site, and about to go. `foreign`: somebody else made it; the site does not touch it. */
export type RecordState = 'in place' | 'missing' | 'differs' | 'not wanted' | 'foreign';
