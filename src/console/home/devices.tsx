import { useState } from 'react';
import type { AppPassword } from '../../model/people.ts';
import type { Me } from '../../server/browser-api.ts';
import { call } from '../api.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useCall } from '../use-ask.ts';
import { AddDevice } from './add-device.tsx';
import { Used } from './passkeys.tsx';

/** App passwords: one for each device and service. */
export function Devices({ me }: { me: Me }) {
  const asked = useCall('appPasswords', {});
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<AppPassword>();
  const t = texts.devices;
  const titleOf = (id: string) => me.devices.find(({ service }) => service === id)?.title ?? id;
  async function revoke({ service, id, label }: AppPassword): Promise<void> {
    await call('removeAppPassword', { service, id });
    say(t.revoked(label));
    asked.again();
  }
  if (me.devices.length === 0)
    return (
      <Page title={t.title} lead={t.lead}>
        <Empty>{t.noServices}</Empty>
      </Page>
    );
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <Button look="primary" onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      }
    >
      <Answer asked={asked}>
        {({ passwords }) =>
          passwords.length === 0 ? (
            <Empty>
              {t.none} <Link href="/phone">{t.phone}</Link>
            </Empty>
          ) : (
            <ul className="list">
              {passwords.map((password) => (
                <li key={`${password.service}/${password.id}`} className="between">
                  <Device password={password} title={titleOf(password.service)} />
                  <Button small onClick={() => setRevoking(password)}>
                    {t.revoke} <span className="hidden">{password.label}</span>
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {adding && <AddDevice me={me} again={asked.again} onClose={() => setAdding(false)} />}
      {revoking && (
        <Confirm
          title={t.revokeTitle(revoking.label)}
          does={t.revoke}
          danger
          work={() => revoke(revoking)}
          onClose={() => setRevoking(undefined)}
        >
          <p>{t.revokeText(titleOf(revoking.service))}</p>
        </Confirm>
      )}
    </Page>
  );
}

function Device({ password: { label, created, used }, title }: { password: AppPassword; title: string }) {
  return (
    <div className="stack tight">
      <span className="row">
        <span className="strong break">{label}</span>
        <span className="chip">{title}</span>
      </span>
      <span className="facts">
        <span>
          {texts.common.added} <Time at={created} />
        </span>
        <span>{used === undefined ? texts.common.neverUsed : <Used at={used} />}</span>
      </span>
    </div>
  );
}
