import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertOwn } from '../engines/podman/owner.ts';
import { podman as createPodman } from '../engines/podman/podman.ts';
import { ensureContainersConf } from '../host/containers-conf.ts';
import type { Layout } from '../model/layout.ts';
import { Transient } from '../util/errors.ts';
import { ALREADY_RUNS } from './daemon.ts';
import { daemonVersion } from './daemon-version.ts';
import { logFile } from './logs.ts';
import { stateRoot } from './places.ts';
import { startUnit, systemdRuns, unitText } from './unit.ts';
import { codeVersion } from './version.ts';

/**
 * Starts a daemon of this code and returns when it answers. `replaces`: one of older code may still be ending. `secret`:
 * variables of this process that it is not started with.
 */
export async function startDaemonProcess(
  layout: Layout,
  domain: string,
  { replaces, secret }: { replaces: boolean; secret: string[] },
): Promise<void> {
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  const podman = createPodman(await ensureContainersConf(layout.containersConf));
  await assertOwn(podman, domain, layout.root);
  mkdirSync(layout.log, { recursive: true });
  // Its code was loaded here too: from the cache, it never loads what strips types, which would stay in memory.
  flushCompileCache();
  const ended = await (systemdRuns()
    ? startUnderSystemd(layout, domain, replaces)
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
