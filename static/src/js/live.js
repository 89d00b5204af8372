// Keeps parts of a page fresh: asks every 20 seconds while the page is seen, and replaces only what changed and nobody is typing in.
import { announce, each } from './dom.js'

const PAUSE = 20_000
const LONGEST = 5 * 60_000
const dirty = new WeakSet() // forms someone has written in
const sent = new WeakMap() // part → what the server last sent for it

document.addEventListener('input', (event) => {
  if (event.target.form) dirty.add(event.target.form)
})

function isBusy (part) {
  const active = document.activeElement
  if (part.contains(active) && active.matches('input, textarea, select, [contenteditable]')) return true
  if (part.querySelector('dialog[open]')) return true
  const forms = [part.closest('form'), ...part.querySelectorAll('form')]
  return forms.some((form) => form && dirty.has(form))
}

/** Finds again what had the focus before its part was replaced. */
function keepFocus (part, replace) {
  const active = part.contains(document.activeElement) && document.activeElement !== part ? document.activeElement : null
  const href = active?.getAttribute('href')
  const value = active?.getAttribute('value')
  replace()
  if (!active) return
  const again = (active.id && document.getElementById(active.id)) ||
    [...part.querySelectorAll('a, button, summary')].find((element) =>
      element.tagName === active.tagName && element.getAttribute('href') === href && element.getAttribute('value') === value)
  again?.focus({ preventScroll: true })
}

/** Puts the parts of the answer in; tells whether anything changed and whether all of it could go in. */
function patch (box, page) {
  const answer = new DOMParser().parseFromString(page, 'text/html')
  let changed = false
  let whole = true
  for (const part of box.querySelectorAll('[data-live-part]')) {
    const name = CSS.escape(part.dataset.livePart)
    const fresh = answer.querySelector(`[data-live-part="${name}"]`)
    const html = fresh?.innerHTML.trim()
    if (!fresh || html === sent.get(part)) continue
    if (isBusy(part)) {
      whole = false
      continue
    }
    sent.set(part, html)
    keepFocus(part, () => part.replaceChildren(...fresh.childNodes))
    part.dispatchEvent(new CustomEvent('civic:replaced', { bubbles: true }))
    changed = true
  }
  return { changed, whole }
}

function start (box) {
  let etag = null
  let pause = PAUSE
  let timer

  for (const part of box.querySelectorAll('[data-live-part]')) sent.set(part, part.innerHTML.trim())

  function later () {
    clearTimeout(timer)
    timer = setTimeout(ask, pause)
  }

  async function ask () {
    if (!box.isConnected) return
    if (document.hidden) return // visibilitychange asks again
    try {
      const answer = await fetch(box.dataset.live, {
        headers: { Accept: 'text/html', ...(etag && { 'If-None-Match': etag }) },
        cache: 'no-store',
        credentials: 'same-origin'
      })
      if (answer.status === 200) {
        const { changed, whole } = patch(box, await answer.text())
        // what could not go in now is asked for again
        etag = whole ? answer.headers.get('ETag') : null
        if (changed) announce(box.dataset.liveAnnounce)
      } else if (answer.status !== 304) {
        throw new Error(`status ${answer.status}`)
      }
      pause = PAUSE
    } catch {
      pause = Math.min(pause * 2, LONGEST)
    }
    later()
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) ask()
  })
  later()
}

export function attach (root) {
  each(root, '[data-live]', 'live', start)
}
