import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Trial, tryPortal } from '../../test/lib/portal.ts';
import { Transient } from '../util/errors.ts';

describe('signing in at the portal', () => {
  let trial: Trial;

  before(async () => {
    trial = await tryPortal();
    trial.directory.add('alice', 'down the rabbit hole', {
      displayName: 'Alice Ångström',
      groups: ['family'],
    });
    trial.daemon.lines.set('overview', () => [{ answer: { services: [] } }]);
  });

  after(() => trial.close());

  test('the home page sends to the sign-in page and back', async () => {
    const visit = trial.visit();
    const away = await visit.get('/console/people?x=1');
    assert.equal(away.status, 303);
    assert.equal(away.location, 'https://portal.example.org/sign-in?to=%2Fconsole%2Fpeople%3Fx%3D1');
    const page = await visit.follow(away);
    assert.match(page.text, /<form method="post" action="\/sign-in">/);
    assert.match(page.text, /name="to" value="\/console\/people\?x=1"/);
    const done = await visit.signIn('alice', 'down the rabbit hole', '/console/people?x=1');
    assert.equal(done.status, 303);
    assert.equal(done.location, 'https://portal.example.org/console/people?x=1');
    assert.equal((await visit.follow(done)).status, 200);
    const { answer } = await visit.call('me');
    assert.equal(answer.displayName, 'Alice Ångström');
    assert.equal(answer.administrator, true);
  });
});
