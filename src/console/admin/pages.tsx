import { type ComponentType, lazy, Suspense } from 'react';
import type { Me } from '../../server/browser-api.ts';
import { NotFound } from '../home/home.tsx';
import { Guard } from '../parts/guard.tsx';
import { match, usePath, type Values } from '../router.ts';
import { ConsoleFrame } from './frame.tsx';
import { Start } from './start.tsx';

interface PageProps {
  values: Values;
}

function later<T extends string>(load: () => Promise<Record<T, ComponentType<PageProps>>>, name: T) {
  return lazy(async () => ({ default: (await load())[name] }));
}

const Task = later(() => import('./task.tsx'), 'Task');
const Person = later(() => import('./person.tsx'), 'Person');

const PAGES: Record<string, ComponentType<PageProps>> = {
  '/console': Start,
  '/console/checklist': later(() => import('./checklist.tsx'), 'ChecklistPage'),
  '/console/overview': later(() => import('./overview.tsx'), 'Overview'),
  '/console/changes': later(() => import('./changes.tsx'), 'Changes'),
  '/console/tasks': later(() => import('./tasks.tsx'), 'Tasks'),
  '/console/tasks/:id': Task,
  '/console/people': later(() => import('./people.tsx'), 'People'),
  '/console/people/:name': Person,
  '/console/groups': later(() => import('./groups.tsx'), 'Groups'),
  '/console/names': later(() => import('./names.tsx'), 'Names'),
  '/console/certificates': later(() => import('./certificates.tsx'), 'Certificates'),
  '/console/images': later(() => import('./images.tsx'), 'Images'),
  '/console/logs': later(() => import('./logs.tsx'), 'Logs'),
  '/console/logs/:service': later(() => import('./logs.tsx'), 'Logs'),
  '/console/doctor': later(() => import('./doctor.tsx'), 'Doctor'),
  '/console/activity': later(() => import('./activity.tsx'), 'Activity'),
};

/** What administrators see. */
export function Console({ me, again }: { me: Me; again(): void }) {
  const path = usePath();
  const found = Object.entries(PAGES).flatMap(([pattern, Shown]) => {
    const values = match(pattern, path);
    return values ? [{ Shown, values }] : [];
  })[0];
  return (
    <ConsoleFrame me={me} again={again}>
      <Guard key={path}>
        <Suspense fallback={<main className="page" id="main" />}>
          {found ? <found.Shown values={found.values} /> : <NotFound />}
        </Suspense>
      </Guard>
    </ConsoleFrame>
  );
}
