export interface Needle {
  readonly text: string
  /** It is commonly broken into lines (base64, hex): looked for with line ends taken out, too. */
  readonly wraps: boolean
}

export type Range = readonly [from: number, to: number]

/**
 * Finds any of many texts in one pass (Aho and Corasick): the time depends on the length of what is searched, and not on how
 * many needles there are, nor on how alike needles and text are. Texts of hosts are searched, and they may be made to be slow.
 */
export class NeedleAutomaton {
  /** Of each node: its character, first child, next sibling, and the node of its longest proper suffix. 0 is the root. */
  readonly #char: Uint16Array
  readonly #first: Int32Array
  readonly #next: Int32Array
  readonly #fail: Int32Array
  readonly #depth: Int32Array
  /** Length of the longest needle that ends at a node; the same of those that wrap. */
  readonly #ends: Int32Array
  readonly #endsWrapping: Int32Array
  /** 1: a needle that wraps goes through the node. */
  readonly #isOfWrapping: Uint8Array
  /** Children of the root, by their character: nearly every character of a text is looked up here. */
  readonly #children = new Int32Array(65_536)
  readonly #longest: number
  #count = 1

  constructor(needles: readonly Needle[]) {
    const most = needles.reduce((sum, { text }) => sum + text.length, 1)
    this.#longest = Math.max(0, ...needles.map((needle) => needle.text.length))
    this.#char = new Uint16Array(most)
    this.#isOfWrapping = new Uint8Array(most).fill(1, 0, 1)
    const numbers = () => new Int32Array(most)
    ;[this.#first, this.#next, this.#fail] = [numbers(), numbers(), numbers()]
    ;[this.#depth, this.#ends, this.#endsWrapping] = [numbers(), numbers(), numbers()]
    for (const needle of needles) this.#add(needle)
    this.#link()
  }

  /** Where needles are, joined where they meet, in order. */
  find(text: string, onlyWrapping: boolean): readonly Range[] {
    const ends = onlyWrapping ? this.#endsWrapping : this.#ends
    const ranges: [number, number][] = []
    let node = 0
    for (let at = 0; at < text.length; at++) {
      node = this.#step(node, text.charCodeAt(at))
      const length = ends[node] ?? 0
      if (length > 0) join(ranges, at + 1 - length, at + 1)
    }
    return ranges
  }

  /** Where a needle may begin that goes on behind the text; the length of the text where none does. */
  openFrom(text: string, onlyWrapping: boolean): number {
    let node = 0
    for (let at = Math.max(0, text.length - this.#longest); at < text.length; at++)
      node = this.#step(node, text.charCodeAt(at))
    while (onlyWrapping && !this.#isOfWrapping[node]) node = this.#fail[node] ?? 0
    return text.length - (this.#depth[node] ?? 0)
  }

  #step(from: number, code: number): number {
    for (let node = from; ; node = this.#fail[node] ?? 0) {
      const child = this.#child(node, code)
      if (child !== 0 || node === 0) return child
    }
  }

  /** 0: there is none. */
  #child(node: number, code: number): number {
    if (node === 0) return this.#children[code] ?? 0
    let child = this.#first[node] ?? 0
    while (child !== 0 && this.#char[child] !== code) child = this.#next[child] ?? 0
    return child
  }

  #add({ text, wraps }: Needle): void {
    let node = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      node = this.#child(node, code) || this.#grow(node, code)
      if (wraps) this.#isOfWrapping[node] = 1
    }
    this.#ends[node] = text.length
    if (wraps) this.#endsWrapping[node] = text.length
  }

  #grow(parent: number, code: number): number {
    const node = this.#count++
    this.#char[node] = code
    this.#next[node] = this.#first[parent] ?? 0
    this.#depth[node] = (this.#depth[parent] ?? 0) + 1
    this.#first[parent] = node
    if (parent === 0) this.#children[code] = node
    return node
  }

  /** Shorter nodes first: the longest suffix of a node is shorter than the node. */
  #link(): void {
    const queue = new Int32Array(this.#count)
    let known = 1
    for (let at = 0; at < known; at++) {
      const node = queue[at] ?? 0
      for (let child = this.#first[node] ?? 0; child !== 0; child = this.#next[child] ?? 0) {
        const suffix = node === 0 ? 0 : this.#step(this.#fail[node] ?? 0, this.#char[child] ?? 0)
        this.#fail[child] = suffix
        this.#ends[child] ||= this.#ends[suffix] ?? 0
        this.#endsWrapping[child] ||= this.#endsWrapping[suffix] ?? 0
        queue[known++] = child
      }
    }
  }
}

/** Ends come in order, so only the last ranges can meet a new one. */
function join(ranges: [number, number][], from: number, to: number): void {
  let begin = from
  for (let last = ranges.at(-1); last !== undefined && begin <= last[1]; last = ranges.at(-1)) {
    begin = Math.min(begin, last[0])
    ranges.pop()
  }
  ranges.push([begin, to])
}
