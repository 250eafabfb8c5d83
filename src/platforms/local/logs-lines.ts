/** Makes lines of bytes as they come. No line can fill the memory: of a long one the beginning is kept and the rest is only counted. */
import { StringDecoder } from 'node:string_decoder';

/** Bytes. */
export const longestLine = 1024 * 1024;
const newline = 10;
/** More pieces than that are put together, as one byte at a time would need a hundred times its size. */
const mostPieces = 64;

export interface RawLine {
  /** Offset of its first byte. */
  readonly start: number;
  readonly text: string;
  /** Of the whole line, in UTF-16 code units, when it was cut. */
  readonly characters?: number;
}

export class LineSplitter {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #start = 0;
  /** Of a line that was too long. */
  #cut: { readonly text: string; readonly decoder: StringDecoder; characters: number } | undefined;

  /** @param offset of the chunk in its file */
  feed(chunk: Buffer, offset: number): RawLine[] {
    const lines: RawLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      lines.push(this.#line(chunk.subarray(from, end), offset + from));
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from), offset + from);
    return lines;
  }

  /** What stands there without an end; it is forgotten. */
  end(): RawLine | undefined {
    return this.#bytes === 0 ? undefined : this.#close();
  }

  #line(bytes: Buffer, offset: number): RawLine {
    if (this.#bytes === 0 && bytes.length <= longestLine) return { start: offset, text: bytes.toString('utf8') };
    this.#keep(bytes, offset);
    return this.#close();
  }

  #keep(bytes: Buffer, offset: number): void {
    if (this.#bytes === 0) this.#start = offset;
    this.#bytes += bytes.length;
    if (this.#cut !== undefined) {
      this.#cut.characters += this.#cut.decoder.write(bytes).length;
      return;
    }
    this.#pieces.push(Buffer.from(bytes));
    if (this.#bytes > longestLine) this.#shorten();
    else if (this.#pieces.length > mostPieces) this.#pieces = [Buffer.concat(this.#pieces)];
  }

  #shorten(): void {
    const all = Buffer.concat(this.#pieces);
    const decoder = new StringDecoder('utf8');
    const text = decoder.write(all.subarray(0, longestLine));
    this.#cut = { text, decoder, characters: text.length + decoder.write(all.subarray(longestLine)).length };
    this.#pieces = [];
  }

  #close(): RawLine {
    const [start, cut] = [this.#start, this.#cut];
    const text = cut?.text ?? Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#bytes = 0;
    this.#cut = undefined;
    return cut === undefined ? { start, text } : { start, text, characters: cut.characters + cut.decoder.end().length };
  }
}
