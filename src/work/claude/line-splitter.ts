/** Cuts a stream of bytes into lines of text, holding at most one line of bounded length. A longer one is dropped. */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => void;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #isDropping = false;
  #dropped = 0;

  constructor(maxBytes: number, onLine: (line: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  /** How many lines were too long. */
  get dropped(): number {
    return this.#dropped;
  }

  push(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#take(chunk, start, end);
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** The last line may lack its newline. */
  end(): void {
    if (this.#pendingBytes > 0 || this.#isDropping) this.#finishLine();
  }

  /** Most lines lie in one chunk: they need no copy. */
  #take(chunk: Buffer, start: number, end: number): void {
    const isWhole = this.#pendingBytes === 0 && !this.#isDropping && end - start <= this.#maxBytes;
    if (isWhole) {
      this.#onLine(chunk.toString('utf8', start, end));
    } else {
      this.#hold(chunk.subarray(start, end));
      this.#finishLine();
    }
  }

  #hold(bytes: Uint8Array): void {
    if (this.#isDropping) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes <= this.#maxBytes) return;
    this.#isDropping = true;
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** Decoded as a whole, so that no character is cut where two chunks meet. */
  #finishLine(): void {
    if (this.#isDropping) this.#dropped += 1;
    else this.#onLine(Buffer.concat(this.#pending).toString('utf8'));
    this.#isDropping = false;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

const NEWLINE = 0x0a;
