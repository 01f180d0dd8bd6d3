// A program for Node as an image holds it: ours, with packages of npm, one of them CommonJS.
import { Client } from 'ldapts';
import { z } from 'zod';

process.stdout.write(`${z.string().parse(process.version)} ${typeof Client}\n`);
