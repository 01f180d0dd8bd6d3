import { type ReactNode, useEffect, useState } from 'react';
import type { Me } from '../../server/browser-api.ts';
import { call } from '../api.ts';
import { hourMinute } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Icon, type icons } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { usePlace } from '../router.ts';
import { useStore } from '../store.ts';
import { texts } from '../texts.ts';
import { firstPage } from './start.tsx';

const t = texts.admin.nav;

type Entry = [href: string, text: string, icon: keyof typeof icons];

const GROUPS: { title: string; entries: Entry[] }[] = [
  {
    title: t.site,
    entries: [
      ['/console/checklist', t.checklist, 'list'],
      ['/console/overview', t.overview, 'pulse'],
      ['/console/changes', t.changes, 'edit'],
      ['/console/tasks', t.tasks, 'tasks'],
    ],
  },
  {
    title: t.people,
    entries: [
      ['/console/people', t.people, 'person'],
      ['/console/groups', t.groups, 'people'],
    ],
  },
  {
    title: t.inside,
    entries: [
      ['/console/names', t.names, 'globe'],
      ['/console/certificates', t.certificates, 'key'],
      ['/console/images', t.images, 'box'],
      ['/console/logs', t.logs, 'lines'],
    ],
  },
  {
    title: t.trust,
    entries: [
      ['/console/doctor', t.doctor, 'shield'],
      ['/console/activity', t.activity, 'book'],
    ],
  },
];

/** What is around every page of the console. */
export function ConsoleFrame({ me, again, children }: { me: Me; again(): void; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const { path, moves } = usePlace();
  const first = useStore(firstPage);
  const at = path === '/console' ? first : path;
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes when the page changes
  useEffect(() => setOpen(false), [moves]);
  return (
    <div className="frame">
      <header className="side" data-open={open}>
        <div className="head">
          <Link href="/console" className="brand" aria-current={false}>
            <Icon name="land" />
            {me.title}
          </Link>
          <button
            type="button"
            className="button small menu"
            aria-expanded={open}
            aria-controls="menu"
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'cross' : 'lines'} />
            {texts.common.menu}
          </button>
        </div>
        <nav id="menu" aria-label={t.label}>
          {GROUPS.map(({ title, entries }) => (
            <Group key={title} title={title} entries={entries} at={at} />
          ))}
        </nav>
        <footer>
          <Elevation me={me} again={again} />
          <Link href="/">{t.home}</Link>
        </footer>
      </header>
      {children}
    </div>
  );
}

function Group({ title, entries, at }: { title: string; entries: Entry[]; at: string | undefined }) {
  return (
    <>
      <h2>{title}</h2>
      <ul>
        {entries.map(([href, text, icon]) => (
          <li key={href}>
            <Link href={href} below {...(at === href ? { 'aria-current': 'page' } : {})}>
              <Icon name={icon} />
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Until when the person may act as administrator without another proof. */
function Elevation({ me, again }: { me: Me; again(): void }) {
  if (!me.elevated || me.elevated < Date.now())
    return <span className="quiet">{t.asPerson(me.displayName)}</span>;
  return (
    <span className="row">
      <span className="quiet">{t.until(hourMinute(me.elevated))}</span>
      <Button small onClick={() => void call('lower', {}).finally(again)}>
        {t.lower}
      </Button>
    </span>
  );
}
