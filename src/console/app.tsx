import { type ReactNode, useEffect } from 'react';
import type { Me } from '../server/browser-api.ts';
import { HomeFrame } from './home/frame.tsx';
import { Home, NotFound } from './home/home.tsx';
import { later } from './later.tsx';
import { Answer } from './parts/asked.tsx';
import { Guard } from './parts/guard.tsx';
import { ToastRegion } from './parts/toast-region.tsx';
import { proving } from './proof.ts';
import { match, usePlace } from './router.ts';
import { site } from './site.ts';
import { useStore } from './store.ts';
import { texts } from './texts.ts';
import { trouble } from './trouble.ts';
import { useCall } from './use-ask.ts';

interface PageProps {
  me: Me;
  again(): void;
}

const PAGES: Record<string, (props: PageProps) => ReactNode> = {
  '/': Home,
  '/profile': later(async () => (await import('./home/profile.tsx')).Profile),
  '/sign-in-methods': later(async () => (await import('./home/sign-in-methods.tsx')).SignInMethods),
  '/devices': later(async () => (await import('./home/devices.tsx')).Devices),
  '/phone': later(async () => (await import('./home/phone.tsx')).Phone),
};

const loadConsole = () => import('./admin/pages.tsx');
const Console = later(async () => (await loadConsole()).Console);
// Beside the question who it is, not after it.
if (isConsole(location.pathname)) loadConsole().catch(() => {}); // the page tells it

const ProofDialog = later(async () => (await import('./parts/proof-dialog.tsx')).ProofDialog);

/** Seconds between two looks at the states of the services. */
const LOOK = 10;

export function App() {
  const asked = useCall('me', {}, LOOK);
  const open = useStore(proving);
  const title = asked.data?.title ?? '';
  useEffect(() => site.set(title), [title]);
  return (
    <>
      <a className="skip" href="#main">
        {texts.common.skip}
      </a>
      {useStore(trouble) && (
        <p className="banner" role="status">
          {texts.errors.trouble}
        </p>
      )}
      <Answer asked={asked}>{(me) => <Screen me={me} again={asked.again} />}</Answer>
      {open && <ProofDialog proving={open} />}
      <ToastRegion />
    </>
  );
}

function isConsole(path: string): boolean {
  return path === '/console' || path.startsWith('/console/');
}

function Screen({ me, again }: PageProps) {
  const { path } = usePlace();
  if (me.administrator && isConsole(path))
    return (
      <Guard>
        <Console me={me} again={again} />
      </Guard>
    );
  const [, Shown = NotFound] = Object.entries(PAGES).find(([pattern]) => match(pattern, path)) ?? [];
  return (
    <HomeFrame me={me}>
      <Guard key={path}>
        <Shown me={me} again={again} />
      </Guard>
    </HomeFrame>
  );
}
