import type { RecordType } from '../../src/site/records/types.ts';
import type { Random } from './random.ts';

/** An entry of `dns.records` as a person may write it, right or wrong. */
export interface Draw {
  name: string;
  type: string;
  values: string[];
}

/** The n-th record of a type: often as it should be, at times with something strange in it. */
export function drawRecord(type: RecordType, n: number, random: Random): Draw {
  const count = ['CNAME', 'HTTPS', 'SVCB'].includes(type) ? 1 : 1 + random(2);
  const values = Array.from({ length: count }, () => mutated(forms[type](random), random));
  return { name: nameOf(type, n, random), type, values };
}

function nameOf(type: RecordType, n: number, random: Random): string {
  const hash = n.toString(16).padStart(56, '0');
  if (type === 'SRV') return `_s${n}._tcp`;
  if (type === 'TLSA') return `_${n}._tcp`;
  if (type === 'OPENPGPKEY') return `${hash}._openpgpkey`;
  if (type === 'SMIMEA') return `${hash}._smimecert`;
  const wild = random(4) === 0 && !['NS', 'DS'].includes(type) ? '*.' : '';
  return `${wild}n${n}.${type.toLowerCase()}.records.example.org`;
}

/** One edit in a third of the values. */
function mutated(value: string, random: Random): string {
  if (random(3) > 0) return value;
  const at = random(value.length + 1);
  const piece = PIECES[random(PIECES.length)] ?? '';
  return value.slice(0, at) + piece + value.slice(at + random(2));
}

const PIECES = [
  ...[
    ' ',
    '.',
    '..',
    '-',
    '_',
    '"',
    '\\',
    ';',
    '0',
    '9999999999',
    '@',
    '*',
    'ü',
    'А',
    '\u200b',
    '%',
    ',',
    '=',
  ],
  ...['$', '(', ')', '\\000', "'", '#', '/', '|', '٣'],
];

const pick = <T>(random: Random, list: T[]): T => list[random(list.length)] as T;
const word = (random: Random) =>
  Array.from({ length: 1 + random(12) }, () => pick(random, [...'abcXYZ019'])).join('');
const hex = (random: Random, bytes: number) =>
  Array.from({ length: 2 * bytes }, () => pick(random, [...'0123456789abcdefAF'])).join('');
const base64 = (random: Random) =>
  Buffer.from(Array.from({ length: 30 + random(300) }, () => random(256))).toString('base64');
const number = (random: Random) => String(random(65_536));
const host = (random: Random) =>
  pick(random, [
    () => `${word(random)}.example.net.`,
    () => `${word(random)}.Bücher.example`,
    () => word(random).replace(/^\d+$/, 'a'),
    () => '@',
  ])();
const hash = (random: Random) =>
  pick(random, [`1 ${hex(random, 32)}`, `2 ${hex(random, 64)}`, `0 ${hex(random, 90)}`]);

const forms: Record<RecordType, (random: Random) => string> = {
  A: (random) => `203.0.113.${random(256)}`,
  AAAA: (random) =>
    pick(random, [`2001:DB8:0:0:${hex(random, 2)}::${hex(random, 1)}`, `fd${hex(random, 1)}::1:0:0:1`]),
  CAA: (random) =>
    pick(random, [
      `0 issue ca${random(9)}.example.net`,
      '128 issuewild ";"',
      '0 ISSUE "CA.example.net; accounturi=https://ca.example.net/acct/1; x=a b"',
      '0 iodef mailto:Alice@example.org',
      '0 contactemail "alice@example.org"',
    ]),
  CNAME: (random) => pick(random, [host(random), `s1._domainkey.${word(random)}.example.net`]),
  DS: (random) =>
    `${number(random)} ${pick(random, [8, 13, 15])} ${pick(random, [`2 ${hex(random, 32)}`, `4 ${hex(random, 48)}`])}`,
  HTTPS: (random) =>
    pick(random, [
      `1 . alpn="h2,h3"`,
      `${1 + random(9)} ${host(random)} port=${1 + random(9999)} alpn=h2`,
      '0 www.example.net.',
      `1 . ipv6hint=2001:DB8:0::1,2001:db8::2 ipv4hint=203.0.113.1,203.0.113.2 no-default-alpn alpn=h3`,
      '1 . mandatory=port,alpn alpn=h2 port=8443',
    ]),
  MX: (random) => pick(random, [`${number(random)} ${host(random)}`, '0 .']),
  NAPTR: (random) =>
    pick(random, [
      `${number(random)} 10 "S" "SIP+D2U" "" _sip._udp.example.org.`,
      `100 ${number(random)} "u" "E2U+sip" "!^(.*)$!sip:\\\\1@example.org!" .`,
    ]),
  NS: (random) => `ns${random(9)}.example.net.`,
  OPENPGPKEY: base64,
  PTR: (random) => pick(random, [host(random), `_printer._tcp.${word(random)}.example.net`]),
  SMIMEA: (random) => `${random(4)} ${random(2)} ${hash(random)}`,
  SRV: (random) =>
    pick(random, [`${number(random)} ${number(random)} ${number(random)} ${host(random)}`, '0 0 0 .']),
  SSHFP: (random) =>
    `${pick(random, [1, 3, 4])} ${pick(random, [`1 ${hex(random, 20)}`, `2 ${hex(random, 32)}`])}`,
  SVCB: (random) => forms.HTTPS(random),
  TLSA: (random) => `${random(4)} ${random(2)} ${hash(random)}`,
  TXT: (random) =>
    pick(random, [
      `v=spf1 mx include:${word(random)}.example.net -all`,
      `${word(random)} "${word(random)}" \\ ; grün 🌍 ${word(random)}`,
      'x'.repeat(200 + random(800)),
      'ü'.repeat(200 + random(300)),
      '\\034 \\" $ORIGIN ( ) @ ;',
    ]),
  URI: (random) => `${number(random)} ${number(random)} "https://www.example.org/${word(random)}?a=b#c"`,
};
