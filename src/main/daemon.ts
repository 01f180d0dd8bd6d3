import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../model/layout.ts';
import type { Site } from '../model/site.ts';
import type { Catalog } from '../plan/resolve.ts';
import { call, NoDaemon } from '../server/client.ts';
import { startDaemon } from '../server/daemon.ts';
import { Transient } from '../util/errors.ts';
import { takeLock } from '../util/lock.ts';
import { compose, peopleOf } from './compose.ts';
import { closeInstallation, openInstallation, siteLayout } from './install.ts';
import { takeDown } from './take-down.ts';

/** Exit code of a daemon that found another one of its site at work. */
export const ALREADY_RUNS = 3;

/** The daemon's whole life: returns when it listens; the process ends by `down` or a signal. */
export async function runDaemon(
  domain: string,
  catalog: Catalog,
  readSite: (text: string) => Site,
): Promise<void> {
  const layout = siteLayout(domain);
  const installation = await openInstallation(layout, catalog);
  const lock = takeLock(layout.lock);
  if (!lock) {
    log(`another daemon looks after ${domain}`);
    process.exit(ALREADY_RUNS);
  }
  const server = await startDaemon({
    layout,
    readSite,
    compose: (site) => compose(site, installation),
    people: (site) => peopleOf(site, installation),
    takeDown: (site, say) => takeDown(site, installation, say),
    log,
    exit,
  });
  process.on('SIGTERM', exit);
  process.on('SIGINT', exit);
  log(`looks after ${domain}`);

  function exit(): void {
    server.close();
    closeInstallation(installation);
    lock?.[Symbol.dispose]();
    process.exit(0);
  }
}

/** Starts a daemon in the background where none answers, and waits until it does. */
export async function ensureDaemon(layout: Layout, domain: string): Promise<void> {
  if (await answers(layout)) return;
  mkdirSync(layout.log, { recursive: true });
  const output = openSync(`${layout.log}/daemon.log`, 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'daemon', domain], {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: '/',
  });
  let ended: number | null | undefined;
  child.on('exit', (code) => {
    ended = code;
  });
  for (let i = 0; i < 600; i++) {
    await sleep(50);
    if (await answers(layout)) return child.unref();
    if (ended !== undefined && ended !== ALREADY_RUNS) break;
  }
  throw new Transient(`the daemon did not start; ${layout.log}/daemon.log says why`);
}

async function answers(layout: Layout): Promise<boolean> {
  try {
    await call(layout.socket, 'ping', {});
    return true;
  } catch (error) {
    if (error instanceof NoDaemon) return false;
    throw error;
  }
}

function log(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}
