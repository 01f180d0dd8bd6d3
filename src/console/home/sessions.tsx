import { useState } from 'react';
import type { SessionView } from '../../server/browser-api.ts';
import { call } from '../api.ts';
import { Answer } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Fault } from '../parts/fault.tsx';
import { Section } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { goToSignIn } from '../router.ts';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useCall } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';

/** Where a person is signed in. */
export function SessionSection() {
  const sessions = useCall('sessions', {});
  const [everywhere, setEverywhere] = useState(false);
  const doing = useDoing();
  async function end({ id, device }: SessionView): Promise<void> {
    if (!(await doing.run(() => call('endSession', { id })))) return;
    say(texts.sessions.ended(device));
    sessions.again();
  }
  return (
    <Section
      title={texts.sessions.title}
      lead={texts.sessions.lead}
      actions={
        <Button small look="danger" onClick={() => setEverywhere(true)}>
          {texts.sessions.everywhere}
        </Button>
      }
    >
      <Fault error={doing.error} />
      <Answer asked={sessions}>
        {(answer) => (
          <ul className="list">
            {answer.sessions.map((session) => (
              <Session key={session.id} session={session} busy={doing.busy} onEnd={() => void end(session)} />
            ))}
          </ul>
        )}
      </Answer>
      {everywhere && (
        <Confirm
          title={texts.sessions.everywhere}
          does={texts.sessions.everywhere}
          danger
          work={() => call('signOutEverywhere', {}).then(goToSignIn)}
          onClose={() => setEverywhere(false)}
        >
          <p>{texts.sessions.everywhereText}</p>
        </Confirm>
      )}
    </Section>
  );
}

function Session({ session, busy, onEnd }: { session: SessionView; busy: boolean; onEnd(): void }) {
  const { here, device, address, since, seen, services } = session;
  return (
    <li className="between">
      <div className="stack tight">
        <span className="row">
          <span className="strong">{device}</span>
          {here && <span className="chip">{texts.sessions.here}</span>}
        </span>
        <span className="facts">
          <span>{address}</span>
          <span>
            {texts.sessions.since} <Time at={since} />
          </span>
          <span>
            {texts.sessions.seen} <Time at={seen} />
          </span>
          {services.length > 0 && <span>{services.join(', ')}</span>}
        </span>
      </div>
      {!here && (
        <Button small busy={busy} onClick={onEnd}>
          {texts.sessions.end} <span className="hidden">{device}</span>
        </Button>
      )}
    </li>
  );
}
