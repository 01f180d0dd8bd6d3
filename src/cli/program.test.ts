import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Change } from '../model/resource.ts';
import type { ServiceStatus, Status } from '../model/status.ts';
import { NoDaemon } from '../server/client.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import type { Cli } from './context.ts';
import { planText } from './plan.ts';
import { createProgram, reportError } from './program.ts';
import { statusTable } from './status.ts';

/** Runs a command with parts of the world given; all else fails. */
async function run(argv: string[], part: Partial<Cli> = {}) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  let code = 0;
  const given = {
    ...{ out, err },
    exit(wanted: number) {
      code = wanted;
    },
    ...part,
  } as unknown as Cli;
  const program = createProgram(given);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    code = reportError(error, err, program.args[0]);
  }
  return { code, out: out.read()?.toString() ?? '', err: err.read()?.toString() ?? '' };
}

const why = { service: 'dns', rule: 'workload', sentence: 'needed by contacts' };
const change: Change = {
  ...{ action: 'create', key: 'pod/dns', kind: 'pod', name: 'dns', service: 'dns', why },
  ...{ needs: [], fingerprint: 'a', spec: {} },
};

function look(changes: Change[]): Partial<Cli> {
  return {
    openSite: () => ({}) as never,
    plan: async () => ({ changes, unknown: {} }),
  };
}

const failing = (error: unknown): Partial<Cli> => ({
  openSite() {
    throw error;
  },
});

test('a mistyped word is suggested, and ends with the code of a mistake', async () => {
  for (const [typed, meant] of [
    [['stauts'], 'status'],
    [['user', 'lst'], 'list'],
    [['status', '--jsn'], '--json'],
  ] as const) {
    const { code, err } = await run([...typed]);
    assert.equal(code, 2, typed.join(' '));
    assert.match(err, new RegExp(`Did you mean ${meant}\\?`));
    assert.doesNotMatch(err, / at .*\.ts/);
  }
});

test('help is no mistake, and names every command', async () => {
  const { code, out } = await run(['--help']);
  assert.equal(code, 0);
  for (const command of [
    'up',
    'plan',
    'status',
    'logs',
    'ca',
    'user',
    'down',
    'destroy',
    'doctor',
    'exec',
    'secrets',
  ])
    assert.match(out, new RegExp(`^ +${command}\\b`, 'm'));
});

test('exit codes: a person must act, something is not there, a bug', async () => {
  const person = new PersonFault({ where: 'site.yaml:1:1', message: 'expected a domain' });
  const mistake = await run(['ca'], failing(person));
  assert.deepEqual([mistake.code, mistake.err], [2, 'site.yaml:1:1: expected a domain\n']);
  const absent = await run(['ca'], failing(new NoDaemon('the daemon does not run')));
  assert.deepEqual([absent.code, absent.err], [1, 'the daemon does not run\n']);
  const bug = await run(['ca'], failing(new TypeError('x is not a function')));
  assert.equal(bug.code, 1);
  assert.match(bug.err, /bug in allod.*\n.*TypeError: x is not a function\n +at /);
});

test('plan: 0 for nothing, 2 for changes, 1 for any fault', async () => {
  assert.equal((await run(['plan'], look([]))).code, 0);
  assert.equal((await run(['plan'], look([change]))).code, 2);
  const json = await run(['plan', '--json'], look([change]));
  assert.equal(json.code, 2);
  assert.deepEqual(JSON.parse(json.out), { changes: [change], unknown: {} });
  const faults = [new PersonFault({ where: 'site.yaml', message: 'x' }), new Transient('x'), new Error('x')];
  for (const fault of faults) assert.equal((await run(['plan'], failing(fault))).code, 1);
  assert.equal((await run(['plan', '--nonsense'])).code, 1);
});

test('plan: grouped by service, with reasons, and what could not be seen', () => {
  const update: Change = {
    ...change,
    action: 'update',
    key: 'files/dns/app',
    kind: 'files',
    name: 'dns/app',
  };
  const changes = [
    change,
    { ...change, service: 'edge', name: 'edge' },
    { ...update, observed: 'drifted: x' },
  ];
  assert.equal(
    planText(changes, { record: 'dns does not run' }),
    `dns
  create pod dns                      needed by contacts
  update files dns/app (drifted: x)   needed by contacts

edge
  create pod edge   needed by contacts

Not visible now, looked at again while working:
  record: dns does not run

3 changes: 2 to create, 1 to update, 0 to delete.
`,
  );
  assert.equal(planText([]), 'Nothing to do: all is as the site file says.\n');
});

test('destroy without --yes changes nothing and says what would be gone', async () => {
  const { code, err } = await run(['destroy'], {
    openSite: () =>
      ({ site: { domain: 'example.org' }, layout: { root: '/var/lib/allod/example.org' } }) as never,
    destroy: () => assert.fail('nothing may be destroyed'),
  });
  assert.equal(code, 2);
  assert.match(err, /expected --yes.*example\.org.*nothing was changed/);
});

test('logs: a number of lines that is none is a mistake', async () => {
  for (const lines of ['x', '-1', '1.5']) {
    const { code, err } = await run(['logs', 'dns', '-n', lines]);
    assert.equal(code, 2);
    assert.match(err, /expected a number from 0/);
  }
});

function service(part: Partial<ServiceStatus>): ServiceStatus {
  return {
    ...{ id: 'dns', title: 'Names', state: 'healthy', since: Date.now() - 90_000, url: null },
    ...{ host: 'dns.example.org', ipv6: '2001:db8::53', ipv4: null, memoryBytes: null },
    ...part,
  };
}

test('status: a line a service, then why not, then what is to be done', () => {
  const status: Status = {
    ...{ domain: 'example.org', healthy: false, daemon: { running: false }, stateHash: '' },
    findings: [{ id: 'sources/token', text: '/run/token is not there', remedy: 'putting it there' }],
    services: [
      service({ memoryBytes: 40 * 2 ** 20, ipv4: '203.0.113.7' }),
      service({ id: 'contacts', state: 'failed', url: 'https://contacts.example.org/', reason: 'no image' }),
    ],
  };
  assert.equal(
    statusTable(status, false),
    `SERVICE   STATE    SINCE  MEMORY  IPV6          IPV4         URL
dns       healthy  90 s   40 MB   2001:db8::53  203.0.113.7
contacts  failed   90 s   –       2001:db8::53  –            https://contacts.example.org/
contacts: no image
/run/token is not there; try putting it there
The daemon does not run: nothing is repaired. Try ./allod up`,
  );
  assert.ok(statusTable(status, true).includes('\x1b[31mfailed'));
});

test('plan: what is held back says so, and once why', () => {
  const held = { id: 'x', text: '2 of 3 names of example.org would go', remedy: 'saying so' };
  const removal: Change = { ...change, action: 'delete', kind: 'record', name: 'a/A', held };
  assert.equal(
    planText([removal, { ...removal, name: 'b/A' }]),
    `dns
  delete record a/A   held back; needed by contacts
  delete record b/A   held back; needed by contacts

Held back: 2 of 3 names of example.org would go; try saying so

2 changes: 0 to create, 0 to update, 2 to delete.
`,
  );
});

test('up: a yes for what can be no zone of the site changes nothing', async () => {
  const { code, err } = await run(['up', '--remove-names', 'example.net'], {
    openOrStartSite: () => ({ site: { domain: 'example.org' } }) as never,
    prepareHost: async () => assert.fail('nothing may begin'),
  });
  assert.equal(code, 2);
  assert.equal(err, '--remove-names: expected a zone of this site; got "example.net"; try example.org\n');
});
