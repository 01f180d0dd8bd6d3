import { isIPv4 } from 'node:net';
import { z } from 'zod';
import type { Requests } from '../../contracts/contracts.ts';
import type { DnsRecordRequest } from '../../contracts/dns-record.ts';
import { publicPort } from '../../contracts/public-port.ts';
import { secret } from '../../contracts/secret.ts';
import { type Context, defineService, type Fulfilment, type OwnResource } from '../../contracts/service.ts';
import { volume } from '../../contracts/volume.ts';
import { text } from '../../model/files.ts';
import type { Site } from '../../model/site.ts';
import type { RecordSpec } from '../../model/zone.ts';
import { reverseZone } from '../../util/ip.ts';
import { caaValues } from './caa.ts';
import { DATABASE, pdnsConf } from './config.ts';
import { start } from './start.ts';
import { firstZoneFile, nameServer, zoneSpec } from './zone.ts';

const UID = 10053;
const TTL = 300;

export const service = defineService({
  type: 'dns',
  title: 'Domain names',
  suffix: 0x53,
  settings: z.strictObject({}),
  images: [
    {
      name: 'powerdns',
      packages: ['pdns-server', 'pdns-backend-lmdb'],
      // Not `pdns`: the package insists on making a system user of that name itself.
      users: [{ name: 'allod-dns', uid: UID, home: DATABASE }],
      files: { '/usr/lib/allod/dns-start': { mode: 0o755, text: start } },
      run: [],
    },
  ],

  requests({ site }) {
    const hosts = [nameServer(site)];
    return {
      apiKey: secret({ name: 'api-key', why: 'only the holder may change the zone' }),
      zoneKey: secret({
        name: 'zone-key',
        form: 'dnssec-key',
        rotation: { never: 'the parent zone holds a digest of it, which a person brings there' },
        why: 'the zones of this site are signed with it',
      }),
      data: volume({ name: 'zones', owner: UID, why: 'the zone outlives the pod' }),
      udp: publicPort({ port: 53, protocol: 'udp', hosts, why: 'anybody may ask for a name of this site' }),
      tcp: publicPort({ port: 53, protocol: 'tcp', hosts, why: 'answers too long for UDP (RFC 7766)' }),
    };
  },

  workload({ site, inner }, got) {
    return {
      containers: [
        {
          name: 'app',
          image: 'powerdns',
          command: ['/usr/lib/allod/dns-start', site.domain],
          user: UID,
          memory: 192,
          files: [
            { path: 'pdns.conf', content: pdnsConf(got.apiKey.ref, inner.gateway, site.dns.secondaries) },
            { path: 'zone', content: text`${firstZoneFile(zoneSpec(site, got.zoneKey.ref), site.domain)}` },
            { path: 'zone-key', content: text`${got.zoneKey.ref}` },
          ],
          mounts: [{ volume: got.data.volume, path: DATABASE }],
          scratch: ['/run/pdns'],
          reload: { how: 'restart' },
        },
      ],
      probe: { kind: 'dns', port: 53, name: site.domain },
      startSeconds: 30,
    };
  },

  resources({ site, uplinks }, { zoneKey }) {
    const spec = zoneSpec(site, zoneKey.ref);
    const zone = (name: string, sentence: string): OwnResource => ({
      ...{ kind: 'zone', name, spec, rule: 'zone', sentence },
    });
    return [
      zone(site.domain, 'this site answers for its own domain'),
      ...uplinks.pools.map(({ prefix }) =>
        zone(reverseZone(prefix), `this site answers for the addresses of ${prefix}`),
      ),
      ...caaRecords(site),
      ...glueRecords(site),
      ...site.dns.records.map((spec) => record(spec, 'the site file asks for it', 'dns.records')),
    ];
  },

  provides: { contracts: ['dns-record'], fulfil },
});

/** One resource per record set; the same set asked for twice becomes the union of both, with the shorter TTL. */
function fulfil(_dns: Context, _consumer: Context, requests: Requests): Fulfilment {
  const sets = new Map<string, { spec: RecordSpec; why: string }>();
  const results: Record<string, unknown> = {};
  for (const [key, request] of Object.entries(requests)) {
    if (request.contract !== 'dns-record') continue;
    results[key] = {};
    const spec = recordSpec(request);
    const name = `${spec.name}/${spec.type}`;
    const same = sets.get(name);
    if (same) {
      same.spec.values = sorted([...same.spec.values, ...spec.values]);
      same.spec.ttl = Math.min(same.spec.ttl, spec.ttl);
    } else sets.set(name, { spec, why: request.why });
  }
  return { results, resources: [...sets.values()].map(({ spec, why }) => record(spec, why)) };
}

/** What people wrote in the site file themselves goes before. */
function caaRecords({ domain, dns, certificates }: Site): OwnResource[] {
  const values = caaValues(certificates.acme);
  const own = dns.records.some(({ name, type }) => name === domain && type === 'CAA');
  if (own || values.length === 0) return [];
  return [
    record({ name: domain, type: 'CAA', ttl: 3600, values }, 'who may issue certificates for this domain'),
  ];
}

/** Addresses of name servers of others that have a name in this domain: nobody else can say where they are. */
function glueRecords({ domain, dns }: Site): OwnResource[] {
  const inside = dns.secondaries.filter(({ name }) => name === domain || name.endsWith(`.${domain}`));
  return inside.flatMap(({ name, addresses }) =>
    [...Map.groupBy(addresses, (address) => (isIPv4(address) ? 'A' : 'AAAA'))].map(([type, values]) => {
      const spec = { name, type, ttl: 3600, values: sorted(values) };
      return record(spec, 'a name server of somebody else has this name', 'dns.secondaries');
    }),
  );
}

function recordSpec({ name, type, values, ttl = TTL }: DnsRecordRequest): RecordSpec {
  return { name: name.toLowerCase(), type, ttl, values: sorted(values) };
}

function record(spec: RecordSpec, sentence: string, rule = 'dns-record'): OwnResource {
  return { kind: 'record', name: `${spec.name}/${spec.type}`, spec, rule, sentence };
}

function sorted(values: string[]): string[] {
  return [...new Set(values)].sort();
}
