import { z } from 'zod';
import { type Asking, isAdministrator, Refusal, type Verbs, wantElevated } from './verb.ts';

const nothing = z.strictObject({});

/** Administrators prove who they are to the daemon; what it gives for that stays here, with the session. */
export const adminVerbs: Verbs<'elevation' | 'elevate' | 'lower'> = {
  elevation: {
    request: nothing,
    async answer(asking) {
      wantAdministrator(asking);
      return asking.portal.daemon.ask('challenge', { name: asking.account.name });
    },
  },
  elevate: {
    request: z.strictObject({
      proof: z.union([
        z.strictObject({ passkey: z.looseObject({}) }),
        z.strictObject({ password: z.string().max(1024), code: z.string().max(16).exactOptional() }),
      ]),
    }) as never,
    async answer(asking, { proof }) {
      wantAdministrator(asking);
      const { portal, account, session } = asking;
      const elevation = await portal.daemon.ask('elevate', { name: account.name, proof });
      portal.elevations.set(session.uid, elevation);
      return { until: elevation.until };
    },
  },
  lower: {
    request: nothing,
    async answer({ portal, session }) {
      await portal.elevations.lower(session.uid);
      return {};
    },
  },
};

const act = z.strictObject({ verb: z.string().regex(/^[a-zA-Z]{1,40}$/), request: z.unknown() });

/** Answers with the daemon's lines as they come. What may be said, and with what, the daemon checks. */
export async function passOn(asking: Asking, body: unknown): Promise<void> {
  const { portal, ctx } = asking;
  wantAdministrator(asking);
  const { verb, request } = act.parse(body);
  const token = wantElevated(asking);
  const lines = await portal.daemon.act({ token, verb, request: request ?? {} });
  ctx.status = 200;
  ctx.type = 'application/x-ndjson';
  ctx.res.on('close', () => lines.destroy()); // logs that are followed end with the page
  ctx.body = lines;
}

function wantAdministrator(asking: Asking): void {
  if (!isAdministrator(asking))
    throw new Refusal('person', 'expected an administrator of the site; try asking one');
}
