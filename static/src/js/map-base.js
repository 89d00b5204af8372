// What every map shares: its tiles, its bounds, what is said when the tiles do not come.
import L from 'leaflet'

/** "south,west,north,east" */
export function readBounds (text) {
  const [south, west, north, east] = (text ?? '').split(',').map(Number)
  return Number.isFinite(east) ? L.latLngBounds([south, west], [north, east]) : null
}

export const near = (box) => box.closest('[data-map-scope]') ?? box.closest('form, .card, section') ?? document

export function build (box, options) {
  const bounds = readBounds(box.dataset.bounds)
  const map = L.map(box, { zoomControl: false, maxBoundsViscosity: 0.8, ...(bounds && { maxBounds: bounds.pad(0.4) }), ...options })
  map.attributionControl.setPrefix(false)
  const failed = near(box).querySelector('[data-map-failed]')
  let loaded = 0
  L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution ?? '', maxZoom: 19, detectRetina: false })
    .on('tileload', () => {
      loaded += 1
      if (failed) failed.hidden = true
    })
    .on('tileerror', () => {
      if (failed && !loaded) failed.hidden = false
    })
    .addTo(map)
  return map
}
