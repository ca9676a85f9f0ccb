import { Component } from 'react';

/**
 * Calls `before` when React is about to change the page in a commit that draws its parent anew, and `after` when it has,
 * before anything is painted. A class, because only `getSnapshotBeforeUpdate` runs ahead of the change: afterwards it can
 * no longer be told how far the reader had scrolled and how far the browser moved the view because rows went away.
 */
export class HoldPlace extends Component<{ before: () => void; after: () => void }> {
  override getSnapshotBeforeUpdate(): null {
    this.props.before();
    return null;
  }

  override componentDidMount(): void {
    this.props.after();
  }

  override componentDidUpdate(): void {
    this.props.after();
  }

  override render(): null {
    return null;
  }
}
