import { isDeepStrictEqual } from 'node:util';
import { StartError } from '@liaison/core/config';
import { duties, type Site, type SiteProcess, type SiteState } from '../../contract/index.ts';
import { epochLabel } from '../render/swarm.ts';
import { describedFacts } from './facts.ts';
import type { Plan } from './operate.ts';
import { planChanges, planLabels } from './plan-changes.ts';
import { checkSchema } from './schema-check.ts';
import { renderState, withSiteState } from './site-at.ts';
import { runningVersions } from './standing.ts';
import type { Step } from './steps.ts';
import { shortName } from './swarm.ts';
import type { SiteView } from './view.ts';

/**
 * The steps from what runs to another state of the site.
 *
 * @param coming nodes that will be in the swarm by then
 */
export async function planState(
  view: SiteView,
  wanted: SiteState,
  coming: readonly string[] = [],
): Promise<Step[]> {
  const { at } = view;
  const { site } = withSiteState(at, wanted);
  checkEpoch(view, site);
  const rendered = await renderState(at, wanted, { make: false });
  const facts = describedFacts(rendered.files.get(rendered.main) ?? '', at.swarm.stack);
  const present = new Map<string, readonly string[]>([
    ...coming.map((name) => [name, []] as const),
    ...view.nodes.map(
      ({ Description, Spec }) => [Description.Hostname, Object.keys(Spec.Labels ?? {})] as const,
    ),
  ]);
  const labels = planLabels({ nodes: site.nodes, wanted: rendered.labels, present });
  const changes = planChanges({ site, running: view.running, wanted: facts });
  if (labels.length + changes.length === 0 && isDeepStrictEqual(wanted, at.now.state)) return [];
  return [
    { kind: 'files', id: 'files', as: 'wanted', text: `Write the files of the site into ${at.rendered}` },
    // A label that something still looks for is taken away after it.
    ...labels.map((step) => (step.kind === 'labels' ? { ...step, remove: [] } : step)).filter(hasWork),
    ...changes,
    ...labels
      .map((step) => (step.kind === 'labels' ? { ...step, id: `${step.id}-off`, add: [] } : step))
      .filter(hasWork),
    { kind: 'state', id: 'state', as: 'wanted', text: `Note it in ${at.folder}/state.json` },
  ];
}

/** Refuses to begin the database again where it was before the last change of primary: two would be written to. */
function checkEpoch({ at, services }: SiteView, { postgres }: Site): void {
  if (postgres.kind !== 'managed') return;
  const primary = services.find(({ Spec }) => shortName(at.swarm.stack, Spec.Name) === 'postgres');
  const epoch = Number(primary?.Spec.Labels?.[epochLabel] ?? 0);
  if (epoch <= postgres.epoch) return;
  throw new StartError({
    what: `the database runs in epoch ${epoch}, and the description here says ${postgres.epoch}, with its primary on ${postgres.primary}`,
    mend: 'bring the newest state.json and site.ts here (version control, or who did the failover); nothing was changed',
  });
}

const hasWork = (step: Step): boolean => step.kind !== 'labels' || step.add.length + step.remove.length > 0;

/** As many replicas of a process as asked. */
export async function planScale(view: SiteView, duty: string, replicas: number): Promise<Plan> {
  const { at } = view;
  const process = processOf(at.now.site, duty);
  const wanted = {
    ...at.now.state,
    replicas: { ...at.now.state.replicas, [process.name]: replicas },
  };
  return {
    lines: [`${at.swarm.stack}: ${process.name} from ${process.replicas} to ${replicas}`],
    wanted,
    steps: await planState(view, wanted),
    returns: true,
  };
}

/** A process by its name, or by a duty that it alone does. */
export function processOf(site: Site, named: string): SiteProcess {
  const byName = site.processes.find(({ name }) => name === named);
  if (byName !== undefined) return byName;
  const doing = site.processes.filter((process) => process.duties.some((duty) => duty === named));
  const [only, ...others] = doing;
  if (only !== undefined && others.length === 0) return only;
  throw new StartError({
    what:
      only === undefined
        ? `no process of this site is called ${named}${duties.some((duty) => duty === named) ? ' or does it' : ''}`
        : `${doing.map(({ name }) => name).join(' and ')} do ${named}`,
    mend: `name one of ${site.processes.map(({ name }) => name).join(', ')}`,
  });
}

/**
 * Another version of our own program, in batches; refused where its program is older than the database's schema.
 *
 * @param doctor looks at what runs before it counts as done, leaving out these steps; undefined for no doctor
 */
export async function planUpdate(
  view: SiteView,
  version: string,
  doctor?: { readonly without: readonly string[] },
): Promise<Plan> {
  const { at } = view;
  const wanted = { ...at.now.state, version };
  const steps = await planState(view, wanted);
  const fits = steps.length === 0 ? [] : [await checkSchema(view, version)];
  const looks: Step[] =
    doctor === undefined
      ? []
      : [
          {
            kind: 'doctor',
            id: 'doctor',
            without: [...doctor.without],
            text: 'Have the doctor look at it; with a fault everything goes back',
          },
        ];
  return {
    lines: [
      `${at.swarm.stack}: from ${at.now.deployment.version} to ${version}`,
      ...runningLines(view),
      ...fits,
    ],
    wanted,
    steps: [
      ...steps.filter(({ kind }) => kind !== 'state'),
      ...looks,
      ...steps.filter(({ kind }) => kind === 'state'),
    ],
    returns: true,
  };
}

/** What really runs of our own program, one line for each process. */
export function runningLines({ at, services, tasks }: SiteView): string[] {
  const versions = runningVersions(services, tasks);
  return at.now.site.processes.map(({ name }) => {
    const counts = [...(versions.get(`${at.swarm.stack}_${name}`) ?? [])];
    const shown = counts.map(([version, count]) => `${version} (${count})`).join(', ');
    return `  ${name} runs ${shown === '' ? 'nowhere' : shown}`;
  });
}
