import { storeOf } from './store.ts';

/** Whether answers fail to come at the moment: told quietly at the top, while pages go on asking. */
export const trouble = storeOf(false);
