import type { ReactNode } from 'react';
import type { Me } from '../../server/browser-api.ts';
import { NotFound } from '../home/home.tsx';
import { later } from '../later.tsx';
import { Guard } from '../parts/guard.tsx';
import { match, usePlace, type Values } from '../router.ts';
import { ConsoleFrame } from './frame.tsx';
import { Start } from './start.tsx';

interface PageProps {
  values: Values;
}

const WAITING = <main className="page" id="main" />;

const Task = later(async () => (await import('./task.tsx')).Task, WAITING);
const Person = later(async () => (await import('./person.tsx')).Person, WAITING);

const PAGES: Record<string, (props: PageProps) => ReactNode> = {
  '/console': Start,
  '/console/checklist': later(async () => (await import('./checklist.tsx')).ChecklistPage, WAITING),
  '/console/overview': later(async () => (await import('./overview.tsx')).Overview, WAITING),
  '/console/changes': later(async () => (await import('./changes.tsx')).Changes, WAITING),
  '/console/tasks': later(async () => (await import('./tasks.tsx')).Tasks, WAITING),
  '/console/tasks/:id': Task,
  '/console/people': later(async () => (await import('./people.tsx')).People, WAITING),
  '/console/people/:name': Person,
  '/console/groups': later(async () => (await import('./groups.tsx')).Groups, WAITING),
  '/console/names': later(async () => (await import('./names.tsx')).Names, WAITING),
  '/console/certificates': later(async () => (await import('./certificates.tsx')).Certificates, WAITING),
  '/console/images': later(async () => (await import('./images.tsx')).Images, WAITING),
  '/console/logs': later(async () => (await import('./logs.tsx')).Logs, WAITING),
  '/console/logs/:service': later(async () => (await import('./logs.tsx')).Logs, WAITING),
  '/console/doctor': later(async () => (await import('./doctor.tsx')).Doctor, WAITING),
  '/console/activity': later(async () => (await import('./activity.tsx')).Activity, WAITING),
};

/** What administrators see. */
export function Console({ me, again }: { me: Me; again(): void }) {
  const { path, moves } = usePlace();
  const found = Object.entries(PAGES).flatMap(([pattern, Shown]) => {
    const values = match(pattern, path);
    return values ? [{ Shown, values }] : [];
  })[0];
  return (
    <ConsoleFrame me={me} again={again}>
      <Guard key={moves}>{found ? <found.Shown values={found.values} /> : <NotFound />}</Guard>
    </ConsoleFrame>
  );
}
