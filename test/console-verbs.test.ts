import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../src/doctor/diagnose.ts';
import { podName } from '../src/engines/podman/podman.ts';
import type { CertificateView } from '../src/model/certificate.ts';
import { layoutOf } from '../src/model/layout.ts';
import type { Planned } from '../src/server/answers.ts';
import { call } from '../src/server/client.ts';
import type {
  ActivityEntry,
  ChecklistItem,
  ImageView,
  LogLine,
  SiteFileView,
  TaskView,
} from '../src/server/console-api.ts';
import {
  cleanUp,
  LAUNCHER,
  podmanOf,
  type Run,
  STATE,
  siteText,
  type TestSite,
  testSite,
  until,
} from './lib/site.ts';

const SETTINGS = {
  domain: 'verbs.example.org',
  pool: '2001:db8:7e57:c5::/64',
  address: '127.0.0.97',
  administrators: ['alice'],
};

describe('what the console shows and does, by command', () => {
  let site: TestSite;
  const layout = layoutOf(STATE, SETTINGS.domain);

  before(async () => {
    await cleanUp();
    site = testSite({ ...SETTINGS, services: ['dns', 'contacts'] });
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
  });

  after(cleanUp);

  async function json<T>(...args: string[]): Promise<T> {
    const run = await site.allod(...args, '--json');
    assert.equal(run.code, 0, run.stderr);
    return JSON.parse(run.stdout) as T;
  }

  async function tasks(): Promise<TaskView[]> {
    return await json('tasks');
  }

  function ok(run: Run): string {
    assert.equal(run.code, 0, run.stdout + run.stderr);
    return run.stdout;
  }

  test('the first up is a task, with every change that it made', async () => {
    const first = (await tasks()).find(({ title }) => title === 'up');
    assert.equal(first?.state, 'done');
    assert.ok((first?.progress.of ?? 0) > 30);
    assert.equal(first?.progress.done, first?.progress.of);
    assert.match(
      ok(await site.allod('tasks')),
      /^ID +STATE +CHANGES.*\n(.*\n)*\d+ +done +\d+ of \d+ .* up\n/,
    );
    const lines = ok(await site.allod('task', String(first?.id)));
    assert.match(lines, /^\d\d:\d\d:\d\d {2}done +pod\/contacts/m);
    assert.match(lines, /\nup: done, \d+ of \d+ changes made, /);
    const last = ok(await site.allod('task', String(first?.id), '--json'))
      .trim()
      .split('\n')
      .at(-1);
    assert.deepEqual(JSON.parse(last ?? ''), { type: 'result', ...first });
    for (const [word, message] of [
      ['4711', /there is none; try .\/allod tasks/],
      ['x', /expected the number of a task; got "x"/],
    ] as const) {
      const run = await site.allod('task', word);
      assert.equal(run.code, 2);
      assert.match(run.stderr, message);
    }
  });

  test('a pod that went is mended, and that is a task of the daemon', async () => {
    const before = (await tasks()).length;
    podmanOf(site, 'pod', 'rm', '--force', '--time', '1', podName(site.domain, 'dns'));
    const repair = await until('the repair', 90, async () =>
      (await tasks()).slice(0, -before).find(({ title, state }) => title === 'repair' && state === 'done'),
    );
    assert.equal(repair.by, 'the daemon');
    assert.ok(repair.progress.done >= 1);
    assert.match(ok(await site.allod('task', String(repair.id))), /pod\/dns/);
  });

  test('a service is started again; followed as it goes', async () => {
    const before = (await site.status()).services.find(({ id }) => id === 'contacts');
    const restart = site.allod('restart', 'contacts');
    const task = await until('the task', 20, async () =>
      (await tasks()).find(({ title, state }) => title === 'restart contacts' && state === 'running'),
    );
    const followed = await site.allod('task', String(task.id), '--follow');
    assert.equal(ok(await restart), 'contacts was started again and serves.\n');
    assert.match(ok(followed), /\nrestart contacts: done, /);
    const now = (await site.status()).services.find(({ id }) => id === 'contacts');
    assert.equal(now?.state, 'healthy');
    assert.equal(now?.ipv6, before?.ipv6);
    const wrong = await site.allod('restart', 'contact');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /contact: expected a service of this site; try contacts/);
  });

  test('the site file is shown, checked, applied and brought back', async () => {
    chmodSync(site.file, 0o640);
    chownSync(site.file, 12345, 12345);
    ok(await site.allod('up')); // from here on it is a file of that user
    const text = readFileSync(site.file, 'utf8');
    assert.equal(ok(await site.allod('site', 'show')), text);
    assert.deepEqual(await json<SiteFileView>('site', 'show'), { accepted: text, path: site.file });

    const wrong = join(STATE, 'sites', site.domain, 'wrong.yaml');
    writeFileSync(wrong, text.replace('contacts:', 'contact:').replace('[alice]', '[Alice!]'));
    const refused = await site.allod('site', 'check', wrong);
    assert.equal(refused.code, 2);
    assert.equal(refused.stderr.trim().split('\n').length, 2, refused.stderr);
    assert.equal((await site.allod('site', 'apply', wrong)).code, 2);

    const other = await site.allodWith(text.replace(site.domain, 'other.example.org'), 'site', 'apply', '-');
    assert.equal(other.code, 2);
    assert.match(other.stderr, /domain: expected verbs\.example\.org/);

    const next = siteText({ ...SETTINGS, services: ['dns', 'contacts'] }).replace(
      'contacts: {}',
      'contacts: { host: kontakte }',
    );
    const checked = await site.allodWith(next, 'site', 'check', '-', '--json');
    const { planned } = JSON.parse(ok(checked)) as { planned: Planned };
    assert.ok(planned.changes.some(({ key }) => key.includes('kontakte')));
    assert.equal(readFileSync(site.file, 'utf8'), text);

    ok(await site.allodWith(next, 'site', 'apply', '-'));
    assert.equal(readFileSync(site.file, 'utf8'), next);
    assert.equal(readFileSync(layout.site, 'utf8'), next);
    const { mode, uid, gid } = statSync(site.file);
    assert.deepEqual([mode & 0o777, uid, gid], [0o640, 12345, 12345]);
    const url = (await site.status()).services.find(({ id }) => id === 'contacts')?.url;
    assert.equal(url, `https://kontakte.${site.domain}/`);

    const stale = call(layout.socket, 'applySite', { site: text, was: text });
    await assert.rejects(stale, /somebody changed the file meanwhile/);
    ok(await site.allod('site', 'undo'));
    assert.equal(readFileSync(site.file, 'utf8'), text);
    assert.equal((await site.allod('plan')).code, 0);
    chownSync(site.file, 0, 0);
    const taken = await site.allodWith(next, 'site', 'apply', '-');
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, /expected a file of user 12345.*got one of user 0/);
    ok(await site.allod('up'));
  });

  test('certificates and images: who shows which, and where all that is in them comes from', async () => {
    const certificates = await json<CertificateView[]>('certificates');
    const contacts = certificates.find(({ names }) => names.includes(`contacts.${site.domain}`));
    assert.deepEqual(contacts?.services, ['contacts']);
    assert.match(contacts?.serial ?? '', /^[0-9A-F]+$/);
    assert.ok((contacts?.to ?? 0) > Date.now() && (contacts?.from ?? Number.POSITIVE_INFINITY) < Date.now());
    assert.ok(certificates.some(({ name }) => name === 'site CA, root'));
    assert.match(ok(await site.allod('certificates')), /^CERTIFICATE +AGE +ENDS/);

    const images = await json<ImageView[]>('images');
    for (const { name, size = 0, created = 0, origins } of images) {
      assert.ok(size > 1e6, name);
      assert.ok(created > 1.7e12, name);
      assert.ok(
        origins.some(({ from, packages }) => from === 'debian trixie' && packages.length > 20),
        name,
      );
    }
    const nginx = images.find(({ name }) => name === 'nginx');
    assert.ok(nginx?.services.includes('contacts') && !nginx.services.includes('dns'));
    assert.match(
      ok(await site.allod('images', 'nginx')),
      /^localhost\/allod\/nginx:.*\n\ndebian trixie\n(.*\n)* +nginx +1\./,
    );
    assert.match((await site.allod('images', 'ngin')).stderr, /try nginx/);
  });

  test('addresses and logs come through the daemon as by the commands', async () => {
    const { exposures } = await call(layout.socket, 'addresses', {});
    assert.deepEqual(exposures, await json('addresses'));
    const lines: LogLine[] = [];
    const request = { service: 'contacts', lines: 5, follow: false };
    await call(layout.socket, 'logs', request, (line) => lines.push(line));
    assert.ok(lines.length > 0);
    assert.ok(lines.every(({ at = 0, container }) => at > 1.7e12 && container !== ''));
    const own: LogLine[] = [];
    await call(layout.socket, 'logs', { service: 'allod', lines: 3, follow: false }, (line) =>
      own.push(line),
    );
    assert.deepEqual([own.length, own[0]?.container], [3, 'allod']);
    assert.match(ok(await site.allod('logs', 'allod', '-n', '2')), /^20\d\d-.*\n.*\n$/);
  });

  test('a log that is followed tells what comes, and nothing runs on when nobody listens', async () => {
    const code = `
      import { call } from ${JSON.stringify(join(import.meta.dirname, '../src/server/client.ts'))};
      await call(${JSON.stringify(layout.socket)}, 'logs', { service: 'allod', lines: 0, follow: true },
        ({ text }) => process.stdout.write(text + '\\n'));
    `;
    const follower = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    follower.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      told += chunk;
    });
    const tails = () => tailsOf(`${layout.log}/daemon.log`);
    await until('the follower', 20, async () => tails().length === 1);
    ok(await site.allod('restart', 'dns'));
    await until('its lines', 10, async () => told.includes('pod/dns'));
    follower.kill('SIGKILL');
    await until('the end of the follower', 10, async () => tails().length === 0);
  });

  test('the doctor through the daemon says the same; what somebody knows of is quiet', async () => {
    const { report, ignored } = await call(layout.socket, 'doctor', {});
    assert.deepEqual(ignored, []);
    const run = await site.allod('doctor', '--json');
    const own = JSON.parse(run.stdout) as Report;
    const ids = (one: Report) =>
      one.checks.flatMap(({ findings }) => findings.flatMap(({ id }) => id ?? [])).sort();
    assert.deepEqual(ids(report), ids(own));
    const [id] = ids(own);
    assert.ok(id !== undefined, 'nobody delegates example.org, so there is a finding');
    assert.match((await site.allod('doctor', '--ignore', id)).stdout, new RegExp(`^ignored .*${id}`, 'm'));
    assert.deepEqual((await call(layout.socket, 'doctor', {})).ignored, [id]);
    assert.doesNotMatch((await site.allod('doctor', '--unignore', id)).stdout, /^ignored/m);
    const wrong = await site.allod('doctor', '--ignore', 'disk-00000000');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /expected the id of a finding of now/);
  });

  test('the checklist follows what is done', async () => {
    const doneOf = async () => {
      const items = await json<ChecklistItem[]>('checklist');
      return Object.fromEntries(items.map(({ id, done }) => [id, done]));
    };
    const before = await doneOf();
    assert.deepEqual(
      [before.administrator, before['recovery-kit'], before.people, before['site-ca']],
      [false, false, false, false],
    );
    ok(await site.allod('user', 'add', 'alice'));
    ok(await site.allod('user', 'add', 'bob'));
    ok(await site.allod('recovery-kit'));
    ok(await site.allod('checklist', '--tick', 'site-ca'));
    const after = await doneOf();
    const changed = { administrator: true, people: true, 'recovery-kit': true, 'site-ca': true };
    // That she can prove who she is comes up with her account.
    assert.deepEqual(after, { ...before, ...changed, proof: false });
    assert.match(ok(await site.allod('checklist', '--untick', 'site-ca')), /Trusted by your devices:/);
    assert.equal((await site.allod('checklist', '--tick', 'recovery-kit')).code, 2);
  });

  test('activity has who did what, and no secret', async () => {
    const entries = await json<ActivityEntry[]>('activity', '-n', '200');
    const texts = entries.map(({ text }) => text);
    for (const text of [
      'brought the site up',
      'restarted contacts',
      'changed the site file',
      'account for bob',
      'printed the recovery kit',
    ])
      assert.ok(texts.includes(text), text);
    assert.ok(entries.every(({ how, who }) => how === 'command' && who !== ''));
    assert.ok(
      entries.some(({ text, failed }) => text === 'restarted contact' && failed?.includes('try contacts')),
    );
    assert.ok(!texts.some((text) => /checklist|status|tasks/.test(text)));
    assert.match(ok(await site.allod('activity')), /^WHEN +WHO +BY +WHAT\n/);
    const { SUDO_USER } = process.env;
    process.env.SUDO_USER = 'carol';
    try {
      await site.allod('restart', 'nobody');
    } finally {
      if (SUDO_USER === undefined) delete process.env.SUDO_USER;
      else process.env.SUDO_USER = SUDO_USER;
    }
    assert.equal((await json<ActivityEntry[]>('activity', '-n', '1'))[0]?.who, 'carol');
  });

  test('a task that runs when the daemon is killed has failed, and the next up is one of its own', async () => {
    const { daemon } = await site.status();
    const restart = spawn(LAUNCHER, ['--site', site.file, 'restart', 'contacts'], {
      ...{ cwd: STATE, stdio: 'ignore' },
      env: { ...process.env, ALLOD_STATE: STATE },
    });
    await until('the task', 20, async () => {
      const [task] = await tasks();
      return task?.title === 'restart contacts' && task.state === 'running';
    });
    process.kill(daemon.pid ?? 0, 'SIGKILL');
    await new Promise((ended) => restart.on('exit', ended));
    ok(await site.allod('up'));
    const [up, killed] = (await tasks()).filter(({ title }) => title !== 'repair');
    assert.deepEqual([up?.title, up?.state], ['up', 'done']);
    assert.deepEqual(
      [killed?.title, killed?.state, killed?.text],
      ['restart contacts', 'failed', 'the daemon ended'],
    );
    assert.equal((await site.status()).healthy, true);
  });
});

/** Arguments of processes that follow a file. */
function tailsOf(path: string): string[][] {
  const argvs = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      } catch {
        return []; // it ended while we looked
      }
    });
  return argvs.filter((argv) => argv[0] === 'tail' && argv.includes(path));
}
