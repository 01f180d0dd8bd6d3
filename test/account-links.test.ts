import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Link } from '../src/model/people.ts';
import type { Site } from '../src/model/site.ts';
import { openLinks } from '../src/reconcile/links.ts';
import { linkDesk } from '../src/server/links.ts';
import { PersonFault } from '../src/util/errors.ts';
import { accountSite, DAY, DOMAIN, PASSWORD } from './lib/account-site.ts';
import { STATE } from './lib/site.ts';

describe('links by which people make their account, or come in again', () => {
  const parts = accountSite();
  const { succeed, fail, signIn } = parts;

  test('links by command: shown once, listed without their secret, withdrawn', async () => {
    const made = await succeed('user', 'invite', 'dave');
    const [url = '', token = ''] = /https:\/\/portal\.\S+\/link\/(\S+)/.exec(made) ?? [];
    assert.ok(url, made);
    const listed = await succeed('user', 'links', '--json');
    assert.ok(!listed.includes(token));
    const [link] = (JSON.parse(listed) as Link[]).filter(({ name }) => name === 'dave');
    assert.equal(link?.kind, 'invitation');
    await succeed('user', 'withdraw', link?.id ?? '');
    const left = JSON.parse(await succeed('user', 'links', '--json')) as Link[];
    assert.ok(!left.some(({ name }) => name === 'dave'));
    assert.match(await fail('user', 'withdraw', 'x'), /expected the id of an open link; got "x"/);
  });

  test('links are for a site with a portal', async () => {
    const links = openLinks(join(STATE, 'sites', DOMAIN, 'no-portal.db'));
    const desk = linkDesk(links, {
      site: () => ({ administrators: [], services: [] }) as unknown as Site,
      people: () => parts.here,
      portal: () => undefined,
    });
    await assert.rejects(desk.invite({ name: 'dave' }, 'root'), /expected a portal/);
    links.close();
  });

  /** Each makes all it needs, and takes it away: none goes by what another left. */
  describe('links, of a portal', () => {
    /** Links of its own. */
    function deskFor(context: TestContext, administrators: string[] = []) {
      const clock = { now: 1_000_000 };
      const links = openLinks(join(STATE, 'sites', DOMAIN, `${randomUUID()}.db`));
      context.after(() => links.close());
      const desk = linkDesk(links, {
        site: () => ({ administrators: ['alice', ...administrators], services: [] }) as unknown as Site,
        people: () => parts.here,
        portal: () => `portal.${DOMAIN}`,
        now: () => clock.now,
      });
      return { desk, clock };
    }

    /** A name for this test alone, of somebody who is there or is about to come. */
    async function somebody(context: TestContext, there: 'there' | 'not there'): Promise<string> {
      const name = `p${randomUUID().slice(0, 8)}`;
      if (there === 'there') await parts.here.add({ name, password: PASSWORD });
      context.after(async () => {
        if (!(await parts.here.list()).some((person) => person.name === name)) return;
        await parts.here.remove(name, 0);
        await parts.here.purge(Date.now(), async () => {});
      });
      return name;
    }

    async function groupFor(context: TestContext): Promise<string> {
      const group = `g${randomUUID().slice(0, 8)}`;
      await parts.here.addGroup(group);
      context.after(() => parts.here.removeGroup(group));
      return group;
    }

    const tokenOf = ({ url }: { url: string }) => {
      assert.ok(url.startsWith(`https://portal.${DOMAIN}/link/`), url);
      return url.slice(url.lastIndexOf('/') + 1);
    };
    const refused = (text: RegExp) => (error: unknown) =>
      error instanceof PersonFault && text.test(error.message);
    const personOf = async (name: string) => (await parts.here.list()).find((person) => person.name === name);

    test('an invitation makes the account once, however many come at a time', async (context) => {
      const [name, group] = [await somebody(context, 'not there'), await groupFor(context)];
      const { desk } = deskFor(context);
      const made = await desk.invite({ name, displayName: 'Dave', groups: [group] }, 'alice');
      const token = tokenOf(made);
      const { until } = made;
      assert.deepEqual(await desk.offer(token), {
        ...{ kind: 'invitation', name, displayName: 'Dave', administrator: false, until },
      });
      await assert.rejects(desk.redeem(token, {}), refused(/a password or a passkey/));
      await assert.rejects(
        desk.redeem(token, { password: 'short', mail: 'x' }),
        refused(/mail: [\s\S]*password: /),
      );
      const both = await Promise.allSettled(
        [PASSWORD, 'another password of mine'].map((password) =>
          desk.redeem(token, { password, displayName: 'D' }),
        ),
      );
      assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      const won = both[0]?.status === 'fulfilled' ? PASSWORD : 'another password of mine';
      assert.equal(await signIn(name, won), 0);
      const person = await personOf(name);
      assert.deepEqual([person?.displayName, person?.groups], ['D', [group]]);
    });

    test('whose answer was lost on the way opens the link again, and is told how to go on', async (context) => {
      const name = await somebody(context, 'not there');
      const { desk } = deskFor(context);
      const token = tokenOf(await desk.invite({ name }, 'alice'));
      await desk.redeem(token, { password: PASSWORD });
      const goOn = refused(
        new RegExp(`made the account ${name} already; try signing in as ${name} at https://portal`),
      );
      await assert.rejects(desk.offer(token), goOn);
      await assert.rejects(desk.redeem(token, { password: 'another password of mine' }), goOn);
      assert.equal(await signIn(name), 0);
      const reset = tokenOf(await desk.reset(name, 'alice'));
      await desk.redeem(reset, { password: 'a new password of mine' });
      const again = refused(new RegExp(`${name} has new ways to sign in already; try signing in as ${name}`));
      await assert.rejects(desk.offer(reset), again);
      await parts.here.disable(name, true);
      await assert.rejects(desk.offer(token), refused(/used already; try asking/));
    });

    test('what could not become an account is no invitation', async (context) => {
      const name = await somebody(context, 'there');
      const { desk } = deskFor(context);
      const asked = { name, mail: 'x', groups: ['administrators'] };
      await assert.rejects(desk.invite(asked, 'alice'), refused(/mail: [\s\S]*group: /));
      await assert.rejects(
        desk.invite({ name, groups: ['no-such-group'] }, 'alice'),
        refused(new RegExp(`${name}[\\s\\S]*no-such-group`)),
      );
      assert.deepEqual(desk.list(), []);
    });

    test('administrators without an account are invited once, and administer from the first sign-in', async (context) => {
      const [there, name] = [await somebody(context, 'there'), await somebody(context, 'not there')];
      const { desk } = deskFor(context, [there, name]);
      const made = (await desk.inviteAdministrators()).find((link) => link.name !== 'alice');
      assert.equal(made?.name, name);
      assert.deepEqual(await desk.inviteAdministrators(), []);
      const listedLink = desk.list().find((link) => link.name === name);
      assert.deepEqual([listedLink?.administrator, listedLink?.by], [true, 'root']);
      const token = tokenOf(made ?? assert.fail());
      assert.equal((await desk.offer(token)).administrator, true);
      const passkey = { id: 'a', publicKey: 'b', counter: 0, label: 'key' };
      await desk.redeem(token, { passkey });
      const person = await personOf(name);
      assert.deepEqual([person?.administrator, person?.password], [true, false]);
      assert.equal(await signIn(name), 49);
    });

    test('two invitations have no address in common', async (context) => {
      const [name, other] = [await somebody(context, 'not there'), await somebody(context, 'not there')];
      const { desk } = deskFor(context);
      for (let i = 0; i < 2; i++) await desk.invite({ name, mail: 'fay@example.org' }, 'alice');
      await assert.rejects(
        desk.invite({ name: other, mail: 'Fay@example.org' }, 'alice'),
        refused(new RegExp(`that of ${name}`)),
      );
    });

    test('a reset sets the password once; not for who is disabled', async (context) => {
      const name = await somebody(context, 'there');
      const { desk } = deskFor(context);
      const first = tokenOf(await desk.reset(name, 'alice'));
      const second = tokenOf(await desk.reset(name, 'alice'));
      await assert.rejects(desk.offer(first), refused(/never made, or was withdrawn/));
      await parts.here.disable(name, true);
      await assert.rejects(
        desk.redeem(second, { password: 'a new password of mine' }),
        refused(/who is disabled/),
      );
      await assert.rejects(desk.reset(name, 'alice'), refused(new RegExp(`user enable ${name}`)));
      await parts.here.disable(name, false);
      assert.deepEqual(await desk.redeem(second, { password: 'a new password of mine' }), { name });
      assert.equal(await signIn(name, 'a new password of mine'), 0);
      await assert.rejects(desk.redeem(second, { password: 'yet another one of mine' }), PersonFault);
      assert.equal(await signIn(name, 'a new password of mine'), 0);
      const last = tokenOf(await desk.reset(name, 'alice'));
      await desk.redeem(last, { passkey: { id: 'a', publicKey: 'b', counter: 0, label: 'key' } });
      assert.equal(await signIn(name, 'a new password of mine'), 49, 'a reset ends the old password');
    });

    test('a reset is good for a day, and not once withdrawn', async (context) => {
      const name = await somebody(context, 'there');
      const { desk, clock } = deskFor(context);
      const late = tokenOf(await desk.reset(name, 'alice'));
      clock.now += DAY;
      await assert.rejects(desk.offer(late), refused(/whose time is over/));
      await assert.rejects(
        desk.redeem(late, { password: 'yet another one of mine' }),
        refused(/time is over/),
      );
      const withdrawn = tokenOf(await desk.reset(name, 'alice'));
      desk.withdraw(desk.list()[0]?.id ?? '');
      await assert.rejects(desk.offer(withdrawn), refused(/withdrawn/));
      assert.equal(await signIn(name), 0);
    });
  });
});
