import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { containerName } from '../src/engines/podman/podman.ts';
import { layoutOf } from '../src/model/layout.ts';
import { type People, people } from '../src/providers/openldap/people.ts';
import { openStore } from '../src/secrets/store.ts';
import { cleanUp, podmanOf, STATE, siteText, type TestSite, testSite, until } from './lib/site.ts';

const SETTINGS = {
  domain: 'names.example.org',
  pool: 'fd00:db8:78:1::/64',
  address: '127.0.0.78',
  administrators: ['alice'],
};
const MONTH = 31 * 86_400_000;
/** As Redmine's own process connects: through the pooler of its pod. */
const SQL = `base = YAML.load_file('/etc/allod/live/database.yml').fetch('production')
connection = PG.connect(host: base['host'], port: base['port'], dbname: base['database'], user: base['username'], password: base['password'])
puts connection.exec(ARGV.fetch(0)).values.flatten`;

describe('a name of somebody who is gone, where a service keeps accounts in a database', () => {
  let site: TestSite;
  let here: People;

  before(async () => {
    await cleanUp();
    site = testSite({ ...SETTINGS, services: ['projects'] });
    await bringUp();
    const { services } = await site.status();
    const layout = layoutOf(STATE, SETTINGS.domain);
    const store = openStore(layout.secretsDb, layout).as('test');
    here = people({
      domain: SETTINGS.domain,
      address: services.find(({ id }) => id === 'directory')?.ipv6 ?? '',
      reveal: ({ secret }) => store.get(secret)?.reveal() ?? assert.fail(secret),
    });
  });
  after(cleanUp);

  async function bringUp(): Promise<void> {
    const up = await site.allod('up');
    assert.equal(up.code, 0, up.stdout + up.stderr);
  }

  /** The next daemon looks at once at who is removed, and not within the hour. */
  async function anotherDaemon(): Promise<void> {
    process.kill((await site.status()).daemon.pid ?? 0, 'SIGKILL');
    await bringUp();
  }

  function sql(statement: string): string[] {
    const app = containerName(SETTINGS.domain, 'projects', 'app');
    const said = podmanOf(site, 'exec', app, 'ruby', '-rpg', '-ryaml', '-e', SQL, statement);
    return said.split('\n').filter((line) => line !== '');
  }

  test('it is held while the service is not there, and free with another account once that has answered', async () => {
    sql(
      "INSERT INTO users (login, firstname, lastname, type, status, language) VALUES ('frank', 'F', 'F', 'User', 1, 'en')",
    );
    await here.add({ name: 'frank' });
    await here.remove('frank', Date.now() - MONTH);
    site.write(siteText({ ...SETTINGS, services: ['contacts'] }));
    await bringUp();
    await anotherDaemon();
    await until('the daemon says why the name is not free', 30, async () =>
      (await site.allod('logs', 'allod')).stdout.includes('the name frank is not free yet'),
    );
    const { stdout } = await site.allod('user', 'list');
    assert.match(
      stdout,
      /^frank was removed for good; the name is free when what is kept under it is put away$/m,
    );
    assert.equal((await site.allod('user', 'add', 'frank')).code, 2);

    const text = siteText({ ...SETTINGS, services: ['projects'] });
    // A service that is planned and never brought up holds no name.
    site.write(text.replace('projects: {}', 'projects: {}\n  board: { type: projects }'));
    assert.match((await site.allod('plan')).stdout, /board/);
    site.write(text);
    await bringUp();
    await anotherDaemon();
    await until('the name is free', 60, async () => (await here.removed()).length === 0);
    const [login] = sql("SELECT login FROM users WHERE firstname = 'F'");
    assert.match(login ?? '', /^frank\+\d+$/);
    assert.equal((await site.allod('user', 'add', 'frank')).code, 0);
  });
});
