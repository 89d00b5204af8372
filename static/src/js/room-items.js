// Questions and polls drawn into a page that is open: in place, by their ids, so that nothing which somebody uses is replaced.

const fits = (element, state) => (element.dataset.when ?? '').split(' ').includes(state)

/** Which flags hold, by the names that buttons carry in data-flag. */
const flagged = (element, flags) => {
  const flag = element.dataset.flag
  if (!flag) return true
  return flag.startsWith('not-') ? !flags[flag.slice(4)] : Boolean(flags[flag])
}

const setText = (element, text) => {
  if (element && element.textContent !== String(text)) element.textContent = text
}

/** Fills the places of an element, which are named by data-f. */
export function fillIn (element, question) {
  for (const place of element.querySelectorAll('[data-f]')) {
    setText(place, question[place.dataset.f] ?? '')
    if (place.dataset.f === 'text' && place.tagName === 'A') place.href = question.href
    if (place.dataset.f === 'text') (place.closest('[lang]') ?? place).lang = question.lang
  }
  const state = element.querySelector('[data-f-state]')
  if (state) {
    state.className = `asked__state state tone-${question.tone}`
    const use = state.querySelector('use')
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#${question.icon}`))
  }
  element.dataset.state = question.state
  element.toggleAttribute('data-pinned', question.pinned)
  element.toggleAttribute('data-answering', question.answering)
  for (const part of element.querySelectorAll('[data-when]')) part.hidden = !fits(part, question.state) || !flagged(part, question)
}

const blank = (template, id) => {
  const element = template.content.firstElementChild.cloneNode(true)
  element.innerHTML = element.innerHTML.replace(/(questions|vote|poll|polls)\/0(?=["/])/g, `$1/${id}`)
  return element
}

export function newItem (template, question) {
  const element = blank(template, question.id)
  element.id = `q${question.id}`
  element.dataset.q = question.id
  return element
}

/** Answering first, then pinned, then by votes; those that wait by their age. */
export const byRank = (a, b) => (b.answering - a.answering) || (b.pinned - a.pinned) || (b.votes - a.votes) || (a.id - b.id)
export const byAge = (a, b) => a.id - b.id

/** Puts elements into the order of ids, moving as few as can be. */
export function arrange (list, elements) {
  let place = list.firstElementChild
  for (const element of elements) {
    if (element === place) place = place.nextElementSibling
    else list.insertBefore(element, place)
  }
}

function results (box, poll, pattern) {
  box.replaceChildren(...poll.options.map((option) => {
    const row = pattern.content.firstElementChild.cloneNode(true)
    row.querySelector('[data-o=text]').textContent = option.text
    row.querySelector('[data-o=percent]').textContent = `${option.percent}%`
    row.querySelector('[data-o-bar]').setAttribute('width', `${option.percent}%`)
    return row
  }))
}

function inputs (box, poll, pattern) {
  box.replaceChildren(...poll.options.map((option) => {
    const row = pattern.content.firstElementChild.cloneNode(true)
    const input = row.querySelector('input')
    input.type = poll.several ? 'checkbox' : 'radio'
    input.value = option.id
    input.id = `o${option.id}`
    const label = row.querySelector('label')
    label.htmlFor = input.id
    label.textContent = option.text
    return row
  }))
}

/** Draws one poll; what somebody is choosing in an open one stays as it is. */
export function drawPoll (root, element, poll, { done }) {
  const fresh = !element
  element ??= blank(root.querySelector('[data-poll-template]') ?? document.querySelector('[data-poll-template]'), poll.id)
  const pattern = (name) => root.querySelector(`[data-${name}-template]`) ?? document.querySelector(`[data-${name}-template]`)
  element.dataset.poll = poll.id
  for (const place of element.querySelectorAll('[data-p]')) setText(place, poll[place.dataset.p])
  element.querySelector('[data-p=text]').lang = poll.lang
  if (fresh || element.dataset.state !== poll.state) {
    const plain = element.querySelector('[data-plain]')
    if (plain) {
      plain.replaceChildren(...poll.options.map((option) => Object.assign(document.createElement('li'), { textContent: option.text })))
      plain.hidden = poll.state === 'closed'
    }
    const choices = element.querySelector('[data-inputs]')
    if (choices) inputs(choices, poll, pattern('option'))
    const legend = element.querySelector('[data-legend]')
    if (legend) legend.textContent = poll.several ? legend.dataset.severalWords : legend.dataset.oneWords
  }
  const kicker = element.querySelector('[data-kicker]')
  if (kicker) setText(kicker, poll.state === 'closed' ? kicker.dataset.closedWords : kicker.dataset.openWords)
  const shown = element.querySelector('[data-results]')
  shown.hidden = poll.state !== 'closed'
  if (poll.state === 'closed') results(shown, poll, pattern('result'))
  element.dataset.state = poll.state
  for (const part of element.querySelectorAll('[data-when]')) {
    part.hidden = !fits(part, poll.state) || !flagged(part, { screen: poll.screen }) || (part.dataset.roomPress === 'ballot' && done)
  }
  const mark = element.querySelector('[data-done-mark]')
  if (mark) mark.hidden = !(done && poll.state === 'open')
  return element
}
