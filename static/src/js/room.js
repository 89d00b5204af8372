// The three views of a room: kept up to date by a transport, patched by id, never a form that somebody is typing in.
import { fill } from './dom.js'
import { attach as keys } from './room-keys.js'
import { attach as similar } from './room-similar.js'
import { arrange, byAge, byRank, drawPoll, fillIn, newItem } from './room-items.js'
import { connect } from './room-transport.js'

const CALM = 2_500 // milliseconds after a touch in which lists do not move under the finger

const ids = (text) => new Set((text ?? '').split(',').filter(Boolean).map(Number))

function start (box) {
  const questions = new Map()
  const elements = new Map()
  const polls = new Map()
  const voted = ids(box.dataset.voted)
  const balloted = ids(box.dataset.balloted)
  const find = (selector) => box.querySelector(selector)
  const lists = [...box.querySelectorAll('[data-room-list]')]
  let version = 0
  let touched = 0
  let waiting
  let heard = new Date()

  const alike = similar(box, voted)

  for (const element of box.querySelectorAll('[data-q]')) elements.set(Number(element.dataset.q), element)
  box.addEventListener('pointerdown', () => { touched = Date.now() }, { passive: true })

  function drawQuestion (question) {
    let element = elements.get(question.id)
    if (!element) elements.set(question.id, element = newItem(find('[data-item-template]'), question))
    fillIn(element, question)
    const vote = element.querySelector('[data-room-press=vote]')
    if (vote && voted.has(question.id)) vote.hidden = true
    const mark = element.querySelector('[data-voted-mark]')
    if (mark) mark.hidden = !voted.has(question.id)
  }

  /** Whether somebody is in the middle of something in the list: it is put in order later. */
  const busy = (list) => Date.now() - touched < CALM || list.querySelector('details[open]') || (list.contains(document.activeElement) && document.activeElement.matches('input, textarea, select'))

  function drawLists () {
    let later = false
    for (const list of lists) {
      const states = list.dataset.states.split(' ')
      const mine = [...questions.values()].filter((question) => states.includes(question.state)).sort('oldestFirst' in list.dataset ? byAge : byRank)
      const count = list.closest('section')?.querySelector('[data-room-count]')
      if (count) count.textContent = mine.length
      const section = list.closest('[data-room-section]')
      if (section) section.hidden = !mine.length
      if (busy(list) && mine.every((question) => list.contains(elements.get(question.id)))) {
        later = true
        continue
      }
      const focus = list.contains(document.activeElement) ? document.activeElement : null
      arrange(list, mine.map((question) => elements.get(question.id)))
      if (focus?.isConnected && document.activeElement !== focus) focus.focus({ preventScroll: true })
    }
    for (const [id, element] of elements) {
      if (!questions.has(id)) {
        element.remove()
        elements.delete(id)
      }
    }
    const none = find('[data-room-empty]')
    if (none) none.hidden = [...questions.values()].some((question) => question.state === 'shown')
    clearTimeout(waiting)
    if (later) waiting = setTimeout(drawLists, CALM)
  }

  function drawScreen () {
    const shown = [...questions.values()].filter((question) => question.state === 'shown').sort(byRank)
    const now = shown.find((question) => question.answering)
    const place = find('[data-room-now]')
    place.hidden = !now
    if (now) {
      fillIn(place, { ...now, kicker: now.to ? fill(box.dataset.toWords, now.to) : box.dataset.nowWords })
    }
    const next = shown.filter((question) => question !== now).slice(0, Number(box.dataset.next))
    const list = find('[data-room-next-list]')
    list.replaceChildren(...next.map((question) => {
      const row = find('[data-next-template]').content.firstElementChild.cloneNode(true)
      fillIn(row, question)
      return row
    }))
    find('[data-room-empty]').hidden = shown.length > 0
  }

  function drawPolls () {
    const place = find('[data-room-polls]')
    if (!place) return
    const onlyScreen = 'onlyScreen' in place.dataset
    const phone = box.dataset.room === 'phone'
    const shown = [...polls.values()].filter((poll) => onlyScreen ? poll.screen : !phone || poll.state === 'open' || poll.screen)
    const held = new Map([...place.querySelectorAll('[data-poll]')].map((element) => [Number(element.dataset.poll), element]))
    const drawn = shown.map((poll) => drawPoll(box, held.get(poll.id), poll, { done: balloted.has(poll.id) }))
    for (const [id, element] of held) if (!shown.some((poll) => poll.id === id)) element.remove()
    arrange(place, drawn)
    const behind = find('[data-room-questions]')
    if (behind) behind.hidden = drawn.length > 0
  }

  function receive (delta) {
    heard = new Date()
    if (!delta.v || (delta.v <= version && !delta.whole)) return // told twice
    version = delta.v
    if (delta.whole) questions.clear()
    for (const question of delta.questions) {
      if (question.gone) questions.delete(question.id)
      else questions.set(question.id, question)
      alike.update(question)
    }
    if (delta.polls) {
      polls.clear()
      for (const poll of delta.polls) polls.set(poll.id, poll)
      drawPolls()
    }
    const people = document.querySelector('[data-room-people]')
    if (people) people.textContent = delta.room.people
    if (box.dataset.room === 'screen') {
      drawScreen()
    } else {
      questions.forEach(drawQuestion)
      drawLists()
    }
    box.dataset.roomVersion = version
  }

  const lostLine = find('[data-room-lost]')
  const transport = connect({
    url: box.dataset.roomLive,
    stream: box.dataset.roomStream,
    own: 'roomOwn' in box.dataset,
    always: box.dataset.room === 'screen',
    version: () => version,
    receive,
    lost () {
      if (!lostLine.hidden) return
      const time = heard.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false })
      lostLine.textContent = fill(lostLine.dataset.roomLost, time)
      lostLine.hidden = false
    },
    found () {
      heard = new Date()
      lostLine.hidden = true
    }
  })

  function pressed (form) {
    const question = form.closest('[data-q]')
    const poll = form.closest('[data-poll]')
    if (form.dataset.roomPress === 'vote') {
      voted.add(Number(question.dataset.q))
      form.hidden = true
      question.querySelector('[data-voted-mark]').hidden = false
    }
    if (form.dataset.roomPress === 'ballot') {
      balloted.add(Number(poll.dataset.poll))
      form.hidden = true
      poll.querySelector('[data-done-mark]').hidden = false
    }
    form.querySelectorAll('details[open]').forEach((details) => { details.open = false })
  }

  box.addEventListener('submit', async (event) => {
    const form = event.target
    if (!form.dataset.roomPress) return
    event.preventDefault()
    if (form.getAttribute('aria-busy')) return
    const data = new FormData(form)
    if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value)
    const message = find('[data-room-message]')
    form.setAttribute('aria-busy', 'true')
    try {
      const answer = await fetch(form.action, { method: 'POST', body: data, headers: { Accept: 'application/json' }, credentials: 'same-origin' })
      const said = await answer.json()
      if (answer.ok) pressed(form)
      message.textContent = answer.ok ? '' : said.message
      touched = 0
      transport.now()
    } catch {
      form.submit() // no script can help: the page itself says what is wrong
    } finally {
      form.removeAttribute('aria-busy')
    }
  })

  keys(box)
}

document.querySelectorAll('[data-room]').forEach(start)
