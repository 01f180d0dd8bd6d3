import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertOwn } from '../engines/podman/owner.ts';
import { podman as createPodman } from '../engines/podman/podman.ts';
import { ensureContainersConf } from '../host/containers-conf.ts';
import type { Layout } from '../model/layout.ts';
import type { Site } from '../model/site.ts';
import type { Catalog } from '../plan/resolve.ts';
import { Rotator } from '../secrets/leases/rotator.ts';
import { revealAll } from '../secrets/reveal-all.ts';
import { Sources } from '../secrets/sources/sources.ts';
import { call, NoDaemon } from '../server/client.ts';
import { startDaemon } from '../server/daemon.ts';
import type { Outside } from '../site/outside.ts';
import { readSite } from '../site/read.ts';
import { isExpected, Transient, traceOf } from '../util/errors.ts';
import { takeLock } from '../util/lock.ts';
import { appPasswordsOf, type Composed, compose, peopleOf } from './compose.ts';
import { consoleDesk } from './console-desk.ts';
import { closeInstallation, mountRun, openInstallation, siteLayout, stateRoot } from './install.ts';
import { Lasting } from './lasting.ts';
import { logFile } from './logs.ts';
import { namesOf } from './names.ts';
import { planned, plannedHere } from './outside.ts';
import { portalDesk } from './portal-desk.ts';
import { Purge } from './purge.ts';
import { secretDesk } from './secret-desk.ts';
import { SignatureWatch } from './signature-watch.ts';
import { takeDown } from './take-down.ts';
import { tended } from './tended.ts';
import { disableUnit, startUnit, systemdRuns, unitText } from './unit.ts';
import { codeVersion } from './version.ts';

/** Exit code of a daemon that found another one of its site at work. */
export const ALREADY_RUNS = 3;

/** How long a name server of others may be behind or silent before it is told, ms: NOTIFY takes seconds, a reboot minutes. */
const COPIES_LATE = 300_000;

/** The daemon of a site as a process of its own. Why it could not start stands in its log. */
export async function daemonProcess(domain: string, catalog: Catalog): Promise<void> {
  const accept = planned(catalog);
  const acceptHere = plannedHere(catalog, stateRoot());
  const read = (text: string, outside: Outside) => readSite(Buffer.from(text), 'site.yaml', catalog, outside);
  try {
    await runDaemon(domain, catalog, {
      readSite: (text) => read(text, accept),
      readSiteHere: (text) => read(text, acceptHere),
    });
  } catch (error) {
    process.stderr.write(`${isExpected(error) ? error.message : traceOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** The daemon's whole life: returns when it listens; the process ends by `down` or a signal. */
async function runDaemon(
  domain: string,
  catalog: Catalog,
  { readSite, readSiteHere }: Record<'readSite' | 'readSiteHere', (text: string) => Site>,
): Promise<void> {
  const layout = siteLayout(domain);
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  const lock = takeLock(layout.lock);
  if (!lock) {
    print(`another daemon looks after ${domain}`);
    process.exit(ALREADY_RUNS);
  }
  const installation = await openInstallation(layout, catalog);
  await mountRun(layout);
  const rotator = new Rotator();
  let composed: Composed | undefined;
  let sources: Sources | undefined;
  const secrets = secretDesk(installation.store, domain, layout);
  const desk = consoleDesk(domain, installation, readSiteHere);
  const log = (text: string) => print(secrets.scrub(text));
  const signatures = new SignatureWatch((error) => log(traceOf(error)));
  const copies = new Lasting(COPIES_LATE);
  const purge = new Purge(log);
  const server = await startDaemon({
    layout,
    version: codeVersion(),
    readSite,
    compose(site) {
      composed = tended(compose(site, installation, log), rotator, (resources) => {
        signatures.look(async () => {
          const names = namesOf(site, installation);
          const [served, copied] = await Promise.all([names.served(resources), names.copies(resources)]);
          return [...served, ...copies.of(copied, Date.now())];
        });
        if (resources.some(({ kind }) => kind === 'account'))
          purge
            .look(Date.now(), (now) => peopleOf(site, installation).purge(now))
            .catch((error: unknown) => log(traceOf(error)));
      });
      return composed;
    },
    people: (site) => peopleOf(site, installation),
    appPasswords: (site) => appPasswordsOf(site, installation),
    links: installation.links,
    names: {
      delegations: (site, wanted) => namesOf(site, installation).delegations(wanted),
      records: (site, wanted) => namesOf(site, installation).records(wanted),
      findings: () => signatures.findings,
    },
    reveal: (paths, actor) => revealAll(installation.store, paths, actor),
    secrets,
    desk,
    portal: portalDesk(installation, catalog),
    rotators: {
      leases: () => rotator.leases(),
      findings: () => rotator.findings(),
      rotateLogin: (service) => rotator.rotate(service),
      async reissueCertificate(resource) {
        if (!composed) throw new Transient('the site is not looked after yet; try again in a moment');
        await composed.reissue(resource);
      },
    },
    async takeDown(say) {
      rotator.stop();
      await takeDown(domain, installation, say, disableUnit);
    },
    watchSources(changed) {
      sources = new Sources({ store: installation.store.as('sources'), changed, log });
      return sources;
    },
    log,
    rest: () => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }), // gives free pages back, which gc() keeps
    exit,
  });
  process.on('SIGTERM', exit);
  process.on('SIGINT', exit);
  log(`looks after ${domain}`);

  function exit(): void {
    rotator.stop();
    server.close();
    sources?.close();
    desk.journal.close();
    closeInstallation(installation);
    lock?.[Symbol.dispose]();
    process.exit(0);
  }
}

/**
 * Has a daemon of this code look after the site: starts one where none answers, replaces one of older code.
 * `secret`: variables of this process that it is not started with.
 */
export async function ensureDaemon(layout: Layout, domain: string, secret: string[]): Promise<void> {
  const version = await daemonVersion(layout);
  if (version === codeVersion()) return;
  if (version !== undefined) await call(layout.socket, 'leave', {});
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  const podman = createPodman(await ensureContainersConf(layout.containersConf));
  await assertOwn(podman, domain, layout.root);
  mkdirSync(layout.log, { recursive: true });
  // Its code is this one's: from the cache, it never loads what strips types, which would stay in memory.
  flushCompileCache();
  const ended = await (systemdRuns()
    ? startUnderSystemd(layout, domain, version !== undefined)
    : startInBackground(layout, domain, secret));
  for (let i = 0; i < 600; i++) {
    await sleep(50);
    if ((await daemonVersion(layout)) === codeVersion()) return;
    if (ended()) break;
  }
  throw new Transient(`the daemon did not start; ${logFile(layout)} says why`);
}

/**
 * A young generation of 1 MiB: the daemon is mostly at rest, and its garbage is cheap to collect often.
 * And the right to collect all of it, once a run is over.
 */
const SMALL = ['--max-semi-space-size=1', '--expose-gc'];

/** One heap for all threads, and what is free at its end goes back: a tenth of what is resident (mallopt(3)). */
const ONE_HEAP = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };

function daemonArgv(domain: string): [string, ...string[]] {
  return [process.execPath, ...process.execArgv, ...SMALL, process.argv[1] ?? '', 'daemon', domain];
}

/** Both return a question: has it ended for a reason of its own? `replaces`: one of older code may still be ending. */
async function startUnderSystemd(layout: Layout, domain: string, replaces: boolean): Promise<() => boolean> {
  const { NODE_COMPILE_CACHE, CONTAINERS_STORAGE_CONF, TMPDIR } = process.env;
  const passed = { NODE_COMPILE_CACHE, CONTAINERS_STORAGE_CONF, TMPDIR };
  const environment = { ALLOD_STATE: stateRoot(), ...passed, ...ONE_HEAP };
  const text = unitText(domain, daemonArgv(domain), environment, logFile(layout));
  await startUnit(domain, text, replaces ? 'restart' : 'start');
  return () => false;
}

async function startInBackground(layout: Layout, domain: string, secret: string[]): Promise<() => boolean> {
  const output = openSync(logFile(layout), 'a', 0o600);
  const [node, ...args] = daemonArgv(domain);
  const child = spawn(node, args, {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: '/',
    env: { ...environmentOf(process.env, secret), ...ONE_HEAP },
  });
  child.unref();
  let ended = false;
  child.on('exit', (code) => {
    ended = code !== ALREADY_RUNS; // the other one will answer
  });
  return () => ended;
}

/** What a program that fetches packages and runs containers goes by. A shell holds more, and some of it is secret. */
const PASSED =
  /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|XDG_RUNTIME_DIR|ALLOD_\w+|NODE_\w+|CONTAINERS_\w+|APT_CONFIG|SSL_CERT_\w+|(https?|ftp|no|all)_proxy)$/i;

function environmentOf(environment: NodeJS.ProcessEnv, secret: string[]): NodeJS.ProcessEnv {
  const passed = Object.entries(environment).filter(([name]) => PASSED.test(name) && !secret.includes(name));
  return Object.fromEntries(passed);
}

/** Of the code that a site's daemon runs; undefined where none runs. */
export async function daemonVersion(layout: Layout): Promise<string | undefined> {
  try {
    return (await call(layout.socket, 'ping', {})).version;
  } catch (error) {
    if (error instanceof NoDaemon) return undefined;
    throw error;
  }
}

function print(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}
