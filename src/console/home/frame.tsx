import type { ReactNode } from 'react';
import type { Me } from '../../server/browser-api.ts';
import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { texts } from '../texts.ts';

const LINKS = [
  ['/', texts.nav.home],
  ['/devices', texts.nav.devices],
  ['/phone', texts.nav.phone],
  ['/sign-in-methods', texts.nav.ways],
  ['/profile', texts.nav.profile],
] as const;

/** What is around every page of people. */
export function HomeFrame({ me, children }: { me: Me; children: ReactNode }) {
  return (
    <>
      <header className="top">
        <Link href="/" className="brand">
          <Icon name="land" />
          {me.title}
        </Link>
        <nav className="links" aria-label={texts.nav.label}>
          {LINKS.map(([href, text]) => (
            <Link key={href} href={href}>
              {text}
            </Link>
          ))}
          {me.administrator && <Link href="/console">{texts.nav.console}</Link>}
          <a href="/session/end">{texts.nav.signOut}</a>
        </nav>
      </header>
      {children}
    </>
  );
}
