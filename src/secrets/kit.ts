import { createHash } from 'node:crypto';
import { PersonFault } from '../util/errors.ts';
import { KEY } from './envelope.ts';
import { kitOf } from './keyring.ts';

/** Digits that are not taken for each other (Crockford's base 32). */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Bytes of the key in a group; a fifth one checks it. */
const BYTES = 4;
const GROUPS = KEY / BYTES;
const GROUP_DIGITS = ((BYTES + 1) * 8) / 5;

/** A root key as eight groups of eight digits; a group with a mistake in it is told from the others. */
export function writeGroups(root: Buffer): string[] {
  return Array.from({ length: GROUPS }, (_, i) => {
    const part = root.subarray(i * BYTES, (i + 1) * BYTES);
    return toDigits(Buffer.concat([part, checkOf(i, part)]));
  });
}

/** The root key behind what a person typed, in any case and with any spaces. Throws PersonFault with every wrong group. */
export function readGroups(text: string): Buffer {
  const digits = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const expected = GROUPS * GROUP_DIGITS;
  if (digits.length !== expected || [...digits].some((digit) => !DIGITS.includes(digit)))
    throw fault(
      'key of the kit',
      `expected ${GROUPS} groups of ${GROUP_DIGITS} digits and letters; got ${digits.length} of ${expected}; try typing the groups alone, without their numbers`,
    );
  const root = Buffer.alloc(KEY);
  const wrong: number[] = [];
  for (let i = 0; i < GROUPS; i++) {
    const bytes = toBytes(digits.slice(i * GROUP_DIGITS, (i + 1) * GROUP_DIGITS));
    const part = bytes.subarray(0, BYTES);
    if (checkOf(i, part)[0] !== bytes[BYTES]) wrong.push(i + 1);
    part.copy(root, i * BYTES);
  }
  if (wrong.length === 0) return root;
  const message = 'expected the group as it is printed; got another one; try typing it again';
  throw new PersonFault(wrong.map((group) => ({ where: `group ${group} of the kit`, message })));
}

/** What a person prints and keeps away from the machine. */
export function kitText(domain: string, root: Buffer, files: { secretsDb: string }, at = new Date()): string {
  const groups = writeGroups(root).map((group, i) => `    ${i + 1}   ${group.slice(0, 4)} ${group.slice(4)}`);
  return `RECOVERY KIT of the site ${domain}
kit ${kitOf(root)}, made on ${at.toISOString().slice(0, 10)}

The key below opens the secrets of this site, together with the file that holds them:
    ${files.secretsDb}
Whoever has both has every password and key of the site. Print this page, keep it away from the machine
and from its backups, and leave no copy of it on a disk.

${groups.join('\n')}

What it is for: the machine was lost or its disk moved, host.key is gone, or the passphrase is forgotten.

1. On the new machine put the site file in place, and secrets.db from a backup at
   ${files.secretsDb}
2. ./allod secrets restore-key
   and type the eight groups, without their numbers. Upper or lower case and spaces do not matter.
3. ./allod up

It opens the store until its keys are made new (./allod secrets rotate --keys, or a change from host-key to
passphrase). Then \`./allod status\` says that this kit opens nothing any more: print a new one.
`;
}

/** Bound to the place of the group: two that were exchanged are both wrong. */
function checkOf(index: number, part: Buffer): Buffer {
  return createHash('sha256')
    .update(Buffer.from([index]))
    .update(part)
    .digest()
    .subarray(0, 1);
}

function toDigits(bytes: Buffer): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < GROUP_DIGITS; i++, value >>= 5n) text = DIGITS[Number(value & 31n)] + text;
  return text;
}

function toBytes(digits: string): Buffer {
  let value = 0n;
  for (const digit of digits) value = (value << 5n) | BigInt(DIGITS.indexOf(digit));
  return Buffer.from(value.toString(16).padStart((BYTES + 1) * 2, '0'), 'hex');
}

function fault(where: string, message: string): PersonFault {
  return new PersonFault({ where, message });
}
