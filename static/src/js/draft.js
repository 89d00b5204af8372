// What someone is writing survives a lost connection or a closed page of this tab; the next page clears it once it was received.
// With data-keep-longer it survives the tab, too: a question typed in a hall, when a call comes in or the battery is empty.
import { each } from './dom.js'

const name = (key) => `civic:draft:${key}`

function store (kind, act) {
  try {
    return act(window[kind])
  } catch {
    return null // storage is off or full: writing goes on without it
  }
}

export function attach (root) {
  each(root, '[data-clear-keep]', 'draft', (element) => {
    for (const key of element.dataset.clearKeep.split(/\s+/)) {
      for (const kind of ['sessionStorage', 'localStorage']) store(kind, (storage) => storage.removeItem(name(key)))
    }
  })
  each(root, 'textarea[data-keep], input[data-keep]', 'draft', (field) => {
    const key = name(field.dataset.keep)
    const kind = 'keepLonger' in field.dataset ? 'localStorage' : 'sessionStorage'
    const kept = store(kind, (storage) => storage.getItem(key))
    if (kept && !field.value) {
      field.value = kept
      field.dispatchEvent(new Event('input', { bubbles: true }))
      const folded = field.closest('details[data-keep-opens]')
      if (folded && field.tagName === 'TEXTAREA') folded.open = true
    }
    let pause
    const keep = () => store(kind, (storage) => field.value ? storage.setItem(key, field.value) : storage.removeItem(key))
    field.addEventListener('input', () => {
      clearTimeout(pause)
      pause = setTimeout(keep, 300)
    })
    window.addEventListener('pagehide', () => {
      if (pause) keep()
    })
  })
}
