import { cold } from './cold.ts';
import { edge } from './edge.ts';
import { noop } from './noop.ts';
import { plan } from './plan.ts';
import { renumber } from './renumber.ts';
import { rest } from './rest.ts';
import { rotation } from './rotation.ts';
import type { Row } from './row.ts';
import { warm } from './warm.ts';

/** In the order they run: the first `up` leaves the site that the others use. */
export const rows: Row[] = [plan, cold, noop, rest, warm, edge, rotation, renumber];
