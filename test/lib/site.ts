import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { removeUnit } from '../../src/main/unit.ts';
import type { Status } from '../../src/model/status.ts';
import { takeLock } from '../../src/util/lock.ts';

/** Sites under test live here, never where real ones do; fixed, so that what a killed run left is found. */
export const STATE = '/var/tmp/allod-test';
export const LAUNCHER = resolve(import.meta.dirname, '../../allod');

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

export interface TestSite {
  domain: string;
  /** Path of the site file. */
  file: string;
  allod(...args: string[]): Promise<Run>;
  /** With text for standard input. */
  allodWith(input: string, ...args: string[]): Promise<Run>;
  status(): Promise<Status>;
  /** Path of the site CA's root, PEM. */
  ca(): Promise<string>;
  write(text: string): void;
  destroy(): Promise<void>;
}

export interface SiteSettings {
  domain: string;
  pool: string;
  address: string;
  services: string[];
  administrators?: string[];
}

export function siteText({ domain, pool, address, services, administrators = [] }: SiteSettings): string {
  return [
    'version: 1',
    `domain: ${domain}`,
    'network:',
    `  ipv6: { pool: ${pool} }`,
    `  ipv4: { address: ${address} }`,
    `administrators: [${administrators.join(', ')}]`,
    'services:',
    ...services.map((service) => `  ${service}: {}`),
    '',
  ].join('\n');
}

/** A site file in the tests' state, driven through the launcher as a person would. */
export function testSite(settings: SiteSettings): TestSite {
  const { domain } = settings;
  const folder = join(STATE, 'sites', domain);
  const file = join(folder, 'site.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, siteText(settings));

  const site: TestSite = {
    domain,
    file,
    allod: (...args) => runAllod(['--site', file, ...args]),
    allodWith: (input, ...args) => runAllod(['--site', file, ...args], { input }),
    async status() {
      return JSON.parse((await site.allod('status', '--json')).stdout) as Status;
    },
    async ca() {
      const path = join(folder, 'ca.pem');
      writeFileSync(path, (await site.allod('ca')).stdout);
      return path;
    },
    write(text) {
      writeFileSync(file, text);
    },
    async destroy() {
      const run = await site.allod('destroy', '--yes');
      if (run.code !== 0) throw new Error(run.stderr);
      rmSync(folder, { recursive: true });
    },
  };
  return site;
}

export interface RunOptions {
  /** Text for standard input. */
  input?: string;
  /** Another copy of the program. */
  launcher?: string;
  cwd?: string;
  /** Another state directory. */
  state?: string;
}

/** Runs the launcher to its end, whatever its exit code. */
export function runAllod(args: string[], options: RunOptions = {}): Promise<Run> {
  const { input = '', launcher = LAUNCHER, cwd = STATE, state = STATE } = options;
  return new Promise((done, reject) => {
    const child = spawn(launcher, args, { cwd, env: { ...process.env, ALLOD_STATE: state } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) => setTimeout(() => done({ code: code ?? -1, stdout, stderr }), 20));
    child.stdin.end(input);
  });
}

/** Two runs would remove each other's sites; the kernel frees the lock of a run that was killed. */
let lock: Disposable | undefined;

/** Removes every site of the tests: those of this run, and what a killed run left behind. */
export async function cleanUp(): Promise<void> {
  mkdirSync(STATE, { recursive: true });
  lock ??= takeLock(join(STATE, 'tests.lock'));
  if (!lock) throw new Error('another run of these tests is under way on this machine');
  // First: systemd would start again what is killed.
  for (const domain of list(join(STATE, 'sites'))) await removeUnit(domain);
  endDaemons();
  for (const domain of list(join(STATE, 'sites'))) {
    const file = join(STATE, 'sites', domain, 'site.yaml');
    // A test may have left a site file that is wrong: the name of its folder is enough to destroy it.
    writeFileSync(
      file,
      siteText({ domain, pool: '2001:db8:dead::/64', address: '198.51.100.7', services: ['contacts'] }),
    );
    const run = await runAllod(['--site', file, 'destroy', '--yes']);
    if (run.code !== 0) throw new Error(`cannot clean up ${domain}: ${run.stderr}`);
  }
  rmSync(join(STATE, 'sites'), { recursive: true, force: true });
}

/** Daemons whose state is the tests' own. */
function endDaemons(): void {
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (environment.includes(`ALLOD_STATE=${STATE}`) && argv.includes('daemon'))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // a process that ended while we looked
    }
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Waits until a condition holds; throws with its last value when `seconds` are over. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((wake) => setTimeout(wake, 250));
  }
}

/** podman with the configuration of a site under test. */
export function podmanOf(site: TestSite, ...args: string[]): string {
  return execFileSync('podman', args, {
    encoding: 'utf8',
    env: { ...process.env, CONTAINERS_CONF: join(STATE, site.domain, 'containers.conf') },
  });
}
