// Vite lists the packages that it has bundled: each gets a package.json, which scanners look for, and its licence.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [list, folder] = process.argv.slice(2)
for (const { name, version, identifier, text } of JSON.parse(readFileSync(list, 'utf8'))) {
  const place = join(folder, `${name}@${version}`)
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version, license: identifier }))
  if (text) writeFileSync(join(place, 'LICENSE'), text)
}
rmSync(list)
