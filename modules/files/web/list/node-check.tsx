import { Checkbox, useLabels } from '@liaison/ui';
import type { ListedNode } from '../../contract/index.ts';

/** The box by which a row or a card is chosen; keys are the grid's. */
export function NodeCheck({
  node,
  isSelected,
  onToggle,
}: {
  node: ListedNode;
  isSelected: boolean;
  onToggle: () => void;
}) {
  const labels = useLabels();
  return (
    <Checkbox
      aria-label={labels.selectRow(node.name)}
      checked={isSelected}
      onChange={onToggle}
      tabIndex={-1}
    />
  );
}
