import { storeOf } from './store.ts';

/** Heading of the site, once it is known. */
export const site = storeOf('');
