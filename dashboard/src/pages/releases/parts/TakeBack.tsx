import { useState } from 'react';
import type { Interrupted, Problem, WalkStep } from '../../../../../src/server/api/index.ts';
import { problemFrom } from '../../../server/client.ts';
import { apiIn, post } from '../../../server/hooks.ts';
import { Button, Dialog, ProblemView } from '../../../ui/index.ts';
import { canTakeBack, isTakenBack } from '../walk.ts';

/** Ends the release under way: all requests go back to the old set. */
export function TakeBack({ environment, walk }: { readonly environment: string; readonly walk: readonly WalkStep[] }) {
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  if (!canTakeBack(walk) || isTakenBack(walk)) return null;
  const interrupt = (): void => {
    setAsked(true);
    setProblem(undefined);
    post<Interrupted>(apiIn(environment, 'interrupt'), {})
      .then(() => setOpen(false))
      .catch((error: unknown) => setProblem(problemFrom(error)))
      .finally(() => setAsked(false));
  };
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        Take back ...
      </Button>
      <Dialog
        open={isOpen}
        onClose={() => setOpen(false)}
        title="Take this release back"
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Let it go on</Button>
            <Button kind="danger" busy={isAsked} onClick={interrupt}>
              Take it back
            </Button>
          </>
        }
      >
        {problem === undefined ? (
          <p>
            The old set gets all requests at once, then the next set stops. No request fails. What a migration has changed in a database
            stays.
          </p>
        ) : (
          <ProblemView problem={problem} />
        )}
      </Dialog>
    </>
  );
}
