import { setTimeout as sleep } from 'node:timers/promises';
import { siteCa } from '../../model/certificate.ts';
import type { RehearsalReport, Stage } from '../../model/rehearsal.ts';
import { podPrefix } from '../../plan/addresses.ts';
import type { Desired } from '../../plan/desired.ts';
import { outlookOf } from '../../plan/outlook.ts';
import { nameOf } from '../../plan/renumbering.ts';
import type { Listener } from '../../reconcile/events.ts';
import { call } from '../../server/client.ts';
import { Transient } from '../../util/errors.ts';
import { parseIpv6, parsePrefix } from '../../util/ip.ts';
import type { Client } from './clients.ts';
import type { Copy } from './copy.ts';
import { cutOldLine } from './lines.ts';
import type { Networks } from './networks.ts';
import { reportOf } from './report.ts';
import { TTL } from './site-text.ts';
import { nameServersOf, targetsOf } from './target.ts';

export interface Scene {
  copy: Copy;
  client: Client;
  networks: Networks;
  /** Site file and what follows from it, in each network. */
  texts: { old: string; new: string };
  desired: { old: Desired; new: Desired };
  cut: boolean;
  say(text: string): void;
  /** Shows a run of the copy's daemon. */
  shown<T>(work: (listener: Listener) => Promise<T>): Promise<T>;
  signal: AbortSignal;
}

/** Milliseconds of the stages before and after the change. */
const STEADY = 8000;
/** Milliseconds between looks at how far the change is. */
const LOOK = 250;
/** Milliseconds that no phase takes, nor an outage. */
const PATIENCE = 300_000;

/** The whole change, with a client outside that goes on all the time. */
export async function play(scene: Scene): Promise<RehearsalReport> {
  const { copy, client, networks, texts, desired, cut, say, signal } = scene;
  const stages: Stage[] = [];
  const bound = boundOf(networks, cut);
  function stage(name: string): void {
    stages.push({ name, from: Date.now() });
    say(`${name}: ${STAGES[name] ?? ''}`);
  }

  say(`a copy of the site comes up at ${nameOf(networks.old)}`);
  await up(scene, texts.old);
  const { values } = await call(copy.socket, 'reveal', { paths: [siteCa.secret], actor: 'rehearsal' });
  const ca = values[siteCa.secret] ?? '';
  stage('before');
  const targets = targetsOf(desired.old.exposures, desired.old.services);
  client.tell({ servers: nameServersOf(desired.old.exposures), targets, ca });
  await sleep(STEADY, undefined, { signal });
  const startedBefore = await copy.started();

  const change = cut ? changeAfterCut : changeInPhases;
  await change(scene, stage);
  stage('after');
  await sleep(STEADY, undefined, { signal });

  return reportOf({
    ...{ from: nameOf(networks.old), to: nameOf(networks.new), cut, bound, stages, startedBefore },
    tried: client.tried,
    startedAfter: await copy.started(),
    leftovers: await leftoversOf(scene, stages.at(-1)?.from ?? 0),
  });
}

const STAGES: Record<string, string> = {
  before: 'the client asks all that people reach, several times a second',
  prepare: 'the new addresses come beside the old ones',
  both: 'both are in the DNS, and the registrar is told the new ones',
  withdraw: 'the new ones alone are in the DNS',
  cut: 'the old line is dead',
  after: 'the old addresses are gone',
};

async function changeInPhases(scene: Scene, stage: (name: string) => void): Promise<void> {
  const { copy, client, desired, texts, signal } = scene;
  let seen = 'prepare';
  let since = Date.now();
  stage(seen);
  await up(scene, texts.new);
  for (;;) {
    const { renumbering } = await call(copy.socket, 'renumber', { action: 'show' });
    if (!renumbering) return;
    const phase = renumbering.steps.find(({ state }) => state === 'now')?.phase ?? seen;
    if (phase !== seen) {
      seen = phase;
      since = Date.now();
      stage(seen);
      // What a person has to do outside: here it is done as soon as it can be.
      if (seen === 'both') {
        client.tell({ servers: nameServersOf(desired.new.exposures) });
        if (renumbering.outside.acts.length > 0) await call(copy.socket, 'renumber', { action: 'go-on' });
      }
    }
    if (Date.now() - since > PATIENCE) throw new Transient(`the change does not leave its phase "${seen}"`);
    await sleep(LOOK, undefined, { signal });
  }
}

async function changeAfterCut(scene: Scene, stage: (name: string) => void): Promise<void> {
  const { copy, client, desired, texts, signal } = scene;
  stage('cut');
  const since = Date.now();
  await cutOldLine();
  await up(scene, texts.new);
  await call(copy.socket, 'renumber', { action: 'cut' });
  client.tell({ servers: nameServersOf(desired.new.exposures) });
  const targets = [...new Set(client.tried.map(({ target }) => target))];
  function isReached(target: string): boolean {
    return client.tried.some((one) => one.target === target && one.at > since && one.error === undefined);
  }
  while (!targets.every(isReached) && Date.now() - since < PATIENCE) await sleep(LOOK, undefined, { signal });
}

/** Has the daemon of the copy make a site file true. Throws Transient where that fails. */
async function up({ copy, shown }: Scene, site: string): Promise<void> {
  const { status, faults } = await shown((listener) => call(copy.socket, 'up', { site }, listener));
  const failed = faults.filter(({ deferred }) => !deferred).map(({ key, text }) => `${key}: ${text}`);
  if (failed.length > 0 || !status.healthy)
    throw new Transient(['the copy of the site is not healthy', ...failed].join('\n'));
}

/** Seconds that are foreseen before it begins. */
function boundOf({ old, new: to }: Networks, cut: boolean): number {
  const memory = { inForce: old, renumbering: { to, phase: 'prepare' as const } };
  const foreseen = outlookOf(memory, {
    ...{ now: 0, ttl: TTL, begun: false },
    outside: { acts: [], remembered: 0 },
  });
  return foreseen?.unreachable[cut ? 'cut' : 'overlap'] ?? 0;
}

/** Where addresses still are that the new network has not. */
async function leftoversOf({ copy, client, networks }: Scene, ended: number): Promise<string[]> {
  const isOld = oldAddresses(networks);
  const [onInterfaces, rules] = await Promise.all([copy.ipv6(), copy.rules()]);
  const words = rules.split(/[^0-9.]+/);
  const resolved = client.tried.filter(({ at }) => at >= ended).flatMap((one) => one.resolved);
  return [
    ...onInterfaces.filter(isOld).map((address) => `${address}: on an interface`),
    ...[...new Set(words)].filter(isOld).map((address) => `${address}: in the packet filter`),
    ...[...new Set(resolved)].filter(isOld).map((address) => `${address}: in the DNS`),
  ];
}

function oldAddresses({ old: { ipv6, ipv4 } }: Networks): (address: string) => boolean {
  const network = ipv6 && parsePrefix(podPrefix(ipv6.pool))?.network;
  return (address) => {
    const bits = parseIpv6(address);
    return address === ipv4.address || (bits !== undefined && bits >> 64n === (network ?? -1n) >> 64n);
  };
}
