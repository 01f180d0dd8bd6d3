import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { buildScript, placeFiles, quote } from './script.ts';

const recipe = {
  name: 'web',
  packages: ['nginx-light'],
  users: [{ name: 'nginx', uid: 10080, home: '/nonexistent' }],
  files: { '/etc/web.conf': { mode: 0o640, text: 'x' }, '/usr/lib/allod/start': { mode: 0o755, text: 'y' } },
  run: ["echo 'it is'"],
};

test('quoting gives the shell back the same word', () => {
  for (const word of ['plain', "it's", '$HOME `id` "x"', 'a b', '', '*', 'line\nbreak'])
    assert.equal(execFileSync('sh', ['-c', `printf %s ${quote(word)}`], { encoding: 'utf8' }), word);
});

test('the script is one the shell can read, in the order accounts, packages, files, lines', () => {
  const script = buildScript(recipe);
  execFileSync('sh', ['-n'], { input: script });
  const at = (text: string) => script.indexOf(text);
  const order = [
    'nginx:x:10080',
    '/etc/web.conf',
    'install nginx-light',
    '/usr/lib/allod/start',
    'allod:run:0',
  ];
  assert.deepEqual(
    order.map(at),
    order.map(at).toSorted((a, b) => a - b),
  );
  assert.ok(at('nginx:x:10080') > 0);
});

test('files keep their mode and may be held back', () => {
  assert.deepEqual(placeFiles(recipe.files, '/mnt', ''), [
    'install -D -m 0640 /mnt/files/0 /etc/web.conf',
    'install -D -m 0755 /mnt/files/1 /usr/lib/allod/start',
  ]);
  assert.equal(placeFiles(recipe.files, '/mnt', '', (path) => path.startsWith('/etc/')).length, 1);
});
