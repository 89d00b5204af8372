// Builds static/dist/ from static/src/: `npm run build`.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import * as esbuild from 'esbuild'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const src = join(here, 'src')
const dist = join(here, 'dist')
const modules = join(here, '..', 'node_modules')
const target = ['es2020', 'chrome87', 'firefox78', 'safari15']

// The subsets of Onest that Kazakh, Russian and English need; ₸ is in latin-ext, ә ғ қ ң ө ү һ і in cyrillic-ext.
const FONT_SUBSETS = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext']

const fontFile = (subset) => `onest-${subset}-wght-normal.woff2`

/** The package's own @font-face rules, which carry the exact unicode ranges, for the subsets above. */
async function fontFaces () {
  const css = await readFile(join(modules, '@fontsource-variable/onest/index.css'), 'utf8')
  const rules = css.match(/@font-face\s*\{[^}]*\}/g) ?? []
  return FONT_SUBSETS.map((subset) => {
    const rule = rules.find((text) => text.includes(`/${fontFile(subset)})`))
    if (!rule) throw new Error(`@fontsource-variable/onest has no subset ${subset}`)
    return rule
      .replace("'Onest Variable'", 'Onest')
      .replace('./files/', 'fonts/')
      .replace("format('woff2-variations')", "format('woff2')")
  }).join('\n')
}

async function style (entry, before = '') {
  const { css } = sass.compile(join(src, 'scss', entry), { loadPaths: [modules], charset: false })
  const { code } = await esbuild.transform(before + css, { loader: 'css', minify: true, target })
  return code
}

async function leafletStyle () {
  const file = join(modules, 'leaflet/dist/leaflet.css')
  await esbuild.build({
    entryPoints: { leaflet: file },
    bundle: true,
    minify: true,
    outdir: dist,
    assetNames: 'images/[name]',
    loader: { '.png': 'file' }
  })
  const css = await readFile(join(dist, 'leaflet.css'), 'utf8')
  await rm(join(dist, 'leaflet.css'))
  return css
}

async function scripts () {
  await esbuild.build({
    entryPoints: { app: join(src, 'js/app.js'), map: join(src, 'js/map.js'), passkeys: join(src, 'js/passkeys.js'), room: join(src, 'js/room.js') },
    bundle: true,
    minify: true,
    format: 'esm',
    target,
    outdir: dist,
    legalComments: 'none'
  })
}

/** Beside each file two that are compressed already, which the web server sends as they are. */
async function compress (file) {
  const bytes = await readFile(join(dist, file))
  await writeFile(join(dist, `${file}.gz`), gzipSync(bytes, { level: 9 }))
  await writeFile(join(dist, `${file}.br`), brotliCompressSync(bytes))
}

async function size (file) {
  const bytes = await readFile(join(dist, file))
  const [gzip, brotli] = [gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length]
  console.log(`${file.padEnd(10)} ${bytes.length} bytes, gzip ${gzip}, brotli ${brotli}`)
}

await rm(dist, { recursive: true, force: true })
await mkdir(join(dist, 'fonts'), { recursive: true })
await Promise.all([
  scripts(),
  style('app.scss', await fontFaces()).then((css) => writeFile(join(dist, 'app.css'), css)),
  style('room-views.scss').then((css) => writeFile(join(dist, 'room.css'), css)),
  leafletStyle().then(async (leaflet) => writeFile(join(dist, 'map.css'), leaflet + await style('map.scss'))),
  ...FONT_SUBSETS.map((subset) =>
    copyFile(join(modules, '@fontsource-variable/onest/files', fontFile(subset)), join(dist, 'fonts', fontFile(subset)))),
  ...['sprite.svg', 'favicon.svg'].map((name) => copyFile(join(src, 'img', name), join(dist, name)))
])
for (const file of ['app.css', 'app.js', 'map.css', 'map.js', 'room.css', 'room.js', 'passkeys.js', 'sprite.svg', 'favicon.svg']) await compress(file)
for (const file of ['app.css', 'app.js', 'map.css', 'map.js', 'room.css', 'room.js']) await size(file)
