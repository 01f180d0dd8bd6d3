import { z } from 'zod';
import { secret } from '../../src/contracts/secret.ts';
import { defineService } from '../../src/contracts/service.ts';
import { volume } from '../../src/contracts/volume.ts';
import { text } from '../../src/model/files.ts';
import type { Provider } from '../../src/model/provider.ts';
import type { Kind, ObservedResource } from '../../src/model/resource.ts';
import type { Site } from '../../src/model/site.ts';
import type { State } from '../../src/reconcile/state.ts';
import type { World } from '../../src/reconcile/world.ts';
import { siteData } from './site-data.ts';

/** A system small enough to live in memory: what was applied is there, and is found again. */
export interface SmallSystem extends Provider {
  /** Fingerprints by key. */
  there: Map<string, string>;
  /** Keys in the order in which their changes began and were made. */
  log: string[];
  /** Called before a change is made; may throw, or wait. */
  before: (key: string) => Promise<void> | void;
  /** Called before it is looked at; may throw. */
  look: () => void;
}

export function smallSystem(kinds: Kind[]): SmallSystem {
  const there = new Map<string, string>();
  const log: string[] = [];
  const system: SmallSystem = {
    kinds,
    there,
    log,
    before() {},
    look() {},
    async observe() {
      system.look();
      const entries = [...there].map(([key, fingerprint]): [string, ObservedResource] => [
        key,
        { fingerprint },
      ]);
      return Object.fromEntries(entries);
    },
    async apply({ action, key, fingerprint = '' }) {
      log.push(`begin ${key}`);
      await system.before(key);
      if (action === 'delete') there.delete(key);
      else there.set(key, fingerprint);
      log.push(`made ${key}`);
    },
  };
  return system;
}

/** A service of one container with a secret and a volume. */
const plain = defineService({
  type: 'plain',
  title: 'Plain',
  settings: z.strictObject({ greeting: z.string().default('hello') }),
  images: [{ name: 'plain', packages: ['plain'], users: [], files: {}, run: [] }],
  requests: () => ({
    data: volume({ name: 'data', owner: 10100, why: 'it keeps files' }),
    key: secret({ name: 'key', why: 'it signs what it says' }),
  }),
  workload: ({ service: { settings } }, got) => ({
    containers: [
      {
        ...{ name: 'app', image: 'plain', command: ['plain'], user: 10100, memory: 64 },
        files: [{ path: 'app.conf', content: text`greeting = ${settings.greeting}\nkey = ${got.key.ref}\n` }],
        mounts: [{ volume: got.data.volume, path: '/var/lib/plain' }],
        scratch: [],
        reload: { how: 'restart' },
      },
    ],
    probe: { kind: 'tcp', port: 80 },
    startSeconds: 5,
  }),
});

export function smallSite(ids: string[], greeting = 'hello'): Site {
  return siteData({
    services: ids.map((id) => ({ id, type: 'plain', host: `${id}.example.org`, settings: { greeting } })),
  });
}

export interface SmallWorld extends World {
  system: SmallSystem;
  /** What probes get, by service; undefined is a good answer. */
  answers: Map<string, string>;
  /** What was to be kept, each time old images went. */
  pruned: string[][];
  /** How often services were asked. */
  probes: number;
}

export const KINDS: Kind[] = [
  ...([
    'secret',
    'certificate',
    'image',
    'network',
    'firewall',
    'volume',
    'files',
    'pod',
    'address',
  ] as const),
];

/** A site on a {@link SmallSystem}. Its containers are this very process, so they live. */
export function smallWorld(site: Site, state: State, system: SmallSystem = smallSystem(KINDS)): SmallWorld {
  const answers = new Map<string, string>();
  const world: SmallWorld = {
    site,
    catalog: new Map([['plain', plain]]),
    providers: [system],
    state,
    system,
    answers,
    probes: 0,
    chooseSubnet: async () => '10.64.0.0/20',
    pinSuite: async () => ({ suite: 'trixie', digest: '0' }),
    pruned: [],
    async pruneImages(keep) {
      world.pruned.push(keep);
    },
    async probe(pod) {
      world.probes++;
      return answers.get(pod.service);
    },
    async containers() {
      const pods = [...system.there.keys()].filter((key) => key.startsWith('pod/'));
      return pods.map((key) => ({
        ...{ service: key.slice('pod/'.length), container: 'app', state: 'running' },
        ...{ pid: process.pid, startedAt: 0 },
      }));
    },
    memoryOf: () => 2 ** 20,
    tend() {},
    outside: async () => ({ acts: [], remembered: 0 }),
    keys: () => ({}),
    async noteKeys() {},
  };
  return world;
}
