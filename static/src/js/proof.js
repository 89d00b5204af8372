// Does the proof of work that a busy moment asks for (ALTCHA's protocol, SHA-256), then sends the form.
import { each } from './dom.js'

const AT_ONCE = 256 // tries between two looks at the page

const bytes = (hex) => Uint8Array.from(hex.match(/../g).map((pair) => parseInt(pair, 16)))
const hexOf = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Salt, nonce and a counter of four bytes, the highest first. */
function candidate (start, counter) {
  const text = new Uint8Array(start.length + 4)
  text.set(start)
  new DataView(text.buffer).setUint32(start.length, counter)
  return text
}

/** The first counter whose SHA-256 begins as asked, with that hash. */
async function solve ({ salt, nonce, keyPrefix }) {
  const start = new Uint8Array([...bytes(salt), ...bytes(nonce)])
  for (let first = 0; ; first += AT_ONCE) {
    const tries = Array.from({ length: AT_ONCE }, (_, place) => crypto.subtle.digest('SHA-256', candidate(start, first + place)))
    const keys = (await Promise.all(tries)).map(hexOf)
    const found = keys.findIndex((key) => key.startsWith(keyPrefix))
    if (found >= 0) return { counter: first + found, derivedKey: keys[found] }
    await new Promise((resolve) => setTimeout(resolve))
  }
}

export function attach (root) {
  each(root, 'form[data-proof]', 'proof', async (form) => {
    if (!globalThis.crypto?.subtle) return
    const challenge = JSON.parse(form.dataset.proof)
    document.querySelector('[data-proof-waits]')?.removeAttribute('hidden')
    document.querySelector('[data-proof-without]')?.setAttribute('hidden', '')
    const solution = await solve(challenge.parameters)
    form.elements.altcha.value = btoa(JSON.stringify({ challenge, solution }))
    if (!form.querySelector('input[type=password]')) form.requestSubmit()
  })
}
