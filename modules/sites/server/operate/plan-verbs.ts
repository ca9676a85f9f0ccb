import { StartError } from '@liaison/core/config';
import type { FurtherService, ManagedPostgres, SiteNode, SiteState } from '../../contract/index.ts';
import { dockerAt } from './docker.ts';
import { checkNodes } from './node-checks.ts';
import type { Plan } from './operate.ts';
import { planState } from './plans.ts';
import { withSiteState } from './site-at.ts';
import { checkMayTakeOver, standbySays } from './standby-state.ts';
import type { Step } from './steps.ts';
import { describedNode, shortName } from './swarm.ts';
import type { SiteView } from './view.ts';

const memberIds = (view: SiteView): ReadonlySet<string> => new Set(view.nodes.map(({ ID }) => ID));
const isIn = (view: SiteView, name: string): boolean =>
  view.nodes.some(({ Description, Status }) => Description.Hostname === name && Status.State === 'ready');

/** The description as it is, deployed: after `site.ts` was changed. Nodes that are described and not in the swarm join it. */
export async function planSite(view: SiteView): Promise<Plan> {
  const { at } = view;
  const { site, state } = at.now;
  const missing = site.nodes.filter(({ name }) => !isIn(view, name));
  await checkNodes({
    nodes: missing,
    engine: (node) => at.swarm.engine(node.name),
    manager: await at.swarm.manager(),
    members: memberIds(view),
  });
  const joins = missing.flatMap(joining);
  const steps = await planState(
    view,
    state,
    missing.map(({ name }) => name),
  );
  return {
    lines: [`${at.swarm.stack}: as described, version ${at.now.deployment.version}`],
    wanted: state,
    steps: [...joins, ...steps],
    returns: view.services.length > 0 && joins.length === 0,
  };
}

const joining = ({ name, manager }: SiteNode): Step[] => [
  {
    kind: 'join',
    id: `join-${name}`,
    node: name,
    manager,
    text: `Make ${name} a ${manager ? 'manager' : 'worker'} of the swarm`,
  },
  { kind: 'availability', id: `active-${name}`, node: name, to: 'active', text: `Let ${name} have tasks` },
];

/** A machine more. What runs is told of it by being replaced, in batches; then scale puts something on it. */
export async function planNodeAdd(view: SiteView, node: SiteNode): Promise<Plan> {
  const { at } = view;
  const { state } = at.now;
  const written = at.deployment.sites.find(({ id }) => id === at.id);
  const isWritten = written?.nodes.some(({ name }) => name === node.name) ?? false;
  const wanted: SiteState = {
    ...state,
    gone: state.gone.filter((name) => name !== node.name),
    nodes: isWritten ? state.nodes : [...state.nodes.filter(({ name }) => name !== node.name), node],
  };
  withSiteState(at, wanted);
  await checkNodes({
    nodes: [node],
    engine: ({ docker }) => dockerAt(docker, at.env),
    manager: await at.swarm.manager(),
    members: memberIds(view),
  });
  const [join, activate] = joining(node);
  const [files, ...others] = await planState(view, wanted, [node.name]);
  const labels = others.filter(({ kind }) => kind === 'labels');
  return {
    lines: [`${at.swarm.stack}: ${node.name} (${node.address}) becomes a node`],
    wanted,
    steps: [
      ...(isIn(view, node.name) ? [] : [join]),
      files,
      ...labels,
      ...(isIn(view, node.name) ? [] : [activate]),
      ...others.filter(({ kind }) => kind !== 'labels'),
    ].filter((step) => step !== undefined),
    returns: false,
  };
}

/** What a node has that cannot be elsewhere. */
function boundTo(view: SiteView, node: string): string[] {
  return view.services
    .filter(({ Spec }) =>
      (Spec.TaskTemplate.Placement?.Constraints ?? []).includes(`node.hostname == ${node}`),
    )
    .map(({ Spec }) => shortName(view.at.swarm.stack, Spec.Name));
}

export function planNodeDrain(view: SiteView, node: string): Plan {
  const { at } = view;
  checkKnown(view, node);
  const bound = boundTo(view, node);
  const { postgres } = at.now.site;
  // On the only node nothing has to be bound.
  if (bound.includes('postgres') || (postgres.kind === 'managed' && postgres.primary === node)) {
    throw new StartError({
      what: `the primary of PostgreSQL is on ${node}`,
      mend: 'let the standby take its place first: failover; without a standby, describe one',
    });
  }
  const away = bound.length === 0 ? [] : [`Away until it is active again: ${bound.join(', ')}`];
  return {
    lines: [
      `${at.swarm.stack}: ${node} is emptied; what runs there goes to other nodes where it may`,
      ...away,
    ],
    wanted: at.now.state,
    steps: [
      {
        kind: 'availability',
        id: `drain-${node}`,
        node,
        to: 'drain',
        text: `Empty ${node}: calls there go on until they end, at most ${at.now.site.limits.drainMinutes} minutes`,
      },
    ],
    returns: false,
  };
}

export function planNodeActive(view: SiteView, node: string): Plan {
  const { at } = view;
  checkKnown(view, node);
  return {
    lines: [`${at.swarm.stack}: ${node} may have tasks again; what runs elsewhere stays there`],
    wanted: at.now.state,
    steps: [
      { kind: 'availability', id: `active-${node}`, node, to: 'active', text: `Let ${node} have tasks` },
    ],
    returns: false,
  };
}

export async function planNodeRemove(view: SiteView, node: string): Promise<Plan> {
  const { at } = view;
  const { state } = at.now;
  const described = describedNode(at.now.site, node);
  if (described === undefined) checkKnown(view, node);
  const present = view.nodes.find(({ Description }) => Description.Hostname === node);
  const written = at.deployment.sites.find(({ id }) => id === at.id);
  const isWritten = written?.nodes.some(({ name }) => name === node) ?? false;
  const wanted: SiteState = {
    ...state,
    nodes: state.nodes.filter(({ name }) => name !== node),
    gone: isWritten ? [...new Set([...state.gone, node])] : state.gone,
  };
  const steps = await planState(view, wanted);
  return {
    lines: [`${at.swarm.stack}: ${node} leaves; its volumes stay on it`],
    wanted,
    steps: [
      ...(present === undefined
        ? []
        : [
            { kind: 'availability', id: `drain-${node}`, node, to: 'drain', text: `Empty ${node}` } as const,
            ...(present.Spec.Role === 'worker'
              ? []
              : [
                  {
                    kind: 'role',
                    id: `worker-${node}`,
                    node,
                    to: 'worker',
                    text: `Make ${node} a worker`,
                  } as const,
                ]),
          ]),
      ...steps.filter(({ kind }) => kind !== 'state'),
      ...(present === undefined
        ? []
        : [{ kind: 'leave', id: `leave-${node}`, node, text: `Take ${node} out of the swarm` } as const]),
      ...steps.filter(({ kind }) => kind === 'state'),
    ],
    returns: false,
  };
}

function checkKnown(view: SiteView, node: string): void {
  const names = view.nodes.map(({ Description }) => Description.Hostname);
  if (names.includes(node)) return;
  throw new StartError({
    what: `there is no node ${node} in the swarm`,
    mend: `name one of ${names.join(', ')}`,
  });
}

/** The standby takes the primary's place, in a new epoch; whoever comes back with the old one's data is refused. */
export async function planFailover(view: SiteView): Promise<Plan> {
  const { at } = view;
  const { primary, standby, epoch } = managed(view);
  if (standby === undefined) {
    throw new StartError({
      what: 'there is no standby that could take its place',
      mend: 'make one: failover SITE --standby NODE; when the primary is lost, restore a backup: site restore SITE',
    });
  }
  const says = await standbySays(at);
  checkMayTakeOver(standby, says);
  const wanted: SiteState = { ...at.now.state, postgres: { primary: standby, epoch: epoch + 1 } };
  const steps = await planState(view, wanted);
  const of = (kind: Step['kind']) => steps.filter((step) => step.kind === kind);
  return {
    lines: [
      `${at.swarm.stack}: PostgreSQL's primary from ${primary} to ${standby}, epoch ${epoch + 1}`,
      `The standby ${says}`,
      'Nothing is written in between: about half a minute. What the standby had not received yet is lost, unless the primary',
      'still answers: then it first sends everything.',
    ],
    wanted,
    steps: [
      ...of('files'),
      ...of('state'),
      {
        kind: 'checkpoint',
        id: 'checkpoint',
        primary,
        standby,
        text: 'Let both write down what they have in memory, so that ending them takes a moment',
      },
      {
        kind: 'fence',
        id: 'fence',
        node: primary,
        epoch: epoch + 1,
        text: `End the primary on ${primary}, and note beside its data that it is over`,
      },
      {
        kind: 'promote',
        id: 'promote',
        node: standby,
        epoch: epoch + 1,
        text: `Make the data on ${standby} a primary's`,
      },
      ...of('end'),
      ...of('labels'),
      ...of('deploy'),
    ],
    returns: false,
  };
}

/** A standby on a node: what that has of the database is removed, and a fresh copy is made. */
export async function planStandby(view: SiteView, node: string): Promise<Plan> {
  const { at } = view;
  const { primary, standby, epoch } = managed(view);
  if (standby !== undefined) {
    throw new StartError({
      what: `the standby is on ${standby}`,
      mend: 'there is one; to move it, take it out of the description first (site deploy)',
    });
  }
  const wanted: SiteState = { ...at.now.state, postgres: { primary, standby: node, epoch } };
  return {
    lines: [
      `${at.swarm.stack}: a standby of PostgreSQL on ${node}`,
      `What ${node} has of the database, as a former primary, is REMOVED; a fresh copy is made from ${primary}`,
    ],
    wanted,
    steps: [
      { kind: 'wipe', id: 'wipe', node, text: `Remove what ${node} has of the database` },
      ...(await planState(view, wanted)),
    ],
    returns: false,
  };
}

function managed({ at }: SiteView): ManagedPostgres {
  const { postgres } = at.now.site;
  if (postgres.kind === 'managed') return postgres;
  throw new StartError({
    what: `PostgreSQL is not ours to move: it is at ${postgres.host}`,
    mend: 'let whoever keeps it do that, then change host in site.ts and give site deploy',
  });
}

/** A further service, or another form of one. */
export async function planService(view: SiteView, name: string, service: FurtherService): Promise<Plan> {
  const { at } = view;
  const { state } = at.now;
  const wanted = { ...state, services: { ...state.services, [name]: service } };
  return {
    lines: [`${at.swarm.stack}: ${name} (${service.image}), ${service.replicas} of it`],
    wanted,
    steps: await planState(view, wanted),
    returns: true,
  };
}

export async function planServiceGone(view: SiteView, name: string): Promise<Plan> {
  const { at } = view;
  const { state } = at.now;
  if (state.services[name] === undefined) {
    const known = Object.keys(state.services);
    throw new StartError({
      what: `${name} was not added by service add`,
      mend: known.length === 0 ? 'none was' : `name one of ${known.join(', ')}`,
    });
  }
  const { [name]: _, ...services } = state.services;
  const wanted = { ...state, services };
  return {
    lines: [`${at.swarm.stack}: ${name} ends; its volumes stay`],
    wanted,
    steps: await planState(view, wanted),
    returns: false,
  };
}
