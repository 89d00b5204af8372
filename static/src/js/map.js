// The map: its own bundle, since only some pages show one. The page works without it and without tiles.
import L from 'leaflet'
import { announce, each, make } from './dom.js'
import { build, near, readBounds } from './map-base.js'
import { showCity } from './map-public.js'

const pin = () => L.divIcon({ className: 'map-pin', iconSize: [40, 52], iconAnchor: [20, 50] })

function readPoint ({ lat, lon }) {
  return lat && lon ? L.latLng(Number(lat), Number(lon)) : null
}

/** The view that data-lat, data-lon and data-zoom ask for, or the whole of data-bounds. */
function look (map, box, point) {
  const bounds = readBounds(box.dataset.bounds)
  const zoom = Number(box.dataset.zoom ?? 16)
  if (point) map.setView(point, zoom)
  else if (bounds) map.fitBounds(bounds)
  else map.setView([48, 67], 5)
}

function show (box) {
  const point = readPoint(box.dataset)
  const map = build(box, {
    dragging: false, touchZoom: false, scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false, keyboard: false
  })
  look(map, box, point)
  if (point) L.marker(point, { icon: pin(), interactive: false, keyboard: false, alt: '' }).addTo(map)
}

function pick (box) {
  const { dataset } = box
  const latInput = document.querySelector(dataset.latInput)
  const lonInput = document.querySelector(dataset.lonInput)
  const bounds = readBounds(dataset.bounds)
  const outside = near(box).querySelector('[data-map-outside]')
  const map = build(box, {})
  L.control.zoom({ position: 'topright', zoomInTitle: dataset.zoomIn, zoomOutTitle: dataset.zoomOut }).addTo(map)
  if (dataset.label) {
    box.setAttribute('role', 'application')
    box.setAttribute('aria-label', dataset.label)
  }
  box.append(make('div', { class: 'map-cross', 'aria-hidden': 'true' }))

  const typed = readPoint({ lat: latInput?.value, lon: lonInput?.value })
  look(map, box, typed ?? readPoint(dataset))

  let marker = null

  function write (point) {
    if (latInput) latInput.value = point.lat.toFixed(6)
    if (lonInput) lonInput.value = point.lng.toFixed(6)
    if (outside) outside.hidden = !bounds || bounds.contains(point)
    latInput?.dispatchEvent(new Event('change', { bubbles: true }))
    box.dispatchEvent(new CustomEvent('civic:placed', { bubbles: true, detail: { lat: point.lat, lon: point.lng } }))
  }

  function place (point, { tell = true, quiet = false } = {}) {
    if (marker) marker.setLatLng(point)
    else {
      marker = L.marker(point, { icon: pin(), draggable: true, keyboard: false, alt: '' }).addTo(map)
      marker.on('dragend', () => {
        write(marker.getLatLng())
        announce(dataset.placed)
      })
    }
    if (!quiet) write(point)
    if (tell) announce(dataset.placed)
  }

  if (typed) place(typed, { tell: false, quiet: true })
  else if (readPoint(dataset) && 'pinned' in dataset) place(readPoint(dataset), { tell: false })

  map.on('click', (event) => place(event.latlng.wrap()))
  // arrow keys move the map under the crosshair; Enter or space puts the pin there
  box.addEventListener('keydown', (event) => {
    if (event.target !== box || (event.key !== 'Enter' && event.key !== ' ')) return
    event.preventDefault()
    place(map.getCenter().wrap())
  })

  for (const button of near(box).querySelectorAll('[data-map-center]')) {
    button.hidden = false
    button.addEventListener('click', () => place(map.getCenter().wrap()))
  }

  for (const button of near(box).querySelectorAll('[data-my-position]')) {
    if (!navigator.geolocation) continue
    button.hidden = false
    const line = make('p', { class: 'hint', role: 'status', hidden: '' })
    button.after(line)
    const say = (text) => {
      line.textContent = text ?? ''
      line.hidden = !text
    }
    button.addEventListener('click', () => {
      say(button.dataset.searching)
      button.setAttribute('aria-busy', 'true')
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        button.removeAttribute('aria-busy')
        const point = L.latLng(coords.latitude, coords.longitude)
        if (bounds && !bounds.contains(point)) {
          say(button.dataset.outside)
          return
        }
        map.setView(point, 17)
        place(point, { tell: false })
        say(button.dataset.found)
      }, (error) => {
        button.removeAttribute('aria-busy')
        say(error.code === 1 ? button.dataset.denied : button.dataset.unavailable)
      }, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 })
    })
  }
}

function attach (root) {
  each(root, '[data-map-picker]', 'map', pick)
  each(root, '[data-map-show]', 'map', show)
  each(root, '[data-map-public]', 'map', showCity)
}

attach(document)
document.addEventListener('civic:replaced', (event) => attach(event.target))
