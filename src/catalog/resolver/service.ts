import { certificate } from '../../contracts/certificate.ts';
import type { Requests } from '../../contracts/contracts.ts';
import { publicPort } from '../../contracts/public-port.ts';
import type { ResolverResult } from '../../contracts/resolver.ts';
import { type Context, defineService, type Fulfilment } from '../../contracts/service.ts';
import { LIVE, text } from '../../model/files.ts';
import { reverseZone } from '../../util/ip.ts';
import { type ResolverConfig, RUN, resolverFiles } from './config.ts';
import { Settings } from './settings.ts';

const UID = 10055;

/** Unbound: names of the whole internet for pods and for the devices of the house, validated. */
export const service = defineService({
  type: 'resolver',
  title: 'Resolver of the house',
  suffix: 0x35,
  settings: Settings,
  machineFiles: ({ lists }) => lists,
  images: [
    {
      name: 'unbound',
      packages: ['unbound', 'dns-root-data'],
      // Not `unbound`: the package insists on making a system user of that name itself.
      users: [{ name: 'allod-resolver', uid: UID, home: '/nonexistent' }],
      files: {},
      // An empty file for changes by hand that the package makes and no package owns.
      run: ['rm /etc/apparmor.d/local/usr.sbin.unbound'],
    },
  ],

  requests({ service: { host, settings } }) {
    const house = { from: settings.clients, listen: settings.listen ?? false } as const;
    return {
      certificate: certificate({ names: [host], public: true, why: 'devices ask over TLS (RFC 7858)' }),
      udp: publicPort({ ...house, port: 53, protocol: 'udp', why: 'devices of the house look up names' }),
      tcp: publicPort({ ...house, port: 53, protocol: 'tcp', why: 'answers too long for UDP (RFC 7766)' }),
      tls: publicPort({ ...house, port: 853, protocol: 'tcp', why: 'devices ask over TLS (RFC 7858)' }),
    };
  },

  workload(context, got) {
    const { chain, key } = got.certificate;
    const { host, settings } = context.service;
    return {
      containers: [
        {
          name: 'app',
          image: 'unbound',
          command: ['/usr/sbin/unbound', '-d', '-p', '-c', `${LIVE}/unbound.conf`],
          user: UID,
          memory: settings.memory,
          files: [
            ...resolverFiles(configOf(context)),
            { path: 'tls.crt', content: text`${chain}` },
            { path: 'tls.key', content: text`${key}` },
          ],
          mounts: [],
          scratch: [RUN],
          reload: {
            how: 'exec',
            argv: ['/usr/sbin/unbound-control', '-c', `${LIVE}/unbound.conf`, 'reload_keep_cache'],
          },
          proofs: [{ kind: 'certificate', file: 'tls.crt', host, port: 853 }],
        },
      ],
      // Answered by the resolver itself (RFC 6761), so it says nothing about the internet.
      probe: { kind: 'dns', port: 53, name: 'localhost' },
      startSeconds: 30,
    };
  },

  provides: { contracts: ['resolver'], fulfil },
});

function configOf({ site, service, uplinks, inner, address }: Context<Settings>): ResolverConfig {
  const { domain } = site;
  const prefixes = [inner.pool, ...uplinks.pools.map(({ prefix }) => prefix)];
  return {
    ...service.settings,
    domain,
    zones: [domain, ...new Set(prefixes.map(reverseZone))],
    nameServer: address('dns'),
    networks: [inner.pool, ...service.settings.clients],
    ipv6: uplinks.pools.length > 0,
  };
}

function fulfil({ service, address }: Context, consumer: Context, requests: Requests): Fulfilment {
  const asked = Object.values(requests).filter(({ contract }) => contract === 'resolver');
  const result: ResolverResult = { address: address() };
  return {
    results: Object.fromEntries(Object.keys(requests).map((key) => [key, result])),
    resolver: result.address,
    allow: asked.flatMap(({ why }) =>
      (['udp', 'tcp'] as const).map((protocol) => ({
        ...{ from: consumer.service.id, to: service.id, port: 53, protocol, why },
      })),
    ),
  };
}
