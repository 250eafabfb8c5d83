export interface Account {
  id: string;
  email: string;
  name: string | null;
}

export interface Task {
  id: string;
  title: string;
  notes: string;
  /** Calendar date 'YYYY-MM-DD', no time zone. */
  due: string | null;
  done: boolean;
  doneAt: string | null;
  /** Opaque order key: compare with <, then by id. */
  position: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

export type Fields = Pick<Task, 'title' | 'notes' | 'due' | 'done'>;

export const fieldsOf = ({ title, notes, due, done }: Fields): Fields => ({ title, notes, due, done });

export const titleLimit = 500;
export const notesLimit = 10_000;
