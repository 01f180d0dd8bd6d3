import type { LoginRefs } from '../model/database.ts';

/** A login at a database server that is replaced all the time; the store always gives out the one in force. */
export interface LoginRequest {
  contract: 'login';
  /** Role it acts as. */
  owner: string;
  databases: string[];
  why: string;
}

export type LoginResult = LoginRefs;

export function login(request: Omit<LoginRequest, 'contract'>): LoginRequest {
  return { contract: 'login', ...request };
}
