import { expect, test } from 'vitest'
import { blocks, spans } from './markdown'

test('lines belong together until an empty one', () => {
  expect(blocks('# Title\nfirst\nsecond\n\nthird')).toEqual([
    { kind: 'heading', level: 1, text: 'Title' },
    { kind: 'paragraph', text: 'first second' },
    { kind: 'paragraph', text: 'third' },
  ])
})

test('items of a list may go on in the next line', () => {
  expect(blocks('1. look\n   closely\n2. mend\n\n- one')).toEqual([
    { kind: 'list', ordered: true, items: ['look closely', 'mend'] },
    { kind: 'list', ordered: false, items: ['one'] },
  ])
})

test('code stays as it is', () => {
  expect(blocks('```sh\n# not a heading\n\n- nor an item\n```\nafter')).toEqual([
    { kind: 'code', text: '# not a heading\n\n- nor an item\n' },
    { kind: 'paragraph', text: 'after' },
  ])
})

test('what is emphasised is every second piece', () => {
  expect(spans('ask `research status` and **wait**.')).toEqual(['ask ', '`research status`', ' and ', '**wait**', '.'])
})
