import { isIP, isIPv4 } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { formatPrefix, parsePrefix, rangeOfIpv4 } from '../../util/ip.ts';

/** Shorter prefixes are no house: whoever may ask from half the internet makes it an open resolver. */
const SHORTEST = { ipv4: 8, ipv6: 32 };

const name = z
  .string()
  .regex(
    /^(?=.{3,230}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/,
    'a host name in small letters, "xn--" form, without a dot at its end',
  );

const network = z.string().refine(isNetwork, {
  message: `a network without host bits, /${SHORTEST.ipv4} or longer, in IPv6 /${SHORTEST.ipv6} or longer`,
  params: { hint: '192.168.1.0/24 or 2001:db8:a:20::/64' },
});

const address = z.string().refine((text) => isIP(text) > 0, {
  message: 'an IP address',
  params: { hint: '2001:db8:ff::53' },
});

const list = z.string().refine((path) => isAbsolute(path) && !path.includes('\0'), {
  message: 'an absolute path',
  params: { hint: '/etc/allod/ads.txt' },
});

const anchor = z
  .string()
  .regex(
    /^\d{1,5} \d{1,3} \d{1,3} ([0-9A-Fa-f]{2}){20,48}$/,
    'a DS record: key tag, algorithm, digest type, digest',
  )
  .meta({ examples: ['20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'] });

export const Settings = z.strictObject({
  clients: z
    .array(network)
    .default([])
    .describe('Networks whose devices may ask; nobody but pods and this machine unless given.')
    .meta({ examples: [['192.168.1.0/24', '2001:db8:a:20::/64']] }),
  listen: z
    .string()
    .refine(isIPv4, { message: 'an IPv4 address of this machine', params: { hint: '192.168.1.2' } })
    .optional()
    .describe(
      "Address of this machine in the house, where devices ask over IPv4; the site's own has the name server.",
    )
    .meta({ examples: ['192.168.1.2'] }),
  block: z
    .array(name)
    .default([])
    .describe('Names that do not exist for who asks here, with all below them.')
    .meta({ examples: [['ads.example.net']] }),
  lists: z
    .array(list)
    .max(16)
    .default([])
    .describe(
      'Files of this machine with names to block: one a line, a hosts file, or a response policy zone.',
    )
    .meta({ examples: [['/etc/allod/ads.txt']] }),
  allow: z
    .array(name)
    .default([])
    .describe('Names that no list blocks, with all below them.')
    .meta({ examples: [['shop.example.net']] }),
  private: z
    .array(name)
    .default([])
    .describe('Names of others that may lead to private addresses, with all below them.')
    .meta({ examples: [['intranet.example.net']] }),
  memory: z
    .int()
    .min(256)
    .max(65_536)
    .default(384)
    .describe('Limit in MiB; a quarter of it is cache. 100,000 names of a list take 130.'),
  root: z
    .strictObject({
      hints: z.array(address).min(1).describe('Addresses of its servers.'),
      anchors: z.array(anchor).min(1).describe('DS records of its keys.'),
    })
    .optional()
    .describe('Another root of the DNS, in a laboratory.'),
});

export type Settings = z.infer<typeof Settings>;

function isNetwork(text: string): boolean {
  const [address = '', length = ''] = text.split('/');
  if (isIPv4(address) && /^([89]|[12]\d|3[0-2])$/.test(length))
    return rangeOfIpv4(text).first === rangeOfIpv4(address).first;
  const prefix = parsePrefix(text);
  if (!prefix || prefix.length < SHORTEST.ipv6) return false;
  const shift = BigInt(128 - prefix.length);
  return formatPrefix(prefix) === formatPrefix({ ...prefix, network: (prefix.network >> shift) << shift });
}
