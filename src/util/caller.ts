import { userInfo } from 'node:os';

/** Who runs this program: who became root by sudo, else the name of the user; a number where the machine knows no name. */
export function caller(): string {
  const { SUDO_USER } = process.env;
  if (SUDO_USER) return SUDO_USER;
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`; // in a container nobody has to have a name
  }
}
