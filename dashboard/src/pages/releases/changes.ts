/** What a release changes, with the signs and words of the terminal; pure. */
import type { Change, Plan } from '../../../../src/server/api/index.ts';

const signs: Readonly<Record<Change['kind'], string>> = {
  create: '+',
  update: '~',
  replace: '-+',
  delete: '-',
  unchanged: ' ',
  unknown: '?',
};

const words: Readonly<Record<Change['kind'], string>> = {
  create: 'created',
  update: 'changed',
  replace: 'replaced',
  delete: 'destroyed',
  unchanged: 'unchanged',
  unknown: 'not known before it is done',
};

export interface ChangeRow {
  readonly kind: Change['kind'];
  readonly sign: string;
  /** For those who do not see the sign. */
  readonly word: string;
  readonly subject: string;
  readonly detail: string;
  /** `downtime`, `data loss` */
  readonly costs: readonly string[];
}

/** Without what stays as it is. */
export function changeRows(changes: readonly Change[]): ChangeRow[] {
  return changes
    .filter(({ kind }) => kind !== 'unchanged')
    .map(({ kind, subject, detail, downtime, dataLoss }) => ({
      kind,
      sign: signs[kind],
      word: words[kind],
      subject,
      detail,
      costs: [...(downtime ? ['downtime'] : []), ...(dataLoss ? ['data loss'] : [])],
    }));
}

export function isEmpty(changes: readonly Change[]): boolean {
  return changes.every(({ kind }) => kind === 'unchanged');
}

export interface Cost {
  readonly text: string;
  readonly hurts: boolean;
}

/** What a plan costs, for people who read nothing else. */
export function costs({ downtime, dataLoss, schema }: Pick<Plan, 'downtime' | 'dataLoss' | 'schema'>): Cost[] {
  const data =
    schema.length > 0 && !dataLoss
      ? { text: 'schema changes', hurts: true }
      : { text: dataLoss ? 'data loss' : 'no data loss', hurts: dataLoss };
  return [{ text: downtime ? 'downtime' : 'no downtime', hurts: downtime }, data];
}

/** `~ 2 changed`, `0 replaced`, `0 destroyed`; created and unknown only where there are some. */
export function counts(changes: readonly Change[]): string[] {
  const number = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  const created = number('create');
  const unknown = number('unknown');
  return [
    ...(created > 0 ? [`+ ${created} created`] : []),
    `~ ${number('update')} changed`,
    `${number('replace')} replaced`,
    `${number('delete')} destroyed`,
    ...(unknown > 0 ? [`? ${unknown} unknown`] : []),
  ];
}
