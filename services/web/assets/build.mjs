// Builds what the console serves into ../static/build: one style sheet, one script, one sprite of icons, each with
// the digest of its content in its name and with compressed copies beside it, and a manifest that names them.
// Called by `python -m services.web.build_assets`, which passes the digest of the inputs.
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { PurgeCSS } from 'purgecss'

const here = dirname(fileURLToPath(import.meta.url))
const sources = join(here, '..', 'static')
const target = join(sources, 'build')
const modules = join(here, 'node_modules')
const browsers = ['chrome100', 'firefox103', 'safari15.4', 'edge100']

// Classes that Bootstrap's scripts set at run time; templates never spell them.
const setByScripts = [
  /^show(ing)?$/, /^hiding$/, /^fade$/, /^collaps(e|ing)$/, /^modal-(open|static|backdrop)$/, /^offcanvas-backdrop$/,
  /^drop(up|end|start)(-center)?$/, /^disabled$/, /^active$/, /^htmx-request$/, /^is-invalid$/,
]

async function styles() {
  const [tabler] = await new PurgeCSS().purge({
    css: [join(modules, '@tabler/core/dist/css/tabler.min.css')],
    content: [join(here, '../templates/**/*.html'), join(sources, 'js/*.js')],
    defaultExtractor: text => text.match(/[\w-]+/g) ?? [],
    safelist: setByScripts,
    keyframes: true,
    fontFace: true,
  })
  const own = await build({
    entryPoints: [join(sources, 'css/console.css')], bundle: true, minify: true, write: false, target: browsers,
  })
  const vendor = await build({
    stdin: { contents: tabler.css, loader: 'css' }, minify: true, write: false, legalComments: 'inline', target: browsers,
  })
  return vendor.outputFiles[0].text + own.outputFiles[0].text
}

async function scripts() {
  const result = await build({
    entryPoints: [join(sources, 'js/console.js')], bundle: true, minify: true, write: false, format: 'iife',
    target: browsers, nodePaths: [modules], legalComments: 'inline',
  })
  return result.outputFiles[0].text
}

async function sprite() {
  const names = (await readFile(join(here, 'icons.txt'), 'utf8')).split('\n').filter(Boolean)
  const symbols = await Promise.all(names.map(async name => {
    const svg = await readFile(join(modules, `@tabler/icons/icons/outline/${name}.svg`), 'utf8')
    const drawing = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
    return `<symbol id="${name}" viewBox="0 0 24 24">${drawing.replace(/\s*\n\s*/g, '')}</symbol>`
  }))
  return { names, text: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>` }
}

async function keep(name, text) {
  const [stem, suffix] = name.split('.')
  const file = `${stem}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${suffix}`
  await writeFile(join(target, file), text)
  await writeFile(join(target, `${file}.gz`), gzipSync(text, { level: 9 }))
  await writeFile(join(target, `${file}.br`), brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  }))
  return file
}

const [css, js, icons, mark] = await Promise.all([
  styles(), scripts(), sprite(), readFile(join(sources, 'mark.svg'), 'utf8'),
])
await mkdir(target, { recursive: true })
const files = {
  'console.css': await keep('console.css', css),
  'console.js': await keep('console.js', js),
  'icons.svg': await keep('icons.svg', icons.text),
  'mark.svg': await keep('mark.svg', mark),
}
// The manifest is written last: a build that was interrupted is not taken for a finished one.
await writeFile(join(target, 'manifest.json'), JSON.stringify({ inputs: process.argv[2], icons: icons.names, files }, null, 1))
const current = Object.values(files)
for (const name of await readdir(target)) {
  if (name !== 'manifest.json' && !current.some(file => name.startsWith(file))) await rm(join(target, name))
}
