// A half-typed question outlives the page: a refresh, a call that came in, an empty battery. It goes when it was received.

const name = (key) => `civic:room:${key}`

function store (act) {
  try {
    return act(window.localStorage)
  } catch {
    return null // storage is off or full: asking goes on without it
  }
}

export function attach (root) {
  for (const sent of root.querySelectorAll('[data-room-sent]')) store((storage) => storage.removeItem(name(sent.dataset.roomSent)))
  for (const field of root.querySelectorAll('[data-room-keep]')) {
    const key = name(field.dataset.roomKeep)
    const kept = store((storage) => storage.getItem(key))
    if (kept && !field.value) {
      field.value = kept
      const box = field.closest('details.room__ask')
      if (box && field.tagName === 'TEXTAREA') box.open = true
    }
    field.addEventListener('input', () => store((storage) => field.value ? storage.setItem(key, field.value) : storage.removeItem(key)))
  }
}
