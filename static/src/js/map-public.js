// The city's map in public: clusters, then single marks, and the list beside it; the frame stands in the address.
import L from 'leaflet'
import { announce, fill, make } from './dom.js'
import { build, near, readBounds } from './map-base.js'

const PAUSE = 150 // milliseconds of rest before a moved map asks
const SIZES = [[1000, 60], [100, 52], [0, 44]] // pixels of a cluster by how many it stands for

/** A marker that is a real link or button, so that keys and screen readers know it. */
const Element = L.Icon.extend({
  createIcon () {
    const { element, size } = this.options
    this._setIconStyles(element, 'icon')
    element.style.marginLeft = element.style.marginTop = `${-size / 2}px`
    return element
  },
  createShadow: () => null
})

const place = (at, element, size) =>
  L.marker(at, { icon: new Element({ element, size, className: element.className }), interactive: false, keyboard: false })

const write = (bounds) =>
  [bounds.getSouth(), bounds.getWest(), bounds.getNorth(), bounds.getEast()].map((side) => side.toFixed(5)).join(',')

/** The zoom that shows these bounds; as much as they were taken from, whatever was lost in rounding. */
function lookAt (map, bounds) {
  map.setView(bounds.getCenter(), map.getBoundsZoom(bounds.pad(-0.03)), { animate: false })
}

function clusterOf (map, box, plural, forms, [lat, lon, number, waiting], across) {
  const said = fill(forms[plural.select(number)] ?? forms.other, number.toLocaleString(box.dataset.lang), waiting.toLocaleString(box.dataset.lang))
  const size = SIZES.find(([least]) => number >= least)[1]
  const button = make('button', { type: 'button', class: `map-cluster map-cluster--${size}${waiting ? '' : ' map-cluster--done'}`, title: said, 'aria-label': said },
    make('span', { class: 'map-cluster__number' }, number > 9999 ? `${Math.floor(number / 1000)}k` : String(number)))
  button.addEventListener('click', (event) => {
    event.stopPropagation()
    if (map.dragging?.moved()) return
    const zoom = map.getBoundsZoom(L.latLng(lat, lon).toBounds(across * 1.4))
    map.setView([lat, lon], Math.min(Math.max(zoom, map.getZoom() + 1), 19))
    box.focus({ preventScroll: true })
  })
  return place([lat, lon], button, size)
}

const SVG = 'http://www.w3.org/2000/svg'

function markOf (map, box, mark, base, above) {
  const link = make('a', { class: `map-mark tone-${mark.tone}`, href: base + mark.number, title: mark.title, 'aria-label': mark.title })
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `${box.dataset.sprite}#${mark.icon}`)
  svg.append(use)
  link.append(svg)
  link.addEventListener('click', (event) => {
    if (map.dragging?.moved()) event.preventDefault()
  })
  link.draggable = false
  const marker = place([mark.lat, mark.lon], link, 44)
  link.style.translate = above ? `${above * 12}px ${above * -12}px` : '' // of several at one place each can be reached
  return marker
}

function draw (map, box, layer, plural, forms, answer) {
  layer.clearLayers()
  const held = new Map()
  for (const cluster of answer.clusters) clusterOf(map, box, plural, forms, cluster, answer.across).addTo(layer)
  for (const mark of answer.marks ?? []) {
    const at = `${mark.lat},${mark.lon}`
    const above = held.get(at) ?? 0
    held.set(at, above + 1)
    markOf(map, box, mark, answer.base, above).addTo(layer)
  }
}

async function outline (map, box) {
  const answer = await fetch(box.dataset.districts)
  if (!answer.ok) return null
  const lines = L.geoJSON(await answer.json(), {
    interactive: false,
    style: (feature) => ({ className: String(feature.id) === box.dataset.district ? 'map-district map-district--chosen' : 'map-district' })
  }).addTo(map)
  return lines
}

/** Puts the frame into the address, the other languages' addresses and the filter, so that it is shared, kept and come back to. */
function keepFrame (frame) {
  const address = new URL(location.href)
  address.searchParams.set('box', frame)
  history.replaceState(history.state, '', address)
  for (const link of document.querySelectorAll('.languages a[href], .chosen a[href]')) {
    const other = new URL(link.href)
    other.searchParams.set('box', frame)
    link.href = other
  }
  const form = document.querySelector('main form[role=search]')
  const input = form?.elements.box ?? make('input', { type: 'hidden', name: 'box' })
  input.value = frame
  form?.append(input)
}

/** The city's map in this box. */
export function showCity (box) {
  const { dataset } = box
  const scope = near(box)
  const list = scope.querySelector('[data-map-list]')
  const further = scope.querySelector('[data-map-further]')
  const error = scope.querySelector('[data-map-error]')
  const forms = JSON.parse(dataset.forms)
  const plural = new Intl.PluralRules(dataset.lang)
  box.hidden = false
  scope.classList.add('map-page--on')
  const map = build(box, { minZoom: 8, maxZoom: 19 })
  L.control.zoom({ position: 'topright', zoomInTitle: dataset.zoomIn, zoomOutTitle: dataset.zoomOut }).addTo(map)
  box.setAttribute('role', 'application')
  box.setAttribute('aria-label', dataset.label)
  const marks = L.layerGroup().addTo(map)
  let asked = null
  let timer
  let begun = false

  async function ask () {
    asked?.abort()
    asked = new AbortController()
    const frame = write(map.getBounds())
    const query = (address) => {
      const url = new URL(address, location.href)
      url.searchParams.set('box', frame)
      url.searchParams.set('zoom', map.getZoom())
      return fetch(url, { signal: asked.signal })
    }
    if (begun || dataset.box) keepFrame(frame)
    begun = true
    box.setAttribute('aria-busy', 'true')
    try {
      const [data, rows] = await Promise.all([query(dataset.json), query(dataset.list)])
      if (!data.ok || !rows.ok) throw new Error(`${data.status} ${rows.status}`)
      draw(map, box, marks, plural, forms, await data.json())
      list.innerHTML = await rows.text()
      further?.remove() // the list of a frame has no second page: one zooms in
      list.dispatchEvent(new CustomEvent('civic:replaced', { bubbles: true }))
      announce(list.querySelector('[data-map-seen]')?.textContent)
      error.hidden = true
      box.removeAttribute('aria-busy')
    } catch (problem) {
      if (problem.name === 'AbortError') return // a later question is under way
      error.textContent = dataset.failed
      error.hidden = false
      box.removeAttribute('aria-busy')
    }
  }

  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  }

  const wanted = readBounds(dataset.box)
  lookAt(map, wanted ?? readBounds(dataset.bounds))
  map.on('moveend', later)
  ask()
  outline(map, box).then((lines) => {
    const chosen = lines?.getLayers().find((layer) => String(layer.feature.id) === dataset.district)
    if (chosen && !wanted) lookAt(map, chosen.getBounds())
  }).catch(() => {}) // outlines are an addition: the map is whole without them
}
