import { type Checked, ok, refuse } from '../checked.ts';
import { nearest } from '../nearest.ts';

/** The types of records a person may ask for. */
export const TYPES = [
  ...(['A', 'AAAA', 'CAA', 'CNAME', 'DS', 'HTTPS', 'MX', 'NAPTR', 'NS', 'OPENPGPKEY'] as const),
  ...(['PTR', 'SMIMEA', 'SRV', 'SSHFP', 'SVCB', 'TLSA', 'TXT', 'URI'] as const),
];
export type RecordType = (typeof TYPES)[number];

const OURS = 'a type whose records the site does not write itself';
const SIGNED = 'removing it: the zone is signed by the site itself';

/** Why a type that exists is not one for here, and what to do. */
const REFUSED: Record<string, [expected: string, hint: string]> = {
  SOA: [OURS, 'removing it: every zone has one, and this one is written by the site'],
  DNSKEY: [OURS, SIGNED],
  CDS: [OURS, SIGNED],
  CDNSKEY: [OURS, SIGNED],
  RRSIG: [OURS, SIGNED],
  NSEC: [OURS, SIGNED],
  NSEC3: [OURS, SIGNED],
  SPF: ['a type that is still in use (RFC 7208 section 3.1)', 'TXT'],
  ALIAS: ['a type that the DNS has', 'A and AAAA with the addresses'],
  ANAME: ['a type that the DNS has', 'A and AAAA with the addresses'],
};

/** One of {@link TYPES}, in upper case. */
export function checkType(text: string): Checked<RecordType> {
  const known = TYPES.find((each) => each === text);
  if (known) return ok(known);
  const [expected, hint] = REFUSED[text.toUpperCase()] ?? [
    `one of ${TYPES.join(', ')}`,
    nearest(text, TYPES) ?? 'another type',
  ];
  return refuse(expected, hint);
}
