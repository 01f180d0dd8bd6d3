import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RotationStage } from '../bench/row.ts';
import { certificateRefs } from '../model/certificate.ts';
import type { LoginSpec } from '../model/login.ts';
import type { Change, Resource } from '../model/resource.ts';
import type { Catalog } from '../plan/resolve.ts';
import { consumerOf } from '../secrets/leases/login-provider.ts';
import { ROTATION_DOMAIN } from './bench-place.ts';
import type { Composed } from './compose.ts';
import { CLIENT, openLoginStage } from './login-stage.ts';

/** A login lives a second, and may finish its work for eight more. */
const TIMES = { period: 1, drain: 8, lifetime: 600 };
/** Logins that are only made are nobody's. */
const ISSUED = 'issued';
/** Seconds in which old logins have to be gone. */
const PATIENCE = 60;

/** The stage of the bench's row, in the bench's place: real server, real pooler, real keeper of logins. */
export async function openRotationStage(catalog: Catalog, state: string): Promise<RotationStage> {
  const stage = await openLoginStage(catalog, {
    ...{ state, domain: ROTATION_DOMAIN, pool: '2001:db8:be:d::/64', times: TIMES },
    log() {},
  });
  const { rotator, world, installation } = stage;
  const { desired, faults } = await stage.up();
  const { resources } = desired;
  for (const { change, fault } of faults.values()) throw new Error(`${change.key}: ${fault?.text}`);
  const login = resources.find(({ kind }) => kind === 'login');
  if (!login) throw new Error('nobody wants a login');
  const consumer = consumerOf(CLIENT, login.spec as LoginSpec);

  return {
    target: stage.target(),
    rotate: () => rotator.rotate(CLIENT),
    async settled() {
      rotator.keep([{ ...consumer, times: { ...TIMES, period: 300 } }], world.leases);
      for (const end = Date.now() + PATIENCE * 1000; Date.now() < end; await sleep(250)) {
        const left = [installation.leases.all(), await world.leases.server.find()];
        if (left.every((list) => list.length === 1)) return rotator.keep([consumer], world.leases);
      }
      throw new Error(`logins are left that should be gone: ${installation.leases.all().length}`);
    },
    async make(tried) {
      const { server, table, hand } = world.leases;
      const role = `${CLIENT}_${randomBytes(6).toString('hex')}`;
      const made = { role, password: randomBytes(32).toString('base64url'), expires: Date.now() + 60_000 };
      const start = performance.now();
      table.add({ ...made, service: ISSUED, state: 'minted' });
      await server.make(consumer, made);
      hand(ISSUED, made);
      if (tried) await server.tryOut(consumer, made);
      const ms = performance.now() - start;
      table.remove(role);
      await server.drop(role);
      return ms;
    },
    renewCertificate: () => renewCertificate(world, resources),
    close: () => stage.destroy(),
  };
}

/** The server's certificate anew, as if its time had come. */
async function renewCertificate({ providers, agent }: Composed, resources: Resource[]): Promise<void> {
  const name = `postgres.${ROTATION_DOMAIN}`;
  const resource = resources.find((each) => each.kind === 'certificate' && each.name === name);
  const provider = providers.find(({ kinds }) => kinds.includes('certificate'));
  if (!resource || !provider) throw new Error('nobody makes the certificate');
  const change: Change = { ...resource, action: 'update', key: `certificate/${name}` };
  await provider.apply(change, () => {});
  const { chain, key } = certificateRefs(name);
  await agent.changed([chain.secret, key.secret]);
}
