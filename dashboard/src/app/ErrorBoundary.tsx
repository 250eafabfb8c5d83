import { Component, type ReactNode } from 'react';
import { Button, Empty } from '../ui/index.ts';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | undefined;
}

/** A mistake in a page stays in that page. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const isStale = /dynamically imported module|module script|Unable to preload/i.test(error.message);
    return (
      <div role="alert">
        <Empty
          title={isStale ? 'This page has changed' : 'This page met a mistake in Gantry'}
          action={
            <Button kind="primary" onClick={() => location.reload()}>
              Reload
            </Button>
          }
        >
          {isStale ? 'Gantry was built anew since this tab was opened.' : error.message}
        </Empty>
      </div>
    );
  }
}
