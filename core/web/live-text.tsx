import { defineSlot, Slot } from './slot.tsx';

export interface LiveTextProps {
  /** Plain: what stands in it is words. */
  readonly text: string;
  /** Who wrote it: numbers without a country are of hers. */
  readonly writtenBy?: string | null;
}

/** Draws a text with what can be done with its parts. Filled by reach: numbers become those whose they are, and dial. */
export const liveText = defineSlot<LiveTextProps>('shell.live-text');

/** What people wrote, wherever it is shown. Not inside of a link or a button: parts of it can be pressed. */
export function LiveText(props: LiveTextProps) {
  return <Slot slot={liveText} empty={props.text} {...props} />;
}
