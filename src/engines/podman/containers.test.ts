import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { containerFinder, listContainers, memoryOf, reload } from './containers.ts';

/** podman as far as it is asked here: it lists one container, whose process is the given one. */
function listing(pid: number | undefined, log: string[][] = []) {
  return async (args: string[]) => {
    log.push(args);
    const container = {
      ...{
        Names: ['web.example.org.allod-app'],
        State: pid ? 'running' : 'exited',
        Pid: pid ?? 7,
        StartedAt: 1,
      },
      Labels: { 'allod.site': 'example.org', 'allod.service': 'web' },
    };
    return args[0] === 'ps' ? JSON.stringify([container]) : '';
  };
}

function reachable(podman: ReturnType<typeof listing>) {
  const find = containerFinder(() => listContainers(podman, 'example.org'));
  return { podman, domain: 'example.org', find, tellPooler: async () => false };
}

/** A shell that says when it stands. */
async function shell(script: string): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', `${script}; echo ready; while :; do sleep 0.05; done`]);
  await once(child.stdout, 'data');
  return child;
}

test('containers are listed by service and name; one that does not run has no process', async () => {
  const [container] = await listContainers(listing(42), 'example.org');
  assert.deepEqual(container, {
    ...{ service: 'web', container: 'app', state: 'running', pid: 42, startedAt: 1 },
  });
  assert.equal((await listContainers(listing(undefined), 'example.org'))[0]?.pid, 0);
});

test('reload by signal: the process itself gets it', async () => {
  const child = await shell('trap "exit 7" HUP');
  await reload(reachable(listing(child.pid)), 'web', 'app', { how: 'signal', signal: 'HUP' });
  const [code] = await once(child, 'exit');
  assert.equal(code, 7);
});

test('reload by restart: the process is asked to end, and ended where it does not listen', async () => {
  const polite = await shell('trap "exit 3" TERM');
  const left = once(polite, 'exit');
  await reload(reachable(listing(polite.pid)), 'web', 'app', { how: 'restart' });
  assert.deepEqual(await left, [3, null]);
  const deaf = await shell('trap "" TERM');
  const killed = once(deaf, 'exit');
  await reload(reachable(listing(deaf.pid)), 'web', 'app', { how: 'restart' }, 100);
  assert.deepEqual(await killed, [null, 'SIGKILL']);
});

test('reload by a command in the container', async () => {
  const log: string[][] = [];
  const how = { how: 'exec', argv: ['haproxyctl', 'reload'] } as const;
  await reload(reachable(listing(process.pid, log)), 'web', 'app', { ...how, argv: [...how.argv] });
  assert.deepEqual(log[1], ['exec', 'web.example.org.allod-app', 'haproxyctl', 'reload']);
});

test('a container that does not run, or has just ended, needs no reload', async () => {
  const log: string[][] = [];
  await reload(reachable(listing(undefined, log)), 'web', 'app', { how: 'restart' });
  assert.equal(log.length, 1);
  const child = spawn('true');
  await once(child, 'exit');
  await reload(reachable(listing(child.pid)), 'web', 'app', { how: 'signal', signal: 'HUP' });
});

test('memory: some for a process that lives, none for one that does not', async () => {
  assert.ok((memoryOf(process.pid) ?? 0) > 1_000_000);
  const child = spawn('true');
  await once(child, 'exit');
  assert.equal(memoryOf(child.pid ?? 0), undefined);
});
