const longestTitle = 200;

/** A to-do list in memory: it is gone when the process ends, and a second process has another one. */
export class TodoList {
  #entries = new Map();
  #lastId = 0;

  get size() {
    return this.#entries.size;
  }

  all() {
    return [...this.#entries.values()];
  }

  add({ title }) {
    const entry = { id: ++this.#lastId, title: checkedTitle(title), done: false };
    this.#entries.set(entry.id, entry);
    return entry;
  }

  change(id, { title, done }) {
    const entry = this.#find(id);
    if (title !== undefined) entry.title = checkedTitle(title);
    if (done !== undefined) entry.done = done === true;
    return entry;
  }

  remove(id) {
    this.#entries.delete(this.#find(id).id);
  }

  #find(id) {
    const entry = this.#entries.get(id);
    if (!entry) throw problem(404, `there is no entry ${id}`);
    return entry;
  }
}

function checkedTitle(title) {
  const text = typeof title === 'string' ? title.trim() : '';
  if (text === '' || text.length > longestTitle) throw problem(400, `a title has 1 to ${longestTitle} characters`);
  return text;
}

function problem(status, message) {
  return Object.assign(new Error(message), { status });
}
