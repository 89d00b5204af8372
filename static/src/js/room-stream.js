// Changes of a room as they happen (Server-Sent Events). What was missed, for whatever reason, is asked for by the version that
// the view holds; when the stream cannot be had the view asks every few seconds until it can.

const TRIES = 3 // that fail in a row before it is asked instead
const RETURN = 30_000 // until the stream is tried again meanwhile
const SILENCE = 50_000 // the server says something every 20 s
const SPREAD = 1_000 // thousands that missed the same do not ask in the same moment
const CLOSED = 2

export function stream (options, poll) {
  const { stream: address, version, receive, lost, found, own = false, always = false } = options
  let source = null
  let failures = 0
  let began = false
  let reopening
  let watching
  let asking
  const asker = poll({ ...options, again: false })

  /** Ask for what is missing, soon. */
  function catchUp (newest) {
    clearTimeout(asking)
    asking = setTimeout(() => asker.now(newest), Math.random() * SPREAD)
  }

  function hear (message) {
    beat()
    const delta = JSON.parse(message.data)
    if (delta.v <= version()) return
    if (own) asker.now(delta.v) // who sees more than everybody is told here only that there is something
    else if (version() > 0 && delta.since <= version()) receive(delta)
    else catchUp(delta.v)
  }

  function beat () {
    clearTimeout(watching)
    watching = setTimeout(() => { close(); open() }, SILENCE)
  }

  function opened () {
    failures = 0
    asker.repeat(false)
    found()
    beat()
    if (began) catchUp(0)
    began = true
  }

  function failed () {
    failures += 1
    if (failures > 1) lost()
    if (failures < TRIES && source.readyState !== CLOSED) return // the browser tries again by itself
    asker.repeat(true)
    close()
    reopening = setTimeout(open, RETURN * (0.5 + Math.random()))
  }

  function open () {
    clearTimeout(reopening)
    if (source || (document.hidden && !always)) return
    source = new EventSource(address)
    source.onopen = opened
    source.onmessage = hear
    source.addEventListener('ping', beat)
    source.onerror = failed
  }

  function close () {
    clearTimeout(reopening)
    clearTimeout(watching)
    source?.close()
    source = null
  }

  // a phone in a pocket keeps no connection; what it missed is asked for when it is looked at again
  document.addEventListener('visibilitychange', () => document.hidden && !always ? close() : open())
  window.addEventListener('online', () => { close(); open() })
  open()
  return { now: () => asker.now(), stop () { close(); asker.stop() } }
}
