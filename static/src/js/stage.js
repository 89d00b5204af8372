// The stage of an evening of talks: slides go on by the clock. Each is due at the beginning of its talk plus a whole number of
// steps, so lateness never adds up. All pictures are in the page and decoded before it begins: it needs no network then.
import { announce, each, fill } from './dom.js'

/** Decodes every picture; tells how many are there. */
async function load (pictures, tell) {
  let done = 0
  let missing = 0
  await Promise.all(pictures.map(async (picture) => {
    try {
      await picture.decode?.() // what stands for a hidden slide is no picture
      done += 1
    } catch {
      missing += 1
    }
    tell(done, missing)
  }))
  return missing === 0
}

function begin (stage) {
  const step = Number(stage.dataset.seconds) * 1000
  const part = (name) => stage.querySelector(`[data-${name}]`)
  const talks = [...stage.querySelectorAll('[data-talk]')].map((box) => ({
    box, card: box.querySelector('[data-card]'), slides: [...box.querySelectorAll('[data-slide]')]
  }))
  const [bar, end, start, hold, next, full, message] = ['bar', 'end', 'start', 'hold', 'next', 'full', 'message'].map(part)
  let talk = 0
  let slide = -1 // -1: the presenter's card
  let began = 0 // the clock's time at which slide 0 was due
  let held = 0 // how far the talk was when it was paused
  let timer = 0
  let awake = null

  const running = () => slide >= 0 && timer !== 0

  function draw () {
    talks.forEach((one, number) => {
      one.box.hidden = number !== talk
      one.card.hidden = slide >= 0
      one.slides.forEach((picture, place) => { picture.hidden = place !== slide })
    })
    end.hidden = talk < talks.length
    const count = talks[talk]?.slides.length ?? 0
    bar.replaceChildren(...Array.from({ length: slide < 0 ? 0 : count }, (_, place) => {
      const mark = document.createElement('span')
      mark.className = place < slide ? 'spent' : place === slide ? 'now' : ''
      return mark
    }))
    start.hidden = slide >= 0 || talk >= talks.length
    hold.hidden = slide < 0
    next.hidden = talk >= talks.length
    hold.textContent = running() ? stage.dataset.pause : stage.dataset.goOn
    stage.classList.toggle('stage--running', running())
    if (slide >= 0) announce(fill(stage.dataset.slide, slide + 1, count))
    stage.dispatchEvent(new CustomEvent('civic:slide', { detail: { talk, slide, at: performance.now() } }))
  }

  function later () {
    timer = setTimeout(advance, Math.max(0, began + (slide + 1) * step - performance.now()))
  }

  function advance () {
    const due = Math.floor((performance.now() - began) / step)
    if (due <= slide) return later() // the timer was early
    if (due >= talks[talk].slides.length) return toCard(talk + 1)
    slide = due // after a sleep more than one may be due
    later()
    draw()
  }

  function toCard (number) {
    clearTimeout(timer)
    timer = 0
    talk = number
    slide = -1
    draw()
    start.focus({ preventScroll: true })
  }

  function go () {
    if (start.disabled || slide >= 0 || talk >= talks.length) return
    began = performance.now()
    slide = 0
    later()
    draw()
    stage.scrollIntoView({ block: 'start' })
    hold.focus({ preventScroll: true })
  }

  function pause () {
    if (slide < 0) return
    if (running()) {
      clearTimeout(timer)
      timer = 0
      held = performance.now() - began
    } else {
      began = performance.now() - held
      later()
    }
    draw()
  }

  const wide = () => document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen?.()

  start.addEventListener('click', go)
  hold.addEventListener('click', pause)
  next.addEventListener('click', () => toCard(talk + 1))
  full.addEventListener('click', wide)
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = {
      ' ': () => slide < 0 ? go() : pause(),
      ArrowRight: () => talk < talks.length && toCard(talk + 1),
      ArrowLeft: () => slide < 0 ? talk > 0 && toCard(talk - 1) : toCard(talk),
      f: wide,
      F: wide
    }[event.key]
    if (!act || (event.key === ' ' && event.target.matches('button:not([data-start], [data-hold]), a'))) return
    event.preventDefault()
    act()
  })

  async function stayAwake () {
    if (document.visibilityState !== 'visible' || (awake && !awake.released)) return
    awake = await navigator.wakeLock?.request('screen').catch(() => null)
  }
  stayAwake()
  document.addEventListener('visibilitychange', stayAwake)

  part('controls').hidden = false
  stage.classList.add('stage--live')
  draw()
  const pictures = talks.flatMap((one) => one.slides)
  load(pictures, (done, missing) => {
    message.textContent = missing ? stage.dataset.missing : fill(stage.dataset.loading, done, pictures.length)
  }).then((whole) => {
    if (!whole) return
    start.disabled = false
    message.textContent = stage.dataset.loaded
  })
}

export const attach = (root) => each(root, '[data-stage]', 'stage', begin)
