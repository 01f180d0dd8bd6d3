import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { durationKey } from './duration-key.ts';

/** Where values come from that are made outside the site: `secrets.sources`. */

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9._-]{0,62}$/,
    'a name of at most 63 small letters, digits, ".", "_" and "-", a letter first',
  );

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, 'the name of a variable')
  .meta({ examples: ['API_TOKEN'] });

/** argv whose program is found without a search. */
export function commandKey(example: string[]) {
  return z
    .array(z.string().refine((word) => !word.includes('\0'), 'text that a command can be given'))
    .min(1)
    .refine(([program = '']) => isAbsolute(program), {
      message: 'a list that begins with the absolute path of a program',
      params: { hint: `[${example.join(', ')}]` },
    })
    .meta({ examples: [example] });
}

const source = z
  .strictObject({
    file: z
      .string()
      .refine((path) => isAbsolute(path) && !path.includes('\0'), {
        message: 'an absolute path',
        params: { hint: '/etc/keys/token' },
      })
      .optional()
      .describe('A file, read again when it changes.')
      .meta({ examples: ['/etc/keys/token'] }),
    environment: variable
      .optional()
      .describe('A variable that `./allod up` is run with, read again at each `up`.'),
    command: commandKey(['/usr/local/bin/token', '--plain'])
      .optional()
      .describe('A command that prints the value; run by nobody, without a shell.'),
    every: durationKey('10m').optional().describe('How often the command is run; 10m unless given.'),
    timeout: durationKey('30s').optional().describe('How long the command may take; 30s unless given.'),
  })
  .superRefine((entry, context) => {
    const kinds = (['file', 'environment', 'command'] as const).filter((kind) => entry[kind] !== undefined);
    if (kinds.length !== 1)
      context.issues.push({ ...wrong(entry, []), message: 'one of file, environment and command' });
    if (entry.command !== undefined) return;
    for (const key of ['every', 'timeout'] as const)
      if (entry[key] !== undefined)
        context.issues.push({
          ...wrong(entry[key], [key]),
          message: 'this key beside a command only',
          params: { hint: 'removing it' },
        });
  })
  .transform(({ file, environment, command = [], every = 600, timeout = 30 }) => {
    if (file !== undefined) return { file };
    return environment === undefined ? { command, every, timeout } : { environment };
  });

function wrong(input: unknown, path: string[]) {
  return { code: 'custom' as const, input, path };
}

export const sources = z
  .record(name, source)
  .default({})
  .describe(
    'Values made outside the site. The store keeps each as `sources/NAME`, a new version at each change.',
  )
  .meta({ examples: [{}] });
