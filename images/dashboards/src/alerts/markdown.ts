/** The parts of Markdown that runbooks use. */
export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; ordered: boolean; items: string[] }
  | { kind: 'code'; text: string }

const FENCE = /^\s*```/
const HEADING = /^(#{1,6}) +(.*)$/
const ITEM = /^\s*(?:([-*])|\d+[.)]) +(.*)$/

/** Text cut into blocks; what is not known stays a paragraph. */
export function blocks(markdown: string): Block[] {
  const found: Block[] = []
  let open: Block | undefined
  for (const line of markdown.split('\n')) {
    const heading = HEADING.exec(line)
    const item = ITEM.exec(line)
    if (FENCE.test(line)) {
      open = open?.kind === 'code' ? undefined : add(found, { kind: 'code', text: '' })
    } else if (open?.kind === 'code') {
      open.text += `${line}\n`
    } else if (!line.trim()) {
      open = undefined
    } else if (heading) {
      add(found, { kind: 'heading', level: heading[1]!.length, text: heading[2]! })
      open = undefined
    } else if (item) {
      const ordered = !item[1]
      if (open?.kind !== 'list' || open.ordered !== ordered) open = add(found, { kind: 'list', ordered, items: [] })
      if (open.kind === 'list') open.items.push(item[2]!)
    } else if (open?.kind === 'list') {
      open.items.push(`${open.items.pop()} ${line.trim()}`)
    } else if (open?.kind === 'paragraph') {
      open.text += ` ${line.trim()}`
    } else {
      open = add(found, { kind: 'paragraph', text: line.trim() })
    }
  }
  return found
}

function add(found: Block[], block: Block): Block {
  found.push(block)
  return block
}

/** Text cut at what is emphasised: every second piece is code, or strong where it starts with two asterisks. */
export function spans(text: string): string[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/)
}
