import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chooseRows, measure } from '../bench/measure.ts';
import type { Context, DebianSource, PlanTimes, Result, Row } from '../bench/row.ts';
import { rows } from '../bench/rows.ts';
import { readHostApt, sourcesOf } from '../build/host-apt.ts';
import { SUITE } from '../build/suite.ts';
import { haproxyCfg, routesMap } from '../catalog/edge/haproxy.ts';
import { nginxConf } from '../catalog/edge/nginx.ts';
import { ensurePackages } from '../host/packages.ts';
import type { Catalog } from '../plan/resolve.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { exec } from '../util/exec.ts';
import { takeLock } from '../util/lock.ts';
import { clearPlace, enterPlace, PLACE, PLACE_STATE, podmanOfPlace } from './bench-place.ts';
import { openRenumberStage } from './bench-renumber.ts';
import { openRotationStage } from './bench-rotation.ts';
import { benchSite, edgeImages } from './bench-site.ts';

const LOCK = '/run/lock/allod-bench';

/** Measures rows by name, all where none is named. Whatever it makes is gone when it returns, or at the next run. */
export async function bench(
  catalog: Catalog,
  only: string[],
  say: (text: string) => void,
): Promise<Result[]> {
  const chosen = chooseRows(rows, only);
  const { signal, forget } = interruption();
  const context = contextOf(catalog, say, signal);
  try {
    const beside = chosen.some((row) => row.usesHost) ? besideSites : inTemporary;
    const results = await beside(chosen, context);
    if (signal.aborted) throw new Transient('the bench was interrupted; what it made is gone');
    return results;
  } finally {
    forget();
  }
}

/** For rows that need no more than a directory. */
async function inTemporary(chosen: Row[], context: Context): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), 'allod-bench-'));
  try {
    return await measure(chosen, { ...context, directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** With pods of its own, on a machine whose sites go on as they are. */
async function besideSites(chosen: Row[], context: Context): Promise<Result[]> {
  using lock = takeLock(LOCK);
  if (!lock)
    throw new PersonFault({
      where: 'bench',
      message: 'expected to be the only bench on this machine; another one runs; try again when it is done',
    });
  const needs = chosen.flatMap((row) => row.needs);
  await ensurePackages(context.say, needs);
  await clearPlace();
  enterPlace();
  try {
    return await measure(chosen, context);
  } finally {
    context.say('clearing away');
    await clearPlace();
  }
}

function contextOf(catalog: Catalog, say: Context['say'], signal: AbortSignal): Context {
  const site = benchSite(catalog, say, signal);
  return {
    directory: PLACE,
    signal,
    say,
    site,
    rotationStage: () => openRotationStage(catalog, PLACE_STATE),
    debian,
    renumberStage: (file) => openRenumberStage(catalog, file, site),
    planInProcess: (file) => measureIn('measure-plan.ts', file, signal),
    planSwitchInProcess: (file) => measureIn('measure-switch.ts', file, signal),
    async podman(args, options) {
      const podman = await podmanOfPlace();
      return await podman(args, { signal, ...options });
    },
    edge: {
      haproxyCfg: (host, address) => haproxyCfg([{ host, service: 'web', address }]),
      routesMap: (host, address) => routesMap([{ host, service: 'web', address }]),
      nginxConf: (host, port, edge) =>
        nginxConf([{ contract: 'http-route', host, port, why: 'the bench asks it' }], [], {
          edge,
          hsts: false,
          portal: { host, publicCa: false },
        }),
      images: () => edgeImages(site),
    },
  };
}

async function measureIn(program: string, file: string, signal: AbortSignal): Promise<PlanTimes> {
  const path = resolve(import.meta.dirname, program);
  return JSON.parse(await exec([process.execPath, ...process.execArgv, path, file], { signal })) as PlanTimes;
}

async function debian(): Promise<DebianSource> {
  const host = await readHostApt();
  const options = ['Apt::Install-Recommends "false"', ...host.settings];
  return { suite: SUITE, sources: sourcesOf(host, SUITE), options };
}

/** Aborted by the signals that end a program; a second one ends it at once. */
function interruption(): { signal: AbortSignal; forget(): void } {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const abort = () => controller.abort();
  for (const name of signals) process.once(name, abort);
  return {
    signal: controller.signal,
    forget() {
      for (const name of signals) process.removeListener(name, abort);
    },
  };
}
