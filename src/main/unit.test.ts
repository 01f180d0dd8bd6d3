import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitText } from './unit.ts';

function lineOf(text: string, key: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith(`${key}=`));
}

test('words of a unit are quoted, and what systemd would replace in them is not', () => {
  const argv = ['/opt/my node', '/srv/100%/$HOME "x"'];
  const text = unitText(
    'example.org',
    argv,
    { ALLOD_STATE: '/srv/100%', TMPDIR: undefined },
    '/srv/100%/log',
  );
  assert.equal(lineOf(text, 'ExecStart'), String.raw`ExecStart="/opt/my node" "/srv/100%%/$$HOME \"x\""`);
  assert.equal(lineOf(text, 'Environment'), 'Environment="ALLOD_STATE=/srv/100%%"');
  assert.equal(lineOf(text, 'StandardOutput'), 'StandardOutput=append:/srv/100%%/log');
  assert.equal(lineOf(text, 'RequiresMountsFor'), 'RequiresMountsFor="/srv/100%%/log"');
});
