// How a view of a room hears of changes. Whatever carries them, it is used as: connect(options) → { now(), stop() }.
// options: url, of what changed since a version; stream, where changes are told as they happen, empty where nobody tells;
// version() – which version the view holds; receive(delta); lost() – nothing heard; found() – heard again.
import { stream } from './room-stream.js'

const PAUSE = 3_000
const LONGEST = 30_000
const jitter = () => 0.85 + Math.random() * 0.3 // views that began together do not stay together

/** Asks every three seconds, or with `again: false` once and when told; waits longer while the server does not answer. */
export function poll ({ url, version, receive, lost, found, own = false, always = false, again = true }) {
  let pause = PAUSE
  let timer
  let asking = false
  let more = false
  let stopped = false
  let etag = null
  let known = 0 // the newest version that somebody told of

  const later = () => {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(ask, pause * jitter())
  }

  async function ask () {
    if (stopped || (document.hidden && !always)) return // visibilitychange asks again
    if (asking) {
      more = true
      return
    }
    asking = true
    let failed = false
    try {
      // an answer from before the version that we were told of may still be kept somewhere, under the address without it
      const answer = await fetch(`${url}?v=${version()}${known > version() ? `&to=${known}` : ''}`, {
        headers: { Accept: 'application/json', ...(etag && { 'If-None-Match': etag }) },
        cache: 'no-store',
        // without a cookie the answer is one for all, and costs the server next to nothing
        credentials: own ? 'same-origin' : 'omit',
        signal: AbortSignal.timeout?.(10_000)
      })
      if (answer.status === 200) {
        receive(await answer.json())
        etag = answer.headers.get('ETag')
      } else if (answer.status !== 304) {
        throw new Error(`status ${answer.status}`)
      }
      pause = PAUSE
      found()
    } catch {
      failed = true
      pause = Math.min(pause * 2, LONGEST)
      lost()
    }
    asking = false
    if (more) {
      more = false
      ask()
    } else if (again || failed || known > version()) {
      later()
    }
  }

  const wake = () => {
    if (!document.hidden || always) {
      pause = PAUSE
      ask()
    }
  }
  document.addEventListener('visibilitychange', wake)
  window.addEventListener('online', wake)
  ask()
  return {
    now (to = 0) {
      known = Math.max(known, to)
      ask()
    },
    /** Whether it goes on asking by itself. */
    repeat (on) {
      if (on === again) return
      again = on
      if (on) later()
      else clearTimeout(timer)
    },
    stop () { stopped = true; clearTimeout(timer) }
  }
}

export const connect = (options) => options.stream && 'EventSource' in window ? stream(options, poll) : poll(options)
