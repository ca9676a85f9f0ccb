import { askEngine, type RunningContainer } from '../../testing/docker-api.ts';

/** Whatever goes to and from a container's ports is swallowed, as on a cut cable; it goes on running and is well. */
export async function cutPorts(
  container: RunningContainer,
  ports: readonly number[],
): Promise<() => Promise<void>> {
  const { engine, id } = container;
  const { State } = await askEngine<{ State: { Pid: number } }>(engine, `/containers/${id}/json`);
  const rule = async (verb: '-I' | '-D') => {
    for (const [chain, side] of [
      ['INPUT', '--dports'],
      ['INPUT', '--sports'],
      ['OUTPUT', '--dports'],
      ['OUTPUT', '--sports'],
    ] as const) {
      // Its own health check, which asks over loopback, is not what is cut.
      const where = chain === 'INPUT' ? ['!', '-i', 'lo'] : ['!', '-o', 'lo'];
      const what = ['-p', 'tcp', '-m', 'multiport', side, ports.join(',')];
      await engine.inside([
        ...['nsenter', '--target', String(State.Pid), '--net', 'iptables', '--wait', '10'],
        ...[verb, chain, ...where, ...what, '-j', 'DROP'],
      ]);
    }
  };
  await rule('-I');
  return () => rule('-D');
}
