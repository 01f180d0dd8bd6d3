import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { findUnowned } from './unowned.ts';

const root = mkdtempSync(join(tmpdir(), 'allod-root-'));
after(() => rmSync(root, { recursive: true }));

function put(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('each file is traced to a package, a tool, the recipe, or nothing', async () => {
  put('var/lib/dpkg/info/web.list', '/.\n/usr\n/bin/web\n/usr/lib/web.py\n/etc/ours.conf\n');
  put('var/lib/dpkg/diversions', '/usr/bin/cfg\n/usr/bin/cfg.real\nweb\n');
  put(
    'var/lib/dpkg/alternatives/pager',
    'auto\n/usr/bin/pager\npager.1.gz\n/usr/share/pager.1.gz\n\n/usr/bin/less\n',
  );
  put('var/lib/ucf/registry', 'web                     /etc/web.conf\n');
  for (const path of ['usr/bin/web', 'usr/lib/web.py', 'usr/bin/cfg.real', 'etc/web.conf', 'opt/ours'])
    put(path);
  put('usr/lib/__pycache__/web.cpython-313.pyc');
  put('usr/lib/__pycache__/other.cpython-313.pyc');
  mkdirSync(join(root, 'etc/alternatives'));
  symlinkSync('/etc/alternatives/pager', join(root, 'usr/bin/pager'));
  symlinkSync('/usr/bin/less', join(root, 'etc/alternatives/pager'));
  put('etc/passwd');
  put('usr/share/allod/made', '/srv/made by a line\n');
  put('srv/made by a line');
  put('opt/planted');

  const { unexplained, generated } = await findUnowned(root, ['/opt/ours']);
  assert.deepEqual(unexplained, ['/opt/planted', '/usr/lib/__pycache__/other.cpython-313.pyc']);
  assert.equal(generated['/srv/made by a line'], 'shell lines of the recipe');
  assert.equal(generated['/usr/lib/__pycache__/web.cpython-313.pyc'], 'compiled from the .py beside it');
  assert.equal(generated['/etc/passwd'], 'the list of accounts and shells');
  assert.equal(generated['/usr/bin/web'], undefined);
});
