import { openSshMachines, type SshMachines } from '../testing/ssh-machines.ts';
import { type LightSite, openLightSite } from './light-site.ts';

export interface SshSite extends LightSite {
  readonly machines: SshMachines;
}

/** A light site of two machines: one is reached by a Docker context, one by its address, with a key of the operator's. */
export async function openSshSite(options: { versions: readonly string[] }): Promise<SshSite> {
  let machines: SshMachines | undefined;
  const site = await openLightSite({
    ...options,
    engines: 2,
    described: 2,
    async reached(engines) {
      machines = await openSshMachines(engines);
      const [first, second] = engines;
      if (first === undefined || second === undefined) throw new Error('two machines');
      await machines.addContext('the-first', first);
      return { docker: ['context:the-first', machines.addressOf(second)], env: machines.environment };
    },
  });
  if (machines === undefined) throw new Error('nobody asked how they are reached');
  const reached = machines;
  return {
    ...site,
    machines: reached,
    async close() {
      await reached.close();
      await site.close();
    },
  };
}
