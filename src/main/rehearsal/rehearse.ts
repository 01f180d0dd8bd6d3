import { existsSync } from 'node:fs';
import { sbomFile } from '../../build/places.ts';
import { graphRoot } from '../../build/podman.ts';
import type { OpenSite } from '../../cli/context.ts';
import { podmanEnv } from '../../engines/podman/podman.ts';
import { ensureContainersConf } from '../../host/containers-conf.ts';
import type { ImageSpec } from '../../model/image.ts';
import type { RehearsalReport, RehearsalRequest } from '../../model/rehearsal.ts';
import type { Site, SiteNetwork } from '../../model/site.ts';
import { type Desired, desireUnseen } from '../../plan/desired.ts';
import type { Catalog } from '../../plan/resolve.ts';
import { openState } from '../../reconcile/state.ts';
import { readSite } from '../../site/read.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { takeLock } from '../../util/lock.ts';
import { planned } from '../outside.ts';
import { startClient } from './clients.ts';
import { startCopy } from './copy.ts';
import { GATEWAYS, layLines, removeLines } from './lines.ts';
import { assertRoom, inMib, memoryFor } from './needs.ts';
import { networksOf } from './networks.ts';
import { type Given, makePlace, PLACE_LOCK, removePlace } from './place.ts';
import { play, type Scene } from './play.ts';
import { copyText } from './site-text.ts';

export type Told = Pick<Scene, 'say' | 'shown'>;

/**
 * A change of provider on a copy of the site, in network namespaces of its own. The site goes on and is not touched. Throws
 * PersonFault where there is nothing to copy, no room, or another rehearsal.
 */
export async function rehearse(
  site: OpenSite,
  catalog: Catalog,
  request: RehearsalRequest,
  used: Map<string, number>,
  { say, shown }: Told,
): Promise<RehearsalReport> {
  using lock = takeLock(PLACE_LOCK);
  if (!lock)
    throw new PersonFault({
      where: 'renumber --rehearse',
      message: 'expected no other rehearsal on this machine; one is under way; try again when it has ended',
    });
  const { given, inForce } = await read(site, catalog);
  const networks = networksOf(inForce, site.site.network, request);
  const texts = {
    old: copyText(site.text, networks.old, GATEWAYS['isp-a']),
    new: copyText(site.text, networks.new, GATEWAYS['isp-b']),
  };
  const desired = { old: desiredOf(texts.old, catalog), new: desiredOf(texts.new, catalog) };
  const memory = memoryFor(desired.old.services, used);
  await assertRoom(memory);
  say(`a second site is made for some minutes: about ${inMib(memory)} of memory; the site itself goes on`);

  const stop = new AbortController();
  const interrupt = () => stop.abort(new Transient('the rehearsal was interrupted'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  await using cleaning = new AsyncDisposableStack();
  cleaning.defer(() => {
    for (const signal of signals) process.off(signal, interrupt);
  });
  await removeLines();
  removePlace(); // what a killed rehearsal left
  cleaning.defer(removePlace);
  makePlace(site.site.domain, given);
  cleaning.defer(removeLines);
  await layLines(networks);
  const copy = await startCopy(site.site.domain);
  cleaning.defer(copy.end);
  const client = startClient((error) => stop.abort(error));
  cleaning.defer(client.end);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stop.signal.addEventListener('abort', () => reject(stop.signal.reason));
  const scene = { copy, client, networks, texts, desired, cut: request.cut, say, shown, signal: stop.signal };
  return await Promise.race([play(scene), stopped]);
}

/** What the copy takes over. Throws PersonFault where the site was not brought up, or lacks an image. */
async function read(
  { site, layout }: OpenSite,
  catalog: Catalog,
): Promise<{ given: Given; inForce: SiteNetwork }> {
  const state = existsSync(layout.stateDb) ? openState(layout.stateDb) : undefined;
  const suite = state?.suite();
  const inForce = state?.network()?.inForce ?? site.network;
  state?.close();
  const { resources } = desiredHere(site, catalog, suite);
  const refs = resources.filter(({ kind }) => kind === 'image').map(({ spec }) => (spec as ImageSpec).ref);
  const missing = refs.filter((ref) => !existsSync(sbomFile({ layout }, ref)));
  if (!suite || missing.length > 0)
    throw new PersonFault({
      where: 'renumber --rehearse',
      message: `expected a site that was brought up, with all its images; got none of ${missing.join(', ')}; try ./allod up with the old network first`,
    });
  const images = await graphRoot(podmanEnv(await ensureContainersConf(layout.containersConf)));
  return { given: { images, suite, layout }, inForce };
}

function desiredOf(text: string, catalog: Catalog): Desired {
  return desiredHere(readSite(Buffer.from(text), 'site.yaml', catalog, planned(catalog)), catalog);
}

function desiredHere(site: Site, catalog: Catalog, suite?: Given['suite']): Desired {
  return desireUnseen(site, catalog, suite ? { suite } : {});
}
