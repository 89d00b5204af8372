// The desk from the keyboard: j k through the rows, Enter opens, x picks, single letters press what carries them.
import { each, isTyping } from './dom.js'

const OFF = 'civic:keys-off'

function storage (act) {
  try {
    return act(window.localStorage)
  } catch {
    return null
  }
}

function startBulk (desk) {
  const bar = desk.querySelector('[data-bulk]')
  if (!bar) return
  const boxes = () => [...desk.querySelectorAll('[data-row] input[type=checkbox]')]
  const all = desk.querySelector('[data-check-all]')
  const show = () => {
    const chosen = boxes().filter((box) => box.checked).length
    bar.hidden = chosen === 0
    for (const place of bar.querySelectorAll('[data-bulk-count]')) place.textContent = chosen
    if (all) {
      all.checked = chosen > 0 && chosen === boxes().length
      all.indeterminate = chosen > 0 && !all.checked
    }
  }
  desk.addEventListener('change', (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked
    show()
  })
  window.addEventListener('pageshow', show)
  show()
}

/** What is new gets the focus: the answer to a step, else the complaint that was opened. */
function focusNews () {
  if (document.activeElement !== document.body || location.hash) return
  const news = document.querySelector('#main > .banner--success') ?? document.getElementById('item-title')
  if (!news) return
  news.tabIndex = -1
  news.focus({ preventScroll: true })
}

function start (desk) {
  startBulk(desk)
  focusNews()
  const help = document.querySelector('dialog[data-key-help]')
  const seen = (element) => element.offsetParent !== null || element.getClientRects().length > 0
  const rows = () => [...desk.querySelectorAll('[data-row]')].filter(seen)
  const current = () => document.activeElement?.closest('[data-row]') ?? desk.querySelector('[data-row][aria-current]')
  const door = (row) => row.querySelector('a[data-open], a[href]')

  const move = (by) => {
    const list = rows()
    const at = list.indexOf(current())
    const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)]
    if (!next) return
    door(next)?.focus({ preventScroll: true })
    next.scrollIntoView({ block: 'nearest' })
  }

  const press = (key) => {
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((element) => seen(element) && !element.disabled)
    if (!found) return false
    found.focus()
    if (!found.matches('input:not([type=submit]), textarea, select, [data-key-focus]')) found.click()
    return true
  }

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return
    if (storage((store) => store.getItem(OFF)) && event.key !== '?') return
    // the letter on the key, whatever alphabet is switched on
    const key = /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key
    const row = current()
    if (key === 'j') move(1)
    else if (key === 'k') move(-1)
    else if (event.key === 'Enter' && row && document.activeElement === document.body) door(row)?.click()
    else if (key === 'x' && row) row.querySelector('input[type=checkbox]')?.click()
    else if (event.key === '/' || event.code === 'Slash' && !event.shiftKey) desk.ownerDocument.querySelector('input[type=search]')?.focus()
    else if ((event.key === '?' || event.code === 'Slash' && event.shiftKey) && help) help.showModal()
    else if (!press(key)) return
    event.preventDefault()
  })

  for (const button of document.querySelectorAll('[data-key-help-open]')) {
    button.hidden = false
    button.addEventListener('click', () => help?.showModal())
  }

  const off = help?.querySelector('[data-key-off]')
  if (off) {
    off.checked = !!storage((store) => store.getItem(OFF))
    off.addEventListener('change', () => storage((store) => off.checked ? store.setItem(OFF, '1') : store.removeItem(OFF)))
  }
}

export function attach (root) {
  each(root, '[data-desk]', 'desk', start)
}
