// The door without a network: readings of tickets are kept on the phone and sent when the network is back.
// Each has a key of its own, so sending it again changes nothing; which clock is right does not matter.
import { each, fill, make } from './dom.js'

const RETRY = 15_000
const LIST = 'civic-door-list-'
const bare = (number) => number.toUpperCase().replace(/[^0-9A-Z]/g, '')
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')

function store (name, fallback) {
  return {
    read () {
      try {
        return JSON.parse(localStorage.getItem(name)) ?? fallback
      } catch {
        return fallback
      }
    },
    write: (value) => localStorage.setItem(name, JSON.stringify(value))
  }
}

function open (form) {
  const { dataset } = form
  const queue = store(`civic-door-queue-${dataset.event}`, [])
  const list = store(LIST + dataset.event, { guests: [], token: dataset.token })
  const named = store('civic-door-device', null)
  const device = named.read() ?? random()
  named.write(device)
  const input = form.querySelector('[name=number]')
  const result = document.querySelector('[data-door-result]')
  const status = document.querySelector('[data-door-queue]')
  let sending = false

  const guest = (number) => list.read().guests.find((one) => bare(one.number) === bare(number))

  function say (entry, name, number) {
    const words = { in: dataset.in, already: dataset.already, no_place: dataset.noPlace, unknown: dataset.unknown, closed: dataset.closed }
    const title = make('p', { class: 'banner__title' })
    title.textContent = fill(words[entry] ?? dataset.kept, entry === 'kept' ? number : name)
    const below = make('p')
    below.textContent = number
    result.replaceChildren(make('div', { class: `banner banner--${entry === 'in' ? 'success' : 'warning'}`, 'data-entry': entry }, make('div', {}, title, below)))
  }

  function count () {
    const waiting = queue.read()
    status.textContent = waiting.length ? fill(dataset.kept, waiting.map((one) => one.number).join(', ')) : ''
  }

  /** What this phone knows before the server was asked. */
  function guess (number) {
    const known = guest(number)
    if (!known) return say('kept', '', number)
    say(known.came_at ? 'already' : 'in', known.name, known.number)
    list.write({ ...list.read(), guests: list.read().guests.map((one) => one === known || one.number === known.number ? { ...one, came_at: one.came_at ?? new Date().toISOString() } : one) })
  }

  async function send (shown) {
    const waiting = queue.read().slice(0, 200)
    if (sending || !waiting.length) return
    sending = true
    try {
      const response = await fetch(dataset.send, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token: list.read().token ?? dataset.token, device, readings: waiting })
      })
      if (!response.ok) return
      const { answers } = await response.json()
      const done = new Set(answers.map((one) => one.key))
      queue.write(queue.read().filter((one) => !done.has(one.key)))
      const last = answers.find((one) => one.key === shown)
      if (last) say(last.entry, last.name, last.number)
      if (!queue.read().length) status.textContent = dataset.allSent
    } catch {
      // no network: the readings stay where they are
    } finally {
      sending = false
      if (queue.read().length) count()
    }
  }

  async function refresh () {
    try {
      const response = await fetch(dataset.list)
      if (!response.ok || response.redirected) return
      const fresh = await response.json()
      list.write({ ...fresh, ahead: Date.now() - Date.parse(fresh.now) })
    } catch {
      // the list of the last time serves
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const number = input.value.trim()
    if (!number) return
    const key = random()
    queue.write([...queue.read(), { number, key, at: new Date().toISOString() }])
    guess(number)
    input.value = ''
    input.focus()
    count()
    send(key)
  })

  window.addEventListener('online', () => refresh().then(() => send()))
  setInterval(() => send(), RETRY)
  input.value ||= new URLSearchParams(location.search).get('ticket') ?? '' // a QR code read without a network
  count()
  refresh().then(() => send())
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register(dataset.worker, { scope: new URL(form.action).pathname }).catch(() => {}) // the page works without it
  }
}

/** A day after a discussion its list of guests goes from this phone, and what opens its door without a network. */
async function forget () {
  const lists = Object.keys(localStorage).filter((key) => key.startsWith(LIST))
  for (const key of lists) {
    const { until, ahead = 0 } = store(key, {}).read()
    const event = key.slice(LIST.length)
    if (!until || Date.now() - ahead < Date.parse(until)) continue // ahead: how wrong this phone's clock was
    localStorage.removeItem(key)
    if (!store(`civic-door-queue-${event}`, []).read().length) localStorage.removeItem(`civic-door-queue-${event}`)
    const workers = await navigator.serviceWorker?.getRegistrations() ?? []
    await Promise.all(workers.filter((one) => one.scope.endsWith(`/${event}/door`)).map((one) => one.unregister()))
    const kept = await self.caches?.keys() ?? []
    await Promise.all(kept.filter((one) => one.startsWith(`civic-door-${event}-`)).map((one) => caches.delete(one)))
  }
}

export function attach (root) {
  if (root === document) forget().catch(() => {}) // a browser that keeps nothing has nothing to forget
  each(root, '[data-door]', 'door', (form) => {
    try {
      localStorage.setItem('civic-door-test', '1')
    } catch {
      return // a browser that keeps nothing: the form works as it is
    }
    open(form)
  })
}
