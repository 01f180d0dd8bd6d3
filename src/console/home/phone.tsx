import { useState } from 'react';
import type { DeviceService } from '../../model/sign-on.ts';
import type { Me } from '../../server/browser-api.ts';
import { Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Qr } from '../parts/qr.tsx';
import { texts } from '../texts.ts';
import { useCall } from '../use-ask.ts';
import { AddDevice, Settings } from './add-device.tsx';
import { appleProfile, davProtocols } from './apple-profile.ts';

/** How phones and programs are set up, one service at a time. */
export function Phone({ me }: { me: Me }) {
  const passwords = useCall('appPasswords', {});
  const [adding, setAdding] = useState(false);
  const t = texts.phone;
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        me.devices.length > 0 && (
          <Button look="primary" onClick={() => setAdding(true)}>
            {texts.devices.add}
          </Button>
        )
      }
    >
      {me.devices.length === 0 && <Empty>{texts.devices.noServices}</Empty>}
      {me.devices.map((service) => (
        <Setup key={service.service} me={me} service={service} />
      ))}
      {adding && <AddDevice me={me} again={passwords.again} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Setup({ me, service }: { me: Me; service: DeviceService }) {
  const t = texts.phone;
  const dav = davProtocols(service).length > 0;
  return (
    <Section title={service.title} lead={t.first}>
      <div className="card row">
        <Qr text={service.server} label={t.qr(service.server)} />
        <div className="stack">
          <p className="quiet little">{t.qrHint}</p>
          <Settings me={me} service={service} />
        </div>
      </div>
      {dav ? (
        <div className="hints">
          <Steps title={t.android.title} steps={t.android.steps} />
          <Steps title={t.apple.title} steps={t.apple.steps}>
            <Button small onClick={() => download(me, service)}>
              {t.apple.download}
            </Button>
          </Steps>
          <Steps title={t.thunderbird.title} steps={t.thunderbird.steps} />
        </div>
      ) : (
        <Steps title={t.other.title} steps={t.other.steps} />
      )}
    </Section>
  );
}

function Steps({
  title,
  steps,
  children,
}: {
  title: string;
  steps: readonly string[];
  children?: React.ReactNode;
}) {
  return (
    <div className="card stack">
      <h3>{title}</h3>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {children && <div className="row">{children}</div>}
    </div>
  );
}

function download(me: Me, service: DeviceService): void {
  const text = appleProfile({ me, service, ids: () => crypto.randomUUID() });
  const url = URL.createObjectURL(new Blob([text], { type: 'application/x-apple-aspen-config' }));
  const link = Object.assign(document.createElement('a'), {
    href: url,
    download: `${me.domain}-${service.service}.mobileconfig`,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
