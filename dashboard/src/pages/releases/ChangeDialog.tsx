import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useLive } from '../../server/hooks.ts';
import { Button, Dialog } from '../../ui/index.ts';
import { releasePath } from './address.ts';
import { Asked } from './parts/Asked.tsx';
import { Brief } from './parts/Brief.tsx';
import { Ended } from './parts/Ended.tsx';
import { Refused } from './parts/Refused.tsx';
import { currentStep, isPastQuestions } from './walk.ts';
import type { Changing } from './changing.ts';
import { isAnswered, isName, isOpen, noAnswers, type Answers } from './consent.ts';

/** Asks before something changes, shows what stands in the way, and leads on to the release that begins. */
export function ChangeDialog({ changing }: { readonly changing: Changing }) {
  const { wish } = changing;
  return wish === undefined ? null : <OpenDialog key={JSON.stringify(wish)} changing={changing} />;
}

function OpenDialog({ changing }: { readonly changing: Changing }) {
  const { environment, wish, close } = changing;
  const [answers, setAnswers] = useState(noAnswers);
  const [typed, setTyped] = useState('');
  const watching = useFollowing(changing);
  if (wish === undefined) return null;
  const isBack = wish.kind === 'rollback';
  return (
    <Dialog
      open
      onClose={close}
      title={isBack ? `Roll back to release ${wish.goal.number}` : 'Release the folder as it is now'}
      footer={<Footer changing={changing} answers={answers} typed={typed} />}
    >
      <Body
        changing={changing}
        answers={answers}
        change={setAnswers}
        typed={typed}
        type={setTyped}
        said={watching}
        environment={environment}
      />
    </Dialog>
  );
}

interface BodyProps {
  readonly changing: Changing;
  readonly environment: string;
  readonly answers: Answers;
  change(answers: Answers): void;
  readonly typed: string;
  type(text: string): void;
  /** What the release says meanwhile. */
  readonly said: string;
}

function Body({ changing, answers, change, typed, type, said }: BodyProps) {
  const { environment, wish, operation, isStarting, problem } = changing;
  if (wish === undefined) return null;
  if (problem !== undefined) return <Refused problem={problem} answers={answers} change={change} />;
  if (operation === undefined) return <Brief wish={wish} environment={environment} typed={typed} type={type} />;
  if (operation.state === 'asks')
    return <Asked questions={operation.questions} environment={environment} answers={answers} change={change} />;
  if (operation.state === 'running' || isStarting) return <p role="status">{said === '' ? 'It begins ...' : said}</p>;
  if (operation.error !== null) return <Refused problem={operation.error} answers={answers} change={change} />;
  return <Ended operation={operation} />;
}

interface FooterProps {
  readonly changing: Changing;
  readonly answers: Answers;
  readonly typed: string;
}

function Footer({ changing, answers, typed }: FooterProps) {
  const { wish, operation, isStarting, problem, environment, close, go } = changing;
  const refused = problem ?? operation?.error ?? undefined;
  const isOver = operation?.state === 'changed' || operation?.state === 'unchanged';
  if (isOver || operation?.state === 'running') return <Button onClick={close}>Close</Button>;
  const isBack = wish?.kind === 'rollback';
  return (
    <>
      <Button onClick={close}>Cancel</Button>
      <Button
        kind="primary"
        busy={isStarting}
        disabled={!mayGo({ changing, answers, typed }, refused !== undefined && !isOpen(refused, answers), environment)}
        onClick={() => go(answers, typed)}
      >
        {refused === undefined ? (isBack ? 'Roll back' : 'Release') : 'Try again'}
      </Button>
    </>
  );
}

/** What failed by itself may be tried again at any time; what somebody has to let pass, only then. */
function mayGo({ changing, answers, typed }: FooterProps, isHeld: boolean, environment: string): boolean {
  const { wish, operation, problem } = changing;
  const refused = problem ?? operation?.error ?? undefined;
  if (refused !== undefined && ['GR1007', 'GR5005'].includes(refused.code) && isHeld) return false;
  if (operation?.state === 'asks') return isAnswered(operation.questions, answers, environment);
  return wish?.kind !== 'rollback' || isName(typed, environment);
}

/** Once nobody can be asked any more, the page of the release says more than a dialog. @returns what it says until then */
function useFollowing({ environment, operation, close }: Changing): string {
  const [, navigate] = useLocation();
  const progress = useLive(environment, 'progress');
  const key = operation?.state === 'running' && progress != null && isPastQuestions(progress.walk) ? progress.key : undefined;
  useEffect(() => {
    if (key === undefined) return;
    close();
    navigate(releasePath(environment, key));
    // oxlint-disable-next-line react/exhaustive-deps -- once for each release that begins
  }, [key]);
  const step = progress == null ? undefined : currentStep(progress.walk);
  return step === undefined ? '' : [step.step, step.message].filter(Boolean).join('  ');
}
