import { systemCode } from '../config/index.ts';

const tellEveryMs = 3000;

/** Says how far it is now and then: who asks more often is not heard. */
export function sometimes(say: (line: string) => void): (line: () => string) => void {
  let said = performance.now();
  return (line) => {
    if (performance.now() - said < tellEveryMs) return;
    said = performance.now();
    say(line());
  };
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** Whether the system refused a file of ours, which is no damage of the backup's. */
export const isOfStorage = (error: unknown): boolean => {
  const code = systemCode(error);
  return code !== undefined && /^E[A-Z]+$/.test(code) && !code.startsWith('ERR_') && code !== 'ENOENT';
};
