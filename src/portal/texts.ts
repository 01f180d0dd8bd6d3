import { passwordHint } from '../util/password-rule.ts';

/** All that the server-made pages say. */
export const texts = {
  signIn: 'Sign in',
  signInTo: (title: string) => `Sign in to go on to ${title}`,
  name: 'Name',
  password: 'Password',
  go: 'Sign in',
  passkey: 'Sign in with a passkey',
  or: 'or',
  noAccount: 'No account yet, or locked out? Ask who runs this site for a link.',
  code: 'Code',
  codeTitle: 'One more step',
  codeText: 'Give the six digits that your authenticator app shows now.',
  codeGo: 'Go on',
  startAgain: 'Start again',
  wrong: 'The name or the password is not right.',
  wrongCode: 'That code is not right. Codes change every 30 seconds, and each counts once.',
  wrongPasskey: 'That passkey is not known here. Try another way, or ask for a new link.',
  wait: (seconds: number) => `Too many wrong tries. Try again in ${duration(seconds)}.`,
  away: 'Accounts cannot be looked up right now. Try again in a minute.',
  foreign: 'This came from another page. Open this one again and try once more.',
  over: 'This took too long, or cookies are off. Start again from the page you wanted to see.',
  home: 'To the home page',
  forbidden: (title: string) => `${title} is not for this account`,
  forbiddenText: (name: string, title: string, groups: string) =>
    `You are signed in as ${name}. ${title} is for members of ${groups}. Ask who runs this site to add you.`,
  gone: 'This account is disabled, or there is none any more. Ask who runs this site.',
  otherAccount: 'Sign in with another account',
  agree: (title: string) => `May ${title} know who you are?`,
  agreeText: (title: string, host: string) =>
    `${title} is not of this site: it runs at ${host}. It will be told, now and when you come again:`,
  agreeFacts: (name: string, mail: string | undefined, groups: string[]) => [
    `your name, ${name}`,
    ...(mail ? [`your mail address, ${mail}`] : []),
    ...(groups.length > 0 ? [`your groups: ${groups.join(', ')}`] : []),
  ],
  agreeYes: 'Yes, go on',
  agreeNo: 'No',
  signOut: 'Sign out?',
  signOutText: (title: string) =>
    `You will be signed out of ${title} and of every service you opened with it here.`,
  signOutYes: 'Sign out',
  signOutNo: 'Stay signed in',
  signedOut: 'You are signed out',
  signedOutText: 'You can close this page.',
  signInAgain: 'Sign in again',
  failed: 'That did not work',
  failedText: 'Nothing was changed. Go back and try again; if it stays so, tell who runs this site:',
  notFound: 'There is nothing here',
  notFoundText: 'The address may be mistyped, or what was here is gone.',
  invitation: (site: string) => `Welcome to ${site}`,
  invitationText: (name: string) => `This makes your account. Your name for signing in is ${name}.`,
  reset: 'Set new ways to sign in',
  resetText: (name: string) =>
    `For the account ${name}. The ways to sign in that you had so far end, and so does every session.`,
  displayName: 'Your name, as friends write it',
  newPassword: `Password, ${passwordHint}`,
  repeat: 'The same password again',
  makeAccount: 'Make the account',
  setPassword: 'Set the password',
  withPasskey: 'Make a passkey',
  passkeyHint:
    'A passkey is kept by your phone or computer and opened with a finger, face or PIN. Nothing to remember.',
  notSame: 'The two passwords are not the same.',
  noWay: 'Give a password or make a passkey.',
  nearly: 'Nearly there',
  passwordSet:
    'The password is set, but accounts cannot be looked up right now. Sign in with it in a minute.',
  passkeySet:
    'The link was used, but accounts cannot be looked up right now. Sign in with the passkey in a minute; if it is not known then, ask for another link.',
  linkAway:
    'Accounts cannot be looked up right now. Open the link again in a minute. If it was used by then, sign in with what you chose just now.',
  linkOver: 'This link does not work any more',
} as const;

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} second${seconds === 1 ? '' : 's'}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
