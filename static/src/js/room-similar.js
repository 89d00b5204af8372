// While somebody types a question: those that ask the same, beside it. It never moves the focus, never touches what is typed, and
// stands below the form, so that no button slips from under a thumb. Without a network there is simply nothing.
import { fillIn, newItem } from './room-items.js'
import { fill } from './dom.js'

const PAUSE = 700 // milliseconds without a key
const WORDS = 3

/** box: of the room. voted: ids of the questions that have this voice. Gives what keeps the drawn ones true. */
export function attach (box, voted) {
  const place = box.querySelector('[data-alike]')
  const field = box.querySelector('[data-room-ask] textarea')
  if (!place || !field) return { update () {} }
  const list = place.querySelector('[data-alike-list]')
  const said = box.querySelector('[data-alike-said]')
  const template = box.querySelector('[data-item-template]')
  let timer
  let asking
  let asked = ''

  const typed = () => field.value.replace(/\s+/g, ' ').trim()
  const mark = (element, id) => {
    const vote = element.querySelector('[data-room-press=vote]')
    if (vote && voted.has(id)) vote.hidden = true
    element.querySelector('[data-voted-mark]').hidden = !voted.has(id)
  }

  function draw (questions) {
    if (place.contains(document.activeElement)) return // somebody is about to press: what they see stays
    list.replaceChildren(...questions.map((question) => {
      const element = newItem(template, question)
      element.removeAttribute('id') // the list below has the same question
      fillIn(element, question)
      mark(element, question.id)
      return element
    }))
    place.hidden = !questions.length
    const words = questions.length ? fill(said.dataset.alikeSaid, questions.length) : ''
    if (said.textContent !== words) said.textContent = words
  }

  async function ask () {
    const text = typed()
    if (text === asked) return
    asking?.abort()
    asked = text
    if (text.split(' ').length < WORDS || !navigator.onLine) return draw([])
    const mine = asking = new AbortController()
    try {
      // without a cookie: it says nothing of who types
      const answer = await fetch(`${place.dataset.alike}?q=${encodeURIComponent(text)}`, {
        headers: { Accept: 'application/json' }, cache: 'no-store', credentials: 'omit', signal: mine.signal
      })
      if (!answer.ok) throw new Error(`status ${answer.status}`)
      const { questions } = await answer.json()
      if (mine === asking) draw(questions)
    } catch {
      if (mine !== asking) return // a newer one is on its way
      asked = ''
      draw([])
    }
  }

  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  }
  field.addEventListener('input', later)
  window.addEventListener('offline', () => {
    clearTimeout(timer)
    asking?.abort()
    asked = ''
    draw([])
  })
  window.addEventListener('online', later)
  if (field.value && !box.querySelector('.room__similar')) later() // what was kept from before, unless the page itself shows them

  return {
    /** A question has changed, or this voice was given to it. */
    update (question) {
      const element = list.querySelector(`[data-q="${question.id}"]`)
      if (!element) return
      if (question.gone) {
        element.remove()
        return
      }
      fillIn(element, question)
      mark(element, question.id)
    }
  }
}
