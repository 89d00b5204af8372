// What someone is writing survives a lost connection or a closed page of this tab; the next page clears it once it was received.
import { each } from './dom.js'

const name = (key) => `civic:draft:${key}`

function store (act) {
  try {
    return act(window.sessionStorage)
  } catch {
    return null // storage is off or full: writing goes on without it
  }
}

export function attach (root) {
  each(root, '[data-clear-keep]', 'draft', (element) => {
    for (const key of element.dataset.clearKeep.split(/\s+/)) store((storage) => storage.removeItem(name(key)))
  })
  each(root, 'textarea[data-keep], input[data-keep]', 'draft', (field) => {
    const key = name(field.dataset.keep)
    const kept = store((storage) => storage.getItem(key))
    if (kept && !field.value) {
      field.value = kept
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }
    let pause
    const keep = () => store((storage) => field.value ? storage.setItem(key, field.value) : storage.removeItem(key))
    field.addEventListener('input', () => {
      clearTimeout(pause)
      pause = setTimeout(keep, 300)
    })
    window.addEventListener('pagehide', () => {
      if (pause) keep()
    })
  })
}
