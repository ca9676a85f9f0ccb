import { defineSlot, Slot } from './slot.tsx';

export interface LiveTextProps {
  /** Plain: what stands in it is words. */
  readonly text: string;
  /** Who wrote it: numbers without a country are of hers. */
  readonly writtenBy?: string | null;
  /** Where the whole of it leads (`tel:+351…`), when its writer made a link of it. */
  readonly link?: string;
}

/** Draws a text with what can be done with its parts. Filled by reach: numbers become those whose they are, and dial. */
export const liveText = defineSlot<LiveTextProps>('shell.live-text');

/** What people wrote, wherever it is shown. Not inside of a link or a button: parts of it can be pressed. */
export function LiveText(props: LiveTextProps) {
  return <Slot slot={liveText} empty={<PlainText {...props} />} {...props} />;
}

/** The same for those to whom no part of it is more than words. */
export function PlainText({ text, link }: LiveTextProps) {
  return link === undefined ? text : <a href={link}>{text}</a>;
}

export interface NumberTextProps {
  /** In E.164. */
  readonly number: string;
}

/** Filled by reach: the plans of all countries are large. */
export const numberText = defineSlot<NumberTextProps>('shell.number-text');

/** A telephone number as people of its country write it for those abroad: `+44 7700 900102`. */
export function NumberText(props: NumberTextProps) {
  return <Slot slot={numberText} empty={props.number} {...props} />;
}
