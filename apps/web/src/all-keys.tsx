import { useKeyList } from '@liaison/core/web';
import { KeyHelp, useLabels } from '@liaison/ui';

/** `?`: every key that works now, as each registered itself. */
export default function AllKeys({ onClose }: { onClose: () => void }) {
  const { keyNames } = useLabels();
  const bindings = useKeyList();
  const groups = new Map<string, { keys: string[]; does: string }[]>();
  const printed: Record<string, string> = {
    Ctrl: keyNames.ctrl,
    Shift: keyNames.shift,
    Enter: keyNames.enter,
    Escape: keyNames.esc,
    Tab: keyNames.tab,
    ArrowUp: '↑',
    ArrowDown: '↓',
    ArrowLeft: '←',
    ArrowRight: '→',
  };
  for (const { keys, label, group } of bindings) {
    const steps = keys.split(' ').map((step) =>
      step
        .split(/\+(?!$)/)
        .map((key) => printed[key] ?? key)
        .join(' '),
    );
    groups.set(group, [...(groups.get(group) ?? []), { keys: steps, does: label }]);
  }
  return <KeyHelp opened onClose={onClose} groups={[...groups].map(([title, keys]) => ({ title, keys }))} />;
}
