import { execFileSync } from 'node:child_process';

/** Debian's own, where the package python3-zeep lives. */
export const PYTHON = '/usr/bin/python3';

/** Says so in one line where it is not there. */
export function hasZeep(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import zeep'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('python3-zeep is not installed: what it shows is left out');
    return false;
  }
}
