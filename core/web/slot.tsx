import { type ComponentType, createContext, type ReactNode, useContext, useMemo } from 'react';

/**
 * A place that one module keeps free for others: the host declares it in its contract and knows nobody.
 *
 * @typeParam Props what the host gives to whatever stands there.
 */
export interface SlotDefinition<Props extends object = Record<never, never>> {
  /** `module.place`, for instance `calls.dossier`. */
  readonly name: string;
  /** Never set: carries the type. */
  readonly props?: Props;
}

/** Declares a slot. */
export const defineSlot = <Props extends object = Record<never, never>>(
  name: string,
): SlotDefinition<Props> => ({
  name,
});

/** One component in a slot, in a module's `fills`. */
export interface SlotFill {
  readonly slot: string;
  readonly order: number;
  readonly component: ComponentType<Record<string, unknown>>;
  /** Where a slot's fills are pages: what their addresses begin with, below the slot's own. */
  readonly places?: readonly string[];
}

/** Puts a component into a slot; lower `order` stands first. */
export const fill = <Props extends object>(
  slot: SlotDefinition<Props>,
  {
    order = 100,
    component,
    places,
  }: { order?: number; component: ComponentType<Props>; places?: readonly string[] },
): SlotFill => ({
  slot: slot.name,
  order,
  ...(places ? { places } : {}),
  // The slot's own type has been checked above; the list of fills is of many types.
  component: component as unknown as SlotFill['component'],
});

const SlotContext = createContext<ReadonlyMap<string, readonly SlotFill[]>>(new Map());

/** Gives the fills of all modules to the slots below. */
export function SlotProvider({ fills, children }: { fills: readonly SlotFill[]; children: ReactNode }) {
  const bySlot = useMemo(() => {
    const map = new Map<string, SlotFill[]>();
    for (const each of fills) map.set(each.slot, [...(map.get(each.slot) ?? []), each]);
    for (const list of map.values()) list.sort((a, b) => a.order - b.order);
    return map;
  }, [fills]);
  return <SlotContext value={bySlot}>{children}</SlotContext>;
}

/** What stands in a slot, in order: for hosts that draw around each, or need to know whether there is anything. */
export function useSlot<Props extends object>(slot: SlotDefinition<Props>): readonly ComponentType<Props>[] {
  const fills = useContext(SlotContext).get(slot.name);
  return useMemo(
    () => (fills ?? []).map((each) => each.component as unknown as ComponentType<Props>),
    [fills],
  );
}

/** Whether the address `rest`, below the slot's own, is of a page that somebody put there. */
export function useIsPlace(slot: { readonly name: string }, rest: string): boolean {
  const fills = useContext(SlotContext).get(slot.name) ?? [];
  return fills.some(({ places = [] }) =>
    places.some((place) => (place.endsWith('/') ? rest.startsWith(place) : rest === place)),
  );
}

/** Draws everything that stands in a slot, or `empty` where nothing does. */
export function Slot<Props extends object>({
  slot,
  empty = null,
  ...props
}: { slot: SlotDefinition<Props>; empty?: ReactNode } & Props) {
  const components = useSlot(slot);
  if (components.length === 0) return empty;
  return components.map((Component, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed while the page lives
    <Component key={index} {...(props as unknown as Props)} />
  ));
}
