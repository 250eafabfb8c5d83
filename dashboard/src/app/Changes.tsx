import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import type { OperationInput, Problem, ServiceShape, Shape } from '../../../src/server/api/index.ts';
import { problemFrom } from '../server/client.ts';
import { apiIn, pathIn, useGet, useOperation } from '../server/hooks.ts';
import { Button, Dialog, ProblemView } from '../ui/index.ts';
import { useActions, type Action } from './actions.ts';
import { askChange, useChange, type Change } from './changes.ts';
import styles from './Changes.module.css';

/** What can be changed from anywhere. */
export default function Changes({ environment }: { readonly environment: string }) {
  const [, navigate] = useLocation();
  const change = useChange();
  const { data: shape } = useGet<Shape>(apiIn(environment, 'shape'), { enabled: environment !== '' });
  const services = shape?.services.filter(({ kind }) => kind !== 'schedule') ?? [];
  const action = (id: string, title: string, words: string, run: () => void): Action => ({ id, title, group: 'Change', words, run });
  useActions(
    environment === ''
      ? []
      : [
          action('release', 'Release the folder as it is now ...', 'deploy plan', () => navigate(pathIn(environment, 'plan'))),
          action('roll back', 'Roll back ...', 'undo', () => navigate(pathIn(environment, 'releases'))),
          action('restart', 'Restart all services ...', '', () => askChange({ kind: 'restart', service: undefined })),
          ...services.flatMap(({ name }) => [
            action(`restart ${name}`, `Restart ${name} ...`, '', () => askChange({ kind: 'restart', service: name })),
            action(`scale ${name}`, `Scale ${name} ...`, 'replicas count', () => askChange({ kind: 'scale', service: name })),
          ]),
        ],
    'shell',
  );
  if (change === undefined) return null;
  const service = services.find(({ name }) => name === change.service);
  return <ChangeDialog key={JSON.stringify(change)} environment={environment} change={change} service={service} />;
}

interface ChangeProps {
  readonly environment: string;
  readonly change: Change;
  readonly service: ServiceShape | undefined;
}

function ChangeDialog({ environment, change, service }: ChangeProps) {
  const { start } = useOperation();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const close = (): void => askChange(undefined);
  const submit = async (input: OperationInput): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await start(environment, input);
      close();
    } catch (error) {
      setProblem(problemFrom(error));
      setBusy(false);
    }
  };
  const part = { isBusy, problem, submit: (input: OperationInput) => void submit(input), close };
  if (change.kind === 'restart') return <RestartDialog {...part} environment={environment} service={change.service} />;
  return <ScaleDialog {...part} environment={environment} name={change.service} service={service} />;
}

interface PartProps {
  readonly environment: string;
  readonly isBusy: boolean;
  readonly problem: Problem | undefined;
  submit(input: OperationInput): void;
  close(): void;
}

function RestartDialog({ environment, service, isBusy, problem, submit, close }: PartProps & { readonly service: string | undefined }) {
  const what = service ?? 'all services';
  return (
    <Dialog
      open
      onClose={close}
      title={`Restart ${what} in ${environment}`}
      description="New replicas of the same release start beside the old ones, which then finish what they have and stop. No request fails."
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            kind="primary"
            busy={isBusy}
            onClick={() => submit({ operation: 'restart', ...(service === undefined ? {} : { service }) })}
          >
            Restart {what}
          </Button>
        </>
      }
    >
      {problem === undefined ? null : <ProblemView problem={problem} />}
    </Dialog>
  );
}

type ScaleProps = PartProps & { readonly name: string; readonly service: ServiceShape | undefined };

function ScaleDialog({ environment, name, service, isBusy, problem, submit, close }: ScaleProps) {
  const [count, setCount] = useState(String(service?.min ?? 1));
  const [isAuto, setAuto] = useState(false);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    submit({ operation: 'scale', service: name, count: isAuto ? 'auto' : Number(count) });
  };
  const limits = service === undefined ? '' : ` The app file says ${service.min} to ${service.max}.`;
  return (
    <Dialog
      open
      onClose={close}
      title={`Scale ${name} in ${environment}`}
      description={`A number holds until it is set to automatic again; a deploy keeps it.${limits}`}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" form="scale" busy={isBusy}>
            Scale {name}
          </Button>
        </>
      }
    >
      <form id="scale" className={styles.form} onSubmit={send}>
        <label className={styles.choice}>
          <input type="radio" name="how" checked={!isAuto} onChange={() => setAuto(false)} /> A fixed number of replicas
          <input
            className={styles.count}
            type="number"
            min={0}
            max={1000}
            required={!isAuto}
            disabled={isAuto}
            value={count}
            aria-label="Replicas"
            onChange={({ target }) => setCount(target.value)}
          />
        </label>
        <label className={styles.choice}>
          <input type="radio" name="how" checked={isAuto} onChange={() => setAuto(true)} /> Automatic, by load
        </label>
        {problem === undefined ? null : <ProblemView problem={problem} />}
      </form>
    </Dialog>
  );
}
