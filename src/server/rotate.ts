import type { LeaseView } from '../model/lease.ts';
import type { Resource } from '../model/resource.ts';
import type { NewValue, SecretView } from '../model/secret-store.ts';
import type { StatusFinding } from '../model/status.ts';
import type { Listener } from '../reconcile/events.ts';
import { Deferred, isExpected, messageOf, PersonFault } from '../util/errors.ts';
import type { RotateAnswer } from './api.ts';

/** What gets new values otherwise than by the store. */
export interface Rotators {
  leases(): LeaseView[];
  /** Services without a fresh login. */
  findings(): StatusFinding[];
  /** Gives a service another login at the database server; resolves when it is in use. */
  rotateLogin(service: string): Promise<void>;
  /** Issues a certificate anew, given its resource: the old one is there until the new one is. */
  reissueCertificate(certificate: Resource): Promise<void>;
}

export interface Rotation extends Rotators {
  resources: Resource[];
  /** Writes new values of the store's own making, by path: all or none. */
  renew(wanted: Record<string, NewValue>): void;
  listen: Listener;
}

/** Gives one secret a new value. Throws PersonFault where it must not have one. */
export async function rotateOne(view: SecretView, rotation: Rotation): Promise<string> {
  const { how } = view.rotation;
  if (how === 'never')
    throw new PersonFault({
      where: view.path,
      message: `expected a secret that may be rotated; got one that is never: ${view.rotation.why}`,
    });
  const unit = unitOf(view);
  await renewUnit(unit, [view], rotation);
  return unit;
}

/** Gives all that may have one a new value. What fails keeps its own, and says why. */
export async function rotateAll(
  views: SecretView[],
  rotation: Rotation,
): Promise<Omit<RotateAnswer, 'faults'>> {
  const rotated: string[] = [];
  const kept: RotateAnswer['kept'] = [];
  const values = views.filter((view) => view.rotation.how === 'value');
  if (values.length > 0) await renewUnit('values of the store', values, rotation);
  rotated.push(...values.map(({ path }) => path));
  const others = Map.groupBy(
    views.filter((view) => view.rotation.how !== 'value'),
    unitOf,
  );
  for (const [unit, members] of others) {
    const [{ rotation: policy } = {}] = members;
    if (policy?.how === 'never') kept.push({ path: unit, why: policy.why });
    else if (await attempt(() => renewUnit(unit, members, rotation), unit, kept)) rotated.push(unit);
  }
  return { rotated, kept };
}

async function attempt(
  work: () => Promise<void>,
  path: string,
  kept: RotateAnswer['kept'],
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isExpected(error)) throw error;
    kept.push({ path, why: error.message });
    return false;
  }
}

/** `members`: values of the store's own making; or all parts of one login or certificate. */
async function renewUnit(unit: string, members: SecretView[], rotation: Rotation): Promise<void> {
  const about = { key: `renew/${unit}`, service: members[0]?.owner ?? 'site' };
  const start = Date.now();
  rotation.listen({ type: 'started', ...about, text: `renew ${unit}` });
  try {
    await renewed(members, rotation);
  } catch (error) {
    const type = error instanceof Deferred ? 'blocked' : 'failed';
    rotation.listen({ type, ...about, text: messageOf(error) });
    throw error;
  }
  rotation.listen({ type: 'done', key: about.key, ms: Date.now() - start });
}

async function renewed(members: SecretView[], rotation: Rotation): Promise<void> {
  const wanted: Record<string, NewValue> = {};
  for (const { path, rotation: policy } of members) if (policy.how === 'value') wanted[path] = policy;
  if (Object.keys(wanted).length > 0) rotation.renew(wanted);
  const [{ rotation: policy } = {}] = members;
  if (policy?.how === 'login') await rotation.rotateLogin(policy.service);
  if (policy?.how === 'certificate') await rotation.reissueCertificate(certificate(policy.name, rotation));
}

function certificate(name: string, { resources }: Rotation): Resource {
  const found = resources.find((one) => one.kind === 'certificate' && one.name === name);
  if (!found) throw new Error(`no certificate ${name} is wanted`);
  return found;
}

/** Key and chain of a certificate, and name and password of a login, are one. */
function unitOf({ path, rotation }: SecretView): string {
  if (rotation.how === 'certificate') return `certificate ${rotation.name}`;
  return rotation.how === 'login' ? `login ${rotation.service}` : path;
}
