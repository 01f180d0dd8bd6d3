/**
 * An anonymous search for the root DSE (RFC 4511 section 4.5) and the answer that names our base, both
 * as hex: it shows that slapd answers, and with this site's database.
 */
export function rootSearch(base: string): { send: string; expect: string } {
  const search = [
    ber(0x04, ''), // base object: the root DSE
    ber(0x0a, '\0'), // scope: base
    ber(0x0a, '\0'), // never dereference
    ber(0x02, '\0'), // no size limit
    ber(0x02, '\x05'), // 5 seconds
    ber(0x01, '\0'), // values too
    ber(0x87, 'objectClass'), // present
    ber(0x30, ber(0x04, 'namingContexts')),
  ].join('');
  const message = ber(0x30, ber(0x02, '\x01') + ber(0x63, search));
  return { send: hex(message), expect: hex(ber(0x04, base)) };
}

/** One element (X.690 section 8.1) of up to 65535 bytes, each byte a character. */
function ber(tag: number, content: string): string {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return String.fromCharCode(tag, ...size) + content;
}

function hex(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex');
}
