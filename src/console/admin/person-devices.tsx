import type { AppPassword } from '../../model/people.ts';
import { act } from '../api.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { Section } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';

/** Somebody's app passwords: to end one when a device is lost. */
export function PersonDevices({ name }: { name: string }) {
  const asked = useAdmin('appPasswords', { name });
  const doing = useDoing();
  async function end({ service, id, label }: AppPassword): Promise<void> {
    if (!(await doing.run(() => act('removeAppPassword', { name, service, id })))) return;
    say(texts.devices.revoked(label));
    asked.again();
  }
  return (
    <Section title={texts.devices.title}>
      <Fault error={doing.error} />
      <Answer asked={asked}>
        {({ passwords }) =>
          passwords.length === 0 ? (
            <Empty>{texts.devices.none}</Empty>
          ) : (
            <ul className="list">
              {passwords.map((password) => (
                <li key={`${password.service}/${password.id}`} className="between">
                  <span className="row">
                    <span className="strong break">{password.label}</span>
                    <span className="chip">{password.service}</span>
                    <span className="quiet little">
                      {password.used === undefined ? texts.common.neverUsed : <Time at={password.used} />}
                    </span>
                  </span>
                  <Button small busy={doing.busy} onClick={() => void end(password)}>
                    {texts.devices.revoke} <span className="hidden">{password.label}</span>
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Section>
  );
}
