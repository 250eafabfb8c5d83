/** Rising places of rows, of which the first go and new ones come at both ends. */
export class Places {
  #items: number[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(index: number): number | undefined {
    return this.#items[this.#head + index];
  }

  push(place: number): void {
    this.#items.push(place);
  }

  prepend(places: readonly number[]): void {
    if (places.length === 0) return;
    this.#items = [...places, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  /** Forgets all that lie before. */
  dropBefore(place: number): void {
    while (this.#head < this.#items.length && (this.#items[this.#head] ?? 0) < place) this.#head += 1;
    if (this.#head < 10_000 || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  /** Index of the first that is not before `place`. */
  indexFrom(place: number): number {
    let [low, high] = [this.#head, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low - this.#head;
  }
}
