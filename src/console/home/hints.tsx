import { useState } from 'react';
import type { Me, Ways } from '../../server/browser-api.ts';
import { Button } from '../parts/button.tsx';
import { Link } from '../parts/link.tsx';
import { Section } from '../parts/page.tsx';
import { texts } from '../texts.ts';

interface Props {
  me: Me;
  ways: Ways;
  /** How many app passwords there are. */
  devices: number;
}

/** Where this browser keeps that somebody has seen enough of them. */
const SEEN = 'allod-hints-seen';

/** What somebody new may want to do first; each goes when it is done. */
export function Hints({ me, ways, devices }: Props) {
  const [seen, setSeen] = useState(() => localStorage.getItem(SEEN) === me.name);
  const hints = [
    ...(ways.passkeys.length === 0 ? [{ ...texts.hints.passkey, href: '/sign-in-methods' }] : []),
    ...(devices === 0 && me.devices.length > 0 ? [{ ...texts.hints.phone, href: '/phone' }] : []),
    ...(me.mail ? [] : [{ ...texts.hints.profile, href: '/profile' }]),
  ];
  if (seen || hints.length === 0) return null;
  function dismiss(): void {
    localStorage.setItem(SEEN, me.name);
    setSeen(true);
  }
  return (
    <Section
      title={texts.hints.title}
      actions={
        <Button small look="plain" onClick={dismiss}>
          {texts.hints.dismiss}
        </Button>
      }
    >
      <ul className="hints">
        {hints.map(({ title, text, does, href }) => (
          <li key={href} className="card stack tight">
            <h3>{title}</h3>
            <p className="quiet">{text}</p>
            <p>
              <Link href={href}>{does}</Link>
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
