import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { ApiError } from './api.ts';
import { texts } from './texts.ts';

export function passkeysWork(): boolean {
  return 'PublicKeyCredential' in window;
}

/** RegistrationResponseJSON. Throws ApiError `person` where the person or the browser did not do it. */
export async function makePasskey(options: unknown): Promise<unknown> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const optionsJSON = options as PublicKeyCredentialCreationOptionsJSON;
  return await startRegistration({ optionsJSON }).catch(refused);
}

/** AuthenticationResponseJSON; likewise. */
export async function provePasskey(options: unknown): Promise<unknown> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON;
  return await startAuthentication({ optionsJSON }).catch(refused);
}

function refused(error: Error): never {
  const known = error.name === 'InvalidStateError' ? texts.passkeys.already : texts.passkeys.refused;
  throw new ApiError('person', known);
}
