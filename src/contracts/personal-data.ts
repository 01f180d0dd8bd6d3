/**
 * The service keeps what is somebody's under their sign-in name. An account that is over is only given up, and its name
 * with it, when all of that is put away: see `model/personal-data.ts`.
 */
export interface PersonalDataRequest {
  contract: 'personal-data';
  where:
    | {
        /** One the service requested. What is called by the name moves to `removed/` at its top. */
        volume: string;
        /** Relative to it: the folder whose entries are called by names. */
        folder: string;
      }
    | {
        /** Where the command is run, with the name as its last argument. */
        container: string;
        /** 0: nothing is under the name any more. It may have been run before, and cut off half way. */
        command: [string, ...string[]];
      };
  why: string;
}

export function personalData(request: Omit<PersonalDataRequest, 'contract'>): PersonalDataRequest {
  return { contract: 'personal-data', ...request };
}
