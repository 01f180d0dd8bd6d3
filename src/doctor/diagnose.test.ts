import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorContext } from '../../test/lib/doctor-context.ts';
import type { Check, Finding } from './check.ts';
import { checks } from './checks.ts';
import { diagnose } from './diagnose.ts';
import { formatFindings } from './format.ts';

const context = doctorContext();

function check(id: string, needs: string[], run: () => Finding[] | Promise<Finding[]>): Check {
  return { id, title: id, needs, run: async () => run() };
}

const ok: Finding = { state: 'ok', text: 'fine' };
const fault: Finding = { state: 'fault', text: 'broken', evidence: 'one\ntwo', remedy: 'mend it' };

test('each check fails alone, and what needs a faulty one is skipped all the way down', async () => {
  const report = await diagnose(
    [
      check('good', [], () => [ok]),
      check('bad', [], () => [ok, fault]),
      check('bug', [], () => {
        throw new Error('no such file');
      }),
      check('after', ['good', 'bad'], () => assert.fail('must not run')),
      check('last', ['after'], () => assert.fail('must not run')),
    ],
    context,
  );
  assert.deepEqual(
    report.checks.map(({ id, state }) => `${id} ${state}`),
    ['good ok', 'bad fault', 'bug warning', 'after skipped', 'last skipped'],
  );
  assert.equal(report.healthy, false);
  assert.equal(report.checks[2]?.findings[0]?.evidence, 'no such file');
  assert.match(report.checks[3]?.findings[0]?.text ?? '', /because of a fault under "bad"/);
});

test('a check that never ends is given up, and the others are not', async () => {
  const never = check('never', [], () => new Promise(() => {}));
  const report = await diagnose([never, check('good', [], () => [ok])], context, 50);
  assert.deepEqual(
    report.checks.map(({ state }) => state),
    ['warning', 'ok'],
  );
  assert.match(report.checks[0]?.findings[0]?.evidence ?? '', /no answer within 0.05 s/);
});

test('a check listed before one it needs is a bug', async () => {
  await assert.rejects(diagnose([check('early', ['late'], () => [ok])], context), /not listed before it/);
});

test('the checks of the program stand in order, each once', () => {
  const seen = new Set<string>();
  for (const { id, needs } of checks) {
    assert.ok(!seen.has(id), `${id} is there twice`);
    for (const need of needs) assert.ok(seen.has(need), `${id} needs ${need}, listed later or never`);
    seen.add(id);
  }
});

test('a report reads well and says what to do', async () => {
  const report = await diagnose(
    [
      check('disk', [], () => [ok]),
      check('firewall', [], () => [fault]),
      check('ports', ['firewall'], () => [ok]),
    ],
    context,
  );
  const id = report.checks[1]?.findings[0]?.id ?? '';
  assert.equal(
    formatFindings(report, false),
    `ok       disk      fine
fault    firewall  broken
                   one
                   two
                   → mend it
skipped  ports     not looked at, because of a fault under "firewall"

Something keeps the site from working (1 × fault, 1 × skipped).
One you know of: ./allod doctor --ignore ID (${id})
`,
  );
  assert.match(
    formatFindings(report, false, new Set([id])),
    new RegExp(`\\nignored  firewall  broken \\(${id}\\)\\nskipped .*\\n\\nSomething keeps .*\\n$`),
  );
  assert.ok(formatFindings(report, true).startsWith('\u001b[32mok     \u001b[0m  disk'));
  const healthy = await diagnose([check('disk', [], () => [ok])], context);
  assert.match(formatFindings(healthy, false), /\nNothing keeps the site from working\.\n$/);
});
