import { z } from 'zod';
import { overlaps, parseIpv6, parsePrefix } from '../util/ip.ts';
import { checkGateway, checkIpv4, checkPool } from './addresses.ts';
import { canonical } from './duration-key.ts';

/** `network`: what the providers give. */

function gateway(family: 4 | 6, example: string) {
  return z
    .string()
    .transform((text, context) => canonical(checkGateway(text, family), context))
    .optional()
    .describe("The provider's router; needed only while two providers are connected.")
    .meta({ examples: [example] });
}

const ipv4Address = z.string().transform((text, context) => canonical(checkIpv4(text), context));

const ipv6 = z
  .strictObject({
    pool: z
      .string()
      .transform((text, context) => canonical(checkPool(text), context))
      .describe('IPv6 prefix, /32 to /64, the services get their addresses from.')
      .meta({ examples: ['2001:db8:a:10::/64'] }),
    gateway: gateway(6, 'fe80::1%eth1'),
  })
  .superRefine(({ pool, gateway: router }, context) => {
    const [prefix, bits] = [parsePrefix(pool), parseIpv6(router?.address ?? '')];
    if (!prefix || bits === undefined || !overlaps(prefix, { network: bits, length: 128 })) return;
    refuse(
      context,
      'gateway',
      'a router outside the pool, all of which is for the services',
      'its link-local address',
    );
  })
  .transform(({ pool, gateway: router }) => ({ pool, ...(router ? { gateway: router } : {}) }));

const ipv4 = z
  .strictObject({
    address: ipv4Address
      .describe('The one public IPv4 address; it goes into the DNS.')
      .meta({ examples: ['203.0.113.7'] }),
    listen: ipv4Address
      .optional()
      .describe('IPv4 address of this machine to listen on, where a router forwards; `address` unless given.')
      .meta({ examples: ['192.168.1.10'] }),
    gateway: gateway(4, '192.168.2.1'),
  })
  .superRefine(({ address, listen = address, gateway: router }, context) => {
    if (router?.address !== listen) return;
    refuse(
      context,
      'gateway',
      'the address of a router, not that of this machine',
      'removing it, for the default route',
    );
  })
  .transform(({ address, listen = address, gateway: router }) => ({
    ...{ address, listen, ...(router ? { gateway: router } : {}) },
  }));

export const network = z
  .strictObject({
    ipv6: ipv6
      .optional()
      .describe('How services are reached over IPv6: directly. Without it they are reached over IPv4 alone.'),
    ipv4: ipv4.describe('How services are reached over IPv4: through one entry.'),
  })
  .transform(({ ipv6: six, ipv4: four }) => ({ ...(six ? { ipv6: six } : {}), ipv4: four }))
  .describe('The addresses. A new internet provider changes these and nothing else.');

function refuse(context: z.RefinementCtx, key: string, message: string, hint: string): void {
  context.issues.push({ code: 'custom', path: [key], input: context.value, message, params: { hint } });
}
