import './sign.css';
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';

/*
 * Passkeys on the sign-in and the link page. Without this script passwords and codes work all the same; the block it
 * needs is hidden until it runs.
 */

const block = document.getElementById('passkey');
const action = block?.dataset.action ?? '';

if (block && browserSupportsWebAuthn()) {
  block.hidden = false;
  onClick('passkey-sign-in', () => signIn(false));
  onClick('passkey-make', make);
  // The browser offers a passkey where the name is typed; that ends by itself when the button is used.
  if (document.getElementById('passkey-sign-in') && (await browserSupportsWebAuthnAutofill()))
    signIn(true).catch(() => {});
}

async function signIn(useBrowserAutofill: boolean): Promise<void> {
  const { options } = await say<{ options: PublicKeyCredentialRequestOptionsJSON }>({});
  const response = await startAuthentication({ optionsJSON: options, useBrowserAutofill });
  const { to } = await say<{ to: string }>({ response, to: block?.dataset.to });
  location.assign(to);
}

async function make(): Promise<void> {
  const field = document.querySelector<HTMLInputElement>('input[name=displayName]');
  if (field && !field.reportValidity()) return;
  const displayName = field?.value;
  const { options } = await say<{ options: PublicKeyCredentialCreationOptionsJSON }>({ displayName });
  const response = await startRegistration({ optionsJSON: options });
  const { to } = await say<{ to: string }>({ response, displayName });
  location.assign(to);
}

async function say<T>(body: unknown): Promise<T> {
  const reply = await fetch(action, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const told = (await reply.json()) as T & { fault?: string };
  if (told.fault) throw new Error(told.fault);
  return told;
}

function onClick(id: string, work: () => Promise<void>): void {
  const button = document.getElementById(id) as HTMLButtonElement | null;
  button?.addEventListener('click', () => {
    button.disabled = true;
    show('');
    work()
      .catch((error: Error) => {
        // Closing the browser's own question is no fault.
        if (error.name !== 'NotAllowedError' && error.name !== 'AbortError') show(error.message);
      })
      .finally(() => {
        button.disabled = false;
      });
  });
}

function show(text: string): void {
  const line = document.getElementById('passkey-fault');
  if (!line) return;
  line.textContent = text;
  line.hidden = text === '';
}
